#!/bin/sh
# The ledger process of the configured home, in the foreground: what `dockseal up` starts as a child.
python=@programdir@/bin/python
if [ ! -x "$python" ]; then
    echo >&2 "dockseal: the program is not installed in @programdir@; run 'make install-program' in its source folder."
    exit 70
fi
exec "$python" -I -c '
import os
from appliance.settings import load_settings
from appliance.wiring import wire

house = wire(load_settings(None, None, os.environ))
house.prepare()
command = house.ledger_command()
os.execv(command[0], command)
'

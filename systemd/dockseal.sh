#!/bin/sh
# The installed program: its libraries lie in a folder of their own and touch no other Python.
python=@programdir@/bin/python
if [ ! -x "$python" ]; then
    echo >&2 "dockseal: the program is not installed in @programdir@; run 'make install-program' in its source folder."
    exit 70
fi
exec "$python" -I -c 'import sys; from appliance.cli import main; sys.exit(main())' "$@"

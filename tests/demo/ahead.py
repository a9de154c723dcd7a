"""The real program on a machine whose clock is wrong: ``python -m tests.demo.ahead DAYS …``.

Only what the system's clock says is played, in the command and in the ledger process behind it;
everything else is the program as it is.
"""

import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from appliance import cli, ledgerd
from appliance.clock import SystemClock
from appliance.settings import load_settings
from appliance.wiring import wire

LEDGER = "ledger"  # first word: the ledger process, with its plan
STOP_S = 30


def command(days, *arguments):
    """Return the command line of the program, ``days`` ahead of the real time."""
    return [sys.executable, "-m", "tests.demo.ahead", str(days), *arguments]


@contextmanager
def ledger_ahead(home, days):
    """Let the ledger process of a home live ``days`` ahead; one that runs is waited for."""
    plan = wire(load_settings(None, str(home), {})).ledger_command()[-1]
    with subprocess.Popen(command(days, LEDGER, plan), stdout=subprocess.PIPE) as process:
        process.stdout.readline()  # ready, or why not: the command beside it says the same
        yield
        process.terminate()
        process.wait(STOP_S)


def main(arguments):
    """Play the clock, then be the program, or its ledger process."""
    ahead = timedelta(days=int(arguments[0]))
    SystemClock.now = lambda _clock: datetime.now(UTC) + ahead
    if arguments[1] == LEDGER:
        return ledgerd.main(arguments[2:])
    sys.argv[1:] = arguments[1:]
    return cli.main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

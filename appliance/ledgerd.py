"""The ledger process of one home: ``python -m appliance.ledgerd PLAN [found]``.

It alone enters ``private/``.  It says on standard output, in one line of JSON, that it is ready or
why it is not, and closes it; then it serves until SIGTERM, or until nobody has asked for a while.
"""

import json
import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from appliance.clock import SystemClock
from appliance.exits import Exit, exit_of
from appliance.home import HOME_MODE
from appliance.lean import let_go_of_start
from appliance.ledgerplan import LedgerPlan
from appliance.parent import end_with_parent
from evidence.errors import EvidenceError, LedgerUnavailableError
from evidence.json import JsonObject
from vault.durable import make_directory
from vault.founding import Founding
from vault.lazy import LazyCatalogue
from vault.ledger import LedgerStore
from vault.places import LedgerPlaces, places_of
from vault.server import LedgerServer
from vault.wire import error_answer

if TYPE_CHECKING:
    from custody.lawful import Lawful

logger = logging.getLogger(__name__)

FOUND = "found"  # second argument: begin the ledger of the home, and end
BUSY_LIMIT_S = 20.0  # longer than a ledger process needs to end
TRY_EVERY_S = 0.1
REMEMBERED = 4096  # entries, while words are destroyed: what segments have in common is read once
LINGER_LEAST_S = 1.0  # whoever started us must have the time to connect


def main(arguments: list[str]) -> int:
    """Serve one home; return an exit code (``appliance/exits.py``)."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    plan = LedgerPlan(**json.loads(arguments[0]))
    try:
        if arguments[1:] == [FOUND]:
            _found(plan)
            _say({"founded": True})
            return Exit.OK
        server = _server(plan)
    except EvidenceError as error:
        _say(error_answer(error))
        return exit_of(error)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # our parent ends us, after the slots
    signal.signal(signal.SIGTERM, lambda *_: server.stop())
    end_with_parent()
    _say({"ready": True})
    let_go_of_start()
    try:
        server.run()
    except Exception:
        # A failed fsync above all: nothing is retried here, the next start looks what is there.
        logger.exception("the ledger has stopped")
        return Exit.VAULT
    return Exit.OK


def _found(plan: LedgerPlan) -> None:
    """Begin the ledger of a new home: its keys are made by the only code that ever holds them."""
    make_directory(Path(plan.home), HOME_MODE)
    LedgerStore.create(_places(plan), _founding(plan), SystemClock()).close()


def _places(plan: LedgerPlan) -> LedgerPlaces:
    return places_of(Path(plan.home), Path(plan.lock) if plan.lock else None)


def _founding(plan: LedgerPlan) -> Founding:
    return Founding(plan.origin, plan.station, plan.software)


def _server(plan: LedgerPlan) -> LedgerServer:
    store = _opened(plan)
    make_directory(Path(plan.socket).parent, HOME_MODE)  # after it: no home, no trace
    linger_s = None if plan.linger_s is None else max(float(plan.linger_s), LINGER_LEAST_S)
    return LedgerServer(
        store,
        Path(plan.socket),
        LazyCatalogue(Path(plan.catalogue)),
        linger_s=linger_s,
        lawful=Ends(plan, store),
    )


class Ends:
    """Decides whether ends of segments are lawful; its rules are loaded when it is first asked."""

    def __init__(self, plan: LedgerPlan, store: LedgerStore) -> None:
        self._plan, self._store = plan, store
        self._mutex = Lock()

    def __call__(self, segments: Sequence[str]) -> None:
        """Return where every segment lies under a lawful tombstone; see ``custody.lawful``."""
        with self._mutex:
            for segment in segments:
                self._lawful.check(segment)

    @cached_property
    def _lawful(self) -> "Lawful":
        from appliance.desk import read_access_rules  # noqa: PLC0415 - a ledger seldom destroys
        from custody.lawful import Lawful  # noqa: PLC0415 - likewise
        from custody.register import hosts_of  # noqa: PLC0415 - likewise
        from vault.remembering import RememberingLedger  # noqa: PLC0415 - likewise

        plan, store = self._plan, RememberingLedger(self._store, REMEMBERED)
        file = Path(plan.access) if plan.access else None
        rules = read_access_rules(file, demo_keys=plan.demo_keys)
        return Lawful(store, ZoneInfo(plan.time_zone), rules, hosts_of(store))


def _opened(plan: LedgerPlan) -> LedgerStore:
    """Open the ledger; a part of ``up`` waits for the one of an ``up`` that was just killed.

    Who started us for a while would rather hear of the other at once: it answers there.
    """
    until = time.monotonic() + (BUSY_LIMIT_S if plan.linger_s is None else 0.0)
    while True:  # ends by success, by an error, or by the clock
        try:
            return LedgerStore.open(_places(plan), _founding(plan), SystemClock())
        except LedgerUnavailableError as error:
            if error.word != "ledger_busy" or time.monotonic() >= until:
                raise
        time.sleep(TRY_EVERY_S)


def _say(answer: JsonObject) -> None:
    """Tell whoever started us, and let go of standard output: they wait for its end."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The ledger process of one home: ``python -m appliance.ledgerd PLAN``.

It alone enters ``private/``.  It says on standard output, in one line of JSON, that it is ready or
why it is not, and closes it; then it serves until SIGTERM, or until nobody has asked for a while.
"""

import json
import logging
import os
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from appliance.clock import SystemClock
from appliance.exits import Exit, exit_of
from appliance.home import HOME_MODE
from evidence.errors import EvidenceError
from evidence.json import JsonObject
from vault.durable import make_directory
from vault.founding import Founding
from vault.lazy import LazyCatalogue
from vault.ledger import LedgerStore
from vault.places import LedgerPlaces, places_of
from vault.server import LedgerServer
from vault.wire import error_answer

logger = logging.getLogger(__name__)

LINGER_LEAST_S = 1.0  # whoever started us must have the time to connect


@dataclass(frozen=True, slots=True)
class LedgerPlan:
    """What a ledger process is told, as one JSON object on its command line (no secret in it)."""

    home: str
    lock: str  # path of the lock database; empty: inside the home
    socket: str
    catalogue: str  # path of the SQLite file
    origin: str
    station: str
    software: str
    linger_s: int | None  # None: until SIGTERM

    def text(self) -> str:
        """Return the plan as it travels."""
        return json.dumps(asdict(self))

    @property
    def places(self) -> LedgerPlaces:
        """Return where the ledger lies."""
        return places_of(Path(self.home), Path(self.lock) if self.lock else None)

    @property
    def founding(self) -> Founding:
        """Return whose ledger it is."""
        return Founding(self.origin, self.station, self.software)


def main(arguments: list[str]) -> int:
    """Serve one home; return an exit code (``appliance/exits.py``)."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    plan = LedgerPlan(**json.loads(arguments[0]))
    try:
        server = _server(plan)
    except EvidenceError as error:
        _say(error_answer(error))
        return exit_of(error)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # our parent ends us, after the slots
    signal.signal(signal.SIGTERM, lambda *_: server.stop())
    _say({"ready": True})
    try:
        server.run()
    except Exception:
        # A failed fsync above all: nothing is retried here, the next start looks what is there.
        logger.exception("the ledger has stopped")
        return Exit.VAULT
    return Exit.OK


def _server(plan: LedgerPlan) -> LedgerServer:
    store = LedgerStore.open(plan.places, plan.founding, SystemClock())
    make_directory(Path(plan.socket).parent, HOME_MODE)  # after it: no home, no trace
    linger_s = None if plan.linger_s is None else max(float(plan.linger_s), LINGER_LEAST_S)
    return LedgerServer(
        store, Path(plan.socket), LazyCatalogue(Path(plan.catalogue)), linger_s=linger_s
    )


def _say(answer: JsonObject) -> None:
    """Tell whoever started us, and let go of standard output: they wait for its end."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

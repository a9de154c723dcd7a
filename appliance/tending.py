"""What whoever serves browsers does beside it, once a minute: end what is over, say what was left.

Each apart from the others: what fails now is tried again a minute later, and nothing is forgotten.
"""

from collections.abc import Callable
from contextlib import suppress

from custody.closing import recover
from custody.desk import Desk
from custody.entrance import Entrance
from custody.lockout import report_failures
from custody.sessions import sweep
from evidence.errors import EvidenceError


def tend(desk: Desk, entrance: Callable[[], Entrance]) -> None:
    """End sessions that are over, write down failed sign-ins, close looks that nobody serves."""
    with suppress(EvidenceError):
        sweep(entrance())
    with suppress(EvidenceError):
        report_failures(entrance())
    with suppress(EvidenceError):
        recover(desk)

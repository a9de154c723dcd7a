"""The day on which a case closed: what is kept as long as its file counts from it."""

from datetime import date

from custody.desk import Desk
from custody.keeping import begin_keeping, check_day
from custody.reach import over_case, segments_of
from evidence.errors import CustodyError, UsageError
from evidence.json import JsonObject
from evidence.people import Actor


def close_case(desk: Desk, actor: Actor, case: str, closed_on: date) -> int:
    """Write down on which day a case (c:…) closed; return the index of the entry.

    Only for who leads over all units whose footage it has.  Raises ``UsageError``
    (``case_unknown``: no label names it; ``day_ahead``), ``CustodyError`` (``case_is_closed``).
    """
    keeper = begin_keeping(desk, actor)
    check_day(keeper, closed_on)
    if not segments_of(desk.ledger, case):
        raise UsageError("case_unknown")
    keeper.allow("close_case", over_case(keeper.standing, case, every=True), (case,))
    if case in keeper.shelf.closed:
        raise CustodyError("case_is_closed", day=keeper.shelf.closed[case].isoformat())
    body: JsonObject = {"case": case, "closed_on": closed_on.isoformat()}
    return keeper.write("case.closed", (case,), body)


def reopen_case(desk: Desk, actor: Actor, case: str) -> int:
    """Write down that a case goes on: its footage has no end again."""
    keeper = begin_keeping(desk, actor)
    if case not in keeper.shelf.closed:
        raise CustodyError("case_not_closed")
    keeper.allow("close_case", over_case(keeper.standing, case, every=True), (case,))
    body: JsonObject = {"case": case, "closed_on": keeper.shelf.closed[case].isoformat()}
    return keeper.write("case.reopened", (case,), body)

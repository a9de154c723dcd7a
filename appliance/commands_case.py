"""``case``, ``time``: on which day a case closed, and which day it is, by two people."""

from collections.abc import Callable, Mapping
from datetime import date

from appliance.call import Call
from appliance.output import Answer
from appliance.signed_in import actor
from custody.cases import close_case, reopen_case
from custody.outside import attest_day
from evidence.errors import UsageError


def close(call: Call) -> Answer:
    """Write down on which day a case closed."""
    asked, who, desk = call.arguments, actor(call), call.services.desk
    case, day = desk.ledger.pseudonym("c", asked.case), day_of(asked.on)
    entry = close_case(desk, who, case, day)
    told = call.words("case.closed", case=asked.case, day=day.isoformat(), entry=entry)
    return Answer({"case": case, "closed_on": day.isoformat(), "entry": entry}, [told])


def reopen(call: Call) -> Answer:
    """Write down that a case goes on."""
    asked, who, desk = call.arguments, actor(call), call.services.desk
    case = desk.ledger.pseudonym("c", asked.case)
    entry = reopen_case(desk, who, case)
    told = call.words("case.reopened", case=asked.case, entry=entry)
    return Answer({"case": case, "entry": entry}, [told])


def attest(call: Call) -> Answer:
    """Say which day it is; two people make an outside time."""
    day = day_of(call.arguments.day)
    entry, second = attest_day(call.services.desk, actor(call), day)
    key = "time.attested" if second else "time.first"
    told = call.words(key, day=day.isoformat(), entry=entry)
    return Answer({"day": day.isoformat(), "entry": entry, "attested": second}, [told])


def day_of(text: str) -> date:
    """Return a day as it was typed; raises ``UsageError`` (``not_a_day``)."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("not_a_day", text=text) from error


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {
    "case close": close,
    "case reopen": reopen,
    "time attest": attest,
}

"""``retention``: why a segment is kept, what falls due, and what cannot go and why."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta

from appliance.asking import segment_of
from appliance.call import Call
from appliance.commands_case import day_of
from appliance.commands_look import SHORT, zone_of
from appliance.deciding import deciding_for
from appliance.kept_told import Told
from appliance.output import Answer, table
from appliance.signed_in import actor
from custody.blocked import Blocked, Place, blocked_of
from custody.deciding import Decided, Deciding
from custody.kept_json import decided_json
from evidence.codec import format_time
from evidence.errors import UsageError
from evidence.json import JsonObject

WITHIN = timedelta(days=30)  # unless told otherwise
ROWS_LIMIT = 1000  # of what falls due; the sums are of everything
_DAY = timedelta(days=1)


def retention(call: Call) -> Answer:
    """Tell of one segment, of what falls due, or of what cannot go."""
    asked = call.arguments
    deciding = deciding_for(call, actor(call), _on(call))
    if asked.what not in {"due", "blocked"}:
        return _of_segment(call, deciding)
    _check_options(call)
    return _due(call, deciding) if asked.what == "due" else _blocked(call, deciding)


def _on(call: Call) -> datetime | None:
    """Return the beginning of the day that is asked for, here; None: now."""
    if call.arguments.on is None:
        return None
    return datetime.combine(day_of(call.arguments.on), time(), zone_of(call))


def _check_options(call: Call) -> None:
    asked = call.arguments
    wrong = asked.by if asked.what == "due" else asked.within
    if wrong is not None:
        raise UsageError("retention_option", what=asked.what)


def _of_segment(call: Call, deciding: Deciding) -> Answer:
    asked = call.arguments
    if asked.within is not None or asked.by is not None:
        raise UsageError("retention_option", what=asked.what)
    segment = segment_of(call, asked.what)
    decided = deciding.look(segment)
    told = Told(call, deciding).segment(decided)
    return Answer({"retention": decided_json(deciding, decided)}, told)


def _due(call: Call, deciding: Deciding) -> Answer:
    """List what falls due within some days, the soonest first, and what forbids its disposal."""
    within = WITHIN if call.arguments.within is None else call.arguments.within
    found = deciding.falls_due(within, ROWS_LIMIT)
    told, words = Told(call, deciding), call.words
    days = within // _DAY
    lines = [words("retention.due", count=found.count, size=found.bytes, days=days)]
    head = [words(f"column.{name}") for name in ("segment", "size", "until", "grace", "blocked")]
    rows = [_due_row(told, each) for each in found.soonest]
    lines += (
        table([head, *rows], right=frozenset({1}), columns=call.terminal.columns) if rows else []
    )
    fields: JsonObject = {
        "within_days": days,
        "at": format_time(deciding.now),
        "count": found.count,
        "bytes": found.bytes,
        "due": [decided_json(deciding, each) for each in found.soonest],
    }
    return Answer(fields, lines)


def _due_row(told: Told, decided: Decided) -> list[str]:
    keeping, words = decided.keeping, told.words
    codes = dict.fromkeys(each.code for each in told.deciding.told(decided))
    return [
        keeping.segment[2 : 2 + SHORT],
        words.bytes(decided.kept.size),
        told.last(keeping.until),
        told.last(keeping.grace_until),
        words("list.comma").join(words(f"blocker.{code}") for code in codes),
    ]


def _blocked(call: Call, deciding: Deciding) -> Answer:
    """Sum up what cannot go: for each reason how much, since when, and whose task it is."""
    found = blocked_of(deciding, by_unit=call.arguments.by == "unit")
    told = Told(call, deciding)
    rows = [_sum_row(told, found, place) for place in found.sums]
    names = ("unit", "reason", "whose", "count", "size", "over", "days")
    head = [call.words(f"column.{name}") for name in names]
    lines = [call.words("retention.none_blocked")]
    if rows:
        right = frozenset({3, 4, 5, 6})
        lines = table([head, *rows], right=right, columns=call.terminal.columns)
    if found.hidden:
        lines.append(call.words("retention.some_hidden", count=found.hidden))
    fields: JsonObject = {
        "at": format_time(deciding.now),
        "blocked": [found.json(place) for place in found.sums],
        "hidden": found.hidden,
    }
    return Answer(fields, lines)


def _sum_row(told: Told, found: Blocked, place: Place) -> list[str]:
    (unit, code, whose), total = place, found.sums[place]
    words = told.words
    return [
        told.shown.unit(unit) if unit else words("retention.all_units"),
        words(f"blocker.{code}"),
        words(f"whose.{whose}"),
        str(total.count),
        words.bytes(total.size),
        words.bytes(total.over_size),
        str(found.days(place)),
    ]


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {"retention": retention}

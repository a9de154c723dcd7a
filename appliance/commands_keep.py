"""``retention``: why a segment is kept, what falls due, and what cannot go and why."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from appliance.asking import segment_of
from appliance.call import Call
from appliance.commands_case import day_of
from appliance.commands_look import SHORT, zone_of
from appliance.deciding import Decided, Deciding
from appliance.kept_told import Told, decided_json
from appliance.output import Answer, table
from appliance.signed_in import actor
from custody.facts import over_footage
from evidence.codec import format_time
from evidence.errors import UsageError
from evidence.json import JsonObject
from evidence.keeping import CODES, Blocker, Code, Whose

WITHIN = timedelta(days=30)  # unless told otherwise
ROWS_LIMIT = 1000  # of what falls due; the sums are of everything
_DAY = timedelta(days=1)


def retention(call: Call) -> Answer:
    """Tell of one segment, of what falls due, or of what cannot go."""
    asked = call.arguments
    deciding = Deciding(call, actor(call), _on(call))
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
    decided = deciding.decide(segment)
    over = over_footage(deciding.keeper.standing, decided.footage)
    if not deciding.listing.everything:
        deciding.keeper.allow("see_retention", over, (segment,))
    return Answer({"retention": decided_json(deciding, decided)}, Told(deciding).segment(decided))


def _due(call: Call, deciding: Deciding) -> Answer:
    """List what falls due within some days, the soonest first, and what forbids its disposal."""
    within = WITHIN if call.arguments.within is None else call.arguments.within
    before = deciding.candidates_until(within)
    found = [] if before is None else list(_falls_due(deciding, before, within))
    found.sort(key=lambda each: (str(each.keeping.grace_until), each.keeping.segment))
    size = sum(each.kept.size for each in found)
    told, words = Told(deciding), call.words
    days = within // _DAY
    lines = [words("retention.due", count=len(found), size=size, days=days)]
    head = [words(f"column.{name}") for name in ("segment", "size", "until", "grace", "blocked")]
    rows = [_due_row(told, each) for each in found[:ROWS_LIMIT]]
    lines += (
        table([head, *rows], right=frozenset({1}), columns=call.terminal.columns) if rows else []
    )
    fields: JsonObject = {
        "within_days": days,
        "at": format_time(deciding.now),
        "count": len(found),
        "bytes": size,
        "due": [decided_json(deciding, each) for each in found[:ROWS_LIMIT]],
    }
    return Answer(fields, lines)


def _falls_due(deciding: Deciding, before: datetime, within: timedelta) -> Iterator[Decided]:
    for decided in deciding.all(until=before):
        ends = decided.keeping.grace_until
        if ends is not None and ends <= deciding.now + within:
            yield decided


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


@dataclass(slots=True)
class Sum:
    """What one reason keeps from going.  ``over``: what would go but for such reasons."""

    since: datetime
    count: int = 0
    size: int = 0
    over_count: int = 0
    over_size: int = 0


Place = tuple[str | None, Code, Whose]  # unit or None, the reason, whose task


def _blocked(call: Call, deciding: Deciding) -> Answer:
    """Sum up what cannot go: for each reason how much, since when, and whose task it is."""
    sums: dict[Place, Sum] = {}
    hidden = 0
    for decided in deciding.all():
        blockers = deciding.told(decided)
        hidden += len(blockers) < len(decided.keeping.blockers)
        _add(sums, decided, blockers, by_unit=call.arguments.by == "unit")
    told = Told(deciding)
    places = sorted(sums, key=lambda each: (each[0] or "", CODES.index(each[1]), each[2]))
    rows = [_sum_row(told, place, sums[place]) for place in places]
    names = ("unit", "reason", "whose", "count", "size", "over", "days")
    head = [call.words(f"column.{name}") for name in names]
    lines = [call.words("retention.none_blocked")]
    if rows:
        right = frozenset({3, 4, 5, 6})
        lines = table([head, *rows], right=right, columns=call.terminal.columns)
    if hidden:
        lines.append(call.words("retention.some_hidden", count=hidden))
    fields: JsonObject = {
        "at": format_time(deciding.now),
        "blocked": [_sum_json(deciding, place, sums[place]) for place in places],
        "hidden": hidden,
    }
    return Answer(fields, lines)


def _add(
    sums: dict[Place, Sum], decided: Decided, blockers: Sequence[Blocker], *, by_unit: bool
) -> None:
    """Count a segment once for each reason, with the oldest of its kind."""
    units = decided.footage.owners if by_unit else (None,)
    oldest: dict[tuple[Code, Whose], datetime] = {}
    for each in blockers:
        known = oldest.get((each.code, each.whose), each.since)
        oldest[each.code, each.whose] = min(known, each.since)
    for unit in units:
        for (code, whose), since in oldest.items():
            total = sums.setdefault((unit, code, whose), Sum(since))
            total.since = min(total.since, since)
            total.count += 1
            total.size += decided.kept.size
            total.over_count += decided.over
            total.over_size += decided.kept.size * decided.over


def _sum_row(told: Told, place: Place, total: Sum) -> list[str]:
    unit, code, whose = place
    words = told.words
    return [
        told.shown.unit(unit) if unit else words("retention.all_units"),
        words(f"blocker.{code}"),
        words(f"whose.{whose}"),
        str(total.count),
        words.bytes(total.size),
        words.bytes(total.over_size),
        str(_days(told.deciding, total)),
    ]


def _days(deciding: Deciding, total: Sum) -> int:
    return max(0, (deciding.now - total.since) // _DAY)


def _sum_json(deciding: Deciding, place: Place, total: Sum) -> JsonObject:
    unit, code, whose = place
    return {
        "unit": unit,
        "code": code,
        "whose": whose,
        "count": total.count,
        "bytes": total.size,
        "over_count": total.over_count,
        "over_bytes": total.over_size,
        "days": _days(deciding, total),
    }


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {"retention": retention}

"""A unit's week in words, and as documents carry it."""

from appliance.asking import Shown
from appliance.call import Call
from appliance.commands_look import SHORT
from custody.kits import bearer_of
from evidence.codec import format_time
from evidence.json import Json, JsonObject
from evidence.weeks import Closing, Late, Missing, Week

ROWS_SHOWN = 20  # of each list on a screen; documents and the sheet carry all


def told_of(call: Call, week: Week) -> list[str]:
    """Return what there is to say of a week, and what to do next."""
    words, shown = call.words, Shown(call)
    lines = [
        words("week.head", week=str(week.week), unit=shown.unit(week.unit),
              since=shown.time(week.since), until=shown.until(week.until)),
        words("week.custody", count=week.segments, size=week.bytes, dockings=week.dockings),
    ]  # fmt: skip
    lines += [_late(shown, each) for each in week.late[:ROWS_SHOWN]]
    lines += _segments(call, "week.unlabelled", week.unlabelled)
    if week.open_gaps:
        lines.append(words("week.open_gaps", count=len(week.open_gaps)))
    if week.missing:
        lines.append(words("week.missing", count=len(week.missing)))
        lines += [f"  {missing_told(shown, call, each)}" for each in week.missing[:ROWS_SHOWN]]
    else:
        lines.append(words("week.nothing_missing"))
    return [*lines, *(_closing(shown, each) for each in week.closings), _state(call, week)]


def missing_told(shown: Shown, call: Call, missing: Missing) -> str:
    """Return one thing that is not known to be in custody, and why."""
    who = None
    if missing.what == "recorder":
        who = bearer_of(call.services.desk.ledger, missing.id)
    return shown.words(
        f"week_missing.{missing.what}",
        id=missing.id[: len("r:") + SHORT],
        because=shown.words(f"week_because.{missing.because}"),
        who=shown.person(who) if who else "–",
    )


def _late(shown: Shown, late: Late) -> str:
    return shown.words(
        "week.late",
        docking=late.docking[: len("d:") + SHORT],
        count=late.segments,
        who=shown.person(late.person) if late.person else "–",
        due=shown.time(late.due),
        docked=shown.time(late.docked),
    )


def _segments(call: Call, key: str, segments: tuple[str, ...]) -> list[str]:
    if not segments:
        return []
    some = call.words("list.comma").join(each[2 : 2 + SHORT] for each in segments[:ROWS_SHOWN])
    return [call.words(key, count=len(segments), some=some)]


def _closing(shown: Shown, closing: Closing) -> str:
    return shown.words(
        "week.was_closed", entry=closing.entry, at=shown.time(closing.at),
        who=shown.person(closing.by), size=closing.size,
    )  # fmt: skip


def _state(call: Call, week: Week) -> str:
    state = week.state
    if state == "reopened":
        return call.words("week.reopened", entry=week.reopened, week=str(week.week))
    return call.words(f"week.is_{state}", week=str(week.week), until=Shown(call).time(week.until))


def week_json(week: Week) -> JsonObject:
    """Return a week as documents carry it."""
    return {
        "unit": week.unit,
        "units": list(week.units),
        "week": str(week.week),
        "since": format_time(week.since),
        "until": format_time(week.until),
        "state": week.state,
        "segments": week.segments,
        "bytes": week.bytes,
        "dockings": week.dockings,
        "late": [_late_json(each) for each in week.late],
        "unlabelled": [each[2:] for each in week.unlabelled],
        "open_gaps": [{"seams": entry, "seam": place} for entry, place in week.open_gaps],
        "out": list(week.out),
        "missing": [_missing_json(each) for each in week.missing],
        "closings": [_closing_json(each) for each in week.closings],
        "reopened": week.reopened,
        "checkpoint": {"size": week.size, "root": week.root},
    }


def _late_json(late: Late) -> JsonObject:
    return {
        "docking": late.docking,
        "recorder": late.recorder,
        "person": late.person,
        "segments": late.segments,
        "due": format_time(late.due),
        "docked": format_time(late.docked),
    }


def _missing_json(missing: Missing) -> Json:
    return {"what": missing.what, "id": missing.id, "because": missing.because}


def _closing_json(closing: Closing) -> JsonObject:
    return {
        "entry": closing.entry,
        "at": format_time(closing.at),
        "by": closing.by,
        "closes_again": closing.again,
        "segments": closing.segments,
        "bytes": closing.bytes,
        "dockings": closing.dockings,
        "late": closing.late,
        "unlabelled": closing.unlabelled,
        "open_gaps": closing.open_gaps,
        "out": closing.out,
        "missing": [_missing_json(each) for each in closing.missing],
        "more": closing.more,
        "checkpoint": {"size": closing.size, "root": closing.root},
    }

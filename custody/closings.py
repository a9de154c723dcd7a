"""The closings of a unit's week as entries: written, read back, and what reopens a week."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from custody.fields import digest, integer, mapping, moment, optional_integer, sequence, text
from custody.history import chain
from evidence.codec import format_time
from evidence.entry import Entry
from evidence.errors import MalformedError
from evidence.json import Json, JsonObject
from evidence.ports import Ledger
from evidence.weeks import BECAUSE, WHAT, Brought, Closing, Hours, IsoWeek, Missing, Week

CLOSED = "week.closed"
MISSING_LIMIT = 100  # rows of one entry: they and the rest fit in 16 KiB


def closings_of(ledger: Ledger, unit: str, week: IsoWeek) -> tuple[Closing, ...]:
    """Return every closing of a unit's week, oldest first."""
    named = (each for each in chain(unit, ledger) if each.type == CLOSED)
    ours = [each for each in named if (each.body.get("unit"), each.body.get("week"))
            == (unit, str(week))]  # fmt: skip
    return tuple(closing_of(each) for each in reversed(ours))


def closing_of(entry: Entry) -> Closing:
    """Return a week.closed; raises ``MalformedError`` for one that no writer of ours makes."""
    body = entry.body
    checkpoint = mapping(body, "checkpoint")
    return Closing(
        entry=entry.seq,
        at=entry.at,
        by=entry.actor,
        again=optional_integer(body, "closes_again"),
        segments=integer(body, "segments"),
        bytes=integer(body, "bytes"),
        dockings=integer(body, "dockings"),
        late=integer(body, "late"),
        unlabelled=integer(body, "unlabelled"),
        open_gaps=integer(body, "open_gaps"),
        out=integer(body, "out"),
        missing=tuple(_missing(each) for each in sequence(body, "missing")),
        more=integer(body, "more"),
        late_after=timedelta(seconds=integer(body, "late_after_s")),
        counted_at=moment(body, "counted_at"),
        size=integer(checkpoint, "size"),
        root=digest(checkpoint, "root"),
    )


def reopened_by(closings: Sequence[Closing], brought: Iterable[Brought]) -> int | None:
    """Return the first entry that brought footage which the last closing had not counted."""
    if not closings:
        return None
    size = closings[-1].size
    return min((each.came for each in brought if each.came >= size), default=None)


def closing_body(week: Week, hours: Hours) -> JsonObject:
    """Return the body of the entry that closes a week as it stands."""
    told: list[Json] = [_row(each) for each in week.missing[:MISSING_LIMIT]]
    return {
        "unit": week.unit,
        "week": str(week.week),
        "since": format_time(week.since),
        "until": format_time(week.until),
        "zone": str(hours.zone),
        "counted_at": format_time(week.at),
        "late_after_s": int(hours.late_after.total_seconds()),
        "segments": week.segments,
        "bytes": week.bytes,
        "dockings": week.dockings,
        "late": len(week.late),
        "unlabelled": len(week.unlabelled),
        "open_gaps": len(week.open_gaps),
        "out": len(week.out),
        "missing": told,
        "more": len(week.missing) - len(told),
        "closes_again": week.closings[-1].entry if week.closings else None,
        "checkpoint": {"size": week.size, "root": week.root},
    }


def _row(missing: Missing) -> JsonObject:
    return {"what": missing.what, "id": missing.id, "because": missing.because}


def _missing(value: Json) -> Missing:
    row = mapping({"missing": value}, "missing")
    what = next((each for each in WHAT if each == row.get("what")), None)
    because = next((each for each in BECAUSE if each == row.get("because")), None)
    if what is None or because is None:
        raise MalformedError("body_malformed", field="missing")
    return Missing(what, text(row, "id"), because)

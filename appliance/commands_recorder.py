"""``recorder``, ``handover``: whose a recorder is, who has it, and who had it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

from appliance.call import Call
from appliance.commands_look import SHORT, local, moment_of, segment_start, zone_of
from appliance.mistakes import read_text
from appliance.output import Answer, table
from appliance.services import as_json
from appliance.signed_in import actor, somebody
from appliance.words import printable
from custody import amending, directory, handover, names
from custody.amending import binding_of
from custody.directory import RecorderLine, StayLine
from custody.handlist import HandRow, hand_row, read_rows, take_list
from custody.history import chain
from custody.register import read_register
from custody.tenure import SIGHTINGS, Stay, owner_of, read_tenure
from custody.unheld import UNHELD_LIMIT, Unheld, unheld
from evidence.codec import format_time
from evidence.errors import CustodyError, UsageError
from evidence.ids import recorder_text
from evidence.json import JsonObject
from evidence.people import ORGANISATION

FULL_ID = 66  # r: and 64 digits


def bind(call: Call) -> Answer:
    """Make a recorder somebody's own, or pool it in a unit."""
    asked, who = call.arguments, somebody(call)
    wearer = _person(call, asked.person) if asked.person else None
    if wearer is None and asked.unit is None:
        raise UsageError("bind_to_whom")
    entry = handover.bind(
        call.services.desk,
        who,
        _recorder(call, asked.recorder),
        person=wearer,
        unit=_unit(call, asked.unit) if asked.unit else None,
        since=_time(asked.since, zone_of(call)),
    )
    return _done(call, "recorder.bound", entry)


def unbind(call: Call) -> Answer:
    """End a binding."""
    asked, who = call.arguments, somebody(call)
    until = _time(asked.until, zone_of(call))
    recorder = _recorder(call, asked.recorder)
    entry = handover.unbind(call.services.desk, who, recorder, until)
    return _done(call, "recorder.unbound", entry)


def correct(call: Call) -> Answer:
    """Say what a binding should have been; what is not said stays as it was."""
    asked, who, zone = call.arguments, somebody(call), zone_of(call)
    desk = call.services.desk
    recorder = _recorder(call, asked.recorder)
    before = binding_of(read_tenure(desk.ledger, recorder), asked.entry)
    until = None if asked.open else _time(asked.until, zone) or before.until
    right = replace(
        _whose(call, before),
        since=_time(asked.since, zone) or before.since,
        until=until,
        void=asked.void,
    )
    entry = amending.correct(desk, who, recorder, right, asked.reason)
    return _done(call, "recorder.corrected", entry)


def _whose(call: Call, before: Stay) -> Stay:
    """Return a binding to whom it should have been: a person, or a unit alone; else as it was."""
    asked = call.arguments
    unit = _unit(call, asked.unit) if asked.unit else None
    if not asked.person:
        return replace(before, person=None, unit=unit) if unit else before
    person = _person(call, asked.person)
    own = read_register(call.services.desk.ledger).people[person].unit
    return replace(before, person=person, unit=unit or own)


def show(call: Call) -> Answer:
    """Show whose a recorder is, who has it, and how it was when it was last docked."""
    who, zone = actor(call), zone_of(call)
    recorder = _recorder(call, call.arguments.recorder)
    shown = directory.recorder(call.services.desk, who, recorder, zone)
    return Answer({"recorder": as_json(shown)}, list(_shown(call, shown)))


def _shown(call: Call, shown: RecorderLine) -> Iterator[str]:
    words, zone = call.words, zone_of(call)
    yield words("recorder.id", recorder=shown.recorder)
    if shown.bound is None:
        yield words("recorder.nobody")
    elif shown.bound.person is None:
        yield words("recorder.pooled", unit=shown.bound.unit_name or shown.bound.unit)
    else:
        yield words("recorder.own", name=shown.bound.name or shown.bound.person)
    if shown.out is not None:
        since = local(shown.out.since, zone)
        yield words("recorder.out", name=shown.out.name or shown.out.person, since=since)
        if shown.out.late:
            yield words("recorder.late", due=local(shown.out.due, zone))
    yield from _seen(call, shown)
    if shown.bindings:
        head = [
            words(f"column.{name}") for name in ("entry", "bound_to", "since", "until", "noticed")
        ]
        yield from table([head, *(_binding(call, each) for each in shown.bindings)])
    if shown.handovers:
        head = [words(f"column.{name}") for name in ("entry", "name", "since", "until", "noticed")]
        yield from table([head, *(_stay(call, each) for each in shown.handovers)])


def _seen(call: Call, shown: RecorderLine) -> Iterator[str]:
    """Tell battery, free space and clock as the last docking found them (article 13)."""
    words = call.words
    if shown.docked_at is None:
        yield words("recorder.never_docked")
        return
    yield words("recorder.docked", at=local(shown.docked_at, zone_of(call)))
    if shown.battery is not None:
        yield words("recorder.battery", percent=shown.battery)
    if shown.free_bytes is not None:
        yield words("recorder.free", bytes=shown.free_bytes)
    if shown.clock_offset_ms is not None:
        yield words("recorder.clock", offset=shown.clock_offset_ms)


def _binding(call: Call, stay: StayLine) -> list[str]:
    """Return a binding, with what was said of it later."""
    entry, _, since, until, late = _stay(call, stay)
    whose = printable(stay.name or stay.person or stay.unit_name or stay.unit)
    told = [call.words("short.void")] if stay.void else []
    told += [call.words("short.corrected", entry=stay.corrected)] if stay.corrected else []
    return [
        entry,
        whose,
        since,
        until,
        call.words("list.comma").join((*filter(None, [late]), *told)),
    ]


def _stay(call: Call, stay: StayLine) -> list[str]:
    zone = zone_of(call)
    return [
        f"#{stay.entry}",
        printable(stay.name or stay.person or ""),
        local(stay.since, zone),
        local(stay.until, zone),
        call.words("short.late") if stay.late else "",
    ]


def name_holder(call: Call) -> Answer:
    """Say who held the recorder of a sighting that nobody can tell."""
    asked, who, desk = call.arguments, somebody(call), call.services.desk
    person = _person(call, asked.person)
    sighting = asked.sighting
    if sighting is None:
        sighting = _unresolved(
            call, call.services.segment(segment_start(asked.segment)).row.segment
        )
    entry = handover.resolve_holder(desk, who, sighting, person, asked.reason)
    return _done(call, "recorder.held", entry, sighting=sighting)


def _unresolved(call: Call, digest: str) -> int:
    """Return the one sighting of a segment whose holder nobody can tell."""
    ledger = call.services.desk.ledger
    seen = [each for each in chain(f"s:{digest}", ledger) if each.type in SIGHTINGS]
    found = [each.seq for each in seen if owner_of(ledger, each).person is None]
    if len(found) != 1:
        told = ", ".join(str(each) for each in found)
        raise CustodyError("sightings_many" if found else "holder_known", found=told)
    return found[0]


def list_unheld(call: Call) -> Answer:
    """List the footage of which nobody can tell whose it is, for who may say it."""
    who, desk, zone = somebody(call), call.services.desk, zone_of(call)
    found = unheld(desk, who, _time(call.arguments.since, zone))
    head = [call.words(f"column.{name}") for name in ("entry", "segment", "recorded_at", "unit")]
    rows = [head, *(_unheld(call, each) for each in found.rows)]
    lines = table(rows, columns=call.terminal.columns)
    if not found.rows:
        lines = [call.words("recorder.none_unheld")]
    if found.more:
        lines.append(call.words("recorder.more_unheld", limit=UNHELD_LIMIT))
    return Answer(
        {"sightings": [_sighting(each) for each in found.rows], "more": found.more}, lines
    )


def _sighting(row: Unheld) -> JsonObject:
    return {
        "sighting": row.sighting,
        "segment": row.segment[2:],
        "docking": row.docking,
        "recorder": row.recorder,
        "recorded_at": format_time(row.recorded_at),
        "unit": row.unit,
        "why": row.why,
    }


def _unheld(call: Call, row: Unheld) -> list[str]:
    register = read_register(call.services.desk.ledger)
    name = names.unit_name(call.services.desk.ledger, register, row.unit) if row.unit else None
    at = local(format_time(row.recorded_at), zone_of(call))
    return [f"#{row.sighting}", row.segment[2 : 2 + SHORT], at, printable(name or row.unit or "–")]


def hand_out(call: Call) -> Answer:
    """Write down that somebody takes a pooled recorder."""
    asked, who, zone = call.arguments, somebody(call), zone_of(call)
    entry = handover.handover_out(
        call.services.desk,
        who,
        _recorder(call, asked.recorder),
        _person(call, asked.person),
        at=_time(asked.at, zone),
        due=_time(asked.due, zone),
    )
    return _handed(call, "handover.out", entry)


def hand_in(call: Call) -> Answer:
    """Write down that somebody gives a recorder back."""
    asked, who, desk = call.arguments, somebody(call), call.services.desk
    recorder, person = _recorder(call, asked.recorder), _person(call, asked.person)
    at = _time(asked.at, zone_of(call))
    entry = handover.handover_in(desk, who, recorder, person, at=at)
    return _handed(call, "handover.in", entry)


def _handed(call: Call, key: str, entry: int) -> Answer:
    body = call.services.desk.ledger.entry(entry).body
    seen = {name: body[name] for name in ("battery", "free_bytes", "clock_offset_ms")}
    lines = [call.words(key, entry=entry)]
    if body["battery"] is not None:
        lines.append(call.words("recorder.battery", percent=body["battery"]))
    return Answer({"entry": entry, "recorder": body["recorder"], "seen": seen}, lines)


def import_list(call: Call) -> Answer:
    """Write down a list of handovers, row by row; stop at the first that is refused.

    What stands before that row is written, and its number tells where to go on.
    """
    rows = read_rows(read_text(Path(call.arguments.file)))
    taken = take_list(rows, lambda row: _hand(call, row))
    if taken.error is not None:
        told = call.words.error(taken.error)
        raise CustodyError("list_stopped", line=taken.line, because=told) from taken.error
    told = call.words("handover.imported", rows=len(rows), entries=len(taken.entries))
    return Answer({"rows": len(rows), "entries": [*taken.entries]}, [told])


def _hand(call: Call, row: HandRow) -> Iterator[int]:
    who, recorder = somebody(call), _recorder(call, row.recorder)
    yield from hand_row(call.services.desk, who, row, recorder, zone_of(call))


def _recorder(call: Call, text: str) -> str:
    """Return a recorder by its id, by ``serial:…`` before it was ever docked, or as ``list``."""
    if text.startswith("r:") and len(text) == FULL_ID:
        return text
    if text.startswith("serial:"):
        named = recorder_text(text.removeprefix("serial:"), None, None, None)
        if named is None:
            raise UsageError("recorder_unknown", text=text)
        return call.services.desk.ledger.pseudonym("r", named)
    return call.services.recorder(text)


def _person(call: Call, text: str) -> str:
    ledger = call.services.desk.ledger
    return names.find_person(ledger, read_register(ledger), text)


def _unit(call: Call, text: str) -> str:
    ledger = call.services.desk.ledger
    return ORGANISATION if text == "." else names.find_unit(ledger, read_register(ledger), text)


def _time(text: str | None, zone: tzinfo) -> datetime | None:
    moment = moment_of(text or None, zone, end=False)
    return datetime.fromisoformat(moment) if moment else None


def _done(call: Call, key: str, entry: int, **facts: int) -> Answer:
    return Answer({"entry": entry, **facts}, [call.words(key, entry=entry, **facts)])


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {
    "recorder bind": bind,
    "recorder unbind": unbind,
    "recorder correct": correct,
    "recorder show": show,
    "recorder holder": name_holder,
    "recorder unresolved": list_unheld,
    "handover out": hand_out,
    "handover in": hand_in,
    "handover import": import_list,
}

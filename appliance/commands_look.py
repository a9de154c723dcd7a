"""``show``, ``history``, ``seams``: what is in custody, and what happened to it."""

import re
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

from appliance.call import Call
from appliance.output import Answer, table
from appliance.owners import check_listed, owner_told, owners, set_up
from appliance.services import HistoryEvent, SeamRow, SegmentDetail, as_json
from appliance.signed_in import actor
from appliance.words import Words, printable
from custody.days import last_day
from custody.listing import Listing, listing_for, tells
from evidence.errors import UsageError
from evidence.json import JsonObject

FACT_COLUMNS = 48  # of one fact in a history
SHORT = 12  # digits of a digest on a screen: enough to name any segment of one station


def moment_of(text: str | None, zone: tzinfo, *, end: bool) -> str | None:
    """Return a day or a moment, local where it has no zone, as RFC 3339 UTC.

    ``end``: a day stands for its last millisecond, so that --until includes it.
    """
    if text is None:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            clock = time(23, 59, 59, 999_000) if end else time()
            moment = datetime.combine(date.fromisoformat(text), clock)
        else:
            moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError("not_a_time", text=text) from error
    placed = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return placed.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def segment_start(text: str) -> str:
    """Return the start of a digest as it was typed, in lower case and without ``s:``."""
    start = text.lower().removeprefix("s:")
    if not re.fullmatch(r"[0-9a-f]{4,64}", start):
        raise UsageError("not_a_segment", text=text)
    return start


def show(call: Call) -> Answer:
    """Show everything about one segment, and whose it is."""
    detail = call.services.segment(segment_start(call.arguments.segment))
    listing, zone = check_listed(call, detail.row.segment), zone_of(call)
    held = owners(listing, detail.row.segment, zone)
    lines = _detail(detail, call.words, zone)
    lines += _block(call.words("show.owners"), [owner_told(each, call.words) for each in held])
    return Answer({"segment": as_json(detail), "owners": as_json(held)}, lines)


def _detail(detail: SegmentDetail, words: Words, zone: tzinfo) -> list[str]:
    row = detail.row
    facts = [
        ("segment", row.segment),
        ("entry", str(detail.entry)),
        ("kind", f"{words(f'kind.{row.kind}')} {row.container or ''}".strip()),
        ("size", f"{words.bytes(row.size)} ({row.size})"),
        ("duration", words.duration(row.duration_ms) if row.duration_ms is not None else "–"),
        ("claimed_at", local(row.claimed_at, zone) or "–"),
        ("corrected_at", local(row.corrected_at, zone) or words("show.not_measured")),
        ("sealed_at", local(row.sealed_at, zone)),
        ("recorder", row.recorder or "–"),
        ("officer", row.officer or "–"),
        (
            "slices",
            f"{detail.slices.get('count')}  {words('show.root')} {detail.slices.get('root')}",
        ),
        ("parser", detail.parser),
    ]
    if detail.sm3:
        facts.append(("sm3", detail.sm3))
    lines = table([[words(f"column.{name}"), printable(value)] for name, value in facts])
    lines += _block(words("show.tracks"), [_plain(track) for track in detail.tracks])
    lines += _block(words("show.noticed"), [_noted(each, words) for each in detail.noted])
    lines += _block(words("show.sightings"), [_sighting(each, zone) for each in detail.sightings])
    lines += _block(words("show.seams"), [_seam(each, words, zone) for each in detail.seams])
    return lines


def _block(title: str, rows: Sequence[str]) -> list[str]:
    return [title, *(f"  {row}" for row in rows)] if rows else []


def _noted(noted: JsonObject, words: Words) -> str:
    facts = {name: value for name, value in noted.items() if name != "finding"}
    return words(f"finding.{noted.get('finding')}", **facts)


def _sighting(seen: JsonObject, zone: tzinfo) -> str:
    """Return one sighting: its entry, when it was recorded by its own claim, and where it lay."""
    claimed = seen.get("claimed_at")
    parts = [
        f"#{seen.get('entry')}",
        local(claimed, zone) if isinstance(claimed, str) else "–",
        *(printable(seen[name]) for name in ("docking", "path") if seen.get(name)),
    ]
    return "  ".join(parts)


def _plain(facts: JsonObject) -> str:
    """Return the plain facts in the words of the format, which an expert finds in the entry.

    What is longer than a line, or an object of its own, is in the document (``--json``).
    """
    rows = ((name, value) for name, value in facts.items() if isinstance(value, bool | int | str))
    return "  ".join(f"{name}={_short(printable(value))}" for name, value in rows)


def _short(text: str) -> str:
    return text if len(text) <= FACT_COLUMNS else text[: FACT_COLUMNS - 1] + "…"


def history(call: Call) -> Answer:
    """Tell every entry about one segment, oldest first, from the ledger itself."""
    start = segment_start(call.arguments.segment)
    digest = call.services.segment(start).row.segment if set_up(call) else start
    listing = check_listed(call, digest)
    events = call.services.history(start)
    told = [each for each in events if listing is None or tells(listing, each.type)]
    hidden, zone = len(events) - len(told), zone_of(call)
    lines = [line for event in told for line in _event(event, call.words, zone)]
    lines += [call.words("history.hidden", hidden=hidden)] if hidden else []
    return Answer({"segment": start, "events": as_json(tuple(told)), "hidden": hidden}, lines)


def _event(event: HistoryEvent, words: Words, zone: tzinfo) -> list[str]:
    who = words(f"actor.{event.actor.removeprefix('sys:')}") if ":" in event.actor else event.actor
    if event.actor.startswith("p:"):
        who = event.actor
    told = words(f"event.{event.type}", **event.facts)
    head = f"#{event.seq}  {local(event.at, zone)}  {who}  {told}"
    return [head, f"    {_plain(event.facts)}"] if event.facts else [head]


def seams(call: Call) -> Answer:
    """List the joins between neighbouring files that are not contiguous, or all of them."""
    listing = listing_for(call.services.desk, actor(call))
    every = call.services.seams(call.arguments.docking, every=call.arguments.all)
    rows = [each for each in every if _may(listing, each)]
    zone = zone_of(call)
    lines = [_seam(row, call.words, zone) for row in rows] or [call.words("seams.none")]
    return Answer({"seams": as_json(tuple(rows))}, lines)


def _may(listing: Listing, row: SeamRow) -> bool:
    """Return whether both sides may be listed; of no segment in custody: only with everything."""
    sides = [f"s:{each}" for each in (row.before, row.after) if each is not None]
    return listing.everything or (bool(sides) and all(map(listing.may, sides)))


def _seam(row: SeamRow, words: Words, zone: tzinfo) -> str:
    facts = {each.name: getattr(row, each.name) for each in fields(row)}
    told = words(f"seam_told.{row.kind}", **facts)
    if row.kind == "unknown" and row.because:
        told = words("seams.because", told=told, because=words(f"because.{row.because}"))
    before = printable(row.before_path or (row.before or "–")[:SHORT])
    after = printable(row.after_path or (row.after or "–")[:SHORT])
    return f"{local(row.at, zone)}  {before} → {after}  {told}"


def zone_of(call: Call) -> tzinfo:
    """Return the time zone of the station."""
    return ZoneInfo(call.settings.config.station.time_zone)


def local(text: str | None, zone: tzinfo) -> str:
    """Return an RFC 3339 time as the clock on the wall of the station shows it."""
    if text is None:
        return ""
    return datetime.fromisoformat(text).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def local_end(text: str | None, zone: tzinfo) -> str:
    """Return an end that is not included: a day where it is the end of one, as it was asked for."""
    day = last_day(datetime.fromisoformat(text), zone) if text else None
    return day.isoformat() if day else local(text, zone)

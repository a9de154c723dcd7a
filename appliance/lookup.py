"""What the catalogue answers, as the commands show it."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime, timedelta

from appliance.services import Filter, LabelRow, Page, SeamRow, SegmentDetail, SegmentRow
from custody.seeking import recorded_by
from evidence.candidates import Wanted
from evidence.codec import format_time
from evidence.entry import Entry
from evidence.errors import UnknownSegmentError, UsageError
from evidence.json import Json, JsonObject
from evidence.ports import Ledger
from evidence.search import (
    DockingRecord,
    FindingRecord,
    LabelRecord,
    SeamRecord,
    SegmentFilter,
    SegmentLine,
    SightingRecord,
)
from evidence.search import Page as Found
from vault.search import CatalogueReader

PAGE = 1000
JOINED = "contiguous"
NOT_JOINED = ("overlap", "pause", "gap", "hole", "clock_jump", "truncated", "unknown")
AMBIGUOUS_SHOWN = 3
DIGEST_DIGITS = 64


class Lookup:
    """Answers ``list``, ``show`` and ``seams`` from the catalogue and the ledger."""

    def __init__(self, reader: CatalogueReader, ledger: Ledger) -> None:
        self._reader = reader
        self._ledger = ledger

    def segments(self, wanted: Filter) -> Page:
        """See ``appliance.services.Services.segments``."""
        asked = SegmentFilter(
            since=_moment(wanted.since),
            until=_after(wanted.until),
            officer=wanted.officer,
            recorder=self.recorder(wanted.recorder) if wanted.recorder else None,
            docking=self.docking(wanted.docking) if wanted.docking else None,
            kind=wanted.kind,
            important=wanted.important,
            finding=wanted.finding,
            slot=wanted.slot,
            person=wanted.person,
            item=wanted.item,
            no_case=wanted.no_case,
            case=wanted.case,
            cause=wanted.cause,
            party=wanted.party,
            words=wanted.words,
            unlabelled=wanted.unlabelled,
        )
        page = self._page(asked, wanted.limit, wanted.after)
        return Page(tuple(_row(line) for line in page.items), page.after)

    def candidates(self, wanted: Wanted, after: str | None = None) -> Found[str]:
        """See ``appliance.services.Services.candidates``."""
        return self._reader.candidates(wanted, after=after)

    def _page(self, asked: SegmentFilter, limit: int, after: str | None) -> Found[SegmentLine]:
        search = self._reader.segments
        if asked.person is None:
            return search(asked, limit, after)
        return recorded_by(search, self._ledger, asked, limit, after)

    def digest(self, start: str) -> str:
        """Return the one digest that begins so; raises ``UnknownSegmentError``."""
        if len(start) == DIGEST_DIGITS:
            return start
        found = self._reader.find_segments(start, AMBIGUOUS_SHOWN)
        if not found:
            raise UnknownSegmentError("segment_unknown", segment=start)
        if len(found) > 1:
            shown = ", ".join(sha256[: len(start) + 4] for sha256 in found)
            raise UnknownSegmentError("segment_ambiguous", segment=start, found=shown)
        return found[0]

    def segment(self, start: str) -> SegmentDetail:
        """See ``appliance.services.Services.segment``."""
        record = self._reader.segment(self.digest(start))
        entry = self._ledger.entry(record.line.entry)
        return SegmentDetail(
            row=_row(record.line),
            entry=record.line.entry,
            sm3=_text(entry, "sm3"),
            parser=_text(entry, "parser") or "",
            tracks=_objects(entry.body["tracks"]),
            slices=_object(entry.body["slices"]),
            noted=tuple(_noted(each) for each in record.findings),
            sightings=tuple(_sighting(each) for each in record.sightings),
            seams=tuple(self._seams(record.seams)),
        )

    def seams(self, docking: str | None, *, every: bool) -> tuple[SeamRow, ...]:
        """See ``appliance.services.Services.seams``."""
        kinds = () if every else NOT_JOINED
        named = self.docking(docking) if docking else None
        return tuple(self._seams(tuple(self._all_seams(named, kinds))))

    def _all_seams(self, docking: str | None, kinds: tuple[str, ...]) -> Iterator[SeamRecord]:
        after: str | None = None
        while True:  # ends with the last page
            page = self._reader.seams(docking=docking, kinds=kinds, limit=PAGE, after=after)
            yield from page.items
            if page.after is None:
                return
            after = page.after

    def _seams(self, seams: tuple[SeamRecord, ...]) -> Iterator[SeamRow]:
        names: dict[str, dict[int, str]] = {}
        judged: dict[int, str] = {}
        for seam in seams:
            if seam.docking not in names:
                names[seam.docking] = self._names(seam.docking)
            if seam.entry not in judged:
                judged[seam.entry] = format_time(self._ledger.entry(seam.entry).at)
            paths = names[seam.docking]
            yield SeamRow(
                docking=seam.docking,
                at=judged[seam.entry],
                kind=seam.kind,
                before=_bare(seam.before),
                after=_bare(seam.after),
                before_path=paths.get(-1 if seam.before_line is None else seam.before_line),
                after_path=paths.get(-1 if seam.after_line is None else seam.after_line),
                ms=seam.ms,
                because=seam.because,
            )

    def _names(self, docking: str) -> dict[int, str]:
        """Return the paths of an inventory by line; empty when its key is destroyed."""
        names: dict[int, str] = {}
        after: str | None = None
        while True:  # ends with the last page
            page = self._reader.lines(docking, PAGE, after)
            names |= {each.line: each.path for each in page.items}
            if page.after is None:
                return names
            after = page.after

    def recorder(self, text: str) -> str:
        """Return the id of the recorder that is meant by its id's start, serial or product."""
        return self._meant(text, "recorder")

    def docking(self, text: str) -> str:
        """Return the id of the docking that is meant by its start."""
        return self._meant(text, "docking")

    def _meant(self, text: str, what: str) -> str:
        after: str | None = None
        found: set[str] = set()
        while True:  # ends with the last page
            page = self._reader.dockings(limit=PAGE, after=after)
            for each in page.items:
                name = each.recorder if what == "recorder" else each.docking
                if name and _is_meant(each, name, text, what):
                    found.add(name)
            if page.after is None:
                break
            after = page.after
        if len(found) != 1:
            raise UsageError(f"{what}_ambiguous" if found else f"{what}_unknown", text=text)
        return found.pop()


def _is_meant(docking: DockingRecord, name: str, text: str, what: str) -> bool:
    if name.startswith(text) or name[2:].startswith(text):
        return True
    told = docking.identity
    return what == "recorder" and told is not None and text in {told.serial, told.device}


def _row(line: SegmentLine) -> SegmentRow:
    seen = line.sighting
    return SegmentRow(
        segment=line.sha256,
        size=line.size,
        kind=line.kind,
        container=line.container,
        duration_ms=line.duration_ms,
        sealed_at=format_time(line.sealed_at),
        recorder=seen.recorder,
        officer=seen.officer,
        path=seen.path,
        claimed_at=_time(seen.claimed_at),
        corrected_at=_time(seen.corrected_at),
        important=seen.important,
        findings=tuple(dict.fromkeys(line.findings)),
        label=_label(line.label),
    )


def _label(held: LabelRecord | None) -> LabelRow | None:
    if held is None:
        return None
    return LabelRow(**{each.name: getattr(held, each.name) for each in fields(LabelRow)})


def _sighting(seen: SightingRecord) -> JsonObject:
    values = {each.name: getattr(seen, each.name) for each in fields(seen)}
    return {
        name: format_time(value) if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def _noted(found: FindingRecord) -> JsonObject:
    return {"finding": found.finding, **found.facts}


def _objects(value: Json) -> tuple[JsonObject, ...]:
    return tuple(_object(each) for each in value) if isinstance(value, list | tuple) else ()


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _text(entry: Entry, field: str) -> str | None:
    value = entry.body.get(field)
    return value if isinstance(value, str) else None


def _bare(segment: str | None) -> str | None:
    return segment.removeprefix("s:") if segment else None


def _time(moment: datetime | None) -> str | None:
    return format_time(moment) if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _after(text: str | None) -> datetime | None:
    """Return the moment behind the last one that is wanted: the catalogue's end is not included."""
    moment = _moment(text)
    return moment + timedelta(milliseconds=1) if moment else None

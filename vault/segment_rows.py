"""What the entries of a segment become in the catalogue."""

from collections.abc import Sequence

from evidence.entry import Entry, Statement
from evidence.errors import MalformedError
from evidence.findings import Finding
from evidence.json import JsonObject
from vault.fields import (
    flag,
    items,
    milliseconds,
    number,
    number_or_none,
    objects,
    sub,
    text,
    text_or_none,
    time_or_none,
)
from vault.rows import Row, Rows, docking_of, noted, subject_of


def segment_sealed(entry: Entry, statement: Statement | None) -> Rows:
    """Yield the segment and its first sighting."""
    body = entry.body
    tracks = objects(body, "tracks")
    picture = next((track for track in tracks if track.get("width") is not None), {})
    yield (
        "segments",
        {
            "entry": entry.seq,
            "sha256": text(body, "sha256"),
            "size": number(body, "size"),
            "kind": text(body, "kind"),
            "container": text_or_none(body, "container"),
            "duration_ms": number_or_none(body, "duration_ms"),
            "codecs": " ".join(text(track, "codec") for track in tracks),
            "width": number_or_none(picture, "width"),
            "height": number_or_none(picture, "height"),
            "sealed_at": milliseconds(entry.at),
        },
    )
    yield from _sighting(entry, statement, entry.seq, text(body, "kind"))


def segment_seen(entry: Entry, statement: Statement | None) -> Rows:
    """Yield a further sighting."""
    # The kind stands in the older entry: the insert looks it up.
    yield from _sighting(entry, statement, number(entry.body, "sealed"), None)


def seams_judged(entry: Entry, _statement: Statement | None) -> Rows:
    """Yield the seams."""
    docking = docking_of(entry)
    for n, seam in enumerate(objects(entry.body, "seams")):
        before_line, after_line = _pair(seam)
        yield (
            "seams",
            {
                "entry": entry.seq,
                "n": n,
                "docking": docking,
                "before": text_or_none(seam, "before"),
                "after": text_or_none(seam, "after"),
                "before_line": before_line,
                "after_line": after_line,
                "kind": text(seam, "kind"),
                "ms": number_or_none(seam, "ms"),
                "because": text_or_none(seam, "because"),
            },
        )


def _sighting(entry: Entry, statement: Statement | None, segment: int, kind: str | None) -> Rows:
    sighting = sub(entry.body, "sighting")
    line, docking = number(sighting, "line"), docking_of(entry)
    claimed, corrected = (
        time_or_none(sighting, "claimed_at"),
        time_or_none(sighting, "corrected_at"),
    )
    notes = objects(entry.body, "noted")
    at = _beginning(entry, notes, claimed, corrected)
    yield (
        "sightings",
        {
            "entry": entry.seq,
            "segment": segment,
            "docking": docking,
            "line": line,
            "inventory": number(sighting, "inventory"),
            "recorder": subject_of(entry, "r:"),
            "slot": None,  # stands in an older entry: the insert looks it up (vault/tables.py)
            "kind": kind,
            "important": flag(sighting, "important"),
            "at": at,
            "claimed_at": claimed,
            "claimed_from": text_or_none(sighting, "claimed_from"),
            "corrected_at": corrected,
        },
    )
    if notes:
        yield from _findings(entry, notes, at)
        yield from noted(entry, docking, line, segment)
    if statement:
        yield "sighting_private", _names(entry, statement, segment, at)


def _findings(entry: Entry, notes: Sequence[JsonObject], at: int) -> Rows:
    codes = {text(note, "finding") for note in notes}
    for code in sorted(codes):
        yield "sighting_findings", {"entry": entry.seq, "finding": code, "at": at}


def _names(entry: Entry, statement: Statement, segment: int, at: int) -> Row:
    facts = statement.facts
    return {
        "entry": entry.seq,
        "segment": segment,
        "at": at,
        "path": text(facts, "path"),
        "maker": text_or_none(facts, "maker"),
        "device": text_or_none(facts, "device"),
        "officer": text_or_none(facts, "officer"),
        "number": number_or_none(facts, "number"),
    }


def _beginning(
    entry: Entry, notes: Sequence[JsonObject], claimed: int | None, corrected: int | None
) -> int:
    """Return the best known beginning in ms: corrected, else claimed, else the time of sealing.

    A claim that cannot be true (after the sealing, or of a clock that was reset) orders nothing:
    else one recorder from the future would stand above all others for years.
    """
    sealed = milliseconds(entry.at)
    if corrected is not None:
        return min(corrected, sealed)
    reset = any(note.get("finding") == Finding.CLOCK_RESET for note in notes)
    return sealed if claimed is None or reset else min(claimed, sealed)


def _pair(seam: JsonObject) -> tuple[int | None, int | None]:
    lines = items(seam, "lines")
    if len(lines) != 2:  # noqa: PLR2004 - before and after
        raise MalformedError("entry_malformed", field="lines")
    before, after = ({"lines": line} for line in lines)
    return number_or_none(before, "lines"), number_or_none(after, "lines")

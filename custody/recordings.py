"""Which segments belong together: of one docking, or of one recording that was cut into files."""

from collections.abc import Iterator

from custody.fields import mapping, optional_text, sequence, text
from custody.history import chain
from custody.tenure import SIGHTINGS, segment_of
from evidence.errors import UnknownSegmentError, UsageError
from evidence.ports import Ledger

# The files of one recording join without a gap; some makers record their ends twice.
JOINED = frozenset({"contiguous", "overlap"})


def of_docking(ledger: Ledger, docking: str, limit: int) -> tuple[str, ...]:
    """Return the segments of a docking in the order of its sightings.

    Raises ``UnknownSegmentError`` where it has none, ``UsageError`` for more than ``limit``.
    """
    seen = [segment_of(each) for each in chain(docking, ledger) if each.type in SIGHTINGS]
    found = tuple(dict.fromkeys(reversed(seen)))
    if not found:
        raise UnknownSegmentError("docking_empty", docking=docking)
    return _few(found, limit)


def of_recording(ledger: Ledger, segment: str, limit: int) -> tuple[str, ...]:
    """Return the segments of the recording of which ``segment`` is a part, itself among them.

    In the order in which they were found, outwards from ``segment``.  Raises ``UsageError`` for
    more than ``limit``.
    """
    found = [segment]
    for each in found:  # grows while it is walked
        found += [other for other in dict.fromkeys(_joined(ledger, each)) if other not in found]
        _few(tuple(found), limit)
    return tuple(found)


def _joined(ledger: Ledger, segment: str) -> Iterator[str]:
    for entry in chain(segment, ledger):
        if entry.type != "seams.judged":
            continue
        for value in sequence(entry.body, "seams"):
            seam = mapping({"seams": value}, "seams")
            pair = [optional_text(seam, "before"), optional_text(seam, "after")]
            if segment in pair and text(seam, "kind") in JOINED:
                yield from (each for each in pair if each is not None)


def _few(found: tuple[str, ...], limit: int) -> tuple[str, ...]:
    if len(found) > limit:
        raise UsageError("segments_malformed", limit=limit)
    return found

"""What of which segment may leave: spans of a grant against the slices that were sealed."""

from collections.abc import Sequence
from dataclasses import dataclass

from custody.dockings import shape_of
from custody.footage import within
from custody.history import chain
from custody.holdings import Holding, Roll, read_roll
from evidence.asking import SPAN_LIMIT, Span
from evidence.entry import Entry
from evidence.errors import IntegrityError, UnknownSegmentError, UsageError
from evidence.ids import segment_id
from evidence.ports import Ledger, Objects


@dataclass(frozen=True, slots=True)
class Part:
    """Slices ``first`` to before ``end`` of one segment.  A segment may have none."""

    number: int  # of the span in copy.opened
    span: Span
    holding: Holding
    first: int
    end: int
    size: int  # bytes of these slices


def all_within(wanted: Sequence[Span], granted: Sequence[Span]) -> bool:
    """Return whether each wanted span lies in one that was granted; nothing at all does not."""
    covered = (any(within(span, each) for each in granted) for span in wanted)
    return 0 < len(wanted) <= SPAN_LIMIT and all(covered)


def sealed_entry(segment: str, ledger: Ledger) -> Entry:
    """Return the entry that sealed a segment.

    Raises ``UnknownSegmentError`` where none did, ``IntegrityError`` where it sealed another one.
    """
    for entry in chain(segment, ledger):
        if entry.type == "segment.sealed":
            if segment_id(shape_of(entry.body)[0]) != segment:
                raise IntegrityError("history_broken", subject=segment, entry=entry.seq)
            return entry
    raise UnknownSegmentError("segment_unknown", segment=segment)


def holding_of(entry: Entry) -> Holding:
    """Return what ``segment.sealed`` says of the vault."""
    return Holding(entry.seq, *shape_of(entry.body))


def plan_part(number: int, span: Span, ledger: Ledger, objects: Objects) -> Part:
    """Return the part that a span means, its roll found to be the one that was sealed.

    Raises ``UsageError`` (``span_outside``) for slices that the segment has not, and as
    ``sealed_entry`` and ``read_roll``.
    """
    holding = holding_of(sealed_entry(span.segment, ledger))
    roll = read_roll(holding, objects)
    first, end = _bounds(span, len(roll.cuts))
    size = sum(cut.length for cut in roll.cuts[first:end])
    return Part(number, span, holding, first, end, size)


def _bounds(span: Span, count: int) -> tuple[int, int]:
    if span.first is None or span.last is None:
        return 0, count
    if not 0 <= span.first <= span.last < count:
        raise UsageError("span_outside", segment=span.segment, slices=count)
    return span.first, span.last + 1


def roll_of(part: Part, objects: Objects) -> Roll:
    """Return the roll of a part's segment, compared with the root in its entry once more.

    It is not kept from ``plan_part`` on: many slow readers must not fill the memory.
    """
    return read_roll(part.holding, objects)

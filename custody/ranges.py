"""A range of bytes of what was granted, as the slices that hold it: only whole slices are verified.

What is cut off before and after is read and compared too, but does not leave.
"""

from dataclasses import dataclass

from custody.desk import Desk
from custody.parts import plan_part, roll_of
from evidence.asking import Span
from evidence.errors import UsageError


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes ``first`` to ``last``, both included, of a granted span of ``size`` bytes.

    ``span``: the slices that hold them; ``skip``: bytes of these before ``first``.
    """

    span: Span
    first: int
    last: int
    size: int
    skip: int

    @property
    def length(self) -> int:
        """Return how many bytes are wanted."""
        return self.last + 1 - self.first


def range_of(desk: Desk, span: Span, first: int | None, last: int | None) -> Range:
    """Return what bytes ``first`` to ``last`` of ``span`` are; as HTTP counts them (RFC 9110 14.1).

    ``first`` None: the last ``last`` bytes; both None: all.  Raises ``UsageError``
    (``bytes_outside``), and as ``plan_part`` does.
    """
    part = plan_part(0, span, desk.ledger, desk.objects)
    begin, end = _bounds(part.size, first, last)
    if (first, last) == (None, None):
        return Range(span, 0, part.size - 1, part.size, 0)
    cuts = roll_of(part, desk.objects).cuts[part.first : part.end]
    base = cuts[0].offset
    holding = [
        number
        for number, cut in enumerate(cuts)
        if cut.offset - base < end and cut.offset - base + cut.length > begin
    ]
    narrowed = Span(span.segment, part.first + holding[0], part.first + holding[-1])
    return Range(narrowed, begin, end - 1, part.size, begin - (cuts[holding[0]].offset - base))


def _bounds(size: int, first: int | None, last: int | None) -> tuple[int, int]:
    """Return begin and end (not included) of a range within ``size`` bytes."""
    if first is None:
        begin, end = (0, size) if last is None else (max(0, size - last), size)
    else:
        begin, end = first, size if last is None else min(last + 1, size)
    if begin >= end and (first, last) != (None, None):
        raise UsageError("bytes_outside", size=size)
    return begin, end

"""What people type into forms, as the rules take it: days, times of day, numbers, spans."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import Form

from api.site import Site
from custody.footage import slices_of
from evidence.asking import SPAN_LIMIT, Span
from evidence.errors import UsageError

Once = Annotated[str, Form(pattern="^[0-9A-Za-z_-]{8,64}$")]
Text = Annotated[str, Form(max_length=2000)]
Day = Annotated[str, Form(max_length=10)]
Minute = Annotated[str, Form(max_length=16)]
Number = Annotated[str, Form(max_length=6)]
_SPAN = re.compile(r"(s:[0-9a-f]{64})(?:\s+([0-9]{1,6})\s*[-–]\s*([0-9]{1,6}))?")


def end_of(site: Site, day: str) -> datetime:
    """Return the moment at which a day is over, on the clock of the place."""
    try:
        found = date.fromisoformat(day)
        return datetime.combine(found + timedelta(days=1), time(), site.zone)
    except (ValueError, OverflowError) as error:
        raise UsageError("question_incomplete", field="until") from error


def minute(site: Site, text: str, field: str, *, end: bool = False) -> datetime | None:
    """Return a day, or a minute of one, on the clock of the place; None for nothing.

    ``end``: the whole of that day or minute is meant, so what follows it is returned.
    """
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text).replace(tzinfo=site.zone)
        if not end:
            return found
        whole = "T" not in text
        return found + (timedelta(days=1) if whole else timedelta(minutes=1))
    except (ValueError, OverflowError) as error:
        raise UsageError("question_incomplete", field=field) from error


def number(text: str, field: str = "times") -> int | None:
    """Return a number, or None for nothing."""
    if not text:
        return None
    if not text.isascii() or not text.isdecimal():
        raise UsageError("question_incomplete", field=field)
    return int(text)


def spans_of(text: str) -> tuple[Span, ...]:
    """Return the spans of a text: one in a line, an id, and slices from–to where not all."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return tuple(_span(line) for line in lines[: SPAN_LIMIT + 1])


def _span(line: str) -> Span:
    found = _SPAN.fullmatch(line)
    if found is None:
        raise UsageError("question_incomplete", field="spans")
    segment, first, last = found.groups()
    return Span(segment, int(first), int(last)) if first else Span(segment)


def narrowed(
    site: Site, asked: Sequence[Span], keep: Sequence[int], ends: Sequence[tuple[str, str]]
) -> tuple[Span, ...] | None:
    """Return the spans that remain; None: all of ``asked``, as they are.

    ``keep``: numbers of spans; ``ends``: first and last slice of each, "" for as it was asked.
    """
    if len(ends) != len(asked):
        return None
    kept = [(asked[n], ends[n]) for n in dict.fromkeys(keep) if n < len(asked)]
    spans = tuple(_narrow(site, span, first, last) for span, (first, last) in kept)
    return None if spans == tuple(asked) else spans


def _narrow(site: Site, span: Span, first: str, last: str) -> Span:
    begin, end = number(first, "spans"), number(last, "spans")
    if begin is None and end is None:
        return span
    begin = begin if begin is not None else span.first or 0
    whole = span.last if span.last is not None else slices_of(site.desk.ledger, span.segment) - 1
    return Span(span.segment, begin, whole if end is None else end)

"""Who still waits for an answer about a segment, and who may still look: from its own entries."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from custody.fields import integer, moment, sequence, text
from custody.past import Past
from evidence.entry import Entry


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a segment.  ``until``: it runs out by then; None: it is answered."""

    entry: int  # request.made
    at: datetime
    purpose: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant that nobody has withdrawn.  ``until``: it ends by then; None: somebody looks now."""

    entry: int  # request.decided, or copy.opened
    at: datetime
    until: datetime | None


def asked_of(past: Past, entries: Sequence[Entry]) -> tuple[Asked, ...]:
    """Return the questions among the entries about one segment."""
    return tuple(_asked(past, each) for each in entries if each.type == "request.made")


def granted_of(past: Past, entries: Sequence[Entry]) -> tuple[Granted, ...]:
    """Return what was granted by the entries about one segment and is not used up or withdrawn.

    Whether its holder may still use it (a suspension, a lost post, a false signature) is not
    asked: to keep it a few days longer harms nobody.
    """
    found: list[Granted] = []
    for entry in entries:
        if entry.type == "request.decided":
            found += _granted(past, entry)
    return (*found, *_looking(entries))


def _asked(past: Past, made: Entry) -> Asked:
    request = text(made.body, "request")
    ended = any(each.type in _ANSWERS for each in past.chain(request))
    until = None if ended else moment(made.body, "until")
    return Asked(made.seq, made.at, text(made.body, "purpose"), until)


_ANSWERS = frozenset({"request.decided", "request.withdrawn"})


def _granted(past: Past, decision: Entry) -> Iterator[Granted]:
    until, times = moment(decision.body, "until"), integer(decision.body, "times")
    for each in sequence(decision.body, "requests"):
        grant = each.get("grant") if isinstance(each, Mapping) else None
        if isinstance(grant, str):
            types = [entry.type for entry in past.chain(grant)]
            if "grant.withdrawn" not in types and types.count("copy.opened") < times:
                yield Granted(decision.seq, decision.at, until)


def _looking(entries: Sequence[Entry]) -> Iterator[Granted]:
    """Yield the looks that have begun and not ended."""
    ended = {each.body.get("opened") for each in entries if each.type == "copy.closed"}
    for entry in entries:
        if entry.type == "copy.opened" and entry.seq not in ended:
            yield Granted(entry.seq, entry.at, None)

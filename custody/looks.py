"""Who looked: every look at some segments, for those whose footage it is and for auditors.

Read from the ledger alone, complete by ``about``.  A look whose decision hides it until a day is
told to nobody before that day but to auditors, and to them with the day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from custody.desk import Desk
from custody.facts import Standing, over_footage, standing_of
from custody.fields import integer, optional_moment, text
from custody.footage import Footage, footage_of
from custody.history import chain
from custody.permission import Situation, refusals
from custody.refused import refuse_on_record
from custody.requests import load_request, spans_of
from custody.scan import scan
from custody.tree import Tree
from evidence.asking import Request, Span
from evidence.entry import Entry
from evidence.people import Actor
from evidence.ports import Ledger

SEGMENTS_LIMIT = 1000  # of one question


@dataclass(frozen=True, slots=True)
class Looked:
    """One use of a grant: who, by whose leave, and what really left."""

    opened: int  # entry
    at: datetime
    person: str
    grant: str
    request: Request  # act and purpose stand there
    decision: int  # entry
    spans: tuple[Span, ...]  # what was opened
    closed: int | None  # entry; None while it runs
    bytes: int | None
    how: str | None  # complete, broken, withdrawn, recovered
    hidden_until: datetime | None  # the decision hides it from who appears in it


def looks_at(desk: Desk, actor: Actor, segments: Sequence[str]) -> tuple[Looked, ...]:
    """Return every look at any of ``segments`` that ``actor`` may know of, newest first.

    Raises ``RefusedError`` after an entry of its own; ``UnknownSegmentError``.
    """
    segments = tuple(dict.fromkeys(segments))[:SEGMENTS_LIMIT]
    standing, footage = standing_of(desk, actor), footage_of(desk.ledger, segments)
    found = refusals("see_access", over_footage(standing, footage))
    if found:
        refuse_on_record(desk, actor, "see_access", found, segments)
    opened = {entry.seq: entry for each in segments for entry in _opened(each, desk.ledger)}
    looked = (_looked(opened[seq], desk.ledger) for seq in sorted(opened, reverse=True))
    return tuple(each for each in looked if _may_know(standing, footage, each))


def looks_at_own(desk: Desk, actor: Actor, since: datetime, until: datetime) -> tuple[Looked, ...]:
    """Return the looks at what ``actor`` has recorded themself, newest first."""
    standing = standing_of(desk, actor)
    found = []
    for entry in scan(Tree(desk.tiles), frozenset({"copy.opened"}), since=since, until=until):
        looked = _looked(entry, desk.ledger)
        footage = _own_part(standing, looked, desk.ledger)
        if footage is not None and _may_know(standing, footage, looked):
            found.append(looked)
    return tuple(found)


def hidden_until(decision: Entry) -> datetime | None:
    """Return until when a decision hides its looks, or None."""
    return optional_moment(decision.body, "confidential_until")


def decision_of(grant: str, ledger: Ledger) -> Entry:
    """Return the entry that made a grant: the first about it."""
    *_, first = chain(grant, ledger)
    return first


def _own_part(standing: Standing, looked: Looked, ledger: Ledger) -> Footage | None:
    """Return the segments of a look that are the actor's own; None where there are none."""
    ones = (footage_of(ledger, [span.segment]) for span in looked.spans)
    own = [one.segments[0] for one in ones if standing.person in one.own]
    return footage_of(ledger, own) if own else None


def _may_know(standing: Standing, footage: Footage, looked: Looked) -> bool:
    situation = over_footage(standing, footage)
    hidden = looked.hidden_until is not None and standing.now < looked.hidden_until
    facts = situation.facts | ({"confidential"} if hidden else set())
    return not refusals("see_access", Situation(situation.roles, facts))


def _opened(segment: str, ledger: Ledger) -> Iterator[Entry]:
    return (entry for entry in chain(segment, ledger) if entry.type == "copy.opened")


def _looked(opened: Entry, ledger: Ledger) -> Looked:
    grant = text(opened.body, "grant")
    decision, closed = decision_of(grant, ledger), _closed(opened, grant, ledger)
    (request,) = (each for each in opened.about if each.startswith("q:"))
    return Looked(
        opened=opened.seq,
        at=opened.at,
        person=opened.actor,
        grant=grant,
        request=load_request(ledger, request),
        decision=decision.seq,
        spans=spans_of(opened.body),
        closed=closed.seq if closed else None,
        bytes=integer(closed.body, "bytes") if closed else None,
        how=text(closed.body, "how") if closed else None,
        hidden_until=hidden_until(decision),
    )


def _closed(opened: Entry, grant: str, ledger: Ledger) -> Entry | None:
    for entry in chain(grant, ledger):
        if entry.type == "copy.closed" and integer(entry.body, "opened") == opened.seq:
            return entry
    return None

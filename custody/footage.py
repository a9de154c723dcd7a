"""What the ledger says of some segments: whose they are, who appears in them, what they hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from custody.fields import integer, mapping, text
from custody.history import chain
from custody.tenure import SIGHTINGS, Holder, Tenure, once_named, owner_of
from evidence.asking import Span
from evidence.entry import Entry
from evidence.errors import CustodyError, UnknownSegmentError, UsageError
from evidence.people import ORGANISATION
from evidence.ports import Ledger

_LABELLED = "segment.labelled"


@dataclass(frozen=True, slots=True)
class Footage:
    """Some segments together.  A right needs all of them; a conflict needs one.

    ``own``: people who held the recorder of, or are labelled in, every segment.  ``named``: those
    whom a label of the same case names, for every segment.  ``appear``: all who ever were any of
    this in any segment, by a label or a binding that was corrected since too: a correction may take
    away a right, it never heals a conflict.
    """

    segments: tuple[str, ...]
    owners: tuple[str, ...]  # units that held the recorders, sorted; unknown: the organisation
    own: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    appear: frozenset[str] = frozenset()
    unresolved: bool = False  # of one at least, nobody knows who held the recorder, or two did
    secret: bool = False  # one at least is labelled as a state secret


@dataclass(slots=True)
class _One:
    """One segment while it is being read."""

    owners: set[str]
    holders: set[str]
    labels: list[Entry]
    unresolved: bool
    once: set[str]  # holders by what was said before it was corrected


def footage_of(
    ledger: Ledger,
    segments: Sequence[str],
    case: str | None = None,
    known: dict[str, Tenure] | None = None,
) -> Footage:
    """Return what the ledger says of ``segments``, and of the people of ``case`` (c:…).

    ``known`` keeps the tenures that were read, for who asks for many.  Raises
    ``UnknownSegmentError`` for a segment that is not in custody.
    """
    cases = _Cases(ledger)
    tenures = {} if known is None else known
    ones = [_one(ledger, segment, tenures) for segment in segments]
    own, named, appear = [], [], set(cases.ever(case)) if case else set[str]()
    for one in ones:
        own.append(one.holders | _officers(_current(one.labels)))
        named.append({p for label in _current(one.labels) for c in _of(label, "c:")
                      for p in cases.now(c)})  # fmt: skip
        ever = {p for label in one.labels for c in _of(label, "c:") for p in cases.ever(c)}
        appear |= one.holders | one.once | _officers(one.labels) | ever
    return Footage(
        tuple(segments),
        tuple(sorted({unit for one in ones for unit in one.owners})),
        _in_all(own),
        _in_all(named),
        frozenset(appear),
        any(one.unresolved for one in ones),
        any(_is_secret(one.labels) for one in ones),
    )


def slices_of(ledger: Ledger, segment: str) -> int:
    """Return how many slices a segment in custody has.

    Raises ``UnknownSegmentError``; ``CustodyError`` (``segment_disposed``) for one that is gone.
    """
    for entry in chain(segment, ledger):
        if entry.type == "segment.disposed":
            raise CustodyError("segment_disposed", segment=segment, entry=entry.seq)
        if entry.type == "segment.sealed":
            return integer(mapping(entry.body, "slices"), "count")
    raise UnknownSegmentError("segment_unknown", segment=segment)


def check_spans(ledger: Ledger, spans: Sequence[Span]) -> None:
    """Raise where a span is not in custody, not a part of its segment, or named twice."""
    if len({span.segment for span in spans}) != len(spans):
        raise UsageError("span_twice")
    for span in spans:
        count = slices_of(ledger, span.segment)
        first, last = span.first, span.last
        if first is None and last is None:
            continue
        if first is None or last is None or not 0 <= first <= last < count:
            raise UsageError("span_outside", segment=span.segment, slices=count)


def within(span: Span, wider: Span) -> bool:
    """Return whether ``span`` is ``wider`` or a part of it."""
    if span.segment != wider.segment:
        return False
    if wider.first is None or wider.last is None:
        return True
    if span.first is None or span.last is None:
        return False
    return wider.first <= span.first and span.last <= wider.last


class _Cases:
    """The people of a case: read once each."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._labels: dict[str, list[Entry]] = {}

    def now(self, case: str) -> set[str]:
        return _officers(_current(self._of(case)))

    def ever(self, case: str) -> set[str]:
        return _officers(self._of(case))

    def _of(self, case: str) -> list[Entry]:
        if case not in self._labels:
            entries = chain(case, self._ledger)
            self._labels[case] = [each for each in entries if each.type == _LABELLED]
        return self._labels[case]


def _one(ledger: Ledger, segment: str, tenures: dict[str, Tenure]) -> _One:
    one = _One(set(), set(), [], unresolved=False, once=set())
    entries = list(chain(segment, ledger))
    one.labels += [each for each in entries if each.type == _LABELLED]
    one.once |= {text(e.body, "person") for e in entries if e.type == "holder.resolved"}
    sightings = [each for each in entries if each.type in SIGHTINGS]
    for each in sightings:
        _hold(one, owner_of(ledger, each, tenures, entries))
        one.once |= once_named(ledger, each, tenures)
    if not sightings:
        raise UnknownSegmentError("segment_unknown", segment=segment)
    return one


def _hold(one: _One, holder: Holder) -> None:
    if holder.person is None:
        one.unresolved = True  # a finding, until a person says who it was: never a guess
    else:
        one.holders.add(holder.person)
    one.owners.add(holder.unit or ORGANISATION)


def _current(labels: Sequence[Entry]) -> list[Entry]:
    """Return the labels that no later one corrects."""
    corrected = {label.body.get("corrects") for label in labels}
    return [label for label in labels if label.seq not in corrected]


def _officers(labels: Iterable[Entry]) -> set[str]:
    return {each for label in labels for each in _of(label, "p:")}


def _of(entry: Entry, kind: str) -> list[str]:
    return [each for each in entry.about if each.startswith(kind)]


def _is_secret(labels: Sequence[Entry]) -> bool:
    return any(label.body.get("sensitivity") == "state_secret" for label in _current(labels))


def _in_all(sets: Sequence[set[str]]) -> frozenset[str]:
    return frozenset(set.intersection(*sets)) if sets else frozenset()


def span_json(spans: Iterable[Span]) -> list[Mapping[str, str | int | None]]:
    """Return spans as bodies of entries carry them (docs/formats.md)."""
    return [{"segment": s.segment, "first": s.first, "last": s.last} for s in spans]

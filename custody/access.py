"""Bytes leave here and nowhere else (invariant 3): under a live grant, verified, written down.

1. Whoever reads is the holder of a live grant, and no row of the table is in the way.
2. Each span lies in the grant; the roll of its slices is the one that the ledger sealed.
3. The count on disk has begun, then copy.opened is durable, by compare-and-swap on the grant: two
   readers of one grant are two uses.  Not one byte before.
4. At most once a second the ledger is asked again: withdrawn, suspended, expired ends it.
5. A slice is read, compared with its sealed record, counted, and only then given on.
6. copy.closed says what left; where it cannot be written, the next start does (``recover``).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from types import TracebackType
from typing import Self

from custody.closing import Closing, How, forget, write_closed
from custody.desk import Desk
from custody.facts import over_grant, standing_of
from custody.footage import footage_of, span_json
from custody.grants import DEAD, load_grant
from custody.holdings import Roll
from custody.parts import Part, all_within, plan_part, roll_of
from custody.permission import Situation, refusals
from custody.refused import refuse_on_record
from custody.watch import Watch
from evidence.asking import Grant, Opened, Span
from evidence.canonical import decode
from evidence.entry import Draft
from evidence.errors import (
    ConflictError,
    CustodyError,
    DigestMismatchError,
    EvidenceError,
    IntegrityError,
    RefusedError,
)
from evidence.json import JsonObject
from evidence.media import Cut
from evidence.people import Actor
from evidence.ports import Count, Ledger, Objects

OPEN_LIMIT = 20  # attempts: each lost to another use of the same grant


@dataclass(frozen=True, slots=True)
class Piece:
    """One slice that may leave.  ``record``: its sealed line; ``data``: 1 byte to 4 MiB."""

    span: int  # number of the span in copy.opened
    segment: str
    slice: int
    offset: int  # in the segment
    record: bytes
    data: bytes


class Access:
    """The only way from an object of the vault to whoever may have it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def claim(self, grant: str, actor: Actor) -> Grant:
        """Return a grant that is live now; one that is not is refused on record.

        Raises as ``load_grant``, and as the ledger does.
        """
        try:
            return load_grant(self._desk, grant)
        except RefusedError as refusal:
            told = refusal.facts["rows"]
            rows = [row for row in DEAD if isinstance(told, list) and (row.id, row.article) in told]
            refuse_on_record(self._desk, actor, str(refusal.facts["act"]), rows, (grant,))

    def read(
        self, grant: Grant, actor: Actor, spans: Sequence[Span] | None = None
    ) -> Iterator[Piece]:
        """Yield what a grant lets leave; nothing is opened before the first is asked for.

        Raises as ``open`` and ``Look.__iter__``.  Closing the iterator closes the look.
        """
        with self.open(grant, actor, spans) as look:
            yield from look

    def open(self, grant: Grant, actor: Actor, spans: Sequence[Span] | None = None) -> "Look":
        """Open a look at ``spans``, each within the grant (None: all of it); use as a context.

        Raises ``RefusedError``, ``CustodyError`` (``view_needs_player``),
        ``UsageError`` (``span_outside``), ``IntegrityError`` for a roll that is not the sealed one,
        and as the ledger does: then nothing is served.
        """
        if grant.act == "view":
            raise CustodyError("view_needs_player", grant=grant.id)
        for _ in range(OPEN_LIMIT):
            with suppress(ConflictError):
                return self._open(grant, actor, grant.spans if spans is None else tuple(spans))
            grant = load_grant(self._desk, grant.id)  # somebody else has used it: is it still live?
        raise ConflictError("ledger_moved_on", subject=grant.id)

    def _open(self, grant: Grant, actor: Actor, spans: tuple[Span, ...]) -> "Look":
        desk = self._desk
        watch = self._checked(grant, actor, spans)  # 1
        parts = tuple(self._plan(grant, actor, n, span) for n, span in enumerate(spans))  # 2
        count = desk.meter.begin(grant.id, grant.last)  # 3
        try:
            index = desk.ledger.append([_draft(grant, actor, spans)]).indexes[0]
        except ConflictError:
            forget(count)
            raise
        except BaseException:
            count.drop()  # it may be there: the next start looks
            raise
        opened = Opened(grant, index, desk.clock.now(), spans)
        return Look(opened, parts, count, watch)

    def _checked(self, grant: Grant, actor: Actor, spans: tuple[Span, ...]) -> Watch:
        """Refuse on record whoever may not, or return what watches over the rest."""
        desk, act = self._desk, grant.act
        segments = tuple(span.segment for span in spans)
        footage = footage_of(desk.ledger, segments)
        standing = standing_of(desk, actor)
        situation = over_grant(standing, grant, footage, act)
        if grant.until <= desk.clock.now() or not all_within(spans, grant.spans):
            situation = Situation(situation.roles, situation.facts - {"grant"})
        found = refusals(act, situation)
        if found:
            refuse_on_record(desk, actor, act, found, (grant.id, *segments))
        return Watch(standing, grant, footage)

    def _plan(self, grant: Grant, actor: Actor, number: int, span: Span) -> Part:
        try:
            return plan_part(number, span, self._desk.ledger, self._desk.objects)
        except IntegrityError as error:
            raise_alarm(self._desk.ledger, actor, (span.segment, grant.id), error)
            raise


class Look:
    """One use of a grant, open in the ledger: iterate over it once, within ``with``."""

    def __init__(self, opened: Opened, parts: tuple[Part, ...], count: Count, watch: Watch) -> None:
        self.opened = opened
        self.parts = parts
        self.closed: int | None = None  # entry copy.closed
        self._desk, self._actor = watch.standing.desk, watch.standing.actor
        self._count = count
        self._watch = watch
        self._left: dict[int, tuple[int, int]] = {}
        self._open, self._begun, self._stopped = True, False, False

    @property
    def size(self) -> int:
        """Return how many bytes leave if nothing stops them."""
        return sum(part.size for part in self.parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close; an error that is on its way up is never replaced by one of closing."""
        try:
            self.close()
        except EvidenceError:
            if error is None:
                raise

    def __iter__(self) -> Iterator[Piece]:
        """Yield every slice in order, each verified.

        Raises ``RefusedError`` when the grant is no longer live, ``DigestMismatchError`` for bytes
        that are not the sealed ones (they are not given out; an alarm is in the ledger).
        """
        for give in self.ahead():
            yield give()

    def ahead(self) -> Iterator[Callable[[], Piece]]:
        """Yield for every slice what counts it and gives it on; it is verified by then.

        For whoever has the next one verified while this one leaves: what is not given in the end
        has not left.  To be called in order, each once.  Raises as ``__iter__``.
        """
        if self._begun:
            raise CustodyError("look_closed", entry=self.opened.entry)
        self._begun = True
        for part in self.parts:
            with self._alarmed(part):
                roll = roll_of(part, self._desk.objects)
            for number in range(part.first, part.end):
                self.check()
                yield partial(self._give, part, self._verified(part, number, roll))

    def check(self) -> None:
        """Raise ``RefusedError`` when the grant is no longer live; asks at most once a second.

        For whoever hands a piece on slowly: ask between its parts, so that a withdrawal holds
        within two seconds for slow readers too.
        """
        self._alive()
        try:
            self._watch.check()  # 4
        except RefusedError:
            self._stopped = True
            raise

    def close(self) -> None:
        """Write what left; once.  Raises as the ledger does: then the next start writes it."""
        if not self._open:
            return
        self._open = False
        opened = self.opened
        about = _about(opened.grant, opened.spans)
        closing = Closing(opened.grant.id, opened.entry, about, opened.spans, self._left)
        try:
            self.closed = write_closed(  # 6
                self._desk.ledger, self._actor.id, closing, self._how()
            )
        except BaseException:
            self._count.drop()
            raise
        forget(self._count)

    def _how(self) -> How:
        if self._stopped:
            return "withdrawn"
        whole = {part.number: part.end - part.first for part in self.parts if part.end > part.first}
        return "complete" if whole == {n: left[0] for n, left in self._left.items()} else "broken"

    def _verified(self, part: Part, number: int, roll: Roll) -> Piece:
        """Return one slice that gives its sealed digest (5)."""
        cut, line = roll.cuts[number], roll.lines[number]
        with self._alarmed(part):
            data = _read(self._desk.objects, part.holding.sha256, cut, line)
        return Piece(part.number, part.span.segment, number, cut.offset, line, data)

    def _give(self, part: Part, piece: Piece) -> Piece:
        """Return a slice that is counted on disk (5); none once the look is closed."""
        self._alive()
        slices, size = self._left.get(part.number, (0, 0))
        left = slices + 1, size + len(piece.data)
        self._count.leaving(part.number, *left)
        self._left[part.number] = left
        return piece

    def _alive(self) -> None:
        if not self._open:
            raise CustodyError("look_closed", entry=self.opened.entry)

    @contextmanager
    def _alarmed(self, part: Part) -> Iterator[None]:
        """Write an alarm for bytes that are not what was sealed."""
        try:
            yield
        except IntegrityError as error:
            about = part.span.segment, self.opened.grant.id
            raise_alarm(self._desk.ledger, self._actor, about, error)
            raise


def raise_alarm(
    ledger: Ledger, actor: Actor, about: tuple[str, ...], error: IntegrityError
) -> None:
    """Write an alarm; where the ledger takes none, the error itself still goes its way."""
    facts: JsonObject = {name: str(fact) for name, fact in error.facts.items()}
    body: JsonObject = {"alarm": error.word, "facts": facts}
    with suppress(EvidenceError):
        ledger.append([Draft("alarm.raised", actor.id, about, body)])


def _read(objects: Objects, name: str, cut: Cut, line: bytes) -> bytes:
    data = b"".join(objects.read(name, cut.offset, cut.length))
    record = decode(line)
    if not isinstance(record, dict) or sha256(data).hexdigest() != record["sha256"]:
        raise DigestMismatchError("slice_differs", sha256=name, offset=cut.offset)
    return data


def _about(grant: Grant, spans: Sequence[Span]) -> tuple[str, ...]:
    segments = (span.segment for span in spans)
    return tuple(dict.fromkeys((grant.id, grant.request, grant.holder, *segments)))


def _draft(grant: Grant, actor: Actor, spans: Sequence[Span]) -> Draft:
    body: JsonObject = {
        "grant": grant.id,
        "use": grant.used + 1,
        "spans": span_json(spans),
        "where": actor.where,
    }
    about = _about(grant, spans)
    return Draft("copy.opened", actor.id, about, body, expect={grant.id: grant.last})

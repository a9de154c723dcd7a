"""The writing side of a ledger: calls become batches, batches become durable, callers are told.

One thread writes; any thread may ask ``last`` and ``head``.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from evidence.codec import format_time
from evidence.entry import Draft, Receipt
from evidence.errors import (
    EvidenceError,
    FsyncFailedError,
    LedgerUnavailableError,
    MalformedError,
    UsageError,
    VaultError,
)
from evidence.json import JsonObject
from evidence.keeping import KEEPING
from evidence.merkle import Frontier
from evidence.ports import Clock
from vault.batch import BATCH_LIMIT, Batch
from vault.commit import Committer, Prepared
from vault.lock import Head
from vault.moments import accepted_moment, next_moment
from vault.subjects import SubjectIndex

RESERVED_TYPES = ("ledger.started", "clock.accepted")  # the ledger alone writes these
SET_BACK = "clock_set_back"  # the alarm that follows an accepted clock

Outcome = Receipt | EvidenceError
_Added = tuple[int, ...] | EvidenceError


@dataclass(slots=True)
class Position:
    """Where a ledger stands: moved on only when everything up to here is durable."""

    head: Head
    frontier: Frontier
    last_at: datetime | None  # of the last entry


class Appender:
    """Appends to one ledger, until something fails of which the outcome is unknown."""

    def __init__(
        self,
        station: str,
        clock: Clock,
        committer: Committer,
        index: SubjectIndex,
        position: Position,
    ) -> None:
        self.stopped: Exception | None = None  # why nothing more is written until the next start
        self._station, self._clock = station, clock
        self._committer, self._index, self._position = committer, index, position
        self._pending: Batch | None = None  # durable, not yet finished

    @property
    def head(self) -> Head:
        """Return the last checkpoint whose tree is published."""
        return self._position.head

    def last(self, subject: str) -> int | None:
        """Return the index of the last entry about ``subject``, or None."""
        pending = self._pending  # one look: the writing thread may settle it meanwhile
        found = pending.lasts.get(subject) if pending else None
        return self._index.last(subject) if found is None else found

    def subjects(self) -> tuple[int, int]:
        """Return how many entries are in the index, and how many subjects they are about."""
        return self._index.counted()

    def append_many(self, calls: Sequence[Sequence[Draft]]) -> list[Outcome]:
        """Append the calls in as few batches as they fit in; one outcome for each, in order."""
        waiting = deque(calls)
        outcomes: list[Outcome] = []
        while waiting:  # each round takes at least one call
            outcomes += self._append_batch(waiting)
        return outcomes

    def append_own(self, drafts: Sequence[Draft], moment: datetime | None = None) -> Receipt:
        """Append entries of the ledger itself, at ``moment`` or now, or raise."""
        batch = self._new_batch(moment)
        indexes = batch.add(drafts)
        failure = self._commit(batch)
        self.settle()
        if failure is not None:
            raise failure
        return Receipt(indexes, self.head.size)

    def accept_clock(self, actor: str) -> Receipt:
        """Write that a person accepts that our clock went back; the next entries follow it.

        It is about the keeping: what is sealed until the clock has caught up counts from before.
        Nobody can sign in while the ledger takes no entry, so one at the station says it; an alarm
        with it stands until somebody signed in has answered (docs/keeping.md).
        """
        now = accepted_moment(self._position.last_at, self._clock.now())
        before = format_time(self._position.last_at) if self._position.last_at else None
        body: JsonObject = {"before": before, "after": format_time(now)}
        alarm: JsonObject = {"alarm": SET_BACK, "facts": body}
        drafts = [
            Draft("clock.accepted", actor, (KEEPING,), body),
            Draft("alarm.raised", actor, (KEEPING,), alarm),
        ]
        return self.append_own(drafts, now)

    def settle(self) -> None:
        """Finish the last batch and bring it into the index of subjects: the callers are told.

        A failure stops the ledger; the next start gives the batch its names again, and completes
        the index from the entries.
        """
        batch = self._pending
        if batch is None or self.stopped is not None:
            return
        try:
            self._committer.finish()
            with self._committer.steps("ledger.subjects"):
                self._index.apply(batch.end, batch.leaf_hashes[-1], batch.lasts)
        except Exception as error:  # noqa: BLE001 - whatever it was, it is not finished
            self.stopped = error
        else:
            self._pending = None

    def _append_batch(self, waiting: deque[Sequence[Draft]]) -> list[Outcome]:
        """Take calls from the left as long as they fit, and commit them together."""
        try:
            batch = self._new_batch()
            batch.look_up(_of_one_batch(waiting))
        except EvidenceError as error:
            refused = len(waiting)
            waiting.clear()
            return [error] * refused
        added = [_add(batch, waiting.popleft())]  # too long for any batch: refused in there
        while waiting and len(batch.leaves) + len(waiting[0]) <= BATCH_LIMIT:
            added.append(_add(batch, waiting.popleft()))
        failure = self._commit(batch) if batch.leaves else None
        return [_outcome(each, failure, self.head.size) for each in added]

    def _new_batch(self, moment: datetime | None = None) -> Batch:
        self.settle()
        if self.stopped is not None:
            raise LedgerUnavailableError("ledger_stopped") from self.stopped
        at = moment or next_moment(self._position.last_at, self._clock.now())
        kept = self._committer.statements.kept
        return Batch(self._station, self.head.size, at, self._index.lasts, kept)

    def _commit(self, batch: Batch) -> EvidenceError | None:
        """Make a batch durable and move on, or return what its callers are to be told."""
        try:
            prepared = self._committer.prepare(batch, self.head, self._position.frontier)
        except Exception as error:  # noqa: BLE001 - sorted in there
            return self._failed_unsigned(error)
        try:
            self._committer.complete(prepared)
        except Exception as error:  # noqa: BLE001 - whatever it was, the outcome is unknown
            self.stopped = error
            unknown = LedgerUnavailableError("ledger_outcome_unknown")
            unknown.__cause__ = error
            return unknown
        self._move_on(batch, prepared)
        return None

    def _failed_unsigned(self, error: Exception) -> EvidenceError:
        """Nothing is signed: go on when our storage said no, stop when we do not understand."""
        if isinstance(error, VaultError) and not isinstance(error, FsyncFailedError):
            with suppress(VaultError):  # what is left in the staging is swept at the next start
                self._committer.tree.sweep()
            return error
        self.stopped = error
        stopped = LedgerUnavailableError("ledger_stopped")
        stopped.__cause__ = error
        return stopped

    def _move_on(self, batch: Batch, prepared: Prepared) -> None:
        self._pending = batch  # before the size: who sees the new size sees the new indexes
        self._position = Position(prepared.new, prepared.frontier, batch.at)


def _of_one_batch(calls: Iterable[Sequence[Draft]]) -> Iterator[Draft]:
    """Yield the drafts of the first calls, as many as fit together."""
    room = BATCH_LIMIT
    for drafts in calls:
        room -= len(drafts)
        if room < 0:
            return
        yield from drafts


def _add(batch: Batch, drafts: Sequence[Draft]) -> _Added:
    try:
        _check_call(drafts)
        return batch.add(drafts)
    except EvidenceError as error:
        return error


def _check_call(drafts: Sequence[Draft]) -> None:
    if not 0 < len(drafts) <= BATCH_LIMIT:
        raise UsageError("append_length", count=len(drafts), limit=BATCH_LIMIT)
    for draft in drafts:
        if draft.type in RESERVED_TYPES:
            raise UsageError("entry_reserved", type=draft.type)


def _outcome(added: _Added, failure: EvidenceError | None, size: int) -> Outcome:
    if isinstance(added, MalformedError | UsageError):
        return added
    # A conflict with a call of a batch that failed was with nothing: told as the failure.
    if failure is not None:
        return failure
    return added if isinstance(added, EvidenceError) else Receipt(added, size)

"""One thread that writes: callers that wait at the same time share one batch and its syncs."""

import queue
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock, Thread
from time import monotonic

from evidence.entry import Draft, Receipt
from evidence.errors import EvidenceError, LedgerUnavailableError
from vault.ledger import LedgerStore

_GATHERED_CALLS = 256  # at most so many are taken together; each has at least one entry
_GATHERING_S = 0.004  # the longest that a call waits for others to share its syncs


@dataclass(frozen=True, slots=True)
class _Call:
    """One caller's wish: drafts to append, or the actor who accepts the clock."""

    drafts: Sequence[Draft] = ()
    clock_actor: str | None = None
    told: "Future[Receipt]" = field(default_factory=Future)


class Writer:
    """Appends for many threads.  ``on_batch`` runs after each batch is acknowledged."""

    def __init__(self, store: LedgerStore, on_batch: Callable[[], None]) -> None:
        self.failed: Exception | None = None  # a fault of ours, or why the store has stopped
        self._store, self._on_batch = store, on_batch
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._mutex = Lock()
        self._closed = False
        self._answered = 1  # calls of the last batch
        self._thread = Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def append(self, drafts: Sequence[Draft]) -> Receipt:
        """Append one call's drafts and wait.  Raises as ``evidence.ports.Ledger`` says."""
        return self._ask(_Call(drafts))

    def accept_clock(self, actor: str) -> Receipt:
        """See ``LedgerStore.accept_clock``."""
        return self._ask(_Call(clock_actor=actor))

    def close(self) -> None:
        """Write what is waiting, then stop.  Whoever comes later is refused."""
        with self._mutex:
            self._closed = True
            self._calls.put(None)
        self._thread.join()

    def _ask(self, call: _Call) -> Receipt:
        with self._mutex:  # nothing may enter the queue behind its end: nobody would answer
            if self._closed:
                raise LedgerUnavailableError("ledger_stopped")
            self._calls.put(call)
        return call.told.result()

    def _run(self) -> None:
        last: _Call | None = _Call()
        while last is not None:
            *calls, last = self._gather()
            whole = [call for call in (*calls, last) if call is not None]
            self._write(whole)
            self._on_batch()

    def _gather(self) -> list[_Call | None]:
        """Wait for one call, then take what came while the last batch was being written.

        Who has just been answered often asks again at once, and is waited for: else the callers
        split into two halves that wait for each other's syncs.  Who is alone never waits.
        """
        expected = self._answered + self._calls.qsize()
        gathered = [self._calls.get()]
        until = monotonic() + _GATHERING_S
        while gathered[-1] is not None and len(gathered) < _GATHERED_CALLS:
            patience_s = max(0.0, until - monotonic()) if len(gathered) < expected else 0.0
            try:
                gathered.append(self._calls.get(timeout=patience_s))
            except queue.Empty:
                break
        self._answered = len(gathered)
        return gathered

    def _write(self, calls: Sequence[_Call]) -> None:
        try:
            self._append([call for call in calls if call.clock_actor is None])
            for call in calls:
                if call.clock_actor is not None:
                    _tell(call, self._accept_clock(call.clock_actor))
        except Exception as error:  # noqa: BLE001 - nobody may wait for ever for a fault of ours
            self.failed = error
            _refuse(calls)
        self.failed = self.failed or self._store.stopped

    def _append(self, calls: Sequence[_Call]) -> None:
        outcomes = self._store.append_many([call.drafts for call in calls])
        for call, outcome in zip(calls, outcomes, strict=True):
            _tell(call, outcome)
        self._store.settle()

    def _accept_clock(self, actor: str) -> Receipt | EvidenceError:
        try:
            return self._store.accept_clock(actor)
        except EvidenceError as error:
            return error


def _tell(call: _Call, outcome: Receipt | EvidenceError) -> None:
    if isinstance(outcome, EvidenceError):
        call.told.set_exception(outcome)
    else:
        call.told.set_result(outcome)


def _refuse(calls: Sequence[_Call]) -> None:
    for call in calls:
        if not call.told.done():
            _tell(call, LedgerUnavailableError("ledger_outcome_unknown"))

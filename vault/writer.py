"""One thread that writes: callers that wait at the same time share one batch and its syncs."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Condition, Thread

from evidence.entry import Draft, Receipt
from evidence.errors import EvidenceError, LedgerUnavailableError
from vault.ledger import LedgerStore

_GATHERED_CALLS = 256  # at most so many are taken together; each has at least one entry
_GATHERING_S = 0.004  # the longest that a call waits for others to share its syncs

# Hears the outcome in the thread that writes, once: it neither waits nor raises.
Tell = Callable[[Receipt | EvidenceError], None]


@dataclass(slots=True)
class _Call:
    """One caller's wish: drafts to append, or the actor who accepts the clock."""

    tell: Tell
    drafts: Sequence[Draft] = ()
    clock_actor: str | None = None
    told: bool = False


class Writer:
    """Appends for many threads.  ``on_batch`` runs after each batch is acknowledged."""

    def __init__(self, store: LedgerStore, on_batch: Callable[[], None]) -> None:
        self.failed: Exception | None = None  # a fault of ours, or why the store has stopped
        self._store, self._on_batch = store, on_batch
        self._changed = Condition()
        self._calls: list[_Call] = []  # that wait
        self._enough = 1  # so many of them wake the thread that writes
        self._expected = 1  # calls: those of the last batch, and those that waited meanwhile
        self._closed = False
        self._thread = Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def append(self, drafts: Sequence[Draft]) -> Receipt:
        """Append one call's drafts and wait.  Raises as ``evidence.ports.Ledger`` says."""
        return _waited(lambda tell: self.post(drafts, tell))

    def post(self, drafts: Sequence[Draft], tell: Tell) -> None:
        """Append one call's drafts; ``tell`` hears the outcome."""
        self._ask(_Call(tell, drafts))

    def accept_clock(self, actor: str) -> Receipt:
        """See ``LedgerStore.accept_clock``."""
        return _waited(lambda tell: self._ask(_Call(tell, clock_actor=actor)))

    def close(self) -> None:
        """Write what is waiting, then stop.  Whoever comes later is refused."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _ask(self, call: _Call) -> None:
        with self._changed:  # nothing may come in behind the end: nobody would answer
            closed = self._closed
            if not closed:
                self._calls.append(call)
                if len(self._calls) >= self._enough:
                    self._changed.notify()
        if closed:
            call.tell(LedgerUnavailableError("ledger_stopped"))

    def _run(self) -> None:
        while calls := self._gather():
            self._write(calls)
            self._on_batch()

    def _gather(self) -> list[_Call]:
        """Wait for calls and take those that are there; none at the end.

        Who has just been answered often asks again at once, and is waited for: else the callers
        split into two halves that wait for each other's syncs.  Who is alone never waits.
        """
        with self._changed:
            self._enough = 1
            self._changed.wait_for(self._is_enough)
            self._enough = self._expected
            self._changed.wait_for(self._is_enough, _GATHERING_S)
            gathered = self._calls[:_GATHERED_CALLS]
            del self._calls[:_GATHERED_CALLS]
            return gathered

    def _is_enough(self) -> bool:
        return self._closed or len(self._calls) >= self._enough

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
        # Before anybody is told: who asks again at once is not counted twice.
        self._expected = min(len(calls) + len(self._calls), _GATHERED_CALLS)
        for call, outcome in zip(calls, outcomes, strict=True):
            _tell(call, outcome)
        self._store.settle()

    def _accept_clock(self, actor: str) -> Receipt | EvidenceError:
        try:
            return self._store.accept_clock(actor)
        except EvidenceError as error:
            return error


def _waited(ask: Callable[[Tell], None]) -> Receipt:
    told: Future[Receipt | EvidenceError] = Future()
    ask(told.set_result)
    outcome = told.result()
    if isinstance(outcome, EvidenceError):
        raise outcome
    return outcome


def _tell(call: _Call, outcome: Receipt | EvidenceError) -> None:
    call.told = True
    call.tell(outcome)


def _refuse(calls: Sequence[_Call]) -> None:
    for call in calls:
        if not call.told:
            _tell(call, LedgerUnavailableError("ledger_outcome_unknown"))

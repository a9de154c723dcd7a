"""The ledger on disk: the port ``Ledger`` of the one process that writes."""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import lru_cache

from evidence.codec import decode_entry
from evidence.entry import Commitment, Draft, Entry, Receipt, Statement
from evidence.errors import EvidenceError, IntegrityError
from evidence.ports import Clock
from vault.appender import Appender, Outcome, Position
from vault.commit import COMMIT_STEPS, FINISHING_STEPS, Committer
from vault.durable import Steps, unbroken
from vault.founding import (
    FOUNDING_STEPS,
    Founding,
    check_vkey,
    found,
    prepare_private,
    refuse_missing,
)
from vault.keys import FileKeys, load_signer, load_station_secret, pseudonym
from vault.lock import CheckpointLock, WriterLock
from vault.places import LedgerPlaces
from vault.reader import LedgerReader, placed
from vault.recovery import check_head, last_entry, recover
from vault.shredding import Shredder
from vault.staging import TreeWriter
from vault.statements import StatementStore
from vault.subjects import SubjectIndex

# Every durable step of a ledger: of its founding, of every batch, and of what follows it.
LEAVES_KEPT = 512  # most have less than 1 KiB, none has more than 64
STEPS = (*FOUNDING_STEPS, *COMMIT_STEPS, *FINISHING_STEPS, "ledger.subjects")


class LedgerStore:
    """One ledger, open for writing.  One thread writes (``vault/writer.py``); any may read."""

    @staticmethod
    def create(
        places: LedgerPlaces, founding: Founding, clock: Clock, steps: Steps = unbroken
    ) -> "LedgerStore":
        """Found a ledger and write entry 0.  Goes on where an earlier ``create`` was cut.

        Raises ``UsageError`` where a ledger exists, ``LedgerForkError`` where one has lost its
        lock.
        """
        with steps("found.private"):
            prepare_private(places)
        with ExitStack() as stack:
            stack.callback(WriterLock(places.writer).close)
            found(places, founding, steps)
            return LedgerStore(places, founding, clock, steps, stack)

    @staticmethod
    def open(
        places: LedgerPlaces, founding: Founding, clock: Clock, steps: Steps = unbroken
    ) -> "LedgerStore":
        """Open a ledger, finishing what was cut.  Takes the same time whatever its size.

        Raises ``UsageError`` where there is none, ``LedgerUnavailableError`` (``ledger_busy``)
        where another process writes, ``LedgerForkError`` where lock and tree tell two histories.
        """
        refuse_missing(places)
        with ExitStack() as stack:
            stack.callback(WriterLock(places.writer).close)
            return LedgerStore(places, founding, clock, steps, stack)

    def __init__(
        self,
        places: LedgerPlaces,
        founding: Founding,
        clock: Clock,
        steps: Steps,
        stack: ExitStack,
    ) -> None:
        """Open under the writer's lock, which ``stack`` holds; it is taken over on success."""
        signer = load_signer(places.signing_key, founding.origin)
        check_vkey(places, signer)
        self._secret = load_station_secret(places.station_secret)
        self._keys = FileKeys(places.keys)
        stack.callback(self._keys.close)
        self._statements = StatementStore(places.statements, self._keys)
        stack.callback(self._statements.close)
        lock = CheckpointLock(places.lock)
        stack.callback(lock.close)
        tree = TreeWriter(places.ledger, places.staging, steps)
        self.reader = LedgerReader(places.ledger)
        self._leaf = lru_cache(LEAVES_KEPT)(lambda index: self.reader.leaf(index, self.size))
        committer = Committer(self._keys, self._statements, lock, tree, self.reader, signer, steps)
        position = _recovered(committer, founding.origin)
        with steps("ledger.subjects"):
            index = SubjectIndex(places.index)
            stack.callback(index.close)
            index.catch_up(self.reader, position.head.size)
        self._shredder = Shredder(self._keys, self._statements, self.last, self.entry, steps)
        self._appender = Appender(founding.station, clock, committer, index, position)
        if not self.size:
            self._appender.append_own([_first(founding, signer.verifier.text)])
        self._stack = stack.pop_all()

    @property
    def size(self) -> int:
        """Return how many entries are under the published checkpoint."""
        return self._appender.head.size

    @property
    def stopped(self) -> Exception | None:
        """Return why nothing more is written until the next start, or None."""
        return self._appender.stopped

    def checkpoint(self) -> bytes:
        """Return the last signed checkpoint, as published."""
        return self._appender.head.note

    def append(self, drafts: Sequence[Draft]) -> Receipt:
        """See ``evidence.ports.Ledger``: one call in a batch of its own."""
        outcome = self.append_many([drafts])[0]
        self.settle()
        if isinstance(outcome, EvidenceError):
            raise outcome
        return outcome

    def append_many(self, calls: Sequence[Sequence[Draft]]) -> list[Outcome]:
        """Append many callers' lists in as few batches as they fit in; each all or none.

        Returns one outcome for each call, in order.  ``LedgerUnavailableError`` with the word
        ``ledger_outcome_unknown`` says that the entries may be there; every other error, that
        they are not.  Call ``settle`` when the callers have been told.
        """
        return self._appender.append_many(calls)

    def settle(self) -> None:
        """Finish the last batch and bring it into the index of subjects, behind the callers."""
        self._appender.settle()

    def accept_clock(self, actor: str) -> Receipt:
        """Write that a person accepts that our clock went back; the next entries follow it.

        Raises ``UsageError`` when the clock is not behind the last entry by more than 60 s.
        """
        return self._appender.accept_clock(actor)

    def last(self, subject: str) -> int | None:
        """See ``evidence.ports.Ledger``."""
        return self._appender.last(subject)

    def entry(self, index: int) -> Entry:
        """See ``evidence.ports.Ledger``.  Raises ``UsageError`` beyond the end."""
        return placed(index, decode_entry(self.leaf(index)))

    def leaf(self, index: int) -> bytes:
        """Return the bytes of one entry.

        The last few are kept: who destroys a batch asks for the same ones several times, and each
        stands in a bundle of its own.
        """
        return self._leaf(index)

    def statement(self, index: int) -> Statement | None:
        """See ``evidence.ports.Ledger``."""
        commitment = self.entry(index).statement
        return self.paper(commitment) if commitment else None

    def paper(self, commitment: Commitment) -> Statement | None:
        """See ``evidence.ports.Statements.get``."""
        return self._statements.get(commitment)

    def papers_of(
        self, commitments: Sequence[Commitment]
    ) -> list[Statement | IntegrityError | None]:
        """Return what ``paper`` would return or raise for each of at most 1000."""
        return self._statements.get_all(commitments)

    def papers(self, after: int | None) -> list[tuple[int, int, Commitment]]:
        """Return a page of what statements are kept: see ``StatementStore.page``."""
        return self._statements.page(after)

    def shred(self, segments: Sequence[str]) -> None:
        """See ``evidence.disposal.Shredder``."""
        self._shredder.shred(segments)

    def subjects(self) -> tuple[int, int]:
        """Return how many entries the index of subjects holds, and how many subjects."""
        return self._appender.subjects()

    def pseudonym(self, kind: str, text: str) -> str:
        """See ``evidence.ports.Ledger``."""
        return pseudonym(self._secret, kind, text)

    def close(self) -> None:
        """Let go of everything; the next writer may start."""
        self._stack.close()


def _recovered(committer: Committer, origin: str) -> Position:
    """Return where the ledger stands after everything that was cut is finished, or refuse."""
    head, keys = committer.lock.head(), [committer.signer.verifier]
    check_head(head, origin, keys)
    frontier = recover(head, committer.tree, committer.reader, keys)
    last = last_entry(committer.reader, head.size)
    return Position(head, frontier, last.at if last else None)


def _first(founding: Founding, vkey: str) -> Draft:
    body = {"origin": founding.origin, "vkey": vkey, "software": founding.software}
    return Draft("ledger.started", "sys:local", (), body)

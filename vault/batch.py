"""Drafts become entries: indexes, salts, commitments.  No byte reaches the disk here."""

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from evidence.codec import encode_entry, encode_statement, roll_root
from evidence.entry import Commitment, Draft, Entry, Private, Statement
from evidence.errors import ConflictError, LedgerForkError, MalformedError
from evidence.json import JsonObject
from evidence.merkle import leaf_hash
from vault.statements import Unsealed

BATCH_LIMIT = 256  # entries: one signature and one round of syncs for all of them
_SALT_BYTES = 32
_LINE_SALT_BYTES = 16

Last = Callable[[str], int | None]  # the index of the last entry about a subject
Lasts = Callable[[Collection[str]], Mapping[str, int]]  # of those that have one
Kept = Callable[[Collection[str]], Collection[str]]  # which of these statements (SHA-256) are kept


class Batch:
    """The entries of one batch, one caller's list after the other.

    ``lasts`` and ``kept`` answer for the ledger as it was before this batch.
    """

    def __init__(self, station: str, size: int, at: datetime, lasts: Lasts, kept: Kept) -> None:
        self.size = size  # of the ledger before the batch
        self.leaves: list[bytes] = []
        self.leaf_hashes: list[bytes] = []
        self.statements: list[Unsealed] = []
        self.lasts: dict[str, int] = {}  # of the subjects that this batch speaks about
        self.at = at
        self._station, self._lasts, self._kept = station, lasts, kept
        self._salted: set[str] = set()  # statements of this batch that came with their salt
        self._before: dict[str, int | None] = {}  # what the ledger said before the batch

    @property
    def end(self) -> int:
        """Return the size of the ledger after the batch."""
        return self.size + len(self.leaves)

    def add(self, drafts: Sequence[Draft]) -> tuple[int, ...]:
        """Add all drafts of one call and return their indexes, or raise and add none.

        Raises ``ConflictError`` where an ``expect`` does not hold: it speaks of the ledger before
        this call, for a caller cannot know the indexes of its own drafts.  Raises
        ``MalformedError`` for a draft that makes no entry, and for a statement that came with its
        salt and was given before: the others of the batch do not fail with it.
        """
        self.look_up(drafts)
        for draft in drafts:
            self._check_expected(draft)
        call = _Call(self._station, self.end, self.at, self._last_of)
        for draft in drafts:
            call.add(draft)
        self._salted |= self._new(call.salted)
        self.leaves += call.leaves
        self.leaf_hashes += (leaf_hash(leaf) for leaf in call.leaves)
        self.statements += call.statements
        self.lasts |= call.lasts
        return tuple(range(call.first, call.first + len(call.leaves)))

    def look_up(self, drafts: Iterable[Draft]) -> None:
        """Ask for the subjects of ``drafts``: one question for many calls costs less than many.

        Raises ``LedgerForkError`` where the index knows entries that we do not.
        """
        subjects = {subject for draft in drafts for subject in draft.about}
        asked = subjects - self._before.keys()
        found = self._lasts(asked) if asked else {}
        ahead = max(found.values(), default=-1)
        if ahead >= self.size:
            # Somebody else has written: the compare-and-swap would refuse this batch anyhow.
            raise LedgerForkError("ledger_index_ahead", last=ahead, size=self.size)
        self._before |= {subject: found.get(subject) for subject in asked}

    def _check_expected(self, draft: Draft) -> None:
        for subject, expected in draft.expect.items():
            if subject not in draft.about:
                raise MalformedError("draft_malformed", field="expect")
            last = self._last_of(subject)
            if last != expected:
                raise ConflictError("ledger_moved_on", subject=subject, last=last, seen=expected)

    def _new(self, salted: Sequence[str]) -> set[str]:
        """Return statements whose writer chose the salt; a salt of ours never comes twice."""
        digests = set(salted)
        if len(digests) < len(salted) or digests & self._salted or self._kept(digests):
            raise MalformedError("statement_repeated")
        return digests

    def _last_of(self, subject: str) -> int | None:
        found = self.lasts.get(subject)
        return self._before[subject] if found is None else found


class _Call:
    """The entries of one call, apart from the batch until the last of them is well-formed."""

    def __init__(self, station: str, first: int, at: datetime, last: Last) -> None:
        self.first = first
        self.leaves: list[bytes] = []
        self.statements: list[Unsealed] = []
        self.salted: list[str] = []  # of these the ones that came with their salt
        self.lasts: dict[str, int] = {}
        self._station, self._at, self._last = station, at, last

    def add(self, draft: Draft) -> None:
        _check(draft)
        seq = self.first + len(self.leaves)
        commitment, body = self._commit(seq, draft)
        entry = Entry(
            type=draft.type,
            station=self._station,
            seq=seq,
            at=self._at,
            actor=draft.actor,
            about={subject: self._last_of(subject) for subject in draft.about},
            statement=commitment,
            body=body,
        )
        self.leaves.append(encode_entry(entry))
        self.lasts |= dict.fromkeys(draft.about, seq)

    def _commit(self, seq: int, draft: Draft) -> tuple[Commitment | None, JsonObject]:
        if draft.private is None:
            return None, draft.body
        statement = _salted(draft.private)
        plain = encode_statement(statement)
        commitment = Commitment(statement.of, sha256(plain).hexdigest())
        self.statements.append(Unsealed(seq, commitment, plain))
        if draft.private.salt is not None:
            self.salted.append(commitment.sha256)
        return commitment, {**draft.body, **_roll(statement)}

    def _last_of(self, subject: str) -> int | None:
        found = self.lasts.get(subject)
        return self._last(subject) if found is None else found


def _check(draft: Draft) -> None:
    """Refuse what the codec cannot see: it never meets the draft."""
    if len(set(draft.about)) != len(draft.about):
        raise MalformedError("draft_malformed", field="about")
    if draft.private is None:
        return
    if draft.private.of not in draft.about:
        raise MalformedError("draft_malformed", field="private")
    if draft.private.lines and "roll" in draft.body:
        raise MalformedError("draft_malformed", field="roll")


def _salted(private: Private) -> Statement:
    """Salt the statement and each of its lines: a line can be shown without the others."""
    lines = tuple({**line, "salt": secrets.token_hex(_LINE_SALT_BYTES)} for line in private.lines)
    salt = private.salt or secrets.token_hex(_SALT_BYTES)
    return Statement(private.of, salt, private.facts, lines)


def _roll(statement: Statement) -> Mapping[str, JsonObject]:
    if not statement.lines:
        return {}
    count, root = len(statement.lines), roll_root(statement.lines)
    return {"roll": {"count": count, "root": root}}

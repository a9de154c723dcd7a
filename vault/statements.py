"""The private facts behind entries, each encrypted under the key of the subject they are about.

AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D 8.2.2; far below 2**32 statements for one
key).  The associated data binds a statement to its subject and to its commitment, so that two
rows cannot change places.  A statement whose batch was never signed stays: no row is ever removed,
and its ``seq`` tells the audit where it belonged.  Of what is disposed of, the ciphertext goes: a
segment that is docked again has another key, under which the old words could only look damaged.
"""

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evidence.codec import decode_statement, read_statement
from evidence.entry import Commitment, Statement
from evidence.errors import IntegrityError
from evidence.ports import Keys
from vault.database import (
    create_database,
    mapped_database,
    open_database,
    transaction,
    truncate_log,
)
from vault.keys import check_private

NONCE_BYTES = 12
_PURPOSE = b"dockseal statement v1"
_PAGE_ROWS = 1000
_LEAST_ID = -(2**63)  # not 0: whoever changes a row may give it an id below
_SELECT_PAGE = """
    SELECT id, CAST(seq AS INTEGER), hex(of), hex(sha256) FROM statements
    WHERE id>? ORDER BY id LIMIT ?
"""
# Cast: whoever changes a row may leave a text, which would not even be read.
_SELECT_ROWS = """
    SELECT sha256, CAST(nonce AS BLOB), CAST(sealed AS BLOB) FROM statements WHERE sha256 IN
"""
_SELECT_KEPT = "SELECT sha256 FROM statements WHERE sha256 IN"
_SCHEMA = """
    CREATE TABLE IF NOT EXISTS statements (
        id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, of TEXT NOT NULL,
        seq INTEGER NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT NULL
    )
"""

_EMPTY = "UPDATE statements SET nonce=x'', sealed=x'' WHERE sha256=?"

_Row = tuple[bytes, bytes]  # nonce, sealed
_DESTROYED: _Row = (b"", b"")  # whether it was lawful, the audit asks the ledger
_Parse = Callable[[bytes], Statement]


@dataclass(frozen=True, slots=True)
class Unsealed:
    """A statement on its way to the store: the entry it is for, its commitment, its plain bytes."""

    seq: int
    commitment: Commitment
    plain: bytes


class StatementStore:
    """Encrypted statements in one SQLite file."""

    @staticmethod
    def create(path: Path) -> None:
        """Make the file, or leave the one that is there."""
        create_database(path, _SCHEMA)

    def __init__(self, path: Path, keys: Keys) -> None:
        self.path = path
        check_private(path)
        self._keys = keys
        self._mutex = Lock()
        self._connection = open_database(path, secure_delete=True)

    def put(self, batch: Sequence[Unsealed], keys: Mapping[str, bytes]) -> None:
        """Encrypt and write a batch in one transaction; durable on return."""
        insert = "INSERT INTO statements (sha256, of, seq, nonce, sealed) VALUES (?, ?, ?, ?, ?)"
        rows = (_sealed(each, keys[each.commitment.of]) for each in batch)
        with self._mutex, transaction(self._connection, self.path) as connection:
            connection.executemany(insert, rows)

    def kept(self, digests: Collection[str]) -> set[str]:
        """Return which of at most 256 statements (SHA-256, hex) are kept, under whatever key."""
        if not digests:
            return set()
        asked = [bytes.fromhex(digest) for digest in digests]
        select = f"{_SELECT_KEPT} ({', '.join('?' * len(asked))})"
        with self._mutex, mapped_database(self.path):
            rows = self._connection.execute(select, asked).fetchall()
        return {bytes(digest).hex() for (digest,) in rows}

    def get(self, commitment: Commitment) -> Statement | None:
        """Return the statement, or None when it or its key is destroyed.

        Raises ``IntegrityError`` when it is missing although its key is there, when it does not
        decrypt, and when its plain bytes are not those that the entry commits to.
        """
        found = self._open_all([commitment], decode_statement)[0]
        if isinstance(found, IntegrityError):
            raise found
        return found

    def get_all(self, commitments: Sequence[Commitment]) -> list[Statement | IntegrityError | None]:
        """Return what ``get`` would return or raise for each of at most 1000, in their order.

        For showing only: the form of the plain bytes is not asked again, see ``read_statement``.
        """
        return self._open_all(commitments, read_statement)

    def _open_all(
        self, commitments: Sequence[Commitment], parse: _Parse
    ) -> list[Statement | IntegrityError | None]:
        digests = [bytes.fromhex(each.sha256) for each in commitments]
        select = f"{_SELECT_ROWS} ({', '.join('?' * len(digests))})"
        with self._mutex, mapped_database(self.path):
            rows = self._connection.execute(select, digests).fetchall()
        sealed = {bytes(digest): (nonce, content) for digest, nonce, content in rows}
        # One question for all of them, too: asked one by one, it was a tenth of a rebuild.
        keys = self._keys.keys({each.of for each in commitments})
        return [
            _statement(each, keys.get(each.of), sealed.get(digest), parse)
            for each, digest in zip(commitments, digests, strict=True)
        ]

    def empty(self, digests: Sequence[str]) -> None:
        """Destroy the ciphertexts of these commitments (SHA-256 in hex); durable on return."""
        rows = [(bytes.fromhex(each),) for each in digests]
        with self._mutex:
            with transaction(self._connection, self.path) as connection:
                connection.executemany(_EMPTY, rows)
            truncate_log(self._connection, self.path)

    def commitments(self) -> Iterator[tuple[int, Commitment]]:
        """Yield (intended index, commitment) of every statement, in the order of writing."""
        last: int | None = None
        while page := self.page(last):  # ends with the first page that is empty; ids only grow
            yield from ((seq, commitment) for _, seq, commitment in page)
            last = page[-1][0]

    def page(self, after: int | None) -> list[tuple[int, int, Commitment]]:
        """Return (id, intended index, commitment) of the next statements behind the id ``after``.

        At most 1000, none at the end.  Nothing about them is believed: who changes a row may
        leave any type in it.
        """
        begin = _LEAST_ID if after is None else after
        with self._mutex, mapped_database(self.path):
            rows = self._connection.execute(_SELECT_PAGE, (begin, _PAGE_ROWS)).fetchall()
        return [
            (number, seq, Commitment(bytes.fromhex(of).decode(errors="replace"), digest.lower()))
            for number, seq, of, digest in rows
        ]

    def close(self) -> None:
        """Let go of the file."""
        with self._mutex:
            self._connection.close()


def _sealed(unsealed: Unsealed, key: bytes) -> tuple[bytes, str, int, bytes, bytes]:
    commitment = unsealed.commitment
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, unsealed.plain, _binding(commitment))
    return bytes.fromhex(commitment.sha256), commitment.of, unsealed.seq, nonce, sealed


def _statement(
    commitment: Commitment, key: bytes | None, row: _Row | None, parse: _Parse
) -> Statement | IntegrityError | None:
    if key is None:
        return None
    if row is None:
        return IntegrityError("statement_missing", sha256=commitment.sha256)
    if row == _DESTROYED:
        return None
    try:
        return parse(_opened(commitment, key, *row))
    except IntegrityError as error:
        return error


def _opened(commitment: Commitment, key: bytes, nonce: bytes, sealed: bytes) -> bytes:
    try:
        plain = AESGCM(key).decrypt(nonce, sealed, _binding(commitment))
    except (InvalidTag, ValueError) as error:
        raise IntegrityError("statement_damaged", sha256=commitment.sha256) from error
    if sha256(plain).hexdigest() != commitment.sha256:
        raise IntegrityError("statement_damaged", sha256=commitment.sha256)
    return plain


def _binding(commitment: Commitment) -> bytes:
    # No part can contain a NUL: the parts cannot be shifted against each other.
    return b"\0".join((_PURPOSE, commitment.of.encode(), commitment.sha256.encode()))

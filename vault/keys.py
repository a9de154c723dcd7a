"""The secrets of a ledger: its signing key, the station's secret, one key for each subject.

They lie in ``private/`` (mode 0700, files 0600), which only the ledger process opens.  A secret
that others can read is refused, not mended: nobody knows who has read it.
"""

import base64
import hmac
import json
import re
import secrets
import stat
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from threading import Lock

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.errors import MalformedError, UsageError, VaultUnavailableError
from evidence.note import Signer, strict_base64
from vault.database import (
    create_database,
    mapped_database,
    open_database,
    transaction,
    truncate_log,
)
from vault.durable import mapped, place_new, read_limited, sync_directory

KEY_BYTES = 32
_FILE_MODE = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LIMIT_BYTES = 256  # of a secret's file
_KIND = re.compile(r"[a-z]")
_SELECT = """
    SELECT subject, CAST(keys.key AS BLOB) FROM json_each(?) JOIN keys ON subject=value
"""
_SCHEMA = "CREATE TABLE IF NOT EXISTS keys (subject TEXT PRIMARY KEY, key BLOB NOT NULL)"


class FileKeys:
    """The port ``Keys`` over one SQLite file.

    ``secure_delete`` is on from the first day, so that a key which is destroyed one day leaves no
    copy in a free page.
    """

    @staticmethod
    def create(path: Path) -> None:
        """Make the file, or leave the one that is there."""
        create_database(path, _SCHEMA)

    def __init__(self, path: Path) -> None:
        self.path = path
        check_private(path)
        self._mutex = Lock()
        self._connection = open_database(path, secure_delete=True)

    def key(self, subject: str) -> bytes | None:
        """Return the 32-byte key of ``subject``, or None when there is none (any more)."""
        return self.keys([subject]).get(subject)

    def keys(self, subjects: Collection[str]) -> Mapping[str, bytes]:
        """Return the keys of those subjects that have one."""
        with self._mutex, mapped_database(self.path):
            return self._find(subjects)

    def make(self, subjects: Sequence[str]) -> Mapping[str, bytes]:
        """Return the keys of ``subjects``, making those that are missing; durable on return."""
        with self._mutex, mapped_database(self.path):
            found = self._find(subjects)
            missing = dict.fromkeys(subjects).keys() - found.keys()
            made = {subject: secrets.token_bytes(KEY_BYTES) for subject in missing}
            if made:
                with transaction(self._connection, self.path) as connection:
                    connection.executemany("INSERT INTO keys VALUES (?, ?)", made.items())
        return found | made

    def destroy(self, subjects: Sequence[str]) -> None:
        """Destroy the keys of ``subjects``, also in the write-ahead log; durable on return."""
        rows = [(each,) for each in subjects]
        with self._mutex:
            with transaction(self._connection, self.path) as connection:
                connection.executemany("DELETE FROM keys WHERE subject=?", rows)
            truncate_log(self._connection, self.path)

    def close(self) -> None:
        """Let go of the file."""
        with self._mutex:
            self._connection.close()

    def _find(self, subjects: Collection[str]) -> dict[str, bytes]:
        rows = self._connection.execute(_SELECT, (json.dumps([*subjects]),)).fetchall()
        return {subject: self._checked(key) for subject, key in rows}

    def _checked(self, key: bytes) -> bytes:
        if len(key) != KEY_BYTES:
            raise VaultUnavailableError("secret_damaged", path=str(self.path))
        return key


def make_signing_key(path: Path) -> None:
    """Write a new Ed25519 seed, durably.  Raises ``UsageError`` where there is a key already."""
    if path.exists():
        raise UsageError("signing_key_exists", path=str(path))
    seed = Ed25519PrivateKey.generate().private_bytes_raw()
    _write_secret(path, base64.b64encode(seed) + b"\n")


def load_signer(path: Path, origin: str) -> Signer:
    """Return the signer of ``origin`` from the base64 seed at ``path``."""
    return Signer(origin, load_private_key(path))


def load_private_key(path: Path) -> Ed25519PrivateKey:
    """Return the key whose base64 seed lies at ``path``."""
    try:
        seed = strict_base64(_read_secret(path).decode().removesuffix("\n"))
        return Ed25519PrivateKey.from_private_bytes(seed)
    except (MalformedError, ValueError) as error:
        raise VaultUnavailableError("secret_damaged", path=str(path)) from error


def make_station_secret(path: Path) -> None:
    """Write a new station secret, durably; one that is there stays, for ids hang on it."""
    if not path.exists():
        _write_secret(path, secrets.token_bytes(KEY_BYTES))


def load_station_secret(path: Path) -> bytes:
    """Return the 32 bytes under which serials become recorder ids."""
    secret = _read_secret(path)
    if len(secret) != KEY_BYTES:
        raise VaultUnavailableError("secret_damaged", path=str(path))
    return secret


def pseudonym(secret: bytes, kind: str, text: str) -> str:
    """Return ``<kind>:`` + HMAC-SHA256 of ``text`` (UTF-8) under the station secret, in hex."""
    if not _KIND.fullmatch(kind):
        raise MalformedError("id_malformed", id=kind)
    return f"{kind}:{hmac.digest(secret, text.encode(), 'sha256').hex()}"


def check_private(path: Path) -> None:
    """Refuse a secret that is missing, or that others than its owner may open."""
    with mapped(path):
        if not path.exists():
            raise VaultUnavailableError("secret_missing", path=str(path))
        if path.stat().st_mode & _OTHERS:
            raise VaultUnavailableError("secret_exposed", path=str(path))


def _read_secret(path: Path) -> bytes:
    check_private(path)
    secret = read_limited(path, _LIMIT_BYTES)
    if secret is None:
        raise VaultUnavailableError("secret_missing", path=str(path))
    return secret


def _write_secret(path: Path, data: bytes) -> None:
    place_new(path, data, mode=_FILE_MODE)
    sync_directory(path.parent)

"""The port ``Accounts``, its other half: sign-ins that failed, and requests that come twice."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from evidence.accounts import ANSWER_LIMIT_BYTES, Failure, Tally
from evidence.codec import format_time, parse_time
from evidence.errors import ConflictError, UsageError
from vault.accountfile import AccountFile, heard

TALLIES_LIMIT = 10_000  # rows of one look at what is untold

_ADD = """
    INSERT INTO failures
        (account, address, because, minute, person, counted, count, told, last)
    VALUES (?, ?, ?, ?, ?, ?, 1, 0, ?)
    ON CONFLICT DO UPDATE
        SET count = count + 1, counted = counted + excluded.counted, last = excluded.last
"""


class FileFailures:
    """Implements ``evidence.accounts.Failures``: one row for each account, place and minute."""

    def __init__(self, file: AccountFile) -> None:
        self._file = file

    def add(self, failure: Failure) -> None:
        """See ``evidence.accounts.Failures``."""
        self._file.write(
            _ADD,
            _digest(failure.account),
            failure.address,
            failure.because,
            _minute(failure.at),
            failure.person,
            failure.counts,
            format_time(failure.at),
        )

    def count(
        self, account: str, address: str | None, since: datetime
    ) -> tuple[int, datetime | None]:
        """See ``evidence.accounts.Failures``."""
        ((count, last),) = self._file.rows(
            "SELECT coalesce(sum(counted), 0), max(last) FROM failures"
            " WHERE account = ? AND address = coalesce(?, address) AND counted AND minute >= ?",
            _digest(account),
            address,
            _minute(since),
        )
        return int(count), heard(last)

    def succeed(self, account: str, address: str, at: datetime) -> None:
        """See ``evidence.accounts.Failures``."""
        place = (_digest(account), address)
        with self._file.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO places VALUES (?, ?, ?)", (*place, format_time(at))
            )
            connection.execute(
                "UPDATE failures SET counted = 0 WHERE account = ? AND address = ?", place
            )

    def known(self, account: str, address: str, since: datetime) -> bool:
        """See ``evidence.accounts.Failures``."""
        return bool(
            self._file.rows(
                "SELECT 1 FROM places WHERE account = ? AND address = ? AND at >= ?",
                _digest(account),
                address,
                format_time(since),
            )
        )

    def unreported(self, before: datetime) -> Sequence[Tally]:
        """See ``evidence.accounts.Failures``."""
        found = self._file.rows(
            "SELECT id, person, address, because, minute, count - told FROM failures"
            " WHERE minute < ? AND told < count ORDER BY id LIMIT ?",
            _minute(before),
            TALLIES_LIMIT,
        )
        return [
            Tally(row, person, address, because, parse_time(minute), count)
            for row, person, address, because, minute, count in found
        ]

    def report(self, tallies: Sequence[Tally]) -> None:
        """See ``evidence.accounts.Failures``."""
        with self._file.writing() as connection:
            connection.executemany(
                "UPDATE failures SET told = told + ? WHERE id = ?",
                [(each.count, each.row) for each in tallies],
            )


class FileAnswers:
    """Implements ``evidence.accounts.Answers``."""

    def __init__(self, file: AccountFile) -> None:
        self._file = file

    def claim(self, person: str, key: str, fingerprint: str, now: datetime) -> bytes | None:
        """See ``evidence.accounts.Answers``."""
        with self._file.writing() as connection:
            row = connection.execute(
                "SELECT fingerprint, CAST(content AS BLOB) FROM answers"
                " WHERE person = ? AND key = ?",
                (person, key),
            ).fetchone()
            if row is None:
                made = (person, key, fingerprint, format_time(now))
                connection.execute("INSERT INTO answers VALUES (?, ?, ?, ?, NULL)", made)
                return None
        if row[0] != fingerprint:
            raise ConflictError("idempotency_other")
        if row[1] is None:
            raise ConflictError("idempotency_busy")
        return bytes(row[1])

    def give(self, person: str, key: str, content: bytes) -> None:
        """See ``evidence.accounts.Answers``."""
        if len(content) > ANSWER_LIMIT_BYTES:
            raise UsageError("answer_too_long", limit=ANSWER_LIMIT_BYTES)
        update = "UPDATE answers SET content = ? WHERE person = ? AND key = ?"
        self._file.write(update, content, person, key)

    def release(self, person: str, key: str) -> None:
        """See ``evidence.accounts.Answers``."""
        delete = "DELETE FROM answers WHERE person = ? AND key = ? AND content IS NULL"
        self._file.write(delete, person, key)


def _digest(account: str) -> str:
    """Return how an account name is compared here: who mistypes types a password into it."""
    return sha256(account.encode("utf-8", "surrogatepass")).hexdigest()


def _minute(at: datetime) -> str:
    return format_time(at.replace(second=0, microsecond=0))

"""The port ``Accounts`` over one SQLite file: passwords, sessions and tickets."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from evidence.accounts import CONTENT_LIMIT_BYTES, TICKETS_LIMIT, Session, Ticket, TicketKind
from evidence.codec import format_time, parse_time
from evidence.errors import ConflictError, NotSignedInError, UsageError
from vault.accountfile import AccountFile, heard, told
from vault.attempts import FileAnswers, FileFailures
from vault.passwords import Cost, Hasher

_KEPT_PLACES = timedelta(days=30)
_KEPT_FAILURES = timedelta(hours=2)  # the lock looks back one
_KEPT_ANSWERS = timedelta(hours=24)

_SESSION = "token, name, person, proof, place, opened_at, seen_at, proved_at, ended"
_INSERT_SESSION = (
    "INSERT INTO sessions (token, name, person, proof, place, opened_at, seen_at, proved_at, ended)"
    " VALUES (?,?,?,?,?,?,?,?,?)"
)


class FileAccounts:
    """Implements ``evidence.accounts.Accounts``."""

    @staticmethod
    def create(path: Path) -> None:
        """Make the file, or leave the one that is there."""
        AccountFile.create(path)

    def __init__(self, path: Path, cost: Cost | None = None) -> None:
        """Open the file; ``cost`` is for tests, who sign in a thousand times."""
        self._file = AccountFile(path)
        self.passwords = FilePasswords(self._file, Hasher(cost))
        self.sessions = FileSessions(self._file)
        self.tickets = FileTickets(self._file)
        self.failures = FileFailures(self._file)
        self.answers = FileAnswers(self._file)

    def sweep(self, now: datetime) -> None:
        """See ``evidence.accounts.Accounts``."""
        over = [format_time(now - kept) for kept in (_KEPT_FAILURES, _KEPT_PLACES, _KEPT_ANSWERS)]
        with self._file.writing() as connection:
            connection.execute("DELETE FROM tickets WHERE until <= ?", (format_time(now),))
            connection.execute("DELETE FROM failures WHERE minute < ? AND told = count", over[:1])
            connection.execute("DELETE FROM places WHERE at < ?", over[1:2])
            connection.execute("DELETE FROM answers WHERE at < ?", over[2:])

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class FilePasswords:
    """Implements ``evidence.accounts.Passwords``."""

    def __init__(self, file: AccountFile, hasher: Hasher) -> None:
        self._file = file
        self._hasher = hasher

    def set(self, person: str, account: str, password: str) -> None:
        """See ``evidence.accounts.Passwords``."""
        encoded = self._hasher.hash(password)  # slow: before the file is locked
        with self._file.writing() as connection:
            owner = connection.execute(
                "SELECT person FROM passwords WHERE account = ?", (account,)
            ).fetchone()
            if owner and owner[0] != person:
                raise ConflictError("account_taken")
            connection.execute(
                "INSERT OR REPLACE INTO passwords VALUES (?, ?, ?)", (person, account, encoded)
            )

    def check(self, account: str, password: str) -> str:
        """See ``evidence.accounts.Passwords``."""
        found = self._file.rows("SELECT person, hash FROM passwords WHERE account = ?", account)
        person, encoded = found[0] if found else ("", None)
        self._hasher.check(encoded, password)
        return str(person)

    def account(self, person: str) -> str | None:
        """See ``evidence.accounts.Passwords``."""
        found = self._file.rows("SELECT account FROM passwords WHERE person = ?", person)
        return str(found[0][0]) if found else None

    def person(self, account: str) -> str | None:
        """See ``evidence.accounts.Passwords``."""
        found = self._file.rows("SELECT person FROM passwords WHERE account = ?", account)
        return str(found[0][0]) if found else None


class FileSessions:
    """Implements ``evidence.accounts.Sessions``."""

    def __init__(self, file: AccountFile) -> None:
        self._file = file

    def open(self, session: Session) -> None:
        """See ``evidence.accounts.Sessions``."""
        self._file.write(_INSERT_SESSION, *_row(session))

    def find(self, token: str) -> Session | None:
        """See ``evidence.accounts.Sessions``."""
        found = self._select("token = ? AND ended IS NULL", token)
        return found[0] if found else None

    def renew(self, token: str, session: Session) -> None:
        """See ``evidence.accounts.Sessions``."""
        with self._file.writing() as connection:
            gone = connection.execute(
                "DELETE FROM sessions WHERE token = ? AND ended IS NULL", (token,)
            )
            if not gone.rowcount:
                raise NotSignedInError("not_signed_in")
            connection.execute(_INSERT_SESSION, _row(session))

    def seen(self, token: str, at: datetime) -> None:
        """See ``evidence.accounts.Sessions``."""
        self._file.write(
            "UPDATE sessions SET seen_at = ? WHERE token = ? AND ended IS NULL",
            format_time(at),
            token,
        )

    def of(self, person: str | None = None) -> Sequence[Session]:
        """See ``evidence.accounts.Sessions``."""
        return self._select("ended IS NULL AND person = coalesce(?, person)", person)

    def end(self, token: str, because: str) -> bool:
        """See ``evidence.accounts.Sessions``."""
        update = "UPDATE sessions SET ended = ? WHERE token = ? AND ended IS NULL"
        return self._file.write(update, because, token) > 0

    def unwritten(self) -> Sequence[Session]:
        """See ``evidence.accounts.Sessions``."""
        return self._select("ended IS NOT NULL")

    def forget(self, token: str) -> None:
        """See ``evidence.accounts.Sessions``."""
        self._file.write("DELETE FROM sessions WHERE token = ? AND ended IS NOT NULL", token)

    def _select(self, where: str, *values: object) -> list[Session]:
        # ``where`` is one of the texts above, never what somebody typed.
        select = f"SELECT {_SESSION} FROM sessions WHERE {where} ORDER BY opened_at, id"  # noqa: S608
        return [_session(row) for row in self._file.rows(select, *values)]


class FileTickets:
    """Implements ``evidence.accounts.Tickets``."""

    def __init__(self, file: AccountFile) -> None:
        self._file = file

    def put(self, ticket: Ticket) -> None:
        """See ``evidence.accounts.Tickets``."""
        if len(ticket.content) > CONTENT_LIMIT_BYTES:
            raise UsageError("ticket_too_long", limit=CONTENT_LIMIT_BYTES)
        with self._file.writing() as connection:
            connection.execute(
                "INSERT INTO tickets (kind, digest, person, until, content) VALUES (?,?,?,?,?)",
                (ticket.kind, ticket.digest, ticket.person, told(ticket.until), ticket.content),
            )
            connection.execute(
                "DELETE FROM tickets WHERE id IN (SELECT id FROM tickets"
                " WHERE kind = ? AND person = ? ORDER BY id DESC LIMIT -1 OFFSET ?)",
                (ticket.kind, ticket.person, TICKETS_LIMIT),
            )

    def take(self, kind: TicketKind, digest: str, now: datetime) -> Ticket | None:
        """See ``evidence.accounts.Tickets``."""
        with self._file.writing() as connection:
            row = connection.execute(
                "DELETE FROM tickets WHERE kind = ? AND digest = ?"
                " RETURNING person, until, CAST(content AS BLOB)",
                (kind, digest),
            ).fetchone()
        if row is None or parse_time(row[1]) <= now:
            return None
        return Ticket(kind, digest, row[0], parse_time(row[1]), bytes(row[2]))

    def drop(self, kind: TicketKind, person: str) -> None:
        """See ``evidence.accounts.Tickets``."""
        self._file.write("DELETE FROM tickets WHERE kind = ? AND person = ?", kind, person)


def _row(session: Session) -> tuple[object, ...]:
    return (
        session.token,
        session.name,
        session.person,
        session.by,
        session.where,
        told(session.opened_at),
        told(session.seen_at),
        told(session.proved_at),
        session.ended,
    )


def _session(row: tuple[Any, ...]) -> Session:
    token, name, person, by, where, opened_at, seen_at, proved_at, ended = row
    opened, seen = parse_time(opened_at), parse_time(seen_at)
    return Session(token, name, person, by, where, opened, seen, heard(proved_at), ended)

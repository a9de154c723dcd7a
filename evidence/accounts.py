"""Who may sign in, who is signed in, and what waits for one answer: the port ``Accounts``.

This is the API's own store (``accounts.sqlite``), beside the ledger and never evidence: it holds
what must be forgotten or compared, as digests wherever a digest is enough.  Rules stand in
``custody/``; here only what a store promises.  Everything raises ``VaultUnavailableError``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

By = Literal["password", "key", "code"]
TicketKind = Literal["code", "sign_in", "step_up", "sign"]

CONTENT_LIMIT_BYTES = 64 * 1024  # of a ticket
ANSWER_LIMIT_BYTES = 256 * 1024
TICKETS_LIMIT = 10  # of one kind for one person; more push out the oldest


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody is signed in.  ``token``: SHA-256 (hex) of what only their browser knows.

    ``name`` is what entries call it, and stays when the token is renewed.  ``ended``: why it has
    ended, until its entry is written.
    """

    token: str
    name: str
    person: str
    by: By
    where: str  # cli, http
    opened_at: datetime
    seen_at: datetime
    proved_at: datetime | None
    ended: str | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """Something that one person may do once, soon.  ``digest``: SHA-256 (hex) of its secret."""

    kind: TicketKind
    digest: str
    person: str
    until: datetime
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Failure:
    """A sign-in that did not succeed.  ``person``: whose account it was, where it is one.

    ``counts``: towards the lock; what the lock itself refused does not, else it would never end.
    """

    account: str  # as it is compared; the store keeps its digest: passwords are typed there too
    address: str
    because: str
    at: datetime
    counts: bool
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many failures of one kind there were within one minute, which begins at ``minute``."""

    row: int  # of the store
    person: str | None
    address: str
    because: str
    minute: datetime
    count: int


class Passwords(Protocol):
    """Passwords as argon2id (RFC 9106), at most two computed at a time."""

    def set(self, person: str, account: str, password: str) -> None:
        """Give ``person`` this account name and password; durable on return.

        Raises ``ConflictError`` (``account_taken``) when the name is somebody else's.
        """
        ...

    def check(self, account: str, password: str) -> str:
        """Return whose account and password these are, as slowly for names that nobody has.

        Raises ``NotSignedInError``: ``sign_in_wrong``, or ``sign_in_busy`` when too many wait.
        """
        ...

    def account(self, person: str) -> str | None:
        """Return the account name of ``person``, or None while they have no password."""
        ...

    def person(self, account: str) -> str | None:
        """Return whose account name this is, or None."""
        ...


class Sessions(Protocol):
    """Who is signed in.  A token that is known is worth a password: only digests are kept."""

    def open(self, session: Session) -> None:
        """Keep a new session; durable on return."""
        ...

    def find(self, token: str) -> Session | None:
        """Return the session under this digest, unless it has ended."""
        ...

    def renew(self, token: str, session: Session) -> None:
        """Put ``session`` in the place of the one under ``token``, which is gone.

        Raises ``NotSignedInError`` (``not_signed_in``) when that has ended meanwhile.
        """
        ...

    def seen(self, token: str, at: datetime) -> None:
        """Move ``seen_at`` on; a session that has ended stays ended."""
        ...

    def of(self, person: str | None = None) -> Sequence[Session]:
        """Return the sessions of ``person``, or of everybody, that have not ended; oldest first."""
        ...

    def end(self, token: str, because: str) -> bool:
        """End a session; return whether it was this call that ended it.

        It stays among ``unwritten`` until it is forgotten: a crash cannot hide its end.
        """
        ...

    def unwritten(self) -> Sequence[Session]:
        """Return the sessions that have ended and are not forgotten."""
        ...

    def forget(self, token: str) -> None:
        """Remove a session that has ended: its entry is written."""
        ...


class Tickets(Protocol):
    """Enrolment codes and challenges: each is used once, by one of those who try at once."""

    def put(self, ticket: Ticket) -> None:
        """Keep a ticket; of its kind and person at most ``TICKETS_LIMIT`` stay."""
        ...

    def take(self, kind: TicketKind, digest: str, now: datetime) -> Ticket | None:
        """Return the ticket and forget it; None when there is none, or its time is over."""
        ...

    def drop(self, kind: TicketKind, person: str) -> None:
        """Forget all tickets of this kind for ``person``."""
        ...


class Failures(Protocol):
    """Sign-ins that did not succeed: for the lock, and for the ledger."""

    def add(self, failure: Failure) -> None:
        """Count one failure."""
        ...

    def count(
        self, account: str, address: str | None, since: datetime
    ) -> tuple[int, datetime | None]:
        """Return how many counted since (by whole minutes) and when the last was.

        ``address`` None: from anywhere.
        """
        ...

    def succeed(self, account: str, address: str, at: datetime) -> None:
        """Remember that this account signed in from here; its failures from here count no more."""
        ...

    def known(self, account: str, address: str, since: datetime) -> bool:
        """Return whether this account has signed in from here since then."""
        ...

    def unreported(self, before: datetime) -> Sequence[Tally]:
        """Return what no entry has told yet, of minutes that ended by ``before``; the oldest."""
        ...

    def report(self, tallies: Sequence[Tally]) -> None:
        """Remember that exactly these are told."""
        ...


class Answers(Protocol):
    """What was answered to a request that may be sent again (``Idempotency-Key``)."""

    def claim(self, person: str, key: str, fingerprint: str, now: datetime) -> bytes | None:
        """Return the answer that was given under ``key``; None: it is the caller's to do now.

        Raises ``ConflictError``: ``idempotency_other`` when the key came with another request,
        ``idempotency_busy`` when it is under way, or was cut and nobody knows how far it came.
        """
        ...

    def give(self, person: str, key: str, content: bytes) -> None:
        """Keep the answer to what was claimed."""
        ...

    def release(self, person: str, key: str) -> None:
        """Let go of a claim: nothing was done."""
        ...


class Accounts(Protocol):
    """All of it, in one file."""

    @property
    def passwords(self) -> Passwords:
        """Return the passwords."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Return who is signed in."""
        ...

    @property
    def tickets(self) -> Tickets:
        """Return what may be done once."""
        ...

    @property
    def failures(self) -> Failures:
        """Return what did not succeed."""
        ...

    @property
    def answers(self) -> Answers:
        """Return what was answered."""
        ...

    def sweep(self, now: datetime) -> None:
        """Forget what nobody needs any more: tickets, failures and answers that are over."""
        ...

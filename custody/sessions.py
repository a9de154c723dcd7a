"""Who is signed in, and until when (notes: web 2.4).

A session has a token of its own after every proof; it ends when nobody used it for a while, after
half a day, with its third sister, with its person's suspension or password.  Its opening is in the
ledger before it is worth anything; its end holds at once, also when the ledger cannot write: then
the next sweep writes it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from custody.entrance import Came, Entrance, Present, SignedIn, actor_of, secret_digest
from evidence.accounts import By, Session
from evidence.entry import Draft
from evidence.errors import NotSignedInError, UsageError
from evidence.people import Role

IDLE = timedelta(minutes=30)
IDLE_OF_POWER = timedelta(minutes=15)
POWER: frozenset[Role] = frozenset(("head", "deputy", "auditor", "admin"))
ABSOLUTE = timedelta(hours=12)
SESSIONS_LIMIT = 2  # of one person at a time

_TOKEN_BYTES = 32
_NAME_DIGITS = 16
_SEEN_EVERY = timedelta(seconds=30)  # not with each request: a write is a sync
_KEEPER = "sys:local"  # ends what nobody ends
_OVER = {
    "idle": "session_idle",
    "absolute": "session_absolute",
    "suspended": "session_suspended",
}
_BY_PERSON = frozenset(("signed_out", "password_changed", "replaced"))


def open_session(entrance: Entrance, person: str, by: By, came: Came) -> SignedIn:
    """Sign ``person`` in: they have just proved who they are.  The oldest of three sessions ends.

    For ``custody/sign_in.py`` and ``custody/enrolment.py``; nothing is proved here.
    """
    now = entrance.desk.clock.now()
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    digest = secret_digest(token)
    name = digest[:_NAME_DIGITS]
    session = Session(digest, name, person, by, came.where, now, now, now)
    body = {"session": name, "by": by, "where": came.where, "because": None}
    entrance.desk.ledger.append([Draft("session.opened", person, (person,), body)])
    entrance.accounts.sessions.open(session)
    for each in entrance.accounts.sessions.of(person)[:-SESSIONS_LIMIT]:
        close_session(entrance, each, "replaced")
    return SignedIn(token, session, actor_of(session))


def resume(entrance: Entrance, token: str) -> Present:
    """Return who is signed in with ``token``; the session lives on.

    Raises ``NotSignedInError``: ``not_signed_in``, or ``session_idle``, ``session_absolute``,
    ``session_suspended`` the one time when it ends by this.
    """
    session = entrance.accounts.sessions.find(secret_digest(token))
    if session is None:
        raise NotSignedInError("not_signed_in")
    over = _over(entrance, session)
    if over is not None:
        close_session(entrance, session, over)
        raise NotSignedInError(_OVER[over])
    now = entrance.desk.clock.now()
    if now - session.seen_at >= _SEEN_EVERY:
        entrance.accounts.sessions.seen(session.token, now)
    return Present(session, actor_of(session))


def renew(entrance: Entrance, session: Session, *, proved: bool = True) -> SignedIn:
    """Give the session of somebody who proved again who they are a new token.

    The old one is worth nothing any more.  ``proved`` False: the proof is not the whole one that
    this person must give, so it makes no step-up.  Raises ``NotSignedInError`` when the session
    ended.
    """
    now = entrance.desk.clock.now()
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    at = now if proved else session.proved_at
    fresh = replace(session, token=secret_digest(token), seen_at=now, proved_at=at)
    entrance.accounts.sessions.renew(session.token, fresh)
    return SignedIn(token, fresh, actor_of(fresh))


def sign_out(entrance: Entrance, token: str) -> None:
    """End the session of ``token``; nothing where there is none."""
    session = entrance.accounts.sessions.find(secret_digest(token))
    if session is not None:
        close_session(entrance, session, "signed_out")


def end_session(entrance: Entrance, person: str, name: str) -> None:
    """End one of a person's own sessions, by its name; ``UsageError`` where it is not theirs."""
    found = [each for each in entrance.accounts.sessions.of(person) if each.name == name]
    if not found:
        raise UsageError("session_unknown")
    close_session(entrance, found[0], "signed_out")


def end_all(entrance: Entrance, person: str, because: str, *, but: str | None = None) -> None:
    """End every session of ``person``; ``but``: the name of one that stays.

    ``because``: ``suspended``, ``password_changed``, ``key_revoked``, ``signed_out``.
    """
    for each in entrance.accounts.sessions.of(person):
        if each.name != but:
            close_session(entrance, each, because)


def close_session(entrance: Entrance, session: Session, because: str) -> None:
    """End a session at once, then write down that it ended.

    Two who end it at once write one entry; a crash in between leaves it to ``sweep``.
    """
    if entrance.accounts.sessions.end(session.token, because):
        _write_end(entrance, replace(session, ended=because))


def sweep(entrance: Entrance) -> None:
    """End what is over though nobody asks for it, and write down ends that are not written yet."""
    for session in entrance.accounts.sessions.of():
        over = _over(entrance, session)
        if over is not None:
            close_session(entrance, session, over)
    for session in entrance.accounts.sessions.unwritten():
        _write_end(entrance, session)
    entrance.accounts.sweep(entrance.desk.clock.now())


def sessions_of(entrance: Entrance, person: str) -> Sequence[Session]:
    """Return the sessions of ``person`` that are not over, oldest first: theirs to see."""
    found = entrance.accounts.sessions.of(person)
    return [each for each in found if _over(entrance, each) is None]


def _over(entrance: Entrance, session: Session) -> str | None:
    """Return why a session is over, or None."""
    now = entrance.desk.clock.now()
    if entrance.active(session.person) is None:
        return "suspended"
    if now - session.opened_at >= ABSOLUTE:
        return "absolute"
    held = {each.role for each in entrance.register.roles(session.person, now)}
    idle = IDLE_OF_POWER if held & POWER else IDLE
    return "idle" if now - session.seen_at >= idle else None


def _write_end(entrance: Entrance, session: Session) -> None:
    because = session.ended
    actor = session.person if because in _BY_PERSON else _KEEPER
    body = {
        "session": session.name,
        "by": session.by,
        "where": session.where,
        "because": because,
    }
    entrance.desk.ledger.append([Draft("session.closed", actor, (session.person,), body)])
    entrance.accounts.sessions.forget(session.token)

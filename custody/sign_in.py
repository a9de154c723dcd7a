"""Somebody says who they are and proves it: by password, and by their key where they have one.

What is wrong is never told more exactly than "account and password do not belong together", and a
name that nobody has takes as long as one that somebody has.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta

from custody.entrance import (
    Came,
    Entrance,
    KeyAsked,
    Present,
    SignedIn,
    clean_account,
    plain_password,
    secret_digest,
)
from custody.lockout import check_allowed, note_failure, report_failures
from custody.sessions import open_session, renew, resume
from evidence.accounts import By, Ticket, TicketKind
from evidence.approval import WEBAUTHN, origins_of
from evidence.errors import NotSignedInError, ProofError, UsageError
from evidence.people import Key
from evidence.webauthn import Credential, base64url, unbase64url, verify_assertion

CHALLENGE_TIME = timedelta(minutes=5)
_CHALLENGE_BYTES = 32


def sign_in(entrance: Entrance, account: str, password: str, came: Came) -> SignedIn | KeyAsked:
    """Sign in by password; where the person has a key for it, ask for that too.

    Raises ``NotSignedInError``: ``sign_in_wrong``, ``sign_in_busy``, ``sign_in_locked``,
    ``sign_in_delayed``.
    """
    report_failures(entrance)
    try:
        name = clean_account(account)
    except UsageError as error:
        raise NotSignedInError("sign_in_wrong") from error
    person = prove_password(entrance, name, password, came, "wrong")
    if entrance.active(person) is None:
        note_failure(entrance, name, came, "suspended")
        raise NotSignedInError("sign_in_wrong")
    return admit(entrance, person, "password", came)


def admit(entrance: Entrance, person: str, by: By, came: Came) -> SignedIn | KeyAsked:
    """Open a session for who has proved one thing, or ask for the key that they have."""
    if login_keys(entrance, person):
        return _ask_key(entrance, person, "sign_in")
    return _welcome(entrance, person, by, came)


def sign_in_with_key(
    entrance: Entrance, challenge: str, envelope: Mapping[str, str], came: Came
) -> SignedIn:
    """Sign in with the answer of the key that ``sign_in`` asked for."""
    person = prove_key(entrance, "sign_in", challenge, envelope, came)
    return _welcome(entrance, person, "key", came)


def step_up(entrance: Entrance, token: str, password: str, came: Came) -> SignedIn | KeyAsked:
    """Let somebody who is signed in prove again that it is they; their token changes.

    Raises as ``resume`` and ``sign_in``.
    """
    present = resume(entrance, token)
    prove_present(entrance, present, password, came)
    if login_keys(entrance, present.session.person):
        return _ask_key(entrance, present.session.person, "step_up")
    return renew(entrance, present.session)


def step_up_with_key(
    entrance: Entrance, token: str, challenge: str, envelope: Mapping[str, str], came: Came
) -> SignedIn:
    """Prove again who it is with the answer of the key that ``step_up`` asked for."""
    present = resume(entrance, token)
    person = prove_key(entrance, "step_up", challenge, envelope, came)
    if person != present.session.person:
        raise NotSignedInError("sign_in_wrong")
    return renew(entrance, present.session)


def prove_present(entrance: Entrance, present: Present, password: str, came: Came) -> None:
    """Raise ``NotSignedInError`` unless ``password`` is that of who is signed in."""
    account = entrance.accounts.passwords.account(present.session.person)
    if account is None:
        raise NotSignedInError("sign_in_wrong")
    prove_password(entrance, account, password, came, "step_up")


def prove_password(
    entrance: Entrance, account: str, password: str, came: Came, because: str
) -> str:
    """Return whose account and password these are; a failure is counted as ``because``.

    The lock is asked twice: of those who guess all at once, none gets through after the fifth.
    """
    check_allowed(entrance, account, came)
    try:
        person = entrance.accounts.passwords.check(account, plain_password(password))
    except NotSignedInError as error:
        busy = error.word == "sign_in_busy"
        name, word = ("", "busy") if busy else (account, because)
        note_failure(entrance, name, came, word, counts=not busy)
        raise
    check_allowed(entrance, account, came)
    return person


def login_keys(entrance: Entrance, person: str) -> tuple[Key, ...]:
    """Return the keys with which ``person`` signs in; what they decide with is not among them."""
    return tuple(
        each
        for each in entrance.register.keys.values()
        if each.person == person
        and each.use == "login"
        and each.fmt == WEBAUTHN
        and each.revoked is None
    )


def _ask_key(entrance: Entrance, person: str, kind: TicketKind) -> KeyAsked:
    """Ask for a key of ``person``: one challenge, one answer, five minutes."""
    keys = login_keys(entrance, person)
    challenge = base64url(secrets.token_bytes(_CHALLENGE_BYTES))
    until = entrance.desk.clock.now() + CHALLENGE_TIME
    entrance.accounts.tickets.put(Ticket(kind, secret_digest(challenge), person, until))
    return KeyAsked(challenge, tuple(each.credential for each in keys), keys[0].rp)


def prove_key(
    entrance: Entrance,
    kind: TicketKind,
    challenge: str,
    envelope: Mapping[str, str],
    came: Came,
) -> str:
    """Return whose key answered ``challenge``; the challenge is used up in every case.

    Raises ``NotSignedInError`` (``challenge_over``) and ``ProofError`` (``assertion_…``).
    """
    digest = secret_digest(challenge)
    ticket = entrance.accounts.tickets.take(kind, digest, entrance.desk.clock.now())
    if ticket is None or entrance.active(ticket.person) is None:
        raise NotSignedInError("challenge_over")
    try:
        _check_key(entrance, ticket.person, challenge, envelope)
    except ProofError:
        account = entrance.accounts.passwords.account(ticket.person)
        note_failure(entrance, account or "", came, "key")
        raise
    return ticket.person


def _check_key(
    entrance: Entrance, person: str, challenge: str, envelope: Mapping[str, str]
) -> None:
    named = envelope.get("credential")
    found = [each for each in login_keys(entrance, person) if each.credential == named]
    if not found:
        raise ProofError("assertion_credential")
    key = found[0]
    public = unbase64url(key.public)
    credential = Credential(key.credential, public, key.rp, device_bound=key.device_bound)
    origins = origins_of(entrance.desk.hosts.login)
    verify_assertion(unbase64url(challenge), credential, envelope, origins)


def _welcome(entrance: Entrance, person: str, by: By, came: Came) -> SignedIn:
    """Open the session; where it comes from is known from now on."""
    signed_in = open_session(entrance, person, by, came)
    account = entrance.accounts.passwords.account(person)
    if account is not None:
        now = entrance.desk.clock.now()
        entrance.accounts.failures.succeed(account, came.address, now)
    return signed_in

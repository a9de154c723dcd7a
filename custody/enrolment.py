"""How somebody gets a password: by a code that an administrator hands them, once.

An administrator can suspend, and hand out a code; they never set a password (ASVS 6.4.6), and who
has a key for signing in needs it beside a code as beside a password.  Who handed a code to whom is
in the ledger before the code is worth anything.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from custody.entrance import (
    Came,
    Entrance,
    KeyAsked,
    SignedIn,
    clean_account,
    plain_password,
    secret_digest,
)
from custody.lockout import check_allowed, note_failure
from custody.names import person_facts
from custody.organising import active, begin
from custody.sessions import end_all, renew, resume
from custody.sign_in import admit, login_keys, prove_present
from evidence.accounts import Ticket
from evidence.codec import format_time
from evidence.entry import Draft
from evidence.errors import ConflictError, NotSignedInError, UsageError
from evidence.people import Actor

CODE_TIME = timedelta(hours=24)
PASSWORD_LEAST = 15  # characters (NIST SP 800-63B-4 for a password alone)
PASSWORD_MOST = 128
DISTINCT_LEAST = 6

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: 5 bits each
_CODE_LETTERS = 20  # 100 bits
_GROUP = 5
_CODES = ""  # the account of those who try codes


@dataclass(frozen=True, slots=True)
class Code:
    """A one-time code, as it is printed: ``7K2MX-…``.  Kept nowhere but as its digest."""

    text: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """A code that was handed out; ``entry``: code.given."""

    entry: int
    account: str
    code: Code


def give_code(entrance: Entrance, actor: Actor, person: str, account: str | None = None) -> Given:
    """Hand ``person`` a code, by which they get (or change) their password; write that down.

    ``account`` None: the one that they have, else their number, else their name.  Codes from before
    are void.  Raises ``RefusedError``, ``CustodyError`` (``person_is_suspended``), ``UsageError``,
    ``ConflictError`` (``account_taken``).
    """
    acting = begin(entrance.desk, actor)
    known = active(acting.register, person)
    acting.allow("manage_people", acting.over(known.unit))
    facts = person_facts(entrance.desk.ledger, acting.register, person)
    usual = (facts.number or facts.name) if facts else person
    name = account or entrance.accounts.passwords.account(person) or usual
    free_account(entrance, name, person)
    until = format_time(acting.now + CODE_TIME)
    entry = acting.write("code.given", (person,), {"person": person, "until": until})
    return Given(entry, name, issue_code(entrance, person, name))


def free_account(entrance: Entrance, account: str, person: str | None = None) -> str:
    """Return an account name as it is compared, which is nobody's but ``person``'s, or raise."""
    name = clean_account(account)
    if entrance.accounts.passwords.person(name) not in {None, person}:
        raise ConflictError("account_taken")
    return name


def issue_code(entrance: Entrance, person: str, account: str) -> Code:
    """Make a code for ``person``, who will sign in as ``account``; the entry is written before.

    Raises as ``free_account``.
    """
    name = free_account(entrance, account, person)
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LETTERS))
    until = entrance.desk.clock.now() + CODE_TIME
    ticket = Ticket("code", secret_digest(letters), person, until, name.encode())
    entrance.accounts.tickets.drop("code", person)
    entrance.accounts.tickets.put(ticket)
    groups = [letters[at : at + _GROUP] for at in range(0, _CODE_LETTERS, _GROUP)]
    return Code("-".join(groups), until)


def enrol_with_code(
    entrance: Entrance, code: str, password: str, came: Came
) -> SignedIn | KeyAsked:
    """Set the password of whom the code was made for, and sign them in.

    Their other sessions end.  A password that is refused leaves the code as it is.  Raises
    ``UsageError`` (``password_…``), ``NotSignedInError`` (``code_wrong``, ``sign_in_locked``, …).
    """
    check_allowed(entrance, _CODES, came)
    check_password(password)
    now = entrance.desk.clock.now()
    ticket = entrance.accounts.tickets.take("code", secret_digest(_letters(code)), now)
    if ticket is None or entrance.active(ticket.person) is None:
        note_failure(entrance, _CODES, came, "code")
        raise NotSignedInError("code_wrong")
    _change(entrance, ticket.person, ticket.content.decode(), password)
    end_all(entrance, ticket.person, "password_changed")
    return admit(entrance, ticket.person, "code", came)


def change_password(entrance: Entrance, token: str, old: str, new: str, came: Came) -> SignedIn:
    """Change one's own password; every other session ends, and this one gets another token.

    Who has a key for signing in has not proved by this that it is they: for that they touch it.
    Raises as ``resume`` and ``sign_in``, and ``UsageError`` (``password_…``).
    """
    present = resume(entrance, token)
    person = present.session.person
    account = entrance.accounts.passwords.account(person) or ""
    check_password(new)
    try:
        prove_present(entrance, present, old, came)
    except NotSignedInError:
        _say(entrance, person, "refused")
        raise
    _change(entrance, person, account, new)
    end_all(entrance, person, "password_changed", but=present.session.name)
    return renew(entrance, present.session, proved=not login_keys(entrance, person))


def check_password(password: str) -> None:
    """Raise ``UsageError`` for a password that is guessed too easily.

    Long, and no rules beside: which letters it must hold, or that it must change, makes passwords
    worse (ASVS 6.2.5, 6.2.10).
    """
    plain = plain_password(password)
    if len(plain) < PASSWORD_LEAST:
        raise UsageError("password_short", least=PASSWORD_LEAST)
    if len(plain) > PASSWORD_MOST:
        raise UsageError("password_long", most=PASSWORD_MOST)
    hostile = any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in plain)
    if hostile or len(set(plain.casefold())) < DISTINCT_LEAST:
        raise UsageError("password_simple", least=DISTINCT_LEAST)


def _change(entrance: Entrance, person: str, account: str, password: str) -> None:
    """Write the change down, then do it: none is done that is not in the ledger."""
    _say(entrance, person, "changed")
    entrance.accounts.passwords.set(person, account, plain_password(password))


def _say(entrance: Entrance, person: str, outcome: str) -> None:
    body = {"outcome": outcome}
    entrance.desk.ledger.append([Draft("password.changed", person, (person,), body)])


def _letters(code: str) -> str:
    """Return the letters of a code as somebody typed it: O is 0, I and L are 1, dashes nothing."""
    typed = code.upper().replace("-", "").replace(" ", "")
    return typed.translate(str.maketrans("OIL", "011"))

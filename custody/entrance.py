"""What signing in is done with, and what comes of it.

Somebody proves who they are (``custody/sign_in.py``, ``custody/enrolment.py``) and gets a session
(``custody/sessions.py``); who fails too often waits (``custody/lockout.py``).  Every one of these
takes the register as it is *now*: a suspended person is nobody from that entry on.
"""

import unicodedata
from dataclasses import dataclass
from hashlib import sha256

from custody.desk import Desk
from evidence.accounts import Accounts, Session
from evidence.errors import UsageError
from evidence.people import Actor, Person, Register

ACCOUNT_LIMIT = 64  # characters
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # Unicode general categories


@dataclass(frozen=True, slots=True)
class Entrance:
    """The desk, the accounts, and the organisation as it is now."""

    desk: Desk
    accounts: Accounts
    register: Register

    def active(self, person: str) -> Person | None:
        """Return somebody who is enrolled and not suspended, or None."""
        known = self.register.people.get(person)
        return None if known is None or known.suspended else known


@dataclass(frozen=True, slots=True)
class Came:
    """From where somebody comes: ``address`` of their machine, ``where`` as in ``Actor``."""

    address: str
    where: str = "http"


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody is signed in, as they were just found."""

    session: Session
    actor: Actor


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody has signed in or proved again who they are.

    ``token`` is given to their browser and kept nowhere: it is worth a password.
    """

    token: str
    session: Session
    actor: Actor


@dataclass(frozen=True, slots=True)
class KeyAsked:
    """The password is right, and the person has a key for signing in: it must answer too.

    ``challenge``: base64url, good for five minutes and one answer; ``credentials``: base64url.
    """

    challenge: str
    credentials: tuple[str, ...]
    rp: str


def actor_of(session: Session) -> Actor:
    """Return who acts in a session."""
    return Actor(session.person, session.proved_at, session.where)


def secret_digest(secret: str) -> str:
    """Return how a token, code or challenge is kept: its SHA-256, hex."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def clean_account(text: str) -> str:
    """Return an account name as it is compared, or raise ``UsageError``."""
    name = unicodedata.normalize("NFKC", text).strip().casefold()
    hostile = any(unicodedata.category(sign) in _UNSAFE for sign in name)
    if hostile or not 1 <= len(name) <= ACCOUNT_LIMIT:
        raise UsageError("account_unusable", limit=ACCOUNT_LIMIT)
    return name


def plain_password(password: str) -> str:
    """Return a password as it is compared: one keyboard writes é as one letter, another as two."""
    return unicodedata.normalize("NFC", password)

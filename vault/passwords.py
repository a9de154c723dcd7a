"""Passwords, hashed with argon2id: the only door to argon2.

One hash takes 64 MiB and a third of a second: without a bound on how many run at once, the page
for signing in would be a way to fill the memory of the appliance.
"""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import HashingError, InvalidHashError, VerificationError

from evidence.errors import NotSignedInError, VaultUnavailableError

AT_ONCE = 2
WAIT_LIMIT_S = 10.0
PASSWORD_LIMIT_BYTES = 1024  # rules refuse earlier; this bounds what anybody can make us hash


@dataclass(frozen=True, slots=True)
class Cost:
    """What one hash takes (RFC 9106, section 4: the second recommended option)."""

    memory_kib: int = 64 * 1024
    rounds: int = 3
    lanes: int = 4


class Hasher:
    """Hashes and checks passwords, at most ``AT_ONCE`` at a time."""

    def __init__(self, cost: Cost | None = None) -> None:
        chosen = cost or Cost()
        self._hasher = PasswordHasher(chosen.rounds, chosen.memory_kib, chosen.lanes)
        self._room = BoundedSemaphore(AT_ONCE)
        # Looks like a hash and is none of any password: names that nobody has take as long.
        salt, digest = (b64encode(bytes(n)).decode().rstrip("=") for n in (16, 32))
        bounds = f"m={chosen.memory_kib},t={chosen.rounds},p={chosen.lanes}"
        self._nobody = f"$argon2id$v=19${bounds}${salt}${digest}"

    def hash(self, password: str) -> str:
        """Return the encoded hash of ``password``, with its salt and cost.

        Raises ``NotSignedInError`` (``sign_in_busy``), ``VaultUnavailableError`` (no memory).
        """
        with self._turn():
            try:
                return self._hasher.hash(password)
            except HashingError as error:
                raise VaultUnavailableError("password_unhashed") from error

    def check(self, encoded: str | None, password: str) -> None:
        """Raise ``NotSignedInError`` (``sign_in_wrong``) unless this is the password.

        ``encoded`` None: nobody has the account; the answer takes as long.  Raises
        ``VaultUnavailableError`` (``password_damaged``) for what is no hash.
        """
        if len(password.encode("utf-8", "surrogatepass")) > PASSWORD_LIMIT_BYTES:
            raise NotSignedInError("sign_in_wrong")
        with self._turn():
            try:
                self._hasher.verify(encoded or self._nobody, password)
            except (VerificationError, UnicodeEncodeError) as error:
                raise NotSignedInError("sign_in_wrong") from error
            except InvalidHashError as error:
                raise VaultUnavailableError("password_damaged") from error

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._room.acquire(timeout=WAIT_LIMIT_S):
            raise NotSignedInError("sign_in_busy")
        try:
            yield
        finally:
            self._room.release()

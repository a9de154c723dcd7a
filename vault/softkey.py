"""A person's key in a file, for the demo: whoever can read the file can sign as that person.

That is why ``key.registered`` says ``signer: demo``, and no decision by such a key counts unless
``AccessRules.demo_keys`` says so.
"""

from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.approval import SOFTWARE
from evidence.webauthn import base64url
from vault.keys import load_private_key, make_signing_key


class SoftKey:
    """The port ``Signer`` over an Ed25519 key.  ``public``: its 32 bytes, base64url."""

    fmt = SOFTWARE

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = base64url(private.public_key().public_bytes_raw())

    def envelope(self, challenge: bytes) -> Mapping[str, str]:
        """See ``evidence.asking.Signer``."""
        return {"signature": base64url(self._private.sign(challenge))}


def make_soft_key(path: Path) -> SoftKey:
    """Make a key at ``path`` (mode 0600), durably; ``UsageError`` where there is one already."""
    make_signing_key(path)
    return load_soft_key(path)


def load_soft_key(path: Path) -> SoftKey:
    """Return the key at ``path``.

    Raises ``VaultUnavailableError`` (``secret_missing``, ``secret_exposed``, ``secret_damaged``).
    """
    return SoftKey(load_private_key(path))

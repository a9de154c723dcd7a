"""SHA-256 of bytes that come in pieces."""

import hashlib
from collections.abc import Iterable


def digest_of(pieces: Iterable[bytes | memoryview]) -> str:
    """Return the SHA-256 of all pieces in order, as 64 lower-case hex characters (FIPS 180-4)."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()

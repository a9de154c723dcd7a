"""Verify what a security key has signed, with ``cryptography`` alone: no server, no browser.

W3C Web Authentication Level 3, section 7.2; the comments carry its numbers.  Whoever enrols a key
may use a larger library; what was signed must verify for ever with no more than this file.

Admitted: ES256 (-7), EdDSA (-8) and RS256 (-257, Windows Hello).  Everything is read strictly: a
second reading of the same bytes that says something else is a way to deny a signature.
"""

import base64
import binascii
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from evidence.errors import ProofError

ENVELOPE_FIELDS = frozenset(
    ("rp", "origin", "credential", "client_data", "authenticator_data", "signature")
)
TEXT_LIMIT = 8192  # characters of one field of an envelope; an entry has 16 KiB for everything
KEY_LIMIT_BYTES = 1024  # of a COSE_Key: RSA of 4096 bits and its frame
RSA_BITS = range(2048, 4097)

_PAIRS_LIMIT = 8  # of a COSE_Key; the largest of ours has five
_EC_BYTES = 32
_AUTHENTICATOR_DATA_BYTES = 37  # RP ID hash 32, flags 1, counter 4; no extension was asked for
_PRESENT, _VERIFIED, _ELIGIBLE, _BACKED_UP = 0x01, 0x04, 0x08, 0x10
_ATTESTED, _EXTENDED = 0x40, 0x80

# Points of Ed25519 by which anybody can "sign" anything: whoever enrols one could deny all that
# they ever signed.  Their y; the sign of x does not matter (RFC 8032, 5.1).
_PRIME = 2**255 - 19
_EIGHTH = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826  # of order 8
_SMALL_ORDER = frozenset((0, 1, _PRIME - 1, _EIGHTH, _PRIME - _EIGHTH))

Verifier = Callable[[bytes, bytes], None]  # (signature, message); raises InvalidSignature


@dataclass(frozen=True, slots=True)
class Credential:
    """A public key as the ledger has it; nothing of it comes from an envelope.

    ``id``: base64url; ``public``: COSE_Key; ``device_bound``: it cannot be copied to another
    device (None: was not asked when it was registered).
    """

    id: str
    public: bytes
    rp: str
    device_bound: bool | None = None


@dataclass(frozen=True, slots=True)
class Asserted:
    """What an assertion that holds says of its authenticator.

    ``count`` is told, not judged (step 22): passkeys that several devices share always say 0.
    """

    count: int
    device_bound: bool
    backed_up: bool


def verify_assertion(
    challenge: bytes, credential: Credential, envelope: Mapping[str, str], origins: Collection[str]
) -> Asserted:
    """Return what ``envelope`` says of its authenticator, when it signs ``challenge``.

    ``envelope`` has exactly ``ENVELOPE_FIELDS``: ``rp`` and ``origin`` as plain texts, the others
    base64url of the raw bytes.  Raises ``ProofError`` with the word of the first thing that does
    not hold (``assertion_origin``, …).
    """
    # 1.-4. are the browser's.
    if envelope.keys() != ENVELOPE_FIELDS:
        raise ProofError("assertion_form")
    if envelope["credential"] != credential.id:  # 5., 6.
        raise ProofError("assertion_credential")
    client_data = unbase64url(envelope["client_data"])  # 7.
    authenticator_data = unbase64url(envelope["authenticator_data"])
    signature = unbase64url(envelope["signature"])
    _check_client_data(client_data, challenge, origins, envelope["origin"])
    if envelope["rp"] != credential.rp:
        raise ProofError("assertion_rp")
    asserted = _check_authenticator_data(authenticator_data, credential)
    message = authenticator_data + sha256(client_data).digest()  # 20.
    try:
        public_key(credential.public)(signature, message)  # 21.
    except InvalidSignature as error:
        raise ProofError("assertion_signature") from error
    return asserted  # 22.-25. change a stored record; the ledger keeps none


def _check_client_data(
    raw: bytes, challenge: bytes, origins: Collection[str], told_origin: str
) -> None:
    said = _json_object(raw)  # 8., 9.
    if said.get("type") != "webauthn.get":  # 10.
        raise ProofError("assertion_type")
    if said.get("challenge") != base64url(challenge):  # 11.
        raise ProofError("assertion_challenge")
    if said.get("origin") not in origins or said.get("origin") != told_origin:  # 12.
        raise ProofError("assertion_origin")
    # 13., 14.: no page of ours is ever shown inside another one.
    if said.get("crossOrigin", False) is not False or "topOrigin" in said:
        raise ProofError("assertion_cross_origin")


def _check_authenticator_data(data: bytes, credential: Credential) -> Asserted:
    if len(data) != _AUTHENTICATOR_DATA_BYTES:
        raise ProofError("assertion_length")
    if data[:32] != sha256(credential.rp.encode()).digest():  # 15.
        raise ProofError("assertion_rp")
    flags = data[32]
    if flags & (_ATTESTED | _EXTENDED):
        raise ProofError("assertion_length")  # says that more follows
    if not flags & _PRESENT:  # 16.
        raise ProofError("assertion_present")
    if not flags & _VERIFIED:  # 17. a stolen key without its PIN decides nothing
        raise ProofError("assertion_verified")
    eligible, backed_up = bool(flags & _ELIGIBLE), bool(flags & _BACKED_UP)
    if backed_up and not eligible:  # 18.
        raise ProofError("assertion_backup")
    if credential.device_bound is not None and credential.device_bound is eligible:  # 19.
        raise ProofError("assertion_backup")
    return Asserted(int.from_bytes(data[33:]), not eligible, backed_up)


def _json_object(raw: bytes) -> Mapping[str, object]:
    """Parse client data.  Browsers add members of their own: they are kept, and not compared."""
    try:
        said: object = _JSON.decode(raw.decode())
    except (ValueError, RecursionError) as error:
        raise ProofError("assertion_client_data") from error
    if not isinstance(said, dict):
        raise ProofError("assertion_client_data")
    return said


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member twice")
    return found


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


_JSON = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


def public_key(cose: bytes) -> Verifier:
    """Return what checks signatures of a COSE_Key (RFC 9052, section 7; RFC 9053; RFC 8230).

    Raises ``ProofError`` (``assertion_key``) for every other algorithm or
    form, for a point that is not on its curve or of small order, and for RSA outside ``RSA_BITS``.
    """
    match _cose_map(cose):
        case {1: 2, 3: -7, -1: 1, -2: bytes(x), -3: bytes(y), **rest} if not rest:
            return _es256(x, y)
        case {1: 1, 3: -8, -1: 6, -2: bytes(x), **rest} if not rest:
            return ed25519_key(x).verify
        case {1: 3, 3: -257, -1: bytes(n), -2: b"\x01\x00\x01", **rest} if not rest:
            return _rs256(n)
    raise ProofError("assertion_key")


def ed25519_key(raw: bytes) -> Ed25519PublicKey:
    """Return the key of 32 bytes, refusing points by which anybody could sign."""
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if len(raw) != _EC_BYTES or y >= _PRIME or y in _SMALL_ORDER:
        raise ProofError("assertion_key")
    return Ed25519PublicKey.from_public_bytes(raw)


def _es256(x: bytes, y: bytes) -> Verifier:
    if len(x) != _EC_BYTES or len(y) != _EC_BYTES:
        raise ProofError("assertion_key")
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1())
    try:
        key = numbers.public_key()
    except ValueError as error:
        raise ProofError("assertion_key") from error
    # (r, n - s) verifies beside (r, s): an approval is named by its entry, never by its signature.
    return lambda signature, message: key.verify(signature, message, ec.ECDSA(SHA256()))


def _rs256(n: bytes) -> Verifier:
    modulus = int.from_bytes(n)
    if not n or n[0] == 0 or modulus % 2 == 0 or modulus.bit_length() not in RSA_BITS:
        raise ProofError("assertion_key")
    key = RSAPublicNumbers(65537, modulus).public_key()
    return lambda signature, message: key.verify(signature, message, PKCS1v15(), SHA256())


def _cose_map(data: bytes) -> Mapping[int, int | bytes]:
    """Read one flat map of integers to integers or byte strings, in CTAP2 canonical CBOR only.

    Canonical: shortest lengths, keys in order, none twice, nothing behind (CTAP 2.1, section 8).
    """
    if len(data) > KEY_LIMIT_BYTES:
        raise ProofError("assertion_key")
    kind, count, at = _head(data, 0)
    if kind != 5 or count > _PAIRS_LIMIT:  # noqa: PLR2004 - major type 5: a map
        raise ProofError("assertion_key")
    found: dict[int, int | bytes] = {}
    before = (-1, 0, b"")
    for _ in range(count):
        name, after = _scalar(data, at)
        order = (data[at] >> 5, after - at, data[at:after])
        if not isinstance(name, int) or order <= before:
            raise ProofError("assertion_key")
        before = order
        found[name], at = _scalar(data, after)
    if at != len(data):
        raise ProofError("assertion_key")
    return found


def _scalar(data: bytes, at: int) -> tuple[int | bytes, int]:
    """Return an integer or a byte string, and where it ends."""
    kind, argument, at = _head(data, at)
    match kind:
        case 0:
            return argument, at
        case 1:
            return -1 - argument, at
        case 2 if at + argument <= len(data):
            return data[at : at + argument], at + argument
    raise ProofError("assertion_key")


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Return major type, argument, and where the head ends; arguments of at most two bytes."""
    first = data[at : at + 1] or b"\xff"  # at the end: a head that is refused below
    kind, small = first[0] >> 5, first[0] & 31
    size = {24: 1, 25: 2}.get(small, 0)
    argument = int.from_bytes(data[at + 1 : at + 1 + size]) if size else small
    least = {0: 0, 1: 24, 2: 256}[size]
    if small > 25 or argument < least or at + 1 + size > len(data):  # noqa: PLR2004 - see above
        raise ProofError("assertion_key")
    return kind, argument, at + 1 + size


def base64url(data: bytes) -> str:
    """Return base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unbase64url(text: str) -> bytes:
    """Return the bytes whose only base64url is ``text``, or raise ``ProofError``."""
    if len(text) > TEXT_LIMIT:
        raise ProofError("assertion_encoding")
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProofError("assertion_encoding") from error
    if base64url(data) != text:
        raise ProofError("assertion_encoding")
    return data

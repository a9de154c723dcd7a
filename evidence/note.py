"""C2SP signed-note, Ed25519 signatures (type 0x01) only; cosignature types come with witnesses.

Strict, because two verifiers must never disagree: base64 is re-encoded and compared, text and
signatures are split at the last blank line, nothing is ever trimmed or normalised.
"""

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evidence.errors import MalformedError, ProofError

NOTE_LIMIT_BYTES = 1 << 20
SIGNATURE_LIMIT = 100  # lines; the spec asks verifiers to accept at least 16
ED25519 = b"\x01"
_ID_BYTES = 4
_PUBLIC_BYTES = 32
_DASH = "\u2014"  # em dash
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+(.+)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")  # all below 0x20 but the newline


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A named Ed25519 public key: ``name`` is the origin of a ledger, ``public`` its 32 bytes."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public) != _PUBLIC_BYTES:
            raise MalformedError("vkey_malformed")

    @property
    def id(self) -> bytes:
        r"""Return SHA-256(name || \n || 0x01 || public)[:4]."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:_ID_BYTES]

    @property
    def text(self) -> str:
        """Return the vkey, one line without its end: ``name+hex id+base64(0x01 || public)``."""
        key = base64.b64encode(ED25519 + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{key}"


def parse_vkey(text: str) -> VerifierKey:
    """Return the key that ``text`` (no newline) says, or raise ``MalformedError``."""
    match = _VKEY.fullmatch(text)
    if match is None:
        raise MalformedError("vkey_malformed")
    raw = strict_base64(match[3])
    if raw[:1] != ED25519:
        raise MalformedError("vkey_malformed")
    key = VerifierKey(match[1], raw[1:])
    if key.text != text:
        raise MalformedError("vkey_malformed")
    return key


class Signer:
    """Signs notes under one name.  Holds the private key; shows it to nobody."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.verifier = VerifierKey(name, public)
        self._private = private

    def signature_line(self, text: str) -> str:
        """Return the signature line over ``text``, with its newline."""
        raw = self.verifier.id + self._private.sign(text.encode())
        return f"{_DASH} {self.verifier.name} {base64.b64encode(raw).decode()}\n"


def sign_note(text: str, signer: Signer) -> bytes:
    """Return the signed note of ``text``, which ends with a newline."""
    _check_text(text)
    return f"{text}\n{signer.signature_line(text)}".encode()


def open_note(data: bytes, keys: Collection[VerifierKey]) -> str:
    """Return the text of a note that at least one of ``keys`` has signed.

    Signatures by others are ignored.  Raises ``MalformedError`` where it is no note, and
    ``ProofError`` where a key of ours fails or none has signed.
    """
    text, lines = _split(data)
    signatures = [_parse_signature(line) for line in lines]
    known = {(key.name, key.id): key for key in keys}
    verified = 0
    for name, raw in signatures:
        key = known.get((name, raw[:_ID_BYTES]))
        if key is not None:
            _verify(key, raw[_ID_BYTES:], text)
            verified += 1
    if not verified:
        raise ProofError("note_unsigned", expected=", ".join(key.name for key in keys))
    return text


def _split(data: bytes) -> tuple[str, list[str]]:
    """Return text and signature lines, split at the last blank line."""
    if len(data) > NOTE_LIMIT_BYTES:
        raise MalformedError("note_too_long", limit=NOTE_LIMIT_BYTES)
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise MalformedError("note_malformed") from error
    text, blank, signatures = whole.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise MalformedError("note_malformed")
    _check_text(text + "\n")
    # Not splitlines(): it also splits at U+2028 and others, which no other verifier does.
    lines = signatures[:-1].split("\n")
    if len(lines) > SIGNATURE_LIMIT:
        raise MalformedError("note_too_long", limit=SIGNATURE_LIMIT)
    return text + "\n", lines


def _parse_signature(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != _DASH or _CONTROL.search(line):
        raise MalformedError("note_malformed")
    _check_name(name)
    raw = strict_base64(encoded)
    if len(raw) <= _ID_BYTES:
        raise MalformedError("note_malformed")
    return name, raw


def _verify(key: VerifierKey, signature: bytes, text: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    except (InvalidSignature, ValueError) as error:
        raise ProofError("note_signature_wrong", key=key.name) from error


def strict_base64(text: str) -> bytes:
    """Decode standard base64 that is exactly what encoding its bytes gives, or raise."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("base64_malformed") from error
    if base64.b64encode(raw).decode() != text:
        raise MalformedError("base64_malformed")
    return raw


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise MalformedError("note_malformed") from error
    if not text.endswith("\n") or _CONTROL.search(text):
        raise MalformedError("note_malformed")


def _check_name(name: str) -> None:
    if not name or "+" in name or any(each.isspace() for each in name) or _CONTROL.search(name):
        raise MalformedError("key_name_malformed")

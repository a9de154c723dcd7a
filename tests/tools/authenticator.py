"""A security key in software: enrols and signs as a browser and its authenticator would.

``register`` and ``assertion`` answer with what ``PublicKeyCredential.toJSON()`` gives, ``envelope``
with what an entry keeps.  Every part can be spoilt on purpose (``Said``), and is signed all the
same: a fault must be found by its own check, not by the signature.
"""

import json
import struct
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from evidence.webauthn import base64url

ALGORITHMS = {"ES256": -7, "EdDSA": -8, "RS256": -257}
PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
NO_AAGUID = bytes(16)


def cbor(value):
    """Encode integers, byte strings, texts and maps, canonically (CTAP 2.1, section 8)."""
    match value:
        case int():
            return head(0, value) if value >= 0 else head(1, -1 - value)
        case bytes():
            return head(2, len(value)) + value
        case str():
            return head(3, len(value.encode())) + value.encode()
    pairs = sorted(((cbor(k), cbor(v)) for k, v in value.items()), key=canonical_order)
    return head(5, len(pairs)) + b"".join(key + item for key, item in pairs)


def canonical_order(pair):
    return pair[0][0] >> 5, len(pair[0]), pair[0]


def head(kind, count):
    if count < 24:
        return bytes([kind << 5 | count])
    if count < 256:
        return bytes([kind << 5 | 24, count])
    return bytes([kind << 5 | 25]) + struct.pack(">H", count)


@cache
def rsa_key(number):
    """Keys are slow to make: one for each number in a run."""
    del number
    return rsa.generate_private_key(65537, 2048)


def private_key(algorithm, number):
    seed = sha256(f"authenticator {number}".encode()).digest()
    if algorithm == "ES256":
        return ec.derive_private_key(int.from_bytes(seed) >> 1, ec.SECP256R1())
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    return rsa_key(number)


def cose_key(key):
    """Return the COSE_Key of a private key, as a map."""
    public = key.public_key()
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return {1: 1, 3: -8, -1: 6, -2: public.public_bytes_raw()}
    numbers = public.public_numbers()
    if isinstance(key, rsa.RSAPrivateKey):
        n = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)
        return {1: 3, 3: -257, -1: n, -2: b"\x01\x00\x01"}
    return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}


@dataclass(frozen=True)
class Said:
    """What a browser and its authenticator say; every field can be spoilt."""

    rp: str
    origin: str
    type: str = "webauthn.get"
    flags: int | None = None  # None: as the authenticator is made
    count: int | None = None
    client: dict = field(default_factory=dict)  # further members, or others
    tail: bytes = b""  # behind the authenticator data

    def client_data(self, challenge):
        said = {
            "type": self.type,
            "challenge": base64url(challenge),
            "origin": self.origin,
            "crossOrigin": False,
            "other_keys_can_be_added_here": "do not compare clientDataJSON against a template",
        }
        return json.dumps(said | self.client, separators=(",", ":")).encode()


class Authenticator:
    """One credential.  ``device_bound`` False: a passkey that is copied between devices."""

    def __init__(self, algorithm="ES256", number=0, *, device_bound=True):
        self.key = private_key(algorithm, number)
        self.id = sha256(f"credential {algorithm} {number}".encode()).digest()
        self.public = cbor(cose_key(self.key))
        self.device_bound = device_bound
        self.count = 0

    @property
    def credential(self):
        return base64url(self.id)

    def flags(self):
        return PRESENT | VERIFIED | (0 if self.device_bound else ELIGIBLE | BACKED_UP)

    def sign(self, message):
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(message)
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(message, PKCS1v15(), SHA256())
        return self.key.sign(message, ec.ECDSA(SHA256()))

    def authenticator_data(self, said, more=b"", flags=0):
        self.count += self.device_bound
        made = self.flags() if said.flags is None else said.flags
        count = self.count if said.count is None else said.count
        frame = struct.pack(">BI", made | flags, count)
        return sha256(said.rp.encode()).digest() + frame + more + said.tail

    def signed(self, challenge, said):
        """Return client data, authenticator data and signature, as bytes."""
        client = said.client_data(challenge)
        data = self.authenticator_data(said)
        return client, data, self.sign(data + sha256(client).digest())

    def envelope(self, challenge, rp, origin, /, **spoilt):
        """Return what an entry keeps of an assertion over ``challenge``."""
        said = Said(**{"rp": rp, "origin": origin} | spoilt)
        client, data, signature = self.signed(challenge, said)
        return {
            "rp": said.rp,
            "origin": said.origin,
            "credential": self.credential,
            "client_data": base64url(client),
            "authenticator_data": base64url(data),
            "signature": base64url(signature),
        }

    def assertion(self, challenge, rp, origin, /, **spoilt):
        """Return what ``navigator.credentials.get()`` gives, as JSON."""
        kept = self.envelope(challenge, rp, origin, **spoilt)
        return self._credential(
            {
                "clientDataJSON": kept["client_data"],
                "authenticatorData": kept["authenticator_data"],
                "signature": kept["signature"],
                "userHandle": None,
            }
        )

    def register(self, challenge, rp, origin, /, **spoilt):
        """Return what ``navigator.credentials.create()`` gives, as JSON, without attestation."""
        said = Said(**{"rp": rp, "origin": origin, "type": "webauthn.create"} | spoilt)
        attested = NO_AAGUID + struct.pack(">H", len(self.id)) + self.id + self.public
        data = self.authenticator_data(said, attested, ATTESTED)
        made = cbor({"fmt": "none", "attStmt": {}, "authData": data})
        return self._credential(
            {
                "clientDataJSON": base64url(said.client_data(challenge)),
                "attestationObject": base64url(made),
                "transports": ["usb"],
            }
        )

    def _credential(self, response):
        return {
            "id": self.credential,
            "rawId": self.credential,
            "type": "public-key",
            "authenticatorAttachment": "cross-platform",
            "clientExtensionResults": {},
            "response": response,
        }

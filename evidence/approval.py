"""Who has signed a decision: the entry alone shows for ever what was signed, and by whose key.

The challenge is the SHA-256 of the canonical ``{"type", "about": [ids, sorted], "actor", "body"
without "signature", "statement": its SHA-256 or null}`` of the entry (DESIGN 5).  Station, place
and time of the entry are not in it: the ledger gives them, after the signature.

``webauthn/1`` is a security key (``evidence/webauthn.py``); ``software/1`` an Ed25519 key in a
file, for the demo, over the same 32 bytes.  Further kinds (SM2 keys, client certificates) get a
name of their own here.
"""

from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidSignature

from evidence.asking import Approval
from evidence.canonical import encode
from evidence.codec import encode_statement
from evidence.entry import Entry, Private, Statement
from evidence.errors import MalformedError, ProofError
from evidence.json import Json, JsonObject
from evidence.people import Key
from evidence.webauthn import (
    Credential,
    ed25519_key,
    public_key,
    unbase64url,
    verify_assertion,
)

WEBAUTHN = "webauthn/1"
SOFTWARE = "software/1"
_FIELDS = frozenset(("fmt", "key", "envelope"))


def challenge(
    type_: str, about: Iterable[str], actor: str, body: JsonObject, statement: str | None
) -> bytes:
    """Return the 32 bytes to sign for an entry of this type.

    ``about``: the ids, in any order; ``body``: with or without ``signature``; ``statement``: the
    SHA-256 (hex) of its plain bytes (``statement_digest``).
    """
    signed: JsonObject = {
        "type": type_,
        "about": sorted(about),
        "actor": actor,
        "body": {name: value for name, value in body.items() if name != "signature"},
        "statement": statement,
    }
    return sha256(encode(signed)).digest()


def statement_digest(private: Private) -> str:
    """Return the SHA-256 (hex) of the statement that the ledger will make of ``private``.

    Only the writer who gave the salt can know it; lines get theirs from the ledger.
    """
    if private.salt is None or private.lines:
        raise MalformedError("statement_malformed", field="salt")
    return sha256(encode_statement(Statement(private.of, private.salt, private.facts))).hexdigest()


def signature_of(approval: Approval) -> JsonObject:
    """Return ``approval`` as it stands in ``body.signature``."""
    return {"fmt": approval.fmt, "key": approval.key, "envelope": dict(approval.envelope)}


def approval_of(body: JsonObject) -> Approval | None:
    """Return what ``body.signature`` says; None where a decision was made without a key.

    Raises ``ProofError`` for any other form.
    """
    signature = body.get("signature")
    if signature is None:
        return None
    if not isinstance(signature, Mapping) or signature.keys() != _FIELDS:
        raise ProofError("approval_form")
    fmt, key = signature["fmt"], signature["key"]
    if not isinstance(fmt, str) or type(key) is not int:  # not isinstance: True is an int
        raise ProofError("approval_form")
    return Approval(fmt, key, _envelope(signature["envelope"]))


def _envelope(value: Json) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise ProofError("approval_form")
    found = {name: text for name, text in value.items() if isinstance(text, str)}
    if len(found) != len(value):
        raise ProofError("approval_form")
    return found


def verify_approval(
    entry: Entry, key: Key, origins: Collection[str], *, software: bool = False
) -> None:
    """Raise ``ProofError`` unless the actor of ``entry`` has signed it with ``key``.

    ``key`` is read from the ledger, ``origins`` are those of the signing host of the same ledger
    (``origins_of``), ``software`` says that keys in files count (``AccessRules.demo_keys``).
    """
    approval = approval_of(entry.body)
    if approval is None:
        raise ProofError("approval_missing")
    statement = entry.statement.sha256 if entry.statement else None
    digest = challenge(entry.type, entry.about, entry.actor, entry.body, statement)
    if entry.body.get("approver", entry.actor) != entry.actor:
        raise ProofError("approval_person")
    check_approval(
        approval, key, digest, origins, actor=entry.actor, index=entry.seq, software=software
    )


def check_approval(
    approval: Approval,
    key: Key,
    digest: bytes,
    origins: Collection[str],
    *,
    actor: str,
    index: int | None = None,
    software: bool = False,
) -> None:
    """Raise ``ProofError`` unless ``approval`` is ``actor``'s signature over ``digest``.

    ``index``: where the decision stands in the ledger; None: it is not written yet.
    """
    if approval.key != key.entry or approval.fmt != key.fmt:
        raise ProofError("approval_key")
    if key.person != actor:
        raise ProofError("approval_person")
    if key.use != "sign":  # a login must never be usable as an approval
        raise ProofError("approval_use")
    _check_in_time(key, index)
    if key.fmt == WEBAUTHN:
        credential = Credential(
            key.credential, unbase64url(key.public), key.rp, device_bound=key.device_bound
        )
        verify_assertion(digest, credential, approval.envelope, origins)
    elif key.fmt == SOFTWARE:
        if not software:
            raise ProofError("approval_software")
        _check_software(key, digest, approval.envelope)
    else:
        raise ProofError("approval_key")


def _check_in_time(key: Key, index: int | None) -> None:
    """Refuse a key before its registration and after its revocation, by the ledger's order."""
    if index is not None and key.entry >= index:
        raise ProofError("approval_early")
    if key.revoked is not None and (index is None or key.revoked < index):
        raise ProofError("approval_revoked")


def check_public(fmt: str, public: str) -> None:
    """Raise ``ProofError`` unless this is a key (base64url) that we shall be able to verify with.

    Asked when it is registered: a decision that nobody can verify later must not come to be.
    """
    raw = unbase64url(public)
    if fmt == WEBAUTHN:
        public_key(raw)
    elif fmt == SOFTWARE:
        ed25519_key(raw)
    else:
        raise ProofError("approval_key")


def _check_software(key: Key, digest: bytes, envelope: Mapping[str, str]) -> None:
    if envelope.keys() != {"signature"}:
        raise ProofError("approval_form")
    public = ed25519_key(unbase64url(key.public))
    try:
        public.verify(unbase64url(envelope["signature"]), digest)
    except InvalidSignature as error:
        raise ProofError("approval_signature") from error


def origins_of(host: str | None) -> frozenset[str]:
    """Return the origins that a browser may name for ``host`` (with its port, if it has one).

    Nothing but HTTPS, and plain HTTP where no network is between: localhost (Secure Contexts 3.1).
    """
    if not host:
        return frozenset()
    name = host.partition(":")[0]
    local = name == "localhost" or name.endswith(".localhost")
    return frozenset((f"https://{host}", f"http://{host}") if local else (f"https://{host}",))

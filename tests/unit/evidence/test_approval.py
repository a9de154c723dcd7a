"""Attacks on the signature of a decision: each is refused, and by its own check."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.approval import (
    approval_of,
    challenge,
    check_approval,
    check_public,
    origins_of,
    signature_of,
    statement_digest,
    verify_approval,
)
from evidence.asking import Approval
from evidence.canonical import decode, encode
from evidence.codec import decode_entry, encode_entry
from evidence.entry import Commitment, Draft, Entry, Private
from evidence.errors import MalformedError, ProofError
from evidence.people import Key
from evidence.webauthn import base64url
from tests.fakes.ledger import MemoryLedger
from tests.tools.authenticator import ALGORITHMS, PRESENT, Authenticator

RP, HOST = "sign.dock1.example", "sign.dock1.example"
ORIGINS = origins_of(HOST)
ORIGIN = f"https://{HOST}"
HEAD, OTHER = "p:" + "1" * 32, "p:" + "2" * 32
ABOUT = ("u:" + "3" * 32, HEAD, "q:" + "4" * 32, "g:" + "5" * 32, "s:" + "6" * 64)
REASON = Private(ABOUT[2], {"reason": "the case needs it"}, salt="7" * 64)
BODY = {"answer": "approve", "act": "copy", "times": 1, "approver": HEAD, "spans": []}
DEVICE = Authenticator()
KEY = Key(
    entry=20,
    person=HEAD,
    fmt="webauthn/1",
    use="sign",
    credential=DEVICE.credential,
    public=base64url(DEVICE.public),
    rp=RP,
    device_bound=True,
)
SOFT = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SOFT_KEY = replace(
    KEY,
    fmt="software/1",
    credential="",
    public=base64url(SOFT.public_key().public_bytes_raw()),
    rp="",
)


def digest_of(body=BODY, about=ABOUT, actor=HEAD):
    return challenge("request.decided", about, actor, body, statement_digest(REASON))


def by_device(digest, device=DEVICE, key=KEY, rp=RP, origin=ORIGIN, **spoilt):
    return Approval("webauthn/1", key.entry, device.envelope(digest, rp, origin, **spoilt))


def by_file(digest, key=SOFT_KEY):
    return Approval("software/1", key.entry, {"signature": base64url(SOFT.sign(digest))})


def decision(approval, body=BODY, about=ABOUT, actor=HEAD, seq=40):
    """Return the entry as it is read back from its bytes."""
    signed = body | {"signature": signature_of(approval) if approval else None}
    made = Entry(
        type="request.decided",
        station="station-1",
        seq=seq,
        at=datetime(2026, 11, 22, 4, 0, tzinfo=UTC),
        actor=actor,
        about=dict.fromkeys(about, 7),
        statement=Commitment(REASON.of, statement_digest(REASON)),
        body=signed,
    )
    return decode_entry(encode_entry(made))


def refused(word, entry, key=KEY, origins=ORIGINS, **more):
    with pytest.raises(ProofError) as told:
        verify_approval(entry, key, origins, **more)
    assert told.value.word == word


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signed_decision_verifies_from_the_ledger_alone(algorithm):
    device = Authenticator(algorithm)
    key = replace(KEY, credential=device.credential, public=base64url(device.public))
    verify_approval(decision(by_device(digest_of(), device)), key, ORIGINS)


def test_a_decision_of_the_demo_verifies_where_files_may_sign():
    verify_approval(decision(by_file(digest_of())), SOFT_KEY, (), software=True)


def test_a_key_in_a_file_signs_nothing_elsewhere():
    refused("approval_software", decision(by_file(digest_of())), SOFT_KEY)


def test_a_key_in_a_file_signs_only_what_it_signed():
    entry = decision(by_file(digest_of(BODY | {"times": 2})))
    refused("approval_signature", entry, SOFT_KEY, software=True)
    false = Approval("software/1", 20, {"signature": "AAAA"})
    refused("approval_signature", decision(false), SOFT_KEY, software=True)
    more = Approval("software/1", 20, {**by_file(digest_of()).envelope, "public": "AAAA"})
    refused("approval_form", decision(more), SOFT_KEY, software=True)


CHANGED = {
    "another answer": {"body": BODY | {"answer": "refuse"}},
    "more often": {"body": BODY | {"times": 2}},
    "a further word": {"body": BODY | {"until": None}},
    "another act": {"body": BODY | {"act": "release"}},
    "another request": {"about": (*ABOUT[:2], "q:" + "8" * 32, *ABOUT[3:])},
    "another segment": {"about": (*ABOUT[:4], "s:" + "8" * 64)},
    "one segment more": {"about": (*ABOUT, "s:" + "8" * 64)},
    "one subject less": {"about": ABOUT[:4]},
}


@pytest.mark.parametrize("change", CHANGED)
def test_a_signature_for_another_decision_is_refused(change):
    refused("assertion_challenge", decision(by_device(digest_of()), **CHANGED[change]))


def test_a_signature_under_another_reason_is_refused():
    entry = decision(by_device(digest_of()))
    refused("assertion_challenge", replace(entry, statement=Commitment(REASON.of, "9" * 64)))
    refused("assertion_challenge", replace(entry, statement=None))


def test_a_signature_under_another_type_is_refused():
    entry = decision(by_device(digest_of()))
    refused("assertion_challenge", replace(entry, type="grant.withdrawn"))


def test_where_the_entry_stands_is_not_signed_but_given_by_the_ledger():
    entry = decision(by_device(digest_of()))
    verify_approval(replace(entry, seq=41, station="station-2"), KEY, ORIGINS)


def test_the_order_of_subjects_does_not_matter():
    assert digest_of(about=ABOUT[::-1]) == digest_of()


def test_the_challenge_is_what_the_design_says():
    said = {"type": "t", "about": ["a", "b"], "actor": HEAD, "body": {"x": 1}, "statement": None}
    body = {"x": 1, "signature": {"fmt": "…"}}
    assert challenge("t", ["b", "a"], HEAD, body, None) == sha256(encode(said)).digest()


def test_somebody_else_cannot_use_the_key():
    stolen = decision(by_device(digest_of(actor=OTHER)), actor=OTHER)
    refused("approval_person", stolen)
    body = {name: BODY[name] for name in BODY if name != "approver"}
    entry = decision(by_device(digest_of(body, actor=OTHER)), body, actor=OTHER)
    refused("approval_person", entry)
    entry = decision(by_device(digest_of(body)), body)
    verify_approval(entry, KEY, ORIGINS)


def test_a_decision_names_its_signer_as_approver():
    body = BODY | {"approver": OTHER}
    refused("approval_person", decision(by_device(digest_of(body)), body))


def test_a_login_key_decides_nothing():
    refused("approval_use", decision(by_device(digest_of())), replace(KEY, use="login"))


def test_a_login_assertion_is_no_approval_whatever_the_browser_says():
    login = by_device(digest_of(), rp="dock1.example", origin="https://dock1.example")
    refused("assertion_origin", decision(login))
    refused("assertion_rp", decision(by_device(digest_of(), rp="dock1.example")))


def test_the_page_must_be_that_of_the_signing_host():
    refused("assertion_origin", decision(by_device(digest_of(), origin="http://" + HOST)))
    refused("assertion_origin", decision(by_device(digest_of())), origins=())


def test_without_proof_of_who_it_is_nothing_is_signed():
    refused("assertion_verified", decision(by_device(digest_of(), flags=PRESENT)))


def test_a_revoked_key_signs_nothing_later_and_keeps_what_it_signed():
    entry = decision(by_device(digest_of()), seq=40)
    refused("approval_revoked", entry, replace(KEY, revoked=39))
    verify_approval(entry, replace(KEY, revoked=41), ORIGINS)


def test_a_key_signs_nothing_before_it_was_registered():
    entry = decision(by_device(digest_of()), seq=20)
    refused("approval_early", entry)
    verify_approval(decision(by_device(digest_of()), seq=21), KEY, ORIGINS)


def test_the_key_comes_from_the_ledger_and_is_the_one_that_is_named():
    entry = decision(by_device(digest_of()))
    refused("approval_key", entry, replace(KEY, entry=21))
    refused("approval_key", entry, replace(SOFT_KEY, entry=20))
    strange = replace(KEY, fmt="sm2/1")
    signed = Approval("sm2/1", 20, by_device(digest_of()).envelope)
    refused("approval_key", decision(signed), strange)


def test_an_unsigned_decision_is_told_from_a_signed_one():
    entry = decision(None)
    assert approval_of(entry.body) is None
    assert approval_of({}) is None
    refused("approval_missing", entry)


def test_what_was_signed_is_read_back_as_it_was_written():
    approval = by_device(digest_of())
    assert approval_of(decode(encode({"signature": signature_of(approval)}))) == approval


FORMS = {
    "a text": "signed",
    "a list": [],
    "nothing in it": {},
    "one field more": {"fmt": "webauthn/1", "key": 20, "envelope": {}, "public": ""},
    "no number": {"fmt": "webauthn/1", "key": "20", "envelope": {}},
    "yes as a number": {"fmt": "webauthn/1", "key": True, "envelope": {}},
    "a number as a name": {"fmt": 1, "key": 20, "envelope": {}},
    "a text as an envelope": {"fmt": "webauthn/1", "key": 20, "envelope": "signed"},
    "a number in an envelope": {"fmt": "webauthn/1", "key": 20, "envelope": {"signature": 1}},
}


@pytest.mark.parametrize("form", FORMS)
def test_a_signature_has_one_form(form):
    with pytest.raises(ProofError, match="approval_form"):
        approval_of({"signature": FORMS[form]})


def test_an_approval_is_checked_before_it_is_written_down():
    digest = digest_of()
    check_approval(by_device(digest), KEY, digest, ORIGINS, actor=HEAD)
    with pytest.raises(ProofError, match="approval_revoked"):
        check_approval(by_device(digest), replace(KEY, revoked=999), digest, ORIGINS, actor=HEAD)


def test_the_ledger_makes_the_statement_that_was_signed():
    ledger = MemoryLedger()
    private = replace(REASON, salt=secrets.token_hex(32))
    index = ledger.append([Draft("request.decided", HEAD, ABOUT, BODY, private=private)]).indexes[0]
    assert ledger.entry(index).statement.sha256 == statement_digest(private)


@pytest.mark.parametrize(
    "private", [Private(HEAD, {}), Private(HEAD, {}, ({"line": 0},), salt="7" * 64)]
)
def test_only_a_statement_whose_salt_is_known_can_be_signed(private):
    with pytest.raises(MalformedError, match="statement_malformed"):
        statement_digest(private)


def test_a_host_is_trusted_over_tls_and_this_machine_without():
    assert origins_of(None) == origins_of("") == frozenset()
    assert origins_of("dock1.example:8443") == {"https://dock1.example:8443"}
    assert origins_of("localhost:8000") == {"https://localhost:8000", "http://localhost:8000"}
    assert "http://sign.localhost" in origins_of("sign.localhost")
    assert origins_of("notlocalhost") == {"https://notlocalhost"}


def test_a_key_is_registered_only_where_its_signatures_will_verify():
    check_public("webauthn/1", KEY.public)
    check_public("software/1", SOFT_KEY.public)
    for fmt, public, word in (
        ("webauthn/1", SOFT_KEY.public, "assertion_key"),
        ("software/1", KEY.public, "assertion_key"),
        ("software/1", KEY.public + "=", "assertion_encoding"),
        ("sm2/1", KEY.public, "approval_key"),
    ):
        with pytest.raises(ProofError, match=word):
            check_public(fmt, public)

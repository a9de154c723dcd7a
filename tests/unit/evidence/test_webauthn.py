import json
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from hypothesis import example, given
from hypothesis import strategies as st
from webauthn import verify_authentication_response, verify_registration_response

from evidence import webauthn
from evidence.errors import ProofError
from evidence.webauthn import (
    KEY_LIMIT_BYTES,
    TEXT_LIMIT,
    Credential,
    base64url,
    public_key,
    unbase64url,
    verify_assertion,
)
from tests.tools.authenticator import (
    ALGORITHMS,
    ATTESTED,
    BACKED_UP,
    ELIGIBLE,
    PRESENT,
    VERIFIED,
    Authenticator,
    cbor,
    cose_key,
    head,
)

RP, ORIGIN = "sign.dock1.example", "https://sign.dock1.example"
CHALLENGE = sha256(b"a decision").digest()
KEY = Authenticator()


def credential(key=KEY, **other):
    made = Credential(key.credential, key.public, RP, device_bound=key.device_bound)
    return replace(made, **other)


def verified(envelope, key=KEY, challenge=CHALLENGE, **other):
    return verify_assertion(challenge, credential(key, **other), envelope, {ORIGIN})


def envelope(key=KEY, challenge=CHALLENGE, **spoilt):
    return key.envelope(challenge, RP, ORIGIN, **spoilt)


def refused(because, call, *args, **kwargs):
    with pytest.raises(ProofError) as told:
        call(*args, **kwargs)
    assert told.value.word == f"assertion_{because}"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("device_bound", [True, False])
def test_an_assertion_of_each_algorithm_verifies(algorithm, device_bound):
    key = Authenticator(algorithm, device_bound=device_bound)
    asserted = verified(envelope(key), key)
    assert (asserted.device_bound, asserted.backed_up) == (device_bound, not device_bound)
    assert asserted.count == (1 if device_bound else 0)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_library_that_enrols_keys_agrees_with_us(algorithm):
    key = Authenticator(algorithm)
    enrolled = verify_registration_response(
        credential=key.register(CHALLENGE, RP, ORIGIN),
        expected_challenge=CHALLENGE,
        expected_rp_id=RP,
        expected_origin=ORIGIN,
        require_user_verification=True,
    )
    assert enrolled.credential_public_key == key.public
    public_key(enrolled.credential_public_key)
    asserted = verify_authentication_response(
        credential=key.assertion(CHALLENGE, RP, ORIGIN),
        expected_challenge=CHALLENGE,
        expected_rp_id=RP,
        expected_origin=ORIGIN,
        credential_public_key=enrolled.credential_public_key,
        credential_current_sign_count=0,
        require_user_verification=True,
    )
    assert asserted.credential_id == key.id


def test_the_counter_is_told_and_not_judged():
    assert verified(envelope(count=0)).count == 0
    assert verified(envelope(count=2**32 - 1)).count == 2**32 - 1


def test_a_key_whose_copies_nobody_asked_about_is_taken_either_way():
    copied = Authenticator(device_bound=False)
    assert not verified(envelope(copied), copied, device_bound=None).device_bound
    assert verified(envelope(), device_bound=None).device_bound


BOTH = PRESENT | VERIFIED
SPOILT = {
    "made to enrol, not to sign": ("type", {"type": "webauthn.create"}),
    "over another challenge": ("challenge", {"client": {"challenge": base64url(bytes(32))}}),
    "a challenge with padding": (
        "challenge",
        {"client": {"challenge": base64url(CHALLENGE) + "="}},
    ),
    "on another page": ("origin", {"origin": "https://dock1.example"}),
    "without transport security": ("origin", {"origin": "http://sign.dock1.example"}),
    "on another port": ("origin", {"origin": ORIGIN + ":8443"}),
    "client data that name another page": ("origin", {"client": {"origin": "https://evil"}}),
    "without a page": ("origin", {"client": {"origin": None}}),
    "inside another page": ("cross_origin", {"client": {"crossOrigin": True}}),
    "a word where yes or no belongs": ("cross_origin", {"client": {"crossOrigin": 0}}),
    "with a page on top": ("cross_origin", {"client": {"topOrigin": ORIGIN}}),
    "for another relying party": ("rp", {"rp": "dock1.example"}),
    "nobody touched it": ("present", {"flags": VERIFIED}),
    "nobody proved who they are": ("verified", {"flags": PRESENT}),
    "backed up though it cannot be": ("backup", {"flags": BOTH | BACKED_UP}),
    "a copy of a key that cannot be copied": ("backup", {"flags": BOTH | ELIGIBLE}),
    "says that a key follows": ("length", {"flags": BOTH | ATTESTED}),
    "says that extensions follow": ("length", {"flags": BOTH | 0x80}),
    "bytes behind the end": ("length", {"tail": b"\xa0"}),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_what_is_spoilt_is_refused_although_it_is_signed(fault):
    because, spoilt = SPOILT[fault]
    refused(because, verified, envelope(**spoilt))


def test_a_device_that_claims_to_be_the_only_one_of_a_copied_key_is_refused():
    copied = Authenticator(device_bound=False)
    refused("backup", verified, envelope(copied, flags=BOTH), copied)


def test_the_hash_of_the_relying_party_counts_and_not_what_the_envelope_says():
    forged = envelope(rp="dock1.example") | {"rp": RP}
    refused("rp", verified, forged)


def test_the_signed_page_counts_and_not_what_the_envelope_says():
    refused("origin", verified, envelope() | {"origin": "https://dock1.example"})


def test_a_replay_over_another_challenge_is_refused():
    refused("challenge", verified, envelope(), challenge=sha256(b"another decision").digest())


def test_the_key_of_another_person_is_refused():
    other = Authenticator(number=1)
    refused("credential", verified, envelope(other))
    refused("signature", verified, envelope(other) | {"credential": KEY.credential})


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_flipped_bit_is_refused(algorithm):
    key = Authenticator(algorithm)
    good = envelope(key)
    for name in ("client_data", "authenticator_data", "signature"):
        raw = unbase64url(good[name])
        for at in range(len(raw)):
            wrong = bytearray(raw)
            wrong[at] ^= 1 << at % 8
            with pytest.raises(ProofError):
                verified(good | {name: base64url(bytes(wrong))}, key)


def test_an_envelope_has_exactly_its_fields():
    good = envelope()
    for name in good:
        refused("form", verified, {key: good[key] for key in good if key != name})
    refused("form", verified, good | {"public": base64url(KEY.public)})


@pytest.mark.parametrize("name", ["client_data", "authenticator_data", "signature"])
def test_only_canonical_base64url_is_read(name):
    good = envelope()[name]
    wrong = [good + "=", good + "\n", good[:4] + "+" + good[5:], good[:4] + "/" + good[5:]]
    wrong += [good[:-1] + chr(ord(good[-1]) + 1), "A", "é", " " + good, "A" * (TEXT_LIMIT + 1)]
    for text in wrong:
        with pytest.raises(ProofError):
            verified(envelope() | {name: text})


def test_bits_that_no_byte_has_are_refused():
    assert unbase64url("_-8") == b"\xff\xef"
    refused("encoding", unbase64url, "_-9")
    assert unbase64url("") == b""


def with_client_data(raw):
    """Return an envelope whose client data are these bytes, signed."""
    data = unbase64url(envelope()["authenticator_data"])
    signature = KEY.sign(data + sha256(raw).digest())
    return envelope() | {
        "client_data": base64url(raw),
        "authenticator_data": base64url(data),
        "signature": base64url(signature),
    }


SAID = {"type": "webauthn.get", "challenge": base64url(CHALLENGE), "origin": ORIGIN}


def test_client_data_may_leave_out_what_is_optional():
    verified(with_client_data(json.dumps(SAID).encode()))


TWICE = json.dumps(SAID)[:-1].encode() + b', "challenge": "AAAA"}'
STRANGE = {
    "no JSON": b"webauthn.get",
    "a list": b"[]",
    "a member twice": TWICE,
    "no text": json.dumps(SAID).encode("utf-16"),
    "a mark before it": b"\xef\xbb\xbf" + json.dumps(SAID).encode(),
    "no number": json.dumps(SAID)[:-1].encode() + b', "n": NaN}',
    "very deep": b"[" * 3000 + b"]" * 3000,
}


@pytest.mark.parametrize("fault", STRANGE)
def test_client_data_have_one_reading(fault):
    refused("client_data", verified, with_client_data(STRANGE[fault]))


def key_refused(raw):
    refused("key", public_key, raw)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_cut_key_and_every_byte_behind_a_key_is_refused(algorithm):
    raw = Authenticator(algorithm).public
    for end in range(len(raw)):
        key_refused(raw[:end])
    key_refused(raw + b"\x00")
    key_refused(raw + bytes(KEY_LIMIT_BYTES))


EC = cose_key(KEY.key)
X, Y = EC[-2], EC[-3]
PAIRS = (b"\x01\x02", b"\x03\x26", b"\x20\x01", b"\x21" + cbor(X), b"\x22" + cbor(Y))
TRICKS = {
    "no map": cbor(b"key"),
    "a list": b"\x85" + b"".join(PAIRS),
    "a map without end": b"\xbf" + b"".join(PAIRS) + b"\xff",
    "a long count": b"\xb8\x05" + b"".join(PAIRS),
    "a count of two bytes": b"\xb9\x00\x05" + b"".join(PAIRS),
    "a count of four bytes": b"\xba\x00\x00\x00\x05" + b"".join(PAIRS),
    "many pairs": cbor({n: n for n in range(9)}),
    "pairs in another order": b"\xa5" + b"".join(reversed(PAIRS)),
    "a pair twice": b"\xa6" + PAIRS[0] + b"".join(PAIRS),
    "a long integer": b"\xa5\x18\x01\x02" + b"".join(PAIRS[1:]),
    "a longer integer": b"\xa5\x19\x00\x01\x02" + b"".join(PAIRS[1:]),
    "a long value": b"\xa5\x01\x18\x02" + b"".join(PAIRS[1:]),
    "bytes as a name": b"\xa5\x41\x01\x02" + b"".join(PAIRS[1:]),
    "a text as a value": b"\xa5\x01\x61\x02" + b"".join(PAIRS[1:]),
    "bytes without an end": b"\xa5" + b"".join(PAIRS[:3]) + b"\x21\x5f" + cbor(X) + b"\xff",
    "bytes in a long frame": b"\xa5" + b"".join(PAIRS[:3]) + b"\x21\x59\x00\x20" + X + PAIRS[4],
    "a tag": b"\xc0" + cbor(EC),
    "a further member": cbor(EC | {2: b"id"}),
    "less members": cbor({name: EC[name] for name in (1, 3, -1, -2)}),
    "another curve": cbor(EC | {-1: 2}),
    "another algorithm": cbor(EC | {3: -35}),
    "the algorithm of another kind": cbor(EC | {3: -8}),
    "a short x": cbor(EC | {-2: X[1:]}),
    "a long y": cbor(EC | {-3: b"\x00" + Y}),
    "a point off its curve": cbor(EC | {-3: Y[:-1] + bytes([Y[-1] ^ 1])}),
    "no point": cbor(EC | {-2: bytes(32), -3: bytes(32)}),
    "y as a sign": cbor(EC | {-3: 1}),
    "a short Ed25519": cbor({1: 1, 3: -8, -1: 6, -2: bytes(range(31))}),
    "X25519": cbor({1: 1, 3: -8, -1: 4, -2: bytes(range(32))}),
    "nothing": b"",
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_key_has_one_encoding(trick):
    public_key(b"\xa5" + b"".join(PAIRS))
    key_refused(TRICKS[trick])


def rsa_cose(**other):
    return cbor(cose_key(Authenticator("RS256").key) | other.get("members", {}))


def test_weak_and_strange_rsa_keys_are_refused():
    public_key(rsa_cose())
    modulus = cose_key(Authenticator("RS256").key)[-1]
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - weak on purpose
    key_refused(cbor(cose_key(weak)))
    for members in (
        {-1: b""},
        {-1: b"\x00" + modulus},
        {-1: modulus[:-1] + b"\x00"},
        {-1: modulus + modulus + modulus},
        {-2: b"\x03"},
        {-2: b"\x00\x01\x00\x01"},
        {-2: 3},
    ):
        key_refused(rsa_cose(members=members))


def test_a_signature_of_another_algorithm_is_refused():
    other = Authenticator("EdDSA")
    wrong = envelope() | {"signature": envelope(other)["signature"]}
    refused("signature", verified, wrong)


def test_an_ecdsa_signature_has_one_form():
    good = envelope()
    raw = unbase64url(good["signature"])
    for wrong in (raw + b"\x00", b"\x30\x81" + raw[1:], raw[:-1], b"", bytes(64)):
        refused("signature", verified, good | {"signature": base64url(wrong)})


def test_the_twin_of_an_ecdsa_signature_says_nothing_else():
    good = envelope()
    r, s = decode_dss_signature(unbase64url(good["signature"]))
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    twin = good | {"signature": base64url(encode_dss_signature(r, order - s))}
    assert verified(twin) == verified(good)


# x^2 = (y^2 - 1) / (d y^2 + 1); doubled three times, a point of small order is (0, 1).
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def eight_times_y(y):
    """Return y of 8 P from y of P; x enters doubling as its square only."""
    for _ in range(3):
        xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
        below = (1 - D * xx * y * y) % P
        y = (y * y + xx) * pow(below, -1, P) % P
    return y


def test_points_by_which_anybody_could_sign_are_refused():
    assert len(webauthn._SMALL_ORDER) == 5
    for y in webauthn._SMALL_ORDER:
        assert eight_times_y(y) == 1
        for sign in (0, 1 << 255):
            key_refused(cbor({1: 1, 3: -8, -1: 6, -2: (y | sign).to_bytes(32, "little")}))
    for y in (P, P + 1, 2**255 - 1):
        key_refused(cbor({1: 1, 3: -8, -1: 6, -2: y.to_bytes(32, "little")}))


def test_such_a_point_really_would_sign_anything():
    one = (1).to_bytes(32, "little")
    Ed25519PublicKey.from_public_bytes(one).verify(one + bytes(32), b"whatever anybody says")


def test_a_head_of_cbor_is_what_the_library_for_tests_writes():
    assert head(2, 300) == b"\x59\x01\x2c"
    assert isinstance(KEY.key, ec.EllipticCurvePrivateKey)


@given(st.binary(max_size=120))
@example(b"\xa5")
@example(bytes([0xB9, 0xFF, 0xFF]))
def test_whatever_a_key_is_it_is_refused_in_our_own_words(raw):
    for key in (raw, KEY.public[: len(raw)] + raw):
        with pytest.raises(ProofError):
            public_key(key)


@given(st.text(max_size=60), st.sampled_from(sorted(envelope())))
def test_whatever_an_envelope_says_it_is_refused_in_our_own_words(text, name):
    with pytest.raises(ProofError):
        verified(envelope() | {name: text})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    )
)
def test_whatever_client_data_are_they_are_refused_in_our_own_words(value):
    with pytest.raises(ProofError):
        verified(with_client_data(json.dumps(value).encode()))

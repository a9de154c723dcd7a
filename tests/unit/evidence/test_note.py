import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.errors import IntegrityError, MalformedError, ProofError
from evidence.note import NOTE_LIMIT_BYTES, Signer, VerifierKey, open_note, parse_vkey, sign_note

# The example of C2SP signed-note, and the one of golang.org/x/mod/sumdb/note.
SPEC_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_TEXT = "This is an example message.\n"
SPEC_LINE = (
    "\u2014 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
SPEC_NOTE = f"{SPEC_TEXT}\n{SPEC_LINE}".encode()
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()

OURS = Signer("lab.example/dock/01/1", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
THEIRS = Signer("witness.example/w", Ed25519PrivateKey.from_private_bytes(bytes(32)))
TEXT = "lab.example/dock/01/1\n0\nroot\n"


def opened(data, *signers):
    return open_note(data, [signer.verifier for signer in signers])


def test_the_example_of_the_specification_opens():
    assert open_note(SPEC_NOTE, [parse_vkey(SPEC_VKEY)]) == SPEC_TEXT
    assert parse_vkey(SPEC_VKEY).text == SPEC_VKEY
    assert parse_vkey(SPEC_VKEY).id.hex() == "530d903a"


def test_the_example_of_the_go_library_opens():
    assert open_note(GO_NOTE, [parse_vkey(GO_VKEY)]).startswith("If you think")


def test_every_flipped_bit_of_a_note_is_refused():
    for at in range(len(SPEC_NOTE)):
        for bit in range(8):
            wrong = bytearray(SPEC_NOTE)
            wrong[at] ^= 1 << bit
            with pytest.raises(IntegrityError):
                open_note(bytes(wrong), [parse_vkey(SPEC_VKEY)])


def test_every_changed_letter_of_a_key_is_refused():
    for at, letter in enumerate(GO_VKEY):
        for wrong in (chr(ord(letter) + 1), "", " "):
            with pytest.raises(MalformedError):
                parse_vkey(GO_VKEY[:at] + wrong + GO_VKEY[at + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a+b+c",
        GO_VKEY.upper(),
        GO_VKEY + "\n",
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_what_is_not_a_key_is_refused(text):
    with pytest.raises(MalformedError):
        parse_vkey(text)


@pytest.mark.parametrize("name", ["", "a+b", "a b", "a\u2003b", "a\nb", "a\x00b"])
def test_a_key_name_has_no_space_and_no_plus(name):
    with pytest.raises(MalformedError):
        VerifierKey(name, bytes(32))


def test_a_public_key_has_32_bytes():
    with pytest.raises(MalformedError):
        VerifierKey("a", bytes(31))


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]) | st.just("\n")))
def test_a_text_that_is_signed_comes_back(text):
    data = sign_note(text + "\n", OURS)
    assert opened(data, OURS) == text + "\n"


def test_a_text_with_blank_lines_is_split_at_the_last_one():
    text = "a\n\n\u2014 not a signature\n\nb\n"
    assert opened(sign_note(text, OURS), OURS) == text


def test_signatures_of_others_are_ignored_and_not_enough():
    data = sign_note(TEXT, OURS) + THEIRS.signature_line("something else\n").encode()
    assert opened(data, OURS) == TEXT
    with pytest.raises(ProofError):
        opened(sign_note(TEXT, THEIRS), OURS)
    with pytest.raises(ProofError):
        opened(data)


def test_a_known_key_that_fails_refuses_the_note_even_beside_a_good_one():
    data = sign_note(TEXT, OURS) + THEIRS.signature_line("something else\n").encode()
    with pytest.raises(ProofError):
        opened(data, OURS, THEIRS)


def test_the_same_name_with_another_key_is_not_our_key():
    impostor = Signer(OURS.verifier.name, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    with pytest.raises(ProofError):
        opened(sign_note(TEXT, impostor), OURS)


GOOD = sign_note(TEXT, OURS)
LINE = OURS.signature_line(TEXT)
RAW = base64.b64decode(LINE.split(" ")[2])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        TEXT.encode(),
        GOOD[:-1],
        GOOD + b"\n",
        GOOD.replace(b"\n\n", b"\n \n"),
        GOOD.replace(b"\n", b"\r\n"),
        b"\xff" + GOOD,
        b"\x07" + GOOD,
        GOOD.replace("\u2014".encode(), b"-"),
        GOOD.replace(b"=", b""),
        GOOD.replace(b"=", b"=="),
        GOOD[:-1] + b" \n",
        GOOD[:-1] + b"\t\n",
        f"{TEXT}\n{LINE}\u2014 x AAAA\n".encode(),
        f"{TEXT}\n{LINE}\u2014 x\n".encode(),
        f"{TEXT}\n{LINE}\u2014  {base64.b64encode(RAW).decode()}\n".encode(),
        f"{TEXT}\n{LINE}\n{LINE}".encode().replace(LINE.encode() + b"\n", b"", 1) + b"x",
        f"{TEXT}\n{LINE * 101}".encode(),
        b"x" * NOTE_LIMIT_BYTES + GOOD,
        LINE.encode(),
        b"\n" + LINE.encode(),
    ],
    ids=lambda data: repr(data[-24:]),
)
def test_what_is_not_a_note_is_refused(data):
    with pytest.raises(MalformedError):
        opened(data, OURS)


def test_base64_with_other_trailing_bits_is_refused():
    # The last letter before the padding carries bits that decode to nothing.
    position = GOOD.rindex(b"=") - 1
    position -= GOOD[position : position + 1] == b"="
    letter = GOOD[position : position + 1]
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = alphabet[alphabet.index(letter) ^ 1 : (alphabet.index(letter) ^ 1) + 1]
    with pytest.raises(MalformedError):
        opened(GOOD[:position] + other + GOOD[position + 1 :], OURS)


@pytest.mark.parametrize("text", ["", "no newline", "tab\there\n", "\ud800\n"])
def test_what_is_not_a_text_is_not_signed(text):
    with pytest.raises(MalformedError):
        sign_note(text, OURS)

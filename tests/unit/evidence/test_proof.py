from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence import checkpoint, proof
from evidence.errors import IntegrityError, MalformedError, ProofError
from evidence.merkle import inclusion_proof, leaf_hash, root_hash
from evidence.note import Signer, sign_note
from evidence.tiles import split_tile
from tests.unit.evidence.test_merkle import mth, path
from tests.unit.evidence.test_tiles import Tree

ORIGIN = "lab.example/dock/0042/1"
SIGNER = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STRANGER = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
# Where perfect trees end, where a tile is full, where the next level begins.
SIZES = [1, 2, 3, 5, 7, 8, 255, 256, 257, 511, 513, 600]
LARGE = 66_000  # two full levels: a tile of level 2 is needed


class Log:
    """A tree with its tiles; ``read`` gives only tiles that it has at its present size."""

    def __init__(self, size):
        self.entries = [b"entry %d" % number for number in range(size)]
        self.tree = Tree()
        self.tree.append(self.entries)
        self.note = note_of(size, mth_of(size))

    def read(self, tile):
        return self.tree.files[tile.path]


def mth_of(size):
    return mth([leaf_hash(b"entry %d" % number) for number in range(size)])


def note_of(size, root, signer=SIGNER, origin=ORIGIN):
    text = checkpoint.encode(checkpoint.Checkpoint(origin, size, root))
    return sign_note(text, signer)


LOG = Log(600)
PROOF = proof.prove(77, LOG.note, LOG.read)
TEXT = proof.encode(PROOF)


@pytest.mark.parametrize("size", SIZES)
def test_a_proof_from_tiles_is_the_one_of_the_standard(size):
    log = Log(size)
    leaves = [leaf_hash(each) for each in log.entries]
    for index in {*range(0, size, 37), 0, size // 2, size - 1}:
        made = proof.prove(index, log.note, log.read)
        assert list(made.path) == path(index, leaves)
        assert proof.verify(made, log.entries[index], SIGNER.verifier).size == size


def test_a_tree_of_three_levels_of_tiles_is_proven_with_few_of_them():
    log, asked = Log(LARGE), []
    leaves = [leaf_hash(each) for each in log.entries]
    note = note_of(LARGE, root_hash(leaves))

    def read(tile):
        asked.append(tile.path)
        return log.read(tile)

    for index in (300, LARGE - 1):
        made = proof.prove(index, note, read)
        assert made.path == inclusion_proof(leaves, index)
        proof.verify(made, log.entries[index], SIGNER.verifier)
    assert {each.split("/")[1] for each in asked} == {"0", "1", "2"}
    assert len(set(asked)) <= 8


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 600), st.data())
def test_every_entry_of_every_tree_is_proven_and_no_other_one(size, data):
    index = data.draw(st.integers(0, size - 1))
    tree = Tree()
    tree.append(LOG.entries[:size])
    note = note_of(size, mth(tree.leaves))
    made = proof.prove(index, note, lambda tile: tree.files[tile.path])
    again = proof.decode(proof.encode(made))
    assert again == made
    proof.verify(again, LOG.entries[index], SIGNER.verifier)
    with pytest.raises(ProofError):
        proof.verify(again, LOG.entries[(index + 1) % 600], SIGNER.verifier)


def test_the_text_is_that_of_the_specification():
    lines = TEXT.decode().split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 77"]
    blank = lines.index("")
    assert lines[2:blank] == [b64encode(each).decode() for each in PROOF.path]
    assert "\n".join(lines[blank + 1 :]).encode() == LOG.note


def test_the_text_is_read_by_somebody_who_knows_only_the_specification():
    """Recomputed with nothing of ours: split, base64, SHA-256."""
    head, note = TEXT.decode().split("\n\n", 1)
    _, index, *hashes = head.split("\n")
    place, size = int(index.split()[1]), int(note.split("\n")[1])
    node, last = sha256(b"\x00entry 77").digest(), size - 1
    for each in (b64(line) for line in hashes):
        if place & 1 or place == last:
            node = sha256(b"\x01" + each + node).digest()
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = sha256(b"\x01" + node + each).digest()
        place, last = place >> 1, last >> 1
    assert node == b64(note.split("\n")[2])


def b64(text):
    import base64  # noqa: PLC0415 - this reader shares nothing with the module above

    return base64.b64decode(text)


def test_extra_data_has_its_line_and_is_vouched_for_by_nobody():
    carrying = replace(PROOF, extra=b"an entry")
    text = proof.encode(carrying)
    assert text.split(b"\n")[1] == b"extra " + b64encode(b"an entry")
    assert proof.decode(text) == carrying
    proof.verify(carrying, b"entry 77", SIGNER.verifier)
    proof.verify(replace(carrying, extra=b"another"), b"entry 77", SIGNER.verifier)


def test_a_tree_of_one_entry_needs_no_hash():
    log = Log(1)
    made = proof.prove(0, log.note, log.read)
    assert made.path == ()
    assert proof.decode(proof.encode(made)) == made


def changed(old, new):
    assert TEXT.count(old) >= 1
    return TEXT.replace(old, new, 1)


FIRST_HASH = TEXT.split(b"\n")[2]
LINES_BEFORE = b"c2sp.org/tlog-proof@v1\nindex 77\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        TEXT.partition(b"\n\n")[0],  # no checkpoint
        TEXT.partition(b"\n\n")[0] + b"\n\n",
        TEXT.replace(b"\n", b"\r\n"),
        changed(b"@v1", b"@v2"),
        b" " + TEXT,
        changed(b"index 77", b"index 077"),
        changed(b"index 77", b"index +77"),
        changed(b"index 77", b"index  77"),
        changed(b"index 77", b"index 77 "),
        changed(b"index 77", b"index 7_7"),
        changed(b"index 77", "index ７７".encode()),
        changed(b"index 77", b"index 9223372036854775807"),
        changed(b"index 77", b"index"),
        changed(b"index 77", b"Index 77"),
        changed(b"\nindex 77", b""),
        changed(b"index 77", b"extra \nindex 77"),
        changed(b"index 77", b"extra !!!!\nindex 77"),
        changed(b"index 77", b"extra YQ==\nextra YQ==\nindex 77"),
        changed(b"index 77", b"index 77\nextra YQ=="),
        changed(FIRST_HASH, FIRST_HASH[:-1]),
        changed(FIRST_HASH, FIRST_HASH + b" "),
        changed(FIRST_HASH, b64encode(bytes(31))),
        changed(FIRST_HASH, b64encode(bytes(33))),
        changed(FIRST_HASH, b"\xff" + FIRST_HASH),
        changed(FIRST_HASH, b"\n".join([FIRST_HASH] * 64)),
        TEXT + b" " * proof.PROOF_LIMIT_BYTES,
    ],
)
def test_what_is_not_the_one_text_of_a_proof_is_refused(data):
    with pytest.raises(MalformedError):
        proof.decode(data)


def test_every_changed_byte_of_a_proof_is_refused():
    for at in range(len(TEXT)):
        garbled = TEXT[:at] + bytes([TEXT[at] ^ 1]) + TEXT[at + 1 :]
        with pytest.raises(IntegrityError):
            proof.verify(proof.decode(garbled), b"entry 77", SIGNER.verifier)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(PROOF, index=-1),
        replace(PROOF, path=(b"short",)),
        replace(PROOF, path=(bytes(32),) * 64),
        replace(PROOF, note=b""),
        replace(PROOF, extra=b""),
        replace(PROOF, extra=bytes(proof.PROOF_LIMIT_BYTES)),
    ],
)
def test_what_could_not_be_read_back_is_never_written(wrong):
    with pytest.raises(MalformedError):
        proof.encode(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(PROOF, index=78),
        replace(PROOF, index=600),
        replace(PROOF, path=PROOF.path[:-1]),
        replace(PROOF, path=(*PROOF.path, bytes(32))),
        replace(PROOF, note=note_of(599, mth_of(599))),
        replace(PROOF, note=note_of(600, mth_of(600), STRANGER)),
        replace(PROOF, note=note_of(600, mth_of(600), origin="lab.example/dock/0042/2")),
    ],
)
def test_a_proof_of_something_else_is_refused(wrong):
    with pytest.raises(ProofError):
        proof.verify(wrong, b"entry 77", SIGNER.verifier)


@pytest.mark.parametrize("index", [-1, 600])
def test_what_is_not_in_the_tree_cannot_be_proven(index):
    with pytest.raises(ProofError):
        proof.prove(index, LOG.note, LOG.read)


@pytest.mark.parametrize("note", [b"", b"no checkpoint\n\nx", b"\xff\xfe\n\nx"])
def test_there_is_no_proof_under_what_is_no_checkpoint(note):
    with pytest.raises(MalformedError):
        proof.prove(0, note, LOG.read)


def test_a_tile_that_lies_gives_a_proof_that_is_refused():
    def read(tile):
        hashes = split_tile(LOG.read(tile), tile.width)
        return b"".join([leaf_hash(hashes[0]), *hashes[1:]])

    made = proof.prove(1, LOG.note, read)
    with pytest.raises(ProofError):
        proof.verify(made, b"entry 1", SIGNER.verifier)

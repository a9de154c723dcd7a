"""C2SP tlog-proof: one text file that proves, without us, that a ledger holds an entry.

    c2sp.org/tlog-proof@v1
    extra <base64>              only where there is any; nothing vouches for it
    index <decimal>
    <base64 of a hash>          from the sibling of the leaf up to the child of the root
    (an empty line)
    <the signed checkpoint, as it is>

Strict in both directions: one proof has one text, as everywhere in this package.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.checkpoint import SIZE_LIMIT, Checkpoint, parse
from evidence.errors import MalformedError, ProofError
from evidence.merkle import HASH_BYTES, leaf_hash, node_hash, root_hash, verify_inclusion
from evidence.note import NOTE_LIMIT_BYTES, VerifierKey, open_note, strict_base64
from evidence.tiles import TILE_WIDTH, ReadTile, Tile, split_tile

HEADER = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"
PATH_LIMIT = 63  # hashes: no tree is higher
PROOF_LIMIT_BYTES = 2 * NOTE_LIMIT_BYTES

_INTEGER = re.compile(r"(?:0|[1-9][0-9]{0,18})")
_TILE_BITS = 8  # 256 hashes a tile


@dataclass(frozen=True, slots=True)
class Proof:
    """Where an entry stands, the way to the root, and the checkpoint with that root.

    ``path``: 32 bytes each, lowest first.  ``note``: the signed checkpoint, untouched.
    """

    index: int
    path: tuple[bytes, ...]
    note: bytes
    extra: bytes | None = None


def encode(proof: Proof) -> bytes:
    """Return the text of a proof; ``MalformedError`` for one that could not be read back."""
    lines = [HEADER]
    if proof.extra is not None:
        lines.append("extra " + base64.b64encode(proof.extra).decode())
    lines.append(f"index {proof.index}")
    lines += [base64.b64encode(each).decode() for each in proof.path]
    data = "\n".join(lines).encode() + b"\n\n" + proof.note
    decode(data)
    return data


def decode(data: bytes) -> Proof:
    """Return the proof whose only text is ``data``, or raise ``MalformedError``.

    Nothing is proven by that: see ``verify``.
    """
    if len(data) > PROOF_LIMIT_BYTES:
        raise MalformedError("proof_too_long", limit=PROOF_LIMIT_BYTES)
    head, blank, note = data.partition(b"\n\n")
    if not blank or not note:
        raise MalformedError("proof_malformed", line=0)
    try:
        lines = head.decode("ascii").split("\n")  # never splitlines(): see evidence/note.py
    except UnicodeDecodeError as error:
        raise MalformedError("proof_malformed", line=0) from error
    if lines[0] != HEADER:
        raise MalformedError("proof_malformed", line=1)
    extra = _extra(lines)
    at = 1 if extra is None else 2
    return Proof(_index(lines, at), _path(lines, at + 1), note, extra)


def prove(index: int, note: bytes, read: ReadTile) -> Proof:
    """Return the proof of entry ``index`` under a signed checkpoint, from the tiles of its tree.

    ``read`` gives a tile at the width that it has in that tree.  Nothing is verified here: tiles
    that lie give a proof that ``verify`` refuses.  Raises ``ProofError`` beyond the tree.
    """
    text = note.rpartition(b"\n\n")[0] + b"\n"
    try:
        size = parse(text.decode()).size
    except UnicodeDecodeError as error:
        raise MalformedError("checkpoint_malformed") from error
    if not 0 <= index < size:
        raise ProofError("proof_out_of_range", index=index, size=size)
    return Proof(index, tuple(_siblings(index, size, read)), note)


def verify(proof: Proof, entry: bytes, key: VerifierKey) -> Checkpoint:
    """Return the checkpoint under which ``entry`` (the bytes of a leaf) stands.

    Raises ``ProofError`` where the note is not signed by ``key``, is another ledger's, or the
    entry is not in its tree at ``proof.index``; ``MalformedError`` where it is no checkpoint.
    """
    checkpoint = parse(open_note(proof.note, (key,)))
    if checkpoint.origin != key.name:
        raise ProofError("proof_origin", expected=key.name, found=checkpoint.origin)
    leaf = leaf_hash(entry)
    verify_inclusion(leaf, proof.index, checkpoint.size, proof.path, checkpoint.root)
    return checkpoint


def _extra(lines: list[str]) -> bytes | None:
    if len(lines) < 2 or not lines[1].startswith("extra "):  # noqa: PLR2004 - header and one more
        return None
    extra = strict_base64(lines[1].removeprefix("extra "))
    if not extra:  # no data has no line: else two texts would say the same
        raise MalformedError("proof_malformed", line=2)
    return extra


def _index(lines: list[str], at: int) -> int:
    word, _, text = (lines[at] if at < len(lines) else "").partition(" ")
    if word != "index" or not _INTEGER.fullmatch(text) or int(text) >= SIZE_LIMIT:
        raise MalformedError("proof_malformed", line=at + 1)
    return int(text)


def _path(lines: list[str], first: int) -> tuple[bytes, ...]:
    if len(lines) - first > PATH_LIMIT:
        raise MalformedError("proof_malformed", line=first + PATH_LIMIT)
    path = tuple(strict_base64(line) for line in lines[first:])
    for at, each in enumerate(path, first + 1):
        if len(each) != HASH_BYTES:
            raise MalformedError("proof_malformed", line=at)
    return path


def _siblings(index: int, size: int, read: ReadTile) -> Iterator[bytes]:
    """Yield the audit path, lowest first: PATH of RFC 6962 2.1.1, climbed from the leaf."""
    low, level = index, 0
    while 1 << level < size:  # at most 63 rounds
        sibling = (low ^ 1) << level
        if sibling < size:
            yield _range_root(sibling, min(size, sibling + (1 << level)), size, read)
        low, level = low >> 1, level + 1


def _range_root(low: int, high: int, size: int, read: ReadTile) -> bytes:
    """Return the root over the leaves ``low`` to ``high`` (not included), a subtree of the tree."""
    roots = []
    while low < high:  # a perfect subtree each round, largest first
        height = (high - low).bit_length() - 1
        roots.append(_perfect_root(low, height, size, read))
        low += 1 << height
    root = roots.pop()
    for left in reversed(roots):
        root = node_hash(left, root)
    return root


def _perfect_root(low: int, height: int, size: int, read: ReadTile) -> bytes:
    """Return the root of 2**height leaves from ``low`` on, which lie in one tile."""
    level = height // _TILE_BITS
    first = low >> (_TILE_BITS * level)
    index, place = divmod(first, TILE_WIDTH)
    count = size >> (_TILE_BITS * level)
    tile = Tile(level, index, min(TILE_WIDTH, count - index * TILE_WIDTH))
    width = 1 << (height % _TILE_BITS)
    return root_hash(split_tile(read(tile), tile.width)[place : place + width])

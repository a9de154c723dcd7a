"""RFC 6962 Merkle trees: hashes, roots, proofs.  Proofs are verified by the steps of RFC 9162.

Functions take *leaf hashes* (32 bytes each), never leaves, except ``leaf_hash`` itself.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from evidence.errors import MalformedError, ProofError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()  # RFC 6962 2.1: the hash of an empty list


def leaf_hash(data: bytes) -> bytes:
    """Return SHA-256(0x00 || data): 32 bytes."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right): 32 bytes."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the perfect subtrees of a growing tree, largest first: a compact range.

    All that is needed to append and to tell the root; at most 63 hashes for any real tree.
    """

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if size < 0 or size.bit_count() != len(hashes):
            raise MalformedError("frontier_malformed", size=size, hashes=len(hashes))
        self.size = size
        self._hashes = list(hashes)

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """Return the subtree roots, largest first; with ``size`` they restore the frontier."""
        return tuple(self._hashes)

    def append(self, leaf: bytes) -> None:
        """Append one leaf hash."""
        hashes, merged = self._hashes, self.size
        while merged & 1:
            leaf = sha256(b"\x01" + hashes.pop() + leaf).digest()
            merged >>= 1
        hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the RFC 6962 root of everything appended."""
        if not self._hashes:
            return EMPTY_ROOT
        root = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            root = node_hash(left, root)
        return root


def root_hash(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes; SHA-256 of nothing when there are none."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the audit path of leaf ``index``, lowest first (RFC 6962 2.1.1)."""
    low, high = 0, len(leaves)
    if not 0 <= index < high:
        raise ProofError("proof_out_of_range", index=index, size=high)
    path = []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(root_hash(leaves[middle:high]))
            high = middle
        else:
            path.append(root_hash(leaves[low:middle]))
            low = middle
    return tuple(reversed(path))


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """Return the proof that the first ``old_size`` leaves are a prefix (RFC 6962 2.1.2).

    Empty for ``old_size`` 0 and for equal sizes, as C2SP tlog-witness wants it.
    """
    low, high = 0, len(leaves)
    if not 0 <= old_size <= high:
        raise ProofError("proof_out_of_range", index=old_size, size=high)
    path: list[bytes] = []
    if old_size in {0, high}:
        return ()
    while old_size != high:
        middle = low + _split(high - low)
        if old_size <= middle:
            path.append(root_hash(leaves[middle:high]))
            high = middle
        else:
            path.append(root_hash(leaves[low:middle]))
            low = middle
    # The old tree's own root is known to the verifier when it is the left edge of the new one.
    return tuple(reversed(path if low == 0 else [*path, root_hash(leaves[low:high])]))


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Hold that ``leaf`` (a leaf hash) is number ``index`` of the tree (RFC 9162 2.1.3.2).

    Raises ``ProofError`` for any difference, also for hashes too many or too few.
    """
    _check_hashes(leaf, root, *proof)
    if not 0 <= index < size:  # step 1
        raise ProofError("proof_out_of_range", index=index, size=size)
    fn, sn, computed = index, size - 1, leaf  # steps 2 and 3
    for sibling in proof:  # step 4
        if sn == 0:
            raise ProofError("proof_length", size=size, given=len(proof))
        if fn & 1 or fn == sn:
            computed = node_hash(sibling, computed)
            fn, sn = _skip_missing(fn, sn)
        else:
            computed = node_hash(computed, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:  # step 5
        raise ProofError("proof_length", size=size, given=len(proof))
    if computed != root:
        raise ProofError("inclusion_wrong", index=index, size=size)


def verify_consistency(
    old_root: bytes, old_size: int, new_root: bytes, new_size: int, proof: Sequence[bytes]
) -> None:
    """Hold that the old tree is a prefix of the new one (RFC 9162 2.1.4.2).

    From size 0 and between equal sizes the proof is empty (C2SP tlog-witness); the roots are
    still compared.  Raises ``ProofError`` for any difference.
    """
    _check_hashes(old_root, new_root, *proof)
    if not 0 <= old_size <= new_size:
        raise ProofError("proof_out_of_range", index=old_size, size=new_size)
    if old_size in {0, new_size}:
        _check_trivial(old_root, old_size, new_root, new_size, len(proof))
        return
    path = list(proof)
    if old_size & (old_size - 1) == 0:  # step 2: a perfect tree is its own first hash
        path.insert(0, old_root)
    if not path:  # step 1
        raise ProofError("proof_length", size=new_size, given=0)
    fn, sn = old_size - 1, new_size - 1  # step 3
    while fn & 1:  # step 4
        fn, sn = fn >> 1, sn >> 1
    if _fold(path, fn, sn, len(proof)) != (old_root, new_root):  # steps 5 to 7
        raise ProofError("consistency_wrong", old=old_size, size=new_size)


def _fold(path: Sequence[bytes], fn: int, sn: int, given: int) -> tuple[bytes, bytes]:
    """Return the old and the new root that ``path`` leads to (steps 5 to 7)."""
    old = new = path[0]
    for sibling in path[1:]:
        if sn == 0:
            raise ProofError("proof_length", given=given)
        if fn & 1 or fn == sn:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            fn, sn = _skip_missing(fn, sn)
        else:
            new = node_hash(new, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise ProofError("proof_length", given=given)
    return old, new


def _skip_missing(fn: int, sn: int) -> tuple[int, int]:
    """Climb the levels at which the right edge has no sibling of its own."""
    while not fn & 1 and fn != 0:
        fn, sn = fn >> 1, sn >> 1
    return fn, sn


def _check_trivial(
    old_root: bytes, old_size: int, new_root: bytes, new_size: int, given: int
) -> None:
    if given:
        raise ProofError("proof_length", size=new_size, given=given)
    if old_root != (new_root if old_size == new_size else EMPTY_ROOT):
        raise ProofError("consistency_wrong", old=old_size, size=new_size)


def _check_hashes(*hashes: bytes) -> None:
    if any(len(each) != HASH_BYTES for each in hashes):
        raise ProofError("proof_hash_length", expected=HASH_BYTES)


def _split(count: int) -> int:
    """Return the largest power of two below ``count`` (RFC 6962 2.1); ``count`` at least 2."""
    return 1 << ((count - 1).bit_length() - 1)

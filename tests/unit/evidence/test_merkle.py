from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.errors import MalformedError, ProofError
from evidence.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(b"entry %d" % number) for number in range(20)]
SIZES = range(1, len(LEAVES) + 1)


def mth(leaves):
    """MTH of RFC 6962 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = max(2**power for power in range(10) if 2**power < len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m, leaves):
    """PATH of RFC 6962 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    k = max(2**power for power in range(10) if 2**power < len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m, leaves, *, known):
    """SUBPROOF of RFC 6962 2.1.2, word for word."""
    if m == len(leaves):
        return [] if known else [mth(leaves)]
    k = max(2**power for power in range(10) if 2**power < len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], known=known), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], known=False), mth(leaves[:k])]


def damaged(proof):
    """Every proof with one bit flipped, one hash dropped, doubled, added or swapped."""
    for at, each in enumerate(proof):
        for bit in (0, 7, 255):
            flipped = int.from_bytes(each, "big") ^ (1 << bit)
            yield [*proof[:at], flipped.to_bytes(32, "big"), *proof[at + 1 :]]
        yield [*proof[:at], *proof[at + 1 :]]
        yield [*proof[:at], each, *proof[at:]]
        yield [*proof[:at], each[:-1], *proof[at + 1 :]]
        if at:
            yield [*proof[: at - 1], each, proof[at - 1], *proof[at + 1 :]]
    for extra in (EMPTY_ROOT, LEAVES[0]):
        yield [*proof, extra]
        yield [extra, *proof]


def test_the_empty_tree_has_the_digest_of_nothing():
    assert root_hash([]) == Frontier().root() == EMPTY_ROOT == sha256(b"").digest()


def test_leaf_and_node_hashes_carry_their_prefix():
    assert leaf_hash(b"x") == sha256(b"\x00x").digest()
    assert node_hash(LEAVES[0], LEAVES[1]) == sha256(b"\x01" + LEAVES[0] + LEAVES[1]).digest()


@pytest.mark.parametrize("size", SIZES)
def test_root_and_proofs_are_those_of_the_standard(size):
    leaves = LEAVES[:size]
    assert root_hash(iter(leaves)) == mth(leaves)
    for index in range(size):
        assert list(inclusion_proof(leaves, index)) == path(index, leaves)
        assert list(consistency_proof(leaves, index + 1)) == subproof(index + 1, leaves, known=True)
    assert consistency_proof(leaves, 0) == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=8), max_size=70), st.integers(0, 70))
def test_a_frontier_restored_anywhere_goes_on_as_if_nothing_had_happened(data, cut):
    leaves = [leaf_hash(each) for each in data]
    first = Frontier()
    for leaf in leaves[:cut]:
        first.append(leaf)
    second = Frontier(first.size, first.hashes)
    for leaf in leaves[cut:]:
        second.append(leaf)
    assert second.size == len(leaves)
    assert second.root() == mth(leaves)


@pytest.mark.parametrize(("size", "hashes"), [(1, []), (3, LEAVES[:1]), (0, LEAVES[:1]), (-1, [])])
def test_a_frontier_that_cannot_be_is_refused(size, hashes):
    with pytest.raises(MalformedError):
        Frontier(size, hashes)


@pytest.mark.parametrize("size", SIZES)
def test_every_damaged_inclusion_proof_is_refused(size):
    leaves, root = LEAVES[:size], mth(LEAVES[:size])
    for index, leaf in enumerate(leaves):
        proof = inclusion_proof(leaves, index)
        verify_inclusion(leaf, index, size, proof, root)
        for wrong in damaged(list(proof)):
            with pytest.raises(ProofError):
                verify_inclusion(leaf, index, size, wrong, root)


def turns(index, size):
    """On which side the way from a leaf to the root has its siblings, lowest first."""
    if size == 1:
        return ""
    k = max(2**power for power in range(10) if 2**power < size)
    return turns(index, k) + "R" if index < k else turns(index - k, size - k) + "L"


@pytest.mark.parametrize("size", SIZES)
def test_a_proof_is_not_taken_for_another_place_or_another_tree(size):
    """Not even with the true leaf and the true root: only where the way to the root is the same."""
    leaves, root = LEAVES[:size], mth(LEAVES[:size])
    for index, leaf in enumerate(leaves):
        proof = inclusion_proof(leaves, index)
        for claimed in SIZES:
            for place in range(claimed):
                if turns(place, claimed) == turns(index, size):
                    verify_inclusion(leaf, place, claimed, proof, root)
                else:
                    with pytest.raises(ProofError):
                        verify_inclusion(leaf, place, claimed, proof, root)


def test_no_byte_can_move_from_a_leaf_into_its_sibling():
    one, two = LEAVES[:2]
    root = node_hash(one, two)
    verify_inclusion(one, 0, 2, [two], root)
    for shifted in (1, 31):
        with pytest.raises(ProofError):
            verify_inclusion(one[:shifted], 0, 2, [one[shifted:] + two], root)


@pytest.mark.parametrize("size", SIZES)
def test_an_inclusion_proof_proves_one_leaf_at_one_place_of_one_tree(size):
    leaves, root = LEAVES[:size], mth(LEAVES[:size])
    proof = inclusion_proof(leaves, size // 2)
    for leaf, index, claimed in (
        (leaf_hash(b"another"), size // 2, size),
        (leaves[size // 2], size // 2 + 1, size),
        (leaves[size // 2], size // 2 - 1, size),
        (leaves[size // 2], size // 2, size // 2),
        (leaves[size // 2][:31], size // 2, size),
    ):
        with pytest.raises(ProofError):
            verify_inclusion(leaf, index, claimed, proof, root)
    with pytest.raises(ProofError):
        verify_inclusion(leaves[size // 2], size // 2, size, proof, EMPTY_ROOT)


@pytest.mark.parametrize("size", SIZES)
def test_every_damaged_consistency_proof_is_refused(size):
    new = mth(LEAVES[:size])
    for old_size in range(size + 1):
        old, proof = mth(LEAVES[:old_size]), consistency_proof(LEAVES[:size], old_size)
        verify_consistency(old, old_size, new, size, proof)
        for wrong in damaged(list(proof)):
            with pytest.raises(ProofError):
                verify_consistency(old, old_size, new, size, wrong)


@pytest.mark.parametrize("size", SIZES)
def test_a_consistency_proof_does_not_hold_for_other_roots(size):
    new, other = mth(LEAVES[:size]), leaf_hash(b"another")
    for old_size in range(size + 1):
        old, proof = mth(LEAVES[:old_size]), consistency_proof(LEAVES[:size], old_size)
        with pytest.raises(ProofError):
            verify_consistency(other, old_size, new, size, proof)
        if old_size:
            with pytest.raises(ProofError):
                verify_consistency(old, old_size, other, size, proof)


def test_nothing_proves_nothing():
    with pytest.raises(ProofError):
        verify_consistency(mth(LEAVES[:3]), 3, mth(LEAVES[:5]), 5, [])


@pytest.mark.parametrize(("old", "new"), [(-1, 4), (5, 4)])
def test_a_tree_never_shrinks(old, new):
    with pytest.raises(ProofError):
        verify_consistency(EMPTY_ROOT, old, EMPTY_ROOT, new, [])


def test_no_proof_is_made_of_what_is_not_there():
    for index in (-1, 20):
        with pytest.raises(ProofError):
            inclusion_proof(LEAVES, index)
    for old_size in (-1, 21):
        with pytest.raises(ProofError):
            consistency_proof(LEAVES, old_size)

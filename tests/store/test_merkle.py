"""The Merkle tree against published vectors, against the definitions of the RFC, and against forgery."""

import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.errors import LedgerError
from evenhand.store.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    frontier_at,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The eight leaves, the roots and the proofs of google/certificate-transparency (merkletree tests) and of
# transparency-dev/merkle (proof/verify_test.go, Apache-2.0). Leaves of that file are counted from 1, here from 0.
DATA = tuple(
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
)
ROOTS = tuple(
    bytes.fromhex(text)
    for text in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
)
INCLUSION = (
    (0, 1, ()),
    (
        0,
        8,
        (
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ),
    ),
    (
        5,
        8,
        (
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ),
    ),
    (2, 3, ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",)),
    (
        1,
        5,
        (
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ),
    ),
)
CONSISTENCY = (
    (1, 1, ()),
    (1, 8, INCLUSION[1][2]),
    (
        6,
        8,
        (
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ),
    ),
    (
        2,
        5,
        (
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ),
    ),
    (
        6,
        7,
        (
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ),
    ),
)


class Tree:
    """A tree that stores what each append completes, as the database does."""

    def __init__(self, data: list[bytes]) -> None:
        self.leaves = [leaf_hash(each) for each in data]
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.frontier = Frontier()
        self.reads = 0
        for leaf in self.leaves:
            self.frontier, new = self.frontier.append(leaf)
            for level, index, value in new:
                assert (level, index) not in self.nodes
                self.nodes[level, index] = value

    def node(self, level: int, index: int) -> bytes:
        self.reads += 1
        return self.nodes[level, index]


# The definitions of RFC 9162, 2.1, word for word: slow and without any storage.


def mth(leaves: list[bytes]) -> bytes:
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    middle = split(len(leaves))
    return node_hash(mth(leaves[:middle]), mth(leaves[middle:]))


def split(size: int) -> int:
    middle = 1
    while middle * 2 < size:
        middle *= 2
    return middle


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    middle = split(len(leaves))
    if index < middle:
        return [*path(index, leaves[:middle]), mth(leaves[middle:])]
    return [*path(index - middle, leaves[middle:]), mth(leaves[:middle])]


def subproof(old: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [mth(leaves)]
    middle = split(len(leaves))
    if old <= middle:
        return [*subproof(old, leaves[:middle], whole), mth(leaves[middle:])]
    return [*subproof(old - middle, leaves[middle:], whole=False), mth(leaves[:middle])]


def invented(size: int) -> list[bytes]:
    return [index.to_bytes(4, "big") for index in range(size)]


def hexes(texts: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(text) for text in texts)


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_published(size: int) -> None:
    assert root_of(leaf_hash(each) for each in DATA[:size]) == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_inclusion_proofs_are_those_published(index: int, size: int, proof: tuple[str, ...]) -> None:
    made = inclusion_proof(index, size, Tree(list(DATA)).node)
    assert made == hexes(proof)
    assert verify_inclusion(leaf_hash(DATA[index]), index, size, made, ROOTS[size])


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCY)
def test_consistency_proofs_are_those_published(old: int, new: int, proof: tuple[str, ...]) -> None:
    made = consistency_proof(old, new, Tree(list(DATA)).node)
    assert made == hexes(proof)
    assert verify_consistency(old, new, ROOTS[old], ROOTS[new], made)


@pytest.mark.parametrize("size", range(1, 65))
def test_trees_and_proofs_are_those_of_the_definition(size: int) -> None:
    tree = Tree(invented(64))  # proofs for a smaller size come from the nodes of the larger tree
    leaves = tree.leaves[:size]
    top = mth(leaves)
    assert root_of(leaves) == top
    assert root(frontier_at(size, tree.node)) == top
    for index in range(size):
        proof = inclusion_proof(index, size, tree.node)
        assert list(proof) == path(index, leaves)
        assert verify_inclusion(leaves[index], index, size, proof, top)
    for old in range(1, size + 1):
        proof = consistency_proof(old, size, tree.node)
        assert list(proof) == subproof(old, leaves, whole=True)
        assert verify_consistency(old, size, mth(leaves[:old]), top, proof)


@settings(max_examples=60, deadline=None)
@given(st.integers(65, 1500).flatmap(lambda size: st.tuples(st.just(size), st.integers(1, size))))
def test_larger_trees_and_proofs_are_those_of_the_definition(sizes: tuple[int, int]) -> None:
    size, old = sizes
    tree = Tree(invented(size))
    top = mth(tree.leaves)
    assert root(tree.frontier) == top
    assert list(inclusion_proof(old - 1, size, tree.node)) == path(old - 1, tree.leaves)
    assert list(consistency_proof(old, size, tree.node)) == subproof(old, tree.leaves, whole=True)


def test_a_proof_reads_few_nodes() -> None:
    tree = Tree(invented(1000))
    for index in range(1000):
        tree.reads = 0
        inclusion_proof(index, 1000, tree.node)
        assert tree.reads <= 20
        tree.reads = 0
        consistency_proof(index + 1, 1000, tree.node)
        assert tree.reads <= 20


def test_a_frontier_read_back_goes_on_as_the_tree_did() -> None:
    tree = Tree(invented(100))
    frontier = frontier_at(61, tree.node)
    for leaf in tree.leaves[61:]:
        frontier, _ = frontier.append(leaf)
    assert frontier == tree.frontier


def flips(value: bytes) -> Iterator[bytes]:
    for bit in range(len(value) * 8):
        changed = bytearray(value)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)


def changed_at(proof: tuple[bytes, ...]) -> Iterator[tuple[bytes, ...]]:
    for place, step in enumerate(proof):
        for other in flips(step):
            yield (*proof[:place], other, *proof[place + 1 :])


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 8), (5, 8), (2, 3), (1, 5), (6, 7), (12, 13)])
def test_no_changed_bit_of_an_inclusion_proof_passes(index: int, size: int) -> None:
    tree = Tree(invented(size))
    leaf, top = tree.leaves[index], root(tree.frontier)
    proof = inclusion_proof(index, size, tree.node)
    assert verify_inclusion(leaf, index, size, proof, top)
    assert not any(verify_inclusion(leaf, index, size, other, top) for other in changed_at(proof))
    assert not any(verify_inclusion(other, index, size, proof, top) for other in flips(leaf))
    assert not any(verify_inclusion(leaf, index, size, proof, other) for other in flips(top))
    others = {index ^ (1 << bit) for bit in range(63)}
    assert not any(verify_inclusion(leaf, other, size, proof, top) for other in others)


@pytest.mark.parametrize(("old", "new"), [(1, 8), (6, 8), (2, 5), (6, 7), (4, 13), (12, 13)])
def test_no_changed_bit_of_a_consistency_proof_passes(old: int, new: int) -> None:
    tree = Tree(invented(new))
    old_root, new_root = root_of(tree.leaves[:old]), root(tree.frontier)
    proof = consistency_proof(old, new, tree.node)
    assert verify_consistency(old, new, old_root, new_root, proof)
    assert not any(verify_consistency(old, new, old_root, new_root, other) for other in changed_at(proof))
    assert not any(verify_consistency(old, new, other, new_root, proof) for other in flips(old_root))
    assert not any(verify_consistency(old, new, old_root, other, proof) for other in flips(new_root))
    assert not verify_consistency(old, new, new_root, old_root, proof)
    wrong = {old ^ (1 << bit) for bit in range(63)}
    assert not any(verify_consistency(other, new, old_root, new_root, proof) for other in wrong)


Mangle = Callable[[tuple[bytes, ...], bytes], tuple[bytes, ...]]

MANGLED: dict[str, Mangle] = {
    "one more at the end": lambda proof, top: (*proof, top),
    "one more at the front": lambda proof, top: (top, *proof),
    "nothing at the end": lambda proof, _: (*proof, b""),
    "nothing at the front": lambda proof, _: (b"", *proof),
    "one less at the end": lambda proof, _: proof[:-1],
    "one less at the front": lambda proof, _: proof[1:],
    "the first twice": lambda proof, _: (proof[0], *proof),
    "a short hash": lambda proof, _: (proof[0][:31], *proof[1:]),
}


@pytest.mark.parametrize("how", MANGLED)
def test_proofs_of_another_length_do_not_pass(how: str) -> None:
    tree = Tree(invented(8))
    top = root(tree.frontier)
    inclusion = MANGLED[how](inclusion_proof(5, 8, tree.node), top)
    assert not verify_inclusion(tree.leaves[5], 5, 8, inclusion, top)
    consistency = MANGLED[how](consistency_proof(6, 8, tree.node), top)
    assert not verify_consistency(6, 8, root_of(tree.leaves[:6]), top, consistency)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 0), (1, 1), (2, 1), (-1, 4), (0, -1)])
def test_impossible_places_do_not_pass(index: int, size: int) -> None:
    leaf = leaf_hash(b"")
    assert not verify_inclusion(leaf, index, size, (), leaf)
    assert not verify_inclusion(leaf, index, size, (), EMPTY_ROOT)


@pytest.mark.parametrize("size", [2, 3, 8])
def test_a_proof_that_ends_below_the_root_does_not_pass(size: int) -> None:
    assert not verify_inclusion(ROOTS[1], 0, size, (), ROOTS[1])


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 1), (1, 0), (2, 1), (-1, 1), (1, 2)])
def test_impossible_sizes_are_never_consistent_without_a_proof(old: int, new: int) -> None:
    assert not verify_consistency(old, new, EMPTY_ROOT, EMPTY_ROOT, ())


def test_equal_sizes_need_equal_roots_and_no_proof() -> None:
    assert verify_consistency(3, 3, ROOTS[3], ROOTS[3], ())
    assert not verify_consistency(3, 3, ROOTS[3], ROOTS[4], ())
    assert not verify_consistency(3, 3, ROOTS[3], ROOTS[3], (ROOTS[3],))


def test_a_rewritten_past_is_found() -> None:
    honest, forged = Tree(invented(20)), Tree([b"forged", *invented(20)[1:]])
    proof = consistency_proof(11, 20, forged.node)
    assert not verify_consistency(11, 20, root_of(honest.leaves[:11]), root(forged.frontier), proof)


def test_no_guess_is_taken_for_a_proof() -> None:
    dice = random.Random(20)
    tree = Tree(invented(9))
    for _ in range(2000):
        proof = tuple(dice.choice([*tree.nodes.values()]) for _ in range(dice.randrange(6)))
        index = dice.randrange(9)
        if verify_inclusion(tree.leaves[index], index, 9, proof, root(tree.frontier)):
            assert proof == inclusion_proof(index, 9, tree.node)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_a_proof_of_a_missing_leaf_is_refused(index: int, size: int) -> None:
    with pytest.raises(LedgerError, match=r"ledger\.proof-size"):
        inclusion_proof(index, size, Tree(invented(4)).node)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (-1, 3)])
def test_a_proof_between_impossible_sizes_is_refused(old: int, new: int) -> None:
    with pytest.raises(LedgerError, match=r"ledger\.proof-size"):
        consistency_proof(old, new, Tree(invented(4)).node)


def test_a_frontier_of_a_negative_size_is_refused() -> None:
    with pytest.raises(LedgerError, match=r"ledger\.proof-size"):
        frontier_at(-1, Tree(invented(1)).node)


def test_a_frontier_must_fit_its_size() -> None:
    with pytest.raises(LedgerError, match=r"ledger\.frontier"):
        Frontier(3, (EMPTY_ROOT,))


def test_a_leaf_that_is_no_hash_is_refused() -> None:
    with pytest.raises(LedgerError, match=r"ledger\.hash-length"):
        Frontier().append(b"short")

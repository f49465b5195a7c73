"""The Merkle tree of the ledger: hashing, appending, proofs and their verification (RFC 9162, section 2.1).

The tree of n leaves splits at the largest power of two below n. A *complete* subtree covers 2^level leaves from a
multiple of 2^level on and never changes again, so it is stored once, under (level, index): leaves are level 0, and
the subtree (level, index) covers the leaves index * 2^level to (index + 1) * 2^level - 1. The ragged right edge of
the tree is recomputed from at most log2(n) stored nodes.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evenhand.errors import LedgerError

HASH_BYTES = 32
"""Length of every hash here: SHA-256."""

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""

Node = tuple[int, int, bytes]
"""A complete subtree: level, index within the level, hash."""

ReadNode = Callable[[int, int], bytes]
"""Reads the hash of the complete subtree at a level and index."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf, SHA-256(0x00 ‖ data): 32 bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node, SHA-256(0x01 ‖ left ‖ right): 32 bytes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree: enough to append to it and to tell its root.

    Attributes:
        size: number of leaves, 0 or more.
        hashes: roots of the complete subtrees that the tree is made of, largest (leftmost) first: one for each
            1 in the binary form of `size`, 32 bytes each.

    Raises:
        LedgerError: the number of hashes does not fit the size, or one is not 32 bytes.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise LedgerError(
                "ledger.frontier",
                f"{len(self.hashes)} subtrees cannot make a tree of {self.size} leaves.",
                mend="Rebuild the frontier from the stored nodes.",
            )
        for each in self.hashes:
            _require_hash(each)

    def append(self, leaf: bytes) -> tuple["Frontier", tuple[Node, ...]]:
        """The tree with one leaf more.

        Args:
            leaf: hash of the leaf (`leaf_hash`), 32 bytes.

        Returns:
            The new frontier, and the complete subtrees that this leaf completes, lowest first: the first is the
            leaf itself, (0, size, leaf); each further one is one level higher. All are to be stored.

        Raises:
            LedgerError: the leaf is not 32 bytes.
        """
        _require_hash(leaf)
        hashes = list(self.hashes)
        new: list[Node] = [(0, self.size, leaf)]
        level, position, top = 0, self.size, leaf
        while position & 1:
            top = node_hash(hashes.pop(), top)
            level, position = level + 1, position >> 1
            new.append((level, position, top))
        return Frontier(self.size + 1, (*hashes, top)), tuple(new)


def root(frontier: Frontier) -> bytes:
    """The root of the tree whose right edge this is: 32 bytes. Of the empty tree, SHA-256 of nothing."""
    if not frontier.hashes:
        return EMPTY_ROOT
    top = frontier.hashes[-1]
    for left in reversed(frontier.hashes[:-1]):
        top = node_hash(left, top)
    return top


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root of the tree of these leaves (MTH of RFC 9162, 2.1.1).

    Args:
        leaves: hashes of the leaves (`leaf_hash`) in order, 32 bytes each.
    """
    frontier = Frontier()
    for leaf in leaves:
        frontier, _ = frontier.append(leaf)
    return root(frontier)


def frontier_at(size: int, node: ReadNode) -> Frontier:
    """The right edge of the tree of the first `size` leaves, from the stored complete subtrees.

    Raises:
        LedgerError: the size is negative.
    """
    if size < 0:
        raise _impossible(f"A tree cannot have {size} leaves.")
    hashes, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            hashes.append(node(level, start >> level))
            start += 1 << level
    return Frontier(size, tuple(hashes))


def inclusion_proof(index: int, size: int, node: ReadNode) -> tuple[bytes, ...]:
    """The proof that a leaf is in a tree (PATH of RFC 9162, 2.1.3.1).

    Args:
        index: index of the leaf, 0 <= index < size.
        size: leaves of the tree.
        node: reads a stored complete subtree; called O(log size) times.

    Returns:
        Hashes from the leaf's sibling up to the root's child, 32 bytes each.

    Raises:
        LedgerError: no such leaf in a tree of that size.
    """
    if not 0 <= index < size:
        raise _impossible(f"A tree of {size} leaves has no leaf {index}.")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_subtree(middle, end, node))
            end = middle
        else:
            path.append(_subtree(start, middle, node))
            start = middle
    return tuple(reversed(path))


def consistency_proof(old: int, new: int, node: ReadNode) -> tuple[bytes, ...]:
    """The proof that a tree begins with all the leaves of an earlier one (PROOF of RFC 9162, 2.1.4.1).

    Args:
        old: leaves of the earlier tree, 1 <= old <= new.
        new: leaves of the later tree.
        node: reads a stored complete subtree; called O(log new) times.

    Returns:
        The hashes of the proof, 32 bytes each; none where the sizes are equal.

    Raises:
        LedgerError: the sizes are impossible. An empty tree needs no proof: every tree begins with it.
    """
    if not 0 < old <= new:
        raise _impossible(f"No tree of {old} leaves can be shown to begin one of {new}.")
    proof: list[bytes] = []
    start, end, whole = 0, new, True
    while old < end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_subtree(middle, end, node))
            end = middle
        else:
            proof.append(_subtree(start, middle, node))
            start, whole = middle, False
    if not whole:
        proof.append(_subtree(start, end, node))
    return tuple(reversed(proof))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof shows that a leaf is in a tree (RFC 9162, 2.1.3.2).

    Args:
        leaf: hash of the leaf, 32 bytes.
        index: its index.
        size: leaves of the tree.
        proof: hashes of the inclusion proof.
        root: root of the tree, 32 bytes.

    Returns:
        False for everything that does not hold, impossible sizes and lengths among it.
    """
    if not 0 <= index < size or not _all_hashes(leaf, root, *proof):
        return False
    position, last, top = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            top = node_hash(step, top)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            top = node_hash(top, step)
        position, last = position >> 1, last >> 1
    return last == 0 and hmac.compare_digest(top, root)


def verify_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether a proof shows that a tree begins with all the leaves of an earlier one (RFC 9162, 2.1.4.2).

    Args:
        old_size: leaves of the earlier tree, 1 or more: nothing can be learned from an empty one.
        new_size: leaves of the later tree.
        old_root: root of the earlier tree, 32 bytes.
        new_root: root of the later tree, 32 bytes.
        proof: hashes of the consistency proof; none where the sizes are equal.

    Returns:
        False for everything that does not hold, impossible sizes and lengths among it.
    """
    if not 0 < old_size <= new_size or not _all_hashes(old_root, new_root, *proof):
        return False
    if old_size == new_size:
        return not proof and hmac.compare_digest(old_root, new_root)
    if not proof:
        return False
    path = list(proof)
    if old_size.bit_count() == 1:
        path.insert(0, old_root)
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_top = new_top = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old_top, new_top = node_hash(step, old_top), node_hash(step, new_top)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            new_top = node_hash(new_top, step)
        position, last = position >> 1, last >> 1
    return last == 0 and hmac.compare_digest(old_top, old_root) and hmac.compare_digest(new_top, new_root)


def _split(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1


def _subtree(start: int, end: int, node: ReadNode) -> bytes:
    """The hash of the leaves from start to end, a subtree of the tree: complete, or at its ragged right edge."""
    edges = [start]
    while edges[-1] < end:
        edges.append(edges[-1] + (1 << (end - edges[-1]).bit_length() - 1))
    parts = [_complete(low, high, node) for low, high in pairwise(edges)]
    top = parts.pop()
    while parts:
        top = node_hash(parts.pop(), top)
    return top


def _complete(start: int, end: int, node: ReadNode) -> bytes:
    level = (end - start).bit_length() - 1
    return node(level, start >> level)


def _all_hashes(*values: bytes) -> bool:
    return all(len(each) == HASH_BYTES for each in values)


def _require_hash(value: bytes) -> None:
    if len(value) != HASH_BYTES:
        raise LedgerError(
            "ledger.hash-length",
            f"A hash of the ledger has {HASH_BYTES} bytes, not {len(value)}.",
            mend="Give the hash itself: 32 bytes, neither hexadecimal nor Base64.",
        )


def _impossible(what: str) -> LedgerError:
    return LedgerError(
        "ledger.proof-size", what, mend="Ask for a leaf that is there, and for sizes that the ledger has had."
    )

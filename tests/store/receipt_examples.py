"""A small ledger in memory, with receipts and consistency proofs from it."""

import json
from dataclasses import replace

from evenhand.store.merkle import Frontier, consistency_proof, inclusion_proof, root
from evenhand.store.notes import Ed25519Signer, sign_checkpoint
from evenhand.store.receipts import Later, Receipt, event_leaf

SIGNER = Ed25519Signer("example.org/evenhand", bytes([7]) * 32)
FORGER = Ed25519Signer("example.org/evenhand", bytes([8]) * 32)


def payload(index: int) -> bytes:
    body = {"kind": "answer-recorded", "at": "2026-11-03T09:30:00Z", "item": f"Q{index}", "code": 1}
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


class Ledger:
    """Events with salts; `first` replaces the first payload: a rewritten past."""

    def __init__(self, size: int, *, first: bytes | None = None) -> None:
        self.payloads = [payload(index) for index in range(size)]
        if first is not None:
            self.payloads[0] = first
        self.salts = [bytes([index % 256]) * 32 for index in range(size)]
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.frontiers = [Frontier()]
        for salt, body in zip(self.salts, self.payloads, strict=True):
            frontier, new = self.frontiers[-1].append(event_leaf(salt, body))
            self.frontiers.append(frontier)
            self.nodes |= {(level, index): value for level, index, value in new}

    def node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]

    def checkpoint(self, size: int, signer: Ed25519Signer = SIGNER) -> str:
        return sign_checkpoint(size, root(self.frontiers[size]), signer)

    def receipt(self, index: int, size: int, signer: Ed25519Signer = SIGNER) -> Receipt:
        body = json.loads(self.payloads[index])
        return Receipt(
            index=index,
            kind=body["kind"],
            at=body["at"],
            salt=self.salts[index],
            payload=self.payloads[index],
            proof=inclusion_proof(index, size, self.node),
            checkpoint=self.checkpoint(size, signer),
            key=str(signer.verifier),
        )

    def between(self, old: int, new: int, *, at: int) -> Later:
        return Later(self.checkpoint(at), consistency_proof(old, new, self.node))


def renamed(receipt: Receipt, kind: str) -> Receipt:
    """The receipt with another kind on its face and the same payload."""
    return replace(receipt, kind=kind)

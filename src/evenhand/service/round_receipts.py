"""The ledger's receipts of a round: they must tell the same round, in the right order."""

import json
from typing import Any

from evenhand.casework.protocol import Difference, Protocol
from evenhand.errors import EvenhandError
from evenhand.store.receiptfile import read_receipt
from evenhand.store.receipts import Receipt, verify_receipt

STEPS = ("planned", "closed", "drawn", "revealed")


def check_receipts(protocol: Protocol, receipts: Any) -> Difference | None:
    """Compare the receipts in a protocol file with the protocol; None when they agree.

    The list must have been closed after the commitment, and the second value recorded after the close.

    Args:
        protocol: the published protocol.
        receipts: a receipt for each step.
    """
    read: list[tuple[str, Receipt, dict[str, Any]]] = []
    for step in STEPS:
        if not isinstance(receipts, dict) or step not in receipts:
            return Difference("ledger", f"There is no receipt that the round was {step}.", f"receipt {step}")
        try:
            receipt = read_receipt(json.dumps(receipts[step]).encode())
            holds = verify_receipt(receipt).holds
            payload = json.loads(receipt.payload)
        except (EvenhandError, ValueError):
            return Difference("ledger", "A receipt cannot be read.", f"receipt {step}")
        if not holds or not isinstance(payload, dict):
            return Difference("ledger", "A receipt does not hold.", f"receipt {step}")
        read.append((step, receipt, payload))
    indexes = [receipt.index for _, receipt, _ in read]
    if indexes != sorted(set(indexes)):
        return Difference("ledger", "The steps do not stand in the ledger in their order.", "receipts")
    if len({receipt.key for _, receipt, _ in read}) != 1:
        return Difference("ledger", "The receipts are from different ledgers.", "receipts")
    return _compare(protocol, {step: payload for step, _, payload in read})


def _compare(protocol: Protocol, payloads: dict[str, dict[str, Any]]) -> Difference | None:
    plan = protocol.plan
    expected: tuple[tuple[str, str, Any], ...] = (
        *((step, "kind", f"round-{step}") for step in STEPS),
        *((step, "round", plan.round) for step in STEPS),
        *((step, "programme", plan.programme) for step in STEPS),
        ("planned", "commitment", plan.commitment),
        ("planned", "approved_by", plan.approved_by),
        ("closed", "list_root", protocol.list_root),
        ("closed", "entries", protocol.entries),
        ("drawn", "second_value", protocol.second_value),
        ("revealed", "secret", protocol.secret),
        ("revealed", "results_hash", protocol.results_hash),
        ("revealed", "offered", protocol.offered),
    )
    for step, field, value in expected:
        if payloads[step].get(field) != value:
            what = f"The ledger says another {field.replace('_', ' ')} than the protocol."
            return Difference("ledger", what, f"receipt {step}, field {field}")
    return None

"""`evenhand verify`."""

from pathlib import Path

import typer

from evenhand.cli.console import OPTION_JSON, print_findings, print_json
from evenhand.service.verify import verify as run
from evenhand.store.receipts import ReceiptFinding

DOES_NOT_HOLD = 1

OWN_KEY = (
    "The key came from the receipt itself. Whoever made the receipt could have made the key too: this shows that "
    "the receipt agrees with itself, and not that it is this ledger's. Give --key with the key that the ledger's "
    "owner or auditor publishes."
)


def verify(
    receipt: Path = typer.Argument(help="Receipt: a JSON file that Evenhand handed out."),
    key: str | None = typer.Option(
        None,
        metavar="FILE|TEXT",
        help="The ledger's verifier key from elsewhere: its text, or a file of keys.",
    ),
    checkpoint: Path | None = typer.Option(
        None, help="Another checkpoint of the same ledger, with its consistency proof: was anything rewritten?"
    ),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Check offline that what a receipt records is in the ledger.

    Exit code 1 when the receipt does not hold; the line says which step.

    Example: [bold]evenhand verify receipt.json --key ledger.key[/]
    """
    found = run(receipt, key=key, checkpoint=checkpoint)
    if as_json:
        print_json(_as_body(found))
    else:
        _show(found)
    if not found.holds:
        raise typer.Exit(DOES_NOT_HOLD)


def _show(found: ReceiptFinding) -> None:
    steps = [f"{'holds' if each.holds else 'DOES NOT HOLD'}: {each.says}" for each in found.steps]
    print_findings(f"Entry {found.index} of {found.origin}", steps)
    failed = found.failed
    result = "The receipt holds." if failed is None else f"The receipt does not hold: {failed.step} failed."
    print_findings("Result", [result, f"Key: {found.key}"])
    if found.key_from == "receipt":
        print_findings("Take note", [OWN_KEY])


def _as_body(found: ReceiptFinding) -> dict[str, object]:
    return {
        "holds": found.holds,
        "failed": None if found.failed is None else found.failed.step,
        "index": found.index,
        "kind": found.kind,
        "at": found.at,
        "origin": found.origin,
        "size": found.size,
        "key": found.key,
        "key_from": found.key_from,
        "note": OWN_KEY if found.key_from == "receipt" else None,
        "steps": [{"step": each.step, "holds": each.holds, "says": each.says} for each in found.steps],
    }

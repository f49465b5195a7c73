"""`evenhand verify`: what it prints and how it ends."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evenhand.store.receiptfile import write_consistency, write_receipt
from evenhand.store.receipts import Receipt
from tests.cli.conftest import Run
from tests.store.receipt_examples import FORGER, SIGNER, Ledger, payload

LEDGER = Ledger(13)
RECEIPT = LEDGER.receipt(4, 9)
KEY = str(SIGNER.verifier)


def written(folder: Path, receipt: Receipt = RECEIPT) -> Path:
    path = folder / "receipt.json"
    path.write_text(write_receipt(receipt), "utf-8")
    return path


def test_a_true_receipt_holds(run: Run, tmp_path: Path) -> None:
    written(tmp_path)
    ended = run("verify", "receipt.json", "--key", KEY)
    assert (ended.code, ended.err) == (0, "")
    assert "The receipt holds." in ended.out
    assert "Entry 4 of example.org/evenhand" in ended.out
    assert "came from the receipt itself" not in ended.out


def test_without_a_key_it_says_what_that_means(run: Run, tmp_path: Path) -> None:
    written(tmp_path, LEDGER.receipt(4, 9, FORGER))
    ended = run("verify", "receipt.json")
    assert ended.code == 0
    assert "The key came from the receipt itself." in ended.out
    assert "agrees with itself, and not that it is this ledger's" in ended.out


def test_a_forged_receipt_ends_with_1_and_names_the_step(run: Run, tmp_path: Path) -> None:
    written(tmp_path, LEDGER.receipt(4, 9, FORGER))
    ended = run("verify", "receipt.json", "--key", KEY)
    assert ended.code == 1
    assert "The receipt does not hold: signature failed." in ended.out


def test_a_changed_payload_ends_with_1(run: Run, tmp_path: Path) -> None:
    written(tmp_path, replace(RECEIPT, payload=payload(5)))
    assert run("verify", "receipt.json", "--key", KEY).code == 1


def test_the_finding_as_json(run: Run, tmp_path: Path) -> None:
    written(tmp_path)
    found = json.loads(run("verify", "receipt.json", "--json").out)
    assert found["holds"] is True
    assert found["failed"] is None
    assert found["key_from"] == "receipt"
    assert found["note"].startswith("The key came from the receipt itself.")
    assert [each["step"] for each in found["steps"]] == ["event", "key", "signature", "inclusion"]
    pinned = json.loads(run("verify", "receipt.json", "--key", KEY, "--json").out)
    assert (pinned["key_from"], pinned["note"], pinned["key"]) == ("pinned", None, KEY)


def test_a_failure_as_json(run: Run, tmp_path: Path) -> None:
    written(tmp_path, replace(RECEIPT, salt=bytes(32)))
    ended = run("verify", "receipt.json", "--key", KEY, "--json")
    assert ended.code == 1
    assert json.loads(ended.out)["failed"] == "inclusion"


def test_keys_are_read_from_a_file(run: Run, tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "ledger.key").write_text(f"# since 2026\n{FORGER.verifier}\n\n{KEY}\n", "utf-8")
    assert run("verify", "receipt.json", "--key", "ledger.key").code == 0


def test_a_later_checkpoint_with_its_proof(run: Run, tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "later.json").write_text(write_consistency(LEDGER.between(9, 13, at=13)), "utf-8")
    ended = run("verify", "receipt.json", "--key", KEY, "--checkpoint", "later.json")
    assert ended.code == 0
    assert "The ledger of 13 entries begins with that of 9." in ended.out


def test_a_rewritten_ledger_ends_with_1(run: Run, tmp_path: Path) -> None:
    written(tmp_path)
    rewritten = Ledger(13, first=payload(99))
    (tmp_path / "later.json").write_text(write_consistency(rewritten.between(9, 13, at=13)), "utf-8")
    ended = run("verify", "receipt.json", "--key", KEY, "--checkpoint", "later.json")
    assert ended.code == 1
    assert "consistency failed" in ended.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nothing.json",), "receipt.not-readable"),
        ((".",), "receipt.not-readable"),
        (("broken.json",), "receipt.unreadable"),
        (("receipt.json", "--key", "nonsense"), "keys.verifier-text"),
        (("receipt.json", "--key", "empty.key"), "keys.verifier-file"),
        (("receipt.json", "--key", KEY, "--checkpoint", "receipt.json"), "receipt.format"),
        (("receipt.json", "--key", KEY, "--checkpoint", "note.txt"), "ledger.no-proof"),
        (("receipt.json", "--key", KEY, "--checkpoint", "broken.json"), "receipt.unreadable"),
    ],
)
def test_what_cannot_be_read_ends_with_2(run: Run, tmp_path: Path, words: tuple[str, ...], code: str) -> None:
    written(tmp_path)
    (tmp_path / "broken.json").write_text("{", "utf-8")
    (tmp_path / "empty.key").write_text("# no key yet\n", "utf-8")
    (tmp_path / "note.txt").write_text(LEDGER.checkpoint(13), "utf-8")
    ended = run("verify", *words)
    assert ended.code == 2
    assert code in ended.err
    assert ended.out == ""

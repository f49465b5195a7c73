"""`evenhand audit`: what an auditor takes away from an office."""

import json
import re

import pytest

from evenhand.audit.draft import REGISTERS
from tests.cli.offices import Town, split


def test_an_audit_writes_the_evidence_and_the_drafts(town: Town) -> None:
    town.finished("11110000")
    body = json.loads(town.good(*split("audit winter --as elena --out deep/evidence --json")).out)
    assert body["people"] == {"district": 0, "home_kind": 0}
    names = {path.name for path in (town.folder / "deep" / "evidence").iterdir()}
    pages = {"evidence.html", "evidence.json"}
    assert names == pages | {f"{each}.{ending}" for each in REGISTERS for ending in ("html", "md", "json")}
    assert len(body["files"]) == len(names)
    found = json.loads((town.folder / "deep" / "evidence" / "evidence.json").read_text("utf-8"))
    assert found["format"] == "evenhand.audit/2"
    assert (found["definition_hash"], found["entries"]) == (body["definition_hash"], body["entries"])
    for name in names:
        text = (town.folder / "deep" / "evidence" / name).read_text("utf-8")
        assert "<script" not in text
        assert not re.search(r'(?:src|href)="(?!#)', text)
    told = town.good(*split("audit winter --as elena --out deep/evidence"))
    assert "Nothing stands out" in told.out
    assert "Wrote 14 files" in told.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("audit winter --as clara --out evidence", "case.not-allowed"),
        ("audit other --as elena --out evidence", "programme.not-open"),
        ("audit winter --as elena --out winter.yaml", "output.unwritable"),
    ],
)
def test_what_cannot_be_done_is_one_explained_error(town: Town, words: str, code: str) -> None:
    ended = town.run(*words.split(), "--json")
    assert ended.code == 2
    assert not ended.out
    assert json.loads(ended.err)["error"]["code"] == code

"""The labelled phrases: how often the guard refuses what it should, and nothing else.

`dev` phrases shaped the rules. `held-out` phrases were written before the rules and never tuned on. `fresh` ones
were written after the rules were widened, shown to them once (`docs/explanation/boundary.md` has the figures), and
shaped them from then on. `evasive` phrases were written to get past the rules, and were looked at once.

Recall is the share of the phrases to be refused that are refused; precision the share of the refused phrases that
were to be refused. A doubt counts as neither: a phrase to be refused that is only doubted is missed; one to be
allowed that is doubted is no false refusal.
"""

import csv
from collections import Counter
from pathlib import Path

import pytest

from evenhand.programme.guard import Kind, assess_text

CORPUS = Path(__file__).with_name("guard_corpus.csv")
Row = dict[str, str]
Judged = list[tuple[Row, str, str | None]]


def rows() -> list[Row]:
    with CORPUS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def judged() -> Judged:
    """Each phrase with the guard's verdict and rule."""
    out: Judged = []
    for row in rows():
        kind: Kind = "name" if row["kind"] == "name" else "wording"
        verdict = assess_text(row["text"], kind)
        out.append((row, verdict.verdict, verdict.code))
    return out


def recall_and_precision(judged: Judged, splits: set[str]) -> tuple[float, float]:
    pairs = Counter((row["verdict"], got) for row, got, _ in judged if row["split"] in splits)
    expected = sum(count for (label, _), count in pairs.items() if label == "refuse")
    refused = sum(count for (_, got), count in pairs.items() if got == "refuse")
    right = pairs["refuse", "refuse"]
    return right / expected, right / refused


def test_the_corpus_is_large_balanced_and_without_repeats() -> None:
    found = rows()
    texts = [row["text"] for row in found]
    assert len(texts) == len(set(texts)) >= 400
    assert {row["language"] for row in found} == {"en", "ru"}
    assert {row["verdict"] for row in found} == {"refuse", "doubt", "allow"}
    counts = Counter((row["split"], row["language"]) for row in found)
    assert min(counts["dev", "ru"], counts["held-out", "ru"], counts["dev", "en"], counts["held-out", "en"]) >= 200


def test_recall_and_precision_over_all(judged: Judged) -> None:
    recall, precision = recall_and_precision(judged, {"dev", "held-out", "fresh"})
    assert recall >= 0.97
    assert precision >= 0.99


def test_recall_and_precision_on_phrases_that_were_held_out(judged: Judged) -> None:
    recall, precision = recall_and_precision(judged, {"held-out"})
    assert recall >= 0.93
    assert precision >= 0.93


def test_phrases_of_other_people_s_forms_are_refused_in_both_languages(judged: Judged) -> None:
    fresh = [each for each in judged if each[0]["split"] == "fresh"]
    for language in ("en", "ru"):
        of_language = [each for each in fresh if each[0]["language"] == language]
        assert len(of_language) >= 150
        recall, precision = recall_and_precision(of_language, {"fresh"})
        assert recall >= 0.97
        assert precision >= 0.99


def test_evasive_phrases_show_the_limit_and_refuse_nothing_innocent(
    judged: Judged,
) -> None:
    """No proof: about half of what is worded to get past is refused. The figure is published, not hidden."""
    recall, precision = recall_and_precision(judged, {"evasive"})
    assert recall >= 0.5
    assert precision == 1.0


def test_everyday_hardship_is_seldom_stopped(judged: Judged) -> None:
    stopped = [row["text"] for row, got, _ in judged if row["verdict"] == "allow" and got != "allow"]
    assert len(stopped) <= 0.02 * sum(row["verdict"] == "allow" for row, _, _ in judged)


def test_the_rule_named_is_mostly_the_right_one(judged: Judged) -> None:
    named = [code == f"boundary.{row['rule']}" for row, got, code in judged if row["rule"] and got == "refuse"]
    assert sum(named) / len(named) >= 0.9

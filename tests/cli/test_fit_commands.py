"""Check, compare and item bias as an analyst uses them, with their reports."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.conftest import ITEMS, Run

CALIBRATE = ("calibrate", "survey.csv", "--items", ",".join(ITEMS))
CHECK = ("check", "survey.csv", "--scale", "scale.json", "--sets", "39")
COMPARE = ("compare", "survey.csv", "--items", ",".join(ITEMS), "--models", "rasch,2pl")


def paths(body: Any, at: str = "") -> dict[str, Any]:
    """Every list of a JSON body by its place."""
    if isinstance(body, dict):
        return {name: value for key, each in body.items() for name, value in paths(each, f"{at}.{key}").items()}
    if isinstance(body, list):
        inner = {
            name: value for index, each in enumerate(body) for name, value in paths(each, f"{at}[{index}]").items()
        }
        return {at: body, **inner}
    return {}


@pytest.fixture
def scale(run: Run, survey: Path) -> Path:
    assert run(*CALIBRATE).code == 0
    return survey.with_name("scale.json")


@pytest.mark.usefixtures("scale")
def test_check_says_all_of_it_to_machines(run: Run) -> None:
    ended = run(*CHECK, "--json")
    assert ended.code == 0, ended.err
    body = json.loads(ended.out)
    assert body["findings"] == []
    assert body["estimated"] == "common slope"
    assert set(body["s_x2"]["items"]) == set(body["infit"]) == set(ITEMS)
    for item in body["s_x2"]["items"].values():
        assert item["p_adjusted"] >= item["p"] > 0.01
    assert body["overall"]["kind"] == "M2"
    assert body["overall"]["rmsea_interval"][0] <= body["overall"]["rmsea"] <= body["overall"]["rmsea_interval"][1]
    assert body["q3_null"]["seed"] == 1
    assert body["q3_null"]["sets"] == 39
    person = body["person_fit"]
    assert person["interval_below_5"][0] <= person["share_below_5"] <= person["interval_below_5"][1]
    senses = body["reliability_senses"]
    assert body["reliability"] == senses["marginal"] > 0
    assert senses["separation_with_extremes"] > senses["separation"] > 0
    assert len(body["information"]["theta"]) == len(body["information"]["se"])


@pytest.mark.usefixtures("scale")
def test_check_speaks_to_people(run: Run) -> None:
    ended = run(*CHECK)
    assert ended.code == 0, ended.err
    for words in ("S-X2", "M2", "RMSEA", "seed 1", "unlikely answer patterns", "separation", "most information"):
        assert words in ended.out, words


@pytest.mark.usefixtures("scale")
def test_fast_is_without_simulated_people(run: Run) -> None:
    body = json.loads(run("check", "survey.csv", "--scale", "scale.json", "--fast", "--json").out)
    assert body["person_fit"] is None
    assert body["q3_null"] is None
    assert any("--fast" in note for note in body["notes"])


@pytest.mark.usefixtures("scale")
def test_another_seed_moves_the_simulated_figures_only(run: Run) -> None:
    one, two = (json.loads(run(*CHECK, "--seed", seed, "--json").out) for seed in (1, 2))
    assert one["q3_null"]["critical_above_mean"] != two["q3_null"]["critical_above_mean"]
    assert one["s_x2"] == two["s_x2"]


@pytest.mark.usefixtures("scale")
def test_no_list_of_the_json_is_as_long_as_the_people(run: Run) -> None:
    body = json.loads(run(*CHECK, "--group", "region", "--json").out)
    found = paths(body)
    assert found
    longest = max(len(each) for each in found.values())
    assert longest <= 13
    assert "l_z" not in json.dumps(body)


@pytest.mark.usefixtures("scale")
def test_check_writes_no_file_but_the_report_that_was_asked_for(run: Run, survey: Path) -> None:
    before = {path.name for path in survey.parent.iterdir()}
    run(*CHECK)
    assert {path.name for path in survey.parent.iterdir()} == before
    run(*CHECK, "--report", "fit.html")
    assert {path.name for path in survey.parent.iterdir()} == {*before, "fit.html"}


@pytest.mark.usefixtures("scale")
def test_the_report_has_tables_of_items_and_pairs_and_none_of_people(run: Run, survey: Path) -> None:
    ended = run(*CHECK, "--group", "region", "--report", "fit.html")
    assert ended.code in {0, 1}, ended.err
    page = survey.with_name("fit.html").read_text("utf-8")
    for key in ("s-x2", "q3-null", "item-fit", "item-bias-lr"):
        assert f'id="{key}-caption"' in page, key
    for table in re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL):
        assert table.count("<tr>") <= 30
    assert "person1" not in page
    headings = re.findall(r'<th scope="col"[^>]*><bdi>(.*?)</bdi>', page)
    assert not [heading for heading in headings if heading.lower() in {"row", "person", "respondent", "l_z*"}]


@pytest.mark.usefixtures("scale")
def test_the_report_of_the_same_answers_has_the_same_bytes(run: Run, survey: Path) -> None:
    for name in ("a.html", "b.html"):
        run(*CHECK, "--report", name)
    assert survey.with_name("a.html").read_bytes() == survey.with_name("b.html").read_bytes()


def test_a_misfit_ends_with_1_and_is_told_at_the_top_of_the_report(run: Run, survey: Path, scale: Path) -> None:
    assert scale.exists()
    lines = survey.read_text("utf-8").splitlines()
    rng = np.random.default_rng(1)
    spoiled = [lines[0], *(f"{rng.integers(2)}{line[1:]}" for line in lines[1:])]
    survey.write_text("\n".join(spoiled) + "\n", encoding="utf-8")
    ended = run(*CHECK, "--report", "fit.html")
    assert ended.code == 1, ended.err
    assert "to read first" in survey.with_name("fit.html").read_text("utf-8")


@pytest.mark.usefixtures("scale")
@pytest.mark.parametrize("words", [("--sets", "5"), ("--seed", "-1")])
def test_sets_that_show_nothing_are_refused(run: Run, words: tuple[str, str]) -> None:
    ended = run("check", "survey.csv", "--scale", "scale.json", *words, "--json")
    assert ended.code == 2
    assert json.loads(ended.err)["error"]["code"] == "fit.sets"


@pytest.mark.usefixtures("scale")
@pytest.mark.parametrize(
    "words", [CHECK, COMPARE, ("dif", "survey.csv", "--scale", "scale.json", "--group", "region")]
)
def test_a_report_that_cannot_be_written_is_said_before_any_work(run: Run, words: tuple[str, ...]) -> None:
    ended = run(*words, "--report", "nowhere/fit.html", "--json")
    assert ended.code == 2
    assert json.loads(ended.err)["error"]["code"].startswith("output.")


@pytest.mark.usefixtures("survey")
def test_compare_says_all_of_it_to_machines(run: Run) -> None:
    ended = run(*COMPARE, "--json")
    assert ended.code == 0, ended.err
    body = json.loads(ended.out)
    assert [each["model"] for each in body["models"]] == ["rasch", "2pl"]
    assert [each["parameters"] for each in body["models"]] == [6, 10]
    assert body["tests"][0]["df"] == 4
    assert body["best"] == "rasch"
    assert all(each["overall"]["kind"] == "M2" for each in body["models"])


@pytest.mark.usefixtures("survey")
def test_compare_speaks_to_people_and_ends_with_0(run: Run) -> None:
    ended = run(*COMPARE)
    assert ended.code == 0, ended.err
    for words in ("log-likelihood", "BIC", "rasch in 2pl", "What it comes to"):
        assert words in ended.out, words


def test_compare_writes_a_page_with_a_picture_and_its_table(run: Run, survey: Path) -> None:
    ended = run(*COMPARE, "--report", "models.html", "--json")
    assert json.loads(ended.out)["report"] == "models.html"
    page = survey.with_name("models.html").read_text("utf-8")
    assert 'id="model-comparison-caption"' in page
    assert "<script" not in page


def test_compare_with_sampling_weights_gives_no_criterion(run: Run, survey: Path) -> None:
    ended = run(*COMPARE, "--weights", "wt", "--weights-kind", "sampling", "--report", "m.html", "--json")
    assert ended.code == 0, ended.err
    body = json.loads(ended.out)
    assert all(each["aic"] is None for each in body["models"])
    assert body["tests"] == []
    page = survey.with_name("m.html").read_text("utf-8")
    assert "pseudo-likelihood" in page
    assert "model-comparison" not in page


def test_dif_writes_a_page_with_a_picture_a_method(run: Run, survey: Path) -> None:
    words = ("dif", "survey.csv", "--items", ",".join(ITEMS), "--group", "region", "--method", "lr,mh")
    ended = run(*words, "--report", "bias.html", "--json")
    assert ended.code in {0, 1}, ended.err
    assert json.loads(ended.out)["report"] == "bias.html"
    page = survey.with_name("bias.html").read_text("utf-8")
    for method in ("lr", "mh"):
        assert f'id="item-bias-{method}-caption"' in page
    assert "insufficient evidence" not in page or "too few people" in page

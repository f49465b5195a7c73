"""The search for item bias, from answers to flags, tables and pictures."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from evenhand.cli.dif import as_body, bias_between_groups, show
from evenhand.cli.dif import dif as command
from evenhand.errors import BoundaryError, EstimationError, EvenhandError, OptionError
from evenhand.measure.responses import CodeArray
from evenhand.programme.answers import Answers
from evenhand.report.dif import BiasContent, BiasRow, item_bias
from evenhand.service.dif import INSUFFICIENT, dif
from evenhand.service.dif_effect import effect_of_dropping
from tests.service.invented import B, answers_of, codes_of, grouped, scale_of, weighted

ONES = np.ones(8)


def people(seed: int = 1, sizes: tuple[int, ...] = (500, 400), shift: float = 0.0) -> Answers:
    """Groups north, south, west, which differ in need; SKIPPED is harder to affirm outside the north."""
    parts: list[CodeArray] = []
    for place, n in enumerate(sizes):
        b = B + np.where(np.arange(8) == 3, shift if place else 0.0, 0.0)
        parts.append(codes_of(seed + place, n, ONES, b, mean=0.6 * place))
    index = np.repeat(np.arange(len(sizes)), sizes)
    return grouped(answers_of(np.concatenate(parts)), ("north", "south", "west")[: len(sizes)], index)


def test_a_planted_item_is_flagged_by_every_method_and_said_in_words() -> None:
    found = dif(people(sizes=(800, 700), shift=1.2), group="area", methods=("mh", "logistic", "lr"))
    assert found.flagged == ("SKIPPED",)
    assert found.reference == "north"
    assert [row.method for row in found.items if row.flagged] == ["mh", "logistic", "lr"]
    by = {row.method: row for row in found.items if row.item == "SKIPPED"}
    assert by["mh"].effect is not None
    assert by["lr"].effect is not None
    assert by["mh"].effect < 0 < by["lr"].effect
    assert all("south report it less readily than north" in sentence for sentence in found.findings)
    assert "SKIPPED" not in found.groups[0].anchors["lr"]


def test_fair_items_of_unequal_groups_are_not_flagged() -> None:
    assert dif(people(5), group="area", methods=("mh", "logistic", "lr")).flagged == ()


def test_three_groups_are_each_compared_with_the_largest_and_adjusted_together() -> None:
    found = dif(people(2, (300, 400, 150)), group="area", methods=("mh",))
    assert found.reference == "south"
    assert [each.label for each in found.groups] == ["north", "west"]
    assert len(found.items) == 16
    smallest = min(found.items, key=lambda row: row.p or 1.0)
    assert smallest.p is not None
    assert smallest.p_adjusted == pytest.approx(min(1.0, 16 * smallest.p))


@pytest.mark.parametrize("method", ["mh", "logistic", "lr"])
def test_small_groups_read_insufficient_evidence_and_show_no_number(method: Any) -> None:
    found = dif(people(3, (300, 60)), group="area", methods=(method,))
    assert found.flagged == ()
    assert found.groups[0].n is None
    for row in found.items:
        assert row.reason.startswith(INSUFFICIENT)
        figures = (row.statistic, row.df, row.p, row.p_adjusted, row.effect, row.se, row.low, row.high, row.size)
        assert figures == (None,) * 9


def test_an_item_that_a_group_answers_alike_has_insufficient_evidence_and_the_others_stand() -> None:
    answers = people(4)
    codes = answers.responses.codes.copy()
    codes[answers.group("area").index == 1, 0] = 1
    answers = replace(answers, responses=replace(answers.responses, codes=codes))
    found = dif(answers, group="area", methods=("mh", "logistic", "lr"))
    for row in found.items:
        assert row.evidence == (row.item != "WORRIED")


def test_a_reversed_item_is_turned_and_finds_the_same() -> None:
    answers = people(6, shift=0.8)
    codes = answers.responses.codes.copy()
    codes[:, 1] = 1 - codes[:, 1]
    turned = replace(answers, responses=replace(answers.responses, codes=codes))
    turned = replace(turned, coding=answers_of(codes, (1, -1, *(1,) * 6)).coding)
    assert (
        dif(turned, group="area", methods=("lr", "mh")).items
        == dif(answers, group="area", methods=("lr", "mh")).items
    )


def test_mantel_haenszel_refuses_sampling_weights_and_the_others_take_them() -> None:
    w = np.random.default_rng(1).uniform(0.5, 2.0, 1500)
    answers = weighted(people(7, (800, 700), 1.2), w)
    with pytest.raises(OptionError, match="mh-design"):
        dif(answers, group="area", methods=("mh",))
    assert dif(answers, group="area", methods=("logistic", "lr")).flagged == ("SKIPPED",)


def test_people_without_a_group_are_left_out_and_it_is_said() -> None:
    answers = people(8)
    column = answers.group("area")
    index = column.index.copy()
    index[:50] = -1
    found = dif(grouped(answers, column.labels, index), group="area", methods=("mh",))
    assert found.notes == ("People whose group is not known are left out.",)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"methods": ("chi",)}, "options.unknown-value"),
        ({"methods": ()}, "options.unknown-value"),
        ({"model": "3pl"}, "options.unknown-value"),
        ({"matching": "half"}, "options.unknown-value"),
        ({"min_n": 5}, "dif.min-n"),
        ({"group": "region"}, "groups.not-read"),
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, Any], code: str) -> None:
    with pytest.raises(EvenhandError) as refusal:
        dif(people(9, (120, 120)), **{"group": "area", **options})
    assert refusal.value.code == code


def test_one_group_and_three_items_are_refused() -> None:
    with pytest.raises(EstimationError, match="one-group"):
        dif(people(9, (200,)), group="area")
    few = people(9).responses.codes[:, :3]
    with pytest.raises(EstimationError, match="too-few-items"):
        dif(grouped(answers_of(few), ("a", "b"), np.arange(900) % 2), group="area")


def test_leaving_out_a_biased_item_changes_the_group_it_is_biased_against() -> None:
    answers = people(10, (1500, 1500), -2.5)
    effects = {
        each.label: each
        for each in effect_of_dropping(scale_of(ONES, B), answers, "SKIPPED", group="area", threshold="moderate")
    }
    assert set(effects) == {"all", "north", "south"}
    assert effects["south"].change is not None
    assert effects["north"].change is not None
    assert effects["south"].change < -0.02 < effects["north"].change
    assert effects["south"].moved_down is not None
    assert 0 < effects["south"].moved_down < 1


def test_leaving_out_an_item_shows_no_figure_of_few_people_and_no_unknown_item() -> None:
    answers = people(11, (300, 8))
    small = effect_of_dropping(scale_of(ONES, B), answers, "SKIPPED", group="area", threshold=0.0)[2]
    assert (small.with_item, small.change, small.moved_up) == (None, None, None)
    assert small.reason
    with pytest.raises(OptionError, match="no-such-item"):
        effect_of_dropping(scale_of(ONES, B), answers, "Q9", group="area", threshold=0.0)


def test_without_a_prior_no_one_is_said_to_change_sides() -> None:
    scale = scale_of(ONES, B, sd=None)
    for each in effect_of_dropping(scale, people(12), "SKIPPED", group="area", threshold=0.0):
        assert each.moved_up is None
        assert each.change is not None


# the command


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    answers = people(13, (700, 600), 1.3)
    names = answers.item_names
    lines = [",".join([*names, "area", "religion"])]
    for row, place in zip(answers.responses.codes, answers.group("area").index, strict=True):
        lines.append(",".join([*map(str, row), ("north", "south")[place], "x"]))
    path = tmp_path / "survey.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "scale.json").write_text(scale_of(ONES, B).to_json(), encoding="utf-8")
    return path


def call(*words: object) -> Any:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, [str(word) for word in words])


ITEMS = ("--items", "WORRIED,HEALTHY,FEWFOOD,SKIPPED,ATELESS,RUNOUT,HUNGRY,WHLDAY")


def test_the_command_ends_with_1_where_an_item_is_flagged(survey: Path) -> None:
    ended = call(survey, "--group", "area", *ITEMS, "--method", "mh,logistic", "--json")
    assert ended.exit_code == 1, ended.exception
    body = json.loads(ended.stdout)
    assert body["flagged"] == ["SKIPPED"]
    assert body["reference"] == "north"
    assert len(body["items"]) == 16


def test_the_command_shows_what_leaving_the_item_out_does(survey: Path) -> None:
    ended = call(survey, "--group", "area", "--scale", survey.with_name("scale.json"), "--threshold", "moderate")
    assert ended.exit_code == 1, ended.exception
    assert "without SKIPPED" in ended.stdout.replace("\n", " ")


@pytest.mark.parametrize("column", ["religion", "ethnicity", "party_vote", "national_id", "_gps"])
def test_forbidden_groups_are_refused_before_anything_is_read(survey: Path, column: str) -> None:
    ended = call(survey, "--group", column, *ITEMS)
    assert isinstance(ended.exception, BoundaryError)
    assert ended.stdout == ""


def test_the_command_says_what_is_missing(survey: Path) -> None:
    for words in (("--group", "area"), ("--group", "area", *ITEMS, "--threshold", "moderate")):
        assert isinstance(call(survey, *words).exception, OptionError)


def test_check_can_use_it_and_a_person_can_read_it(capsys: pytest.CaptureFixture[str]) -> None:
    found = bias_between_groups(people(14, (300, 60, 200)), "area")
    show(found)
    assert INSUFFICIENT in capsys.readouterr().out
    assert json.dumps(as_body(found))


# the picture


def rows(n: int, groups: tuple[str, ...] = ("south",)) -> tuple[BiasRow, ...]:
    return tuple(
        BiasRow(f"Q{item}", group, 0.1 * item - 0.3, 0.1 * item - 0.6, 0.1 * item, 0.04, "B", flagged=item == 6)
        for item in range(n)
        for group in groups
    )


def test_the_picture_names_what_stands_out_and_says_where_there_is_no_evidence() -> None:
    none = BiasRow("Q99", "south", None, None, None, None, "", flagged=False)
    made = item_bias(BiasContent("north", "severity", (*rows(8), none)))
    assert made is not None
    assert "Standing out: Q6" in made.description
    assert made.table.rows[-1][2] == "insufficient evidence"
    assert "diamond" not in made.svg or made.svg.startswith("<svg")
    assert made.svg != made.narrow_svg


def test_a_picture_of_many_rows_shows_the_furthest_and_its_table_all() -> None:
    made = item_bias(BiasContent("north", "severity", rows(80, ("south", "west")), "mh"))
    assert made is not None
    assert len(made.table.rows) == 160
    assert made.key == "item-bias-mh"


def test_without_evidence_there_is_no_picture() -> None:
    none = BiasRow("Q1", "south", None, None, None, None, "", flagged=False)
    assert item_bias(BiasContent("north", "severity", (none,))) is None

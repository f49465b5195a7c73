"""Groups with means and SDs of their own, and one scale for everybody beside them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evenhand.errors import BoundaryError, EstimationError, OptionError
from evenhand.measure.responses import CodeArray, FloatArray
from evenhand.programme.answers import Answers, GroupColumn
from evenhand.programme.scale import GroupsRecord, ScaleRecord, scale_from_json
from evenhand.service.calibrate import calibrate
from evenhand.service.calibrate_fixed import fixed_from_scale
from evenhand.service.calibrate_groups import GroupDesign
from evenhand.service.link import link, reference_of_scale
from evenhand.service.options import Options
from evenhand.service.score import need_scores, score
from tests.service.invented import FIES, B, answers_of, codes_of, grouped, weighted

ONE = np.ones(8)
SHIFTED: FloatArray = np.where(np.array(FIES) == "SKIPPED", B + 1.0, B)
ANCHORS = tuple(name for name in FIES if name != "SKIPPED")


def people(small: int = 0) -> Answers:
    """600 in the north, 500 in the south, needier and with SKIPPED harder to affirm, and a few elsewhere."""
    parts: list[CodeArray] = [
        codes_of(1, 600, ONE, B, sd=1.5),
        codes_of(2, 500, ONE, SHIFTED, mean=0.8, sd=1.0),
    ]
    if small:
        parts.append(codes_of(3, small, ONE, B))
    index = np.repeat([0, 1, 2][: len(parts)], [len(part) for part in parts])
    return grouped(answers_of(np.concatenate(parts)), ("north", "south", "tiny")[: len(parts)], index)


def made(answers: Answers, design: GroupDesign | None = None, **options: Any) -> ScaleRecord:
    return calibrate(answers, Options(**options), groups=design or GroupDesign("area")).record


def groups_of(record: ScaleRecord) -> GroupsRecord:
    assert record.groups is not None
    return record.groups


def test_the_record_says_each_group_s_mean_sd_errors_and_size() -> None:
    record = made(people(), GroupDesign("area", anchors=ANCHORS))
    groups = groups_of(record)
    north, south = groups.each
    assert (groups.column, groups.reference, groups.anchors) == ("area", "north", ANCHORS)
    assert (north.label, north.n, north.mean, north.se_mean) == ("north", 600, 0.0, None)
    assert south.se_mean is not None
    assert south.se_sd is not None
    assert abs(south.mean - 0.8) < 4 * south.se_mean < 0.5
    assert abs(south.sd - 1.0) < 4 * south.se_sd < 0.4
    assert north.se_sd is not None
    assert abs(north.sd - 1.5) < 4 * north.se_sd
    assert (record.n, record.converged, record.warnings) == (1_100, True, ())
    again = scale_from_json(record.to_json(), source="x")
    assert again.to_json() == record.to_json()
    assert groups_of(again).each[1].n == 500


def test_an_item_that_is_no_anchor_has_the_reference_s_parameters_in_the_scale_and_its_own_in_each_group() -> None:
    record = made(people(), GroupDesign("area", anchors=ANCHORS))
    north, south = groups_of(record).each
    assert north.items == ()
    (own,) = south.items
    skipped = record.items[FIES.index("SKIPPED")]
    assert own.name == "SKIPPED"
    assert own.se_b is not None
    assert own.se_b[0] is not None
    assert skipped.se_b is not None
    assert skipped.se_b[0] is not None
    assert abs(own.b[0] - skipped.b[0] - 1.0) < 4 * np.hypot(own.se_b[0], skipped.se_b[0])
    assert own.b[0] - skipped.b[0] > 0.5


def test_without_anchors_every_item_is_shared() -> None:
    groups = groups_of(made(people()))
    assert groups.anchors == FIES
    assert all(group.items == () for group in groups.each)


def test_free_slopes_leave_the_reference_group_standard_normal() -> None:
    north, south = groups_of(made(people(), model="2pl")).each
    assert (north.mean, north.sd, north.se_mean, north.se_sd) == (0.0, 1.0, None, None)
    assert south.se_sd is not None


def test_the_reference_can_be_chosen_and_moves_the_origin_alone() -> None:
    first, other = (groups_of(made(people(), GroupDesign("area", name))) for name in ("north", "south"))
    assert (first.reference, other.reference) == ("north", "south")
    assert first.each[1].mean == pytest.approx(-other.each[0].mean, abs=1e-4)
    assert first.each[1].sd == pytest.approx(other.each[1].sd, abs=1e-4)


def test_the_same_people_in_two_groups_differ_by_nothing() -> None:
    codes = codes_of(5, 400, ONE, B)
    record = made(grouped(answers_of(np.concatenate([codes, codes])), ("a", "b"), np.repeat([0, 1], 400)))
    a, b = groups_of(record).each
    assert b.mean == pytest.approx(0.0, abs=1e-6)
    assert b.sd == pytest.approx(a.sd, abs=1e-5)
    plain = calibrate(answers_of(codes)).record
    np.testing.assert_allclose(record.difficulties(), plain.difficulties(), rtol=0, atol=1e-4)


def test_frequency_weights_give_the_expanded_groups() -> None:
    answers = people()
    counts = np.random.default_rng(6).integers(1, 4, 1_100)
    one = groups_of(made(weighted(answers, counts.astype(np.float64), "frequency")))
    column = answers.groups["area"]
    many = grouped(
        answers_of(np.repeat(answers.responses.codes, counts, axis=0)),
        column.labels,
        np.repeat(column.index, counts),
    )
    for own, other in zip(one.each, groups_of(made(many)).each, strict=True):
        assert (own.n, own.n_weighted) == (other.n, other.n_weighted)
        assert own.mean == pytest.approx(other.mean, abs=1e-6)
        assert own.sd == pytest.approx(other.sd, abs=1e-6)
        assert own.se_sd == pytest.approx(other.se_sd, rel=1e-4)


# --- Nobody is scored by their group -------------------------------------------------------------------------


def test_scoring_uses_the_pooled_distribution_and_never_a_group_s_own() -> None:
    record = made(people(), GroupDesign("area", anchors=ANCHORS))
    groups, latent = groups_of(record), record.latent
    assert latent is not None
    share = np.array([group.n / 1_100 for group in groups.each])
    means, sds = (np.array([getattr(group, name) for group in groups.each]) for name in ("mean", "sd"))
    assert latent.source == "pooled over groups"
    assert latent.mean == pytest.approx(float(share @ means))
    assert latent.sd == pytest.approx(float(np.sqrt(share @ (sds**2 + means**2) - (share @ means) ** 2)))
    answers = people()
    scores = score(record, answers, threshold=0.5)
    plain = score(replace(record, groups=None), answers, threshold=0.5)
    np.testing.assert_array_equal(scores.theta, plain.theta)


def test_moving_everybody_to_another_group_moves_no_score_and_no_decision() -> None:
    record, answers = made(people(), GroupDesign("area", anchors=ANCHORS)), people()
    column = answers.groups["area"]
    moved = replace(answers, groups={"area": GroupColumn("area", column.labels, 1 - column.index)})
    for before, after in (
        (score(record, answers, threshold=0.5).columns(), score(record, moved, threshold=0.5).columns()),
        (
            {"p": need_scores(record, answers, threshold=0.5).p_at_least},
            {"p": need_scores(record, moved, threshold=0.5).p_at_least},
        ),
    ):
        for name, values in before.items():
            np.testing.assert_array_equal(values, after[name])


def test_equal_answers_get_equal_scores_whatever_the_group() -> None:
    record, answers = made(people(), GroupDesign("area", anchors=ANCHORS)), people()
    theta = score(record, answers).theta
    codes = [row.tobytes() for row in answers.responses.codes]
    of: dict[bytes, set[float]] = {}
    for key, value in zip(codes, theta, strict=True):
        of.setdefault(key, set()).add(float(value))
    assert max(len({round(value, 9) for value in values}) for values in of.values()) == 1


# --- Small groups --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("small", [1, 10])
def test_a_group_of_fewer_than_eleven_is_left_out_of_everything_that_is_written(small: int) -> None:
    record, without = made(people(small)), made(people())
    assert [group.label for group in groups_of(record).each] == ["north", "south"]
    assert (record.n, record.n_weighted, record.loglik) == (without.n, without.n_weighted, without.loglik)
    np.testing.assert_array_equal(record.difficulties(), without.difficulties())
    (said,) = record.warnings
    assert "fewer than 11" in said
    assert str(small) not in said.replace("11", "")


def test_a_group_of_eleven_is_shown() -> None:
    assert [group.n for group in groups_of(made(people(11))).each] == [600, 500, 11]


def test_people_without_a_group_are_left_out_and_not_counted() -> None:
    answers = people()
    index = answers.groups["area"].index.copy()
    index[:3] = -1
    record = made(replace(answers, groups={"area": GroupColumn("area", ("north", "south"), index)}))
    assert record.n == 1_097
    assert record.warnings == ("People whose group is not known were left out.",)


def test_incomplete_people_do_not_count_under_drop() -> None:
    answers = people()
    codes = answers.responses.codes.copy()
    codes[:50, 0] = -1
    holed = replace(answers, responses=replace(answers.responses, codes=codes))
    assert made(holed, missing="drop").n == 1_050
    assert made(holed).n == 1_100


# --- Refusals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["religion", "nationality", "passport_number", "party", "вероисповедание"])
def test_the_guard_stands_before_the_column(column: str) -> None:
    answers = people()
    own = answers.groups["area"]
    named = replace(answers, groups={column: GroupColumn(column, own.labels, own.index)})
    with pytest.raises(BoundaryError, match=r"boundary\."):
        made(named, GroupDesign(column))


@pytest.mark.parametrize(
    ("design", "options", "code"),
    [
        (GroupDesign("area"), {"method": "cml"}, "groups.needs-mml"),
        (GroupDesign("area"), {"latent_sd": 1.0}, "groups.needs-mml"),
        (GroupDesign("area", anchors=()), {}, "groups.anchors"),
        (GroupDesign("area", anchors=("WORRIED", "NOBODY")), {}, "groups.anchors"),
        (GroupDesign("area", "west"), {}, "groups.reference"),
        (GroupDesign("area", "tiny"), {}, "groups.reference"),
        (GroupDesign("wave"), {}, "groups.not-read"),
    ],
)
def test_designs_without_meaning_are_refused(design: GroupDesign, options: dict[str, Any], code: str) -> None:
    with pytest.raises(OptionError) as caught:
        made(people(5), design, **options)
    assert caught.value.code == code


def test_one_group_large_enough_is_not_two() -> None:
    answers = people()
    index = np.where(np.arange(1_100) < 1_092, 0, 1)
    with pytest.raises(EstimationError, match=r"groups\.one-group"):
        made(grouped(answers, ("many", "few"), index))


def test_an_item_that_a_group_answers_alike_cannot_be_its_own() -> None:
    answers = people()
    codes = answers.responses.codes.copy()
    codes[600:, 3] = 0
    constant = replace(answers, responses=replace(answers.responses, codes=codes))
    with pytest.raises(EstimationError) as caught:
        made(constant, GroupDesign("area", anchors=ANCHORS))
    assert (caught.value.code, caught.value.where) == ("estimation.constant-item", "item SKIPPED, group south")
    assert made(constant).converged


def test_a_group_with_fewer_people_than_parameters_of_its_own_is_refused() -> None:
    with pytest.raises(EstimationError, match=r"groups\.too-few-people|estimation\.constant-item"):
        made(people(12), GroupDesign("area", anchors=("WORRIED",)), model="2pl")


def test_groups_and_fixed_items_do_not_go_together() -> None:
    fixed = fixed_from_scale(made(people()))
    with pytest.raises(OptionError, match=r"options\.groups-and-fixed"):
        calibrate(people(), groups=GroupDesign("area"), fixed=fixed)


# --- Linking -------------------------------------------------------------------------------------------------


def test_a_link_moves_the_groups_with_the_scale() -> None:
    record = made(people(), GroupDesign("area", anchors=ANCHORS))
    target = replace(
        record,
        items=tuple(replace(item, b=tuple(1 + 2 * b for b in item.b), a=item.a / 2) for item in record.items),
    )
    linked = link(record, reference_of_scale(target, "other"), "mean-sigma").record
    for own, other in zip(groups_of(record).each, groups_of(linked).each, strict=True):
        assert other.mean == pytest.approx(1 + 2 * own.mean, abs=1e-6)
        assert other.sd == pytest.approx(2 * own.sd, abs=1e-6)
        for item, moved in zip(own.items, other.items, strict=True):
            assert moved.b[0] == pytest.approx(1 + 2 * item.b[0], abs=1e-6)
            assert moved.a == pytest.approx(item.a / 2)

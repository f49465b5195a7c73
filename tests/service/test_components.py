"""Need and capacity are never one number: need's scale is its own, and the joint model is beside it."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evenhand.errors import EstimationError, OptionError, ScaleFileError
from evenhand.measure.models import items_from_thresholds
from evenhand.measure.need import NeedScores
from evenhand.measure.profile_scores import joint_scores
from evenhand.measure.responses import CodeArray
from evenhand.measure.simulate import simulate_codes
from evenhand.programme.answers import Answers, answers_from_codes
from evenhand.programme.coding import ItemCoding
from evenhand.programme.scale import JointRecord, ScaleRecord, scale_from_json
from evenhand.service.calibrate import calibrate
from evenhand.service.calibrate_fixed import fixed_from_scale
from evenhand.service.calibrate_groups import GroupDesign
from evenhand.service.components import check_components, with_components
from evenhand.service.joint import PREFIX, answers_to, describe_jointly
from evenhand.service.options import Options
from evenhand.service.prevalence import prevalence
from evenhand.service.recording import items_reference
from evenhand.service.score import need_items, need_scores, score
from tests.figures import column, larger
from tests.service.invented import grouped

NEED, CAPACITY = tuple(f"N{j}" for j in range(5)), tuple(f"C{j}" for j in range(5))


def codings(categories: int = 2) -> tuple[ItemCoding, ...]:
    """Need and capacity items in turn."""
    codes = {str(code): code for code in range(categories)}
    pairs = zip(NEED, CAPACITY, strict=True)
    return tuple(
        ItemCoding(name, categories, codes, component=component)
        for pair in pairs
        for name, component in zip(pair, ("need", "capacity"), strict=True)
    )


def codes_of(n: int, seed: int, rho: float = -0.6, slopes: float = 1.4) -> CodeArray:
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(2, n))
    theta = first, rho * first + np.sqrt(1 - rho**2) * second
    items = items_from_thresholds(np.full(5, slopes), np.linspace(-1, 1, 5)[:, None])
    parts = [simulate_codes(rng, items, each) for each in theta]
    return np.stack(parts, axis=2).reshape(n, 10)


def answers_of(codes: CodeArray) -> Answers:
    return answers_from_codes(codes, codings(), source="invented")


def made(codes: CodeArray, **options: Any) -> ScaleRecord:
    return calibrate(answers_of(codes), Options(**options)).record


def joint_of(record: ScaleRecord) -> JointRecord:
    assert record.joint is not None
    return record.joint


# --- What is calibrated --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "model", "loglik", "correlation"),
    [("verbal_aggression2", "2pl", -3965.260, 0.7660), ("verbal_aggression3", "grm", -6226.697, 0.7609)],
)
def test_verbal_aggression_through_the_service_equals_r_mirt(
    data: str, model: Any, loglik: float, correlation: float
) -> None:
    """Tolerances as in tests/measure/test_profile.py: log-likelihood 2e-3, correlation 2e-4, the rest 2e-3."""
    codes = larger(data)
    if codes is None:
        pytest.skip(f"not run: {data}.csv is not at hand")
    categories = 3 if model == "grm" else 2
    texts = {str(code): code for code in range(categories)}
    coding = tuple(
        ItemCoding(f"Q{j}", categories, texts, component="capacity" if j % 2 else "need") for j in range(24)
    )
    answers = answers_from_codes(codes, coding, source=data)
    record = calibrate(answers, Options(model=model)).record
    joint = joint_of(record)
    assert joint.converged
    assert joint.loglik == pytest.approx(loglik, rel=0, abs=2e-3)
    assert joint.correlation == pytest.approx(correlation, abs=2e-4)
    name = "va_2d_graded_mirt" if model == "grm" else "va_2d_2PL_mirt"
    slopes = np.nansum([column(name, "a1"), column(name, "a2")], axis=0)
    np.testing.assert_allclose([item.a for item in joint.items], slopes, rtol=0, atol=2e-3)
    found = describe_jointly(scale_from_json(record.to_json(), source=data), answers)
    for place, which in enumerate("WP"):
        np.testing.assert_allclose(found.joint_mean[:, place], column(f"{name}_EAP", which), rtol=0, atol=2e-3)
        se = np.sqrt(found.joint_covariance[:, place, place])
        np.testing.assert_allclose(se, column(f"{name}_EAP", f"SE_{which}"), rtol=0, atol=2e-3)


@pytest.mark.parametrize("model", ["rasch", "2pl"])
def test_the_scale_is_need_s_own_and_the_joint_model_holds_the_truth(model: str) -> None:
    codes = codes_of(2_000, 1)
    record = made(codes, model=model)
    joint = joint_of(record)
    need = answers_to(answers_of(codes), NEED)
    alone = calibrate(need, Options(model=model)).record  # type: ignore[arg-type]
    assert record.components == ("need", "capacity")
    assert record.names == NEED
    assert record.items == alone.items
    assert record.latent == alone.latent
    assert record.loglik == alone.loglik
    assert joint.low < -0.6 < joint.high
    assert joint.low < joint.correlation < joint.high
    assert 0.01 < joint.se_correlation < 0.1
    assert joint.names == tuple(item.name for item in codings())
    assert record.warnings == ()
    if model == "rasch":
        assert joint.need.se_sd is not None
        assert abs(joint.need.sd - 1.4) < 4 * joint.need.se_sd
        assert [item.a for item in joint.items] == [1.0] * 10
    else:
        assert (joint.need.sd, joint.capacity.sd, joint.need.se_sd) == (1.0, 1.0, None)
        for item in joint.items:
            assert item.se_a is not None
            assert abs(item.a - 1.4) < 4 * item.se_a


def test_the_file_is_read_back_whole() -> None:
    record = made(codes_of(500, 2), model="2pl")
    again = scale_from_json(record.to_json(), source="x")
    assert again.to_json() == record.to_json()
    assert joint_of(again).names == joint_of(record).names


def test_components_named_beside_the_items_are_those_of_the_instrument() -> None:
    codes = codes_of(400, 3)
    plain = replace(answers_of(codes), coding=tuple(replace(item, component="need") for item in codings()))
    named = with_components(plain, {"need": NEED, "capacity": CAPACITY})
    assert calibrate(named).record.to_json() == made(codes).to_json()


def test_the_same_columns_as_need_and_as_capacity_are_two_instruments() -> None:
    as_need = tuple(replace(item, component="need") for item in codings())
    assert items_reference(codings()) != items_reference(as_need)


# --- No answer about capacity moves need ---------------------------------------------------------------------


@pytest.mark.parametrize("how", ["turned", "random", "missing"])
def test_changing_every_capacity_answer_changes_no_need_parameter_score_or_decision(how: str) -> None:
    codes = codes_of(800, 4)
    own = np.array([item.component == "capacity" for item in codings()])
    changed = codes.copy()
    if how == "turned":
        changed[:, own] = 1 - codes[:, own]
    elif how == "random":
        changed[:, own] = np.random.default_rng(5).integers(0, 2, (800, 5))
    else:
        changed[::2, own] = -1
    before, after = made(codes, model="2pl"), made(changed, model="2pl")
    assert before.items == after.items
    assert before.latent == after.latent
    assert before.reliability == after.reliability
    assert joint_of(before).correlation != pytest.approx(joint_of(after).correlation, abs=1e-3) or how == "missing"
    need = answers_to(answers_of(codes), NEED), answers_to(answers_of(changed), NEED)
    for name, values in score(before, need[0], threshold=0.3).columns().items():
        np.testing.assert_array_equal(values, score(after, need[1], threshold=0.3).columns()[name])
    decided = [
        need_scores(record, each, threshold=0.3) for record, each in zip((before, after), need, strict=True)
    ]
    np.testing.assert_array_equal(decided[0].p_at_least, decided[1].p_at_least)
    assert isinstance(decided[0], NeedScores)
    shares = [prevalence(record, each, threshold=0.3) for record, each in zip((before, after), need, strict=True)]
    assert shares[0] == shares[1]


def test_people_who_left_out_capacity_count_for_need() -> None:
    codes = codes_of(600, 6)
    own = np.array([item.component == "capacity" for item in codings()])
    codes[:200, own] = -1
    record = made(codes)
    assert record.n == 600
    assert joint_of(record).n == 600
    codes[:200] = codes_of(200, 7)
    codes[:200, ~own] = -1
    only_capacity = made(codes)
    assert only_capacity.n == 400
    assert joint_of(only_capacity).n == 600


def test_a_decision_refuses_a_scale_of_capacity() -> None:
    capacity = calibrate(answers_to(answers_of(codes_of(400, 8)), CAPACITY)).record
    assert capacity.components == ("capacity",)
    with pytest.raises(ScaleFileError, match=r"scale\.not-need"):
        need_items(capacity)


def test_a_decision_takes_the_scale_s_own_items_and_prior() -> None:
    record = made(codes_of(400, 9), model="2pl")
    found = need_items(record)
    np.testing.assert_array_equal(found.items.slope, record.slopes())
    assert record.latent is not None
    assert (found.mean, found.sd) == (record.latent.mean, record.latent.sd)


# --- Joint figures -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["rasch", "2pl"])
def test_joint_columns_are_named_for_reports_and_hold_the_model_s_posterior(model: Any) -> None:
    codes = codes_of(500, 10)
    codes[0] = -1
    done = calibrate(answers_of(codes), Options(model=model))
    found = describe_jointly(done.record, answers_of(codes))
    assert all(name.startswith(PREFIX) for name in found.columns())
    assert np.isnan(found.joint_mean[0]).all()
    assert done.joint is not None
    expected = joint_scores(done.joint)
    patterns = done.joint.problem.patterns
    for place, pattern in enumerate(patterns.codes[:40]):
        row = int(np.flatnonzero((codes == pattern).all(axis=1))[0])
        np.testing.assert_allclose(found.joint_mean[row], expected.joint_mean[place], rtol=0, atol=1e-5)
        np.testing.assert_allclose(
            found.joint_covariance[row], expected.joint_covariance[place], rtol=0, atol=1e-5
        )


def test_joint_figures_need_a_joint_model_and_its_items() -> None:
    codes = codes_of(300, 11)
    record = made(codes)
    with pytest.raises(ScaleFileError, match=r"scale\.one-component"):
        describe_jointly(replace(record, joint=None), answers_of(codes))
    with pytest.raises(ScaleFileError, match=r"scale\.other-items"):
        describe_jointly(record, answers_to(answers_of(codes), NEED))


# --- Refusals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{"method": "cml"}, {"missing": "drop"}, {"latent_sd": 1.0}])
def test_what_has_no_joint_model_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(EstimationError) as caught:
        made(codes_of(300, 12), **options)
    assert caught.value.code == "estimation.two-components"


def test_groups_and_fixed_items_are_of_one_component() -> None:
    answers = grouped(answers_of(codes_of(300, 13)), ("a", "b"), np.repeat([0, 1], 150))
    with pytest.raises(EstimationError, match=r"estimation\.two-components"):
        calibrate(answers, groups=GroupDesign("area"))
    with pytest.raises(EstimationError, match=r"estimation\.two-components"):
        calibrate(answers, fixed=fixed_from_scale(made(codes_of(300, 13))))


def test_slopes_of_one_and_free_ones_do_not_mix_within_a_component() -> None:
    with pytest.raises(OptionError, match=r"options\.component-models"):
        made(codes_of(300, 14), models={"N0": "2pl"})
    record = made(codes_of(300, 14), models=dict.fromkeys(NEED, "2pl"))
    assert record.items[0].a != 1.0
    assert [item.a == 1.0 for item in joint_of(record).items] == [False, True] * 5
    with pytest.raises(OptionError, match=r"options\.item-model"):
        made(codes_of(300, 14), models={"X": "2pl"})


def test_a_component_of_one_item_is_refused() -> None:
    answers = answers_to(answers_of(codes_of(300, 15)), (*NEED, "C0"))
    with pytest.raises(EstimationError, match=r"estimation\.one-item"):
        calibrate(answers)


def test_components_that_are_one_thing_are_warned_of() -> None:
    record = made(codes_of(1_500, 16, rho=1.0), model="2pl")
    assert any("practically measure one thing" in warning for warning in record.warnings)


def test_components_whose_correlation_runs_to_one_are_refused() -> None:
    codes = codes_of(800, 18)
    codes[:, 1::2] = codes[:, ::2]
    with pytest.raises(EstimationError, match=r"profile\.one-thing"):
        made(codes)


@pytest.mark.parametrize(
    "components",
    [
        {"need": NEED, "wealth": CAPACITY},
        {"need": NEED, "capacity": (*CAPACITY, "N0")},
        {"need": NEED, "capacity": ("C0", "C1")},
        {"need": (*NEED, "N0"), "capacity": CAPACITY},
    ],
)
def test_components_that_miss_or_share_items_are_refused(components: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(OptionError, match=r"options\.components"):
        check_components(components, (*NEED, *CAPACITY))


# --- The file ------------------------------------------------------------------------------------------------


def changed_file(record: ScaleRecord, change: Any) -> str:
    body = json.loads(record.to_json())
    change(body)
    return json.dumps(body)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda body: body["items"].append(body["joint"]["items"][1]), "items"),
        (lambda body: body["items"].pop(), "joint.items"),
        (lambda body: body["joint"].update(correlation=1.0), "joint.correlation"),
        (lambda body: body["joint"]["capacity"].update(sd=0.0), "joint.capacity.sd"),
        (lambda body: body["joint"]["items"][0].update(a=0.0), "joint.items.0.a"),
        (lambda body: body["joint"].update(extra=1), "joint.extra"),
    ],
)
def test_a_file_in_which_need_is_not_by_itself_is_refused(change: Any, field: str) -> None:
    text = changed_file(made(codes_of(300, 17)), change)
    with pytest.raises(ScaleFileError) as caught:
        scale_from_json(text, source="changed")
    assert caught.value.code == "scale.field"
    assert repr(field) in caught.value.what

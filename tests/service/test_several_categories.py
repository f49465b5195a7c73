"""Items of several categories, from answers to a scale: partial credit, generalised, graded and mixed."""

import numpy as np
import polars as pl
import pytest

import evenhand as eh
from evenhand.measure.models import items_from_thresholds
from evenhand.measure.simulate import simulate_codes
from evenhand.programme.scale import scale_from_json

STEPS = np.array([[-1.0, 0.2], [-0.5, 0.8], [0.0, 1.0], [-1.2, 0.4], [0.3, np.nan]])
SLOPES = np.array([1.0, 1.5, 0.8, 1.2, 1.4])
NAMES = ["A", "B", "C", "D", "E"]


def answers(slopes: np.ndarray, graded: np.ndarray | None = None, *, reverse: bool = False) -> pl.DataFrame:
    rng = np.random.default_rng(12)
    codes = simulate_codes(rng, items_from_thresholds(slopes, STEPS, graded), rng.normal(0.0, 1.2, 4000))
    if reverse:
        codes[:, 0] = 2 - codes[:, 0]
    return pl.DataFrame({name: codes[:, index] for index, name in enumerate(NAMES)})


@pytest.mark.parametrize("method", ["mml", "cml"])
def test_partial_credit_by_both_methods(method: str) -> None:
    read = eh.read_answers(answers(np.ones(5)), items=NAMES)
    scale = eh.calibrate(read, model="pcm", method=method)  # type: ignore[arg-type] # parametrised
    centred = STEPS - np.nanmean(STEPS) if method == "cml" else STEPS
    found = scale.record.thresholds_of_items()
    np.testing.assert_allclose(found, centred, atol=0.2)
    assert scale.record.latent is not None
    assert scale.record.latent.sd == pytest.approx(1.2, abs=0.1)
    assert scale.check(read).fit.person_values == "conditional probabilities"
    assert scale.check(read).findings == ()
    assert scale_from_json(scale.record.to_json(), source="here").to_json() == scale.record.to_json()


def test_both_methods_agree_but_for_the_origin() -> None:
    read = eh.read_answers(answers(np.ones(5)), items=NAMES)
    cml = eh.calibrate(read, model="pcm", method="cml").record.thresholds_of_items()
    mml = eh.calibrate(read, model="pcm").record.thresholds_of_items()
    np.testing.assert_allclose(cml, mml - np.nanmean(mml), atol=0.05)


@pytest.mark.parametrize("model", ["gpcm", "grm"])
def test_free_slopes(model: str) -> None:
    graded = np.full(5, model == "grm")
    scale = eh.calibrate(eh.read_answers(answers(SLOPES, graded), items=NAMES), model=model)  # type: ignore[arg-type] # parametrised
    np.testing.assert_allclose(scale.record.slopes(), SLOPES * 1.2, atol=0.3)
    np.testing.assert_allclose(scale.record.thresholds_of_items(), STEPS / 1.2, atol=0.2)
    theta, people = scale.simulate(2000, seed=3)
    for method in ("eap", "map", "wle"):
        found = scale.score(people, method=method)["theta"].to_numpy()
        assert np.corrcoef(found, theta)[0, 1] > 0.75


def test_a_mixed_scale() -> None:
    graded = np.array([True, False, False, True, False])
    models = {"A": "grm", "D": "grm", "B": "gpcm", "C": "gpcm", "E": "2pl"}
    scale = eh.calibrate(eh.read_answers(answers(SLOPES, graded), items=NAMES), model=models)  # type: ignore[arg-type] # plain words
    assert [item.model for item in scale.record.items] == ["grm", "gpcm", "gpcm", "grm", "2pl"]
    np.testing.assert_allclose(scale.record.thresholds_of_items(), STEPS / 1.2, atol=0.2)


def test_a_reversed_item_of_several_categories_gets_a_negative_slope() -> None:
    read = eh.read_answers(answers(SLOPES, reverse=True), items=NAMES)
    with pytest.warns(eh.EvenhandWarning, match="against the direction"):
        scale = eh.calibrate(read, model="gpcm")
    assert scale.record.slopes()[0] < -0.8
    assert (scale.record.slopes()[1:] > 0).all()


def test_an_empty_category_has_one_clear_error() -> None:
    frame = answers(np.ones(5)).with_columns(pl.when(pl.col("B") == 1).then(2).otherwise(pl.col("B")).alias("B"))
    read = eh.read_answers(frame, items=NAMES)
    assert any("B" in warning for warning in read.warnings)
    with pytest.raises(eh.EstimationError, match=r"estimation\.empty-category"):
        eh.calibrate(read, model="gpcm")

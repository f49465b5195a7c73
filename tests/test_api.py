"""The Python interface, as in the README."""

from pathlib import Path

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pytest

import evenhand as eh
from evenhand.measure.models import items_from_thresholds
from evenhand.measure.simulate import simulate_codes

NAMES = [f"Q{j}" for j in range(1, 7)]


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    rng = np.random.default_rng(3)
    slope = np.array([0.8, 1.2, 1.6, 1.0, 2.0, 1.4])
    items = items_from_thresholds(slope, np.linspace(-1.5, 1.5, 6)[:, None])
    codes = simulate_codes(rng, items, rng.normal(size=2000))
    columns = {name: codes[:, index] for index, name in enumerate(NAMES)}
    return pl.DataFrame({**columns, "wt": rng.uniform(0.5, 2, 2000), "side": rng.choice(["left", "right"], 2000)})


def test_the_way_of_the_readme(table: pl.DataFrame, tmp_path: Path) -> None:
    answers = eh.read_answers(table, items=NAMES, weights="wt", weights_kind="sampling", groups=["side"])
    scale = eh.calibrate(answers, model="2pl", method="mml")
    items = scale.items
    assert isinstance(items, pl.DataFrame)
    assert items.columns == ["item", "a", "b1", "se_a", "se_b1"]
    assert items["a"].to_list() == pytest.approx([0.8, 1.2, 1.6, 1.0, 2.0, 1.4], abs=0.4)
    scores = scale.score(answers, method="eap", threshold=0.25)
    assert scores.columns == ["row", "answered", "theta", "se", "p_at_least"]
    assert scores.height == 2000
    by = scale.prevalence(answers, threshold=0.0, by="side").by
    assert [group.label for group in by] == ["left", "right"]
    scale.save(tmp_path / "scale.json")
    again = eh.load_scale(tmp_path / "scale.json")
    np.testing.assert_allclose(again.score(answers)["theta"], scores["theta"], atol=1e-9)
    scale.report(tmp_path / "report.html")
    assert "<svg" in (tmp_path / "report.html").read_text("utf-8")
    with pytest.raises(eh.EvenhandError, match=r"scale\.no-answers"):
        again.report(tmp_path / "again.html")


def test_frames_come_back_in_the_library_they_came_in(table: pl.DataFrame) -> None:
    frame = pd.DataFrame(table.to_dict(as_series=False))
    scale = eh.calibrate(eh.read_answers(frame, items=NAMES))
    assert isinstance(scale.items, pd.DataFrame)
    assert isinstance(scale.score(frame), pd.DataFrame)
    np.testing.assert_allclose(scale.score(frame)["theta"], scale.score(table)["theta"])


def test_a_frame_can_be_scored_and_checked_directly(table: pl.DataFrame) -> None:
    scale = eh.calibrate(eh.read_answers(table, items=NAMES), model="2pl")
    assert scale.check(table).findings == ()
    theta, answers = scale.simulate(500, seed=1)
    found = scale.score(answers)["theta"].to_numpy()
    assert np.corrcoef(found, theta)[0, 1] > 0.7


def test_what_a_result_must_say_about_itself_is_a_warning(table: pl.DataFrame) -> None:
    with pytest.warns(eh.EvenhandWarning, match="Only 100 people"):
        eh.calibrate(eh.read_answers(table.head(100), items=NAMES))


def test_an_instrument_or_items_must_be_named(table: pl.DataFrame) -> None:
    with pytest.raises(eh.InputError, match=r"options\.no-items"):
        eh.read_answers(table)


def test_linking(table: pl.DataFrame) -> None:
    one = eh.calibrate(eh.read_answers(table, items=NAMES))
    other = eh.calibrate(eh.read_answers(table, items=NAMES), method="cml")
    linked = eh.link(other, to=one)
    np.testing.assert_allclose(linked.items["b1"], one.items["b1"], atol=0.05)
    assert "rasch" in repr(linked)
    with pytest.raises(eh.InputError, match=r"options\.unknown-value"):
        eh.link(one, to="mars")


def test_no_probability_without_a_latent_distribution(table: pl.DataFrame) -> None:
    """A default N(0,1) would turn an EAP of 5.25 into 1.64 on the FAO's country 1."""
    from dataclasses import replace

    scale = eh.calibrate(eh.read_answers(table, items=NAMES))
    bare = eh.Scale(replace(scale.record, latent=None))
    for method in ("eap", "map"):
        with pytest.raises(eh.InputError, match=r"scale\.no-latent"):
            bare.score(table, method=method)
    assert np.isfinite(bare.score(table, method="wle")["theta"].to_numpy()).all()

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


def test_groups_and_anchors(table: pl.DataFrame) -> None:
    answers = eh.read_answers(table, items=NAMES, groups=["side"])
    scale = eh.calibrate(answers, group="side", reference="right", anchors=NAMES[:4])
    groups = scale.record.groups
    assert groups is not None
    assert groups.reference == "right"
    assert [item.name for item in groups.each[0].items] == NAMES[4:]
    with pytest.raises(eh.InputError, match=r"options\.alone"):
        eh.calibrate(answers, anchors=NAMES[:4])


def test_fixed_items(table: pl.DataFrame) -> None:
    answers = eh.read_answers(table, items=NAMES)
    one = eh.calibrate(answers, model="2pl")
    other = eh.calibrate(answers, model="2pl", fixed=one, fixed_items=NAMES[:3])
    assert other.items["b1"].to_list() == pytest.approx(one.items["b1"].to_list(), abs=2e-3)
    assert np.isnan(other.items["se_b1"].to_numpy()[:3]).all()
    with pytest.raises(eh.InputError, match=r"options\.unknown-value"):
        eh.calibrate(answers, fixed="mars")


def test_two_components(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    first, second = rng.normal(size=(2, 800))
    items = items_from_thresholds(np.full(3, 1.5), np.array([[-0.8], [0.0], [0.8]]))
    codes = [simulate_codes(rng, items, each) for each in (first, -0.5 * first + 0.87 * second)]
    table = pl.DataFrame({name: np.concatenate(codes, axis=1)[:, place] for place, name in enumerate(NAMES)})
    answers = eh.read_answers(table, items=NAMES)
    scale = eh.calibrate(answers, components={"need": NAMES[:3], "capacity": NAMES[3:]})
    assert scale.record.names == tuple(NAMES[:3])
    need = scale.score(answers)
    assert need.columns == ["row", "answered", "theta", "se"]
    assert need["theta"].to_list() == scale.score(table.select(NAMES[:3]))["theta"].to_list()
    for source in (answers, table):
        joint = scale.score(source, joint=True)
        assert joint["theta"].to_list() == need["theta"].to_list()
        assert sum(name.startswith("report_only_") for name in joint.columns) == 5
    scale.report(tmp_path / "report.html")
    assert "need-and-capacity" in (tmp_path / "report.html").read_text("utf-8")
    with pytest.raises(eh.InputError, match=r"options\.components"):
        eh.calibrate(answers, components={"need": NAMES[:3]})


def test_plausible_values_have_the_people_s_spread(table: pl.DataFrame) -> None:
    scale = eh.calibrate(eh.read_answers(table, items=NAMES), model="2pl")
    scores = scale.score(table, plausible=5, seed=3)
    assert scores.columns[-5:] == [f"pv{place}" for place in range(1, 6)]
    spread = [float(np.std(scores[f"pv{place}"].to_numpy())) for place in range(1, 6)]
    assert float(np.mean(spread)) == pytest.approx(1.0, abs=0.04)  # the latent SD; the EAPs' is smaller
    assert float(np.std(scores["theta"].to_numpy())) < 0.9
    again = scale.score(table, plausible=2, seed=3)
    assert again["pv2"].to_list() == scores["pv2"].to_list()


def test_expected_scores(table: pl.DataFrame) -> None:
    scale = eh.calibrate(eh.read_answers(table, items=NAMES))
    found = scale.expected_scores(threshold=0.25)
    assert found.columns == ["raw", "theta", "se", "p_at_least", "share", "theta_at_expected"]
    scores = scale.score(table, threshold=0.25)
    raw = table.select(NAMES).sum_horizontal().to_numpy()
    np.testing.assert_allclose(scores["theta"], found["theta"].to_numpy()[raw], atol=1e-6)
    assert "p_at_least" not in scale.expected_scores().columns

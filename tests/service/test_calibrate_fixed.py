"""Items held at parameters from elsewhere."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evenhand.errors import EstimationError, OptionError, ScaleFileError
from evenhand.measure.latent import fit_latent
from evenhand.measure.models import items_from_thresholds
from evenhand.measure.patterns import collapse
from evenhand.programme.instrument import load_instrument
from evenhand.programme.scale import ScaleRecord, scale_from_json
from evenhand.service.big import calibrate_batches
from evenhand.service.calibrate import calibrate
from evenhand.service.calibrate_fixed import FixedItems, fixed_from_instrument, fixed_from_scale
from evenhand.service.link import FIES_GLOBAL
from evenhand.service.options import Options
from evenhand.tabular.batches import open_batches
from tests.service.invented import FIES, B, answers_of, codes_of, scale_of

ONE = np.ones(8)
SLOPES = np.array([1.0, 1.5, 0.7, 1.2, 1.0, 2.0, 0.8, 1.1])
HELD = FIES[:4]


def made(n: int, fixed: FixedItems, slopes: Any = ONE, **options: Any) -> ScaleRecord:
    """People of mean .8 and SD 1.3."""
    answers = answers_of(codes_of(1, n, slopes, B, mean=0.8, sd=1.3))
    return calibrate(answers, Options(**options), fixed=fixed).record


def test_held_items_keep_their_parameters_and_the_others_follow_their_metric() -> None:
    source = scale_of(SLOPES, B, model="2pl")
    record = made(4_000, fixed_from_scale(source, HELD), SLOPES, model="2pl")
    assert record.converged
    for item, own in zip(record.items[:4], source.items[:4], strict=True):
        assert (item.a, item.b, item.se_a, item.se_b) == (own.a, own.b, None, None)
    for item, a, b in zip(record.items[4:], SLOPES[4:], B[4:], strict=True):
        assert item.se_a is not None
        assert item.se_b is not None
        assert item.se_b[0] is not None
        assert abs(item.a - a) < 4 * item.se_a < 1.2
        assert abs(item.b[0] - b) < 4 * item.se_b[0] < 0.6
    latent = record.latent
    assert latent is not None
    assert latent.se_mean is not None
    assert latent.se_sd is not None
    assert abs(latent.mean - 0.8) < 4 * latent.se_mean < 0.4
    assert abs(latent.sd - 1.3) < 4 * latent.se_sd < 0.4


def test_the_file_says_what_was_held_and_of_which_scale() -> None:
    source = scale_of(ONE, B)
    record = made(500, fixed_from_scale(source, HELD))
    assert record.fixed is not None
    assert (record.fixed.items, record.fixed.hash, record.fixed.source) == (HELD, source.hash(), "items")
    assert record.thresholds == source.thresholds
    assert scale_from_json(record.to_json(), source="x").fixed == record.fixed


def test_without_a_choice_every_item_in_common_is_held() -> None:
    source = replace(scale_of(ONE, B), items=scale_of(ONE, B).items[:5])
    record = made(500, fixed_from_scale(source))
    assert record.fixed is not None
    assert record.fixed.items == FIES[:5]
    assert [item.se_b is None for item in record.items] == [True] * 5 + [False] * 3


def test_when_every_item_is_held_the_latent_distribution_alone_is_estimated() -> None:
    record = made(60, fixed_from_scale(scale_of(ONE, B)))
    patterns = collapse(answers_of(codes_of(1, 60, ONE, B, mean=0.8, sd=1.3)).responses)
    alone = fit_latent(patterns, items_from_thresholds(ONE, B[:, None]))
    assert record.latent is not None
    assert (record.latent.mean, record.latent.sd) == (alone.mean, alone.sd)
    assert record.latent.source == "estimated with items fixed"
    assert record.loglik == alone.loglik
    assert record.warnings == ()  # few people are no fault where no severity is estimated
    assert record.reliability.separation is not None


def test_the_items_left_free_have_the_held_ones_mean_slope_in_a_rasch_model() -> None:
    slopes = np.full(8, 0.5)
    record = made(1_500, fixed_from_scale(scale_of(slopes, B), HELD), slopes)
    np.testing.assert_allclose(record.slopes(), slopes, rtol=1e-12)
    assert record.reliability.separation is None  # raw scores have no error of 1 per logit on that metric


def test_published_severities_can_be_held() -> None:
    record = made(300, fixed_from_instrument(load_instrument("fies"), FIES_GLOBAL))
    assert record.fixed is not None
    assert record.fixed.source == "fies-global"
    assert record.fixed.hash == load_instrument("fies").hash()
    assert record.items[0].b[0] == pytest.approx(-1.2230564)
    assert record.thresholds["moderate"] == pytest.approx(-0.3117999)


def test_an_instrument_that_publishes_nothing_is_refused() -> None:
    with pytest.raises(ScaleFileError, match=r"fixed\.no-published-severities"):
        fixed_from_instrument(load_instrument("material-deprivation"), "x")


def test_categories_that_nobody_chose_are_no_fault_of_a_held_item() -> None:
    codes = codes_of(4, 300, ONE, B)
    codes[:, 0] = 1
    held = fixed_from_scale(scale_of(ONE, B), ("WORRIED", "HEALTHY"))
    assert calibrate(answers_of(codes), fixed=held).record.converged
    with pytest.raises(EstimationError, match=r"estimation\.constant-item"):
        calibrate(answers_of(codes), fixed=fixed_from_scale(scale_of(ONE, B), ("HEALTHY",)))


def test_people_at_one_end_have_no_latent_distribution() -> None:
    codes = np.ones((50, 8), dtype=np.int8)
    with pytest.raises(EstimationError, match=r"latent\.no-maximum"):
        calibrate(answers_of(codes), fixed=fixed_from_scale(scale_of(ONE, B)))


@pytest.mark.parametrize(
    ("chosen", "options", "code"),
    [
        (("NOBODY",), {}, "fixed.unknown-item"),
        (("WHLDAY", "WORRIED"), {"method": "cml"}, "fixed.needs-mml"),
        (None, {"latent_sd": 1.0}, "fixed.needs-mml"),
    ],
)
def test_choices_without_meaning_are_refused(chosen: Any, options: dict[str, Any], code: str) -> None:
    with pytest.raises(OptionError) as caught:
        made(200, fixed_from_scale(scale_of(ONE, B), chosen), **options)
    assert caught.value.code == code


def test_nothing_in_common_is_refused() -> None:
    source = scale_of(ONE, B)
    other = replace(source, items=tuple(replace(item, name=f"X{item.name}") for item in source.items))
    with pytest.raises(OptionError, match=r"fixed\.no-items"):
        made(200, fixed_from_scale(other))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"categories": 3, "b": (0.0, 1.0)}, "categories"),
        ({"a": -1.0}, "other way"),
        ({"component": "capacity"}, "capacity"),
        ({"codes": {"0": 1, "1": 0}}, "category"),
    ],
)
def test_an_item_that_is_another_there_is_refused(change: dict[str, Any], word: str) -> None:
    source = scale_of(ONE, B)
    first = replace(source.items[0], **change)
    with pytest.raises(ScaleFileError) as caught:
        made(200, fixed_from_scale(replace(source, items=(first, *source.items[1:]))))
    assert caught.value.code == "fixed.other-item"
    assert word in str(caught.value.why)


def test_a_file_read_in_batches_gives_the_same_scale(tmp_path: Path) -> None:
    answers = answers_of(codes_of(1, 500, ONE, B, mean=0.8, sd=1.3))
    fixed = fixed_from_scale(scale_of(ONE, B), HELD)
    lines = [",".join(FIES), *(",".join(map(str, row)) for row in answers.responses.codes)]
    path = tmp_path / "answers.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    batches = open_batches(path, coding=answers.coding)
    found = calibrate_batches(batches, fixed=fixed).record
    assert found.to_json() == calibrate(answers, fixed=fixed).record.to_json()

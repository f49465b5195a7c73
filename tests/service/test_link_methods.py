"""Linking scales of any model: what moves, what is recorded, what is refused, and the command."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evenhand.cli.link import link as command
from evenhand.errors import EvenhandError
from evenhand.measure.linking import LinkMethod
from evenhand.programme.scale import ModelName, ScaleItem, ScaleRecord
from evenhand.service.link import Reference, fies_global, link, reference_of_scale
from tests.service.invented import FIES, B, scale_of

A = np.array([0.7, 1.0, 1.6, 1.2, 0.9, 1.4, 2.0, 1.1])
METHODS: tuple[LinkMethod, ...] = ("mean-mean", "mean-sigma", "haebara", "stocking-lord")


def many_categories(model: ModelName) -> ScaleRecord:
    """Six items of three categories and two of two; one of them reversed."""
    record = scale_of(A, B, model=model)
    steps = [(b - 0.5, b + 0.4) for b in B[:6]]
    items = [
        replace(item, categories=3, b=b, se_b=(0.1, 0.12), se_a=0.05)
        for item, b in zip(record.items, steps, strict=False)
    ]
    turned = replace(items[2], a=-items[2].a, b=items[2].b[::-1], direction=-1)
    return replace(record, items=(*items[:2], turned, *items[3:], *record.items[6:]))


def on_another_metric(record: ScaleRecord, scale: float, shift: float) -> ScaleRecord:
    def moved(item: ScaleItem) -> ScaleItem:
        return replace(item, a=item.a / scale, b=tuple(shift + scale * b for b in item.b))

    assert record.latent is not None
    latent = replace(record.latent, mean=shift + scale * record.latent.mean, sd=scale * record.latent.sd)
    return replace(record, items=tuple(map(moved, record.items)), latent=latent, thresholds={"far": 2.0})


def reference_of(record: ScaleRecord) -> Reference:
    return reference_of_scale(on_another_metric(record, 1.4, -0.6), "other")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("model", ["2pl", "gpcm", "grm"])
def test_everything_moves_together(method: LinkMethod, model: ModelName) -> None:
    record = scale_of(A, B, model="2pl") if model == "2pl" else many_categories(model)
    found = link(record, reference_of(record), method)
    wanted = on_another_metric(record, 1.4, -0.6)
    assert found.link.scale == pytest.approx(1.4, rel=1e-6)
    assert found.link.shift == pytest.approx(-0.6, abs=1e-6)
    for own, other, before in zip(found.record.items, wanted.items, record.items, strict=True):
        assert own.a == pytest.approx(other.a, rel=1e-6)
        assert own.b == pytest.approx(other.b, abs=1e-6)
        assert before.se_b is not None
        assert own.se_b == pytest.approx([1.4 * se for se in before.se_b if se is not None])
        assert own.se_a == (None if before.se_a is None else pytest.approx(before.se_a / 1.4))
    assert found.record.latent is not None
    assert wanted.latent is not None
    assert found.record.latent.sd == pytest.approx(wanted.latent.sd)
    assert found.record.latent.mean == pytest.approx(wanted.latent.mean, abs=1e-6)
    assert found.record.thresholds == {"far": 2.0}
    assert found.link.se_shift is not None
    assert found.link.se_shift > 0
    assert "uncorrelated" in found.notes[0]
    assert found.record.warnings == ()


def test_the_default_is_the_faos_rule_for_rasch_and_stocking_lord_for_others() -> None:
    assert link(scale_of(np.ones(8), B), fies_global()).link.method == "fao"
    record = scale_of(A, B, model="2pl")
    assert link(record, reference_of(record)).link.method == "stocking-lord"


def test_rasch_scales_keep_the_faos_figures() -> None:
    record = scale_of(np.ones(8), B)
    one, other = link(record, fies_global()), link(record, fies_global(), "fao")
    assert one.record == other.record
    assert one.record.link is not None
    assert one.notes == ()
    other_way = link(record, fies_global(), "mean-sigma")
    assert other_way.link.scale == pytest.approx(one.link.scale, rel=0.2)
    assert any("without error" in note for note in other_way.notes)


def test_an_item_that_drifted_is_named_and_may_be_left_out() -> None:
    record = scale_of(A, B, model="2pl")
    far = tuple(replace(item, b=(item.b[0] + 1.5,)) if item.name == "RUNOUT" else item for item in record.items)
    reference = reference_of(replace(record, items=far))
    assert "RUNOUT" in link(record, reference).record.warnings[-1]
    clean = link(record, reference, without=["RUNOUT"])
    assert clean.link.scale == pytest.approx(1.4, rel=1e-6)
    assert clean.record.warnings == ()
    assert clean.record.link is not None
    assert clean.record.link.unique == ("RUNOUT",)


def test_a_slope_that_points_the_other_way_is_named() -> None:
    record = scale_of(A, B, model="2pl")
    turned = tuple(replace(item, a=-item.a) if item.name == "HUNGRY" else item for item in record.items)
    found = link(record, reference_of(replace(record, items=turned)))
    assert any(sentence.startswith("The slope of HUNGRY") for sentence in found.record.warnings)
    assert found.link.scale > 0


def test_the_symmetric_form_is_its_own_inverse() -> None:
    rng = np.random.default_rng(2)
    one = scale_of(A, B, model="2pl")
    other = scale_of(
        A / 1.3 * np.exp(0.1 * rng.normal(size=8)), 1.3 * B + 0.2 + 0.1 * rng.normal(size=8), model="2pl"
    )
    there = link(one, reference_of_scale(other, "other"), "haebara", symmetric=True).link
    back = link(other, reference_of_scale(one, "one"), "haebara", symmetric=True).link
    assert there.scale * back.scale == pytest.approx(1, abs=1e-6)


def code(record: ScaleRecord, to: Reference, method: str | None = None, without: tuple[str, ...] = ()) -> str:
    with pytest.raises(EvenhandError) as caught:
        link(record, to, method, without=without)  # type: ignore[arg-type] # a user may write anything
    return caught.value.code


def test_what_cannot_be_linked_is_refused() -> None:
    record = scale_of(A, B, model="2pl")
    to = reference_of(record)
    assert code(record, to, "fao") == "link.needs-rasch"
    assert code(record, to, "guess") == "options.unknown-value"
    assert code(record, to, without=("NOBODY",)) == "answers.unknown-item"
    assert code(record, to, without=FIES[:6]) == "link.too-few-items"
    assert code(link(record, to).record, to) == "link.already-linked"
    assert code(many_categories("gpcm"), to) == "link.other-item"
    assert code(many_categories("gpcm"), reference_of(many_categories("grm"))) == "link.other-item"
    same = scale_of(A, np.zeros(8), model="2pl")
    assert code(same, reference_of(same), "mean-sigma") == "link.no-spread"


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = scale_of(A, B, model="2pl")
    one, other, out = tmp_path / "one.json", tmp_path / "other.json", tmp_path / "linked.json"
    one.write_text(record.to_json(), "utf-8")
    other.write_text(on_another_metric(record, 1.4, -0.6).to_json(), "utf-8")
    command(one, str(other), "haebara", False, "RUNOUT", out, True)
    body = json.loads(capsys.readouterr().out)
    assert body["method"] == "haebara"
    assert body["scale"] == pytest.approx(1.4, rel=1e-6)
    assert body["se_scale"] > 0
    command(one, str(other), None, True, None, out, False)
    shown = capsys.readouterr().out
    assert "standard errors" in shown
    assert out.exists()

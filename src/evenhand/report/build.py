"""From results to the content of a report."""

import numpy as np

from evenhand.measure.itemfit import ItemFit
from evenhand.measure.models import information
from evenhand.measure.patterns import Patterns, from_table
from evenhand.measure.rawscores import fao_probability, raw_scores
from evenhand.measure.responses import FloatArray
from evenhand.measure.score import score_patterns
from evenhand.programme.scale import ScaleRecord
from evenhand.report.content import (
    CurveContent,
    FitContent,
    HistogramContent,
    PrevalenceContent,
    RawScoreContent,
    ReportContent,
)
from evenhand.report.joint import JointContent

CURVE_POINTS = 201
BINS = 24


def build_content(
    record: ScaleRecord,
    patterns: Patterns,
    fit: ItemFit,
    *,
    title: str,
    source: str,
    prevalence: tuple[PrevalenceContent, ...] = (),
    reference: FloatArray | None = None,
    left_out: tuple[str, ...] = (),
    joint: JointContent | None = None,
) -> ReportContent:
    """The content of a calibration's report.

    Args:
        record: the scale, linked or not.
        patterns: the people it was calibrated on.
        fit: how well the items fit them.
        title: heading of the page.
        source: where the answers came from.
        prevalence: lines of the prevalence table.
        reference: (J,) severities of the reference the scale was linked to.
        left_out: what was not used, one sentence each.
        joint: need and capacity together, of a scale of two components.
    """
    return ReportContent(
        title=title,
        scale=record,
        source=source,
        summary=_summary(record),
        fit=FitContent(fit.person_values, fit.infit, fit.outfit, fit.q3, fit.n),
        curve=curve(record),
        raw_scores=raw_score_table(record, patterns),
        histogram=histogram(record, patterns),
        prevalence=prevalence,
        reference=reference,
        left_out=left_out,
        warnings=record.warnings,
        joint=joint,
    )


def _summary(record: ScaleRecord) -> tuple[str, ...]:
    difficulty = record.thresholds_of_items()
    mildest, hardest = (
        record.names[int(place)] for place in (np.nanargmin(difficulty[:, 0]), _hardest(difficulty))
    )
    sentences = [
        f"{len(record.items)} items, from {mildest} (the mildest) to {hardest} (the most severe), "
        f"on the answers of {record.n:,} people."
    ]
    if record.latent is not None:
        sentences.append(
            f"People's measures spread with an SD of {record.latent.sd:.2f} around {record.latent.mean:.2f}."
        )
    if record.link is not None:
        dropped = ", ".join(record.link.unique)
        sentences.append(
            f"The scale is on the metric of {record.link.to}"
            + (f"; {dropped} did not serve for the link." if dropped else "; every item served for the link.")
        )
    return tuple(sentences)


def _hardest(thresholds: FloatArray) -> int:
    return int(np.argmax(np.nanmax(thresholds, axis=1)))


def curve(record: ScaleRecord) -> CurveContent:
    """Information and standard error along theta, over the items and the middle of the people."""
    thresholds = record.thresholds_of_items()
    low, high = float(np.nanmin(thresholds)) - 2.5, float(np.nanmax(thresholds)) + 2.5
    if record.latent is not None:
        low = min(low, record.latent.mean - 2 * record.latent.sd)
        high = max(high, record.latent.mean + 2 * record.latent.sd)
    theta = np.linspace(low, high, CURVE_POINTS)
    total = information(record.model_items(), theta).sum(axis=0)
    density = None
    if record.latent is not None:
        z = (theta - record.latent.mean) / record.latent.sd
        density = np.exp(-(z**2) / 2) / (record.latent.sd * np.sqrt(2 * np.pi))
    return CurveContent(theta, total, 1 / np.sqrt(total), density)


def raw_score_table(record: ScaleRecord, patterns: Patterns) -> RawScoreContent | None:
    """A row a raw score, for Rasch scales of yes/no items that all point the same way; None for others."""
    slope = record.slopes()
    if record.categories().max() > 2 or not record.all_rasch or np.ptp(slope) > 1e-9:
        return None
    unit = float(slope[0])
    b = record.difficulties()
    scores = raw_scores(b * unit)
    complete = patterns.complete
    raw = patterns.codes[complete].astype(np.int64).sum(axis=1)
    n = np.bincount(raw, weights=patterns.n[complete], minlength=len(b) + 1)
    w = np.bincount(raw, weights=patterns.w[complete], minlength=len(b) + 1)
    above: dict[str, FloatArray] = {}
    for name, value in record.thresholds.items():
        if record.latent is not None:
            above[f"{name}, posterior"] = _posterior_by_raw(record, value)
        above[f"{name}, FAO rule"] = fao_probability(scores, value * unit)
    return RawScoreContent(
        raw=np.arange(len(b) + 1, dtype=np.float64),
        theta=scores.theta / unit,
        se=scores.se / unit,
        n=n.astype(np.float64),
        share=(w / max(float(w.sum()), 1e-300)).astype(np.float64),
        p_above=above,
        method="maximum likelihood; the two extremes by the FAO's pseudo-scores 0.5 and J - 0.5",
    )


def _posterior_by_raw(record: ScaleRecord, threshold: float) -> FloatArray:
    n_items = len(record.items)
    codes = np.tril(
        np.ones((n_items + 1, n_items), dtype=np.int8), -1
    )  # raw scores 0..J; any pattern of each will do
    people = from_table(codes, record.categories(), np.ones(n_items + 1))
    latent = record.require_latent("the posterior")
    found = score_patterns(
        people, record.model_items(), "eap", mean=latent.mean, sd=latent.sd, threshold=threshold
    ).p_at_least
    assert found is not None  # noqa: S101 - a threshold was given
    return found


def histogram(record: ScaleRecord, patterns: Patterns) -> HistogramContent | None:
    """Weighted distribution of EAP scores; None without a latent distribution."""
    if record.latent is None:
        return None
    scores = score_patterns(patterns, record.model_items(), "eap", mean=record.latent.mean, sd=record.latent.sd)
    share = patterns.w / patterns.w.sum()
    low, high = float(scores.theta.min()), float(scores.theta.max())
    pad = max(0.25, 0.02 * (high - low))
    counts, edges = np.histogram(scores.theta, bins=BINS, range=(low - pad, high + pad), weights=share)
    return HistogramContent(edges, counts, "EAP", float(share @ scores.se))

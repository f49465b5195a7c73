"""What a report is made of: numbers that were computed elsewhere."""

from dataclasses import dataclass

from evenhand.measure.responses import FloatArray
from evenhand.programme.scale import ScaleRecord
from evenhand.report.dif import BiasContent
from evenhand.report.fit import FitTests
from evenhand.report.joint import JointContent


@dataclass(frozen=True, slots=True)
class FitContent:
    """How well the items fit.

    Attributes:
        person_values: what the residuals are taken from, in words (`conditional probabilities`, `EAP`).
        infit: (J,) information-weighted mean square, 1 under the model.
        outfit: (J,) unweighted mean square.
        q3: (J, J) correlations of residuals, NaN on the diagonal.
        n: people the figures rest on.
    """

    person_values: str
    infit: FloatArray
    outfit: FloatArray
    q3: FloatArray
    n: float


@dataclass(frozen=True, slots=True)
class CurveContent:
    """Information and standard error along theta.

    Attributes:
        theta: (T,) points on the scale's metric.
        information: (T,) test information (items only).
        se: (T,) 1 / sqrt(information).
        latent_density: (T,) density of the latent distribution, or None.
    """

    theta: FloatArray
    information: FloatArray
    se: FloatArray
    latent_density: FloatArray | None


@dataclass(frozen=True, slots=True)
class RawScoreContent:
    """A row a raw score of complete answers.

    Attributes:
        raw: (R,) raw scores 0..J.
        theta: (R,) person parameter.
        se: (R,) its standard error.
        n: (R,) people.
        share: (R,) weighted share.
        p_above: probability of lying above each threshold, (R,) by threshold name.
        method: how theta was had, in words.
    """

    raw: FloatArray
    theta: FloatArray
    se: FloatArray
    n: FloatArray
    share: FloatArray
    p_above: dict[str, FloatArray]
    method: str


@dataclass(frozen=True, slots=True)
class HistogramContent:
    """Weighted distribution of the scores.

    Attributes:
        edges: (B + 1,) bin edges on the scale's metric.
        share: (B,) weighted share of people in each bin.
        method: which score, in words.
        mean_se: weighted mean standard error.
    """

    edges: FloatArray
    share: FloatArray
    method: str
    mean_se: float


@dataclass(frozen=True, slots=True)
class PrevalenceContent:
    """One line of a prevalence table.

    Attributes:
        threshold: name of the threshold.
        value: its place on the scale's metric.
        rule: `posterior` or `fao`.
        group: label of the group, `all` for everybody.
        prevalence: share above the threshold, None where the group is too small to show.
        se: its standard error, None likewise.
        n: people.
    """

    threshold: str
    value: float
    rule: str
    group: str
    prevalence: float | None
    se: float | None
    n: int


@dataclass(frozen=True, slots=True)
class ReportContent:
    """A whole report.

    Attributes:
        title: heading of the page.
        scale: the calibrated (and perhaps linked) scale.
        source: where the answers came from, one sentence.
        summary: sentences for the top of the page.
        fit: item fit.
        curve: information and standard error.
        raw_scores: table of raw scores, or None.
        histogram: distribution of scores, or None.
        prevalence: lines of the prevalence table.
        reference: severities (J,) of the reference the scale was linked to, NaN where it has none, or None.
        left_out: what was not used, one sentence each (incomplete rows, empty rows, columns).
        warnings: findings, one sentence each.
        tests: S-X2 and the null distribution of Q3, or None.
        bias: item bias between groups, one entry a method.
        joint: need and capacity together, or None for one component.
    """

    title: str
    scale: ScaleRecord
    source: str
    summary: tuple[str, ...]
    fit: FitContent
    curve: CurveContent
    raw_scores: RawScoreContent | None = None
    histogram: HistogramContent | None = None
    prevalence: tuple[PrevalenceContent, ...] = ()
    reference: FloatArray | None = None
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    tests: FitTests | None = None
    bias: tuple[BiasContent, ...] = ()
    joint: JointContent | None = None

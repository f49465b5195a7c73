"""Contents to draw: the FIES with realistic numbers, and scales of any size with any names."""

from dataclasses import replace

import numpy as np

from evenhand.measure.responses import FloatArray
from evenhand.programme.scale import (
    InstrumentReference,
    LatentRecord,
    LinkRecord,
    ReliabilityRecord,
    ScaleItem,
    ScaleRecord,
)
from evenhand.report.comparison import ComparisonContent, ModelRow
from evenhand.report.content import (
    CurveContent,
    FitContent,
    HistogramContent,
    PrevalenceContent,
    RawScoreContent,
    ReportContent,
)
from evenhand.report.dif import BiasContent, BiasRow
from evenhand.report.fit import ChiSquareRow, FitTests, NullContent

FIES = ("WORRIED", "HEALTHY", "FEWFOOD", "SKIPPED", "ATELESS", "RUNOUT", "HUNGRY", "WHLDAY")
SEVERITIES = (-1.22, -0.85, -1.11, 0.35, -0.31, 0.51, 0.75, 1.88)
REFERENCE = (-1.2230564, -0.8471210, -1.1056616, 0.3509848, -0.3117999, 0.5065051, 0.7546138, 1.8755353)
LOCAL = (-1.31, -0.70, -1.22, 0.42, -0.36, 0.95, 0.61, 1.79)

HOSTILE = (
    "<script>alert(1)</script>",
    "costs $x$ or $\\frac{1}{2}$ a day",
    "bread & butter 'or' \"neither\"",
    "Ели меньше, чем следовало, из-за нехватки денег",
    "Worried that there would not be enough food to eat for lack of money or other goods"[:80],
    "شعرت بالقلق من عدم وجود ما يكفي من الطعام",
    "_x_^2 {{ title }} {% raw %}",
    "食べ物が足りないのではないかと心配した",
)


def item(name: str, b: float, se: float | None = 0.12, a: float = 1.0) -> ScaleItem:
    """A binary item."""
    return ScaleItem(name, "need", "rasch", 1, 2, a, (b,), None, None if se is None else (se,), {}, {})


def record(names: tuple[str, ...], b: tuple[float, ...], se: float | None = 0.12) -> ScaleRecord:
    """A Rasch scale with the latent SD of a typical FIES country."""
    return ScaleRecord(
        InstrumentReference("fies", "1f" * 32),
        "rasch",
        "cml",
        tuple(item(name, value, se) for name, value in zip(names, b, strict=True)),
        LatentRecord(-0.4, 2.0, "estimated with items fixed", 0.07, 0.06),
        thresholds={"moderate": -0.31, "severe": 1.88},
        loglik=-2950.08,
        n=1000,
        n_weighted=1012.4,
        weights_kind="sampling",
        patterns=143,
        reliability=ReliabilityRecord(0.78, 0.74, 0.81),
        iterations=12,
        gradient=3.1e-7,
        software="evenhand 0.1.0",
    )


def curve(scale: ScaleRecord, points: int = 121) -> CurveContent:
    """Information of a scale of binary items."""
    theta = np.linspace(-5.5, 5.5, points)
    p = 1 / (1 + np.exp(-scale.slopes()[:, None] * (theta - scale.difficulties()[:, None])))
    information: FloatArray = (scale.slopes()[:, None] ** 2 * p * (1 - p)).sum(axis=0)
    density = np.exp(-0.5 * ((theta + 0.4) / 2.0) ** 2) / (2.0 * np.sqrt(2 * np.pi))
    return CurveContent(theta, information, 1 / np.sqrt(information), density)


def fit(size: int) -> FitContent:
    """Item fit with one item that fits badly and one dependent pair."""
    rng = np.random.default_rng(7)
    infit, outfit = 1 + 0.09 * rng.standard_normal(size), 1 + 0.22 * rng.standard_normal(size)
    outfit[-1] = 1.62
    q3 = np.full((size, size), -1 / max(size - 1, 1)) + 0.07 * rng.standard_normal((size, size))
    q3 = np.tril(q3, -1) + np.tril(q3, -1).T
    if size > 2:
        q3[1, 2] = q3[2, 1] = 0.21
    np.fill_diagonal(q3, np.nan)
    return FitContent("conditional probabilities", infit, outfit, q3, 871)


def raw_scores(size: int) -> RawScoreContent:
    """Raw scores 0..J with most people at the ends."""
    raw = np.arange(size + 1, dtype=np.float64)
    inside = np.clip(raw, 0.5, size - 0.5)
    theta = 1.25 * np.log(inside / (size - inside))
    se = 1.15 * np.sqrt(size / (inside * (size - inside)))
    share = 0.34 * np.exp(-raw / (size / 4)) + 0.02
    share /= share.sum()
    p = {
        "moderate": 1 / (1 + np.exp(-1.7 * (theta + 0.31) / se)),
        "severe": 1 / (1 + np.exp(-1.7 * (theta - 1.88) / se)),
    }
    return RawScoreContent(
        raw, theta, se, np.round(1000 * share), share, p, "maximum likelihood with pseudo-scores"
    )


def histogram() -> HistogramContent:
    """A histogram of EAP scores."""
    edges = np.linspace(-6, 6, 25)
    middle = (edges[1:] + edges[:-1]) / 2
    share = np.exp(-0.5 * ((middle + 0.6) / 1.7) ** 2) * (1 + 0.5 * np.sin(3 * middle))
    share[np.abs(middle) > 4.2] = 0
    return HistogramContent(edges, share / share.sum(), "EAP", 0.86)


def prevalence(groups: tuple[str, ...] = ("Rural", "Towns", "Cities", "Islands")) -> tuple[PrevalenceContent, ...]:
    """Both rules, two thresholds, the last group too small to show."""
    lines = []
    for threshold, value, base in (("moderate", -0.31, 0.412), ("severe", 1.88, 0.127)):
        for place, group in enumerate(("all", *groups)):
            for rule, shift in (("posterior", 0.0), ("fao", 0.011)):
                small = place == len(groups)
                share = None if small else base + shift + 0.05 * (place - 1) * (place > 0)
                se = None if small else 0.016 + 0.006 * place
                lines.append(
                    PrevalenceContent(threshold, value, rule, group, share, se, 7 if small else 1000 - 190 * place)
                )
    return tuple(lines)


def content(
    names: tuple[str, ...] = FIES, b: tuple[float, ...] = SEVERITIES, se: float | None = 0.12
) -> ReportContent:
    """A whole report."""
    scale = record(names, b, se)
    return ReportContent(
        "Food insecurity in the demo town",
        scale,
        "1,000 adults interviewed at home in the spring of 2025; answers from survey.csv.",
        (
            "Four in ten adults live with moderate or severe food insecurity.",
            "The eight questions work together well.",
        ),
        fit(len(names)),
        curve(scale),
        raw_scores(len(names)),
        histogram(),
        prevalence(),
        None,
        ("12 people answered no question.", "Columns start, end and deviceid were dropped unread."),
        ("WHLDAY has an outfit of 1.62: a few people answered it surprisingly.",),
    )


def linked() -> ReportContent:
    """The FIES linked to the global scale, with one unique item."""
    whole = content(b=LOCAL)
    link = LinkRecord("fies-global", 0.94, -0.031, ("RUNOUT",))
    return replace(whole, scale=replace(whole.scale, link=link), reference=np.array(REFERENCE))


def many_items(size: int) -> ReportContent:
    """A scale of any length."""
    names = tuple(f"Item number {place + 1}" for place in range(size))
    return content(names, tuple(np.linspace(-2.5, 2.5, size).tolist()))


def bare(size: int = 3) -> ReportContent:
    """A published scale: no errors, no latent distribution, nothing but items."""
    whole = content(tuple("ABC"[:size]), (-1.0, 0.0, 1.0)[:size], None)
    scale = replace(
        whole.scale,
        latent=None,
        thresholds={},
        loglik=None,
        reliability=ReliabilityRecord(),
        converged=False,
        method="published",
        gradient=None,
        weights_kind=None,
        software="",
    )
    unknown = np.full(size, np.nan)
    return replace(
        whole,
        scale=scale,
        raw_scores=None,
        histogram=None,
        prevalence=(),
        left_out=(),
        warnings=(),
        summary=(),
        fit=FitContent("nothing", unknown, unknown, np.full((size, size), np.nan), 0),
        curve=replace(whole.curve, latent_density=None),
    )


def fit_tests(names: tuple[str, ...], shift: float = 0.09) -> FitTests:
    """S-X2 with one item beyond chance and one without a test, and two pairs beyond the null distribution."""
    rows = [
        ChiSquareRow(name, 6.1 + 9 * (place == 1), 6, 0.012 if place == 1 else 0.8, 0.012 + 0.05 * (place == 1))
        for place, name in enumerate(names)
    ]
    rows[-1] = ChiSquareRow(names[-1], 0.0, 0, None, None)
    null = np.sort(np.random.default_rng(3).normal(0.08, 0.015, 200))
    last = names[-1]
    pairs = ((names[0], last, shift + 0.05), (names[0], names[1], shift + 0.03), (names[1], last, -0.01))
    return FitTests(tuple(rows), NullContent(null, 0.105, pairs, 1, 1000))


def bias(names: tuple[str, ...], method: str = "lr") -> BiasContent:
    """Two groups, one item flagged, one without evidence."""
    rows = [
        BiasRow(name, group, 0.1 * place - 0.2, 0.1 * place - 0.4, 0.1 * place, 0.6, "A", flagged=False)
        for group in ("Islands", "Towns & <b>villages</b>")
        for place, name in enumerate(names)
    ]
    rows[0] = BiasRow(names[0], "Islands", 1.4, 1.0, 1.8, 0.001, "C", flagged=True)
    rows[1] = BiasRow(names[1], "Islands", None, None, None, None, "", flagged=False)
    return BiasContent("Mainland", "severity, group less reference", tuple(rows), method)


def checked(names: tuple[str, ...] = FIES, shift: float = 0.09) -> ReportContent:
    """A report with the tests of fit and item bias by two methods."""
    whole = content(names, SEVERITIES)
    return replace(whole, tests=fit_tests(names, shift), bias=(bias(names), bias(names, "mh")))


def comparison(*, weighted: bool = False) -> ComparisonContent:
    """Three models, one of them not converged."""
    rows = []
    for place, name in enumerate(("rasch", "2pl", "<em>grm</em>")):
        aic, bic, sabic = (None if weighted else value + 8.5 * place for value in (4944.0, 4978.0, 4957.0))
        loglik, rmsea = -2466.9 + place, 0.04 - 0.01 * place
        rows.append(ModelRow(name, loglik, 6 + 4 * place, aic, bic, sabic, "M2", rmsea, converged=place < 2))
    return ComparisonContent(tuple(rows), ("rasch in 2pl: chi-square 0.6, df 4, p .970.",))

"""The words of a report beside its pictures: key figures, what the scale is, and its limits."""

from dataclasses import dataclass

from evenhand.programme.scale import FixedRecord, GroupsRecord, ScaleRecord
from evenhand.report.content import PrevalenceContent, ReportContent
from evenhand.report.formats import (
    DASH,
    bounds,
    count,
    finite,
    interval,
    many,
    number,
    percent,
    percent_interval,
    share_bounds,
)
from evenhand.report.groups import EVERYBODY, rule_name
from evenhand.report.labels import clean
from evenhand.report.severity import by_severity, severity

MODELS = {
    "rasch": "Rasch model: every item has the same slope",
    "2pl": "Two-parameter logistic model: each item has a slope of its own",
    "grm": "Graded response model",
    "pcm": "Partial credit model",
    "gpcm": "Generalised partial credit model",
}
METHODS = {
    "cml": "Conditional maximum likelihood",
    "mml": "Marginal maximum likelihood",
    "published": "Published severities, not estimated from these answers",
}
ERRORS = {
    "robust": "Robust (sandwich)",
    "model": "From the model's information",
    "fao": "The FAO's rule, from the conditional information; its intervals are shorter than robust ones",
}
MISSING = {
    "keep": "Incomplete answers are used as far as they go",
    "drop": "People with an incomplete set of answers are left out",
}

LIMITS = (
    "An individual's measure is uncertain; figures here describe a population.",
    "The scale measures one thing, for the people and the purpose it was calibrated for. It says nothing of a "
    "person's worth, and its numbers mean nothing elsewhere.",
    "Intervals cover the chance of who was asked and how they answered. They do not cover people whom the survey "
    "could not reach, or questions that were misunderstood.",
)
"""What every report says at its end."""


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A large number at the top of the page, with what it is and a remark."""

    value: str
    label: str
    note: str


def key_figures(content: ReportContent) -> tuple[KeyFigure, ...]:
    """Three or four numbers: people, reliability, and prevalence or what stands in for it."""
    scale = content.scale
    found = [_people(scale), _reliability(scale), *_shares(content.prevalence)]
    return tuple(found if len(found) > 2 else [*found, _items(scale)])


def _people(scale: ScaleRecord) -> KeyFigure:
    weighted = scale.weights_kind is not None
    note = f"weighted total {number(scale.n_weighted, 1)}" if weighted else many(scale.patterns, "answer pattern")
    return KeyFigure(count(scale.n), "people" if scale.n != 1 else "person", note)


def _reliability(scale: ScaleRecord) -> KeyFigure:
    senses = (
        ("marginal", scale.reliability.marginal),
        ("separation", scale.reliability.separation),
        ("separation, scores equally frequent", scale.reliability.separation_equal),
    )
    sense, value = next((each for each in senses if finite(each[1]) is not None), ("unknown", None))
    note = f"{sense}; 1 would be free of error" if value is not None else "not known for this scale"
    return KeyFigure(number(value), "reliability", note)


def _shares(lines: tuple[PrevalenceContent, ...]) -> list[KeyFigure]:
    """The first two thresholds for everybody, from the posterior where there is a choice."""
    known = [line for line in lines if line.group == EVERYBODY and finite(line.prevalence) is not None]
    chosen: dict[str, PrevalenceContent] = {}
    for line in sorted(known, key=lambda each: each.rule != "posterior"):
        chosen.setdefault(line.threshold, line)
    names = list(dict.fromkeys(line.threshold for line in known))[:2]
    return [_share(chosen[name]) for name in names]


def _share(line: PrevalenceContent) -> KeyFigure:
    found = percent_interval(share_bounds(line.prevalence, line.se))
    interval_note = "interval unknown" if found == DASH else f"95 % interval {found}"
    note = f"{interval_note}, {rule_name(line.rule)}"
    return KeyFigure(percent(line.prevalence), f"above the threshold “{clean(line.threshold)}”", note)


def _items(scale: ScaleRecord) -> KeyFigure:
    return KeyFigure(count(len(scale.items)), "items" if len(scale.items) != 1 else "item", scale.model)


def scale_facts(content: ReportContent) -> tuple[tuple[str, str], ...]:
    """What the scale is, as pairs of a name and its value."""
    scale = content.scale
    rows = [
        ("Instrument", clean(scale.instrument.name) or DASH),
        ("Measures", ", ".join(map(clean, scale.components))),
        ("Items", _item_words(content)),
        ("Model", MODELS.get(scale.model, clean(scale.model))),
        ("Method", METHODS.get(scale.method, clean(scale.method))),
        ("Standard errors", ERRORS.get(scale.errors, clean(scale.errors))),
        ("People", _sample(scale)),
        ("Missing answers", MISSING.get(scale.missing, clean(scale.missing))),
        ("Distribution of people", _latent(scale)),
        *([] if scale.groups is None else [("Groups", _groups(scale.groups))]),
        *([] if scale.fixed is None else [("Held items", _held(scale.fixed))]),
        ("Link", _link(scale)),
        ("Thresholds", _thresholds(scale)),
        ("Reliability", _reliabilities(scale)),
        ("Item fit", f"From {clean(content.fit.person_values)}, {count(content.fit.n)} people"),
        ("Log-likelihood", number(scale.loglik)),
        ("Convergence", _convergence(scale)),
        ("Software", clean(scale.software) or DASH),
    ]
    return tuple(rows)


def hashes(scale: ScaleRecord) -> tuple[tuple[str, str], ...]:
    """What the content can be checked against."""
    return (("Scale file", scale.hash()), ("Instrument", clean(scale.instrument.hash) or DASH))


def _item_words(content: ReportContent) -> str:
    items, order = content.scale.items, by_severity(content)
    low, high = items[order[0]], items[order[-1]]
    return f"{count(len(items))}, severities from {number(severity(low))} to {number(severity(high))} logits"


def _sample(scale: ScaleRecord) -> str:
    words = f"{count(scale.n)} in {many(scale.patterns, 'answer pattern')}"
    if scale.weights_kind is None:
        return f"{words}, without weights"
    return f"{words}, with {scale.weights_kind} weights, total {number(scale.n_weighted, 1)}"


def _latent(scale: ScaleRecord) -> str:
    latent = scale.latent
    if latent is None:
        return "Not recorded"
    mean = f"mean {number(latent.mean)}{_error(latent.mean, latent.se_mean)}"
    sd = f"standard deviation {number(latent.sd)}{_error(latent.sd, latent.se_sd)}"
    return f"Normal, {mean}, {sd}; {latent.source}"


def _error(value: float, se: float | None) -> str:
    found = bounds(value, se)
    return "" if found is None else f" (95 % interval {interval(found)})"


def _groups(groups: GroupsRecord) -> str:
    """Means and SDs; groups of fewer than 11 people are not in the record."""
    each = "; ".join(
        f"{clean(group.label)} mean {number(group.mean)}{_error(group.mean, group.se_mean)}, "
        f"SD {number(group.sd)}{_error(group.sd, group.se_sd)}, {many(group.n, 'person', 'people')}"
        for group in groups.each
    )
    own = sorted({item.name for group in groups.each for item in group.items})
    apart = f". Items with parameters of each group's own: {', '.join(map(clean, own))}" if own else ""
    return f"By {clean(groups.column)}, from {clean(groups.reference)}: {each}{apart}"


def _held(fixed: FixedRecord) -> str:
    return f"As in {clean(fixed.source)}: {', '.join(map(clean, fixed.items))}"


def _link(scale: ScaleRecord) -> str:
    if scale.link is None:
        return "Not linked: the metric is the scale's own"
    link = scale.link
    left_out = ", ".join(map(clean, link.unique)) or "none"
    rule = f"{clean(link.to)} = {number(link.shift, 3)} + {number(link.scale, 3)} × own"
    return f"{rule}; items left out of the link: {left_out}"


def _thresholds(scale: ScaleRecord) -> str:
    named = sorted(scale.thresholds.items(), key=lambda each: (each[1], each[0]))
    return ", ".join(f"{clean(name)} {number(value)}" for name, value in named) or "None"


def _reliabilities(scale: ScaleRecord) -> str:
    found = scale.reliability
    senses = (
        ("marginal", found.marginal),
        ("separation", found.separation),
        ("separation with scores equally frequent", found.separation_equal),
    )
    return ", ".join(f"{name} {number(value)}" for name, value in senses if finite(value) is not None) or DASH


def _convergence(scale: ScaleRecord) -> str:
    if scale.method == "published":
        return "Nothing was estimated"
    words = f"{'Converged' if scale.converged else 'NOT converged'} after {many(scale.iterations, 'iteration')}"
    gradient = finite(scale.gradient)
    return words if gradient is None else f"{words}, largest gradient {_scientific(gradient)}"


def _scientific(value: float) -> str:
    """A very small number: `3.1 × 10⁻⁷`."""
    mantissa, _, power = f"{value:.1e}".partition("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa.replace('-', chr(0x2212))} × 10{raised}"

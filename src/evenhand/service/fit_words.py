"""What fit statistics say in plain words: what stands out, what it means, and what to do about it."""

from evenhand.measure.normal import share_interval95
from evenhand.programme.scale import ScaleRecord
from evenhand.service.check import dependence_findings, mean_square_findings
from evenhand.service.fit_statistics import Fit

ALPHA = 0.05
"""Chance of a false alarm in each family of tests."""

CLOSE_FIT = 0.05
"""RMSEA up to this is called close fit (Maydeu-Olivares & Joe 2014): the misfit is there and matters little."""

LARGE = 0.2
"""A Q3 this far above the mean of all pairs is a strong dependence, not merely one that is not chance."""


def findings_of(record: ScaleRecord, found: Fit) -> tuple[str, ...]:
    """What stands out, one sentence or two each; empty when nothing does."""
    pairs = _pairs(found) if found.dependence is not None else dependence_findings(record, found.items)
    return (
        *mean_square_findings(record, found.items),
        *_items(found),
        *_overall(found),
        *pairs,
        *_people(found),
    )


def _items(found: Fit) -> list[str]:
    if found.s_x2 is None or found.s_x2_adjusted is None:
        return []
    out = []
    for place, name in enumerate(found.names):
        p = found.s_x2_adjusted[place]
        if p < ALPHA:
            size = "small" if found.s_x2.rmsea[place] <= CLOSE_FIT else "not small"
            out.append(
                f"{name}: S-X2 {found.s_x2.statistic[place]:.1f} with {found.s_x2.df[place]} degrees of freedom, "
                f"p {_p(p)} after Holm. People with equal sum scores answer it otherwise than the model says; "
                f"the misfit is {size} (RMSEA {found.s_x2.rmsea[place]:.3f}). Try a model with its own slope, "
                "or read its wording and codes."
            )
    return out


def _overall(found: Fit) -> list[str]:
    fit = found.overall
    if fit is None or fit.p >= ALPHA or fit.rmsea <= CLOSE_FIT:
        return []
    low, high = fit.rmsea_interval
    return [
        f"{fit.kind} {fit.statistic:.1f} with {fit.df} degrees of freedom, RMSEA {fit.rmsea:.3f} (90 % interval "
        f"{low:.3f} to {high:.3f}): the model does not reproduce how pairs of items go together. Compare other "
        "models (evenhand compare), and look for items that share more than the scale measures."
    ]


def _pairs(found: Fit) -> list[str]:
    tested = found.dependence
    if tested is None:
        return []
    out = []
    for first, second in tested.pairs:
        above = float(tested.q3[first, second]) - tested.mean
        size = "strong" if above > LARGE else "slight, though not chance"
        out.append(
            f"{found.names[first]} and {found.names[second]}: residual correlation (Q3) {above:.2f} above the "
            f"mean of all pairs, where 5 % of sets that fit exceed {tested.critical:.2f}. They share more than "
            f"the scale measures; the dependence is {size}. Ask one of the two, or join them into one item."
        )
    return out


def _people(found: Fit) -> list[str]:
    person = found.person
    if person is None:
        return []
    low, high = share_interval95(person.share_below_5, person.se_below_5)
    if low <= person.expected_below_5:
        return []
    return [
        f"{100 * person.share_below_5:.1f} % of people ({100 * low:.1f} to {100 * high:.1f} %) answer in ways "
        f"that the model finds unlikely; it leads one to expect {100 * person.expected_below_5:.1f} %. This is "
        "about the scale and the fieldwork, not about any person: look at items that fit badly, at translations "
        "and at how answers were entered."
    ]


def _p(p: float) -> str:
    return "< .001" if p < 0.001 else f"{p:.3f}"[1:] if p < 1 else "1"

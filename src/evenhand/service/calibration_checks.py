"""Whether answers can carry a calibration, and what a calibration must say about itself."""

import numpy as np

from evenhand.errors import EstimationError
from evenhand.measure.marginal import MarginalFit
from evenhand.measure.patterns import Patterns
from evenhand.measure.responses import FloatArray
from evenhand.programme.coding import ItemCoding
from evenhand.service.options import Options

SMALL_SAMPLE = 250
"""Below this many people a threshold's 95 % interval is, at best, about half a logit wide."""

STEEP = 10.0
"""A slope this steep on the scale of the latent SD is practically a step: mostly one item deciding."""


def check_data(patterns: Patterns, coding: tuple[ItemCoding, ...], options: Options) -> None:
    """Refuse answers that cannot carry the calibration.

    Raises:
        EstimationError: one item, a constant item, an item of several categories, or too few people.
    """
    names = [item.name for item in coding]
    if len(names) < 2:
        raise EstimationError(
            "estimation.one-item",
            "A scale cannot be calibrated on one item.",
            where=f"item {names[0]}",
            why="One item's answers cannot tell its severity from the people's measure.",
            mend="Name at least two items, better five or more.",
        )
    if any(item.categories > 2 for item in coding):
        wide = next(item for item in coding if item.categories > 2)
        raise EstimationError(
            "estimation.not-binary",
            f"The item {wide.name} has {wide.categories} categories, and the model {options.model} is for two.",
            where=f"item {wide.name}",
            mend="Give items of two categories, or map several codes to one category in an instrument file.",
        )
    counted = patterns.w > 0
    for index, name in enumerate(names):
        seen = np.unique(patterns.codes[counted, index])
        seen = seen[seen >= 0]
        if len(seen) < 2:
            given = "nobody answered it" if len(seen) == 0 else f"everyone who answered gave category {seen[0]}"
            raise EstimationError(
                "estimation.constant-item",
                f"The item {name} tells nobody apart: {given}.",
                where=f"item {name}",
                why="Its severity has no finite estimate.",
                mend="Leave the item out, or add respondents who answer it otherwise.",
            )
    n_parameters = len(names) * (2 if options.model == "2pl" else 1)
    if patterns.n.sum() < n_parameters:
        raise EstimationError(
            "estimation.too-few-people",
            f"{int(patterns.n.sum())} people cannot carry {n_parameters} parameters.",
            why="A scale needs many more people than parameters: a few hundred at least.",
            mend="Use an instrument with published severities and evenhand score, or add respondents.",
        )


def sample_warnings(patterns: Patterns) -> tuple[str, ...]:
    """What a small sample must say."""
    n = int(patterns.n.sum())
    if n >= SMALL_SAMPLE:
        return ()
    return (
        f"Only {n} people: intervals of severities are wider than the distance between many items. "
        "Published severities, where there are any, are safer.",
    )


def slope_warnings(
    coding: tuple[ItemCoding, ...], a: FloatArray, se_a: FloatArray, found: MarginalFit
) -> tuple[str, ...]:
    """What slopes that are steep as a step, or against their direction, must say."""
    steepness = np.abs(a) * found.sd
    steep = [item.name for item, value in zip(coding, steepness, strict=True) if value > STEEP]
    warnings = []
    if steep:
        warnings.append(
            f"The curve of {', '.join(steep)} is practically a step: the answers can hardly bound its slope (a "
            "Heywood case). Its estimate and its error are not to be relied on."
        )
    for item, slope, se in zip(coding, a, se_a, strict=True):
        if np.isfinite(se) and item.direction * slope + 1.96 * se < 0:
            warnings.append(
                f"The slope of {item.name} is {slope:.2f} (standard error {se:.2f}), against the direction that "
                "the instrument declares. Check its wording and its codes before any use."
            )
    return tuple(warnings)


def unfinished(*, converged: bool) -> tuple[str, ...]:
    """What an estimation that did not converge must say."""
    if converged:
        return ()
    return (
        "The estimation stopped before it converged: the likelihood may have no maximum on these answers. The "
        "figures are where it stopped, not estimates.",
    )

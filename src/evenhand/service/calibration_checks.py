"""Whether answers can carry a calibration, and what a calibration must say about itself."""

from collections.abc import Collection, Sequence

import numpy as np

from evenhand.errors import EstimationError, OptionError
from evenhand.measure.normal import Z95
from evenhand.measure.patterns import Patterns
from evenhand.measure.responses import CodeArray, FloatArray
from evenhand.programme.coding import ItemCoding
from evenhand.programme.scale import ModelName
from evenhand.service.options import SLOPE_ONE, Options

SMALL_SAMPLE = 250
"""Below this many people a threshold's 95 % interval is, at best, about half a logit wide."""

STEEP = 10.0
"""A slope this steep on the scale of the latent SD is practically a step: mostly one item deciding."""


def has_two_components(coding: tuple[ItemCoding, ...]) -> bool:
    """Whether some items measure need and the others capacity."""
    return {item.component for item in coding} == {"need", "capacity"}


def require_one_component(
    coding: tuple[ItemCoding, ...],
    why: str,
    mend: str = "Calibrate each component by itself: name its items with --items.",
) -> None:
    """Refuse items of several components where one scale is to be made of them.

    Raises:
        EstimationError: there are several.
    """
    components = list(dict.fromkeys(item.component for item in coding))
    if len(components) > 1:
        raise EstimationError(
            "estimation.two-components",
            f"The items measure several things: {', '.join(components)}.",
            why=why,
            mend=mend,
        )


def check_data(
    patterns: Patterns, coding: tuple[ItemCoding, ...], options: Options, *, held: Collection[str] = ()
) -> None:
    """Refuse answers that cannot carry the calibration.

    Args:
        patterns: the patterns.
        coding: (J,) how each item is read.
        options: model, method and rules.
        held: names of items that are not estimated.

    Raises:
        EstimationError: one item, items of two components, a constant item, an empty category, an item of more
            categories than its model has, or too few people.
        OptionError: a model for an item that is not there.
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
    require_one_component(
        coding, "One scale of both would let what people can cope with decide how much they need."
    )
    estimated = [item for item in coding if item.name not in held]
    for item in estimated:
        if item.categories > 2 and options.model_of(item.name) in {"rasch", "2pl"}:
            raise _not_binary(item, options.model_of(item.name))
    counted = patterns.w > 0
    for index, item in enumerate(coding):
        if item.name not in held:
            check_item(item, patterns.codes[counted, index])
    check_item_models(names, options)
    n_parameters = sum(item.categories - 1 + (options.model_of(item.name) not in SLOPE_ONE) for item in estimated)
    if patterns.n.sum() < n_parameters:
        raise EstimationError(
            "estimation.too-few-people",
            f"{int(patterns.n.sum())} people cannot carry {n_parameters} parameters.",
            why="A scale needs many more people than parameters: a few hundred at least.",
            mend="Use an instrument with published severities and evenhand score, or add respondents.",
        )


def check_item_models(names: Sequence[str], options: Options) -> None:
    """Refuse a model for an item that is not there.

    Raises:
        OptionError: says which.
    """
    unknown = sorted(set(options.models) - set(names))
    if unknown:
        raise OptionError(
            "options.item-model",
            f"There is no item {unknown[0]!r} to give a model of its own.",
            where="--item-model",
            why=f"The items are: {', '.join(names)}.",
            mend="Name one of them.",
        )


def _not_binary(item: ItemCoding, model: ModelName) -> EstimationError:
    return EstimationError(
        "estimation.not-binary",
        f"The item {item.name} has {item.categories} categories, and the model {model} is for two.",
        where=f"item {item.name}",
        mend="Use --model pcm, gpcm or grm, or map several codes to one category in an instrument file.",
    )


def check_item(item: ItemCoding, codes: CodeArray, of: str = "") -> None:
    """Refuse an item whose answers (N,) determine none of its thresholds, or not all of them.

    Args:
        item: the item.
        codes: its answers.
        of: the group that gave them, for the message.

    Raises:
        EstimationError: a constant item, or a category that nobody chose.
    """
    seen = np.unique(codes)
    seen = seen[seen >= 0]
    if len(seen) < 2:
        given = "nobody answered it" if len(seen) == 0 else f"everyone who answered gave category {seen[0]}"
        raise EstimationError(
            "estimation.constant-item",
            f"The item {item.name} tells nobody apart: {given}.",
            where=f"item {item.name}{of}",
            why="Its severity has no finite estimate.",
            mend="Leave the item out, or add respondents who answer it otherwise.",
        )
    if len(seen) < item.categories:
        empty = next(category for category in range(item.categories) if category not in seen)
        raise EstimationError(
            "estimation.empty-category",
            f"Nobody chose category {empty} of the item {item.name}.",
            where=f"item {item.name}, category {empty}{of}",
            why="The thresholds beside it tie or run to infinity: they have no estimate.",
            mend="Map its code to a neighbouring category in an instrument file (category:).",
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


def slope_warnings(coding: tuple[ItemCoding, ...], a: FloatArray, se_a: FloatArray, sd: float) -> tuple[str, ...]:
    """What slopes that are steep as a step, or against their direction, must say."""
    steepness = np.abs(a) * sd
    steep = [item.name for item, value in zip(coding, steepness, strict=True) if value > STEEP]
    warnings = []
    if steep:
        warnings.append(
            f"The curve of {', '.join(steep)} is practically a step: the answers can hardly bound its slope (a "
            "Heywood case). Its estimate and its error are not to be relied on."
        )
    for item, slope, se in zip(coding, a, se_a, strict=True):
        if np.isfinite(se) and item.direction * slope + Z95 * se < 0:
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

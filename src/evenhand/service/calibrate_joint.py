"""Calibrate need and capacity together: the joint model, for reports and the correlation only."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evenhand.errors import EstimationError, OptionError
from evenhand.measure.patterns import Patterns
from evenhand.measure.profile import ProfileFit, fit_profile
from evenhand.measure.profile_items import Slopes
from evenhand.measure.profile_precision import file_metric_errors, on_file_metric, profile_errors
from evenhand.measure.responses import FloatArray, IntArray
from evenhand.measure.threads import one_blas_thread
from evenhand.programme.coding import ItemCoding
from evenhand.programme.scale import JointRecord, LatentRecord
from evenhand.service.calibration_checks import check_data, require_one_component, slope_warnings
from evenhand.service.options import SLOPE_ONE, Options
from evenhand.service.recording import known, scale_items, signs_of

ONE_THING = 0.95
"""Components correlated this strongly measure practically one thing."""


NO_DIFFERENCE = 0.999
"""Beyond this the correlation has left for 1 or -1, where it has no error."""


@dataclass(frozen=True, slots=True)
class JointCalibration:
    """The joint model of need and capacity.

    Attributes:
        record: as the scale file holds it.
        fit: for the report.
        warnings: what it must say about itself, one sentence each.
    """

    record: JointRecord
    fit: ProfileFit
    warnings: tuple[str, ...]


def require_joint_options(coding: tuple[ItemCoding, ...], options: Options) -> None:
    """Refuse options that the joint model does not have.

    Raises:
        EstimationError: conditional likelihood, incomplete people dropped, or a fixed latent SD.
        OptionError: slopes of 1 and free slopes within one component.
    """
    if options.method != "mml":
        require_one_component(
            coding,
            "Conditional likelihood has no joint model of two components.",
            "Use --method mml, or calibrate each component by itself: name its items with --items.",
        )
    if options.missing != "keep":
        require_one_component(
            coding,
            "Dropping people for a missing answer about capacity would let capacity decide the scale of need.",
            "Use --missing keep, or calibrate each component by itself: name its items with --items.",
        )
    if options.latent_sd is not None:
        require_one_component(coding, "A fixed latent SD is that of one component.")
    for component in ("need", "capacity"):
        of_component(coding, options, component)


def of_component(coding: tuple[ItemCoding, ...], options: Options, component: str) -> Slopes:
    """Whether the component's slopes are shared or free.

    Raises:
        OptionError: some are fixed at 1 and others free.
    """
    unit = {options.model_of(item.name) in SLOPE_ONE for item in coding if item.component == component}
    if len(unit) > 1:
        raise OptionError(
            "options.component-models",
            f"The items of {component} mix slopes of 1 and free slopes.",
            where="--item-model",
            why="In the joint model one component's slopes are all 1 or all free.",
            mend="Use rasch and pcm for every item of the component, or 2pl, gpcm and grm for every one.",
        )
    return "shared" if unit.pop() else "free"


def calibrate_joint(
    patterns: Patterns,
    coding: tuple[ItemCoding, ...],
    options: Options,
    *,
    on_pass: Callable[[int, float], None] | None = None,
) -> JointCalibration:
    """Fit need and capacity together.

    Args:
        patterns: the patterns on all J items.
        coding: (J,) how each item is read; each of need or of capacity.
        options: model and kind of errors.
        on_pass: called with the number of passes and the log-likelihood while it goes.

    Raises:
        EstimationError: the answers cannot carry the estimate.
    """
    columns = {
        component: np.flatnonzero([item.component == component for item in coding])
        for component in ("need", "capacity")
    }
    capacity = tuple(coding[place] for place in columns["capacity"])
    check_data(
        _columns(patterns, columns["capacity"]), capacity, options.of_items([item.name for item in capacity])
    )
    graded = np.array([options.model_of(item.name) == "grm" for item in coding])
    with one_blas_thread():
        fit = fit_profile(
            patterns,
            need=columns["need"],
            capacity=columns["capacity"],
            slopes=(of_component(coding, options, "need"), of_component(coding, options, "capacity")),
            sign=signs_of(coding),
            graded=graded,
            on_pass=on_pass,
        )
        _require_two_things(fit)
        errors = profile_errors(fit, "robust" if options.errors == "robust" else "model")
    metric, se = on_file_metric(fit.problem, fit.parameters), file_metric_errors(fit, errors)
    a, b, se_a, se_b = (
        _in_order([getattr(part, name) for part in parts], columns)
        for parts, name in ((metric, "a"), (metric, "b"), (se, "a"), (se, "b"))
    )
    low, high = errors.correlation_interval()
    need, other = (
        LatentRecord(0.0, part.sd, "estimated", None, known(error.sd))
        for part, error in zip(metric, se, strict=True)
    )
    record = JointRecord(
        items=scale_items(coding, options, a, b, se_a, se_b),
        need=need,
        capacity=other,
        correlation=fit.correlation,
        se_correlation=errors.se_correlation,
        low=low,
        high=high,
        loglik=fit.loglik,
        n=int(patterns.n.sum()),
        patterns=patterns.n_patterns,
        converged=fit.converged,
        iterations=fit.passes,
    )
    own = columns["capacity"]
    return JointCalibration(record, fit, (*slope_warnings(capacity, a[own], se_a[own], other.sd), *_warnings(fit)))


def _require_two_things(fit: ProfileFit) -> None:
    if abs(fit.correlation) > NO_DIFFERENCE:
        raise EstimationError(
            "profile.one-thing",
            "Need and capacity cannot be told apart in these answers.",
            why=f"Their correlation runs to {np.sign(fit.correlation):.0f}: the items measure one thing.",
            mend="Read the items again, or calibrate need alone: name its items with --items.",
        )


def _columns(patterns: Patterns, columns: IntArray) -> Patterns:
    """The same table with these columns alone, for checks of their categories."""
    return replace(
        patterns,
        codes=np.ascontiguousarray(patterns.codes[:, columns]),
        categories=patterns.categories[columns],
        masks=patterns.masks[:, columns],
    )


def _in_order(parts: list[FloatArray], columns: dict[str, IntArray]) -> FloatArray:
    """Values of need's and of capacity's items, (J,) or (J, K - 1), in the order of all J items."""
    n_items = sum(len(part) for part in parts)
    width = max((part.shape[1] for part in parts if part.ndim > 1), default=0)
    out = np.full((n_items, width) if width else n_items, np.nan)
    for part, own in zip(parts, columns.values(), strict=True):
        if width:
            out[own, : part.shape[1]] = part
        else:
            out[own] = part
    return out


def _warnings(fit: ProfileFit) -> tuple[str, ...]:
    found = []
    if not fit.converged:
        found.append(
            "The joint model of need and capacity stopped before it converged: its correlation is where it "
            "stopped, not an estimate. The scale of need does not rest on it."
        )
    if abs(fit.correlation) > ONE_THING:
        found.append(
            f"Need and capacity are correlated {fit.correlation:.2f}: these items practically measure one thing. "
            "Read the items again before reporting two."
        )
    return tuple(found)

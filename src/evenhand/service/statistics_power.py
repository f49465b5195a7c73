"""What a declared privacy budget buys, before the first answer: noise, errors, and the power of the alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from evenhand.errors import StatisticsError
from evenhand.programme.definition import Programme
from evenhand.service.public_statistics import area_model
from evenhand.statistics.area import AreaModel
from evenhand.statistics.figures import too_few
from evenhand.statistics.noise import epsilon, least_sigma
from evenhand.statistics.power import Power, monthly_error, power
from evenhand.statistics.release import layout_of, plan_of

PEOPLE = (25, 50, 100, 200, 400)
"""People of a district in a month that are looked at."""

CHANGES = (0.25, 0.5, 1.0)
"""Steps in mean need, in SDs of the calibration."""

MONTHS = (12, 24)

_FORESEEN: dict[str, "Seen"] = {}


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of a district of so many people a month.

    Attributes:
        people: people of the district in a month.
        shown: whether a figure of them is shown at all, or reads *too few*.
        se: standard error of one month's mean need, privacy noise included, in logits.
        powers: for each change and number of months, the probability of an alert.
    """

    people: int
    shown: bool
    se: float
    powers: tuple[Power, ...]


@dataclass(frozen=True, slots=True)
class Buys:
    """What a programme's budget buys.

    Attributes:
        programme: its name.
        rho_per_year: zCDP of a year.
        epsilon: at `delta`, of one year.
        delta: as declared.
        cells_a_year: months in which one invitation may stand in a year (K).
        sigma_cells: noise of a district's cell.
        sigma_regions: noise of a region's.
        noise_sd: noise in a district's monthly number of people, after regions and districts were made to add up.
        sd: the calibration's SD of need, logits.
        seen: by number of people.
    """

    programme: str
    rho_per_year: float
    epsilon: float
    delta: float
    cells_a_year: int
    sigma_cells: float
    sigma_regions: float
    noise_sd: float
    sd: float
    seen: tuple[Seen, ...]


def buys(
    definition: Programme, *, people: Sequence[int] = PEOPLE, changes: Sequence[float] = CHANGES, seed: int = 0
) -> Buys:
    """What the declared budget lets anybody see.

    Args:
        definition: the programme.
        people: numbers of people of a district in a month.
        changes: steps in mean need, in SDs of the calibration.
        seed: of the simulated series.

    Raises:
        StatisticsError: a number of people or a change that is not above 0.
    """
    if not people or not changes or min(people) < 1 or min(changes) <= 0:
        raise StatisticsError(
            "statistics.power",
            "Power needs people, and a change to be seen.",
            mend="Give numbers of people of 1 or more, and changes above 0.",
        )
    plan = plan_of(definition)
    model = area_model(definition, definition.statistics.thresholds)
    variance, noise_sd = _noise(definition)
    return Buys(
        plan.programme,
        float(plan.rho_per_year),
        epsilon(plan.rho_per_year, plan.delta),
        plan.delta,
        plan.cells_a_year,
        plan.cells_mechanism().sigma,
        plan.regions_mechanism().sigma,
        noise_sd,
        model.sd,
        tuple(_seen(model, each, changes, variance, noise_sd, seed) for each in people),
    )


def foreseen(definition: Programme) -> Seen | None:
    """What is seen of a district of 100 people a month, in a moment: half an SD, by months, as `MONTHS` has them.

    For whoever reads what a programme's file means, on its way into force.

    Returns:
        None where items are asked adaptively, or nothing is known of the latent distribution: `buys` takes
        longer, and tells the fault.
    """
    if definition.asking.mode == "adaptive" or definition.need_scale().latent is None:
        return None
    key = definition.hash()
    if key not in _FORESEEN:
        model = area_model(definition, definition.statistics.thresholds)
        _FORESEEN.clear()
        _FORESEEN[key] = _seen(model, 100, (0.5,), *_noise(definition), seed=0)
    return _FORESEEN[key]


def _noise(definition: Programme) -> tuple[float, float]:
    """Variance of the noise of a district's class, and the noise's SD in its number of people."""
    plan, layout = plan_of(definition), layout_of(definition)
    v, region = (least_sigma(cost, 1) ** 2 for cost in (plan.cells_cost, plan.regions_cost))
    # the region with most districts adds least to what a district's own cells tell
    most = max(len(districts) for _, districts in layout.regions)
    variance = len(layout.field_values) * v * (1 - v / (most * v + region))
    return variance, sqrt(layout.n_classes * variance)


def _seen(
    model: AreaModel, people: int, changes: Sequence[float], variance: float, noise_sd: float, seed: int
) -> Seen:
    se = monthly_error(model, people, variance)
    found = tuple(one for change in changes for one in power(se, change * model.sd, months=MONTHS, seed=seed))
    return Seen(people, not too_few(people, noise_sd), se, found)

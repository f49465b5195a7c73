"""Before launch: a programme's expected errors, from invented people who answer its questions."""

import numpy as np

from evenhand.audit.expect import (
    Expectation,
    Expected,
    Town,
    WhatIf,
    expect,
    over_towns,
    what_if,
)
from evenhand.audit.people import score_codes
from evenhand.casework.allocate import CERTAIN, Entry, p_class, places_of, probabilities, reserved_of
from evenhand.casework.decide import by_table
from evenhand.errors import OptionError
from evenhand.measure.need import NeedItems
from evenhand.measure.responses import FloatArray, IntArray
from evenhand.measure.simulate import simulate_codes
from evenhand.measure.threads import one_blas_thread
from evenhand.programme.definition import Programme
from evenhand.service.measuring import need_items
from evenhand.service.rounds import smallest_unit

PEOPLE = 1_000
TOWNS = 100
SHARES = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
"""Places of the what-if, as multiples of those of the programme."""


def expected_errors(
    programme: Programme, *, n: int = PEOPLE, towns: int = TOWNS, seed: int = 1, places: int | None = None
) -> Expectation:
    """Simulate a programme on the people its need scale was calibrated on, in one round.

    Args:
        programme: the programme.
        n: people who take part.
        towns: how many times they are invented.
        seed: of the invention.
        places: places that the draw gives, to see what another budget would come to; those of the programme's
            budget, less the reserved ones, when left out.

    Raises:
        OptionError: fewer than 1 person or 2 towns, more than 1,000,000 people, or a negative seed or
            number of places.
        ScaleFileError: the scale of need records no latent distribution.
    """
    if not 1 <= n <= 1_000_000 or towns < 2 or seed < 0 or (places is not None and places < 0):
        raise OptionError(
            "expect.number",
            f"Cannot simulate {towns} towns of {n} people with seed {seed}.",
            mend="Give --n from 1 to 1000000 and --seed 0 or more.",
        )
    need, threshold = need_items(programme), programme.threshold_value()
    labels, shares, means, sds = _groups(programme)
    rng = np.random.default_rng(seed)
    with one_blas_thread():
        people = [_town(rng, need, threshold, n, shares, means, sds) for _ in range(towns)]
    given, reserved, cost = _places(programme)
    given, reserved = (given, reserved) if places is None else (places, 0)
    entries = [_entries(programme, town) for town in people]
    chances = [_chances(each, n, given) for each in entries]
    return Expectation(
        programme=programme.name,
        definition_hash=programme.hash(),
        n=n,
        towns=towns,
        seed=seed,
        places=given,
        reserved=reserved,
        currency=programme.budget.currency,
        in_need=over_towns([float(town.in_need.mean()) for town in people]),
        proposals=_proposals(programme, people),
        ways=expect(people, chances, given, labels),
        what_if=tuple(_what_if(people, entries, n, round(given * share), cost) for share in SHARES),
        notes=_notes(programme, labels),
    )


def _groups(programme: Programme) -> tuple[tuple[str, ...], FloatArray, FloatArray, FloatArray]:
    """Labels, shares, means and SDs of the groups that the scale was calibrated on; one nameless for none."""
    scale = programme.need_scale()
    latent = scale.require_latent("expected errors")
    if scale.groups is None or len(scale.groups.each) < 2:
        return (), np.ones(1), np.array([latent.mean]), np.array([latent.sd])
    each = scale.groups.each
    weight = np.array([group.n_weighted for group in each])
    means, sds = (np.array([getattr(group, name) for group in each]) for name in ("mean", "sd"))
    return tuple(group.label for group in each), weight / weight.sum(), means, sds


def _town(
    rng: np.random.Generator,
    need: NeedItems,
    threshold: float,
    n: int,
    shares: FloatArray,
    means: FloatArray,
    sds: FloatArray,
) -> Town:
    group: IntArray = rng.choice(len(shares), size=n, p=shares).astype(np.int64)
    theta = rng.normal(means[group], sds[group])
    p, measure = score_codes(simulate_codes(rng, need.items, theta), need, threshold)
    return Town(theta, (theta >= threshold).astype(np.float64), p, measure, group)


def _places(programme: Programme) -> tuple[int, int, float]:
    """Places that the draw gives, reserved ones, and the cost of the dearest support."""
    cost = max(kind.cost for kind in programme.support)
    most, _ = places_of(smallest_unit(programme.budget.money), smallest_unit(cost), programme.budget.places)
    reserved = reserved_of(most, programme.rule.reserved_share)
    return most - reserved, reserved, cost


def _entries(programme: Programme, town: Town) -> tuple[IntArray, list[Entry]]:
    """Who enters the draw, and with which class: certain cases, and the band where the rule says lottery."""
    rows, entries = [], []
    for row, p in enumerate(town.p.tolist()):
        proposal = by_table(p, programme.rule)[0]
        if proposal == "offer":
            rows.append(row)
            entries.append(Entry("", CERTAIN))
        elif proposal == "lottery":
            rows.append(row)
            entries.append(Entry("", p_class(p, certain_yes=programme.rule.certain_yes)))
    return np.array(rows, dtype=np.int64), entries


def _chances(entered: tuple[IntArray, list[Entry]], n: int, places: int) -> FloatArray:
    rows, entries = entered
    out = np.zeros(n)
    out[rows] = [float(chance) for chance in probabilities(entries, places)]
    return out


def _what_if(
    people: list[Town], entries: list[tuple[IntArray, list[Entry]]], n: int, places: int, cost: float
) -> WhatIf:
    return what_if(people, [_chances(each, n, places) for each in entries], places, places * cost)


def _proposals(programme: Programme, people: list[Town]) -> dict[str, Expected]:
    found: list[list[str]] = [[by_table(p, programme.rule)[0] for p in town.p.tolist()] for town in people]
    names = ("offer", programme.rule.middle, "not_this_round")
    return {name: over_towns([each.count(name) / len(each) for each in found]) for name in names}


def _notes(programme: Programme, labels: tuple[str, ...]) -> tuple[str, ...]:
    scale = programme.need_scale()
    latent = scale.require_latent("expected errors")
    lines = [
        f"People are invented: need is Normal({latent.mean:g}, {latent.sd:g}) and the scale's items hold for "
        "all of them. Other people give other errors.",
        "Everybody answers every question, nobody is left out by how people were invited, and one round gives all "
        "places.",
        "Facts that add priority are not invented: they move chances within the band.",
    ]
    if latent.source == "fixed":
        lines.append("The distribution of need is an assumption of the programme's file, not an estimate.")
    if programme.rule.middle == "review":
        lines.append(
            "Cases between the two certainties go to a person, whose decisions cannot be simulated: they count as "
            "not supported by the draw."
        )
    if not labels:
        lines.append("The scale records no groups, so that there are no errors by group before launch.")
    return tuple(lines)

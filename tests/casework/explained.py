"""Invented cases with everything that an explanation reads, for scales of every model."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.casework.assess import COMPLETED_BY_THOUGHT, measure_need
from evenhand.casework.decide import propose
from evenhand.casework.events import (
    AnswerRecorded,
    Assessed,
    CaseCompleted,
    CaseEvent,
    NotThisRound,
    Offered,
    Proposed,
    PutWaiting,
    TicketIssued,
)
from evenhand.measure.need import NeedItems
from evenhand.measure.responses import MISSING
from evenhand.programme.coding import MissingReason
from evenhand.programme.definition import Programme, load_programme
from evenhand.programme.definitionscales import Instruments
from evenhand.programme.scale import ScaleRecord
from evenhand.programme.scale_parts import LatentRecord, ModelName, ScaleItem
from tests.casework.life import BASE, CONSENT, STAFF

CHOICES = {"never": "Never", "some": "Sometimes", "often": "Often", "always": "Always"}
TICKET = "ab" * 16


@dataclass(frozen=True)
class Item:
    """Parameters of an invented item."""

    model: ModelName
    a: float
    b: tuple[float, ...]


SCALES: dict[str, tuple[Item, ...]] = {
    "rasch": tuple(Item("rasch", 1.0, (b,)) for b in (-1.2, -0.3, 0.1, 0.9, 1.6)),
    "2pl": (
        Item("2pl", 0.6, (-1.0,)),
        Item("2pl", 1.4, (0.2,)),
        Item("2pl", 2.3, (0.6,)),
        Item("2pl", 0.9, (1.5,)),
    ),
    "pcm": (Item("pcm", 1.0, (-1.0, 0.4)), Item("pcm", 1.0, (0.6, -0.2)), Item("pcm", 1.0, (-0.5, 0.1, 1.2))),
    "gpcm": (Item("gpcm", 0.7, (-1.0, 0.4)), Item("gpcm", 1.6, (0.6, -0.2)), Item("gpcm", 1.1, (-0.5, 0.1, 1.2))),
    "grm": (Item("grm", 1.3, (-1.0, 0.4)), Item("grm", 0.8, (-0.6, 0.9)), Item("grm", 2.0, (-0.5, 0.1, 1.2))),
    "mixed": (Item("2pl", 1.5, (0.3,)), Item("gpcm", 0.9, (-0.8, 0.5)), Item("grm", 1.7, (-0.4, 0.2, 1.0))),
    "reversed": (Item("2pl", -1.5, (0.3,)), Item("gpcm", -0.9, (-0.8, 0.5)), Item("grm", 1.7, (-0.4, 0.2, 1.0))),
}
"""An instrument of each model, mixtures and items that say less need included."""


def programme_of(kind: str, **changes: Any) -> Programme:
    """The library's programme, measuring need on an invented scale; `fies` leaves it as it is."""
    town = load_programme("demo-town").model_copy(update=changes)
    town._hashes = {}
    if kind == "fies":
        return town
    items = SCALES[kind]
    instrument = town.need_instrument()
    names = [f"ITEM{place}" for place in range(len(items))]
    kept = list(CHOICES.items())
    widths = sorted({len(item.b) + 1 for item in items})
    choice = type(next(iter(instrument.choices.values()))[0])
    choices = {
        f"of{width}": tuple(
            choice(code=code, labels={"en": text, "ru": text}, category=place)
            for place, (code, text) in enumerate(kept[:width])
        )
        for width in widths
    }
    ask = instrument.items[0]
    asked = tuple(
        ask.model_copy(
            update={
                "name": name,
                "choices": f"of{len(item.b) + 1}",
                "direction": "more" if item.a > 0 else "less",
                "wording": {"en": f"Question {name}?", "ru": f"Вопрос {name}?"},
                "aliases": (),
            }
        )
        for name, item in zip(names, items, strict=True)
    )
    own = instrument.model_copy(
        update={"name": f"of-{kind}", "items": asked, "choices": choices, "published": None, "scoring": "model"}
    )
    coding = {each.name: each for each in own.coding()}
    scale = ScaleRecord(
        instrument=type(town.need_scale().instrument)(*own.reference()),
        model=items[0].model,
        method="mml",
        items=tuple(
            ScaleItem(
                name, "need", item.model, 1 if item.a > 0 else -1, len(item.b) + 1, item.a, item.b, None, None,
                coding[name].codes, coding[name].missing,
            )
            for name, item in zip(names, items, strict=True)
        ),
        latent=LatentRecord(0.2, 1.3, "fixed"),
    )  # fmt: skip
    update = {"threshold": 0.4, "min_answered": 2, "latent": None}
    made = town.model_copy(update={"need": town.need.model_copy(update=update)})
    made._hashes = {}
    made._measured = Instruments(own, scale, town.capacity_instrument(), town.capacity_scale())
    return made


def need_of(programme: Programme) -> NeedItems:
    scale = programme.need_scale()
    assert scale.latent
    return NeedItems(scale.model_items(), scale.latent.mean, scale.latent.sd)


def measured(
    programme: Programme,
    given: Sequence[int | MissingReason],
    version: int = 1,
    priority: Sequence[str] = (),
    capacity: Any = "unknown",
) -> tuple[CaseEvent, ...]:
    """Answers (category codes, or reasons for none), completion, assessment and proposal."""
    names = programme.need_scale().names
    instrument = programme.need_instrument()
    listed = {item.name: instrument.choices[item.choices] for item in instrument.items}
    answers = tuple(
        AnswerRecorded(
            **BASE,
            component="need",
            item=name,
            version=version,
            code=listed[name][each].code if isinstance(each, int) else None,
            reason=None if isinstance(each, int) else each,
        )
        for name, each in zip(names, given, strict=True)
    )
    scored = {name: each if isinstance(each, int) else None for name, each in zip(names, given, strict=True)}
    row = np.array([MISSING if each is None else each for each in scored.values()], dtype=np.int8)
    unknown = np.array([each in COMPLETED_BY_THOUGHT for each in given])
    found = measure_need(need_of(programme), row, unknown, programme.threshold_value())
    result = propose(
        found,
        programme.rule,
        min_answered=programme.need.min_answered,
        support=programme.support,
        capacity=capacity,
        priority=tuple(priority),
    )
    assessed = Assessed(
        **BASE,
        version=version,
        answers=dict(sorted(scored.items())),  # the store gives names back in alphabetical order
        theta=found.theta,
        se=found.se,
        p=found.p,
        threshold=programme.threshold_value(),
        p_range=found.p_range,
        capacity=capacity,
        definition_hash=programme.hash(),
        instrument_hash=programme.need_instrument().hash(),
        scale_hash=programme.need_scale().hash(),
        rule_hash=programme.rule_hash(),
        software="evenhand test",
    )
    proposed = Proposed(
        **BASE,
        assessment=version,
        proposal=result.proposal,
        reasons=result.reasons,
        support=result.support,
        trace={"priority": list(result.priority)},
    )
    known = sum(each is not None for each in scored.values())
    completed = CaseCompleted(**BASE, answered=known, unknown=len(scored) - known)
    return (*answers, completed, assessed, proposed)


def history(programme: Programme, given: Sequence[int | MissingReason], **options: Any) -> tuple[CaseEvent, ...]:
    """A case from consent to its proposal."""
    return (CONSENT, *measured(programme, given, **options))


def decided(kind: str, **changes: Any) -> tuple[CaseEvent, ...]:
    """A decision of a caseworker or a round on the first assessment."""
    common: dict[str, Any] = {
        **STAFF,
        "version": 1,
        "assessment": 1,
        "reason": "Your answers leave it open.",
        "appeal_until": "2027-01-01",
        "round": None,
        "probability": None,
    }
    ticket = TicketIssued(**BASE, round="one", ticket=TICKET, p_class=6)
    of_round = {"round": "one", "probability": 0.3}
    parcel = {"support": "food-parcel", "overrides": False}
    if kind == "offer":
        return (Offered(**{**common, **parcel, **changes}),)
    if kind == "drawn":
        return ticket, Offered(**{**common, **of_round, **parcel, **changes})
    if kind == "waiting":
        return ticket, PutWaiting(**{**common, **of_round, "approved_by": "olga", **changes})
    return (NotThisRound(**{**common, "caseworker": "anna", "overrides": True, **changes}),)


def documents(programme: Programme) -> Mapping[str, str]:
    return {each.hash: each.content for each in programme.frozen()}


def by_hand(
    items: Sequence[Item], given: Sequence[int | None], mean: float, sd: float, line: float
) -> tuple[float, float, float, float, float]:
    """Mean, SD, P(theta >= line) and the 90 % interval of the posterior: each model by its own formula, point by
    point on a dense grid, with nothing of the library."""
    left = np.linspace(mean - 10 * sd, line, 20_001)
    right = np.linspace(line, mean + 10 * sd, 20_001)
    grid = np.concatenate([left, right])
    density = np.exp(-0.5 * ((grid - mean) / sd) ** 2)
    for item, code in zip(items, given, strict=True):
        if code is not None:
            density = density * _likelihood(item, code, grid)
    weights = np.concatenate([_simpson(left), _simpson(right)])
    mass = density * weights
    total = mass.sum()
    average = float((mass * grid).sum() / total)
    spread = math.sqrt(float((mass * (grid - average) ** 2).sum() / total))
    above = float(mass[len(left) :].sum() / total)
    below = np.cumsum(np.concatenate([[0.0], (density[1:] + density[:-1]) / 2 * np.diff(grid)]))
    kept = np.concatenate([[True], np.diff(below) > 0])
    low, high = np.interp([0.05, 0.95], below[kept] / below[-1], grid[kept])
    return average, spread, above, float(low), float(high)


def _simpson(grid: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    weights = np.full(len(grid), 2.0)
    weights[1::2] = 4.0
    weights[[0, -1]] = 1.0
    return np.asarray(weights * (grid[1] - grid[0]) / 3)


def _likelihood(
    item: Item, code: int, grid: np.ndarray[Any, np.dtype[np.float64]]
) -> np.ndarray[Any, np.dtype[np.float64]]:
    if item.model in {"rasch", "2pl"}:
        yes = 1 / (1 + np.exp(-item.a * (grid - item.b[0])))
        return np.asarray(yes if code else 1 - yes)
    if item.model == "grm":
        above = [
            np.ones_like(grid),
            *(1 / (1 + np.exp(-item.a * (grid - b))) for b in item.b),
            np.zeros_like(grid),
        ]
        return np.asarray(above[code] - above[code + 1])
    steps = [np.zeros_like(grid)]
    for b in item.b:
        steps.append(steps[-1] + item.a * (grid - b))
    return np.asarray(np.exp(steps[code]) / sum(np.exp(each) for each in steps))

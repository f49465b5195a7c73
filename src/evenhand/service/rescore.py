"""Scoring stored cases again: the same answers on the same scale must give the same figures, years later."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from evenhand.casework.assess import measure_need
from evenhand.casework.events import Assessed
from evenhand.casework.roles import Actor
from evenhand.measure.responses import MISSING
from evenhand.programme.definition import Programme
from evenhand.service.measuring import need_items
from evenhand.service.office import Office, permit
from evenhand.store.read import Reading

PAGE = 1000
"""Assessments read at once."""

ELSEWHERE = 1e-9
"""Largest difference on another processor or with other libraries; on the same ones there is none."""


@dataclass(frozen=True, slots=True)
class Rescored:
    """What scoring again found.

    Attributes:
        assessments: how many were scored.
        identical: how many to the last bit.
        worst: largest difference of any figure.
        beyond: pseudonyms of cases whose figures differ by more than `ELSEWHERE`.
    """

    assessments: int
    identical: int
    worst: float
    beyond: tuple[str, ...]


def rescore(
    office: Office, actor: Actor, programme: str, *, on_case: Callable[[int], None] | None = None
) -> Rescored:
    """Score every stored assessment of a programme again, from its own record. Nothing is stored; decisions stand.

    Args:
        office: the office.
        actor: an auditor.
        programme: its name.
        on_case: is told how many assessments are done.
    """
    permit(actor, "replay")
    known: dict[tuple[object, ...], tuple[float, ...]] = {}
    done, identical, worst, beyond = 0, 0, 0.0, []
    with office.store.reading() as reading:
        for number, (pseudonym, found, definition) in enumerate(_assessments(office, reading, programme), start=1):
            key = (found.definition_hash, tuple(found.answers.items()))
            if key not in known:
                known[key] = _again(definition, found)
            stored = (found.theta, found.se, found.p)
            difference = max(abs(one - other) for one, other in zip(stored, known[key], strict=True))
            done += 1
            identical += stored == known[key]
            worst = max(worst, difference)
            if difference > ELSEWHERE:
                beyond.append(pseudonym)
            if on_case is not None:
                on_case(number)
    return Rescored(done, identical, worst, tuple(beyond))


def _assessments(office: Office, reading: Reading, programme: str) -> Iterator[tuple[str, Assessed, Programme]]:
    after = -1
    while page := reading.of_kind(programme, Assessed.kind, limit=PAGE, after=after):
        for _, pseudonym, event in page:
            if isinstance(event, Assessed):
                yield pseudonym, event, office.definition(reading, programme, event.definition_hash)
        after, *_ = page[-1]


def _again(definition: Programme, found: Assessed) -> tuple[float, float, float]:
    # by the scale's order: what is read back has its names in the order of the alphabet
    given = [found.answers[name] for name in definition.need_scale().names]
    codes = np.array([MISSING if code is None else code for code in given], dtype=np.int8)
    nothing = np.zeros(len(codes), dtype=np.bool_)
    measure = measure_need(need_items(definition), codes, nothing, found.threshold)
    return measure.theta, measure.se, measure.p

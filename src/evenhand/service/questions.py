"""What is asked: each question of a programme, how an answer is read, and which comes next."""

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from evenhand.casework.assess import COMPLETED_BY_THOUGHT
from evenhand.casework.case import Case
from evenhand.errors import CaseError
from evenhand.measure.adaptive import AdaptiveBank, AdaptiveState, next_item, record
from evenhand.measure.responses import MISSING, BoolArray, CodeArray
from evenhand.programme.coding import MissingReason, normal_text
from evenhand.programme.definition import Programme
from evenhand.programme.instrument import Instrument
from evenhand.service.adaptive import AdaptivePlan, bank_of_scale

Component = Literal["need", "capacity", "field"]
Key = tuple[Component, str]


@dataclass(frozen=True, slots=True)
class Option:
    """What can be chosen: its code, its text in each language, and the reason when it is no answer."""

    code: str
    labels: Mapping[str, str]
    reason: MissingReason | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        component: `need`, `capacity`, or `field` for an extra fact.
        name: the item's or the field's name.
        wording: the question in each language.
        options: what can be chosen; empty for a whole number.
        period: the period asked about, or None.
        lowest, highest: range of a whole number, or None.
        purpose: what an extra fact is for, or None.
    """

    component: Component
    name: str
    wording: Mapping[str, str]
    options: tuple[Option, ...]
    period: Mapping[str, str] | None = None
    lowest: int | None = None
    highest: int | None = None
    purpose: Mapping[str, str] | None = None

    @property
    def key(self) -> Key:
        """Component and name."""
        return (self.component, self.name)


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it is kept: a code, or the reason why there is none."""

    code: str | None
    reason: MissingReason | None


def questions_of(programme: Programme) -> tuple[Question, ...]:
    """Every question of a programme, in order: need, capacity, extra facts."""
    return tuple(by_key(programme).values())


def by_key(programme: Programme) -> Mapping[tuple[str, str], Question]:
    """The same by component and name."""
    kept = _ASKED.get(id(programme))
    if kept is None:
        kept = _ASKED[id(programme)] = MappingProxyType({each.key: each for each in _questions(programme)})
        weakref.finalize(programme, _ASKED.pop, id(programme), None)
    return kept


_ASKED: dict[int, Mapping[tuple[str, str], Question]] = {}
"""Made once for each programme in memory; one that goes takes its questions with it."""


def _questions(programme: Programme) -> tuple[Question, ...]:
    found = [*_of_instrument(programme.need_instrument(), "need")]
    capacity = programme.capacity_instrument()
    if capacity is not None:
        found += _of_instrument(capacity, "capacity")
    for field in programme.fields:
        options = tuple(Option(choice.code, choice.labels) for choice in field.choices)
        found.append(
            Question(
                "field",
                field.name,
                field.label,
                options,
                lowest=field.lowest,
                highest=field.highest,
                purpose=field.purpose,
            )
        )
    return tuple(found)


def question(programme: Programme, component: str, name: str) -> Question:
    """The question of that name.

    Raises:
        CaseError: the programme does not ask it.
    """
    found = by_key(programme).get((component, name))
    if found is not None:
        return found
    raise CaseError(
        "answer.no-question",
        f"The programme does not ask {name[:64]!r}.",
        mend="Open the questionnaire again.",
    )


def read_answer(asked: Question, typed: str) -> Given:
    """An answer from what was chosen or typed.

    Raises:
        CaseError: it is not among the answers. The message never repeats it.
    """
    text = normal_text(typed)
    for option in asked.options:
        if normal_text(option.code) == text:
            return Given(None, option.reason) if option.reason else Given(option.code, None)
    if not asked.options and asked.lowest is not None and asked.highest is not None:
        whole = text.isascii() and text.isdigit() and len(text) < 10
        if whole and asked.lowest <= int(text) <= asked.highest:
            return Given(str(int(text)), None)
        raise CaseError(
            "answer.not-a-number",
            "This is not a whole number that can be an answer.",
            where=f"question {asked.name}",
            why=f"It goes from {asked.lowest} to {asked.highest}.",
            mend="Give a number in digits, or leave the question out.",
        )
    raise CaseError(
        "answer.not-an-option",
        "This is not one of the answers.",
        where=f"question {asked.name}",
        why=f"The answers have the codes: {', '.join(option.code for option in asked.options)}.",
        mend="Choose one of them.",
    )


def next_question(programme: Programme, case: Case) -> Question | None:
    """The question to ask next; None when everything that will be asked was asked."""
    asked = _asked(case)
    adaptive = programme.asking.mode == "adaptive"
    item = _next_adaptive(programme, case) if adaptive else None
    for component in ("need", "capacity", "field"):
        for each in by_key(programme).values():
            if each.component != component or each.key in asked:
                continue
            if not (adaptive and component == "need") or each.name == item:
                return each
    return None


def left_by_design(programme: Programme, case: Case) -> tuple[str, ...]:
    """Need items that adaptive asking will not ask; none before it has stopped."""
    if programme.asking.mode != "adaptive" or _next_adaptive(programme, case) is not None:
        return ()
    asked = _asked(case)
    return tuple(name for name in programme.need_scale().names if ("need", name) not in asked)


def unanswered(programme: Programme, case: Case) -> tuple[Question, ...]:
    """Questions that were asked and not answered in any way; extra facts are never demanded."""
    asked = _asked(case)
    design = {("need", name) for name in left_by_design(programme, case)}
    return tuple(
        each
        for each in questions_of(programme)
        if each.component != "field" and each.key not in asked and each.key not in design
    )


def codes_of(
    instrument: Instrument, names: tuple[str, ...], case: Case, component: str
) -> tuple[CodeArray, BoolArray]:
    """(J,) category codes of a case's answers to a component's items, and where an answer exists unknown."""
    coding = {item.name: item for item in instrument.coding()}
    codes = np.full(len(names), MISSING, dtype=np.int8)
    unknown = np.zeros(len(names), dtype=np.bool_)
    for place, name in enumerate(names):
        answer = case.answers.get((component, name))
        if answer is None or answer.code is None:
            unknown[place] = answer is None or answer.reason in COMPLETED_BY_THOUGHT
        else:
            codes[place] = coding[name].codes[normal_text(answer.code)]
    return codes, unknown


def _asked(case: Case) -> set[Key]:
    fields: set[Key] = {("field", name) for name in case.fields}
    answers: set[Key] = {("need" if component == "need" else "capacity", name) for component, name in case.answers}
    return fields | answers


def _of_instrument(instrument: Instrument, component: Component) -> list[Question]:
    missing = tuple(Option(each.code, each.labels, each.reason) for each in instrument.missing if each.labels)
    return [
        Question(
            component,
            item.name,
            item.wording,
            (*(Option(c.code, c.labels) for c in instrument.choices[item.choices]), *missing),
            period=instrument.reference_period,
        )
        for item in instrument.items
        if (item.component or instrument.component) == component
    ]


@dataclass(frozen=True, slots=True)
class _Bank:
    """A tabulated bank and the names of its items."""

    bank: AdaptiveBank
    names: tuple[str, ...]


_BANKS: dict[str, _Bank] = {}
"""Tabulated once for each definition; a definition never changes under its hash."""


def _bank_of(programme: Programme) -> _Bank:
    key = programme.hash()
    if key not in _BANKS:
        scale = programme.need_scale()
        plan = AdaptivePlan(
            max_items=programme.asking.max_items or len(scale.names),
            min_items=programme.need.min_answered,
            threshold=programme.threshold_value(),
            certain_yes=programme.rule.certain_yes,
            certain_no=programme.rule.certain_no,
            se_target=programme.asking.se_target,
        )
        scoring = programme.need_instrument().scoring
        _BANKS[key] = _Bank(bank_of_scale(scale, plan, scoring=scoring), scale.names)
    return _BANKS[key]


def adaptive_bank_of(programme: Programme) -> AdaptiveBank:
    """The bank that a programme's adaptive interview asks from."""
    return _bank_of(programme).bank


def _next_adaptive(programme: Programme, case: Case) -> str | None:
    """The item that adaptive asking would ask next: it depends on the answers, not on their order."""
    found = _bank_of(programme)
    codes, _ = codes_of(programme.need_instrument(), found.names, case, "need")
    state = AdaptiveState()
    for place, name in enumerate(found.names):
        answer = case.answers.get(("need", name))
        if answer is not None and answer.reason != "not_asked_by_design":
            state = record(state, place, int(codes[place]))
    item = next_item(found.bank, state)
    return None if item is None else found.names[item]

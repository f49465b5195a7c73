"""The measure's part of an explanation: answers and figures out of the record, checked against what was frozen."""

from collections.abc import Mapping

import numpy as np

from evenhand.casework.assess import COMPLETED_BY_THOUGHT, NeedMeasure
from evenhand.casework.events import AnswerRecorded
from evenhand.casework.explainfaults import differs, no_choice, not_corrected, other_documents
from evenhand.casework.explainfigures import Figures
from evenhand.casework.explainparts import Counted, Frozen, InWords, Measured, NotKnown
from evenhand.casework.explainrecord import Past
from evenhand.measure.need import NeedItems
from evenhand.measure.responses import MISSING, BoolArray, CodeArray
from evenhand.programme.coding import normal_text
from evenhand.programme.definition import Programme

MOST_APART = 1e-9
"""Largest difference between a frozen figure and the same one computed again, on another processor or with other
libraries. On the same ones there is none."""


def check_documents(found: Past, programme: Programme) -> None:
    """Refuse a programme, instrument, scale, rule or threshold that is not the one the case was measured with.

    Raises:
        CaseError: it is another.
    """
    was = found.assessed
    pairs = {
        "definition": (programme.hash(), was.definition_hash),
        "instrument": (programme.need_instrument().hash(), was.instrument_hash),
        "scale": (programme.need_scale().hash(), was.scale_hash),
        "rule": (programme.rule_hash(), was.rule_hash),
    }
    for part, (given, expected) in pairs.items():
        if given != expected:
            raise other_documents(part, expected)
    if set(was.answers) != set(programme.need_scale().names):
        raise differs("the questions about need")
    if abs(programme.threshold_value() - was.threshold) > MOST_APART:
        raise differs("the line")


def check_figures(found: Past, measure: NeedMeasure) -> None:
    """Refuse figures that are not the frozen ones.

    Raises:
        CaseError: a figure is further off than MOST_APART.
    """
    was = found.assessed
    pairs = {
        "the measure": (measure.theta, was.theta),
        "its standard error": (measure.se, was.se),
        "the chance": (measure.p, was.p),
        "the least chance": (measure.p_range[0], was.p_range[0]),
        "the greatest chance": (measure.p_range[1], was.p_range[1]),
    }
    for figure, (again, before) in pairs.items():
        if not abs(again - before) <= MOST_APART:
            raise differs(figure)


def need_of(programme: Programme) -> NeedItems:
    """The need items with the latent distribution that the scale records."""
    scale = programme.need_scale()
    latent = scale.require_latent("an explanation")
    return NeedItems(scale.model_items(), latent.mean, latent.sd)


def codes_of(found: Past, programme: Programme) -> tuple[CodeArray, BoolArray]:
    """(J,) category codes as they were scored, in the scale's order, and where an answer exists unknown.

    Raises:
        CaseError: what was scored is not what was answered.
    """
    names = programme.need_scale().names
    scored = [found.assessed.answers[name] for name in names]
    codes = np.array([MISSING if code is None else code for code in scored], dtype=np.int8)
    coding = {item.name: item.codes for item in programme.need_instrument().coding()}
    unknown = np.zeros(len(names), dtype=np.bool_)
    for place, name in enumerate(names):
        answer = _answer(found, name)
        given = answer.code if answer else None
        if (None if given is None else coding[name][normal_text(given)]) != scored[place]:
            raise differs("the answers")
        unknown[place] = given is None and (answer is None or answer.reason in COMPLETED_BY_THOUGHT)
    return codes, unknown


def corrected_codes(programme: Programme, codes: CodeArray, corrections: Mapping[str, str]) -> CodeArray:
    """(J,) category codes with the stated answers in place of the wrong ones.

    Raises:
        CaseError: no correction, one of no need item or to the answer that stands, or a code that is none.
    """
    names = programme.need_scale().names
    coding = {item.name: item for item in programme.need_instrument().coding()}
    right = codes.copy()
    for item, code in corrections.items():
        if item not in names:
            raise not_corrected("Only answers about need enter the measure of need.")
        text, place = normal_text(code), names.index(item)
        if text not in coding[item].codes and text not in coding[item].missing:
            raise no_choice(item)
        right[place] = coding[item].codes.get(text, MISSING)
    if (right == codes).all():
        raise not_corrected("These are the answers that stand.")
    return right


def measured(computed: Figures, threshold: float) -> Measured:
    """The measure and how sure it is."""
    found = computed.measure
    return Measured(
        theta=found.theta,
        se=found.se,
        p=found.p,
        p_range=found.p_range,
        interval=computed.interval,
        threshold=threshold,
        distance=(found.theta - threshold) / found.se,
        curve=computed.curve,
    )


def counted(found: Past, programme: Programme, computed: Figures) -> tuple[Counted, ...]:
    """The answers that counted, each with what leaving it out does."""
    names, measure = programme.need_scale().names, computed.measure
    return tuple(
        Counted(
            item=names[each.item],
            wording=_wording(programme, names[each.item]),
            answer=_label(found, programme, names[each.item]),
            theta_without=each.theta,
            p_without=each.p,
            theta_moved=measure.theta - each.theta,
            p_moved=measure.p - each.p,
        )
        for each in computed.without
    )


def not_known(found: Past, programme: Programme, codes: CodeArray) -> tuple[NotKnown, ...]:
    """The questions about need without an answer, each with the reason."""
    out = []
    for name, code in zip(programme.need_scale().names, codes, strict=True):
        if code == MISSING:
            answer = _answer(found, name)
            reason = (answer.reason if answer else None) or "not_asked"
            out.append(NotKnown(name, _wording(programme, name), reason, reason in COMPLETED_BY_THOUGHT))
    return tuple(out)


def frozen(found: Past) -> Frozen:
    """What it all rests on."""
    was = found.assessed
    return Frozen(
        assessment=was.version,
        on=was.at.date().isoformat(),
        definition=was.definition_hash,
        instrument=was.instrument_hash,
        scale=was.scale_hash,
        rule=was.rule_hash,
        software=was.software,
        newer=found.newer.version if found.newer else None,
    )


def _answer(found: Past, item: str) -> AnswerRecorded | None:
    return found.before.answers.get(("need", item))


def _wording(programme: Programme, name: str) -> InWords:
    return next(item.wording for item in programme.need_instrument().items if item.name == name)


def _label(found: Past, programme: Programme, name: str) -> InWords:
    instrument, answer = programme.need_instrument(), _answer(found, name)
    choices = next(instrument.choices[item.choices] for item in instrument.items if item.name == name)
    given = normal_text(answer.code) if answer and answer.code is not None else ""
    return next(choice.labels for choice in choices if normal_text(choice.code) == given)

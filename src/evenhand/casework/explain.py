"""Why: an explanation of a case, computed from the frozen record and from nothing else.

It rests on the events of the case and on the programme, instrument and scale as they were frozen, by their
hashes. So it says the same years later, whatever was calibrated, decided or erased meanwhile. Every figure is
computed again and compared with the one that was frozen; where they part, nothing is shown.

There is no advice in it: it never says what another answer would have brought. Only where the person says that an
answer is wrong, and what the right one is, `what_if_corrected` measures again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evenhand.casework.assess import measure_need
from evenhand.casework.events import CaseEvent, from_payload
from evenhand.casework.explainfaults import other_documents
from evenhand.casework.explainfigures import figures
from evenhand.casework.explainparts import Explanation
from evenhand.casework.explainread import (
    check_documents,
    check_figures,
    codes_of,
    corrected_codes,
    counted,
    frozen,
    measured,
    need_of,
    not_known,
)
from evenhand.casework.explainrecord import past
from evenhand.casework.explainways import chosen, decided, drawn, priority, ruled, ways
from evenhand.programme.definition import Programme, programme_from_frozen


@dataclass(frozen=True, slots=True)
class Corrected:
    """Need before and after what the person says is wrong was put right.

    Attributes:
        theta_before, p_before: as it was measured, logits and P(need >= threshold).
        theta, p: with the corrections.
    """

    theta_before: float
    p_before: float
    theta: float
    p: float


def explain(events: Sequence[CaseEvent], programme: Programme, version: int | None = None) -> Explanation:
    """Explain an assessment of a case, and the decision on it.

    Args:
        events: all events of the case, in their order.
        programme: the programme as it was frozen when the case was opened.
        version: of the assessment; left out, the one that the standing decision rests on, else the latest.

    Raises:
        CaseError: nothing was assessed, the programme is another, or a figure is not the frozen one.
    """
    found = past(events, version)
    check_documents(found, programme)
    codes, unknown = codes_of(found, programme)
    computed = figures(need_of(programme), codes, unknown, found.assessed.threshold)
    check_figures(found, computed.measure)
    return Explanation(
        programme=programme.title,
        measured=measured(computed, found.assessed.threshold),
        counted=counted(found, programme, computed),
        unknown=not_known(found, programme, codes),
        ruled=ruled(found, programme, computed.measure),
        chosen=chosen(found, programme),
        priority=priority(found, programme),
        has_priority=any(field.adds_priority for field in programme.fields),
        decided=decided(found),
        drawn=drawn(found),
        ways=ways(found, programme),
        frozen=frozen(found),
    )


def explain_from_payloads(
    payloads: Sequence[Mapping[str, Any]], documents: Mapping[str, str], version: int | None = None
) -> Explanation:
    """The same explanation from plain JSON: a case's payloads and the frozen documents, nothing beside them.

    Args:
        payloads: `to_payload` of each event of the case, in their order.
        documents: contents of the frozen documents (`Programme.frozen`), by hash.
        version: see `explain`.

    Raises:
        CaseError: see `explain`, or an event cannot be read.
        ProgrammeError: a document is missing, or is another.
    """
    events = [each for each in map(from_payload, payloads) if isinstance(each, CaseEvent)]
    found = past(events, version)
    named = documents.get(found.assessed.definition_hash)
    if named is None:
        raise other_documents("definition", found.assessed.definition_hash)
    return explain(events, programme_from_frozen(named, documents.__getitem__), version)


def what_if_corrected(
    events: Sequence[CaseEvent], programme: Programme, corrections: Mapping[str, str], version: int | None = None
) -> Corrected:
    """Need with the answers that the person says are right in place of wrong ones. Nothing is stored.

    It takes what the person states, and gives the measure; it searches for nothing and proposes nothing.

    Args:
        events: all events of the case, in their order.
        programme: the programme as it was frozen when the case was opened.
        corrections: the right answer by need item, as the code of a choice or of a reason for no answer.
        version: see `explain`.

    Raises:
        CaseError: no correction, one of no need item or to the answer that stands, or a code that is none.
    """
    found = past(events, version)
    check_documents(found, programme)
    codes, unknown = codes_of(found, programme)
    need, threshold = need_of(programme), found.assessed.threshold
    before = measure_need(need, codes, unknown, threshold)
    check_figures(found, before)
    right = corrected_codes(programme, codes, corrections)
    after = measure_need(need, right, unknown, threshold)
    return Corrected(before.theta, before.p, after.theta, after.p)

"""What a person is shown of their own case."""

from typing import Any

from evenhand.casework.case import Case
from evenhand.cli.console import percent, print_findings
from evenhand.service.finish import Finished
from evenhand.service.my_case import Record
from evenhand.service.questions import Question

WORDS = {
    "offer": "an offer is proposed; a person confirms it",
    "review": "a person looks at it",
    "lottery": "it enters the next round's lottery",
    "not_this_round": "not this round is proposed; a person decides",
}


def question_body(asked: Question | None) -> dict[str, Any] | None:
    """A question for machines."""
    if asked is None:
        return None
    return {
        "component": asked.component,
        "name": asked.name,
        "wording": asked.wording,
        "period": asked.period,
        "options": [{"code": each.code, "labels": each.labels} for each in asked.options],
        "lowest": asked.lowest,
        "highest": asked.highest,
        "purpose": asked.purpose,
    }


def show_question(asked: Question | None, language: str) -> None:
    """A question for a person."""
    if asked is None:
        print_findings("Everything was asked", ["Finish with: evenhand case finish"])
        return
    period = f"{asked.period.get(language, '')}: " if asked.period else ""
    why = [f"asked because: {asked.purpose.get(language, '')}"] if asked.purpose else []
    options = [f"{each.code} = {each.labels.get(language, each.code)}" for each in asked.options]
    whole = [] if asked.options else [f"a whole number from {asked.lowest} to {asked.highest}"]
    print_findings(f"{asked.name}: {period}{asked.wording.get(language, asked.name)}", [*options, *whole, *why])


def finished_body(done: Finished) -> dict[str, Any]:
    """An assessment for machines."""
    measure = done.assessed
    return {
        "version": measure.version,
        "theta": measure.theta,
        "se": measure.se,
        "p": measure.p,
        "p_range": measure.p_range,
        "threshold": measure.threshold,
        "proposal": done.proposed.proposal,
        "reasons": done.proposed.reasons,
        "index": done.index,
    }


def show_finished(done: Finished) -> None:
    """An assessment for a person."""
    print_findings("Assessed", _assessed(done.assessed.p, done.assessed.p_range, done.proposed.proposal))


def record_body(record: Record) -> dict[str, Any]:
    """A case in short, for machines; `case export` gives the whole record."""
    case = record.case
    return {
        "programme": record.programme,
        "pseudonym": record.pseudonym,
        "state": case.state,
        "restricted": case.restricted,
        "answers": {
            f"{component}.{item}": {"code": event.code, "reason": event.reason}
            for (component, item), event in case.answers.items()
        },
        "fields": {name: event.value for name, event in case.fields.items()},
        "contact": case.contact,
        "purposes": None if case.consent is None else case.consent.purposes,
        "p": None if case.assessment is None else case.assessment.p,
        "p_range": None if case.assessment is None else case.assessment.p_range,
        "proposal": None if case.proposal is None else case.proposal.proposal,
        "decision": None if case.decision is None else case.decision.kind,
        "reason": None if case.decision is None else case.decision.reason,
        "appeal_until": None if case.decision is None else case.decision.appeal_until,
    }


def show_record(record: Record) -> None:
    """A case in short, for its person."""
    case = record.case
    known = sum(event.code is not None for event in case.answers.values())
    print_findings(
        f"Your case in {record.programme}",
        [
            f"state: {case.state.replace('_', ' ')}{', frozen by you' if case.restricted else ''}",
            f"pseudonym: {record.pseudonym}",
            f"answers: {known} given, {len(case.answers) - known} unknown",
            *_consent(case),
        ],
    )
    if case.assessment is not None and case.proposal is not None:
        print_findings("Assessed", _assessed(case.assessment.p, case.assessment.p_range, case.proposal.proposal))
    if case.decision is not None:
        print_findings(
            f"Decided: {case.decision.kind.replace('-', ' ')}",
            [case.decision.reason, f"you can contest it until {case.decision.appeal_until}"],
        )


def _consent(case: Case) -> list[str]:
    if case.consent is None:
        return []
    agreed = [name for name, chosen in case.consent.purposes.items() if chosen]
    contact = "a contact is kept" if case.contact is not None else "no contact is kept"
    return [f"you agreed to: {', '.join(agreed)}; {contact}"]


def _assessed(p: float, p_range: tuple[float, float], proposal: str) -> list[str]:
    lines = [f"need is above the programme's line with a probability of {percent(p)}"]
    if p_range[0] != p_range[1]:
        lines.append(f"with your unknown answers given, from {percent(p_range[0])} to {percent(p_range[1])}")
    return [*lines, WORDS[proposal]]

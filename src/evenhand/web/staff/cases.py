"""The caseworker's pages: the queue, a case with its reasons, decisions one by one, answers to appeals.

A case is named by its pseudonym on the page and by a mark of this session in the address: what a history or a
proxy keeps of an address says nothing.
"""

from dataclasses import dataclass
from typing import Any, get_args

from fastapi.responses import Response

from evenhand.casework.appeal import may_answer
from evenhand.casework.case import Case
from evenhand.casework.decisions import LEAST_REASON, Decision
from evenhand.casework.events import CaseEvent, NotThisRound, Offered
from evenhand.casework.explainparts import Explanation
from evenhand.casework.explaintell import picture_words, tell
from evenhand.casework.explaintexts import words_in
from evenhand.errors import CaseError, EvenhandError, StoreError
from evenhand.programme.definition import Programme
from evenhand.report.explain import posterior_picture
from evenhand.service.appeal import answer_appeal
from evenhand.service.decide import not_this_round, offer, places_left
from evenhand.service.explain import why
from evenhand.service.queue import ORDER, Why, case_by_pseudonym, queue
from evenhand.store.read import CaseFile
from evenhand.web.faults import told
from evenhand.web.forms import Form, Sent
from evenhand.web.staff.marks import case_of_mark, mark_of
from evenhand.web.staff.who import me, note, page
from evenhand.web.visit import ElsewhereError, Visit, Visitor

SHOWN = 25
"""Cases of each kind on the first page of the queue."""

MANY = 200
"""Cases of one kind, when it alone is asked for."""

LONGEST_REASON = 2000
DECIDABLE = frozenset({"proposed", "waiting", "not_this_round", "offer"})

BY_RULE = frozenset({"assessed", "proposed"})
"""What the rule does, whoever sent the last answer."""

Errors = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class CaseView:
    """What a caseworker sees of a case: its row, its fold, its history, and the programme as it was then."""

    file: CaseFile
    case: Case
    events: tuple[tuple[int, CaseEvent], ...]
    programme: Programme
    left: int


def base(visit: Visit) -> str:
    """Where a programme's pages for staff begin."""
    return f"/staff/p/{visit.programme.name}"


def show_queue(visit: Visitor) -> Response:
    """What needs a person first, and why."""
    wanted = visit.request.query_params.get("why", "")
    only: Why | None = next((each for each in get_args(Why) if each == wanted), None)
    rows = queue(visit.office, me(visit), visit.programme.name, limit=MANY if only else SHOWN)
    shown = [row for row in rows if only in {None, row.why}]
    with visit.office.store.reading() as reading:
        counts = reading.counts(visit.programme.name)
    return page(
        visit,
        "staff/queue.html",
        programme=visit.programme,
        rows=[(mark_of(visit, row.file.pseudonym), row) for row in shown],
        only=only,
        kinds=ORDER,
        counts=counts,
        base=base(visit),
    )


def find(visit: Visitor, form: Form) -> Response:
    """Open a case by the pseudonym that somebody read out."""
    typed = form.text("pseudonym", 40).casefold()
    try:
        case_by_pseudonym(visit.office, me(visit), typed)
    except CaseError:
        note(visit, "staff.queue.unknown")
        return visit.go(f"{base(visit)}/queue")
    return visit.go(f"{base(visit)}/cases/{mark_of(visit, typed)}")


def show_case(visit: Visitor, mark: str) -> Response:
    """A case."""
    return _case(visit, mark)


def offer_sent(visit: Visitor, mark: str, form: Form) -> Response:
    """Offer support."""
    view, reason = view_of(visit, mark), form.text("offer-reason", LONGEST_REASON)
    kinds = [kind.name for kind in view.programme.support]
    support = form.text("support", 64)
    errors: Errors = []
    if support not in kinds:
        errors.append(("support", visit.words.say("staff.case.choose-support")))
    errors += _reason_errors(visit, "offer-reason", reason, 3)
    if not errors:
        errors = _try(
            visit,
            "offer-reason",
            lambda: offer(visit.office, me(visit), view.case.case_id, support=support, reason=reason),
        )
    return _case(visit, mark, errors, form) if errors else _done(visit, "staff.case.offered")


def refuse_sent(visit: Visitor, mark: str, form: Form) -> Response:
    """Decide *not this round*, for this one person."""
    view, reason = view_of(visit, mark), form.text("refuse-reason", LONGEST_REASON)
    errors = _reason_errors(visit, "refuse-reason", reason, LEAST_REASON)
    if not errors:
        errors = _try(
            visit,
            "refuse-reason",
            lambda: not_this_round(visit.office, me(visit), view.case.case_id, reason=reason),
        )
    return _case(visit, mark, errors, form) if errors else _done(visit, "staff.case.refused")


def appeal_sent(visit: Visitor, mark: str, form: Form) -> Response:
    """Answer an appeal: leave the decision, or offer support in its place."""
    view, reason = view_of(visit, mark), form.text("appeal-reason", LONGEST_REASON)
    outcome = form.text("outcome", 64)
    kinds = {f"offer-{kind.name}": kind.name for kind in view.programme.support}
    errors: Errors = []
    if outcome != "keep" and outcome not in kinds:
        errors.append(("outcome", visit.words.say("staff.appeal.choose")))
    errors += _reason_errors(visit, "appeal-reason", reason, LEAST_REASON)
    if not errors:
        support = kinds.get(outcome)
        errors = _try(
            visit,
            "appeal-reason",
            lambda: answer_appeal(visit.office, me(visit), view.case.case_id, reason=reason, support=support),
        )
    return _case(visit, mark, errors, form) if errors else _done(visit, "staff.appeal.answered")


def view_of(visit: Visit, mark: str) -> CaseView:
    """The case of a mark; leads to the queue where this session has none, or the case is gone."""
    actor, name = me(visit), visit.programme.name
    try:
        case_id = case_of_mark(visit, actor, mark)
        with visit.office.store.reading() as reading:
            file = reading.case_file(case_id)
            if file.programme != name:
                raise ElsewhereError(f"{base(visit)}/queue")
            programme = visit.office.of_case(reading, case_id)
            left = places_left(reading, programme)
            return CaseView(file, reading.case(case_id), reading.events(case_id), programme, left)
    except (CaseError, StoreError) as error:
        if error.code not in {"case.unknown", "store.no-case"}:
            raise
        note(visit, "staff.queue.gone")
        raise ElsewhereError(f"{base(visit)}/queue") from None


def _done(visit: Visit, key: str) -> Response:
    note(visit, key)
    return visit.go(f"{base(visit)}/queue")


def _reason_errors(visit: Visit, field: str, reason: str, least: int) -> Errors:
    if len(reason) > LONGEST_REASON:
        return [(field, visit.words.say("staff.case.reason-long"))]
    return [] if len(reason) >= least else [(field, visit.words.say("staff.case.reason-short", least=str(least)))]


def _try(visit: Visit, field: str, step: Any) -> Errors:
    """Take a step; what the rules refuse is told beside the field."""
    try:
        step()
    except CaseError as error:
        what, reason, mend = told(visit.words, error)
        return [(field, " ".join(part for part in (what, reason, mend) if part))]
    return []


def _case(visit: Visit, mark: str, errors: Errors | None = None, form: Sent | None = None) -> Response:
    view, actor = view_of(visit, mark), me(visit)
    found = _why(visit, view)
    language, today = visit.language, visit.office.clock().date()
    told_page = tell(found, language, today) if found else None
    answers_appeal = view.case.appeal is not None and may_answer([e for _, e in view.events], actor.id)
    return page(
        visit,
        "staff/case.html",
        422 if errors else 200,
        programme=view.programme,
        view=view,
        mark=mark,
        why=found,
        summary=_summary(visit, found) if found else (),
        told=told_page,
        picture_of=posterior_picture(found.measured, picture_words(found, language)) if found else None,
        history=history(visit, view),
        decidable=view.case.state in DECIDABLE and not view.case.restricted and view.case.appeal is None,
        may_refuse=view.case.state in {"proposed", "waiting", "not_this_round"},
        answers_appeal=answers_appeal,
        assists=view.case.state in {"consented", "answering", "complete"},
        contested=view.case.decision,
        errors=errors,
        sent=form,
        back=f"{base(visit)}/queue",
        base=base(visit),
    )


def _why(visit: Visit, view: CaseView) -> Explanation | None:
    """The explanation of what was measured last, or None where nothing was."""
    if not view.case.versions:
        return None
    try:
        return why(visit.office, me(visit), view.case.case_id)
    except EvenhandError as error:
        if error.code != "explain.not-assessed":
            raise
        return None


def _summary(visit: Visit, found: Explanation) -> list[tuple[str, str]]:
    """The measure and its certainty, in a caseworker's words."""
    words, parts, need = visit.words, words_in(visit.language), found.measured
    say = words.say
    low, high = (parts.percent(each) for each in need.p_range)
    rows = [
        (
            say("staff.case.need"),
            say(
                "staff.case.need-value",
                theta=words.number(need.theta, 2),
                se=words.number(need.se, 2),
                line=words.number(need.threshold, 2),
            ),
        ),
        (
            say("staff.case.chance"),
            say("staff.case.chance-value", chance=parts.chance(need.p), percent=parts.percent(need.p)),
        ),
        (
            say("staff.case.interval"),
            say(
                "staff.case.interval-value",
                low=words.number(need.interval[0], 2),
                high=words.number(need.interval[1], 2),
            ),
        ),
        (say("staff.case.counted"), words.count("staff.case.counted-value", len(found.counted))),
        (
            say("staff.case.unknown"),
            words.count("staff.case.unknown-value", len(found.unknown), low=low, high=high)
            if any(each.could_be_known for each in found.unknown)
            else words.count("staff.case.unknown-none", len(found.unknown)),
        ),
        (say("staff.case.proposal"), say(f"staff.proposal.{found.ruled.proposal}")),
    ]
    if found.chosen.fitting:
        rows.append((say("staff.case.fits"), words.pick(found.chosen.fitting)))
    return rows


def history(visit: Visit, view: CaseView) -> list[dict[str, str]]:
    """What happened, oldest first; answers given in a row are one line. No case id, no code, no contact."""
    rows: list[dict[str, str]] = []
    for _, event in view.events:
        key = f"staff.event.{event.kind}"
        said = visit.words.say(key) if key in visit.words.entries else event.kind
        if rows and rows[-1]["kind"] == event.kind == "answer-recorded" and rows[-1]["actor"] == event.actor:
            rows[-1]["times"] = str(int(rows[-1]["times"]) + 1)
            continue
        rows.append(
            {
                "kind": event.kind,
                "at": event.at.strftime("%Y-%m-%d %H:%M"),
                "said": said,
                "actor": "" if event.kind in BY_RULE else event.actor,
                "times": "1",
                "more": _more(visit, event),
            }
        )
    return rows


def _more(visit: Visit, event: CaseEvent) -> str:
    parts = []
    if isinstance(event, Decision):
        parts.append(event.reason)
    if isinstance(event, Offered | NotThisRound) and event.overrides:
        parts.append(visit.words.say("staff.case.override"))
    if event.kind in {"appeal-opened", "appeal-answered"}:
        parts.append(str(getattr(event, "words", "") or getattr(event, "reason", "")))
    return " · ".join(part for part in parts if part)


ROUTES = (
    ("GET", "/staff/p/{programme}/queue", show_queue),
    ("POST", "/staff/p/{programme}/queue", find),
    ("GET", "/staff/p/{programme}/cases/{mark}", show_case),
    ("POST", "/staff/p/{programme}/cases/{mark}/offer", offer_sent),
    ("POST", "/staff/p/{programme}/cases/{mark}/not-this-round", refuse_sent),
    ("POST", "/staff/p/{programme}/cases/{mark}/appeal", appeal_sent),
)

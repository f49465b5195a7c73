"""One question a page. What was answered is stored at once; back works, and so does coming another day."""

from fastapi.responses import Response

from evenhand.casework.case import Case
from evenhand.errors import CaseError
from evenhand.service.answer import answer
from evenhand.service.correct import correct
from evenhand.service.finish import finish
from evenhand.service.questions import Question, read_answer, unanswered
from evenhand.store.known import Known
from evenhand.web.forms import Form
from evenhand.web.respondent.steps import (
    ANSWERING,
    CORRECTABLE,
    Sequence,
    asking_words,
    case_of,
    known_of,
    mine,
    one_error,
    option_text,
    require,
    require_old,
    right_page,
    sequence,
)
from evenhand.web.visit import ElsewhereError, Visit, Visitor

Errors = list[tuple[str, str]] | None
OPEN = ANSWERING | CORRECTABLE


def first_open(visit: Visitor) -> Response:
    """The question to answer now."""
    case = _open_case(visit)
    found = sequence(visit.programme, case)
    place = next((n for n, each in enumerate(found.questions, 1) if _given(case, each) is None), None)
    if place is None or found.questions[place - 1].component == "field":
        later = _next_field(case, found, 0)
        return visit.go(f"{mine(visit)}/questions/{later}" if later else f"{mine(visit)}/check")
    return visit.go(f"{mine(visit)}/questions/{place}")


def _next_field(case: Case, found: Sequence, after: int) -> int | None:
    """The next question without an answer after a place, or None."""
    return next((n for n, q in enumerate(found.questions, 1) if n > after and _given(case, q) is None), None)


def show(visit: Visitor, number: int) -> Response:
    """A question."""
    case = _open_case(visit)
    return _show(visit, case, number)


def save(visit: Visitor, form: Form, number: int) -> Response:
    """Store an answer, and go on."""
    session = visit.begin()
    with session.alone:
        known = _opened(visit)
        case = known.case
        found = sequence(visit.programme, case)
        asked = _asked(visit, found, number)
        checking = form.text("from") == "check"
        if form.text("skip") and asked.component == "field":
            return visit.go(_after(visit, case, found, number, checking))
        typed = form.text("answer", 100)
        if not typed:
            key = "question.choose" if asked.options else "question.number"
            return _show(visit, case, number, one_error(visit, "answer", key), checking)
        try:
            after = _store(visit, known, asked, typed, form.once(f"{asked.component} {asked.name}"))
        except CaseError as error:
            if error.code not in {"answer.not-an-option", "answer.not-a-number"}:
                raise
            return _show(visit, case, number, _not_an_answer(visit, asked), checking)
    if case.versions:
        session.shown["notice"] = "notice.corrected" if after is not case else "notice.same"
        return visit.go(f"{mine(visit)}/answers")
    return visit.go(_after(visit, after, sequence(visit.programme, after), number, checking))


def _store(visit: Visit, known: Known, asked: Question, typed: str, token: str | None) -> Case:
    """Store an answer; the case after it. The same answer again is no event, and leaves the case as it is."""
    case = known.case
    given, before = read_answer(asked, typed), _given(case, asked)
    if before is not None and before == (given.code, given.reason):
        return case
    place = (visit.office, visit.person, visit.case_id, asked.component, asked.name, typed)
    if case.state in CORRECTABLE and not case.restricted and asked.component != "field":
        correct(*place, token=token)
        return case_of(visit)
    return answer(*place, token=token, known=known).case


def _after(visit: Visit, case: Case, found: Sequence, number: int, checking: bool) -> str:
    """Where to go after a question."""
    if case.versions:
        return f"{mine(visit)}/answers"
    if checking or number >= len(found.questions):
        return f"{mine(visit)}/check"
    return f"{mine(visit)}/questions/{number + 1}"


def _not_an_answer(visit: Visit, asked: Question) -> list[tuple[str, str]]:
    if asked.options:
        return one_error(visit, "answer", "question.choose")
    return one_error(visit, "answer", "question.range", low=str(asked.lowest), high=str(asked.highest))


def _open_case(visit: Visit) -> Case:
    return _opened(visit).case


def _opened(visit: Visit) -> Known:
    known = known_of(visit)
    case = known.case
    require_old(visit, case)
    require(visit, case, OPEN)
    if visit.session is not None and "access" in visit.session.shown:
        raise ElsewhereError(f"{mine(visit)}/code")
    return known


def _asked(visit: Visit, found: Sequence, number: int) -> Question:
    if not 1 <= number <= len(found.questions):
        raise ElsewhereError(f"{mine(visit)}/questions")
    return found.questions[number - 1]


def _given(case: Case, asked: Question) -> tuple[str | None, str | None] | None:
    """What was answered: a code, or the reason for none; None where nothing was."""
    if asked.component == "field":
        field = case.fields.get(asked.name)
        return (field.value, None) if field is not None else None
    known = case.answers.get(asked.key)
    return None if known is None else (known.code, known.reason)


def _show(visit: Visit, case: Case, number: int, errors: Errors = None, checking: bool | None = None) -> Response:
    found = sequence(visit.programme, case)
    asked = _asked(visit, found, number)
    if checking is None:
        checking = visit.request.query_params.get("from") == "check"
    back = f"{mine(visit)}/questions/{number - 1}" if number > 1 else mine(visit)
    if checking:
        back = f"{mine(visit)}/check"
    if case.versions:
        back = f"{mine(visit)}/answers"
    given = _given(case, asked)
    chosen = next((o.code for o in asked.options if given and _same(o.code, o.reason, given)), None)
    return visit.page(
        "respondent/question.html",
        422 if errors else 200,
        programme=visit.programme,
        asked=asked,
        number=number,
        found=found,
        chosen=chosen if asked.options else (given[0] if given else None),
        **asking_words(visit.words),
        errors=errors,
        checking=checking,
        correcting=bool(case.versions),
        back=back,
        mine=mine(visit),
    )


def _same(code: str, reason: str | None, given: tuple[str | None, str | None]) -> bool:
    return given[1] == reason if reason else given[0] == code


def told_answers(visit: Visit, case: Case) -> list[dict[str, object]]:
    """Every question with its answer in words, for a list with links."""
    found = sequence(visit.programme, case)
    rows: list[dict[str, object]] = []
    for number, asked in enumerate(found.questions, 1):
        given = _given(case, asked)
        label = next(
            (option_text(visit.words, o) for o in asked.options if given and _same(o.code, o.reason, given)), ""
        )
        if not label and given is not None:
            label = given[0] or visit.words.say("answer.none")
        rows.append(
            {
                "number": number,
                "question": visit.words.pick(asked.wording),
                "answer": label or visit.words.say("answer.open"),
                "open": given is None,
            }
        )
    return rows


def check(visit: Visitor) -> Response:
    """Every answer before it counts, each with a link to change it."""
    case = _open_case(visit)
    if case.versions and case.state not in ANSWERING:
        return visit.go(f"{mine(visit)}/answers")
    return _check(visit, case)


def _check(visit: Visit, case: Case, errors: Errors = None) -> Response:
    return visit.page(
        "respondent/check.html",
        422 if errors else 200,
        programme=visit.programme,
        rows=told_answers(visit, case),
        left=len(unanswered(visit.programme, case)),
        errors=errors,
        back=mine(visit),
        mine=mine(visit),
    )


def finish_sent(visit: Visitor, form: Form) -> Response:
    """Measure. A form that is sent twice measures once."""
    with visit.begin().alone:
        known = _opened(visit)
        case = known.case
        if case.state in CORRECTABLE and case.state != "complete":
            return visit.go(f"{mine(visit)}/result")
        left = unanswered(visit.programme, case)
        leave = form.ticked("leave", "yes")
        if left and not leave:
            return _check(visit, case, one_error(visit, "leave", "check.open"))
        finish(visit.office, visit.person, visit.case_id, leave_rest=leave, known=known)
    return visit.go(f"{mine(visit)}/result")


def answers(visit: Visitor) -> Response:
    """The answers of a case that was measured, each to be put right."""
    case = case_of(visit)
    require_old(visit, case)
    if not case.versions and case.state in ANSWERING:
        return visit.go(right_page(visit, case))
    note = visit.begin().shown.pop("notice", None)
    return visit.page(
        "respondent/answers.html",
        programme=visit.programme,
        rows=told_answers(visit, case),
        can_change=case.state in OPEN,
        unfinished=case.state in ANSWERING,
        note=note,
        back=mine(visit),
        mine=mine(visit),
    )


ROUTES = (
    ("GET", "/p/{programme}/my/questions", first_open),
    ("GET", "/p/{programme}/my/questions/{number:int}", show),
    ("POST", "/p/{programme}/my/questions/{number:int}", save),
    ("GET", "/p/{programme}/my/check", check),
    ("POST", "/p/{programme}/my/check", finish_sent),
    ("GET", "/p/{programme}/my/answers", answers),
)

"""Taking somebody in who sits beside: the person chooses and answers, the caseworker types and is named.

The access code is shown once, for the person alone to take away; the caseworker's record says `assisted`.
"""

from fastapi.responses import Response

from evenhand.casework.roles import Actor
from evenhand.errors import CaseError, CodeError, EvenhandError
from evenhand.service.answer import answer, asking
from evenhand.service.finish import finish
from evenhand.service.questions import unanswered
from evenhand.service.take_part import take_part
from evenhand.web.faults import told
from evenhand.web.forms import Form, Sent
from evenhand.web.staff.cases import base, view_of
from evenhand.web.staff.marks import case_of_mark, mark_of
from evenhand.web.staff.who import me, note, page
from evenhand.web.visit import ElsewhereError, Visit, Visitor

Errors = list[tuple[str, str]]
OPEN = frozenset({"consented", "answering", "complete"})


def show(visit: Visitor) -> Response:
    """What is told to the person, their choices, and the invitation."""
    return _start(visit)


def sent(visit: Visitor, form: Form) -> Response:
    """Open the case."""
    programme = visit.programme
    language = form.text("language", 8)
    errors: Errors = []
    if not form.ticked("present", "yes"):
        errors.append(("present", visit.words.say("staff.assist.present-needed")))
    if form.text("district", 64) not in programme.district_keys():
        errors.append(("district", visit.words.say("staff.assist.choose-district")))
    if language not in programme.languages:
        errors.append(("language", visit.words.say("staff.assist.choose-language")))
    choices: dict[str, bool] = {
        each.name: form.ticked("purposes", each.name) for each in programme.notice.purposes
    }
    if not all(choices[each.name] for each in programme.notice.purposes if each.needed):
        errors.append(("purposes", visit.words.say("staff.assist.needed")))
    if errors:
        return _start(visit, errors, form)
    taken = visit.try_code()
    try:
        joined = take_part(
            visit.office,
            programme.name,
            invitation=form.text("invitation", 40),
            choices=choices,
            language=language,
            district=form.text("district", 64),
        )
    except CodeError as error:
        visit.right_code(taken)
        return _start(visit, _beside(visit, "invitation", error), form)
    except CaseError as error:
        return _start(visit, _beside(visit, "invitation", error), form)
    visit.right_code(taken)
    session = visit.begin()
    session.shown |= {"assisted-code": joined.access_code, "assisted-phrase": joined.recovery_phrase}
    return visit.go(f"{base(visit)}/assist/{_mark(visit, joined.actor)}/code")


def show_code(visit: Visitor, mark: str) -> Response:
    """The person's code and phrase, this once."""
    shown = visit.begin().shown
    if "assisted-code" not in shown:
        return visit.go(f"{base(visit)}/assist/{mark}")
    return page(
        visit,
        "staff/assist-code.html",
        programme=visit.programme,
        code=shown["assisted-code"],
        phrase=shown["assisted-phrase"],
        mark=mark,
        base=base(visit),
    )


def code_taken(visit: Visitor, mark: str, form: Form) -> Response:
    """The person has the code: it is shown no more."""
    if not form.ticked("written", "yes"):
        return visit.go(f"{base(visit)}/assist/{mark}/code")
    for name in ("assisted-code", "assisted-phrase"):
        visit.begin().shown.pop(name, None)
    return visit.go(f"{base(visit)}/assist/{mark}")


def question(visit: Visitor, mark: str) -> Response:
    """The next question, or the end."""
    return _question(visit, mark)


def answer_sent(visit: Visitor, mark: str, form: Form) -> Response:
    """Store what the person answered."""
    actor, case_id = _case(visit, mark)
    asked = asking(visit.office, actor, case_id)
    if asked is None or form.text("asked", 100) != ".".join(asked.key):
        return visit.go(f"{base(visit)}/assist/{mark}")
    typed, none = form.text("answer", 100), [("answer", visit.words.say("staff.assist.choose-answer"))]
    if not typed:
        return _question(visit, mark, none)
    try:
        answer(
            visit.office, actor, case_id, asked.component, asked.name, typed, token=form.once(".".join(asked.key))
        )
    except CaseError as error:
        if error.code not in {"answer.not-an-option", "answer.not-a-number"}:
            raise
        return _question(visit, mark, none)
    return visit.go(f"{base(visit)}/assist/{mark}")


def finish_sent(visit: Visitor, mark: str, form: Form) -> Response:  # noqa: ARG001 - a form, so that no link does it
    """Measure what was answered; what was left out stays unknown."""
    actor, case_id = _case(visit, mark)
    finish(visit.office, actor, case_id, leave_rest=True)
    note(visit, "staff.assist.finished")
    return visit.go(f"{base(visit)}/cases/{mark}")


def _start(visit: Visit, errors: Errors | None = None, form: Sent | None = None) -> Response:
    districts = [each for region in visit.programme.areas.regions for each in region.districts]
    return page(
        visit,
        "staff/assist.html",
        422 if errors else 200,
        programme=visit.programme,
        districts=districts,
        errors=errors,
        sent=form,
        base=base(visit),
        back=f"{base(visit)}/queue",
    )


def _question(visit: Visit, mark: str, errors: Errors | None = None) -> Response:
    actor, case_id = _case(visit, mark)
    asked = asking(visit.office, actor, case_id)
    view = view_of(visit, mark)
    return page(
        visit,
        "staff/assist-question.html",
        422 if errors else 200,
        programme=view.programme,
        asked=asked,
        asked_key=".".join(asked.key) if asked else "",
        left=len(unanswered(view.programme, view.case)),
        pseudonym=view.file.pseudonym,
        errors=errors,
        mark=mark,
        base=base(visit),
    )


def _case(visit: Visit, mark: str) -> tuple[Actor, str]:
    view = view_of(visit, mark)
    if view.case.state not in OPEN:
        raise ElsewhereError(f"{base(visit)}/cases/{mark}")
    actor = me(visit)
    return actor, case_of_mark(visit, actor, mark)


def _mark(visit: Visit, person: Actor) -> str:
    assert person.case is not None  # noqa: S101 - a case was opened for them
    with visit.office.store.reading() as reading:
        return mark_of(visit, reading.case_file(person.case).pseudonym)


def _beside(visit: Visit, field: str, error: EvenhandError) -> Errors:
    what, _, mend = told(visit.words, error)
    return [(field, f"{what} {mend}".strip())]


ROUTES = (
    ("GET", "/staff/p/{programme}/assist", show),
    ("POST", "/staff/p/{programme}/assist", sent),
    ("GET", "/staff/p/{programme}/assist/{mark}/code", show_code),
    ("POST", "/staff/p/{programme}/assist/{mark}/code", code_taken),
    ("GET", "/staff/p/{programme}/assist/{mark}", question),
    ("POST", "/staff/p/{programme}/assist/{mark}", answer_sent),
    ("POST", "/staff/p/{programme}/assist/{mark}/finish", finish_sent),
)

"""What the person does alone: contest, consent anew, contact, pause, leave, erase, take a copy."""

from typing import Any

from fastapi.responses import Response

from evenhand.casework.appeal import LONGEST
from evenhand.casework.case import Case
from evenhand.errors import CaseError
from evenhand.service.appeal import open_appeal
from evenhand.service.my_case import export_csv, export_json, see
from evenhand.service.rights import LONGEST_CONTACT, erase, restrict, set_contact, withdraw
from evenhand.service.take_part import change_consent
from evenhand.store.receiptfile import write_receipt
from evenhand.web.forms import Form
from evenhand.web.respondent.case import FREEZABLE
from evenhand.web.respondent.steps import base, case_of, field_error, mine, one_error, require, require_old
from evenhand.web.visit import Visit, Visitor

Errors = list[tuple[str, str]] | None
CONTESTABLE = frozenset({"offer", "waiting", "not_this_round"})


def _page(visit: Visit, name: str, case: Case, errors: Errors = None, **context: Any) -> Response:
    context = {"programme": visit.programme, "case": case, "back": mine(visit), "mine": mine(visit), **context}
    return visit.page(f"respondent/{name}.html", 422 if errors else 200, errors=errors, **context)


def _noted(visit: Visit, key: str) -> Response:
    """Back to the case, which says what was done."""
    visit.begin().shown["notice"] = f"notice.{key}"
    return visit.go(mine(visit))


def appeal(visit: Visitor) -> Response:
    """Contest the decision."""
    case = case_of(visit)
    require(visit, case, CONTESTABLE)
    return _page(visit, "appeal", case, text="")


def send_appeal(visit: Visitor, form: Form) -> Response:
    """Open an appeal, with words or without."""
    case = case_of(visit)
    require(visit, case, CONTESTABLE)
    text = form.text("words", LONGEST)
    if len(text) > LONGEST:
        return _page(visit, "appeal", case, one_error(visit, "words", "words.long"), text=text[:LONGEST])
    with visit.begin().alone:
        try:
            open_appeal(
                visit.office,
                visit.person,
                visit.case_id,
                words=text,
                on_behalf=form.ticked("behalf", "yes"),
                token=form.once("appeal"),
            )
        except CaseError as error:
            return _page(visit, "appeal", case, field_error(visit, error, "words"), text=text)
    return _noted(visit, "appealed")


def consent(visit: Visitor) -> Response:
    """Choose anew."""
    case = _active(visit)
    chosen = [name for name, agreed in (case.consent.purposes if case.consent else {}).items() if agreed]
    return _page(visit, "my_consent", case, chosen=chosen)


def send_consent(visit: Visitor, form: Form) -> Response:
    """Keep the new choices. What is needed is ended by leaving, which is one step as well."""
    with visit.begin().alone:
        case = _active(visit)
        purposes = visit.programme.notice.purposes
        choices: dict[str, bool] = {
            each.name: each.needed or form.ticked("purpose", each.name) for each in purposes
        }
        before = case.consent.purposes if case.consent else {}
        if choices != {name: bool(before.get(name)) for name in choices}:
            change_consent(visit.office, visit.person, visit.case_id, choices)
            if not choices.get("messages") and case.contact is not None:
                set_contact(visit.office, visit.person, visit.case_id, None)
    return _noted(visit, "consent")


def contact(visit: Visitor) -> Response:
    """Where messages go."""
    case = _active(visit)
    if not case.agreed("messages"):
        return visit.go(f"{mine(visit)}/consent")
    return _page(visit, "contact", case, text=case.contact or "")


def send_contact(visit: Visitor, form: Form) -> Response:
    """Give a contact, or take it out."""
    with visit.begin().alone:
        case = _active(visit)
        text = form.text("contact", LONGEST_CONTACT)
        wanted = None if form.text("remove") or not text else " ".join(text.split())
        if wanted == case.contact:
            return _noted(visit, "contact-same")
        try:
            set_contact(visit.office, visit.person, visit.case_id, wanted)
        except CaseError as error:
            return _page(visit, "contact", case, field_error(visit, error, "contact"), text=text[:LONGEST_CONTACT])
    return _noted(visit, "contact" if wanted else "contact-out")


def _active(visit: Visit) -> Case:
    case = case_of(visit)
    require_old(visit, case)
    require(visit, case, FREEZABLE)
    return case


def pause(visit: Visitor) -> Response:
    """Freeze the use of the case, or lift the freeze."""
    case = case_of(visit)
    require(visit, case, FREEZABLE)
    return _page(visit, "pause", case)


def send_pause(visit: Visitor, form: Form) -> Response:
    """The same again is no event."""
    with visit.begin().alone:
        case = case_of(visit)
        require(visit, case, FREEZABLE)
        wanted = form.text("on") == "yes"
        if case.restricted != wanted:
            restrict(visit.office, visit.person, visit.case_id, on=wanted)
    return _noted(visit, "paused" if wanted else "resumed")


def leave(visit: Visitor) -> Response:
    """Take no further part."""
    case = case_of(visit)
    if case.state == "withdrawn":
        return visit.go(mine(visit))
    return _page(visit, "leave", case)


def send_leave(visit: Visitor, form: Form) -> Response:  # noqa: ARG001 - it is a form without fields
    """One step, as consent was."""
    with visit.begin().alone:
        if case_of(visit).state != "withdrawn":
            withdraw(visit.office, visit.person, visit.case_id)
    return _noted(visit, "left")


def erase_page(visit: Visitor) -> Response:
    """Erase everything."""
    return _page(visit, "erase", case_of(visit))


def send_erase(visit: Visitor, form: Form) -> Response:  # noqa: ARG001 - it is a form without fields
    """Erase; a new session keeps the receipt, and nothing of the case."""
    session, case_id = visit.begin(), visit.case_id
    with session.alone:
        gone = erase(visit.office, visit.person, case_id)
        session = visit.sign_in()
        session.case_id, session.draft = None, {}
        session.shown = {"receipt": write_receipt(gone.receipt), "told": str(len(gone.told))}
        visit.web.sessions.end_case(case_id)
    return visit.go(f"/p/{visit.name}/erased")


def erased(visit: Visitor) -> Response:
    """It is gone; here is the receipt."""
    shown = visit.begin().shown
    if "receipt" not in shown:
        return visit.go(base(visit))
    return visit.page("respondent/erased.html", programme=visit.programme, told=shown.get("told", "0"))


def receipt(visit: Visitor) -> Response:
    """The receipt as a file, while the session lasts."""
    text = visit.begin().shown.get("receipt")
    if text is None:
        return visit.go(base(visit))
    return _file(text, "application/json", "evenhand-receipt.json")


def download(visit: Visitor) -> Response:
    """What can be taken away."""
    return _page(visit, "download", case_of(visit))


def as_json(visit: Visitor) -> Response:
    """Everything that is held, as JSON."""
    return _file(export_json(see(visit.office, visit.person, visit.case_id)), "application/json", "my-case.json")


def as_csv(visit: Visitor) -> Response:
    """The same as CSV."""
    return _file(export_csv(see(visit.office, visit.person, visit.case_id)), "text/csv", "my-case.csv")


def _file(text: str, media: str, name: str) -> Response:
    return Response(text, media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'})


ROUTES = (
    ("GET", "/p/{programme}/my/appeal", appeal),
    ("POST", "/p/{programme}/my/appeal", send_appeal),
    ("GET", "/p/{programme}/my/consent", consent),
    ("POST", "/p/{programme}/my/consent", send_consent),
    ("GET", "/p/{programme}/my/contact", contact),
    ("POST", "/p/{programme}/my/contact", send_contact),
    ("GET", "/p/{programme}/my/pause", pause),
    ("POST", "/p/{programme}/my/pause", send_pause),
    ("GET", "/p/{programme}/my/leave", leave),
    ("POST", "/p/{programme}/my/leave", send_leave),
    ("GET", "/p/{programme}/my/erase", erase_page),
    ("POST", "/p/{programme}/my/erase", send_erase),
    ("GET", "/p/{programme}/erased", erased),
    ("GET", "/p/{programme}/erased/receipt.json", receipt),
    ("GET", "/p/{programme}/my/download", download),
    ("GET", "/p/{programme}/my/download/my-case.json", as_json),
    ("GET", "/p/{programme}/my/download/my-case.csv", as_csv),
)

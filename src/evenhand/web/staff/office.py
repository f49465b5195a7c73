"""The administrator's pages: staff and roles, partners' tokens, checkpoints, the sweep. No case anywhere."""

from collections.abc import Callable
from typing import Any

from fastapi.responses import Response

from evenhand.casework.roles import STAFF_ROLES
from evenhand.errors import CaseError
from evenhand.service.keeping import office_facts
from evenhand.service.staff import add_staff, change_roles, disable_staff, list_staff
from evenhand.service.sweep import sweep
from evenhand.service.tokens import list_tokens, revoke_token
from evenhand.web.faults import told
from evenhand.web.forms import Form, Sent
from evenhand.web.staff.who import me, note, page
from evenhand.web.visit import Visit, Visitor

Errors = list[tuple[str, str]]


def show_people(visit: Visitor) -> Response:
    """Staff and their roles."""
    return _people(visit)


def add_sent(visit: Visitor, form: Form) -> Response:
    """Add a member of staff."""
    name = form.text("name", 32)
    return _change(visit, form, "name", lambda: add_staff(visit.office, me(visit).id, name, _roles(form)))


def change_sent(visit: Visitor, form: Form) -> Response:
    """Give a member other roles, or shut them out."""
    name = form.text("member", 32)
    if form.text("step", 20) == "disable":
        return _change(visit, form, "member", lambda: disable_staff(visit.office, me(visit), name))
    return _change(
        visit, form, "member", lambda: change_roles(visit.office, me(visit), name, _roles(form, "new-roles"))
    )


def show_office(visit: Visitor) -> Response:
    """What the office holds, and what is done by hand."""
    return page(visit, "staff/office.html", facts=office_facts(visit.office), back="/staff")


def checkpoint_sent(visit: Visitor, form: Form) -> Response:  # noqa: ARG001 - a form, so that no link does it
    """Sign the ledger as it stands."""
    visit.office.store.checkpoint(visit.office.clock())
    note(visit, "staff.office.signed")
    return visit.go("/staff/office")


def sweep_sent(visit: Visitor, form: Form) -> Response:  # noqa: ARG001 - as before
    """Erase what is past its date."""
    done = sweep(visit.office, me(visit))
    note(visit, "staff.office.swept" if any(each.cases or each.fields for each in done) else "staff.office.clean")
    return visit.go("/staff/office")


def show_tokens(visit: Visitor) -> Response:
    """Partners' tokens; new ones are made at the command line, where they are shown once."""
    return page(visit, "staff/tokens.html", rows=list_tokens(visit.office, me(visit)), back="/staff")


def revoke_sent(visit: Visitor, form: Form) -> Response:
    """Shut a token."""
    try:
        revoke_token(visit.office, me(visit), form.text("id", 16))
    except CaseError as error:
        if error.code != "token.unknown":
            raise
    note(visit, "staff.tokens.revoked")
    return visit.go("/staff/tokens")


def _roles(form: Sent, field: str = "roles") -> tuple[str, ...]:
    return tuple(each for each in STAFF_ROLES if form.ticked(field, each))


def _change(visit: Visit, form: Sent, field: str, step: Callable[[], Any]) -> Response:
    try:
        step()
    except CaseError as error:
        if not error.code.startswith("staff."):
            raise
        return _people(visit, [(field, " ".join(part for part in told(visit.words, error) if part))], form)
    note(visit, "staff.people.changed")
    return visit.go("/staff/people")


def _people(visit: Visit, errors: Errors | None = None, form: Sent | None = None) -> Response:
    return page(
        visit,
        "staff/people.html",
        422 if errors else 200,
        members=list_staff(visit.office, me(visit)),
        roles=STAFF_ROLES,
        errors=errors,
        sent=form,
        back="/staff",
    )


ROUTES = (
    ("GET", "/staff/people", show_people),
    ("POST", "/staff/people", add_sent),
    ("POST", "/staff/people/change", change_sent),
    ("GET", "/staff/office", show_office),
    ("POST", "/staff/office/checkpoint", checkpoint_sent),
    ("POST", "/staff/office/sweep", sweep_sent),
    ("GET", "/staff/tokens", show_tokens),
    ("POST", "/staff/tokens/revoke", revoke_sent),
)

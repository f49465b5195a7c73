"""A partner's pages: its own figures, invitations to hand out, collection codes. Never who took part."""

from datetime import date

from fastapi import FastAPI
from fastapi.responses import Response

from evenhand.casework.roles import Actor
from evenhand.errors import CaseError, CodeError, WebError
from evenhand.report.qr import qr_svg
from evenhand.service.collect import present
from evenhand.service.invite import invite
from evenhand.service.partners import partner_view
from evenhand.service.tokenbook import Scope, TokenRow
from evenhand.service.tokens import find_token, partner_of
from evenhand.web.forms import Form, Sent
from evenhand.web.visit import Visit, Visitor

SIGN_IN = "/partner/sign-in"
START = "/partner"
MOST = 200
"""Invitations at once on a page: a stack of sheets. More come by the API or the command."""

PREFIX = "token:"
"""Stands before the token's id among the roles of a session; it is the name of no role."""

Errors = list[tuple[str, str]]


def partner_roles(visit: Visit) -> frozenset[str]:
    """The role of a visitor who signed in with a partner's token that still opens something."""
    return frozenset({"partner"}) if _row(visit) is not None else frozenset()


def show_sign_in(visit: Visitor) -> Response:
    """The form for the token."""
    return visit.page("partner/sign-in.html")


def sign_in_sent(visit: Visitor, form: Form) -> Response:
    """Sign in with a token."""
    taken = visit.try_code()
    token = form.text("token", 100)
    row = find_token(visit.office, token)
    if row is None:
        return visit.page(
            "partner/sign-in.html", 422, errors=[("token", visit.words.say("partner.sign-in.wrong"))]
        )
    visit.right_code(taken)
    visit.sign_out()
    session = visit.sign_in()
    session.staff, session.roles = row.partner, frozenset({PREFIX + row.id})
    return visit.go(START)


def sign_out(visit: Visitor, form: Form) -> Response:  # noqa: ARG001 - a form, so that no link signs out
    """Sign out."""
    visit.sign_out()
    return visit.go(SIGN_IN)


def start(visit: Visitor) -> Response:
    """The partner's own figures and what it can do."""
    return _start(visit)


def invite_sent(visit: Visitor, form: Form) -> Response:
    """Issue invitations; their sheets are shown until the partner is done with them."""
    row, actor = _open(visit, "invite")
    count, district = form.text("count", 6), form.text("district", 64)
    with visit.office.store.reading() as reading:
        programme = visit.office.programme(reading, row.programme)
    errors: Errors = []
    if not (count.isascii() and count.isdigit() and 1 <= int(count) <= MOST):
        errors.append(("count", visit.words.say("partner.invite.count-wrong", most=str(MOST))))
    if district and district not in programme.district_keys():
        errors.append(("district", visit.words.say("partner.invite.district-wrong")))
    if visit.office.clock().date() > date.fromisoformat(programme.dates.intake_closes.isoformat()):
        errors.append(("count", visit.words.say("partner.invite.closed")))
    if errors:
        return _start(visit, errors, form)
    made = invite(
        visit.office, actor, row.programme, partner=row.partner, count=int(count), district=district or None
    )
    visit.begin().shown |= {"sheets": "\n".join(made.codes), "until": made.expires}
    return visit.go("/partner/sheets")


def sheets(visit: Visitor) -> Response:
    """Invitations to print and cut, each with a QR picture of the programme's address."""
    row, _ = _open(visit, "invite")
    shown = visit.begin().shown
    if "sheets" not in shown:
        return visit.go(START)
    address = f"{str(visit.request.base_url).rstrip('/')}/p/{row.programme}"
    with visit.office.store.reading() as reading:
        programme = visit.office.programme(reading, row.programme)
    return visit.page(
        "partner/sheets.html",
        of=programme,
        codes=shown["sheets"].splitlines(),
        until=shown["until"],
        address=address,
        qr=qr_svg(address, title=visit.words.say("partner.sheets.qr")),
        partner=row.partner,
    )


def sheets_done(visit: Visitor, form: Form) -> Response:  # noqa: ARG001 - as before
    """The sheets are printed: the codes are shown no more."""
    for name in ("sheets", "until"):
        visit.begin().shown.pop(name, None)
    return visit.go(START)


def collect_sent(visit: Visitor, form: Form) -> Response:
    """Redeem a collection code: which support does it name?"""
    row, actor = _open(visit, "collect")
    taken = visit.try_code()
    try:
        support = present(visit.office, actor, row.programme, form.text("code", 40))
    except CodeError:
        visit.right_code(taken)
        return _start(visit, [("code", visit.words.say("partner.collect.mistyped"))])
    except CaseError:
        return _start(visit, [("code", visit.words.say("partner.collect.nothing"))])
    visit.right_code(taken)
    visit.begin().shown["support"] = support
    return visit.go(START)


def _start(visit: Visit, errors: Errors | None = None, form: Sent | None = None) -> Response:
    row = _row(visit)
    if row is None:
        return visit.go(SIGN_IN)
    with visit.office.store.reading() as reading:
        programme = visit.office.programme(reading, row.programme)
    support = visit.begin().shown.pop("support", "")
    kind = next((each for each in programme.support if each.name == support), None)
    return visit.page(
        "partner/start.html",
        422 if errors else 200,
        of=programme,
        row=row,
        view=partner_view(visit.office, partner_of(row), row.programme),
        kinds={each.name: each.title for each in programme.support},
        districts=[each for region in programme.areas.regions for each in region.districts],
        handed=visit.words.pick(kind.title) if kind else "",
        waiting="sheets" in visit.begin().shown,
        most=MOST,
        errors=errors,
        sent=form,
    )


def _row(visit: Visit) -> TokenRow | None:
    """The partner's token, looked up again with every request."""
    held = visit.session.roles if visit.session is not None else frozenset[str]()
    name = next((each.removeprefix(PREFIX) for each in held if each.startswith(PREFIX)), None)
    if name is None:
        return None
    today = visit.office.clock().date()
    found = next((each for each in visit.office.tokens.rows() if each.id == name), None)
    usable = found is not None and found.revoked_at is None and today <= date.fromisoformat(found.expires)
    return found if usable else None


def _open(visit: Visit, scope: Scope) -> tuple[TokenRow, Actor]:
    row = _row(visit)
    if row is None or scope not in row.scopes:
        raise WebError("web.not-yours", "This page is not yours to open.", mend="Ask for a token that opens it.")
    return row, partner_of(row)


def prepare(app: FastAPI) -> None:
    """Let the app know partners."""
    app.state.web.identify.append(partner_roles)
    app.state.web.sign_in_paths["partner"] = SIGN_IN


ROUTES = (
    ("GET", SIGN_IN, show_sign_in),
    ("POST", SIGN_IN, sign_in_sent),
    ("POST", "/partner/sign-out", sign_out),
    ("GET", START, start),
    ("POST", "/partner/invitations", invite_sent),
    ("GET", "/partner/sheets", sheets),
    ("POST", "/partner/sheets", sheets_done),
    ("POST", "/partner/collect", collect_sent),
)

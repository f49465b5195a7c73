"""The API for partners: issue invitations, redeem collection codes, read statistics. Nothing about who took part.

Every answer is JSON; no message repeats what was sent. A token opens what its scopes say, in one programme.
"""

from typing import TypeVar

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool

from evenhand.errors import CaseError, CodeError, WebError
from evenhand.service.collect import present
from evenhand.service.invite import invite
from evenhand.service.partners import partner_view
from evenhand.service.public_statistics import JSON as STATISTICS
from evenhand.service.public_statistics import show, statistics_files
from evenhand.service.tokenbook import Scope, TokenRow
from evenhand.service.tokens import find_token, partner_of
from evenhand.web.api.models import Collected, Collection, Figures, InvitationOrder, Issued
from evenhand.web.api.openapi import document
from evenhand.web.visit import Visit, Visitor

BASE = "/api/v1"
Body = TypeVar("Body", bound=BaseModel)


def api_roles(visit: Visit) -> frozenset[str]:
    """The role `api`, for who shows a token that opens something; asked only on the API's own paths.

    Raises:
        WebError: no token, or one that opens nothing.
    """
    if not visit.request.url.path.startswith(f"{BASE}/"):
        return frozenset()
    kind, _, token = visit.request.headers.get("authorization", "").partition(" ")
    row = find_token(visit.office, token.strip()) if kind.lower() == "bearer" and token else None
    if row is None:
        raise WebError(
            "api.token",
            "There is no token, or it opens nothing.",
            mend="Send a token that is in force: Authorization: Bearer ….",
        )
    visit.request.state.token = row
    return frozenset({"api"})


async def issue(visit: Visitor, request: Request) -> Response:
    """Issue invitations to the partner whose token it is."""
    row = _token(visit, "invite")
    order = await _body(request, InvitationOrder)
    return await run_in_threadpool(lambda: _issue(visit, row, order))


def _issue(visit: Visit, row: TokenRow, order: InvitationOrder) -> Response:
    with visit.office.store.reading() as reading:
        programme = visit.office.programme(reading, row.programme)
    if order.district is not None and order.district not in programme.district_keys():
        raise _refused(
            "api.district", "The programme has no such district.", "Name one of the programme's districts."
        )
    if visit.office.clock().date() > programme.dates.intake_closes:
        raise _refused(
            "api.closed", "The programme takes nobody in any more.", "Ask the office about the next one."
        )
    made = invite(
        visit.office,
        partner_of(row),
        row.programme,
        partner=row.partner,
        count=order.count,
        district=order.district,
    )
    return _json(Issued(codes=made.codes, expires=made.expires), 201)


async def collect(visit: Visitor, request: Request) -> Response:
    """Redeem a collection code: the kind of support, and nothing else. The code is used up by it."""
    row = _token(visit, "collect")
    sent = await _body(request, Collection)
    return await run_in_threadpool(lambda: _collect(visit, row, sent))


def _collect(visit: Visit, row: TokenRow, sent: Collection) -> Response:
    taken = visit.try_code()
    try:
        support = present(visit.office, partner_of(row), row.programme, sent.code)
    except CodeError as error:
        visit.right_code(taken)
        raise _refused("api.code", "This cannot be a collection code.", "Look at the code again.") from error
    except CaseError as error:
        raise _refused(
            "api.code-nothing", "This code collects nothing.", "Ask the person to make a new one on their page."
        ) from error
    visit.right_code(taken)
    return _json(Collected(support=support))


def figures(visit: Visitor) -> Response:
    """The partner's own figures."""
    row = _token(visit, "invite", "collect")
    found = partner_view(visit.office, partner_of(row), row.programme)
    return _json(
        Figures(
            partner=found.partner,
            programme=row.programme,
            issued=found.issued,
            presented=found.presented,
            erased=found.erased,
        )
    )


def statistics(visit: Visitor) -> Response:
    """The programme's published statistics, as the public file has them."""
    row = _token(visit, "statistics")
    return Response(statistics_files(show(visit.office, row.programme))[STATISTICS], media_type="application/json")


def openapi(visit: Visitor) -> Response:  # noqa: ARG001 - every handler takes a visit
    """This API's description, for holders of a token."""
    return JSONResponse(document())


def _token(visit: Visit, *scopes: Scope) -> TokenRow:
    row = visit.request.state.token
    assert isinstance(row, TokenRow)  # noqa: S101 - the guard put it there
    if not set(scopes) & set(row.scopes):
        raise WebError(
            "api.scope",
            "The token does not open this.",
            mend=f"Ask for a token with the scope {' or '.join(scopes)}.",
        )
    return row


async def _body(request: Request, model: type[Body]) -> Body:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise WebError("api.media", "The body is not JSON.", mend="Send it as application/json.")
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        known = sorted({str(each["loc"][0]) for each in error.errors() if each["loc"]} & set(model.model_fields))
        raise WebError(
            "api.body",
            "The body is not as it must be.",
            mend=f"Look at the description of {model.__name__}"
            + (f", fields {', '.join(known)}." if known else "; it has no other fields."),
        ) from None


def _refused(code: str, what: str, mend: str) -> WebError:
    return WebError(code, what, mend=mend)


def _json(body: BaseModel, status: int = 200) -> Response:
    return Response(body.model_dump_json(), status, media_type="application/json")


def prepare(app: FastAPI) -> None:
    """Let the app know tokens."""
    app.state.web.identify.append(api_roles)


ROUTES = (
    ("POST", f"{BASE}/invitations", issue),
    ("POST", f"{BASE}/collections", collect),
    ("GET", f"{BASE}/figures", figures),
    ("GET", f"{BASE}/statistics", statistics),
    ("GET", f"{BASE}/openapi.json", openapi),
)

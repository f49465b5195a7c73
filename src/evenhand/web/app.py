"""The app: every route, behind the guard, from one committed list."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp

from evenhand.service.office import Office
from evenhand.version import __version__
from evenhand.web import api, home, ops, partner, public, respondent, staff
from evenhand.web.faults import bare_page, fault_body
from evenhand.web.limits import Counter, Tries
from evenhand.web.logs import make_log
from evenhand.web.pages import STATIC, asset
from evenhand.web.routes import Table, read_table, require_listed
from evenhand.web.security import Guard
from evenhand.web.sessions import MemorySessions
from evenhand.web.settings import WebSettings
from evenhand.web.texts import chosen_language, words
from evenhand.web.visit import GuardedRoute, Web

Route = tuple[str, str, Callable[..., Any]]
"""Method, path template and handler."""

ROUTES: tuple[Route, ...] = (
    *respondent.ROUTES,
    *home.ROUTES,
    *ops.ROUTES,
    *public.ROUTES,
    *staff.ROUTES,
    *partner.ROUTES,
    *api.ROUTES,
)
"""Every route there is. A part of the service adds its own `ROUTES` here, and its lines to `routes.txt`."""


def make_app(
    office: Office,
    settings: WebSettings | None = None,
    *,
    log: Any = None,
    table: Table | None = None,
    routes: Iterable[Route] = ROUTES,
) -> FastAPI:
    """Make the service.

    Args:
        office: where cases are kept.
        settings: see `WebSettings`; HTTPS is assumed unless they say otherwise.
        log: takes one line for each request; standard error when left out.
        table: who may use which route; the committed list when left out.
        routes: what is served; for tests of the guard.

    Raises:
        WebError: a route that is not in the list, or a file of the pages that was not fetched.
    """
    settings = settings or WebSettings()
    for name in STATIC:
        asset(name)
    app = _Service(
        title="Evenhand", version=__version__, docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan
    )
    app.router.route_class = GuardedRoute
    app.router.redirect_slashes = False
    for method, path, handler in routes:
        app.router.add_api_route(
            path, handler, methods=[method], response_model=None, include_in_schema=path.startswith("/api/")
        )
    limits = settings.limits
    app.state.meters, app.state.log = ops.Meters(), log or make_log()
    app.state.web = Web(
        office=office,
        settings=settings,
        sessions=MemorySessions(settings),
        table=table or read_table(),
        tries=Tries(limits.tries_per_address, limits.tries_overall, limits.tries_window.total_seconds()),
        by_session=Counter(60),
        identify=[ops.holds_token],
    )
    for part in (staff, partner, api):
        part.prepare(app)
    require_listed(app, app.state.web.table)
    app.add_exception_handler(HTTPException, _unrouted)
    app.add_middleware(Guard, settings=settings, log=app.state.log, watcher=app.state.meters)
    return app


class _Service(FastAPI):
    """FastAPI without the layers that the guard stands for: it limits bodies, and answers and tells of errors."""

    def build_middleware_stack(self) -> ASGIApp:
        """The guard, what turns an HTTP error into a page, and FastAPI's keeper of uploads."""
        handlers = dict(self.exception_handlers)
        found: ASGIApp = ExceptionMiddleware(AsyncExitStackMiddleware(self.router), handlers=handlers)
        for layer, arguments, options in reversed(self.user_middleware):
            found = layer(found, *arguments, **options)
        return found


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """At the end, delete what was uploaded."""
    yield
    staff.end(app)


def _unrouted(request: Request, error: Exception) -> Response:
    """No such route, or not with that method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = {"allow": ", ".join(_methods(request))} if status == 405 else {}
    if request.url.path.startswith("/api/"):
        return Response(fault_body(status), status, headers, media_type="application/json")
    name = "__Host-language" if request.app.state.web.settings.secure else "language"
    language = chosen_language(request.cookies.get(name, ""), request.headers.get("accept-language", ""))
    return HTMLResponse(bare_page(words(language), status), status, headers=headers)


def _methods(request: Request) -> list[str]:
    """What can be done at an address (RFC 9110 15.5.6)."""
    routes = [each for each in request.app.routes if isinstance(each, APIRoute)]
    fits = [each for each in routes if each.matches(request.scope)[0] is not Match.NONE]
    return sorted(set().union(*(each.methods or () for each in fits)))

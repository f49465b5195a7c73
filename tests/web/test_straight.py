"""The short way to a handler: only where all that it asks for is known."""

import asyncio
import threading
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from evenhand.web.app import ROUTES
from evenhand.web.straight import straight

Marked = "a mark"


async def _ask(_request: Request) -> str:
    return "asked"


def _request(**path: object) -> Request:
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [], "path_params": path})


def _text(handler: Any, path: dict[str, type], **given: object) -> str:
    found = straight(handler, path, {Marked: _ask})
    assert found is not None
    return bytes(asyncio.run(_wait(found, given)).body).decode()


async def _wait(found: Any, given: dict[str, object]) -> Response:
    response = await found(_request(**given))
    assert isinstance(response, Response)
    return response


def test_a_handler_gets_what_is_known_and_what_the_path_says() -> None:
    def handler(what: Marked, number: int) -> Response:  # type: ignore[valid-type]  # the mark stands for an annotated type
        return PlainTextResponse(f"{what} {number + 1}")

    assert _text(handler, {"number": int}, number=4) == "asked 5"


def test_a_plain_function_runs_in_a_thread_and_a_coroutine_function_does_not() -> None:
    here = threading.get_ident()

    def plain() -> Response:
        return PlainTextResponse(str(threading.get_ident() == here))

    async def waits() -> Response:
        return PlainTextResponse(str(threading.get_ident() == here))

    assert _text(plain, {}) == "False"
    assert _text(waits, {}) == "True"


def test_a_number_that_the_router_reads_as_text_goes_the_long_way() -> None:
    def handler(number: int) -> Response:
        return PlainTextResponse(str(number))

    assert straight(handler, {"number": str}, {}) is None


def test_what_nobody_knows_goes_the_long_way() -> None:
    def handler(other: str) -> Response:
        return PlainTextResponse(other)

    assert straight(handler, {}, {Marked: _ask}) is None


def test_what_may_be_left_out_goes_the_long_way() -> None:
    def handler(mark: str = "") -> Response:
        return PlainTextResponse(mark)

    assert straight(handler, {"mark": str}, {}) is None


def test_every_page_but_uploads_goes_the_short_way() -> None:
    from fastapi import FastAPI
    from fastapi.routing import APIRoute

    from evenhand.web.visit import GuardedRoute, way_to

    app = FastAPI()
    app.router.route_class = GuardedRoute
    for method, path, handler in ROUTES:
        app.router.add_api_route(path, handler, methods=[method], response_model=None)
    routes = [each for each in app.routes if isinstance(each, APIRoute)]
    long = {f"{min(each.methods or ())} {each.path}" for each in routes if way_to(each) is None}
    assert long == {"POST /staff/calibrations", "POST /api/v1/invitations", "POST /api/v1/collections"}

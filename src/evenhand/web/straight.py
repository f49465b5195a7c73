"""The short way from a page's route to its handler, for what every page of ours asks for: visit, form, path.

FastAPI solves a handler's dependencies anew for each request, which a page with three known arguments does not
need (decision 0091). The API for partners and uploads go FastAPI's way.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

Handle = Callable[[Request], Awaitable[Response]]
Ask = Callable[[Request], Awaitable[Any]]

WORKERS = 16
"""Requests worked on at once; others wait in line, where they cost nothing. More of them share a transaction while
the disk is slow, and get in each other's way while it is quick (decision 0094)."""


@cache
def threads() -> ThreadPoolExecutor:
    """The threads that handlers run in, for every app of the process."""
    return ThreadPoolExecutor(WORKERS, "page")


def straight(handler: Callable[..., Any], path: Mapping[str, type], known: Mapping[Any, Ask]) -> Handle | None:
    """What calls a handler with a request.

    Args:
        handler: takes what is in `path` and in `known`; in a thread, unless it is a coroutine function.
        path: type of each parameter of the route's path, as the router reads it.
        known: for each annotation, how to get what it names.

    Returns:
        None where the handler asks for anything else.
    """
    asked = inspect.signature(handler).parameters
    ways: dict[str, Ask] = {}
    places: list[str] = []
    for name, each in asked.items():
        if path.get(name) is each.annotation and each.default is each.empty:
            places.append(name)
        elif each.annotation in known:
            ways[name] = known[each.annotation]
        else:
            return None
    waits = inspect.iscoroutinefunction(handler)

    async def handle(request: Request) -> Response:
        given = {name: request.path_params[name] for name in places}
        for name, ask in ways.items():
            given[name] = await ask(request)
        if waits:
            found = await handler(**given)
        else:
            found = await asyncio.get_running_loop().run_in_executor(threads(), partial(handler, **given))
        assert isinstance(found, Response)  # noqa: S101 - every handler makes its own response
        return found

    return handle

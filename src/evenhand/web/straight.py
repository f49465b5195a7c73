"""The short way from a page's route to its handler, for what every page of ours asks for: visit, form, path.

FastAPI solves a handler's dependencies anew for each request, which a page with three known arguments does not
need (decision 0091). The API for partners and uploads go FastAPI's way.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

Handle = Callable[[Request], Awaitable[Response]]
Ask = Callable[[Request], Awaitable[Any]]


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
        found = await handler(**given) if waits else await run_in_threadpool(handler, **given)
        assert isinstance(found, Response)  # noqa: S101 - every handler makes its own response
        return found

    return handle

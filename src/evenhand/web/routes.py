"""Who may use which route. `routes.txt` is the committed list; a route that is not in it does not serve."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from fastapi import FastAPI
from fastapi.routing import APIRoute

from evenhand.errors import WebError

WebRole = Literal[
    "public", "respondent", "partner", "caseworker", "analyst", "auditor", "administrator", "ops", "api"
]
ROLES: tuple[WebRole, ...] = get_args(WebRole)
"""`public` is everybody; `ops` holds the operator's token, `api` a partner's."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """Roles by (method, path template)."""

    rows: Mapping[Key, frozenset[str]]

    def roles(self, method: str, path: str) -> frozenset[str]:
        """Who may; nobody where the route is not listed."""
        return self.rows.get((method, path), frozenset())


@cache
def read_table() -> Table:
    """The committed list."""
    return parse_table((files("evenhand.web") / "routes.txt").read_text("utf-8"))


def parse_table(text: str) -> Table:
    """A list of routes: a line each with method, path and roles; `#` begins a comment.

    Raises:
        WebError: a line that is none, a role that is none, or a route that stands twice.
    """
    rows: dict[Key, frozenset[str]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        parts = line.partition("#")[0].split()
        if not parts:
            continue
        known = len(parts) >= 3 and set(parts[2:]) <= set(ROLES) and (parts[0], parts[1]) not in rows
        if not known:
            raise WebError(
                "web.route-list",
                "A line of the list of routes cannot be read.",
                where=f"routes.txt, line {number}",
                why=f"A line has a method, a path and one or more of: {', '.join(ROLES)}; each route stands once.",
                mend="Correct the line.",
            )
        rows[parts[0], parts[1]] = frozenset(parts[2:])
    return Table(rows)


def served(app: FastAPI) -> frozenset[Key]:
    """Every route of an app, whatever made it."""
    return frozenset(_keys(app.routes))


def _keys(routes: Iterable[object]) -> Iterable[Key]:
    for route in routes:
        path = str(getattr(route, "path", route))
        for method in getattr(route, "methods", None) or {"*"}:
            yield str(method), path


def require_listed(app: FastAPI, table: Table) -> None:
    """Refuse an app whose routes are not those of the list, or are not guarded.

    Raises:
        WebError: names them.
    """
    found, listed = served(app), set(table.rows)
    loose = [str(getattr(r, "path", r)) for r in app.routes if not isinstance(r, APIRoute) or not _guarded(r)]
    if found == listed and not loose:
        return
    parts = [
        f"{words}: {', '.join(' '.join(key) for key in sorted(keys))}"
        for words, keys in (("not listed", found - listed), ("listed and not served", listed - found))
        if keys
    ]
    if loose:
        parts.append(f"without a guard: {', '.join(loose)}")
    raise WebError(
        "web.route-unlisted",
        "The routes are not those of the committed list.",
        where="; ".join(parts),
        mend="Add the route with its roles to routes.txt, or take it out.",
    )


def _guarded(route: APIRoute) -> bool:
    from evenhand.web.visit import GuardedRoute

    return isinstance(route, GuardedRoute)

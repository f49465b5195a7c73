"""Pages for everybody that belong to no programme: the list of programmes, the service itself, and files."""

from fastapi.responses import Response

from evenhand.errors import WebError
from evenhand.web.pages import STATIC, asset
from evenhand.web.visit import Visitor

FOREVER = "public, max-age=31536000, immutable"
"""The address of a file has its version in it."""


def home(visit: Visitor) -> Response:
    """Every programme that is open."""
    with visit.office.store.reading() as reading:
        found = [visit.office.programme(reading, row.name) for row in reading.programmes() if not row.closed_at]
    return visit.page("home.html", programmes=found)


def about(visit: Visitor) -> Response:
    """Cookies, accessibility, and what is kept of a visit."""
    return visit.page("about.html")


def static(visit: Visitor, name: str) -> Response:  # noqa: ARG001 - every handler takes a visit
    """A file that pages load."""
    if name not in STATIC:
        raise WebError("web.not-found", "There is no such page.", mend="Look at the address.")
    found = asset(name)
    return Response(found.content, media_type=found.media, headers={"cache-control": FOREVER})


def robots(visit: Visitor) -> Response:  # noqa: ARG001
    """Nothing is to be indexed."""
    return Response("User-agent: *\nDisallow: /\n", media_type="text/plain")


ROUTES = (
    ("GET", "/", home),
    ("GET", "/about", about),
    ("GET", "/robots.txt", robots),
    ("GET", "/static/{name}", static),
)

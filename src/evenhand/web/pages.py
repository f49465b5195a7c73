"""Pages: templates with every value escaped, components of GOV.UK Frontend, and pictures by the server."""

import hashlib
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader, select_autoescape
from markupsafe import Markup

from evenhand.casework.explaintexts import Words
from evenhand.errors import WebError

STATIC = {
    "govuk.css": "text/css; charset=utf-8",
    "evenhand.css": "text/css; charset=utf-8",
    "staff.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
"""What is served as a file, and its type."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served: its type, its bytes and a name for this version of it."""

    media: str
    content: bytes
    version: str


@cache
def asset(name: str) -> Asset:
    """A file that pages load.

    Raises:
        WebError: it was not fetched at set-up.
    """
    path = files("evenhand.web").joinpath("static", name)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise WebError(
            "web.no-assets",
            "The style sheet of the pages is not there.",
            where=f"web/static/{name}",
            why="It is fetched at set-up and is no part of the source.",
            mend="Run make setup, or install the wheel.",
        ) from None
    return Asset(STATIC[name], content, hashlib.sha256(content).hexdigest()[:12])


@cache
def environment() -> Environment:
    """The templates. Autoescape is on for all of them."""
    loader = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    own = PackageLoader("evenhand.web")
    found = _Templates(
        loader=_Either(loader, own),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    found.globals["asset"] = lambda name: f"/static/{name}?v={asset(name).version}"
    found.globals["picture"] = Markup
    return found


class _Templates(Environment):
    """Templates whose globals are a plain mapping: Jinja compares them at every import, and its own is slow."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """What a template knows: what all know, and its own."""
        return {**self.globals, **(d or {})}


class _Either(PrefixLoader):
    """Names under `govuk_frontend_jinja/` are the components', all others ours."""

    def __init__(self, components: PrefixLoader, own: PackageLoader) -> None:
        super().__init__(components.mapping)
        self._own = own

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """The text of a template."""
        if template.startswith("govuk_frontend_jinja/"):
            return super().get_source(environment, template)
        return self._own.get_source(environment, template)

    def load(self, environment: Environment, name: str, globals: Any = None) -> Any:  # noqa: A002 - jinja's name
        """A template."""
        if name.startswith("govuk_frontend_jinja/"):
            return super().load(environment, name, globals)
        return self._own.load(environment, name, globals)


def render(template: str, words: Words, context: dict[str, Any]) -> str:
    """A page as HTML.

    Args:
        template: its file under `templates/`.
        words: the catalogue; `t("key")` says a text, `n("key", 3)` a counted one, in the template.
        context: what else the template uses.
    """
    return (
        environment()
        .get_template(template)
        .render(
            {
                "language": words.language,
                "words": words,
                "t": words.say,
                "n": words.count,
                "pick": words.pick,
                "day": words.day,
                **context,
            }
        )
    )

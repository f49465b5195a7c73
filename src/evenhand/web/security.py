"""Every request passes through here: limits, origin, size, headers, and one line in the log that tells nothing.

A plain ASGI layer. It answers before any handler where a request is turned away, and is the last to touch every
response, errors included.
"""

import time
import traceback
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from evenhand.web.faults import WAIT, bare_page
from evenhand.web.limits import Counter, address_key
from evenhand.web.settings import WebSettings
from evenhand.web.texts import chosen_language, words

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
POLICY = ", ".join(
    f"{name}=()"
    for name in (
        "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media",
        "geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "usb",
        "xr-spatial-tracking",
    )
)  # fmt: skip
HEADERS = {
    "content-security-policy": CSP,
    "permissions-policy": POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow",
    "cache-control": "no-store",
}
"""On every response; a handler can set its own in place of one."""

HSTS = "max-age=63072000; includeSubDomains"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
METHODS = UNSAFE | {"GET", "HEAD", "OPTIONS"}
UPLOAD = "multipart/form-data"


Header = tuple[bytes, bytes]


class Log(Protocol):
    """Takes one line for each request."""

    def info(self, event: str, **fields: Any) -> Any:
        """A line."""

    def error(self, event: str, **fields: Any) -> Any:
        """A line about a fault."""


class Watcher(Protocol):
    """Counts requests for `/metrics`."""

    def done(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""


class Guard:
    """The layer around the app.

    Args:
        app: what it guards.
        settings: limits and cookies.
        log: where lines go.
        watcher: counts requests.
        clock: a clock that never goes back.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: WebSettings,
        log: Log,
        watcher: Watcher,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app, self.settings, self.log, self.watcher, self._clock = app, settings, log, watcher, clock
        self._by_address, self._overall = Counter(60, clock), Counter(1, clock)
        self._in_flight = 0
        strict = {"strict-transport-security": HSTS} if settings.secure else {}
        self._headers = tuple((n.encode(), v.encode()) for n, v in {**HEADERS, **strict}.items())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self.settings, self._headers)
        began = self._clock()
        self._in_flight += 1
        try:
            refused = self._refused(scope, exchange.most)
            if refused is not None:
                await exchange.answer(refused)
            else:
                await self._serve(exchange)
        finally:
            self._in_flight -= 1
            self._tell(exchange, self._clock() - began)

    async def _serve(self, exchange: "_Exchange") -> None:
        try:
            await self.app(exchange.scope, exchange.receive, exchange.send)
        except _TooLarge:
            await exchange.answer(413)
        except Exception as error:  # noqa: BLE001 - whatever it is, the visitor gets a page and the log no value
            kind, places = type(error).__name__, _places(error)
            self.log.error("fault", request=exchange.id, kind=kind, at=places)  # noqa: TRY400 - no value is logged
            if not exchange.begun:
                await exchange.answer(500)

    def _refused(self, scope: Scope, most: int) -> int | None:
        """The status that a request, which may bring `most` bytes, is turned away with, or None."""
        limits, host = self.settings.limits, scope.get("client")
        if self._in_flight > limits.in_flight or not self._overall.take("all", limits.overall_per_second):
            return 503
        if not self._by_address.take(address_key(host[0] if host else None), limits.address_per_minute):
            return 429
        return self._wrong_origin(scope) or _wrong_size(scope, most)

    def _wrong_origin(self, scope: Scope) -> int | None:
        """A form comes from our own page. Where an old browser does not say, the form's token has to."""
        if scope["method"] not in UNSAFE:
            return None
        sent = dict(scope["headers"])
        if b"authorization" in sent:
            return None  # a token that no browser sends by itself
        site, origin = sent.get(b"sec-fetch-site"), sent.get(b"origin")
        if site is not None:
            return None if site == b"same-origin" else 403
        if origin is not None and origin != b"null":
            own = {scheme.encode() + b"://" + sent.get(b"host", b"") for scheme in self._schemes(scope)}
            return None if origin in own else 403
        scope["evenhand.unknown_origin"] = True
        return None

    def _schemes(self, scope: Scope) -> tuple[str, ...]:
        return ("https",) if self.settings.secure else (str(scope.get("scheme", "http")),)

    def _tell(self, exchange: "_Exchange", seconds: float) -> None:
        """Method, the route's template and the status: no path, no query, no address, no answer."""
        route = str(exchange.scope.get("evenhand.route", "none"))
        method = exchange.scope["method"] if exchange.scope["method"] in METHODS else "other"
        self.watcher.done(method, route, exchange.status, seconds)
        self.log.info(
            "request",
            request=exchange.id,
            method=method,
            route=route,
            status=exchange.status,
            ms=round(1000 * seconds, 1),
        )


def _wrong_size(scope: Scope, most: int) -> int | None:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    if not length.isdigit():
        return 400
    return 413 if int(length) > most else None


def most_bytes(scope: Scope, settings: WebSettings) -> int:
    """The most that a request may carry: a file only where it says that it brings one."""
    media = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
    return settings.limits.upload_bytes if media.startswith(UPLOAD) else settings.limits.body_bytes


class _TooLarge(Exception):  # noqa: N818 - it ends a request and is no error of ours
    """A body went over its limit."""


class _Exchange:
    """One request and its response."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, settings: WebSettings, headers: Sequence[Header]
    ) -> None:
        self.scope, self._receive, self._send, self._settings = scope, receive, send, settings
        self.id = uuid.uuid4().hex[:12]
        self.status, self.begun = 0, False
        self.most = most_bytes(scope, settings)
        self._taken, self._wanted = 0, headers

    async def receive(self) -> Message:
        """A part of the request, within the limit, whatever the header said."""
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        if self._taken > self.most:
            raise _TooLarge
        return message

    async def send(self, message: Message) -> None:
        """A part of the response; its headers are completed."""
        if message["type"] == "http.response.start":
            self.begun, self.status = True, message["status"]
            message = {**message, "headers": self._headers(message.get("headers", []))}
        await self._send(message)

    async def answer(self, status: int) -> None:
        """A page of our own in place of the app's answer."""
        request = Request(self.scope)
        name = "__Host-language" if self._settings.secure else "language"
        language = chosen_language(request.cookies.get(name, ""), request.headers.get("accept-language", ""))
        response = HTMLResponse(bare_page(words(language), status), status)
        if status in {429, 503}:
            response.headers["retry-after"] = str(WAIT)
        await response(self.scope, self._receive, self.send)

    def _headers(self, given: list[Header]) -> list[Header]:
        found = {name.lower() for name, _ in given}
        more = [each for each in self._wanted if each[0] not in found]
        return [*given, *more, (b"x-request-id", self.id.encode())]


def _places(error: BaseException) -> list[str]:
    """Where it happened, without any value: an error's own text may hold an answer."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}:{frame.name}" for frame in frames]

"""For the operator alone: `/healthz` and `/metrics`, opened by a token; everybody else finds no such page."""

import hmac
import threading
from bisect import bisect_left
from collections import Counter as Counts
from itertools import accumulate

from fastapi.responses import JSONResponse, PlainTextResponse, Response

from evenhand.errors import EvenhandError, WebError
from evenhand.web.visit import Visit, Visitor

BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5)
"""Seconds."""


class Meters:
    """Counts of requests by route and status, and how long they took. No person and no programme is in them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counts[tuple[str, str, int]] = Counts()
        self._slots = [0] * (len(BOUNDS) + 1)
        self._sum = 0.0

    def done(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        with self._lock:
            self._requests[method, route, status] += 1
            self._sum += seconds
            self._slots[bisect_left(BOUNDS, seconds)] += 1

    def text(self, sessions: int) -> str:
        """In the text format of Prometheus."""
        with self._lock:
            lines = ["# TYPE evenhand_requests_total counter"]
            for (method, route, status), count in sorted(self._requests.items()):
                labels = f'method="{method}",route="{route}",status="{status}"'
                lines.append(f"evenhand_requests_total{{{labels}}} {count}")
            lines.append("# TYPE evenhand_request_seconds histogram")
            bounds = (*(f"{each:g}" for each in BOUNDS), "+Inf")
            upto = zip(bounds, accumulate(self._slots), strict=True)
            lines += [f'evenhand_request_seconds_bucket{{le="{each}"}} {count}' for each, count in upto]
            total = sum(self._requests.values())
            lines += [f"evenhand_request_seconds_sum {self._sum:.6f}", f"evenhand_request_seconds_count {total}"]
        return "\n".join([*lines, "# TYPE evenhand_sessions gauge", f"evenhand_sessions {sessions}", ""])


def holds_token(visit: Visit) -> frozenset[str]:
    """The role `ops`, for who sends the operator's token."""
    token = visit.web.settings.ops_token
    sent = visit.request.headers.get("authorization", "")
    if token and hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
        return frozenset({"ops"})
    return frozenset()


def healthz(visit: Visitor) -> Response:
    """Whether the store answers."""
    try:
        with visit.office.store.reading() as reading:
            reading.size()
    except EvenhandError as error:
        return JSONResponse({"status": "down", "code": error.code}, 503)
    return JSONResponse({"status": "ok"})


def metrics(visit: Visitor) -> Response:
    """Counts since the start."""
    meters = visit.request.app.state.meters
    if not isinstance(meters, Meters):
        raise WebError("web.not-found", "There is no such page.", mend="Look at the address.")
    return PlainTextResponse(meters.text(visit.web.sessions.count()), media_type="text/plain; version=0.0.4")


ROUTES = (("GET", "/healthz", healthz), ("GET", "/metrics", metrics))

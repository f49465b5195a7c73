"""What can be set about the service."""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is taken, each by name. Over a limit the answer is 429 or 503, with the time to wait.

    Attributes:
        body_bytes: of a form; larger is 413.
        upload_bytes: of a file that a route says it takes.
        address_per_minute: requests from one address. Many people share one, as in a library: it is generous.
        session_per_minute: requests in one session.
        overall_per_second: requests of everybody.
        in_flight: requests at one time; more are shed at once with 503.
        tries_per_address: codes checked for one address in `tries_window`. Typing mistakes that the check
            character finds are not tries.
        tries_overall: codes checked for everybody in `tries_window`; beyond it each address still has one.
        tries_window: of the two before.
        sessions: kept at one time; the longest unused of people who are not signed in goes first.
    """

    body_bytes: int = 32_768
    upload_bytes: int = 33_554_432
    address_per_minute: int = 1200
    session_per_minute: int = 240
    overall_per_second: int = 1000
    in_flight: int = 120
    tries_per_address: int = 10
    tries_overall: int = 600
    tries_window: timedelta = timedelta(minutes=5)
    sessions: int = 50_000


@dataclass(frozen=True, slots=True)
class WebSettings:
    """How the service runs.

    Attributes:
        secure: cookies only over HTTPS, and HSTS. False only for a demo on this machine's own address.
        title: name of the service in each language; the catalogue's when empty.
        idle: a session ends after so long without a request.
        longest: and after so long in any case.
        ops_token: opens `/healthz` and `/metrics` as a bearer token; None: they are closed to everybody.
        open_docs: whether the partners' OpenAPI and its page are public.
        demo: says on every page that the town is invented.
        limits: see `Limits`.
    """

    secure: bool = True
    title: dict[str, str] = field(default_factory=dict)
    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=8)
    ops_token: str | None = None
    open_docs: bool = False
    demo: bool = False
    limits: Limits = field(default_factory=Limits)

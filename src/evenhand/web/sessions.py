"""Sessions on the server. The cookie holds a random token; here only its hash is kept.

The store that comes with it is the memory of one process: a restart signs everybody out and loses nothing, because
every answer is stored when it is given. Several processes need another `Sessions`; the interface is here.
"""

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from evenhand.web.settings import WebSettings

TOKEN_BYTES = 32


@dataclass(slots=True)
class Session:
    """What the server knows of a browser.

    Attributes:
        hashed: hash of its token.
        began, seen: seconds of the store's clock.
        programme: the programme that the person is in.
        case_id: the case that their code opened; nothing else about the person is here.
        staff: id of a member of staff, or a partner's name.
        roles: roles of that member.
        strong: whether they showed a second factor.
        draft: what was given before there is a case: a code, choices, a district.
        shown: what is shown once: codes, a receipt.
        before: hash of the token before the last renewal, or empty.
        alone: held while a step is taken that may happen once.
    """

    hashed: str
    began: float
    seen: float
    programme: str | None = None
    case_id: str | None = None
    staff: str | None = None
    roles: frozenset[str] = frozenset()
    strong: bool = False
    draft: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    before: str = ""
    alone: threading.RLock = field(default_factory=threading.RLock)

    @property
    def signed_in(self) -> bool:
        """Whether somebody is."""
        return self.case_id is not None or self.staff is not None


class Sessions(Protocol):
    """Where sessions are kept."""

    def start(self) -> tuple[str, Session]:
        """A new session and its token."""
        ...

    def find(self, token: str) -> Session | None:
        """The session of a token, unless it ended."""
        ...

    def renew(self, session: Session) -> str:
        """A new token for a session; the old one opens nothing. At every sign-in."""
        ...

    def renewed(self, token: str) -> Session | None:
        """The session that had this token before its last renewal; it proves nothing about who asks."""
        ...

    def end(self, session: Session) -> None:
        """End a session."""
        ...

    def end_case(self, case_id: str, *, but: Session | None = None) -> None:
        """End every session of a case but one: a new code shuts out who came with the old one."""
        ...

    def count(self) -> int:
        """How many there are."""
        ...


class MemorySessions:
    """Sessions in the memory of this process.

    Args:
        settings: how long they last, and how many there may be.
        clock: a clock that never goes back.
    """

    def __init__(self, settings: WebSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._idle, self._longest = settings.idle.total_seconds(), settings.longest.total_seconds()
        self._most, self._clock = settings.limits.sessions, clock
        self._kept: OrderedDict[str, Session] = OrderedDict()
        self._now: dict[str, str] = {}
        self._lock = threading.Lock()

    def start(self) -> tuple[str, Session]:
        """A new session and its token."""
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._clock()
        session = Session(hash_of(token), now, now)
        with self._lock:
            self._make_room(now)
            self._kept[session.hashed] = session
        return token, session

    def find(self, token: str) -> Session | None:
        """The session of a token, unless it ended."""
        now = self._clock()
        with self._lock:
            session = self._kept.get(hash_of(token))
            if session is None:
                return None
            if self._over(session, now):
                self._drop(session)
                return None
            session.seen = now
            self._kept.move_to_end(session.hashed)
            return session

    def renew(self, session: Session) -> str:
        """A new token; the old one opens nothing."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._lock:
            self._drop(session)
            session.before, session.hashed = session.hashed, hash_of(token)
            session.began = session.seen = self._clock()
            self._kept[session.hashed] = session
            self._now[session.before] = session.hashed
        return token

    def renewed(self, token: str) -> Session | None:
        """The session that had this token before its last renewal."""
        with self._lock:
            return self._kept.get(self._now.get(hash_of(token), ""))

    def end(self, session: Session) -> None:
        """End a session."""
        with self._lock:
            self._drop(session)

    def end_case(self, case_id: str, *, but: Session | None = None) -> None:
        """End every session of a case but one."""
        with self._lock:
            for each in [s for s in self._kept.values() if s.case_id == case_id and s is not but]:
                self._drop(each)

    def count(self) -> int:
        """How many there are."""
        return len(self._kept)

    def _over(self, session: Session, now: float) -> bool:
        return now - session.seen >= self._idle or now - session.began >= self._longest

    def _make_room(self, now: float) -> None:
        """Drop what is over; at the limit, the longest unused of people who are not signed in, else of all."""
        while self._kept and self._over(next(iter(self._kept.values())), now):
            self._drop(next(iter(self._kept.values())))
        if len(self._kept) >= self._most:
            unused = (each for each in self._kept.values() if not each.signed_in)
            self._drop(next(unused, next(iter(self._kept.values()))))

    def _drop(self, session: Session) -> None:
        self._kept.pop(session.hashed, None)
        self._now.pop(session.before, None)


def hash_of(token: str) -> str:
    """What is kept of a token; it has 256 random bits, so a plain hash cannot be undone."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()

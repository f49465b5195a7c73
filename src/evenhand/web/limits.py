"""Counting requests and tries. Addresses are kept as keyed hashes, in memory, for minutes."""

import hashlib
import ipaddress
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable

Seconds = Callable[[], float]

_KEY = secrets.token_bytes(32)
"""Of this process: what is counted by address says nothing to who reads the memory of another."""


def address_key(host: str | None) -> str:
    """A name for an address, the same while the process runs. An IPv6 household has a /64, and is one address."""
    try:
        found = ipaddress.ip_address(host or "")
    except ValueError:
        return "unknown"
    if found.version == 6:
        found = found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False).network_address
    return hashlib.blake2b(found.packed, key=_KEY, digest_size=12).hexdigest()


class Counter:
    """Counts by name in windows of a fixed length; all counts go when a window ends.

    Args:
        seconds: length of a window.
        clock: a clock that never goes back.
    """

    def __init__(self, seconds: float, clock: Seconds = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._counts: dict[str, int] = {}
        self._since = clock()
        self._lock = threading.Lock()

    def take(self, name: str, most: int) -> bool:
        """Count one more; whether it is within the limit."""
        with self._lock:
            now = self._clock()
            if now - self._since >= self._seconds:
                self._counts, self._since = {}, now
            found = self._counts.get(name, 0) + 1
            self._counts[name] = found
            return found <= most


class Tries:
    """Codes that were checked and opened nothing, in the last minutes.

    An address has so many, everybody together so many more. When everybody's are used up, an address that has not
    tried yet still has one: whoever tries codes from many places locks no owner out.

    Args:
        each: tries of an address.
        overall: tries of everybody.
        seconds: length of the window, which slides.
        clock: a clock that never goes back.
    """

    def __init__(self, each: int, overall: int, seconds: float, clock: Seconds = time.monotonic) -> None:
        self._each, self._overall, self._seconds, self._clock = each, overall, seconds, clock
        self._by: dict[str, deque[float]] = {}
        self._all: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self, name: str) -> float | None:
        """Take a try; None where there is none left."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            own = self._by.setdefault(name, deque())
            most = self._each if len(self._all) < self._overall else 1
            if len(own) >= most:
                return None
            own.append(now)
            self._all.append(now)
            return now

    def give_back(self, name: str, taken: float) -> None:
        """The code was right: it was no try."""
        with self._lock:
            for listed in (self._by.get(name), self._all):
                if listed and taken in listed:
                    listed.remove(taken)

    def _forget(self, now: float) -> None:
        while self._all and now - self._all[0] >= self._seconds:
            self._all.popleft()
        for name in [name for name, listed in self._by.items() if not listed or now - listed[-1] >= self._seconds]:
            del self._by[name]
        for listed in self._by.values():
            while listed and now - listed[0] >= self._seconds:
                listed.popleft()

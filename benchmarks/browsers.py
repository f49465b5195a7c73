"""Many browsers in one process, cheap enough to leave the other core to the server: plain sockets, no library.

They come through one address, as from the server in front, which tells the service each visitor's own address.
"""

import asyncio
import re
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode

TOKEN = re.compile(rb'name="form" value="([^"]+)"')
CHOICE = re.compile(rb'type="radio" value="([^"]+)"')
COOKIE = re.compile(r"(__Host-session=[^;]+)")
SHED = frozenset({429, 503})


@dataclass(slots=True)
class Reply:
    """A response: status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Person:
    """A browser in the middle of a questionnaire: its address, its cookie, and the form that it shows."""

    address: str
    cookie: str = ""
    path: str = ""
    token: str = ""
    answer: str = "0"


@dataclass(slots=True)
class Tally:
    """What happened: when each answer was due and how long it and the page after it took, in seconds; statuses."""

    answers: list[tuple[float, float]] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    finished: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    shed: list[tuple[float, float]] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    nobody: int = 0


class Lines:
    """Connections to the server, used again as a proxy uses them.

    Args:
        host: the server's.
        port: the server's.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._idle: deque[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = deque()

    async def ask(self, method: str, path: str, person: Person, form: dict[str, str] | None = None) -> Reply:
        """Send a request, and read the whole response."""
        body = urlencode(form).encode() if form is not None else b""
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: town.example\r\nx-forwarded-for: {person.address}\r\n"
            f"x-forwarded-proto: https\r\naccept-language: en\r\ncookie: {person.cookie}\r\n"
        )
        if form is not None:
            head += (
                "sec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\n"
                f"content-length: {len(body)}\r\n"
            )
        reader, writer = await self._line()
        try:
            writer.write(head.encode() + b"\r\n" + body)
            reply = await _read(reader)
        except BaseException:
            writer.close()
            raise
        if reply.headers.get("connection") == "close":
            writer.close()
        else:
            self._idle.append((time.monotonic(), reader, writer))
        return reply

    async def close(self) -> None:
        """Close them all."""
        while self._idle:
            *_, writer = self._idle.pop()
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _line(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            since, reader, writer = self._idle.pop()
            if time.monotonic() - since < 5 and not reader.at_eof():  # the server closes after ten seconds
                return reader, writer
            writer.close()
        return await asyncio.open_connection(self._host, self._port)


async def _read(reader: asyncio.StreamReader) -> Reply:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])}
    return Reply(int(head[0][9:12]), headers, await reader.readexactly(int(headers.get("content-length", "0"))))


class Crowd:
    """Signed-in people who answer one question after another.

    Args:
        lines: the way to the server.
        programme: path of the programme, such as `/p/demo-town`.
    """

    def __init__(self, lines: Lines, programme: str) -> None:
        self.lines, self._base = lines, programme
        self.waiting: deque[Person] = deque()
        self.tally = Tally()

    async def sign_in(self, code: str, number: int) -> None:
        """Sign in with an access code, as a browser does, up to the first question."""
        person = Person(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
        page = await self.lines.ask("GET", f"{self._base}/sign-in", person)
        _keep(person, page)
        reply = await self.lines.ask("POST", f"{self._base}/sign-in", person, {"form": person.token, "code": code})
        _keep(person, reply)
        while reply.status == 303:
            person.path = reply.headers["location"]
            reply = await self.lines.ask("GET", person.path, person)
            _keep(person, reply)
        if reply.status != 200:
            raise RuntimeError(f"{reply.status} instead of the first question at {person.path}")
        self.waiting.append(person)

    async def step(self, due: float) -> None:
        """One answer of somebody who waits, and the page that the browser is led to."""
        tally = self.tally
        if not self.waiting:
            tally.nobody += 1
            return
        person = self.waiting.popleft()
        try:
            gone = await self._answer(person, due, tally)
        except (OSError, EOFError) as error:
            tally.faults[type(error).__name__] += 1
            gone = False
        if not gone:
            self.waiting.append(person)

    async def _answer(self, person: Person, due: float, tally: Tally) -> bool:
        """Send the form; whether the person is through."""
        finishing = person.path.endswith("/check")
        form = {"form": person.token} | ({"leave": "yes"} if finishing else {"answer": person.answer})
        reply = await self.lines.ask("POST", person.path, person, form)
        spent = time.perf_counter() - due
        tally.statuses[reply.status] += 1
        if reply.status in SHED:
            tally.shed.append((due, spent))
        elif reply.status == 303 and finishing:
            tally.finished.append(spent)
            return True
        elif reply.status == 303:
            tally.answers.append((due, spent))
            await self._follow(person, reply.headers["location"], tally)
        return False

    async def _follow(self, person: Person, path: str, tally: Tally) -> None:
        """Open the page after an answer; one that is shed is asked for again a second later."""
        begun = time.perf_counter()
        while True:
            page = await self.lines.ask("GET", path, person)
            tally.statuses[page.status] += 1
            if page.status not in SHED:
                break
            await asyncio.sleep(1)
        tally.pages.append(time.perf_counter() - begun)
        person.path = path
        _keep(person, page)


def _keep(person: Person, reply: Reply) -> None:
    found = COOKIE.search(reply.headers.get("set-cookie", ""))
    if found:
        person.cookie = found[1]
    token = TOKEN.search(reply.body)
    if token:
        person.token = token[1].decode()
        choices = CHOICE.findall(reply.body)
        person.answer = choices[0].decode() if choices else "0"


async def paced(do: Callable[[float], Awaitable[None]], rate: float, seconds: float) -> set[asyncio.Future[None]]:
    """Begin one at each tick, whether the ones before have ended or not: what is late is counted from its tick.

    Returns:
        What has not ended when the last one begins.
    """
    begun = time.perf_counter()
    tasks: set[asyncio.Future[None]] = set()
    for number in range(round(rate * seconds)):
        due = begun + number / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        task = asyncio.ensure_future(do(due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    return tasks


async def at_once(do: Callable[[float], Awaitable[None]], workers: int, seconds: float) -> None:
    """So many at a time, each one begun when the one before has ended: the most that the server can do."""
    until = time.perf_counter() + seconds

    async def one() -> None:
        while time.perf_counter() < until:
            await do(time.perf_counter())

    await asyncio.gather(*(one() for _ in range(workers)))

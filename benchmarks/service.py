"""The service under load: `service.py [--store sqlite|postgres] [--minutes 10] [--rate 105] [--overload]`.

A real server process (`evenhand serve`, as behind a server with a certificate) on a fresh office, and this process
as its browsers, over sockets. Cases are opened by the service's own verbs, dozens in a transaction; each person
then signs in over HTTP before the clock starts. An answer is a form sent and stored (`POST …/questions/3`, which
answers with a redirect); the page after it (`GET …/questions/4`) is asked for too, and is no answer.
Who has answered everything finishes, which is measured apart.

Answers come at a fixed rate whether the ones before have ended or not, each timed from when it was due; `--rate 0`
means as many as the server takes, 16 at a time. `--overload`: the same, then five times as many for a minute, then
the same again: what is shed, how soon it serves as before, what it keeps of memory and descriptors. The store is
checked at the end. Run it from the root of the repository.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import create_engine, text

sys.path.insert(0, str(Path(__file__).parents[1]))

from browsers import SHED, Crowd, Lines, Tally, at_once, paced

from evenhand.casework.roles import Actor
from evenhand.programme.definition import Programme, programme_from, read_programme_document
from evenhand.service.invite import invite
from evenhand.service.office import Office, make_office, now, open_office
from evenhand.service.open_programme import open_programme
from evenhand.service.take_part import take_part_in
from evenhand.store.fsck import fsck

TOWN = "demo-town"
QUESTIONS = 17
"""Answers that one person gives."""

RATES = {"sqlite": 105.0, "postgres": 152.0}
BATCH = 50
BAR = 150.0
"""Milliseconds: p95 of an answer."""

OVER = 5
LONGEST_OVERLOAD = 60.0
WARM = 10.0
"""Seconds of the same load before anything is counted: code is compiled, pools are filled."""

ANALYST, CASEWORKER = Actor("ana", frozenset({"analyst"})), Actor("carl", frozenset({"caseworker"}))


def programme_today() -> Programme:
    """The demo town's programme with its dates moved, so that today lies within its intake."""
    document, _ = read_programme_document(TOWN)
    today = now().date()
    days = {"opens": -30, "intake_closes": 60, "ends": 180}
    body = {**document.data, "dates": {name: (today + timedelta(days=d)).isoformat() for name, d in days.items()}}
    return programme_from(replace(document, data=body))


def joined(office: Office, people: int) -> list[str]:
    """Access codes of people who took part; some dozens a transaction."""
    codes = []
    sheets = iter(invite(office, CASEWORKER, TOWN, partner="library", count=people).codes)
    for start in range(0, people, BATCH):
        with office.store.unit() as unit:
            for _ in range(min(BATCH, people - start)):
                choices = {"decide": True, "statistics": True, "messages": False}
                found = take_part_in(
                    office, unit, TOWN, invitation=next(sheets), choices=choices, language="en", district="mill"
                )
                codes.append(found.access_code)
    return codes


def settle(office: Office) -> None:
    """PostgreSQL as it is after a checkpoint: files of its log are used again, not made while people wait."""
    if not office.store.is_sqlite:
        with office.store.snapshot() as connection:
            url = connection.engine.url
        with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("CHECKPOINT"))


@dataclass(frozen=True, slots=True)
class Use:
    """What the server uses: resident MB, descriptors, processor seconds so far; those that the machine was denied.

    A virtual machine waits where its host gives the processor to another: `stolen`, in seconds of all its cores.
    """

    resident: float
    descriptors: int
    busy: float
    stolen: float


class Server:
    """`evenhand serve` in a process of its own.

    Args:
        folder: the office.
        url: its store, where that is not the SQLite file in it.
        log: takes what the server writes.
    """

    def __init__(self, folder: Path, url: str | None, log: Path) -> None:
        command = [sys.executable, "-c", "from evenhand.cli import main; main()", "serve", "--office", str(folder)]
        command += ["--port", "0", "--proxy", "127.0.0.1", "--json", *(["--store", url] if url else [])]
        with log.open("w") as errors:
            self._running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert self._running.stdout is not None
        self.port = int(json.loads(self._running.stdout.readline())["address"].rpartition(":")[2])
        self.pid = self._running.pid
        self._listens()

    def _listens(self) -> None:
        for _ in range(600):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.1)
        raise RuntimeError("the server does not listen")

    def use(self) -> Use:
        own = Path(f"/proc/{self.pid}")
        pages = int((own / "statm").read_text().split()[1])
        ticks = sum(int(each) for each in (own / "stat").read_text().rpartition(")")[2].split()[11:13])
        size, hertz = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
        stolen = int(Path("/proc/stat").read_text().partition("\n")[0].split()[8])
        return Use(pages * size / 1e6, len(list((own / "fd").iterdir())), ticks / hertz, stolen / hertz)

    def stop(self) -> int:
        self._running.send_signal(signal.SIGINT)
        return self._running.wait(60)


@contextmanager
def store_of(kind: str) -> Iterator[str | None]:
    """The URL of an empty store of a kind; None: the office's own SQLite file."""
    if kind == "sqlite":
        yield None
        return
    from tests.store.stores import PostgresBox

    box = PostgresBox()
    try:
        yield box.new_url()
    finally:
        box.close()


@dataclass(frozen=True, slots=True)
class Phase:
    """What one stretch of the load came to; times in milliseconds, from when an answer was due."""

    name: str
    seconds: float
    answers_a_second: float
    p50: float
    p95: float
    p99: float
    longest: float
    page_p95: float
    finished: int
    finish_p95: float
    shed: int
    errors: int
    statuses: dict[str, int]
    server_ms_an_answer: float
    server_cores: float
    own_cores: float
    stolen_cores: float
    resident_mb: float
    descriptors: int


def told(name: str, tally: Tally, seconds: float, before: Use, after: Use, own: float) -> Phase:
    """The figures of a phase. An error: anything but the page that was due, or a request turned away."""
    waits = [each for _, each in tally.answers]
    p50, p95, p99, longest = (share(waits, each) for each in (50, 95, 99, 100))
    done, busy = len(waits), after.busy - before.busy
    wrong = sum(count for status, count in tally.statuses.items() if status not in {200, 303, *SHED})
    return Phase(
        name=name,
        seconds=round(seconds, 1),
        answers_a_second=round(done / seconds, 1),
        p50=p50,
        p95=p95,
        p99=p99,
        longest=longest,
        page_p95=share(tally.pages, 95),
        finished=len(tally.finished),
        finish_p95=share(tally.finished, 95),
        shed=sum(tally.statuses[each] for each in SHED),
        errors=wrong + tally.faults.total() + tally.nobody,
        statuses={str(status): count for status, count in sorted(tally.statuses.items())} | dict(tally.faults),
        server_ms_an_answer=round(1000 * busy / max(done, 1), 2),
        server_cores=round(busy / seconds, 2),
        own_cores=round(own / seconds, 2),
        stolen_cores=round((after.stolen - before.stolen) / seconds, 2),
        resident_mb=round(after.resident, 1),
        descriptors=after.descriptors,
    )


def share(seconds: list[float], percent: float) -> float:
    """A percentile in milliseconds; 0 of nothing."""
    return round(1000 * float(np.percentile(seconds, percent)), 1) if seconds else 0.0


def recovery(after: Tally, begun: float, seconds: float) -> float:
    """Seconds after an overload until each further second has nothing turned away and a p95 within the bar."""
    good = 0.0
    for second in range(int(seconds)):
        low, high = begun + second, begun + second + 1
        waits = [each for due, each in after.answers if low <= due < high]
        shed = any(low <= due < high for due, _ in after.shed)
        if shed or share(waits, 95) > BAR:
            good = second + 1.0
    return good


class Bench:
    """The load on one server."""

    def __init__(self, server: Server, workers: int) -> None:
        self._server, self._workers = server, workers
        self._lines = Lines("127.0.0.1", server.port)
        self._crowd = Crowd(self._lines, f"/p/{TOWN}")
        self.phases: list[Phase] = []

    async def sign_in(self, codes: list[str]) -> None:
        """Everybody signs in, a few at a time."""
        todo = iter(enumerate(codes))

        async def one_by_one() -> None:
            for number, code in todo:
                await self._crowd.sign_in(code, number)

        await asyncio.gather(*(one_by_one() for _ in range(8)))

    async def phase(self, name: str, rate: float, seconds: float, *, drain: bool = True) -> tuple[Tally, float]:
        """Load at a rate for some time; `drain`: wait for the last answers before the next phase begins."""
        tally = self._crowd.tally = Tally()
        before, begun, own = self._server.use(), time.perf_counter(), time.process_time()
        left: set[asyncio.Future[None]] = set()
        if rate:
            left = await paced(self._crowd.step, rate, seconds)
        else:
            await at_once(self._crowd.step, self._workers, seconds)
        if drain and left:
            await asyncio.wait(left)
        spent, own = time.perf_counter() - begun, time.process_time() - own
        self.phases.append(told(name, tally, spent, before, self._server.use(), own))
        return tally, begun

    async def close(self) -> None:
        """Close every connection."""
        await self._lines.close()


async def load(server: Server, codes: list[str], asked: argparse.Namespace) -> dict[str, Any]:
    """Sign everybody in, load the server, and say what came of it."""
    bench, seconds = Bench(server, asked.workers), 60 * asked.minutes
    begun = time.perf_counter()
    await bench.sign_in(codes)
    found: dict[str, Any] = {
        "store": asked.store,
        "signed_in_a_second": round(len(codes) / (time.perf_counter() - begun), 1),
    }
    await bench.phase("warm", asked.rate, WARM)
    if asked.overload:
        await bench.phase("before", asked.rate, seconds)
        await bench.phase("overload", OVER * asked.rate, min(seconds, LONGEST_OVERLOAD), drain=False)
        tally, begun = await bench.phase("after", asked.rate, max(seconds, 30))
        before, after = bench.phases[1], bench.phases[-1]
        found["recovered_s"] = recovery(tally, begun, after.seconds)
        found["memory_percent"] = round(100 * (after.resident_mb / before.resident_mb - 1), 1)
        found["descriptors"] = after.descriptors - before.descriptors
    else:
        await bench.phase("load", asked.rate, seconds)
    await bench.close()
    return {**found, "phases": [asdict(each) for each in bench.phases]}


def people_for(asked: argparse.Namespace) -> int:
    """How many have to take part, so that nobody runs out of questions."""
    load, rate = 60 * asked.minutes, asked.rate or 300
    more = max(load, 30) + 2 * min(load, LONGEST_OVERLOAD) if asked.overload else 0  # of an overload, most is shed
    return 200 + round(float(1.15 * rate * (WARM + load + more) / QUESTIONS))


def read_arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    reader.add_argument("--minutes", type=float, default=10.0)
    reader.add_argument("--rate", type=float, help="answers a second; 0: as many as it takes")
    reader.add_argument("--workers", type=int, default=16, help="answers at a time, with --rate 0")
    reader.add_argument("--overload", action="store_true", help="then five times as many, then as before")
    reader.add_argument("--json", action="store_true")
    asked = reader.parse_args()
    asked.rate = RATES[asked.store] if asked.rate is None else asked.rate
    if asked.overload and not asked.rate:
        reader.error("--overload needs a rate")
    return asked


def main() -> None:
    asked = read_arguments()
    cores, busy = os.cpu_count(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name, store_of(asked.store) as url:
        folder = Path(name) / "office"
        office = make_office(folder, "bench.example/town", url=url)
        with office.store:
            open_programme(office, ANALYST, programme_today())
            codes = joined(office, people_for(asked))
            settle(office)
        server = Server(folder, url, Path(name) / "log")
        try:
            found = asyncio.run(load(server, codes, asked))
        finally:
            server.stop()
        with open_office(folder, url=url).store as store:
            faults = [str(each) for each in fsck(store)]
    found = {"cores": cores, "load_before": round(busy, 1), "people": len(codes), **found, "fsck": faults}
    print(json.dumps(found, indent=1) if asked.json else "\n".join(lines_of(found)))


def lines_of(found: dict[str, Any]) -> Iterator[str]:
    """The figures for people."""
    phases = found.pop("phases")
    yield "  ".join(f"{name} {value}" for name, value in found.items())
    for each in phases:
        yield "  ".join(f"{name} {value}" for name, value in each.items())


if __name__ == "__main__":
    main()

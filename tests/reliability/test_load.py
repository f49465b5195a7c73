"""Rows 19 and 21: guessing is bounded and locks nobody out; too much at once is shed before any work, and passes.

The load itself (rows 20 and 21 at full size) is `benchmarks/service.py`, against a server in a process of its own.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response

from evenhand.casework.codes import grouped, new_code
from evenhand.service.access import sign_in
from evenhand.service.sign_in import knows_password
from evenhand.web.respondent import access as access_pages
from evenhand.web.settings import Limits
from evenhand.web.staff import sign_in as staff_pages
from tests.reliability.conftest import Record
from tests.web.browsing import BASE, ORIGIN, ROOMY, SAME, Client, Town, join, new_town
from tests.web.desk import PASSWORD, hire
from tests.web.desk import sign_in as staff_sign_in

OFFICE_LIMITS = replace(
    Limits(), address_per_minute=10**9, session_per_minute=10**9, overall_per_second=10**9
)  # the limits of tries as they are; those of requests would turn the guesser away much sooner
OWN, OTHER = "10.0.0.9", "10.0.0.1"


def counted(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, real: Any) -> list[int]:
    """How often a verb that checks something is called."""
    calls: list[int] = []

    def check(*given: Any) -> Any:
        calls.append(1)
        return real(*given)

    monkeypatch.setattr(where, name, check)
    return calls


@pytest.mark.parametrize("tries", [60, pytest.param(10_000, marks=pytest.mark.slow)])
def test_codes_guessed_from_one_address_are_checked_ten_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: Record, tries: int
) -> None:
    town = new_town(tmp_path, limits=OFFICE_LIMITS)
    own = join(town.visitor(address=OWN), town.invitation())
    checked, begun = counted(monkeypatch, access_pages, "sign_in", sign_in), time.monotonic()
    thief = Client(town.app, OTHER, {})
    for _ in range(tries):
        guess = {"code": grouped(new_code("access", town.office.random))}
        assert thief.post(f"{BASE}/sign-in", data=guess, headers=SAME).status_code in {422, 429}
    windows = int((time.monotonic() - begun) // 300) + 1
    assert len(checked) <= 10 * windows
    visitor = town.visitor(address=OWN)
    visitor.open(f"{BASE}/sign-in")
    assert visitor.send({"code": own}).path == f"{BASE}/my/questions/1"
    figures = {"tries": tries, "checked": len(checked) - 1, "windows of 5 min": windows, "owner in": True}
    record(19, "access codes", tries == 10_000, **figures)


@pytest.mark.parametrize("tries", [60, pytest.param(10_000, marks=pytest.mark.slow)])
def test_passwords_guessed_from_everywhere_are_checked_ten_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: Record, tries: int
) -> None:
    town = new_town(tmp_path, limits=OFFICE_LIMITS)
    hire(town.office)
    owner = staff_sign_in(town, "carl", address=OWN)
    owner.post("/staff/sign-out", {"form": ""})
    checked, begun = counted(monkeypatch, staff_pages, "knows_password", knows_password), time.monotonic()
    for number in range(tries):
        thief = Client(town.app, f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", {})
        guess = {"name": "carl", "password": f"guess number {number}"}
        assert thief.post("/staff/sign-in", data=guess, headers=SAME).status_code in {422, 429}
    windows = int((time.monotonic() - begun) // 300) + 1
    assert len(checked) <= 10 * windows
    assert owner.post("/staff/sign-in", {"name": "carl", "password": PASSWORD}).path == "/staff/code"
    figures = {"tries": tries, "checked": len(checked) - 1, "windows of 5 min": windows, "owner in": True}
    record(19, "staff passwords", tries == 10_000, **figures)


class Flood:
    """Requests at one time, each from an address of its own, on one event loop."""

    def __init__(self, town: Town, at_once: int) -> None:
        self._town, self._at_once = town, at_once

    def run(self) -> list[tuple[Response, float]]:
        """Send them; each response with the seconds that it took."""
        with ThreadPoolExecutor(1) as apart:  # a thread without an event loop of its own
            return apart.submit(lambda: asyncio.run(self._all())).result()

    async def _all(self) -> list[tuple[Response, float]]:
        return await asyncio.gather(*(self._one(number) for number in range(self._at_once)))

    async def _one(self, number: int) -> tuple[Response, float]:
        transport = ASGITransport(self._town.app, client=(f"10.2.{number >> 8}.{number & 255}", 1))
        async with AsyncClient(transport=transport, base_url=ORIGIN) as client:
            begun = time.perf_counter()
            response = await client.get(f"{BASE}/sign-in")
            return response, time.perf_counter() - begun


def test_what_is_beyond_the_limit_at_one_time_is_shed_without_work_and_the_next_are_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: Record
) -> None:
    town = new_town(tmp_path, limits=replace(ROOMY, in_flight=20))
    real, worked = access_pages._page, []

    def slow(*asked: Any) -> Any:
        worked.append(1)
        time.sleep(0.2)
        return real(*asked)

    monkeypatch.setattr(access_pages, "_page", slow)
    found = Flood(town, 100).run()
    statuses = [response.status_code for response, _ in found]
    shed = [response for response, _ in found if response.status_code == 503]
    assert (statuses.count(200), len(shed)) == (20, 80)
    assert len(worked) == 20
    assert all(response.headers["retry-after"] == "30" for response in shed)
    assert "set-cookie" not in shed[0].headers
    monkeypatch.undo()
    assert [response.status_code for response, _ in Flood(town, 20).run()] == [200] * 20
    record(21, "100 at once, 20 allowed", False, served=20, shed=80, served_after=20)

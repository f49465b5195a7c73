"""Every role's whole journey in Chromium; every page is looked at, by axe as well.

At every run each role walks once, some on a phone and some on a desk, in either language, past some questions, and
axe looks at each page once. Every role in every way, with and without JavaScript, and axe on each page in each
state: a slow proof.
"""

import fcntl
import json
import os
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser import desks, journeys, keyboard
from tests.browser.conftest import CHROMIUM, NOT_RUN, Served, launched, served
from tests.browser.people import LEAD, Person, Walked, looks, pages_of, person

JOURNEYS: dict[str, Callable[[Served, Person], None]] = {
    "respondent": journeys.respondent,
    "caseworker": desks.caseworker,
    "analyst": desks.analyst,
    "auditor": desks.auditor,
    "administrator": desks.administrator,
    "partner": desks.partner,
    "public": journeys.public,
    "keyboard": keyboard.decide,
}
SHORT = (
    ("respondent", "phone", "ru", True),
    ("caseworker", "phone", "en", True),
    ("keyboard", "desktop", "en", True),
    ("analyst", "desktop", "ru", True),
    ("auditor", "phone", "ru", True),
    ("administrator", "phone", "en", True),
    ("partner", "desktop", "en", True),
    ("public", "phone", "en", True),
)
"""Who walks at every run, on what, in which language, and whether with JavaScript. Somebody without it takes part
in `test_respondent.py`; and `tests/web/test_journey.py` walks with plain forms alone."""

FILES = (".json", ".csv", ".html", "/{size}", "/registers/{register}", "/statistics/{name}", "/evidence/{name}")
"""How the addresses of files end; they are fetched, and axe has nothing to look at."""

STEPS = ("/p/{programme}/join/", "/p/{programme}/erased", "/p/{programme}/lost/asked", "/staff/code")
"""Public pages that are steps of another journey, and seen there."""

OWN = {"public": ("public",), "respondent": ("respondent",), "keyboard": ()}
"""Whose pages a journey must have seen all of; a role's own, where nothing else stands here."""


def walk(
    browser: Browser, town: Served, walked: Walked, role: str, size: str, language: str, script: bool
) -> None:
    shots = Path(os.environ["EVENHAND_SHOTS"]) if "EVENHAND_SHOTS" in os.environ else None
    who = person(browser, town.address, size=size, language=language, script=script, walked=walked, shots=shots)
    try:
        JOURNEYS[role](town, who)
    finally:
        who.page.context.close()


def walk_all(folder: Path) -> dict[str, Any]:
    """All the short walks in one town, and how each ended."""
    walked, broke = Walked(once=True), dict[str, str]()
    with served(folder) as town, launched() as browser:
        desks.settle(town)
        for each in SHORT:
            try:
                walk(browser, town, walked, *each)
            except Exception:  # noqa: BLE001 - each walk has a test of its own, which tells it
                broke["-".join(map(str, each))] = traceback.format_exc()
    return {**asdict(walked), "visited": sorted(walked.visited), "looked": sorted(walked.looked), "broke": broke}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the short walks found. Where tests run in several processes, the first of them walks for all."""
    if CHROMIUM is None:
        pytest.skip(NOT_RUN)
    folder = tmp_path_factory.mktemp("walks")
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if os.environ.get("PYTEST_XDIST_WORKER") else shared
    kept = shared / "walks.json"
    with (shared / "walks.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_text(json.dumps(walk_all(folder)), "utf-8")
    body: dict[str, Any] = json.loads(kept.read_text("utf-8"))
    return body


@pytest.mark.parametrize("each", SHORT, ids=lambda each: "-".join(map(str, each)))
def test_the_whole_journey_can_be_walked(found: dict[str, Any], each: tuple[str, str, str, bool]) -> None:
    assert found["broke"].get("-".join(map(str, each)), "") == ""


def test_axe_finds_nothing_on_any_page(found: dict[str, Any]) -> None:
    assert found["faults"] == []


def test_axe_looked_at_every_page(found: dict[str, Any]) -> None:
    pages = {name for name in pages_of(*JOURNEYS) if not name.endswith(FILES)} - LEAD
    assert pages - {name for name, _ in found["looked"]} == set()


def test_no_page_is_wider_than_its_screen(found: dict[str, Any]) -> None:
    assert found["wide"] == []


def test_every_page_is_in_the_language_that_was_asked_for_and_has_one_first_heading(found: dict[str, Any]) -> None:
    assert found["odd"] == []


def test_the_browser_complains_of_nothing(found: dict[str, Any]) -> None:
    assert found["said"] == []


def test_every_page_of_the_list_of_routes_was_walked(found: dict[str, Any]) -> None:
    assert pages_of(*JOURNEYS) - set(found["visited"]) == set()


@pytest.mark.slow
@pytest.mark.parametrize(("role", "size", "language", "script"), looks(*JOURNEYS))
def test_every_role_s_journey_in_every_way(
    browser: Browser, tmp_path: Path, role: str, size: str, language: str, script: bool
) -> None:
    walked = Walked()
    with served(tmp_path) as town:
        desks.settle(town)
        walk(browser, town, walked, role, size, language, script)
    assert (walked.faults, walked.wide, walked.odd, walked.said) == ([], [], [], [])
    others = {name for name in pages_of("public") if name.startswith(STEPS)} if role == "public" else set()
    assert pages_of(*OWN.get(role, (role,))) - walked.visited - others == set()

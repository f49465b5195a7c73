"""A page of work that goes on, in Chromium: it loads itself again only where somebody asked for that."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from evenhand.web.staff.calibrations_kept import Calibrations
from evenhand.web.staff.calibrations_run import Kept, calibrate_file
from tests.browser.conftest import Served
from tests.browser.people import AXE, AXE_TAGS, Person, Walked, person
from tests.browser.uploading import calibrate, choose
from tests.web.desk import PASSWORD, code, hire
from tests.web.surveys import BASE

REFRESHING = """tags => axe
    .run(document, {runOnly: tags, rules: {"meta-refresh": {enabled: false}}, preload: false})
    .then(found => found.violations.map(each => each.id))"""
"""Axe, but for its rule that no page loads itself again: somebody asked for it, and can end it there."""

SHOTS = Path(os.environ["EVENHAND_SHOTS"]) if "EVENHAND_SHOTS" in os.environ else None


@pytest.fixture(scope="module")
def desk(town: Served) -> Served:
    """The town with staff."""
    hire(town.office)
    return town


@pytest.fixture
def free(desk: Served) -> Iterator[threading.Event]:
    """Calibrations wait until they are let go."""
    go = threading.Event()

    def work(kept: Kept) -> None:
        kept.stage, kept.passes, kept.loglik, kept.rise = "calibrating", 7, -4321.25, 0.125
        go.wait(30)
        calibrate_file(kept)

    desk.app.state.calibrations = Calibrations(work=work)
    yield go
    go.set()
    desk.app.state.calibrations.close()


def signed_in(browser: Browser, town: Served, size: str, language: str) -> Person:
    who = person(browser, town.address, size=size, language=language, walked=Walked(), shots=SHOTS)
    who.go("/staff/sign-in")
    who.page.fill("#name", "ana")
    who.page.fill("#password", PASSWORD)
    who.submit()
    who.page.fill("#code", code(town.office, "ana"))
    who.submit()
    who.go(BASE)
    return who


def test_a_page_of_work_refreshes_itself_under_the_policy_when_asked(
    browser: Browser, desk: Served, free: threading.Event
) -> None:
    who = signed_in(browser, desk, "phone", "en")
    choose(who, follow=True)
    who.submit()
    asked = who.page.url
    assert asked.endswith("?follow=yes")
    who.page.evaluate(AXE)
    assert who.page.evaluate(REFRESHING, AXE_TAGS) == []
    who.go(asked.removeprefix(desk.address).removesuffix("?follow=yes"))
    who.see("work")
    assert who.page.locator("progress").get_attribute("value") == "2"
    assert (who.walked.faults, who.walked.wide, who.walked.odd) == ([], [], [])
    who.page.goto(asked)
    free.set()
    who.page.wait_for_selector("a[download]", timeout=60_000)
    assert who.page.url == asked


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "language"), [("phone", "en"), ("desktop", "en"), ("phone", "ru"), ("desktop", "ru")]
)
def test_a_calibration_from_upload_to_item_bias(browser: Browser, desk: Served, size: str, language: str) -> None:
    who = signed_in(browser, desk, size, language)
    calibrate(desk, who)
    found = who.walked
    assert (found.faults, found.wide, found.odd, found.said) == ([], [], [], [])

"""A served office and a real browser: Debian's Chromium, where there is one. Else these tests are not run."""

import io
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn

from evenhand.web.app import make_app
from evenhand.web.logs import make_log
from evenhand.web.serve import listen
from evenhand.web.settings import WebSettings
from tests.service.offices import new_office
from tests.web.browsing import ROOMY, Town

if TYPE_CHECKING:
    from playwright.sync_api import Browser

playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = os.environ.get("EVENHAND_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
SIZES = {"phone": (320, 640), "desktop": (1280, 900)}


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    if CHROMIUM is None:
        pytest.skip("not run: no Chromium here; apt install chromium, or set EVENHAND_CHROMIUM")
    with playwright.sync_playwright() as running:
        options = {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-dev-shm-usage"]}
        found = running.chromium.launch(**options)
        yield found
        found.close()


class Served(Town):
    """A town with an address."""

    address: str


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Served]:
    office, days = new_office(tmp_path)
    lines = io.StringIO()
    app = make_app(office, WebSettings(secure=False, limits=ROOMY), log=make_log(lines))
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    found = Served(office, days, app, lines)
    found.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    yield found
    server.should_exit = True
    thread.join(10)
    listening.close()

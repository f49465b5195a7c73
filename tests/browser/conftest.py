"""A served office and a real browser: Debian's Chromium, where there is one. Else these tests are not run."""

import io
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn

from evenhand.service.office import Office
from evenhand.web.app import make_app
from evenhand.web.logs import make_log
from evenhand.web.serve import listen
from evenhand.web.settings import WebSettings
from tests.service.offices import Days, new_office
from tests.web.browsing import ROOMY, Town

if TYPE_CHECKING:
    from playwright.sync_api import Browser

playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = os.environ.get("EVENHAND_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
SIZES = {"phone": (320, 640), "desktop": (1280, 900)}
SPARING = ["--no-sandbox", "--disable-dev-shm-usage", "--process-per-site", "--disable-features=BackForwardCache"]
"""One process for all pages, and none that was left is kept: a page takes a quarter less time."""

NOT_RUN = "not run: no Chromium here; apt install chromium, or set EVENHAND_CHROMIUM"


@contextmanager
def launched() -> "Iterator[Browser]":
    """Chromium, for as long as it is needed."""
    with playwright.sync_playwright() as running:
        found = running.chromium.launch(executable_path=CHROMIUM, args=SPARING)
        yield found
        found.close()


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """A browser for the tests of a module; its event loop, of which a thread can have one, ends with them."""
    if CHROMIUM is None:
        pytest.skip(NOT_RUN)
    with launched() as found:
        yield found


class Served(Town):
    """A town with an address."""

    address: str


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """A new town that answers at an address of this machine."""
    with serving(*new_office(folder)) as found:
        yield found


@contextmanager
def serving(office: Office, days: Days) -> Iterator[Served]:
    """An office that answers at an address of this machine."""
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


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("town")) as found:
        yield found

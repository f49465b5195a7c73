"""An analyst's way through a calibration: upload, results, item bias, what another budget would reach."""

from tests.browser.conftest import Served
from tests.browser.people import Person
from tests.web.desk import DESK
from tests.web.surveys import BASE, csv

SURVEY = {"name": "survey.csv", "mimeType": "text/csv", "buffer": csv()}


def choose(who: Person, *, follow: bool) -> None:
    """Fill in the form."""
    who.page.set_input_files("#answers", SURVEY)  # type: ignore[arg-type] # a plain mapping is one
    who.page.check("[name=instrument][value=fies]")
    if not follow:
        who.page.uncheck("#follow")


def settle(who: Person, path: str) -> None:
    """Look again until the work is over."""
    for _ in range(300):
        if not who.page.locator("progress").count():
            return
        who.page.wait_for_timeout(200)
        who.go(path)
    raise AssertionError(path)


def compare(who: Person, path: str, column: str, state: str) -> None:
    """Look for item bias by a column."""
    who.go(path)
    who.page.select_option("#column", column)
    who.page.uncheck("#follow")
    who.submit()
    settle(who, f"{path}/dif")
    who.see(state)


def calibrate(town: Served, who: Person) -> None:
    """All of it, for an analyst who signed in."""
    who.go(BASE)
    who.see()
    who.fail()
    choose(who, follow=False)
    who.submit()
    path = who.page.url.removeprefix(town.address)
    settle(who, path)
    who.see("done")
    compare(who, path, "region", "bias")
    compare(who, path, "diary", "no bias")
    who.go(f"{DESK}/rounds?people=400&seats=60")
    who.see("what if")
    who.go(f"{DESK}/rounds?people=x&seats=0")
    who.see("what if error")

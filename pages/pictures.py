"""Take a picture of every page in every state, of a town that is served, for people to look at.

`python pages/pictures.py FOLDER` walks every role's journey on a phone and on a desk, in both languages.
`--language en` and `--size phone` take less. `--readme DEMO` also makes the six pictures of the README; DEMO is
the folder that `make run NO_SERVE=1` made, for statistics about many people. Needs Chromium.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
README = {
    "pages-question": ("320-en-p_{programme}_my_questions_{number:int}-choice", 860),
    "pages-why": ("320-en-p_{programme}_my_why-default", 1190),
    "pages-decision": ("320-en-p_{programme}_my_decision-offer", 860),
    "pages-case": ("1280-en-staff_p_{programme}_cases_{mark}-to_decide", 1500),
    "pages-log": ("1280-en-staff_checkpoints-checked", 1100),
    "pages-statistics": ("1280-en-p_{programme}_statistics-demo", 1300),
}
"""The README's pictures: which page in which state, and how many pixels of it from the top."""


def main() -> None:
    """Walk, and take the pictures."""
    wanted = _wanted()
    sys.path.insert(0, str(ROOT))
    wanted.folder.mkdir(parents=True, exist_ok=True)
    os.environ["EVENHAND_SHOTS"] = str(wanted.folder.resolve())
    from tests.browser.conftest import launched, served
    from tests.browser.desks import settle
    from tests.browser.people import Walked
    from tests.browser.test_walks import JOURNEYS, walk

    with launched() as browser:
        for size in (wanted.size,) if wanted.size else ("phone", "desktop"):
            for language in (wanted.language,) if wanted.language else ("en", "ru"):
                with tempfile.TemporaryDirectory() as place, served(Path(place)) as town:
                    settle(town)
                    for role in JOURNEYS:
                        walk(browser, town, Walked(), role, size, language, False)
        if wanted.readme:
            demo(browser, wanted.readme / "office", wanted.folder)
            readme(wanted.folder)


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", choices=("en", "ru"))
    parser.add_argument("--size", choices=("phone", "desktop"))
    parser.add_argument("--readme", type=Path, metavar="DEMO")
    return parser.parse_args()


def demo(browser: Any, office: Path, folder: Path) -> None:
    """The public pages of the demo town."""
    from evenhand.service.office import open_office
    from tests.browser.conftest import serving
    from tests.browser.people import BASE, person
    from tests.service.offices import Days

    with serving(open_office(office), Days()) as town:
        who = person(browser, town.address, size="desktop", language="en", shots=folder)
        answer = who.go(f"{BASE}/statistics")
        if answer is None or answer.status != 200:
            sys.exit(f"{office} cannot be shown: make it anew with make run NO_SERVE=1.")
        who.see("demo")


def readme(folder: Path) -> None:
    """Cut the six to their size, with few colours, so that each is small."""
    from PIL import Image

    for name, (shot, height) in README.items():
        with Image.open(folder / f"{shot}.png") as found:
            cut = found.convert("RGB").crop((0, 0, found.width, min(height, found.height)))
            cut.quantize(64).save(ROOT / "docs" / "images" / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()

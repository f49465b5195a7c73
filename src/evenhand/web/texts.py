"""The catalogues: every word that a page shows, in each language. `texts/en.json` and `texts/ru.json`.

A value is a text with {places}, or plural forms by CLDR's names (`one`, `few`, `many`, `other`). Numbers, days and
plurals are those of the explanations (`casework.explaintexts`).
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from evenhand.casework.explaintexts import LANGUAGES, Language, Words

NAMES: dict[Language, str] = {"en": "English", "ru": "Русский"}
"""Each language by its own name."""


@cache
def words(language: Language) -> Words:
    """The catalogue of a language."""
    folder = files("evenhand.web").joinpath("texts")
    found: dict[str, Any] = {}
    for part in sorted(folder.iterdir(), key=lambda each: each.name):
        if part.name == f"{language}.json" or part.name.endswith(f".{language}.json"):
            found |= json.loads(part.read_text("utf-8"))
    return Words(language, found)


def chosen_language(cookie: str, accepted: str, offered: tuple[str, ...] = LANGUAGES) -> Language:
    """The language of a page: what was chosen, else what the browser asks for, else the first offered.

    Args:
        cookie: language that was chosen before, or empty.
        accepted: the header Accept-Language.
        offered: languages that there are here.
    """
    possible = [each for each in LANGUAGES if each in offered] or list(LANGUAGES)
    wanted = [cookie, *(part.partition(";")[0].strip().partition("-")[0].lower() for part in accepted.split(","))]
    return next((each for want in wanted for each in possible if each == want), possible[0])

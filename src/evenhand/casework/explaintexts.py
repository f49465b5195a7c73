"""The words of explanations: one catalogue for each language, plural forms, numbers, days and chances.

Whole sentences stand in the catalogues, never pieces of grammar. A sentence with a count has a form for each
plural of its language (Unicode CLDR): one and other in English; one, few and many in Russian (1 ответ, 2 ответа,
5 ответов).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from evenhand.errors import CaseError

Language = Literal["en", "ru"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

MARKS: dict[Language, str] = {"en": ".", "ru": ","}
"""Decimal marks."""

MONTHS: dict[Language, tuple[str, ...]] = {
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    "ru": (
        "января", "февраля", "марта", "апреля", "мая", "июня",
        "июля", "августа", "сентября", "октября", "ноября", "декабря",
    ),
}  # fmt: skip
"""As they stand after a day's number."""

WORDS: tuple[tuple[float, str], ...] = (
    (0.99, "almost-certain"),
    (0.90, "very-likely"),
    (0.66, "likely"),
    (0.33, "even"),
    (0.10, "unlikely"),
    (0.01, "very-unlikely"),
    (0.0, "almost-ruled-out"),
)
"""A word for each probability from there up to the one above. The bounds are those of the IPCC's calibrated
language (Mastrandrea and others 2010), cut so that no two overlap; the number always stands beside the word."""


@dataclass(frozen=True, slots=True)
class Words:
    """The catalogue of a language.

    Attributes:
        language: which.
        entries: each text, or its plural forms, by key.
        used: the keys that were told; tests look at them.
    """

    language: Language
    entries: Mapping[str, str | Mapping[str, str]]
    used: set[str] = field(default_factory=set)

    def say(self, key: str, **values: str) -> str:
        """A text with its values."""
        entry = self.entries[key]
        assert isinstance(entry, str)  # noqa: S101 - a key with plural forms is counted
        self.used.add(key)
        return entry.format(**values)

    def count(self, key: str, n: int, **values: str) -> str:
        """A text in the plural form that a number asks for."""
        forms = self.entries[key]
        assert not isinstance(forms, str)  # noqa: S101 - a key without plural forms is said
        self.used.add(key)
        return forms[plural(self.language, n)].format(n=n, **values)

    def pick(self, texts: Mapping[str, str]) -> str:
        """A programme's text in this language, or in the one that it has."""
        return texts.get(self.language) or texts.get("en") or next(iter(texts.values()))

    def number(self, value: float, digits: int = 1) -> str:
        """A number with a true minus and the language's decimal mark; nothing is ever minus zero."""
        text = f"{value:.{digits}f}"
        text = text.lstrip("-") if float(text) == 0 else text.replace("-", "−")
        return text.replace(".", MARKS[self.language])

    def day(self, iso: str) -> str:
        """A day: 5 January 2027; 5 января 2027 года."""
        day = date.fromisoformat(iso)
        year = f"{day.year} года" if self.language == "ru" else str(day.year)
        return f"{day.day} {MONTHS[self.language][day.month - 1]} {year}"

    def chance(self, p: float, lines: tuple[float, ...] = ()) -> str:
        """A probability in words and small numbers: about 7 in 10.

        Args:
            p: the probability.
            lines: probabilities where a rule turns; the words stand on the same side of each as p does.
        """
        kind, parts = chance_of(p, lines)
        return self.say(f"chance/{kind}", **{name: str(value) for name, value in parts.items()})

    def percent(self, p: float) -> str:
        """A probability as a number out of a hundred, without a needless decimal."""
        return self.number(100 * p, 0 if abs(100 * p - round(100 * p)) < 1e-9 else 1)

    def word(self, p: float) -> str:
        """The word for a probability."""
        return self.say(f"word/{word_of(p)}")


def words_in(language: str) -> Words:
    """The catalogue of a language.

    Raises:
        CaseError: there is none.
    """
    for known in LANGUAGES:
        if known == language:
            return Words(known, _entries(known))
    raise CaseError(
        "explain.language",
        f"Explanations are not written in {language[:16]!r}.",
        why=f"They are in: {', '.join(LANGUAGES)}.",
        mend="Ask for one of these.",
    )


@cache
def _entries(language: Language) -> dict[str, Any]:
    text = files("evenhand.casework").joinpath("texts", f"{language}.json").read_text("utf-8")
    body: dict[str, Any] = json.loads(text)
    return body


def plural(language: Language, n: int) -> str:
    """The plural form of a whole number, by CLDR's rules."""
    if language == "en":
        return "one" if n == 1 else "other"
    if n % 10 == 1 and n % 100 != 11:
        return "one"
    return "few" if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else "many"


def word_of(p: float) -> str:
    """The name of the word for a probability."""
    return next(name for least, name in WORDS if p >= least)


def chance_of(p: float, lines: tuple[float, ...] = ()) -> tuple[str, dict[str, int]]:
    """How a probability is said: tenths where they are enough, hundredths where they are not."""
    if p < 0.01:
        return "fewer", {}
    if p > 0.99:
        return "more", {}
    for of in (10, 100):
        k = round(of * p)
        if (of == 100 or 0.05 <= p <= 0.95) and 0 < k < of and _same_side(p, k / of, lines):
            return ("exactly" if abs(of * p - k) < 1e-9 else "about"), {"k": k, "of": of}
    nearest = round(100 * p)
    return ("just-under" if 100 * p < nearest else "just-over"), {"k": nearest, "of": 100}


def _same_side(p: float, said: float, lines: tuple[float, ...]) -> bool:
    """Whether what is said stands above, at or below each line as p does."""
    return all((p > line) - (p < line) == (said > line) - (said < line) for line in lines)

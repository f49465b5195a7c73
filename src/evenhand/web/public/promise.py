"""The privacy promise in plain words: of the usual budget, and of a programme with its own figures."""

from typing import Any

from fastapi.responses import Response

from evenhand.casework.explaintexts import Words
from evenhand.service.promise import USUAL, Loss, Promise, promise, promise_of
from evenhand.statistics.budget import BudgetLedger
from evenhand.web.visit import Visitor

PARTS = ("unit", "kept", "conditions", "outside")
"""Lists of sentences on the page, in their order; the catalogues have `promise.PART.1` and so on."""


def show(visit: Visitor) -> Response:
    """The promise in general, and where each programme's own figures are."""
    with visit.office.store.reading() as reading:
        found = [visit.office.programme(reading, row.name) for row in reading.programmes()]
    return visit.page(
        "public/promise.html",
        found=promise(BudgetLedger(USUAL)),
        own=None,
        programmes=found,
        back="/",
        **_told(visit.words),
    )


def show_own(visit: Visitor) -> Response:
    """The promise of a programme."""
    own = visit.programme
    return visit.page(
        "public/promise.html",
        found=promise_of(visit.office, own.name),
        programme=own,
        own=own,
        programmes=[],
        back=f"/p/{own.name}/statistics",
        **_told(visit.words),
    )


def sentences(words: Words, part: str) -> list[str]:
    """The catalogue's keys of a part, in their order."""
    keys: list[str] = []
    while f"promise.{part}.{len(keys) + 1}" in words.entries:
        keys.append(f"promise.{part}.{len(keys) + 1}")
    return keys


def values(found: Promise, words: Words) -> dict[str, str]:
    """Every figure that a sentence of the promise can name, as it is written."""
    return {
        "rho": decimal(found.rho, words),
        "guess": guess(found.year, words),
        "months": str(found.months),
        "cells": words.number(found.cell_noise, 2),
        "regions": words.number(found.region_noise, 2),
    }


def rows(found: Promise, words: Words) -> list[tuple[str, str, str, str]]:
    """The table of years."""
    return [
        (str(each.years), decimal(each.rho, words), words.number(each.epsilon, 2), told_guess(each, words))
        for each in found.years
    ]


def guess(found: Loss, words: Words) -> str:
    """How many guesses of a hundred can be right, rounded up: a promise is never rounded in its own favour."""
    return words.number(-(-100 * found.guess // 1), 0)


def told_guess(found: Loss, words: Words) -> str:
    """The same with its hundred."""
    return words.say("promise.guess", k=guess(found, words))


def decimal(value: float, words: Words) -> str:
    """A budget without needless zeros."""
    text = f"{value:.10f}".rstrip("0")
    return words.number(value, max(1, len(text.partition(".")[2])))


def _told(words: Words) -> dict[str, Any]:
    return {
        "parts": [(part, sentences(words, part)) for part in PARTS],
        "values": lambda found: values(found, words),
        "years": lambda found: rows(found, words),
        "delta": lambda found: decimal(found.delta, words),
        "of": lambda each: (decimal(each.rho, words), words.number(each.epsilon, 2), guess(each, words)),
    }


ROUTES = (("GET", "/privacy-promise", show), ("GET", "/p/{programme}/promise", show_own))

"""Statistics for anybody: figures with intervals, alerts, and the files. All of it from stored releases."""

from collections.abc import Mapping
from typing import Any

from fastapi.responses import Response

from evenhand.casework.explaintexts import Words
from evenhand.errors import WebError
from evenhand.report import bars
from evenhand.report.bars import Reading, Row, Rows
from evenhand.report.picture import Picture
from evenhand.service.public_statistics import PublicStatistics, statistics_files
from evenhand.service.public_statistics import show as statistics_of
from evenhand.statistics.figures import ALL, Figure
from evenhand.web.visit import Visitor

MEDIA = {
    "statistics.csv": "text/csv; charset=utf-8",
    "statistics.json": "application/json",
    "guarantee.json": "application/json",
}


def show(visit: Visitor) -> Response:
    """The latest month, or another one: shares by district with their intervals, people, alerts."""
    found = statistics_of(visit.office, visit.programme.name)
    wanted = visit.request.query_params.get("month", "")
    month = wanted if wanted in found.months else (found.months[-1] if found.months else "")
    chosen = [each for each in found.figures if (each.period, each.kind, each.group) == (month, "district", ALL)]
    return visit.page(
        "public/statistics.html",
        programme=visit.programme,
        found=found,
        month=month,
        columns=_columns(found, visit.words),
        rows=[_row(each, found.areas, len(found.thresholds), visit.words) for each in chosen],
        picture_of=_shares(found, chosen, month, visit.words),
        area=lambda key: visit.words.pick(found.areas.get(key, {"en": key})),
        back=f"/p/{visit.programme.name}/rules",
    )


def file(visit: Visitor, name: str) -> Response:
    """A file of the statistics."""
    if name not in MEDIA:
        raise WebError("web.not-found", "There is no such page.", mend="Look at the address.")
    text = statistics_files(statistics_of(visit.office, visit.programme.name))[name]
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=MEDIA[name], headers=headers)


def _columns(found: PublicStatistics, words: Words) -> list[str]:
    shares = [words.say("public.statistics.share", line=_line(name, words)) for name, _ in found.thresholds]
    return [words.say("public.statistics.district"), words.say("public.statistics.people"), *shares]


def _row(figure: Figure, areas: Mapping[str, Mapping[str, str]], n_lines: int, words: Words) -> list[str]:
    name = words.pick(areas.get(figure.area, {"en": figure.area}))
    found = figure.estimate
    if found is None:
        return [name, words.say("public.statistics.few"), *("" for _ in range(n_lines))]
    people = f"{words.number(found.people.value, 0)} ({_span(found.people, words, 1, 0)})"
    shares = [f"{words.number(100 * each.value, 0)} % ({_span(each, words, 100, 0)})" for each in found.shares]
    return [name, people, *shares]


def _span(found: Any, words: Words, times: float, digits: int) -> str:
    low, high = words.number(times * found.low, digits), words.number(times * found.high, digits)
    return words.say("public.statistics.span", low=low, high=high)


def _shares(found: PublicStatistics, chosen: list[Figure], month: str, words: Words) -> Picture | None:
    if not found.thresholds:
        return None
    rows = tuple(
        Row(
            words.pick(found.areas.get(each.area, {"en": each.area})),
            tuple(
                Reading(share.value, share.low, share.high) if share is not None else Reading(None)
                for share in (each.estimate.shares if each.estimate else (None,) * len(found.thresholds))
            ),
        )
        for each in chosen
    )
    return bars.picture(
        Rows(
            "shares",
            words.say("public.statistics.picture", month=month),
            words.say("public.statistics.reading"),
            words.say("public.statistics.axis"),
            tuple(_line(name, words) for name, _ in found.thresholds)[:3],
            rows,
        )
    )


def _line(name: str, words: Words) -> str:
    key = f"public.line.{name}"
    return words.say(key) if key in words.entries else name


ROUTES = (
    ("GET", "/p/{programme}/statistics", show),
    ("GET", "/p/{programme}/statistics/{name}", file),
)

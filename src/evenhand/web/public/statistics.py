"""Statistics for anybody: figures with intervals, alerts, and the files. All of it from stored releases."""

import threading
from collections.abc import Mapping

from fastapi.responses import Response

from evenhand.casework.explaintexts import Words
from evenhand.errors import WebError
from evenhand.report import statistics as drawn
from evenhand.report.picture import Picture
from evenhand.service.public_statistics import PublicStatistics, SmallArea, statistics_files
from evenhand.service.public_statistics import show as statistics_of
from evenhand.statistics.area import Estimate
from evenhand.statistics.figures import ALL, Figure
from evenhand.web.visit import Visitor

MEDIA = {
    "statistics.csv": "text/csv; charset=utf-8",
    "statistics.json": "application/json",
    "guarantee.json": "application/json",
}

KEPT = 64
"""Pages whose pictures are kept: a released figure never changes."""

_PICTURES: dict[tuple[object, ...], tuple[Picture, ...]] = {}
_ONE = threading.Lock()


def show(visit: Visitor) -> Response:
    """The latest month, or another month or year: people, shares with their intervals, alerts."""
    found, words = statistics_of(visit.office, visit.programme.name), visit.words
    periods = tuple(dict.fromkeys(each.period for each in found.figures))
    wanted = visit.request.query_params.get("month", "")
    month = wanted if wanted in periods else (found.months[-1] if found.months else "")
    chosen = [each for each in found.figures if (each.period, each.group) == (month, ALL)]
    chosen.sort(key=lambda each: each.kind == "district")  # regions first
    return visit.page(
        "public/statistics.html",
        programme=visit.programme,
        found=found,
        month=month,
        periods=periods,
        columns=_columns(found, words),
        rows=[_row(each, found.areas, len(found.thresholds), words) for each in chosen],
        small=[_small(each, found.areas, words) for each in found.small if each.period == month],
        pictures=pictures(found, month, words),
        area=lambda key: words.pick(found.areas.get(key, {"en": key})),
        back=f"/p/{visit.programme.name}/rules",
    )


def file(visit: Visitor, name: str) -> Response:
    """A file of the statistics."""
    if name not in MEDIA:
        raise WebError("web.not-found", "There is no such page.", mend="Look at the address.")
    text = statistics_files(statistics_of(visit.office, visit.programme.name))[name]
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=MEDIA[name], headers=headers)


def pictures(found: PublicStatistics, period: str, words: Words) -> tuple[Picture, ...]:
    """The pictures of a period: people, the share above each line, and each line month by month.

    A period in which every figure is withheld has none of its own: the table says so.
    """
    names = {key: words.pick(texts) for key, texts in found.areas.items()}
    key = (words.language, period, found.thresholds, *found.hashes.items(), *names.items())
    with _ONE:
        if key not in _PICTURES:
            if len(_PICTURES) >= KEPT:
                _PICTURES.pop(next(iter(_PICTURES)))
            _PICTURES[key] = _draw(found, period, names, words)
        return _PICTURES[key]


def picture_words(words: Words) -> drawn.Words:
    """The words of the pictures in a language."""
    say = words.say
    return drawn.Words(
        people=say("public.picture.people", period="{}"),
        shares=say("public.picture.shares", period="{}", line="{}"),
        months=say("public.picture.months", line="{}"),
        reading=say("public.picture.reading"),
        area=say("public.picture.area"),
        period=say("public.picture.period"),
        value=say("public.picture.value"),
        within=say("public.picture.within"),
        too_few=say("public.picture.few"),
        axis_people=say("public.picture.axis-people"),
        axis_shares=say("public.picture.axis-shares"),
        seen=say("public.picture.seen", shown="{}", all="{}"),
        between=say("public.picture.between", low="{}", high="{}"),
        decimal=words.number(0.5, 1)[1],
        thousands="," if words.language == "en" else "\N{NARROW NO-BREAK SPACE}",
    )


def _draw(found: PublicStatistics, period: str, names: Mapping[str, str], words: Words) -> tuple[Picture, ...]:
    told = picture_words(words)
    lines = [_line(name, words) for name, _ in found.thresholds]
    shown = [each for each in found.figures if each.period == period and each.estimate is not None]
    figures = found.figures if shown else ()
    made = (
        drawn.people_bars(figures, period, names, words=told),
        *(drawn.share_bars(figures, period, names, line, n, words=told) for n, line in enumerate(lines)),
        *(drawn.share_lines(found.figures, names, line, n, words=told) for n, line in enumerate(lines)),
    )
    return tuple(each for each in made if each is not None)


def _columns(found: PublicStatistics, words: Words) -> list[str]:
    shares = [words.say("public.statistics.share", line=_line(name, words)) for name, _ in found.thresholds]
    return [words.say("public.picture.area"), words.say("public.statistics.people"), *shares]


def _row(figure: Figure, areas: Mapping[str, Mapping[str, str]], n_lines: int, words: Words) -> list[str]:
    name = words.pick(areas.get(figure.area, {"en": figure.area}))
    found = figure.estimate
    if found is None:
        return [name, words.say("public.statistics.few"), *("–" for _ in range(n_lines))]
    people = f"{words.number(found.people.value, 0)} ({_span(found.people, words, 1)})"
    return [
        name,
        people,
        *(f"{words.number(100 * each.value, 0)} % ({_span(each, words, 100)})" for each in found.shares),
    ]


def _span(found: Estimate, words: Words, times: float) -> str:
    low, high = words.number(times * found.low, 0), words.number(times * found.high, 0)
    return words.say("public.statistics.span", low=low, high=high)


def _small(row: SmallArea, areas: Mapping[str, Mapping[str, str]], words: Words) -> tuple[str, str, str]:
    return (
        words.pick(areas.get(row.area, {"en": row.area})),
        _error(row.direct, row.direct_se, words),
        _error(row.value, row.rmse, words),
    )


def _error(value: float, error: float, words: Words) -> str:
    return words.say("public.statistics.small-error", value=words.number(value, 2), error=words.number(error, 2))


def _line(name: str, words: Words) -> str:
    key = f"public.line.{name}"
    return words.say(key) if key in words.entries else name


ROUTES = (
    ("GET", "/p/{programme}/statistics", show),
    ("GET", "/p/{programme}/statistics/{name}", file),
)

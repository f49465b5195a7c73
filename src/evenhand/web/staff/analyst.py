"""The analyst's pages: what a programme means, its expected errors, its instrument, statistics, their budget."""

import threading

from fastapi.responses import Response

from evenhand.audit.expect import Expectation
from evenhand.errors import EvenhandError
from evenhand.programme.definition import Programme
from evenhand.report.expectation import render_expectation
from evenhand.service.expect import expected_errors
from evenhand.service.programme import meaning
from evenhand.service.public_statistics import show as statistics_of
from evenhand.service.publish import due_months, publish
from evenhand.web.faults import told
from evenhand.web.forms import Form
from evenhand.web.staff import pictures
from evenhand.web.staff.who import me, note, page
from evenhand.web.visit import Visit, Visitor

PEOPLE, TOWNS = 1_000, 30
"""Of the simulation on the page; the command simulates more."""

_KNOWN: dict[tuple[str, int, int | None], Expectation] = {}
_ONE = threading.Lock()
"""One simulation at a time."""


def base(visit: Visit) -> str:
    """Where a programme's pages for staff begin."""
    return f"/staff/p/{visit.programme.name}"


def show_programme(visit: Visitor) -> Response:
    """What the programme does, in sentences."""
    return page(
        visit,
        "staff/programme.html",
        programme=visit.programme,
        meaning=meaning(visit.programme),
        base=base(visit),
        back="/staff",
    )


def show_expected(visit: Visitor) -> Response:
    """Expected errors before launch, on invented people."""
    found = expectation(visit.programme)
    return page(
        visit,
        "staff/expected.html",
        programme=visit.programme,
        found=found,
        rule=next(row for row in found.ways if row.way == "rule" and row.group == "all"),
        pictures=[
            each for each in (pictures.ways(found, visit.words), pictures.what_if(found, visit.words)) if each
        ],
        base=base(visit),
        back=f"{base(visit)}/programme",
    )


def expected_report(visit: Visitor) -> Response:
    """The same as a report to take away."""
    text = render_expectation(expectation(visit.programme))
    return download(text, "text/html; charset=utf-8", f"{visit.programme.name}-expected-errors.html")


def show_instrument(visit: Visitor) -> Response:
    """The instrument's card: its items, their parameters and where the scale comes from."""
    programme = visit.programme
    scale, instrument = programme.need_scale(), programme.need_instrument()
    wording = {item.name: item.wording for item in instrument.items}
    return page(
        visit,
        "staff/instrument.html",
        programme=programme,
        scale=scale,
        instrument=instrument,
        wording=wording,
        threshold=programme.threshold_value(),
        base=base(visit),
        back=f"{base(visit)}/programme" if "analyst" in visit.roles else "/staff",
    )


def show_statistics(visit: Visitor) -> Response:
    """The privacy budget, what is due, and what was released."""
    return _statistics(visit)


def publish_sent(visit: Visitor, form: Form) -> Response:
    """Release a month that ended."""
    month = form.text("month", 7)
    with visit.office.store.reading() as reading:
        due = due_months(visit.office, reading, visit.programme.name)
    if month not in due:
        return _statistics(visit, [("month", visit.words.say("staff.statistics.choose"))])
    try:
        publish(visit.office, me(visit), visit.programme.name, month)
    except EvenhandError as error:
        if not error.code.startswith("statistics."):
            raise
        return _statistics(visit, [("month", " ".join(part for part in told(visit.words, error) if part))])
    note(visit, "staff.statistics.released")
    return visit.go(f"{base(visit)}/statistics")


def expectation(programme: Programme, n: int = PEOPLE, places: int | None = None) -> Expectation:
    """The expected errors, simulated once for each definition, number of people and number of places."""
    key = (programme.hash(), n, places)
    with _ONE:
        if key not in _KNOWN:
            if len(_KNOWN) >= 16:
                _KNOWN.pop(next(iter(_KNOWN)))
            _KNOWN[key] = expected_errors(programme, n=n, towns=TOWNS, places=places)
        return _KNOWN[key]


def download(text: str, media: str, name: str) -> Response:
    """A file to take away: a browser keeps it, and runs nothing of it."""
    return Response(text, media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'})


def _statistics(visit: Visit, errors: list[tuple[str, str]] | None = None) -> Response:
    found = statistics_of(visit.office, visit.programme.name)
    with visit.office.store.reading() as reading:
        due = due_months(visit.office, reading, visit.programme.name)
    years = sorted({int(each[:4]) for each in (*found.months, *due)})
    return page(
        visit,
        "staff/statistics.html",
        422 if errors else 200,
        programme=visit.programme,
        found=found,
        due=due,
        budget=[(year, float(found.ledger.spent(year)), float(found.ledger.left(year))) for year in years],
        errors=errors,
        base=base(visit),
        back=f"{base(visit)}/programme",
    )


ROUTES = (
    ("GET", "/staff/p/{programme}/programme", show_programme),
    ("GET", "/staff/p/{programme}/expected", show_expected),
    ("GET", "/staff/p/{programme}/expected/report.html", expected_report),
    ("GET", "/staff/p/{programme}/instrument", show_instrument),
    ("GET", "/staff/p/{programme}/statistics", show_statistics),
    ("POST", "/staff/p/{programme}/statistics", publish_sent),
)

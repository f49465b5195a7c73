"""Rounds for anybody: the protocol as far as it has come, and the files from which everybody can draw again."""

from fastapi.responses import Response

from evenhand.casework.explaintexts import Words
from evenhand.errors import RoundError, WebError
from evenhand.service.round_expected import RoundErrors, round_expected
from evenhand.service.round_files import RoundFiles, round_files
from evenhand.service.rounds import protocol_of, steps_of
from evenhand.web.staff.rounds import names_of, status_of
from evenhand.web.visit import Visit, Visitor


def show_rounds(visit: Visitor) -> Response:
    """Every round of the programme."""
    name = visit.programme.name
    with visit.office.store.reading() as reading:
        rows = [(each, steps_of(reading, name, each)) for each in names_of(reading, name)]
    return visit.page(
        "public/rounds.html",
        programme=visit.programme,
        rows=[(each, status_of(steps), steps) for each, steps in rows],
        back=f"/p/{name}/rules",
    )


def show_round(visit: Visitor, name: str) -> Response:
    """A round's protocol in words, and its files."""
    files = _files(visit, name)
    with visit.office.store.reading() as reading:
        steps = steps_of(reading, visit.programme.name, name)
        protocol = protocol_of(visit.office, reading, visit.programme.name, name)
    return visit.page(
        "public/round.html",
        programme=visit.programme,
        name=name,
        steps=steps,
        stands=status_of(steps),
        protocol=protocol,
        has_tickets=files.tickets is not None,
        expected=_expected(round_expected(visit.office, visit.programme.name, name), visit.words),
        back=f"/p/{visit.programme.name}/rounds",
    )


def _expected(found: tuple[RoundErrors, ...], words: Words) -> list[tuple[str, str, str]]:
    """A row for each way: its name and its two errors."""
    return [
        (words.say(f"public.round.way.{each.way}"), _share(each.exclusion, words), _share(each.inclusion, words))
        for each in found
    ]


def _share(value: float | None, words: Words) -> str:
    return "–" if value is None else f"{words.number(100 * value, 0)} %"


def protocol_file(visit: Visitor, name: str) -> Response:
    """`protocol.json`."""
    return _download(_files(visit, name).protocol, "application/json", "protocol.json")


def tickets_file(visit: Visitor, name: str) -> Response:
    """`tickets.csv`."""
    found = _files(visit, name).tickets
    if found is None:
        raise _no_page()
    return _download(found, "text/csv; charset=utf-8", "tickets.csv")


def _files(visit: Visit, name: str) -> RoundFiles:
    with visit.office.store.reading() as reading:
        if name not in names_of(reading, visit.programme.name):
            raise _no_page()
    try:
        return round_files(visit.office, visit.programme.name, name)
    except RoundError as error:
        raise _no_page() from error


def _download(text: str, media: str, name: str) -> Response:
    return Response(text, media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'})


def _no_page() -> WebError:
    return WebError("web.not-found", "There is no such page.", mend="Look at the address.")


ROUTES = (
    ("GET", "/p/{programme}/rounds", show_rounds),
    ("GET", "/p/{programme}/rounds/{name}", show_round),
    ("GET", "/p/{programme}/rounds/{name}/protocol.json", protocol_file),
    ("GET", "/p/{programme}/rounds/{name}/tickets.csv", tickets_file),
)

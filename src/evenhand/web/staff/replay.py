"""An auditor's replay of a round from the stored list, also where the public file is withheld. No ticket shows."""

from fastapi.responses import Response

from evenhand.errors import RoundError, WebError
from evenhand.service.round_files import replay_stored
from evenhand.service.rounds import steps_of
from evenhand.web.staff.rounds import names_of, status_of
from evenhand.web.staff.who import me, page
from evenhand.web.visit import Visitor


def show_all(visit: Visitor) -> Response:
    """Every round, and which can be replayed."""
    name = visit.programme.name
    with visit.office.store.reading() as reading:
        rows = [(each, status_of(steps_of(reading, name, each))) for each in names_of(reading, name)]
    return page(visit, "staff/replays.html", programme=visit.programme, rows=rows, back="/staff")


def show(visit: Visitor, name: str) -> Response:
    """A round recomputed now."""
    programme = visit.programme.name
    try:
        found = replay_stored(visit.office, me(visit), programme, name)
    except RoundError as error:
        raise WebError("web.not-found", "There is no such page.", mend="Look at the address.") from error
    return page(
        visit,
        "staff/replay.html",
        programme=visit.programme,
        name=name,
        found=found,
        back=f"/staff/p/{programme}/replays",
    )


ROUTES = (
    ("GET", "/staff/p/{programme}/replays", show_all),
    ("GET", "/staff/p/{programme}/rounds/{name}/replay", show),
)

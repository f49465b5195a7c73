"""The first page of staff: what each role can do, by programme."""

from fastapi.responses import Response

from evenhand.web.staff.who import me, page
from evenhand.web.visit import Visitor


def start(visit: Visitor) -> Response:
    """Everything that this member of staff can open."""
    roles = me(visit).roles
    with visit.office.store.reading() as reading:
        rows = [(row, visit.office.programme(reading, row.name)) for row in reading.programmes()]
        waiting = {row.name: dict(reading.counts(row.name)) for row, _ in rows} if "caseworker" in roles else {}
    return page(visit, "staff/start.html", roles=roles, rows=rows, waiting=waiting)


ROUTES = (("GET", "/staff", start),)

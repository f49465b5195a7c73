"""Rounds on the pages: plan beside expected errors, close, record the second value, reveal; or declare void."""

from collections.abc import Callable
from typing import Any

from fastapi.responses import Response

from evenhand.audit.expect import Expectation
from evenhand.casework.allocate import reserved_of
from evenhand.casework.events import RoundPlanned
from evenhand.errors import EvenhandError, RoundError
from evenhand.service.decide import places_left
from evenhand.service.rounds import close, plan, protocol_of, record_second_value, reveal, steps_of, void
from evenhand.store.read import Reading
from evenhand.web.faults import told
from evenhand.web.forms import Form, Sent
from evenhand.web.staff import pictures
from evenhand.web.staff.analyst import base, expectation
from evenhand.web.staff.who import me, note, page
from evenhand.web.visit import ElsewhereError, Visit, Visitor

Errors = list[tuple[str, str]]

PEOPLE = (10, 2_000)
"""Of a what-if: each look invents them anew, and one look at a time."""


def names_of(reading: Reading, programme: str) -> tuple[str, ...]:
    """The rounds of a programme, newest first."""
    found = reading.office_events(programme, kind=RoundPlanned.kind)
    return tuple(event.round for _, event in reversed(found) if isinstance(event, RoundPlanned))


def status_of(steps: Any) -> str:
    """The last step that a round has taken."""
    order = ("voided", "revealed", "drawn", "closed", "planned")
    return next((step for step in order if getattr(steps, step) is not None), "")


def show_rounds(visit: Visitor) -> Response:
    """Every round, what another budget would come to, and the form for a new round."""
    asked = visit.request.query_params
    if "people" not in asked and "seats" not in asked:
        return _rounds(visit)
    people, seats = asked.get("people", ""), asked.get("seats", "")
    errors: Errors = []
    n = _whole(visit, errors, "people", people, *PEOPLE)
    places = _whole(visit, errors, "seats", seats, 1, n or PEOPLE[1])
    form = Sent({"people": (people,), "seats": (seats,)})
    if n is None or places is None:
        return _rounds(visit, errors, form)
    return _rounds(visit, None, form, expectation(visit.programme, n, places))


def plan_sent(visit: Visitor, form: Form) -> Response:
    """Fix the protocol of a round."""
    name, places = form.text("name", 40), form.text("places", 9)
    errors: Errors = []
    if places and not (places.isascii() and places.isdigit()):
        errors.append(("places", visit.words.say("staff.round.places-number")))
    if not errors:
        errors = _try(
            visit,
            "name",
            lambda: plan(
                visit.office,
                me(visit),
                visit.programme.name,
                name,
                approved_by=form.text("approved", 64),
                second_value_from=form.text("source", 200),
                places=int(places) if places else None,
            ),
        )
    if errors:
        return _rounds(visit, errors, form)
    note(visit, "staff.round.planned")
    return visit.go(f"{base(visit)}/rounds/{name}")


def show_round(visit: Visitor, name: str) -> Response:
    """A round: its protocol, and the step that comes next."""
    return _round(visit, name)


def close_sent(visit: Visitor, name: str, form: Form) -> Response:  # noqa: ARG001 - a form, so that no link closes
    """Close the list."""
    return _step(visit, name, "close", lambda: close(visit.office, me(visit), visit.programme.name, name))


def draw_sent(visit: Visitor, name: str, form: Form) -> Response:
    """Record the second value."""
    value, source = form.text("value", 200), form.text("source", 200)
    return _step(
        visit,
        name,
        "value",
        lambda: record_second_value(
            visit.office, me(visit), visit.programme.name, name, value=value, source=source
        ),
    )


def reveal_sent(visit: Visitor, name: str, form: Form) -> Response:  # noqa: ARG001 - as for the close
    """Reveal the secret and draw."""
    return _step(visit, name, "reveal", lambda: reveal(visit.office, me(visit), visit.programme.name, name))


def void_sent(visit: Visitor, name: str, form: Form) -> Response:
    """Declare the round void."""
    reason = form.text("reason", 500)
    if len(reason) < 10:
        return _round(visit, name, [("reason", visit.words.say("staff.round.reason"))])
    return _step(
        visit, name, "reason", lambda: void(visit.office, me(visit), visit.programme.name, name, reason=reason)
    )


def _step(visit: Visit, name: str, field: str, step: Callable[[], Any]) -> Response:
    _require(visit, name)
    errors = _try(visit, field, step)
    if errors:
        return _round(visit, name, errors)
    note(visit, "staff.round.done")
    return visit.go(f"{base(visit)}/rounds/{name}")


def _try(visit: Visit, field: str, step: Callable[[], Any]) -> Errors:
    try:
        step()
    except RoundError as error:
        return [(field, " ".join(part for part in told(visit.words, error) if part))]
    return []


def _require(visit: Visit, name: str) -> None:
    with visit.office.store.reading() as reading:
        if steps_of(reading, visit.programme.name, name).planned is None:
            raise ElsewhereError(f"{base(visit)}/rounds")


def _whole(visit: Visit, errors: Errors, field: str, text: str, low: int, high: int) -> int | None:
    if text.isascii() and text.isdigit() and len(text) < 9 and low <= int(text) <= high:
        return int(text)
    errors.append((field, visit.words.say("staff.budgets.number", low=str(low), high=str(high))))
    return None


def _rounds(
    visit: Visit, errors: Errors | None = None, form: Sent | None = None, found: Expectation | None = None
) -> Response:
    programme = visit.programme
    with visit.office.store.reading() as reading:
        rows = [
            (name, status_of(steps_of(reading, programme.name, name)))
            for name in names_of(reading, programme.name)
        ]
        left = places_left(reading, programme)
    found = found or expectation(programme)
    return page(
        visit,
        "staff/rounds.html",
        422 if errors else 200,
        programme=programme,
        rows=rows,
        left=left,
        reserved=reserved_of(left, programme.rule.reserved_share) if left > 0 else 0,
        pictures=[
            each for each in (pictures.budgets(found, visit.words), pictures.what_if(found, visit.words)) if each
        ],
        places=found.places,
        people=found.n,
        errors=errors,
        sent=form,
        base=base(visit),
        back="/staff",
    )


def _round(visit: Visit, name: str, errors: Errors | None = None) -> Response:
    _require(visit, name)
    programme = visit.programme
    with visit.office.store.reading() as reading:
        steps = steps_of(reading, programme.name, name)
        try:
            protocol = protocol_of(visit.office, reading, programme.name, name)
        except EvenhandError:
            raise ElsewhereError(f"{base(visit)}/rounds") from None
    return page(
        visit,
        "staff/round.html",
        422 if errors else 200,
        programme=programme,
        name=name,
        steps=steps,
        stands=status_of(steps),
        protocol=protocol,
        errors=errors,
        base=base(visit),
        back=f"{base(visit)}/rounds",
    )


ROUTES = (
    ("GET", "/staff/p/{programme}/rounds", show_rounds),
    ("POST", "/staff/p/{programme}/rounds", plan_sent),
    ("GET", "/staff/p/{programme}/rounds/{name}", show_round),
    ("POST", "/staff/p/{programme}/rounds/{name}/close", close_sent),
    ("POST", "/staff/p/{programme}/rounds/{name}/draw", draw_sent),
    ("POST", "/staff/p/{programme}/rounds/{name}/reveal", reveal_sent),
    ("POST", "/staff/p/{programme}/rounds/{name}/void", void_sent),
)

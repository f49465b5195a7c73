"""Who a visitor is, looked up with every request: whoever is shut out, or loses a role, loses it at once."""

from typing import Any

from fastapi.responses import HTMLResponse

from evenhand.casework.roles import Actor
from evenhand.errors import CaseError
from evenhand.service.staff import actor_of
from evenhand.web.visit import Visit


def staff_roles(visit: Visit) -> frozenset[str]:
    """The roles of a member of staff who showed both factors; none for anybody else."""
    session = visit.session
    if session is None or session.staff is None or not session.strong:
        return frozenset()
    try:
        return frozenset(actor_of(visit.office, session.staff).roles)
    except CaseError:
        visit.sign_out()
        return frozenset()


def me(visit: Visit) -> Actor:
    """The member of staff whose visit it is.

    Raises:
        CaseError: they were shut out meanwhile.
    """
    session = visit.session
    assert session is not None and session.staff is not None and session.strong  # noqa: S101, PT018 - the guard saw to it
    return actor_of(visit.office, session.staff)


def page(visit: Visit, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A page of staff: it says who is signed in, and what became of the last form."""
    session = visit.session
    told = session.shown.pop("notice", "") if session is not None else ""
    return visit.page(
        template,
        status,
        **{
            **(
                {} if visit.request.method == "GET" else {"other_languages": []}
            ),  # the address of a form is no page
            "me": session.staff if session is not None and session.strong else "",
            "notice": visit.words.say(told) if told else "",
            **context,
        },
    )


def note(visit: Visit, key: str) -> None:
    """Say on the next page what became of a form; the key of a text."""
    visit.begin().shown["notice"] = key

"""Before a code: what a programme is, its notice, the paper form, and a complaint by anybody."""

from fastapi.responses import Response

from evenhand.casework.appeal import LONGEST
from evenhand.errors import CaseError
from evenhand.service.appeal import complain
from evenhand.service.questions import questions_of
from evenhand.web.forms import Form
from evenhand.web.respondent.steps import asking_words, base, field_error, mine, one_error
from evenhand.web.visit import Visit, Visitor


def takes_in(visit: Visit) -> bool:
    """Whether the programme takes people in today."""
    dates, today = visit.programme.dates, visit.office.clock().date()
    with visit.office.store.reading() as reading:
        row = reading.programme(visit.programme.name)
    return row is not None and row.closed_at is None and dates.opens <= today <= dates.intake_closes


def start(visit: Visitor) -> Response:
    """The first page of a programme."""
    if visit.in_case:
        return visit.go(mine(visit))
    return visit.page("respondent/start.html", programme=visit.programme, takes_in=takes_in(visit))


def notice(visit: Visitor) -> Response:
    """The notice, for everybody to read."""
    return visit.page("respondent/notice.html", programme=visit.programme, back=base(visit))


def paper(visit: Visitor) -> Response:
    """Every question on paper, to fill in by hand."""
    asked = questions_of(visit.programme)
    words = asking_words(visit.words)
    return visit.page(
        "respondent/paper.html", programme=visit.programme, questions=asked, back=base(visit), **words
    )


def complaint(visit: Visitor) -> Response:
    """A complaint without a code."""
    return _complaint(visit)


def send_complaint(visit: Visitor, form: Form) -> Response:
    """Pass a complaint on, or say where to bring it."""
    text = form.text("words", LONGEST)
    if not text:
        return _complaint(visit, errors=one_error(visit, "words", "complaint.empty"))
    if len(text) > LONGEST:
        return _complaint(visit, text=text[:LONGEST], errors=one_error(visit, "words", "words.long"))
    session = visit.begin()
    with session.alone:
        token = form.once("complaint") or ""
        if token and session.shown.get("complaint") == token:
            return visit.go(f"{base(visit)}/complaint/sent")
        try:
            complain(visit.office, visit.programme.name, text)
        except CaseError as error:
            return _complaint(visit, text=text, errors=field_error(visit, error, "words"))
        session.shown["complaint"] = token
    return visit.go(f"{base(visit)}/complaint/sent")


def complaint_sent(visit: Visitor) -> Response:
    """The complaint was passed on."""
    return visit.page("respondent/complaint_sent.html", programme=visit.programme)


def _complaint(visit: Visit, *, text: str = "", errors: list[tuple[str, str]] | None = None) -> Response:
    return visit.page(
        "respondent/complaint.html",
        422 if errors else 200,
        programme=visit.programme,
        text=text,
        errors=errors,
        back=base(visit),
    )


ROUTES = (
    ("GET", "/p/{programme}", start),
    ("GET", "/p/{programme}/notice", notice),
    ("GET", "/p/{programme}/paper", paper),
    ("GET", "/p/{programme}/complaint", complaint),
    ("POST", "/p/{programme}/complaint", send_complaint),
    ("GET", "/p/{programme}/complaint/sent", complaint_sent),
)

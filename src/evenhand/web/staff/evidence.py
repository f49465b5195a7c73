"""The auditor's evidence on pages: made apart from requests, one at a time, kept while the ledger is the same."""

import base64
import hashlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.responses import Response

from evenhand.casework.roles import Actor
from evenhand.errors import WebError
from evenhand.report.auditfiles import HTML, JSON, audit_files
from evenhand.report.evidence import key_figures, sections, summary
from evenhand.report.facts import KeyFigure
from evenhand.report.page import Section
from evenhand.service.audit import Audited, audit
from evenhand.service.office import Office, permit
from evenhand.web.staff.analyst import download
from evenhand.web.staff.who import me, page
from evenhand.web.visit import ElsewhereError, Visit, Visitor

FRESH = 60.0
"""Seconds for which figures are shown although the ledger has grown: the page and its files are then the same."""

PATIENCE = 3.0
"""Seconds that a request waits for figures before it says that they are being made."""

KEPT = 16
"""Programmes whose figures are kept."""

ASK_AGAIN = 5
"""Seconds after which a page that waits asks again."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Evidence with all that is shown of it.

    Attributes:
        audited: the figures.
        sections: the parts of the page, drawn.
        files: the report and the figures for machines, by file name.
        made: when, by a clock that never goes back.
    """

    audited: Audited
    sections: tuple[Section, ...]
    files: dict[str, str]
    made: float

    @property
    def figures(self) -> tuple[KeyFigure, ...]:
        """The figures at the top."""
        return key_figures(self.audited.evidence.everybody)

    @property
    def findings(self) -> tuple[str, ...]:
        """What stands out."""
        return summary(self.audited.evidence)


class Evidences:
    """The latest evidence of each programme.

    Args:
        make: makes it.
        clock: a clock that never goes back.
    """

    def __init__(
        self,
        make: Callable[[Office, Actor, str], Audited] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._audit, self._clock = make or _audit, clock
        self._lock, self._pool = threading.Lock(), ThreadPoolExecutor(1, "evidence")
        self._kept: dict[str, Shown] = {}
        self._jobs: dict[str, Future[Shown]] = {}

    def get(self, office: Office, actor: Actor, programme: str, *, patience: float = PATIENCE) -> Shown | None:
        """The evidence, or None while it is being made.

        Args:
            office: the office.
            actor: an auditor.
            programme: its name.
            patience: seconds to wait.

        Raises:
            CaseError: not yours to see, or there is no such programme.
        """
        permit(actor, "see evidence")
        job = self._job(office, actor, programme)
        if isinstance(job, Shown):
            return job
        wait([job], patience)
        if not job.done():
            return None
        with self._lock:
            return self._collected(programme) if self._jobs.get(programme) is job else job.result()

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _job(self, office: Office, actor: Actor, programme: str) -> "Shown | Future[Shown]":
        with office.store.reading() as reading:
            office.programme(reading, programme)
            state = (reading.size(), office.clock().date().isoformat())
        with self._lock:
            job = self._jobs.get(programme)
            if job is not None and not job.done():
                return job
            kept = self._collected(programme)
            if kept is not None and self._holds(kept, state):
                return kept
            self._jobs[programme] = self._pool.submit(self._make, office, actor, programme)
            return self._jobs[programme]

    def _collected(self, programme: str) -> Shown | None:
        """The latest evidence, after whatever became of a job that ended; the lock is held."""
        job = self._jobs.pop(programme, None)
        if job is not None:
            made = job.result()
            self._kept.pop(programme, None)
            self._kept[programme] = made
            while len(self._kept) > KEPT:
                self._kept.pop(next(iter(self._kept)))
        return self._kept.get(programme)

    def _holds(self, kept: Shown, state: tuple[int, str]) -> bool:
        return (kept.audited.entries, kept.audited.on) == state or self._clock() - kept.made < FRESH

    def _make(self, office: Office, actor: Actor, programme: str) -> Shown:
        found = self._audit(office, actor, programme)
        drawn = tuple(sections(found.evidence))
        return Shown(found, drawn, audit_files(found.evidence, (), head=found.head, drawn=drawn), self._clock())


def _audit(office: Office, actor: Actor, programme: str) -> Audited:
    return audit(office, actor, programme, drafts=False)


def show(visit: Visitor) -> Response:
    """The evidence of a programme: figures with intervals, what stands out first."""
    name = visit.programme.name
    found = _evidences(visit).get(visit.office, me(visit), name)
    if found is None:
        return page(visit, "staff/evidence-wait.html", programme=visit.programme, again=ASK_AGAIN, back="/staff")
    return page(
        visit,
        "staff/evidence.html",
        programme=visit.programme,
        found=found,
        key=[(each.label, f"{each.value} ({each.note})") for each in found.figures],
        names=(HTML, JSON),
        back="/staff",
    )


def file(visit: Visitor, name: str) -> Response:
    """The report, which opens as a page of its own, or the figures for machines."""
    if name not in {HTML, JSON}:
        raise WebError("web.not-found", "There is no such page.", mend="Look at the address.")
    found = _evidences(visit).get(visit.office, me(visit), visit.programme.name)
    if found is None:
        raise ElsewhereError(f"/staff/p/{visit.programme.name}/evidence")
    if name == JSON:
        return download(found.files[JSON], "application/json", f"{visit.programme.name}-{JSON}")
    return report(found.files[HTML])


def report(text: str) -> Response:
    """A report of ours as a page: its own style, named by its hash, and nothing else of it or of any place."""
    style = text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'none'; frame-ancestors 'none'; "
        "base-uri 'none'"
    )
    return Response(text, media_type="text/html; charset=utf-8", headers={"content-security-policy": policy})


def prepare(app: FastAPI) -> None:
    """Let the app keep evidence."""
    app.state.evidences = Evidences()


def end(app: FastAPI) -> None:
    """Begin nothing more."""
    app.state.evidences.close()


def _evidences(visit: Visit) -> Evidences:
    found = visit.request.app.state.evidences
    assert isinstance(found, Evidences)  # noqa: S101 - `prepare` put it there
    return found


ROUTES = (
    ("GET", "/staff/p/{programme}/evidence", show),
    ("GET", "/staff/p/{programme}/evidence/{name}", file),
)

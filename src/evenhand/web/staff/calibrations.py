"""Calibrations on uploaded files: send one, watch it, see what it came to, look for item bias, take it away.

Only who uploaded a file sees anything of it, and nobody gets the answers back.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast

from fastapi import Depends, FastAPI, Request
from fastapi.responses import Response

from evenhand.errors import BoundaryError, EvenhandError, InputError, OptionError, WebError
from evenhand.measure.responses import WeightsKind
from evenhand.programme.guard import ColumnUse, check_column
from evenhand.programme.instrument import Instrument, instrument_from, library_names, load_instrument
from evenhand.programme.scale import MethodName, ModelName
from evenhand.programme.yamltext import parse_document
from evenhand.service.dif import METHODS, MIN_N, Dif, DifMethod
from evenhand.service.options import MODELS, Options
from evenhand.service.prevalence import MIN_GROUP
from evenhand.tabular.glance import ENDINGS
from evenhand.web.faults import told
from evenhand.web.forms import Form, Sent
from evenhand.web.staff import pictures
from evenhand.web.staff.calibrations_kept import Calibrations, Place
from evenhand.web.staff.calibrations_run import ITEMS, REPORT, SCALE, WORKING, Kept, Plan, Stage
from evenhand.web.staff.who import me, note, page
from evenhand.web.uploads import Uploaded, read_upload
from evenhand.web.visit import ElsewhereError, Visit, Visitor

BASE = "/staff/calibrations"
OWN = "own"
"""The choice of an instrument that is sent along."""

MOST = {"answers": 20 * 2**20, OWN: 1_000_000}
"""Bytes of each file."""

KINDS: tuple[WeightsKind, ...] = ("sampling", "frequency")
ESTIMATES: tuple[MethodName, ...] = ("mml", "cml")
STEPS: tuple[Stage, ...] = ("waiting", "reading", "calibrating", "writing", "done")

Errors = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Received:
    """What was sent, and the place that is held for it."""

    place: Place
    uploaded: Uploaded


async def _received(request: Request) -> AsyncIterator[Received]:
    """Take a place in the line, then the files. What is not put into the line is deleted at the end."""
    kept = of_app(request)
    place = kept.reserve(me(request.state.visit).id)
    try:
        yield Received(place, await read_upload(request, place.folder, MOST))
    finally:
        kept.release(place)


Files = Annotated[Received, Depends(_received)]


def of_app(request: Request) -> Calibrations:
    """The uploaded files of this service."""
    found = request.app.state.calibrations
    assert isinstance(found, Calibrations)  # noqa: S101 - `prepare` put it there
    return found


def prepare(app: FastAPI) -> None:
    """Let the app have a place for uploaded files. It is made at the first of them."""
    log = app.state.log
    app.state.calibrations = Calibrations(on_fault=lambda kind, at: log.error("fault", kind=kind, at=at))


def show_all(visit: Visitor) -> Response:
    """What somebody uploaded, and the form for one more."""
    return _all(visit)


def upload_sent(visit: Visitor, received: Files) -> Response:
    """Put a file into the line."""
    sent = received.uploaded.sent
    plan, errors = _plan(visit, received.uploaded)
    answers = received.uploaded.files.get("answers")
    name = received.uploaded.names.get("answers", "")
    ending = Path(name).suffix.casefold()
    if answers is None:
        errors.insert(0, ("answers", visit.words.say("staff.calibrations.choose-file")))
    elif ending not in ENDINGS:
        errors.insert(0, ("answers", visit.words.say("staff.calibrations.ending", endings=", ".join(ENDINGS))))
    if errors or plan is None or answers is None:
        return _all(visit, errors, sent)
    path = answers.rename(received.place.folder / f"answers{ending}")
    kept = of_app(visit.request).add(received.place, path, name, plan)
    return visit.go(_address(kept, follow=sent.ticked("follow", "yes")))


def show_one(visit: Visitor, mark: str) -> Response:
    """How far it is; when it is done, what it came to."""
    return _one(visit, _mine(visit, mark))


def report(visit: Visitor, mark: str) -> Response:
    """The report."""
    return _file(visit, mark, REPORT, "text/html; charset=utf-8")


def scale_file(visit: Visitor, mark: str) -> Response:
    """The scale."""
    return _file(visit, mark, SCALE, "application/json")


def items_table(visit: Visitor, mark: str) -> Response:
    """The table of the items."""
    return _file(visit, mark, ITEMS, "text/csv; charset=utf-8")


def stop_sent(visit: Visitor, mark: str, form: Form) -> Response:  # noqa: ARG001 - a form, so that no link stops it
    """Stop the work."""
    kept = _mine(visit, mark)
    of_app(visit.request).stop(kept)
    note(visit, "staff.calibrations.stop-asked")
    return visit.go(_address(kept, follow=False))


def drop_sent(visit: Visitor, mark: str, form: Form) -> Response:  # noqa: ARG001 - as before
    """Delete everything of it."""
    of_app(visit.request).drop(_mine(visit, mark))
    note(visit, "staff.calibrations.dropped")
    return visit.go(BASE)


def bias_sent(visit: Visitor, mark: str, form: Form) -> Response:
    """Look for item bias by a column."""
    kept = _mine(visit, mark)
    if kept.result is None or kept.working:
        raise ElsewhereError(_address(kept, follow=False))
    column, method = form.text("column", 500), form.text("method", 20)
    errors: Errors = []
    if column not in kept.result.grouping.offered:
        errors.append(("column", _refused(visit, column, "group") or visit.words.say("staff.dif.choose")))
    if method not in METHODS:
        errors.append(("method", visit.words.say("staff.dif.choose-method")))
    if errors:
        return _one(visit, kept, errors, form)
    of_app(visit.request).examine(kept, column, cast("DifMethod", method))
    return visit.go(f"{BASE}/{kept.mark}/dif{'?follow=yes' if form.ticked('follow', 'yes') else ''}")


def show_bias(visit: Visitor, mark: str) -> Response:
    """What the search for item bias found, or how far it is."""
    kept = _mine(visit, mark)
    bias = kept.bias
    if bias is None:
        raise ElsewhereError(_address(kept, follow=False))
    stage = bias.stage  # as for the calibration
    found = bias.found if stage == "done" else None
    return page(
        visit,
        "staff/calibration-dif.html",
        kept=kept,
        bias=bias,
        found=found,
        notes=[] if found is None else _notes(found),
        picture_of=None if found is None else pictures.item_bias(found, bias.method, visit.words),
        **_progress(visit, kept, stage, f"{BASE}/{kept.mark}/dif"),
        min_n=MIN_N,
        min_group=MIN_GROUP,
        back=f"{BASE}/{kept.mark}",
    )


def _notes(found: Dif) -> list[str]:
    """What the reader must know, a group that is too small told once and not for each item."""
    without = {f"{row.group}, {row.item} ({row.method}): {row.reason}." for row in found.items if not row.evidence}
    few = dict.fromkeys(f"{row.group}: {row.reason}." for row in found.items if not row.evidence)
    return [*few, *(note for note in found.notes if note not in without)]


def _mine(visit: Visit, mark: str) -> Kept:
    return of_app(visit.request).find(me(visit).id, mark)


def _address(kept: Kept, *, follow: bool) -> str:
    return f"{BASE}/{kept.mark}{'?follow=yes' if follow else ''}"


def _plan(visit: Visit, uploaded: Uploaded) -> tuple[Plan | None, Errors]:
    """How the file is to be calibrated, or what is wrong with the form."""
    sent, errors = uploaded.sent, list[tuple[str, str]]()
    instrument = _instrument(visit, uploaded, errors)
    options = _options(visit, sent, errors)
    weights, kind, cluster = sent.text("weights"), sent.text("weights-kind", 20), sent.text("cluster")
    for field, name, use in (("weights", weights, "weights"), ("cluster", cluster, "cluster")):
        refused = _refused(visit, name, cast("ColumnUse", use)) if name else ""
        if refused:
            errors.append((field, refused))
    if weights and kind not in KINDS:
        errors.append(("weights-kind", visit.words.say("staff.calibrations.choose-kind")))
    if errors or instrument is None or options is None:
        return None, errors
    weights_kind = cast("WeightsKind", kind) if weights else None
    return Plan(instrument, options, weights or None, weights_kind, cluster or None), errors


def _instrument(visit: Visit, uploaded: Uploaded, errors: Errors) -> Instrument | None:
    """The instrument, or None with what is wrong beside its field."""
    chosen, path = uploaded.sent.text("instrument", 64), uploaded.files.get(OWN)
    if chosen in library_names():
        return load_instrument(chosen)
    if chosen != OWN:
        errors.append(("instrument", visit.words.say("staff.calibrations.choose-instrument")))
    elif path is None:
        errors.append((OWN, visit.words.say("staff.calibrations.choose-own")))
    else:
        try:
            return instrument_from(parse_document(path.read_bytes(), source=uploaded.names[OWN]))
        except (InputError, BoundaryError) as error:
            errors.append((OWN, explained(visit, error)))
    return None


def _options(visit: Visit, sent: Sent, errors: Errors) -> Options | None:
    """Model and method, or None with what is wrong beside the field."""
    model, method = cast("ModelName", sent.text("model", 20)), cast("MethodName", sent.text("method", 20))
    if model not in MODELS or method not in ESTIMATES:
        errors.append(("model", visit.words.say("staff.calibrations.choose-model")))
        return None
    try:
        return Options(model=model, method=method)
    except OptionError as error:
        errors.append(("model", explained(visit, error)))
        return None


def _refused(visit: Visit, name: str, use: ColumnUse) -> str:
    """Why a column may not be used so; empty where it may."""
    try:
        check_column(name, use)
    except BoundaryError as error:
        return explained(visit, error)
    return ""


def explained(visit: Visit, error: EvenhandError) -> str:
    """An error in the words of the catalogue, else in its own: an analyst needs the line and the column."""
    if f"fault.{error.code}.what" in visit.words.entries:
        return " ".join(part for part in told(visit.words, error) if part)
    return " ".join(
        part for part in (error.what, error.where and f"({error.where})", error.why, error.mend) if part
    )


def _progress(visit: Visit, kept: Kept, stage: Stage, address: str) -> dict[str, Any]:
    """What a page of work that goes on shows. It loads itself again only where somebody asked for that."""
    working = stage in WORKING
    follow = visit.request.query_params.get("follow") == "yes"
    return {
        "working": working,
        "stage": stage,
        "steps": STEPS,
        "step": STEPS.index(stage) if stage in STEPS else 0,
        "follow": working and follow,
        "here": address,
        "before": of_app(visit.request).before(kept) if stage == "waiting" else 0,
    }


def _one(visit: Visit, kept: Kept, errors: Errors | None = None, form: Sent | None = None) -> Response:
    stage = kept.stage  # looked at once: the work goes on meanwhile
    result = kept.result if stage == "done" else None
    return page(
        visit,
        "staff/calibration.html",
        422 if errors else 200,
        kept=kept,
        result=result,
        picture_of=None if result is None else pictures.severities(result.record, visit.words),
        methods=METHODS,
        min_n=MIN_N,
        **_progress(visit, kept, stage, f"{BASE}/{kept.mark}"),
        errors=errors,
        sent=form,
        back=BASE,
    )


def _all(visit: Visit, errors: Errors | None = None, form: Sent | None = None) -> Response:
    return page(
        visit,
        "staff/calibrations.html",
        422 if errors else 200,
        kept=of_app(visit.request).of(me(visit).id),
        instruments=library_names(),
        own=OWN,
        models=MODELS,
        estimates=ESTIMATES,
        kinds=KINDS,
        endings=ENDINGS,
        most=MOST["answers"] // 2**20,
        errors=errors,
        sent=form,
        back="/staff",
    )


def _file(visit: Visit, mark: str, name: str, media: str) -> Response:
    """One of the three files that can be taken away: a browser keeps it, and runs nothing of it."""
    kept = _mine(visit, mark)
    if kept.result is None:
        raise ElsewhereError(_address(kept, follow=False))
    try:
        content = (kept.folder / name).read_bytes()
    except OSError:  # dropped, or its hour ended, between two lines of this
        raise WebError("web.not-found", "There is no such page.", mend="Look at the address.") from None
    return Response(content, media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'})


ROUTES = (
    ("GET", BASE, show_all),
    ("POST", BASE, upload_sent),
    ("GET", f"{BASE}/{{mark}}", show_one),
    ("GET", f"{BASE}/{{mark}}/report.html", report),
    ("GET", f"{BASE}/{{mark}}/scale.json", scale_file),
    ("GET", f"{BASE}/{{mark}}/items.csv", items_table),
    ("GET", f"{BASE}/{{mark}}/dif", show_bias),
    ("POST", f"{BASE}/{{mark}}/dif", bias_sent),
    ("POST", f"{BASE}/{{mark}}/stop", stop_sent),
    ("POST", f"{BASE}/{{mark}}/drop", drop_sent),
)

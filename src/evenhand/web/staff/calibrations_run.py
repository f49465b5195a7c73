"""The work on an uploaded file: calibrate it and write what can be taken away; look for item bias.

Nothing about a single person is kept: of the answers there are a scale, figures of fit and counts.
"""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Literal

import numpy as np

from evenhand.api import Scale
from evenhand.errors import EvenhandError, WebError
from evenhand.measure.responses import WeightsKind
from evenhand.programme.answers import Answers
from evenhand.programme.instrument import Instrument
from evenhand.programme.scale import ScaleRecord
from evenhand.service.calibrate import calibrate
from evenhand.service.check import findings
from evenhand.service.dif import Dif, DifMethod, dif
from evenhand.service.options import Options
from evenhand.service.prevalence import MIN_GROUP
from evenhand.service.recording import Calibrated
from evenhand.tabular.glance import Grouping, columns_to_group_by, require_modest
from evenhand.tabular.read import read_answers
from evenhand.tabular.scaletable import item_columns
from evenhand.tabular.tables import write_table

Stage = Literal["waiting", "reading", "calibrating", "writing", "done", "failed", "stopped"]
WORKING: tuple[Stage, ...] = ("waiting", "reading", "calibrating", "writing")

SCALE, REPORT, ITEMS = "scale.json", "report.html", "items.csv"
"""What can be taken away; nothing else of a folder can."""

LONGEST = 1_800.0
"""Seconds that a calibration may take here."""


class StoppedError(Exception):
    """Somebody stopped the work."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is calibrated.

    Attributes:
        instrument: says how its columns are read.
        options: model, method and rules.
        weights: column of weights.
        weights_kind: what they are.
        cluster: column of sampling clusters.
    """

    instrument: Instrument
    options: Options
    weights: str | None = None
    weights_kind: WeightsKind | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a calibration came to.

    Attributes:
        record: the scale.
        infit, outfit: (J,) mean squares of each item.
        findings: what stands out in the fit, one sentence each.
        notes: what was not used and what the reading found, one sentence each.
        grouping: the columns that people can be grouped by.
    """

    record: ScaleRecord
    infit: tuple[float, ...]
    outfit: tuple[float, ...]
    findings: tuple[str, ...]
    notes: tuple[str, ...]
    grouping: Grouping


@dataclass(slots=True)
class Bias:
    """A search for item bias.

    Attributes:
        column: people are grouped by it.
        method: how.
        stage: how far it is.
        found: what it found, when it is done.
        unnamed: how many groups were left out because they are too small even to be named.
        error: why it failed, when it did.
    """

    column: str
    method: DifMethod
    stage: Stage = "waiting"
    found: Dif | None = None
    unnamed: int = 0
    error: EvenhandError | None = None


@dataclass(slots=True)
class Kept:
    """An uploaded file and what was made of it. It lies in memory and in a private folder, for an hour.

    Attributes:
        mark: how it is named in addresses; it says nothing.
        owner: who uploaded it; nobody else sees it.
        folder: where its files are.
        path: the file of answers.
        name: what the owner calls the file.
        plan: how it is calibrated.
        stage: how far it is.
        passes: of the calibration so far.
        loglik: log-likelihood after the last pass.
        rise: how much the last pass added; None before the second.
        error: why it failed.
        result: what it came to.
        bias: the last search for item bias.
        asked: set to stop the work.
    """

    mark: str
    owner: str
    folder: Path
    path: Path
    name: str
    plan: Plan
    stage: Stage = "waiting"
    passes: int = 0
    loglik: float | None = None
    rise: float | None = None
    error: EvenhandError | None = None
    result: Result | None = None
    bias: Bias | None = None
    asked: Event = field(default_factory=Event)

    @property
    def working(self) -> bool:
        """Whether there is work left on it."""
        return self.stage in WORKING or (self.bias is not None and self.bias.stage in WORKING)

    def go_on(self) -> None:
        """Go on with the next step, unless somebody asked to stop.

        Raises:
            StoppedError: somebody did.
        """
        if self.asked.is_set():
            raise StoppedError


def calibrate_file(kept: Kept) -> None:
    """Read, calibrate, and write what can be taken away.

    Raises:
        EvenhandError: the file or the answers do not allow it.
        StoppedError: somebody stopped it.
    """
    plan = kept.plan
    kept.stage = "reading"
    require_modest(kept.path)
    coding = plan.instrument.coding()
    grouping = columns_to_group_by(kept.path, coding)
    answers = read_answers(
        kept.path,
        coding=coding,
        instrument=plan.instrument.reference(),
        weights=plan.weights,
        weights_kind=plan.weights_kind,
        cluster=plan.cluster,
    )
    kept.go_on()
    kept.stage = "calibrating"
    done = calibrate(answers, plan.options, on_pass=_Passes(kept))
    kept.go_on()
    kept.stage = "writing"
    _write(kept, done)
    kept.result = Result(
        done.record,
        tuple(map(float, done.fit.infit)),
        tuple(map(float, done.fit.outfit)),
        findings(done.record, done.fit),
        _notes(answers, done),
        grouping,
    )


def look_for_bias(kept: Kept, bias: Bias) -> None:
    """Compare groups of the same file, on the scale's own items.

    Raises:
        EvenhandError: the column is refused, or the answers do not allow it.
        StoppedError: somebody stopped it.
    """
    assert kept.result is not None  # noqa: S101 - who asks for it has looked
    bias.stage = "reading"
    answers = read_answers(
        kept.path,
        coding=kept.result.record.coding(),
        weights=kept.plan.weights,
        weights_kind=kept.plan.weights_kind,
        cluster=kept.plan.cluster,
        groups=(bias.column,),
    )
    answers, bias.unnamed = without_tiny_groups(answers, bias.column)
    kept.go_on()
    bias.stage = "calibrating"
    found = dif(answers, group=bias.column, methods=(bias.method,))
    kept.go_on()
    bias.found = found


def without_tiny_groups(answers: Answers, column: str) -> tuple[Answers, int]:
    """The answers without the labels of tiny groups, and how many those were.

    A label that few people have says who they are: a page that named it would give back what was uploaded.
    """
    found = answers.group(column)
    counts = np.bincount(found.index[found.index >= 0], minlength=len(found.labels))
    kept = counts >= MIN_GROUP
    places = np.where(kept, np.cumsum(kept) - 1, -1)
    index = np.where(found.index >= 0, places[found.index], -1).astype(np.int64)
    labels = tuple(label for label, keep in zip(found.labels, kept, strict=True) if keep)
    named = replace(found, labels=labels, index=index)
    return replace(answers, groups={**answers.groups, column: named}), int((~kept).sum())


def without_path(error: EvenhandError, kept: Kept) -> EvenhandError:
    """The same error with the owner's name of the file in place of where it lies."""
    what, where, why, mend = (
        part.replace(str(kept.path), kept.name).replace(str(kept.folder), "")
        for part in (error.what, error.where, error.why, error.mend)
    )
    return type(error)(error.code, what, where=where, why=why, mend=mend)


class _Passes:
    """Notes each pass, and ends the work where it was stopped or takes too long."""

    def __init__(self, kept: Kept) -> None:
        self._kept, self._began = kept, time.monotonic()

    def __call__(self, passes: int, loglik: float) -> None:
        kept = self._kept
        kept.go_on()
        if time.monotonic() - self._began > LONGEST:
            raise WebError(
                "web.calibration-long",
                "The calibration took longer than half an hour.",
                why="The service works for everybody, and calibrates one file at a time.",
                mend="Calibrate on the command line: evenhand calibrate.",
            )
        kept.rise = None if kept.loglik is None else loglik - kept.loglik
        kept.passes, kept.loglik = passes, loglik


def _write(kept: Kept, done: Calibrated) -> None:
    scale = Scale(done.record, calibrated=done)
    scale.report(kept.folder / REPORT)
    scale.save(kept.folder / SCALE)
    fit = {"infit": done.fit.infit, "outfit": done.fit.outfit}
    write_table({**item_columns(done.record), **fit}, kept.folder / ITEMS)


def _notes(answers: Answers, done: Calibrated) -> tuple[str, ...]:
    notes = []
    if done.patterns.n_empty:
        notes.append(f"{done.patterns.n_empty} people answered none of the items and were left out.")
    if done.patterns.n_incomplete:
        notes.append(f"{done.patterns.n_incomplete} people with missing answers were left out.")
    if answers.left_out:
        notes.append(f"Dropped unread: {', '.join(answers.left_out)}.")
    return (*notes, *answers.warnings, *done.record.warnings)

"""The Python interface: answers and scales, with data frames in and out."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evenhand.errors import EvenhandWarning, OptionError, ScaleFileError
from evenhand.measure.linking import LinkMethod
from evenhand.measure.responses import MissingRule, WeightsKind
from evenhand.measure.score import ScoreMethod
from evenhand.programme.answers import Answers, answers_from_codes
from evenhand.programme.instrument import Instrument, load_instrument
from evenhand.programme.scale import ErrorsKind, MethodName, ModelName, ScaleRecord, scale_of_file
from evenhand.service.calibrate import calibrate as run_calibration
from evenhand.service.check import Check
from evenhand.service.check import check as run_check
from evenhand.service.components import check_components, with_components
from evenhand.service.designs import group_design, held_items
from evenhand.service.dif import MIN_N, DifMethod
from evenhand.service.dif import dif as run_dif
from evenhand.service.joint import answers_to, describe_jointly, require_joint
from evenhand.service.link import FIES_GLOBAL, fies_global, reference_of_scale
from evenhand.service.link import link as run_link
from evenhand.service.options import Options
from evenhand.service.prevalence import Prevalence, Rule
from evenhand.service.prevalence import prevalence as run_prevalence
from evenhand.service.recording import Calibrated
from evenhand.service.score import score as run_score
from evenhand.service.score_table import score_table as run_score_table
from evenhand.service.simulate import simulate as run_simulation
from evenhand.tabular import read_answers as read_coded_answers
from evenhand.tabular.scaletable import item_columns, number_or_nan
from evenhand.tabular.tables import frame, write_text


class Scale:
    """A calibrated scale.

    Args:
        record: its content, as in a scale file.
        calibrated: what it was calibrated on, when it was calibrated in this session.
        backend: data-frame library of the frames it returns.
    """

    def __init__(
        self, record: ScaleRecord, *, calibrated: Calibrated | None = None, backend: str = "polars"
    ) -> None:
        self.record = record
        self._calibrated = calibrated
        self._backend = backend

    def __repr__(self) -> str:
        kind = f"{self.record.model} by {self.record.method}"
        return (
            f"<Scale {self.record.instrument.name}: {kind}, {len(self.record.items)} items, n = {self.record.n}>"
        )

    @property
    def items(self) -> Any:
        """Data frame of the J items: item, a, b1 .., se_a, se_b1 .. (NaN where fixed)."""
        return frame(item_columns(self.record), self._backend)

    def score(
        self,
        answers: Any,
        *,
        method: ScoreMethod = "eap",
        threshold: str | float | None = None,
        plausible: int | None = None,
        seed: int = 1,
        joint: bool = False,
    ) -> Any:
        """Data frame of scores, a row a respondent: row, answered, theta, se, and p_at_least with a threshold.

        Args:
            answers: from `read_answers`, or a data frame with the scale's item columns.
            method: `eap`, `map`, `wle` or `ml`.
            threshold: name of one of the scale's thresholds, or a number on its metric.
            plausible: sets of plausible values to draw (columns pv1 ..), for figures of groups only.
            seed: of their random numbers.
            joint: of two components, add their joint posterior (columns report_only_ ..), for reports only.

        Raises:
            InputError: other items, an unknown threshold, no latent distribution, or a method without probability.
        """
        whole = self._read_jointly(answers) if joint else self.read(answers)
        known = answers_to(whole, self.record.names) if joint else whole
        found = run_score(self.record, known, method=method, threshold=threshold, plausible=plausible, seed=seed)
        more = describe_jointly(self.record, whole).columns() if joint else {}
        return frame({**found.columns(), **more}, known.frame_backend)

    def expected_scores(self, *, threshold: str | float | None = None) -> Any:
        """Data frame of raw scores: raw, theta (EAP), se, p_at_least with a threshold, share, theta_at_expected.

        Args:
            threshold: name of one of the scale's thresholds, or a number on its metric.

        Raises:
            InputError: an unknown threshold, or no latent distribution.
        """
        return frame(run_score_table(self.record, threshold=threshold).columns(), self._backend)

    def read(
        self,
        source: Any,
        *,
        weights: str | None = None,
        weights_kind: WeightsKind | None = None,
        cluster: str | None = None,
        groups: Sequence[str] = (),
    ) -> Answers:
        """Answers to this scale's items from a file or data frame; of `Answers` to both components, need's."""
        if isinstance(source, Answers):
            more = set(source.item_names) > set(self.record.names) and self.record.joint is not None
            return answers_to(source, self.record.names) if more else source
        return read_coded_answers(
            source,
            coding=self.record.coding(),
            instrument=(self.record.instrument.name, self.record.instrument.hash),
            weights=weights,
            weights_kind=weights_kind,
            cluster=cluster,
            groups=groups,
        )

    def _read_jointly(self, source: Any) -> Answers:
        """Answers to the items of both components."""
        joint = require_joint(self.record)
        if isinstance(source, Answers):
            return source
        belongs_to = (self.record.instrument.name, self.record.instrument.hash)
        return read_coded_answers(source, coding=joint.coding(), instrument=belongs_to)

    def check(self, answers: Any) -> Check:
        """Item fit, residual correlations, reliability and what stands out, on these answers."""
        return run_check(self.record, self.read(answers))

    def prevalence(
        self, answers: Any, *, threshold: str | float, rule: Rule = "posterior", by: str | None = None
    ) -> Prevalence:
        """Share of people above a threshold with standard errors; for groups, read the answers with `groups=`."""
        return run_prevalence(self.record, self.read(answers), threshold=threshold, rule=rule, by=by)

    def simulate(self, n: int, *, seed: int) -> tuple[Any, Answers]:
        """True measures (n,) of invented people, and their answers."""
        people = run_simulation(self.record, n=n, seed=seed)
        source = f"simulated, seed {seed}"
        belongs_to = (self.record.instrument.name, self.record.instrument.hash)
        answers = answers_from_codes(people.codes, self.record.coding(), source=source, instrument=belongs_to)
        return people.theta, answers

    def save(self, path: str | Path) -> None:
        """Write the scale file, whole or not at all.

        Raises:
            OutputError: the place cannot be written to.
        """
        write_text(self.record.to_json(), path)

    def report(self, path: str | Path, *, title: str | None = None) -> None:
        """Write the report (HTML) of a scale that was calibrated in this session.

        Raises:
            ScaleFileError: the scale was loaded from a file, which holds nothing about people's answers.
            OutputError: the place cannot be written to.
        """
        from evenhand.report.build import build_content
        from evenhand.report.joint import joint_content
        from evenhand.report.page import render_report

        if self._calibrated is None:
            raise ScaleFileError(
                "scale.no-answers",
                "A report needs the answers, and a scale file holds none.",
                mend="Calibrate again and write the report of the result.",
            )
        done = self._calibrated
        content = build_content(
            self.record,
            done.patterns,
            done.fit,
            title=title or f"Calibration of {self.record.instrument.name}",
            source=f"{self.record.n} people's answers",
            joint=None if done.joint is None else joint_content(done.joint, require_joint(self.record)),
        )
        write_text(render_report(content), path)

    def linked(self, record: ScaleRecord) -> "Scale":
        """This scale with another record, that of the same scale on another metric."""
        return Scale(record, calibrated=self._calibrated, backend=self._backend)


def read_answers(
    source: Any,
    *,
    instrument: str | Path | Instrument | None = None,
    items: Sequence[str] | None = None,
    weights: str | None = None,
    weights_kind: WeightsKind | None = None,
    cluster: str | None = None,
    groups: Sequence[str] = (),
) -> Answers:
    """Read answers from a file or a data frame, one row a respondent.

    Args:
        source: path (CSV, Parquet, XLSX, SPSS, Stata), or a data frame of any library that narwhals knows.
        instrument: name of the library, path, or an instrument; says how columns are read.
        items: item columns; without an instrument their categories are the integers that occur.
        weights: column of weights; needs weights_kind.
        weights_kind: `sampling` or `frequency`.
        cluster: column of sampling clusters.
        groups: columns that figures are to be broken down by.

    Raises:
        InputError: a file, column or cell that cannot be used, with its place.
        BoundaryError: a column that Evenhand never reads.
    """
    known = load_instrument(instrument) if isinstance(instrument, (str, Path)) else instrument
    if known is None and not items:
        raise OptionError(
            "options.no-items",
            "Nothing says which columns are the items.",
            mend='Add instrument="fies" (or a path), or items=[...].',
        )
    return read_coded_answers(
        source,
        coding=None if known is None else known.coding(),
        items=items,
        instrument=None if known is None else known.reference(),
        weights=weights,
        weights_kind=weights_kind,
        cluster=cluster,
        groups=groups,
    )


def calibrate(
    answers: Answers,
    *,
    model: ModelName | Mapping[str, ModelName] = "rasch",
    method: MethodName = "mml",
    missing: MissingRule = "keep",
    errors: ErrorsKind = "robust",
    latent_sd: float | None = None,
    group: str | None = None,
    reference: str | None = None,
    anchors: Sequence[str] | None = None,
    fixed: Scale | str | None = None,
    fixed_items: Sequence[str] | None = None,
    components: Mapping[str, Sequence[str]] | None = None,
) -> Scale:
    """Calibrate a scale on answers.

    Args:
        answers: from `read_answers`.
        model: `rasch`, `2pl`, `pcm`, `gpcm` or `grm`; or the model of each item by name, `gpcm` for the others.
        method: `cml` (conditional; Rasch and partial credit) or `mml` (marginal maximum likelihood).
        missing: `keep` what each person answered, or `drop` incomplete people.
        errors: `robust`, `model`, or `fao` (with cml).
        latent_sd: with `rasch` and `mml`, the latent SD when it is not to be estimated.
        group: a group column that was read with the answers; its groups get means and SDs of their own.
        reference: with `group`, label of the group whose mean is 0; the largest when left out.
        anchors: with `group`, the items alike in every group; all when left out.
        fixed: a scale, or `fies-global`, whose items keep their parameters.
        fixed_items: with `fixed`, the items that keep them; all in common when left out.
        components: the items of `need` and of `capacity`, where no instrument says what each measures.

    Raises:
        OptionError: options that contradict each other.
        EstimationError: the answers cannot carry the estimate.

    Warns:
        EvenhandWarning: each thing that the result must say about itself.
    """
    if isinstance(model, str):
        options = Options(model, {}, method, missing, errors, latent_sd)
    else:
        everybody_named = set(answers.item_names) <= set(model)
        other: ModelName = next(iter(model.values())) if everybody_named and model else "gpcm"
        options = Options(other, model, method, missing, errors, latent_sd)
    if components is not None:
        check_components(components, answers.item_names)
        answers = with_components(answers, components)
    done = run_calibration(
        answers,
        options,
        groups=group_design(group, reference, anchors),
        fixed=held_items(fixed.record if isinstance(fixed, Scale) else fixed, fixed_items),
    )
    for sentence in (*answers.warnings, *done.record.warnings):
        warnings.warn(sentence, EvenhandWarning, stacklevel=2)
    return Scale(done.record, calibrated=done, backend=answers.frame_backend)


def dif(
    answers: Answers,
    *,
    group: str,
    methods: Sequence[DifMethod] = ("lr",),
    model: ModelName = "2pl",
    min_n: int = MIN_N,
) -> Any:
    """Data frame of differential item functioning: a row an item, group and method.

    Args:
        answers: from `read_answers`, with the group column.
        group: the group column; each group is compared with the largest.
        methods: of `mh` (Mantel-Haenszel), `logistic` and `lr` (likelihood ratio with anchors).
        model: model of the likelihood ratio.
        min_n: groups of fewer people read "insufficient evidence".

    Returns:
        item, group, method, reason, effect with se, low and high, statistic, p, p_adjusted (Holm), size and
        flagged; NaN where there is insufficient evidence.

    Raises:
        OptionError: a group column that was not read, or a method that cannot use the weights.
        EstimationError: too few items or groups.
    """
    rows = run_dif(answers, group=group, methods=methods, model=model, min_n=min_n).items
    words = ("item", "group", "method", "reason")
    numbers = ("effect", "se", "low", "high", "statistic", "p", "p_adjusted")
    return frame(
        {word: [getattr(row, word) for row in rows] for word in words}
        | {name: np.array([number_or_nan(getattr(row, name)) for row in rows]) for name in numbers}
        | {"size": [row.size or "" for row in rows], "flagged": np.array([row.flagged for row in rows])},
        answers.frame_backend,
    )


def link(
    scale: Scale,
    *,
    to: str | Scale,
    method: LinkMethod | None = None,
    symmetric: bool = False,
    without: Sequence[str] = (),
) -> Scale:
    """The scale on a reference metric.

    Args:
        scale: the scale to move.
        to: `fies-global`, or another scale.
        method: `fao`, `mean-mean`, `mean-sigma`, `haebara` or `stocking-lord`; the FAO's rule for Rasch scales and
            Stocking-Lord for others when left out.
        symmetric: with the last two, compare the curves on both metrics.
        without: items that do not serve for the link.

    Raises:
        ScaleFileError: a scale that the method cannot link.
        EstimationError: too few items in common.
    """
    if isinstance(to, Scale):
        reference = reference_of_scale(to.record, to.record.instrument.name)
    elif to == FIES_GLOBAL:
        reference = fies_global()
    else:
        raise OptionError(
            "options.unknown-value",
            f"There is no reference {to!r}.",
            mend=f'Use to="{FIES_GLOBAL}", or give a scale.',
        )
    return scale.linked(run_link(scale.record, reference, method, symmetric=symmetric, without=without).record)


def load_scale(path: str | Path, *, backend: str = "polars") -> Scale:
    """The scale in a file.

    Args:
        path: a file that `Scale.save` or `evenhand calibrate` wrote.
        backend: data-frame library of the frames it returns.

    Raises:
        ScaleFileError: no such file, or not a scale.
    """
    return Scale(read_scale_record(Path(path)), backend=backend)


def read_scale_record(path: Path) -> ScaleRecord:
    """The content of a scale file.

    Raises:
        ScaleFileError: no such file, not UTF-8, or not a scale.
        BoundaryError: an item's name stands for what Evenhand never asks.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScaleFileError(
            "scale.unreadable",
            "The scale file cannot be read.",
            where=str(path),
            why=getattr(error, "strerror", None) or "It is not UTF-8 text.",
            mend="Name a file that evenhand calibrate wrote.",
        ) from error
    return scale_of_file(text, source=str(path))

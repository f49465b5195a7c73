"""Reading what commands are given."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from evenhand.errors import OptionError
from evenhand.measure.responses import WeightsKind
from evenhand.programme.answers import Answers
from evenhand.programme.instrument import load_instrument
from evenhand.programme.scale import ScaleRecord
from evenhand.service.joint import require_joint
from evenhand.tabular import read_answers
from evenhand.tabular.batches import AnswerBatches, open_batches


def item_list(items: str | None) -> list[str] | None:
    """Item names from a comma-separated option."""
    return None if items is None else [name.strip() for name in items.split(",") if name.strip()]


def weights_kind_of(kind: str | None) -> WeightsKind | None:
    """The kind of weights an option names.

    Raises:
        OptionError: neither sampling nor frequency.
    """
    if kind is None:
        return None
    if kind in {"sampling", "frequency"}:
        return cast("WeightsKind", kind)
    raise OptionError(
        "options.unknown-value",
        f"--weights-kind cannot be {kind!r}.",
        where="--weights-kind",
        why="It is one of: sampling, frequency.",
        mend="Use --weights-kind sampling for survey weights.",
    )


def answers_to_instrument(
    file: Path,
    *,
    instrument: str | None,
    items: str | None,
    weights: str | None,
    weights_kind: str | None,
    cluster: str | None,
    groups: Sequence[str] = (),
) -> Answers:
    """Answers read by an instrument, or by item names alone.

    Raises:
        OptionError: neither an instrument nor items were named.
    """
    names = named_items(instrument, items)
    known = None if instrument is None else load_instrument(instrument)
    return read_answers(
        file,
        coding=None if known is None else known.coding(),
        items=names,
        instrument=None if known is None else known.reference(),
        weights=weights,
        weights_kind=weights_kind_of(weights_kind),
        cluster=cluster,
        groups=groups,
    )


def named_items(instrument: str | None, items: str | None) -> list[str] | None:
    """The item names of an option; None when an instrument names them.

    Raises:
        OptionError: neither an instrument nor items were named.
    """
    names = item_list(items)
    if instrument is None and not names:
        raise OptionError(
            "options.no-items",
            "Nothing says which columns are the items.",
            mend="Add --instrument NAME (for example fies) or --items A,B,C.",
        )
    return names


def batches_to_instrument(
    file: Path,
    *,
    instrument: str | None,
    items: str | None,
    weights: str | None,
    weights_kind: str | None,
    on_rows: Callable[[int], None],
) -> AnswerBatches:
    """Answers of a big file, to be read in batches by an instrument, or by item names alone."""
    names = named_items(instrument, items)
    known = None if instrument is None else load_instrument(instrument)
    return open_batches(
        file,
        coding=None if known is None else known.coding(),
        items=names,
        instrument=None if known is None else known.reference(),
        weights=weights,
        weights_kind=weights_kind_of(weights_kind),
        on_rows=on_rows,
    )


def batches_to_scale(file: Path, record: ScaleRecord, *, on_rows: Callable[[int], None]) -> AnswerBatches:
    """Answers of a big file to a scale's items, to be read in batches."""
    belongs_to = (record.instrument.name, record.instrument.hash)
    return open_batches(file, coding=record.coding(), instrument=belongs_to, on_rows=on_rows)


def answers_to_scale(
    file: Path,
    record: ScaleRecord,
    *,
    weights: str | None = None,
    weights_kind: str | None = None,
    cluster: str | None = None,
    groups: Sequence[str] = (),
) -> Answers:
    """Answers to a scale's items, read as the scale says."""
    return read_answers(
        file,
        coding=record.coding(),
        instrument=(record.instrument.name, record.instrument.hash),
        weights=weights,
        weights_kind=weights_kind_of(weights_kind),
        cluster=cluster,
        groups=groups,
    )


def answers_to_joint(file: Path, record: ScaleRecord) -> Answers:
    """Answers to the items of both components of a scale.

    Raises:
        ScaleFileError: the scale has one component.
    """
    joint = require_joint(record)
    belongs_to = (record.instrument.name, record.instrument.hash)
    return read_answers(file, coding=joint.coding(), instrument=belongs_to)

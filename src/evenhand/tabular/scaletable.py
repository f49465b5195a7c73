"""The items of a scale as a table."""

from collections.abc import Sequence

import numpy as np

from evenhand.measure.responses import FloatArray
from evenhand.programme.scale import ScaleRecord
from evenhand.tabular.tables import Columns


def item_columns(record: ScaleRecord) -> Columns:
    """Columns of the J items: item, a, b1 .., se_a, se_b1 .., NaN where there is none."""
    items = record.items
    steps = range(max(item.categories for item in items) - 1)
    return {
        "item": list(record.names),
        "a": _numbers([item.a for item in items]),
        **{f"b{step + 1}": _numbers([_at(item.b, step) for item in items]) for step in steps},
        "se_a": _numbers([item.se_a for item in items]),
        **{f"se_b{step + 1}": _numbers([_at(item.se_b or (), step) for item in items]) for step in steps},
    }


def number_or_nan(value: float | None) -> float:
    """The value, NaN where there is none."""
    return np.nan if value is None else value


def _at(values: Sequence[float | None], place: int) -> float | None:
    return values[place] if place < len(values) else None


def _numbers(values: Sequence[float | None]) -> FloatArray:
    return np.array([number_or_nan(value) for value in values])

"""Survey files and data frames in, tables out: the only part that knows a data-frame library or a file format."""

from evenhand.tabular.read import read_answers
from evenhand.tabular.tables import frame, write_table, write_text

__all__ = ["frame", "read_answers", "write_table", "write_text"]

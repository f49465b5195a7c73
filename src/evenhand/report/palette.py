"""The colours of the pictures. The style sheet uses the same values; tests check their contrast on white.

Nothing is told by colour alone: marks differ in shape, lines in dash, and numbers stand in the table.
"""

INK = "#17212b"
"""Names and titles."""

MUTED = "#52606d"
"""Axis numbers and notes: readable, but behind the data."""

RULE = "#dde3e8"
"""Grid and guide lines: decoration that may be missed without loss."""

DATA = "#0b5a7a"
"""Estimates and their intervals."""

SECOND = "#a8480f"
"""A second kind of mark beside DATA: it stays apart for every common colour blindness, and in grey."""

EDGE = "#5f7f92"
"""Outline of the distribution of people."""

PEOPLE = "#dbe6ec"
"""Body of the distribution of people."""

LINE = "#5b3a78"
"""Thresholds."""

BAND = "#eef2f0"
"""Where fit is usually called good."""

BAND_EDGE = "#6f7f78"
"""Edges of that band."""

DIVERGING = ("#1f5f8b", "#6aa3c8", "#c3dbea", "#f6f6f4", "#f6d3b0", "#e2944f", "#a8480f")
"""From far below the average to far above: blue to orange, told apart under every common colour blindness."""

DIVERGING_INK = ("#ffffff", INK, INK, INK, INK, INK, "#ffffff")
"""What is readable on each of them."""

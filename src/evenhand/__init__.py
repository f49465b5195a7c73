"""Evenhand measures a person's need for support from their own answers."""

from importlib.metadata import version

__version__ = version("evenhand")

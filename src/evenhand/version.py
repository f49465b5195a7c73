"""The version of this software, as the package says it."""

from importlib.metadata import version

__version__ = version("evenhand")

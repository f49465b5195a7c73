"""The `evenhand` command."""

from evenhand.cli.app import main

__all__ = ["main"]

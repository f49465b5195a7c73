"""Commands that are imported when they are called: a command waits for its own libraries and no other's."""

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True)
class Lazy:
    """A command or group to be imported when it is called.

    Attributes:
        module: where it is.
        name: name of the function, or of the `Typer` of a group.
        help: first sentence of its help, for the list; a test holds it to the command's own.
    """

    module: str
    name: str
    help: str


class LazyCommands(MutableMapping[str, Any]):
    """Commands by name, each imported when it is asked for.

    Args:
        table: what there is.
    """

    def __init__(self, table: Mapping[str, Lazy]) -> None:
        self._table = dict(table)
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = _load(name, self._table[name])
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        self._table.pop(name, None)
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._table, *self._loaded)))

    def __len__(self) -> int:
        return len({*self._table, *self._loaded})

    def __contains__(self, name: object) -> bool:
        return name in self._table or name in self._loaded


class LazyGroup(TyperGroup):
    """A group whose commands are imported when they are called; its list of commands imports none.

    Subclasses say in `table` what there is.
    """

    table: ClassVar[Mapping[str, Lazy]] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = LazyCommands(self.table)
        self._listing = False

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command; while the list is written, only what the list shows of it."""
        if self._listing and cmd_name in self.table:
            return TyperCommand(name=cmd_name, help=self.table[cmd_name].help)
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the base class's
        """The names, in the order of the table."""
        return list(self.commands)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help without importing what it lists."""
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False


def _load(name: str, entry: Lazy) -> Any:
    found = getattr(import_module(entry.module), entry.name)
    if isinstance(found, typer.Typer):
        command: Any = typer.main.get_group(found)
    else:
        one = typer.Typer(add_completion=False, rich_markup_mode="rich")
        one.command(name)(found)
        command = typer.main.get_command(one)
    command.name = name
    return command

"""`evenhand staff`."""

from typing import Annotated

import typer

from evenhand.cli.console import print_json, print_table, say
from evenhand.cli.officeoptions import FOLDER, AsJson, AsStaff, OfficeFolder, StoreUrl, opened
from evenhand.cli.staff_secrets import password
from evenhand.service.staff import actor_of, add_staff, change_roles, disable_staff, list_staff

Name = Annotated[str, typer.Argument(help="The member of staff: small letters, digits, dots and dashes.")]
Roles = Annotated[
    list[str],
    typer.Option("--role", metavar="caseworker|analyst|auditor|administrator", help="A role; may be repeated."),
]

app = typer.Typer(
    name="staff",
    help="Staff: who works in an office, and what is theirs to do.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.callback()
def _group() -> None:
    """Staff: who works in an office, and what is theirs to do."""


@app.command("add")
def add(
    name: Name,
    role: Roles,
    by: AsStaff,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Add a member of staff. The first administrator of an office adds themselves.

    Example: [bold]evenhand staff add clara --role caseworker --as anna[/]
    """
    with opened(office, store) as found:
        index = add_staff(found, by, name, role)
    _told(name, role, index, as_json=as_json)


@app.command("roles")
def roles(
    name: Name,
    role: Roles,
    by: AsStaff,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Give a member of staff these roles and no others; lets back in who was shut out.

    Example: [bold]evenhand staff roles clara --role caseworker --role analyst --as anna[/]
    """
    with opened(office, store) as found:
        index = change_roles(found, actor_of(found, by), name, role)
    _told(name, role, index, as_json=as_json)


@app.command("disable")
def disable(
    name: Name, by: AsStaff, office: OfficeFolder = FOLDER, store: StoreUrl = None, as_json: AsJson = False
) -> None:
    """Shut a member of staff out. What they did stays in the ledger under their name.

    Example: [bold]evenhand staff disable clara --as anna[/]
    """
    with opened(office, store) as found:
        index = disable_staff(found, actor_of(found, by), name)
    _told(name, [], index, as_json=as_json)


app.command("password")(password)


@app.command("list")
def list_(by: AsStaff, office: OfficeFolder = FOLDER, store: StoreUrl = None, as_json: AsJson = False) -> None:
    """List the staff of an office, for its administrator or an auditor.

    Example: [bold]evenhand staff list --as anna[/]
    """
    with opened(office, store) as found:
        members = list_staff(found, actor_of(found, by))
    if as_json:
        print_json({"staff": [{"name": m.name, "roles": m.roles, "disabled": m.disabled} for m in members]})
        return
    rows = [[m.name, ", ".join(m.roles), "shut out" if m.disabled else ""] for m in members]
    print_table("Staff", ["name", "roles", ""], rows)


def _told(name: str, role: list[str], index: int, *, as_json: bool) -> None:
    if as_json:
        print_json({"staff": name, "roles": sorted(role), "disabled": not role, "index": index})
    else:
        say(f"{name}: {', '.join(sorted(role)) or 'shut out'} (entry {index} of the ledger)")

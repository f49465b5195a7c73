"""`evenhand api-token`."""

from typing import Annotated

import typer

from evenhand.cli.console import print_json, print_table, say
from evenhand.cli.officeoptions import FOLDER, AsJson, AsStaff, OfficeFolder, StoreUrl, opened
from evenhand.service.staff import actor_of
from evenhand.service.tokenbook import TokenRow
from evenhand.service.tokens import DAYS, list_tokens, new_token, revoke_token

app = typer.Typer(
    name="api-token",
    help="Tokens: what partners sign in and call the API with.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.callback()
def _group() -> None:
    """Tokens: what partners sign in and call the API with."""


@app.command("new")
def new(
    partner: Annotated[str, typer.Argument(help="The partner: small letters, digits, dots and dashes.")],
    programme: Annotated[str, typer.Option(help="The one programme that it opens.")],
    scope: Annotated[
        list[str],
        typer.Option("--scope", metavar="invite|collect|statistics", help="What it opens; may be repeated."),
    ],
    by: AsStaff,
    days: Annotated[int, typer.Option(min=1, max=730, help="For how many days.")] = DAYS,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Make a token for a partner; it is shown this once.

    Example: [bold]evenhand api-token new library --programme demo-town --scope invite --as anna[/]
    """
    with opened(office, store) as found:
        made = new_token(found, actor_of(found, by), partner, programme, scope, days=days)
    if as_json:
        print_json({"token": made.token, **_told(made.row)})
        return
    typer.echo(made.token)
    say(f"Token {made.row.id} of {partner} for {programme}, until {made.row.expires}. It is not shown again.")


@app.command("list")
def list_(by: AsStaff, office: OfficeFolder = FOLDER, store: StoreUrl = None, as_json: AsJson = False) -> None:
    """List the tokens that were made, for an administrator or an auditor; never the tokens themselves.

    Example: [bold]evenhand api-token list --as anna[/]
    """
    with opened(office, store) as found:
        rows = list_tokens(found, actor_of(found, by))
    if as_json:
        print_json({"tokens": [_told(each) for each in rows]})
        return
    cells = [
        [each.id, each.partner, each.programme, ", ".join(each.scopes), each.expires, each.revoked_at or ""]
        for each in rows
    ]
    print_table("Tokens", ["id", "partner", "programme", "opens", "until", "revoked"], cells)


@app.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(metavar="ID", help="The token's id, as the list shows it.")],
    by: AsStaff,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Shut a token: it opens nothing from now on.

    Example: [bold]evenhand api-token revoke 1a2b3c4d --as anna[/]
    """
    with opened(office, store) as found:
        row = revoke_token(found, actor_of(found, by), name)
    if as_json:
        print_json(_told(row))
    else:
        say(f"Token {row.id} of {row.partner} opens nothing any more.")


def _told(row: TokenRow) -> dict[str, object]:
    return {
        "id": row.id,
        "partner": row.partner,
        "programme": row.programme,
        "scopes": row.scopes,
        "made_by": row.made_by,
        "made_at": row.made_at,
        "expires": row.expires,
        "revoked_at": row.revoked_at,
    }

"""`evenhand backup` and `evenhand restore`."""

from pathlib import Path

import typer

from evenhand.cli.console import print_findings, print_json, say, working
from evenhand.cli.officeoptions import FOLDER, AsJson, OfficeFolder, StoreUrl, opened
from evenhand.cli.private import read_lines
from evenhand.service.keeping import back_up, bring_back
from evenhand.service.staff import actor_of


def backup(
    folder: Path = typer.Argument(help="Folder to make; nothing may be there."),
    by: str = typer.Option(..., "--as", metavar="NAME", help="Who does it: an administrator."),
    key_file: Path | None = typer.Option(
        None, help="Where the wrapped case keys go; beside the folder when left out. Never inside it."
    ),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Back the store up while it serves: the folder alone opens nothing.

    The case keys go to a file of their own. Keep it apart, and destroy it when the backup period ends.

    Example: [bold]evenhand backup backups/november --as anna[/]
    """
    with opened(office, store) as found, working("Backing up …"):
        made = back_up(found, actor_of(found, by), folder, key_file=key_file)
    if as_json:
        print_json(
            {
                "folder": str(made.folder),
                "key_file": str(made.key_file),
                "size": made.size,
                "checkpoint": made.checkpoint,
                "rows": made.rows,
            }
        )
        return
    print_findings(
        f"Backup {made.folder}",
        [f"{made.size:,} entries of the ledger", f"case keys, to be kept apart: {made.key_file}"],
    )


def restore(
    folder: Path = typer.Argument(help="Folder of the backup."),
    key_file: Path | None = typer.Option(None, help="Its wrapped case keys; beside the folder when left out."),
    known: Path | None = typer.Option(
        None,
        help="File with the latest checkpoint known from elsewhere: is the backup of the same ledger?",
    ),
    rewound: bool = typer.Option(
        False, "--rewound", help="Entries after the backup are lost, and known to be: go on without them."
    ),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Restore a backup into an office without a store, and erase again what was erased since.

    The office's folder holds its keys and its list of erasures; the store must be empty.

    Example: [bold]evenhand restore backups/november[/]
    """
    note = None if known is None else "\n".join(read_lines(known)) + "\n"
    with opened(office, store) as found, working("Restoring, erasing again, checking …"):
        done = bring_back(found, folder, key_file=key_file, known=note, rewound=rewound)
    if as_json:
        print_json({"size": done.size, "reapplied": done.reapplied, "index": done.index})
        return
    say(f"Restored {done.size:,} entries, erased {done.reapplied:,} again, and checked the whole.")

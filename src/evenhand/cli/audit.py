"""`evenhand audit`."""

from pathlib import Path
from typing import Any

import typer

from evenhand.cli.console import counting, print_findings, print_json, say
from evenhand.cli.officeoptions import FOLDER, AsJson, OfficeFolder, ProgrammeName, StoreUrl, opened
from evenhand.errors import OutputError
from evenhand.service.audit import Audited
from evenhand.service.audit import audit as run_audit
from evenhand.service.staff import actor_of


def audit(
    programme: ProgrammeName,
    by: str = typer.Option(..., "--as", metavar="NAME", help="Who asks: an auditor."),
    out: Path = typer.Option(help="Folder to write the evidence and the drafts into."),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Write the evidence of a programme: targeting, calibration, fairness, item bias, decisions, appeals.

    Drafts of registers and impact assessments are written beside it. No row is about one person.

    Example: [bold]evenhand audit demo-town --as elena --out evidence[/]
    """
    _require_folder(out)
    with opened(office, store) as found, counting("Reading cases") as on_case:
        audited = run_audit(found, actor_of(found, by), programme, on_case=on_case)
    written = _write(audited, out)
    if as_json:
        print_json({**_short(audited), "files": [str(each) for each in written]})
        return
    for each in audited.evidence.groupings:
        print_findings(f"By {each.name}, {audited.evidence.n:,} people", each.findings or ["Nothing stands out."])
    say(f"Wrote {len(written)} files into {out}")


def _short(audited: Audited) -> dict[str, Any]:
    return {
        "programme": audited.programme,
        "definition_hash": audited.definition_hash,
        "on": audited.on,
        "entries": audited.entries,
        "findings": {each.name: list(each.findings) for each in audited.evidence.groupings},
        "people": {each.name: audited.evidence.n for each in audited.evidence.groupings},
    }


def _require_folder(folder: Path) -> None:
    """Make the folder before long work, not after it.

    Raises:
        OutputError: it cannot be made, or may not be written to.
    """
    from evenhand.tabular.tables import require_writable

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            "output.unwritable",
            "The folder cannot be made.",
            where=str(folder),
            why=error.strerror or "",
            mend="Name another folder with --out.",
        ) from error
    require_writable(folder / "evidence.html")


def _write(audited: Audited, folder: Path) -> list[Path]:
    from evenhand.tabular.tables import write_text

    texts = _texts(audited)
    for name, text in texts.items():
        write_text(text, folder / name)
    return [folder / name for name in texts]


def _texts(audited: Audited) -> dict[str, str]:
    from evenhand.report.auditfiles import audit_files

    return audit_files(audited.evidence, audited.drafts, head=audited.head)

"""The pages that walk through a programme and through backups: their commands are run as they stand."""

import os
import re
import shlex
import subprocess
from pathlib import Path

from tests.cli.conftest import Run
from tests.cli.offices import Town, programme_text

PAGES = Path(__file__).parents[2] / "docs" / "how-to"


def commands_of(page: str) -> list[str]:
    text = (PAGES / page).read_text("utf-8")
    return [
        line
        for block in re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
        for line in block.splitlines()
    ]


def follow(run: Run, folder: Path, line: str) -> None:
    if not line.startswith("evenhand "):
        subprocess.run(["bash", "-euc", line], cwd=folder, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"})  # noqa: S607 - the page's shell
        return
    ended = run(*shlex.split(line)[1:])
    assert ended.code == 0, f"{line}\n{ended.err}"
    if line.startswith("evenhand programme new"):  # the page says: edit the file, its dates first
        (folder / "winter.yaml").write_text(programme_text(), encoding="utf-8")


def test_a_programme_is_run_as_the_page_says(run: Run, tmp_path: Path) -> None:
    lines = commands_of("run-a-programme.md")
    assert len(lines) > 25
    for line in lines:
        follow(run, tmp_path, line)


def test_a_backup_is_made_and_restored_as_the_page_says(town: Town) -> None:
    town.finished()
    for line in commands_of("back-up-and-restore.md"):
        if "restore" in line:
            town.run("fsck")  # nothing is there now; the store's file may be made anew, and stays empty
        follow(town.run, town.folder, line.replace("demo-town", "winter"))
    assert town.case("show").code == 0


def test_whoever_was_erased_after_the_backup_stays_erased(town: Town) -> None:
    town.finished()
    town.good("backup", "copy", "--as", "anna")
    town.case("erase", "--receipt", "erased.json")
    for path in (town.folder / "evenhand-office").glob("store.db*"):
        path.unlink()
    assert "erased 1 again" in town.good("restore", "copy").err
    assert town.run("case", "show", "winter", "--code-file", "mine.txt").code == 2
    assert town.good("fsck").code == 0


def test_entries_that_would_be_lost_have_to_be_known(town: Town) -> None:
    town.finished()
    town.good("backup", "copy", "--as", "anna", "--json")
    town.case("withdraw")
    town.good("office", "checkpoint", "--out", "latest.txt")
    for path in (town.folder / "evenhand-office").glob("store.db*"):
        path.unlink()
    ended = town.run("restore", "copy", "--known", "latest.txt", "--json")
    assert ended.code == 2
    assert "store.rewound" in ended.err
    assert town.good("restore", "copy", "--known", "latest.txt", "--rewound", "--json").code == 0


def test_after_the_backup_period_its_key_file_opens_nothing(town: Town) -> None:
    town.finished()
    town.good("backup", "copy", "--as", "anna")
    town.good("keys", "rotate", "winter", "--as", "anna")
    town.good("keys", "retire", "winter", "--as", "anna")
    for path in (town.folder / "evenhand-office").glob("store.db*"):
        path.unlink()
    ended = town.run("restore", "copy", "--json")
    assert ended.code == 2
    assert "mill" not in ended.err

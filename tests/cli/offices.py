"""An invented office on disk, made with the commands themselves, and the means to look at what they were given."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from evenhand.programme.definition import library_text, load_programme
from evenhand.service.office import make_office
from evenhand.service.open_programme import open_programme
from evenhand.service.staff import actor_of, add_staff
from tests.cli.commands import Ended, Run

STAFF = (("anna", "administrator"), ("boris", "analyst"), ("clara", "caseworker"), ("elena", "auditor"))
split = str.split
NEED = ("WORRIED", "HEALTHY", "FEWFOOD", "SKIPPED", "ATELESS", "RUNOUT", "HUNGRY", "WHLDAY")


@dataclass(frozen=True)
class Town:
    """An office with staff and a programme that is open today, whatever day it is."""

    run: Run
    folder: Path

    def good(self, *words: object) -> Ended:
        ended = self.run(*words)
        assert ended.code == 0, ended.err
        return ended

    def case(self, command: str, *words: object) -> Ended:
        return self.good("case", *command.split(), "winter", "--code-file", "mine.txt", *words)

    def joined(self) -> None:
        """One invitation, used, its codes in mine.txt; the invitation itself in sheet.txt."""
        self.good(*split("invite winter --partner library --count 1 --out library.csv --as clara"))
        code = (self.folder / "library.csv").read_text("utf-8").splitlines()[1].split(",")[0]
        (self.folder / "sheet.txt").write_text(code + "\n", encoding="utf-8")
        words = "case join winter --invitation sheet.txt --district mill --agree decide --agree messages"
        self.good(*words.split(), "--out", "mine.txt")

    def finished(self, need: str = "11110000") -> None:
        self.joined()
        self.answers(dict(zip(NEED, need, strict=True)))
        self.case("answer", "--answers", "answers.csv")
        self.case("finish", "--leave-rest")

    def answers(self, given: dict[str, str]) -> Path:
        path = self.folder / "answers.csv"
        path.write_text("".join(f"{name},{code}\n" for name, code in given.items()), encoding="utf-8")
        return path

    def kept(self, label: str) -> str:
        """What mine.txt says under a label."""
        lines = (self.folder / "mine.txt").read_text("utf-8").splitlines()
        return next(line.partition(": ")[2] for line in lines if line.startswith(label))


def programme_text(name: str = "winter") -> str:
    """The library's programme under another name, its dates moved to around today."""
    today = datetime.now(UTC).date()
    text = library_text("demo-town").decode().replace("name: demo-town", f"name: {name}", 1)
    for key, days in (("opens: 2026-11-01", -5), ("intake_closes: 2027-02-28", 100), ("ends: 2027-06-30", 200)):
        assert key in text
        text = text.replace(key, f"{key.split(':')[0]}: {today + timedelta(days=days)}")
    return text


def make_town(folder: Path) -> None:
    """An office with staff and an open programme, in `evenhand-office`, and the programme's file beside it."""
    (folder / "winter.yaml").write_text(programme_text(), encoding="utf-8")
    office = make_office(folder / "evenhand-office", "town.example/evenhand")
    with office.store:
        for name, role in STAFF:
            add_staff(office, "anna", name, [role])
        open_programme(office, actor_of(office, "boris"), load_programme(folder / "winter.yaml"))

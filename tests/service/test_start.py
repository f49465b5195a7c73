"""What an office does when it is opened: it finds out what became of erasures that a crash interrupted."""

from pathlib import Path

import pytest

from evenhand.errors import CaseError
from evenhand.service.office import ERASURES, STORE, Office, make_office, open_office
from evenhand.store.erase import erase_now
from evenhand.store.fsck import fsck
from evenhand.store.tombstones import read_intents
from tests.store.test_erase import erase_and_fail
from tests.store.town import AT, full_case, open_town


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with make_office(tmp_path / "office", "town.example/evenhand").store as store:
        open_town(store)
    return tmp_path / "office"


def crash_before_the_end_is_noted(folder: Path) -> None:
    """Take the last line off the list of erasures."""
    path = folder / ERASURES
    lines = path.read_text().splitlines(keepends=True)
    assert '"is":"intent"' not in lines[-1]
    path.write_text("".join(lines[:-1]))


def intents(office: Office) -> tuple[int, frozenset[int]]:
    """How many erasures the list names, and which of them are open."""
    named, unsettled = read_intents(office.store.tombstones, office.store.keys)
    return len(named), unsettled


def interrupted(folder: Path, *, committed: bool) -> None:
    """An erasure that a crash interrupted before or after its commit."""
    with open_office(folder).store as store:
        case = full_case(store)
        if committed:
            erase_now(store, case, "request", at=AT, vacuum=False)
        else:
            with pytest.raises(CaseError), store.unit() as unit:
                erase_and_fail(unit, case)
    crash_before_the_end_is_noted(folder)


@pytest.mark.parametrize("committed", [True, False], ids=["after its commit", "before its commit"])
def test_an_erasure_that_a_crash_interrupted_is_settled_when_the_office_is_opened(
    folder: Path, committed: bool
) -> None:
    interrupted(folder, committed=committed)
    office = open_office(folder)
    with office.store as store:
        assert intents(office) == (int(committed), frozenset())
        assert fsck(store) == ()


def test_an_erasure_that_the_ledger_never_held_stays_open_for_the_restore(folder: Path) -> None:
    interrupted(folder, committed=True)
    for path in folder.glob(f"{STORE}*"):
        path.unlink()
    with open_office(folder).store as store:
        store.migrate()
    office = open_office(folder)
    with office.store:
        assert intents(office) == (1, frozenset({0}))


def test_a_damaged_list_of_erasures_keeps_no_office_from_opening(folder: Path) -> None:
    interrupted(folder, committed=True)
    path = folder / ERASURES
    path.write_text(path.read_text().replace("request", "retention"))
    with open_office(folder).store as store:
        assert "erasure-list" in {each.code for each in fsck(store)}

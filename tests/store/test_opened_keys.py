"""A wrapping key kept in memory serves only while its file is there, unchanged and private."""

from pathlib import Path

import pytest

from evenhand.errors import KeysError
from evenhand.store.keys import FileKeys, new_data_key
from tests.store.town import TOWN

CASE = "c" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    FileKeys.create(tmp_path / "keys", "town.example/evenhand").add_programme(TOWN)
    return tmp_path / "keys"


def test_a_version_retired_by_another_holder_opens_nothing_here(folder: Path) -> None:
    here, there, key = FileKeys(folder), FileKeys(folder), new_data_key()
    wrapped = here.wrap(TOWN, CASE, key)
    assert here.unwrap(TOWN, CASE, wrapped) == key
    there.rotate_wrapping(TOWN)
    there.retire(TOWN, 1)
    with pytest.raises(KeysError) as error:
        here.unwrap(TOWN, CASE, wrapped)
    assert error.value.code == "keys.no-version"
    assert here._opened == {}


def test_a_key_that_others_can_read_by_now_opens_nothing(folder: Path) -> None:
    keys = FileKeys(folder)
    wrapped = keys.wrap(TOWN, CASE, new_data_key())
    (folder / "wrapping" / TOWN / "1.key").chmod(0o644)
    with pytest.raises(KeysError) as error:
        keys.unwrap(TOWN, CASE, wrapped)
    assert error.value.code == "keys.not-private"


def test_a_key_that_was_changed_is_read_anew(folder: Path) -> None:
    keys = FileKeys(folder)
    wrapped = keys.wrap(TOWN, CASE, new_data_key())
    path = folder / "wrapping" / TOWN / "1.key"
    path.write_text(path.read_text().replace("evenhand-key/1", "evenhand-key/2"))
    with pytest.raises(KeysError) as error:
        keys.unwrap(TOWN, CASE, wrapped)
    assert error.value.code == "keys.damaged"

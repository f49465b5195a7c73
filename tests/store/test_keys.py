"""Keys: what they seal, where they are kept, and what is refused."""

import base64
import copy
import hashlib
import hmac
import os
import pickle
import random
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenhand.errors import KeysError
from evenhand.store import keyfiles
from evenhand.store.keys import (
    FileKeys,
    KeyHolder,
    MemoryKeys,
    Secret,
    Wrapped,
    aad,
    new_data_key,
    open_sealed,
    seal,
)
from evenhand.store.notes import open_checkpoint, sign_checkpoint

ORIGIN = "example.org/evenhand"
PROGRAMME = "winter-food"
CASE = "0123456789abcdef0123456789abcdef"
OTHER_CASE = "f123456789abcdef0123456789abcdef"
PLACE = aad("event", 5, "body", 1)


@contextmanager
def refused(code: str, *secrets: str) -> Iterator[None]:
    """The code is raised, with a mend, and nothing secret is said."""
    with pytest.raises(KeysError) as found:
        yield
    assert found.value.code == code
    assert found.value.mend
    assert not any(secret in str(found.value) for secret in secrets)


@pytest.fixture(params=["memory", "files"])
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> KeyHolder:
    holder = MemoryKeys(ORIGIN) if request.param == "memory" else FileKeys.create(tmp_path / "keys", ORIGIN)
    holder.add_programme(PROGRAMME)
    return holder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    FileKeys.create(tmp_path / "keys", ORIGIN).add_programme(PROGRAMME)
    return tmp_path / "keys"


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=2000))
def test_what_is_sealed_opens(plaintext: bytes) -> None:
    key = new_data_key()
    sealed = seal(key, plaintext, PLACE)
    assert len(sealed) == len(plaintext) + 28
    assert open_sealed(key, sealed, PLACE) == plaintext


def test_every_changed_bit_of_a_sealed_value_is_found() -> None:
    key = new_data_key()
    sealed = seal(key, b"an answer", PLACE)
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with refused("keys.sealed", "an answer"):
            open_sealed(key, bytes(changed), PLACE)


@pytest.mark.parametrize("length", [0, 1, 11, 12, 27, 28, 36])
def test_a_cut_value_is_found(length: int) -> None:
    key = new_data_key()
    with refused("keys.sealed"):
        open_sealed(key, seal(key, b"an answer", PLACE)[:length], PLACE)


@pytest.mark.parametrize(
    "place",
    [
        aad("events", 5, "body", 1),
        aad("event", 6, "body", 1),
        aad("event", 5, "bod", 1),
        aad("event", 5, "body", 2),
        aad("event", "5body", "", 1),
        b"",
    ],
)
def test_a_value_opens_in_its_own_place_only(place: bytes) -> None:
    key = new_data_key()
    with refused("keys.sealed"):
        open_sealed(key, seal(key, b"an answer", PLACE), place)


def test_another_key_opens_nothing() -> None:
    with refused("keys.sealed"):
        open_sealed(new_data_key(), seal(new_data_key(), b"an answer", PLACE), PLACE)


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5), st.text(max_size=5)), min_size=2, unique=True))
def test_no_two_places_share_their_bytes(places: list[tuple[str, str, str]]) -> None:
    assert len({aad(table, row, column, 1) for table, row, column in places}) == len(places)


def test_the_same_value_is_sealed_differently_each_time() -> None:
    key = new_data_key()
    assert len({seal(key, b"yes", PLACE) for _ in range(100)}) == 100


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with refused("keys.length"):
        Secret(bytes(length))


def test_a_secret_never_shows_itself() -> None:
    value = bytes(range(65, 97))
    secret = Secret(value)
    for shown in (repr(secret), str(secret), f"{secret!r:>40}", repr([secret])):
        assert "ABCDEFGH" not in shown
        assert value.hex() not in shown
    for copying in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            copying(secret)


def test_holders_never_show_their_keys(tmp_path: Path) -> None:
    files = FileKeys.create(tmp_path / "keys", ORIGIN, random=lambda count: b"K" * count)
    for holder in (MemoryKeys(ORIGIN, random=lambda count: b"K" * count), files):
        holder.add_programme(PROGRAMME)
        for shown in (repr(holder), str(holder), repr(holder.signer)):
            assert "KKKK" not in shown
            assert "S0tLS0" not in shown
            assert "4b4b4b" not in shown


def test_a_wrapped_key_opens(keys: KeyHolder) -> None:
    data_key = new_data_key()
    wrapped = keys.wrap(PROGRAMME, CASE, data_key)
    assert (wrapped.version, len(wrapped.blob)) == (1, 60)
    assert keys.unwrap(PROGRAMME, CASE, wrapped) == data_key


def test_a_wrapped_key_opens_for_its_own_case_only(keys: KeyHolder) -> None:
    keys.add_programme("summer")
    wrapped = keys.wrap(PROGRAMME, CASE, new_data_key())
    with refused("keys.sealed"):
        keys.unwrap(PROGRAMME, OTHER_CASE, wrapped)
    with refused("keys.sealed"):
        keys.unwrap("summer", CASE, wrapped)


def test_a_wrapped_key_opens_with_its_own_version_only(keys: KeyHolder) -> None:
    wrapped = keys.wrap(PROGRAMME, CASE, new_data_key())
    keys.rotate_wrapping(PROGRAMME)
    with refused("keys.sealed"):
        keys.unwrap(PROGRAMME, CASE, Wrapped(2, wrapped.blob))
    with refused("keys.no-version"):
        keys.unwrap(PROGRAMME, CASE, Wrapped(3, wrapped.blob))


def test_after_a_rotation_old_keys_open_and_new_ones_are_wrapped_anew(keys: KeyHolder) -> None:
    data_key = new_data_key()
    old = keys.wrap(PROGRAMME, CASE, data_key)
    assert keys.rotate_wrapping(PROGRAMME) == 2
    assert keys.versions(PROGRAMME) == (1, 2)
    assert keys.unwrap(PROGRAMME, CASE, old) == data_key
    assert keys.wrap(PROGRAMME, CASE, data_key).version == 2


def test_a_retired_version_opens_nothing_any_more(keys: KeyHolder) -> None:
    data_key = new_data_key()
    old = keys.wrap(PROGRAMME, CASE, data_key)
    keys.rotate_wrapping(PROGRAMME)
    new = keys.wrap(PROGRAMME, CASE, data_key)
    keys.retire(PROGRAMME, 1)
    assert keys.versions(PROGRAMME) == (2,)
    with refused("keys.no-version"):
        keys.unwrap(PROGRAMME, CASE, old)
    assert keys.unwrap(PROGRAMME, CASE, new) == data_key


def test_a_version_number_is_never_used_again(keys: KeyHolder) -> None:
    keys.rotate_wrapping(PROGRAMME)
    keys.retire(PROGRAMME, 1)
    assert keys.rotate_wrapping(PROGRAMME) == 3


def test_the_newest_version_is_not_retired(keys: KeyHolder) -> None:
    with refused("keys.retire-newest"):
        keys.retire(PROGRAMME, 1)
    with refused("keys.no-version"):
        keys.retire(PROGRAMME, 9)


def test_a_programme_without_a_key_wraps_nothing(keys: KeyHolder) -> None:
    with refused("keys.no-programme"):
        keys.wrap("summer", CASE, new_data_key())
    with refused("keys.no-programme"):
        keys.rotate_wrapping("summer")
    assert keys.versions("summer") == ()


def test_adding_a_programme_twice_keeps_its_key(keys: KeyHolder) -> None:
    wrapped = keys.wrap(PROGRAMME, CASE, new_data_key())
    assert keys.add_programme(PROGRAMME) == 1
    keys.unwrap(PROGRAMME, CASE, wrapped)


@pytest.mark.parametrize("name", ["", "..", "../elsewhere", "a/b", ".hidden", "1st", "a" * 65, "a\nb", "a\0b"])
def test_a_name_that_could_leave_its_folder_is_refused(keys: KeyHolder, name: str) -> None:
    with refused("keys.programme-name"):
        keys.add_programme(name)
    with refused("keys.programme-name"):
        keys.code_hash("access", name, "CODE")


@pytest.mark.parametrize("case", ["", "12", CASE.upper(), CASE + "0", "g" * 32])
def test_only_case_ids_get_pseudonyms(keys: KeyHolder, case: str) -> None:
    with refused("keys.case-id"):
        keys.pseudonym(PROGRAMME, case)


def test_pseudonyms_are_stable_and_differ_between_programmes(keys: KeyHolder) -> None:
    first = keys.pseudonym(PROGRAMME, CASE)
    assert first == keys.pseudonym(PROGRAMME, CASE)
    assert len(first) == 26
    assert set(first) <= set("abcdefghijklmnopqrstuvwxyz234567")
    assert len({first, keys.pseudonym("summer", CASE), keys.pseudonym(PROGRAMME, OTHER_CASE)}) == 3


def test_the_pseudonym_is_the_formula_s() -> None:
    """HMAC-SHA256(HKDF-SHA256(root, info), case id), the first 16 bytes, by RFC 5869 and RFC 2104 written out."""
    keys = MemoryKeys(ORIGIN, random=bytes)
    parts = [b"evenhand.pseudonym/1", b"winter-food"]
    info = b"".join(len(each).to_bytes(4, "big") + each for each in parts)
    extracted = hmac.new(bytes(32), bytes(32), hashlib.sha256).digest()
    expanded = hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()
    digest = hmac.new(expanded, bytes.fromhex(CASE), hashlib.sha256).digest()[:16]
    assert keys.pseudonym(PROGRAMME, CASE) == base64.b32encode(digest).decode().lower().rstrip("=")


def test_codes_are_hashed_by_purpose_and_programme(keys: KeyHolder) -> None:
    hashes = {
        keys.code_hash("access", PROGRAMME, "CODE"),
        keys.code_hash("invitation", PROGRAMME, "CODE"),
        keys.code_hash("recovery", PROGRAMME, "CODE"),
        keys.code_hash("access", "summer", "CODE"),
        keys.code_hash("access", PROGRAMME, "EDOC"),
    }
    assert len(hashes) == 5
    assert keys.code_hash("access", PROGRAMME, "CODE") in hashes


def test_another_pepper_gives_other_hashes() -> None:
    assert MemoryKeys().code_hash("access", PROGRAMME, "C") != MemoryKeys().code_hash("access", PROGRAMME, "C")


def test_integrity_tags_are_bound_to_their_purpose(keys: KeyHolder) -> None:
    assert keys.integrity_tag("tombstones", b"data") == keys.integrity_tag("tombstones", b"data")
    assert keys.integrity_tag("tombstones", b"data") != keys.integrity_tag("tombstone", b"sdata")


def test_the_holder_signs_checkpoints(keys: KeyHolder) -> None:
    note = sign_checkpoint(3, bytes(32), keys.signer)
    assert open_checkpoint(note, [keys.verifier]).origin == ORIGIN


def test_files_hold_the_same_keys_after_a_restart(folder: Path) -> None:
    first = FileKeys(folder)
    wrapped = first.wrap(PROGRAMME, CASE, new_data_key())
    second = FileKeys(folder)
    assert second.unwrap(PROGRAMME, CASE, wrapped) == first.unwrap(PROGRAMME, CASE, wrapped)
    assert second.verifier == first.verifier
    assert second.pseudonym(PROGRAMME, CASE) == first.pseudonym(PROGRAMME, CASE)


def test_files_and_folders_are_their_owner_s_alone(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    names = sorted(path.name for path in folder.rglob("*.key"))
    assert names == ["1.key", "integrity.key", "pepper.key", "root.key", "signing.key"]


def test_nothing_but_keys_is_left_behind(folder: Path) -> None:
    FileKeys(folder).rotate_wrapping(PROGRAMME)
    assert not [path for path in folder.parent.rglob(".*") if path != folder]


def test_keys_are_never_made_over_keys(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*.key")}
    with refused("keys.exists"):
        FileKeys.create(folder, ORIGIN)
    assert {path: path.read_bytes() for path in folder.rglob("*.key")} == before
    assert [path.name for path in folder.parent.iterdir()] == ["keys"]


def test_keys_are_made_in_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    FileKeys.create(tmp_path / "keys", ORIGIN)
    assert FileKeys(tmp_path / "keys").verifier.name == ORIGIN


def test_a_wrapping_key_is_never_overwritten(folder: Path) -> None:
    path = folder / "wrapping" / PROGRAMME / "1.key"
    before = path.read_bytes()
    with refused("keys.exists"):
        keyfiles.write_secret(path, "any", new_data_key())
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["1.key"]


def test_the_signing_key_can_be_kept_apart(tmp_path: Path) -> None:
    signing = tmp_path / "elsewhere.key"
    keys = FileKeys.create(tmp_path / "keys", ORIGIN, signing=signing)
    assert not (tmp_path / "keys" / "signing.key").exists()
    assert stat.S_IMODE(signing.stat().st_mode) == 0o600
    again = FileKeys.create(tmp_path / "new-keys", ORIGIN, signing=signing)
    assert again.verifier == keys.verifier == FileKeys(tmp_path / "keys", signing=signing).verifier
    with refused("keys.other-origin"):
        FileKeys.create(tmp_path / "third", "example.org/other", signing=signing)


@pytest.mark.parametrize("name", ["root.key", "pepper.key", "integrity.key", "signing.key"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with refused("keys.missing"):
        FileKeys(folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with refused("keys.no-folder"):
        FileKeys(tmp_path / "none")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o610])
def test_a_file_that_others_can_reach_is_refused(folder: Path, mode: int) -> None:
    (folder / "root.key").chmod(mode)
    with refused("keys.not-private"):
        FileKeys(folder)


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o777])
def test_a_folder_that_others_can_enter_is_refused(folder: Path, mode: int) -> None:
    folder.chmod(mode)
    with refused("keys.not-private"):
        FileKeys(folder)


def test_a_wrapping_key_that_others_can_reach_is_refused(folder: Path) -> None:
    keys = FileKeys(folder)
    (folder / "wrapping" / PROGRAMME / "1.key").chmod(0o644)
    with refused("keys.not-private"):
        keys.wrap(PROGRAMME, CASE, new_data_key())


def test_a_link_in_a_key_s_place_is_refused(folder: Path) -> None:
    (folder / "root.key").rename(folder / "real.key")
    (folder / "root.key").symlink_to(folder / "real.key")
    with refused("keys.unusable"):
        FileKeys(folder)


def test_a_folder_or_pipe_in_a_key_s_place_is_refused(folder: Path) -> None:
    (folder / "root.key").unlink()
    os.mkfifo(folder / "root.key", 0o600)
    with refused("keys.not-private"):
        FileKeys(folder)
    (folder / "root.key").unlink()
    (folder / "root.key").mkdir(0o700)
    with pytest.raises(KeysError):
        FileKeys(folder)


def _flip(data: bytes) -> bytes:
    place = random.Random(3).randrange(30, 60)
    return data[:place] + (b"A" if data[place : place + 1] != b"A" else b"B") + data[place + 1 :]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "a changed letter": _flip,
    "cut": lambda data: data[:40],
    "empty": lambda _: b"",
    "zeros": lambda data: bytes(len(data)),
    "not text": lambda data: b"\xff" + data,
    "much longer": lambda data: data + b"x" * 5000,
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_key_is_refused_and_not_used(folder: Path, how: str) -> None:
    path = folder / "root.key"
    whole = path.read_bytes()
    path.write_bytes(DAMAGE[how](whole))
    with refused("keys.damaged", whole.split()[2].decode()):
        FileKeys(folder)


def test_a_damaged_signing_key_is_refused(folder: Path) -> None:
    path = folder / "signing.key"
    whole = path.read_text("ascii")
    path.write_text(whole[:-6] + "\n", "ascii")
    with refused("keys.signer-text", whole.split("+")[-1][:12]):
        FileKeys(folder)


def test_a_key_in_another_s_place_is_refused(folder: Path) -> None:
    (folder / "root.key").write_bytes((folder / "pepper.key").read_bytes())
    with refused("keys.damaged"):
        FileKeys(folder)


def test_a_version_retired_by_another_process_is_gone_here_too(folder: Path) -> None:
    here, there = FileKeys(folder), FileKeys(folder)
    wrapped = here.wrap(PROGRAMME, CASE, new_data_key())
    there.rotate_wrapping(PROGRAMME)
    there.retire(PROGRAMME, 1)
    with refused("keys.no-version"):
        here.unwrap(PROGRAMME, CASE, wrapped)


def test_a_destroyed_key_is_overwritten_before_it_is_removed(folder: Path) -> None:
    path = folder / "wrapping" / PROGRAMME / "1.key"
    before = path.read_bytes()
    kept = folder / "kept"
    os.link(path, kept)  # a second name for the same bytes shows what became of them
    keyfiles.destroy(path)
    assert not path.exists()
    assert kept.stat().st_size == len(before)
    assert before[15:] not in kept.read_bytes()
    keyfiles.destroy(path)


def test_an_unfinished_write_leaves_no_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with refused("keys.unusable"):
        FileKeys(folder).rotate_wrapping(PROGRAMME)
    assert [path.name for path in (folder / "wrapping" / PROGRAMME).iterdir()] == ["1.key"]


def test_keys_from_a_seeded_source_are_the_same_each_time() -> None:
    first, second = (MemoryKeys(ORIGIN, random=random.Random(7).randbytes) for _ in range(2))
    assert first.verifier == second.verifier
    assert first.pseudonym(PROGRAMME, CASE) == second.pseudonym(PROGRAMME, CASE)

"""Keeping an office: what it holds, its keys, and its backups."""

from dataclasses import dataclass
from pathlib import Path

from evenhand.casework.roles import Actor
from evenhand.service.office import Office, permit
from evenhand.store import rotation
from evenhand.store.backup import Backup, backup
from evenhand.store.read import ProgrammeRow
from evenhand.store.restore import Restored, restore
from evenhand.store.rotation import Rotated
from evenhand.store.signing import SigningRotated, rotate_signing


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """What an office holds, no case looked at.

    Attributes:
        origin: public name of its ledger.
        verifier: public key of its checkpoints.
        entries: entries of the ledger.
        checkpoints: signed checkpoints.
        programmes: each programme, by name.
    """

    origin: str
    verifier: str
    entries: int
    checkpoints: int
    programmes: tuple[ProgrammeRow, ...]


def office_facts(office: Office) -> OfficeFacts:
    """What an office holds."""
    key = office.store.keys.verifier
    with office.store.reading() as reading:
        return OfficeFacts(
            key.name, str(key), reading.size(), len(reading.checkpoints()), tuple(reading.programmes())
        )


def key_versions(office: Office) -> dict[str, tuple[int, ...]]:
    """The versions of each programme's wrapping key that are held, oldest first."""
    with office.store.reading() as reading:
        return {each.name: office.store.keys.versions(each.name) for each in reading.programmes()}


def rotate_keys(office: Office, actor: Actor, programme: str) -> Rotated:
    """Give a programme a new wrapping key, and wrap the key of every case anew; the office goes on serving.

    Raises:
        CaseError: not yours to do, or no such programme.
        KeysError, StoreError: the new key cannot be kept, or the store not written to. Run it again.
    """
    permit(actor, "manage keys")
    _require_programme(office, programme)
    return rotation.rotate(office.store, programme, at=office.clock(), actor=actor.id)


def rotate_signing_key(office: Office, actor: Actor) -> SigningRotated:
    """Give the ledger another signing key; the office goes on serving. Publish the new verifier key at once.

    Raises:
        CaseError: not yours to do.
        KeysError, StoreError: the new key cannot be kept, or the store not written to. Run it again.
    """
    permit(actor, "manage keys")
    return rotate_signing(office.store, at=office.clock(), actor=actor.id)


def retire_keys(office: Office, actor: Actor, programme: str) -> tuple[int, ...]:
    """End a backup period: destroy every wrapping key but the newest. Old backups yield nothing from then on.

    Returns:
        The versions destroyed.

    Raises:
        CaseError: not yours to do, or no such programme.
        StoreError: a rotation is not finished.
    """
    permit(actor, "manage keys")
    _require_programme(office, programme)
    return rotation.end_backup_period(office.store, programme)


def back_up(office: Office, actor: Actor, folder: Path, *, key_file: Path | None = None) -> Backup:
    """Back the store up while it serves.

    Args:
        office: the office.
        actor: an administrator.
        folder: a folder that is not there yet.
        key_file: where the wrapped case keys go; None: beside the folder.

    Raises:
        CaseError: not yours to do.
        StoreError: something is there already, or cannot be written.
    """
    permit(actor, "back up")
    return backup(office.store, folder, at=office.clock(), key_file=key_file)


def bring_back(
    office: Office, folder: Path, *, key_file: Path | None = None, known: str | None = None, rewound: bool = False
) -> Restored:
    """Restore a backup into the office's empty store; see `store.restore`.

    Nobody's role can be looked up in an empty store: whoever holds the keys, the list of erasures and the backup
    may restore.

    Args:
        office: the office, with its keys and its list of erasures, and a store without rows.
        folder: the backup.
        key_file: the wrapped case keys; None: beside the folder.
        known: the latest checkpoint known from elsewhere.
        rewound: entries after the backup are lost, and known to be.

    Raises:
        StoreError: see `store.restore`.
    """
    keys = key_file or folder.with_name(folder.name + ".case-keys.json")
    return restore(folder, office.store, at=office.clock(), key_file=keys, known=known, rewound=rewound)


def _require_programme(office: Office, programme: str) -> None:
    with office.store.reading() as reading:
        office.programme(reading, programme)

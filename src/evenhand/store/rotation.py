"""Rotation of the wrapping keys, while the store serves.

rotate               new version; each case's key is wrapped anew, a batch a transaction; interrupted, run it again
end_backup_period    the old versions are destroyed; what only they wrapped (old key files) can never be opened
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update

from evenhand.casework.events import KeyRotated
from evenhand.errors import StoreError
from evenhand.store import schema
from evenhand.store.keyring import Wrapped
from evenhand.store.store import Store
from evenhand.store.unit import Unit

BATCH = 500
"""Keys wrapped anew in one transaction: a few tens of milliseconds, in which others wait."""

_REWRAP = update(schema.case_key).where(schema.case_key.c.case_id == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Rotated:
    """A rotation that is done: the version that wraps now, and how many case keys this run wrapped anew."""

    version: int
    cases: int


def rotate(store: Store, programme: str, *, at: datetime, actor: str = "system", batch: int = BATCH) -> Rotated:
    """Give a programme a new wrapping key and wrap every case's key with it. Interrupted, run it again.

    Args:
        store: the store; it goes on serving.
        programme: the programme.
        at: when.
        actor: who asked for it.
        batch: keys wrapped in one transaction.

    Raises:
        KeysError: the programme has no key, or a new one cannot be kept.
        StoreError: the store cannot be written to.
    """
    with store.unit() as unit:
        version = _new_version(unit, programme)
        unit.append(KeyRotated(programme, at, actor, "wrapping", version, ""))
    return Rotated(version, rewrap(store, programme, batch=batch))


def resume(store: Store, programme: str, *, batch: int = BATCH) -> Rotated:
    """Finish a rotation that was interrupted; does nothing where there is none."""
    return Rotated(store.keys.versions(programme)[-1], rewrap(store, programme, batch=batch))


def rewrap(store: Store, programme: str, *, batch: int = BATCH) -> int:
    """Wrap anew every key that an older version wrapped.

    Returns:
        How many there were.
    """
    done = 0
    while True:
        count = store.transact(lambda unit: _batch(unit, programme, batch))
        done += count
        if count < batch:
            return done


def end_backup_period(store: Store, programme: str) -> tuple[int, ...]:
    """Destroy every wrapping key of a programme but the newest: older backups yield nothing from now on.

    Returns:
        The versions destroyed.

    Raises:
        StoreError: a case's key is still wrapped with an old version.
    """
    old = store.keys.versions(programme)[:-1]
    table = schema.case_key
    with store.unit() as unit:
        newest = store.keys.versions(programme)[-1]
        query = select(func.count()).where(table.c.programme == programme, table.c.key_version != newest)
        left = unit.connection.execute(query).scalar_one()
        if left:
            raise StoreError(
                "store.rotation-unfinished",
                f"{left} case keys are still wrapped with an old key.",
                why="They could never be opened again.",
                mend="Finish the rotation first.",
            )
        for version in old:
            store.keys.retire(programme, version)
    return old


def _new_version(unit: Unit, programme: str) -> int:
    """A new version, or the one that an interrupted rotation made and did not get to note."""
    noted = [
        event.version
        for _, event in unit.reading.office_events(programme, kind=KeyRotated.kind)
        if isinstance(event, KeyRotated) and event.which == "wrapping"
    ]
    held = unit.keys.versions(programme)
    if held and held[-1] > max(noted, default=1):
        return held[-1]
    return unit.keys.rotate_wrapping(programme)


def _batch(unit: Unit, programme: str, batch: int) -> int:
    table = schema.case_key
    newest = unit.keys.versions(programme)[-1]
    query = (
        select(table)
        .where(table.c.programme == programme, table.c.key_version < newest)
        .order_by(table.c.case_id)
        .limit(batch)
    )
    rows = unit.connection.execute(query).all()
    if rows:
        unit.connection.execute(_REWRAP, [_wrapped_anew(unit, programme, row) for row in rows])
    return len(rows)


def _wrapped_anew(unit: Unit, programme: str, row: Row[Any]) -> dict[str, Any]:
    key = unit.keys.unwrap(programme, row.case_id, Wrapped(row.key_version, bytes(row.wrapped)))
    wrapped = unit.keys.wrap(programme, row.case_id, key)
    return {"of": row.case_id, "wrapped": wrapped.blob, "key_version": wrapped.version}

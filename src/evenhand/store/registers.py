"""Codes and counters beside the events: of invitations, cases, collections, forms, contributions and staff.

Codes come here as keyed hashes (`KeyHolder.code_hash`). A wrong, used or expired code gives None, always the
same, so that nobody learns which it was.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Update, bindparam, case, delete, insert, select, update
from sqlalchemy.engine import Connection

from evenhand.errors import StoreError
from evenhand.store import schema
from evenhand.store.history import moment

_READ_PLACE = (
    select(
        *(schema.case_file.c[name] for name in ("programme", "invitation", "district", "restricted")),
        schema.contribution.c.month,
    )
    .select_from(schema.case_file.outerjoin(schema.contribution))
    .where(schema.case_file.c.case_id == bindparam("of"))
)
_ENTER_MONTH = insert(schema.contribution)
_LEAVE_MONTH = delete(schema.contribution).where(schema.contribution.c.case_id == bindparam("of"))
_RELEASED = select(schema.release.c.index).where(
    schema.release.c.programme == bindparam("of"), schema.release.c.period == bindparam("at")
)


def _take_cell() -> Update:
    table, now = schema.invitation, bindparam("now", type_=Integer)
    same = table.c.year == now
    free = table.c.year.is_(None) | (table.c.year < now) | (same & (table.c.cells_used < bindparam("most")))
    values = {"year": now, "cells_used": case((same, table.c.cells_used + 1), else_=1)}
    return update(table).where(table.c.id == bindparam("of"), free).values(**values)


_TAKE_CELL = _take_cell()


@dataclass(frozen=True, slots=True)
class Invitation:
    """A single-use invitation.

    Attributes:
        id: its id, random.
        programme: the programme.
        code_hash: keyed hash of its code, 64 hexadecimal characters.
        partner: who hands it out.
        district: the district it is meant for, or None.
        issued_at: ISO 8601 UTC.
        expires_at: ISO 8601 UTC.
    """

    id: str
    programme: str
    code_hash: str
    partner: str
    district: str | None
    issued_at: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A member of staff: id, name, roles (space between), password hash, sealed second factor, when shut out."""

    id: str
    name: str
    roles: str
    password_hash: str | None
    totp_secret_enc: bytes | None
    disabled_at: str | None


def document_hash(kind: str, content: bytes) -> str:
    """The address of a document: SHA-256 of kind, a zero byte and content, in hexadecimal."""
    return hashlib.sha256(kind.encode() + b"\0" + content).hexdigest()


class Registers:
    """What a unit does beside appending events; rolled back with it."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}

    @property
    def _connection(self) -> Connection:
        raise NotImplementedError

    def add_document(self, kind: str, content: bytes) -> str:
        """Keep a frozen document; one that is there already stays.

        Returns:
            Its hash.
        """
        hashed = document_hash(kind, content)
        table = schema.document
        if self._connection.execute(select(table.c.hash).where(table.c.hash == hashed)).first() is None:
            self._connection.execute(insert(table), {"hash": hashed, "kind": kind, "content": content})
        return hashed

    def add_invitations(self, invitations: Iterable[Invitation]) -> None:
        """Keep new invitations."""
        rows = [{**asdict(each), "used_at": None, "year": None, "cells_used": 0} for each in invitations]
        if rows:
            self._connection.execute(insert(schema.invitation), rows)

    def take_invitation(self, programme: str, code_hash: str, at: datetime) -> Invitation | None:
        """Use an invitation, once; None if it is unknown, used or expired."""
        table, now = schema.invitation, moment(at)
        fits = (table.c.programme == programme) & (table.c.code_hash == code_hash)
        free = fits & table.c.used_at.is_(None) & (table.c.expires_at > now)
        # A day says enough: the minute would tell a partner's list and a case's history to each other.
        if self._connection.execute(update(table).where(free).values(used_at=now[:10])).rowcount != 1:
            return None
        columns = [table.c[name] for name in Invitation.__slots__]
        return Invitation(**self._connection.execute(select(*columns).where(fits)).one()._mapping)

    def set_access_code(
        self,
        case_id: str,
        *,
        programme: str,
        code_hash: str,
        recovery_hash: str | None,
        at: datetime,
        reissue_after: datetime | None = None,
    ) -> None:
        """Give a case its access code, in place of the one it had."""
        table = schema.access_code
        self._connection.execute(delete(table).where(table.c.case_id == case_id))
        row = {
            "case_id": case_id,
            "programme": programme,
            "code_hash": code_hash,
            "recovery_hash": recovery_hash,
            "issued_at": moment(at),
            "reissue_after": moment(reissue_after) if reissue_after else None,
        }
        self._connection.execute(insert(table), row)

    def case_by_access_code(self, code_hash: str) -> str | None:
        """The case that an access code opens, or None."""
        table = schema.access_code
        found = self._connection.execute(select(table.c.case_id).where(table.c.code_hash == code_hash)).scalar()
        return None if found is None else str(found)

    def case_by_recovery(self, recovery_hash: str) -> str | None:
        """The case that a recovery phrase opens, or None."""
        table = schema.access_code
        query = select(table.c.case_id).where(table.c.recovery_hash == recovery_hash)
        found = self._connection.execute(query).scalar()
        return None if found is None else str(found)

    def case_by_invitation(self, programme: str, code_hash: str) -> str | None:
        """The case that was opened with an invitation, or None. For who lost a code; never for a partner."""
        table, files = schema.invitation, schema.case_file
        query = (
            select(files.c.case_id)
            .join(table, table.c.id == files.c.invitation)
            .where(table.c.programme == programme, table.c.code_hash == code_hash)
        )
        found = self._connection.execute(query).scalar()
        return None if found is None else str(found)

    def ask_reissue(self, case_id: str, slip_hash: str, after: datetime) -> None:
        """Note that a new access code was asked for with a slip, and from when it may be had."""
        table = schema.access_code
        values = {"slip_hash": slip_hash, "reissue_after": moment(after)}
        self._connection.execute(update(table).where(table.c.case_id == case_id).values(**values))

    def drop_reissue(self, case_id: str) -> None:
        """Forget that a new access code was asked for."""
        table = schema.access_code
        values = {"slip_hash": None, "reissue_after": None}
        self._connection.execute(update(table).where(table.c.case_id == case_id).values(**values))

    def case_by_slip(self, programme: str, slip_hash: str, now: datetime) -> str | None:
        """The case for which a slip gives a new access code by now, or None."""
        table = schema.access_code
        query = select(table.c.case_id).where(
            table.c.programme == programme, table.c.slip_hash == slip_hash, table.c.reissue_after <= moment(now)
        )
        found = self._connection.execute(query).scalar()
        return None if found is None else str(found)

    def recovery_hash(self, case_id: str) -> str | None:
        """The keyed hash of a case's recovery phrase, or None."""
        table = schema.access_code
        found = self._connection.execute(select(table.c.recovery_hash).where(table.c.case_id == case_id)).scalar()
        return None if found is None else str(found)

    def once(self, token_hash: str, case_id: str) -> int | None:
        """Whether a form was sent before.

        Args:
            token_hash: hash of the form's token.
            case_id: the case it belongs to.

        Returns:
            Index of the event that it made before, or None the first time: then the next event of that case
            appended in this unit is noted as its event.

        Raises:
            StoreError: the token belongs to another case's form.
        """
        found = self._form(token_hash)
        if found is None:
            self._tokens[case_id] = token_hash
            return None
        if found[0] != case_id:
            raise StoreError(
                "store.other-form",
                "This form was sent from another case.",
                why="Each form has a token of its own, for one case.",
                mend="Open the page again and fill in its form.",
            )
        return found[1]

    def add_collection_code(
        self, case_id: str, *, programme: str, code_hash: str, support: str, at: datetime
    ) -> None:
        """Keep a one-time code for collecting the support."""
        row = {
            "code_hash": code_hash,
            "programme": programme,
            "case_id": case_id,
            "support": support,
            "issued_at": moment(at),
            "presented_at": None,
            "presented_by": None,
        }
        self._connection.execute(insert(schema.collection_code), row)

    def void_collection_codes(self, case_id: str) -> None:
        """Make the codes of a case that were not presented collect nothing."""
        table = schema.collection_code
        open_codes = (table.c.case_id == case_id) & table.c.presented_at.is_(None)
        self._connection.execute(update(table).where(open_codes).values(case_id=None))

    def recipients(self, case_id: str) -> tuple[str, ...]:
        """The partners to whom a collection code of the case was presented, by name."""
        table = schema.collection_code
        query = select(table.c.presented_by).where(table.c.case_id == case_id, table.c.presented_by.is_not(None))
        return tuple(sorted(set(self._connection.execute(query).scalars())))

    def present_collection(
        self, programme: str, code_hash: str, at: datetime, partner: str
    ) -> tuple[str, str] | None:
        """Use a collection code, once.

        Args:
            programme: the programme.
            code_hash: keyed hash of the code.
            at: when.
            partner: to whom it was presented.

        Returns:
            (case id, support); None if it is unknown or presented before, or its case was erased.
        """
        table = schema.collection_code
        fits = (table.c.programme == programme) & (table.c.code_hash == code_hash)
        free = fits & table.c.presented_at.is_(None) & table.c.case_id.is_not(None)
        if (
            self._connection.execute(
                update(table).where(free).values(presented_at=moment(at), presented_by=partner)
            ).rowcount
            != 1
        ):
            return None
        row = self._connection.execute(select(table.c.case_id, table.c.support).where(fits)).one()
        return str(row.case_id), str(row.support)

    def contribute(
        self, case_id: str, *, month: str, need_class: int, cells_a_year: int, field_value: str | None = None
    ) -> bool:
        """Let a case stand in a month's histogram, as `statistics.bound` says: `Intake.enter` there is its twin.

        A correction within the same month takes the place of the row and no further cell. A month that was
        released is closed: nothing enters it, and the case stays where it was.

        Args:
            case_id: a case that agreed to the statistics and was assessed.
            month: YYYY-MM.
            need_class: its class of need.
            cells_a_year: monthly cells that one invitation may fill in a year (K).
            field_value: value of the extra field that the statistics use, or None.

        Returns:
            False where the invitation's cells of that year are used up, there is no invitation, the case is
            frozen, or the month was released: the case is then not counted anew.
        """
        file = self._connection.execute(_READ_PLACE, {"of": case_id}).one()
        if file.invitation is None or file.restricted or self._is_released(file.programme, month):
            return False
        if file.month != month and not self._take_cell(file.invitation, int(month[:4]), cells_a_year):
            return False
        if file.month is not None:
            self._connection.execute(_LEAVE_MONTH, {"of": case_id})
        row = {
            "case_id": case_id,
            "programme": file.programme,
            "invitation": file.invitation,
            "district": file.district,
            "month": month,
            "need_class": need_class,
            "field_value": field_value,
        }
        self._connection.execute(_ENTER_MONTH, row)
        return True

    def set_staff(self, staff: str, **columns: Any) -> None:
        """Set `name`, `password_hash` or `totp_secret_enc` of a member of staff that `StaffChanged` made known."""
        secret: Mapping[str, Any] = {
            name: value for name, value in columns.items() if name in {"name", "password_hash", "totp_secret_enc"}
        }
        self._connection.execute(update(schema.staff).where(schema.staff.c.id == staff).values(**secret))

    def staff(self, staff: str) -> StaffRow | None:
        """A member of staff, or None."""
        row = self._connection.execute(select(schema.staff).where(schema.staff.c.id == staff)).first()
        return StaffRow(**row._mapping) if row else None

    def _is_released(self, programme: str, month: str) -> bool:
        return self._connection.execute(_RELEASED, {"of": programme, "at": month}).first() is not None

    def _take_cell(self, invitation: str, year: int, most: int) -> bool:
        """Count one cell of an invitation's year in one statement: never beyond K, never in a year gone by."""
        return self._connection.execute(_TAKE_CELL, {"of": invitation, "now": year, "most": most}).rowcount == 1

    def _form(self, token_hash: str) -> tuple[str, int] | None:
        """Case and event of a form that was sent."""
        raise NotImplementedError

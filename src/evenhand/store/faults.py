"""Faults of the database, explained: which code, whether anything was stored, and what to do.

The one question after a fault is whether the change happened. Every code below but `store.outcome-unknown` means
that nothing was stored: the fault came before the commit, or the commit itself says that it wrote nothing.
"""

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from evenhand.errors import StoreError

_SQLITE = {
    5: "busy",
    6: "busy",
    8: "read-only",
    10: "io",
    11: "corrupt",
    13: "full",
    14: "unavailable",
    26: "corrupt",
}
"""Primary result codes of SQLite (sqlite.org/rescode.html)."""

_POSTGRES = {
    "53100": "full",
    "53200": "busy",
    "53300": "busy",
    "58030": "io",
    "25006": "read-only",
    "40001": "busy",
    "40P01": "busy",
    "55P03": "busy",
    "XX001": "corrupt",
    "XX002": "corrupt",
}
"""SQLSTATE codes (PostgreSQL's appendix A)."""

_BY_TYPE: dict[type[Exception], str] = {
    PoolTimeout: "busy",
    UnicodeDecodeError: "corrupt",
    ConnectionError: "unavailable",
}

_UNAVAILABLE = ("08", "57P")
"""Classes of SQLSTATE that say the server is going, gone or starting."""

_NOT_COMMITTED = frozenset({"busy", "full", "read-only"})
"""Faults at COMMIT after which nothing was stored: SQLite says so before its commit record is whole, PostgreSQL by
refusing."""

_WORDS = {
    "store.busy": (
        "The store is busy.",
        "Another change held it for too long. Nothing was stored.",
        "Try again in a moment.",
    ),
    "store.full": (
        "The disk of the store is full.",
        "Nothing was stored; what was stored before is safe.",
        "Make room, then try again. Nothing needs repair.",
    ),
    "store.io": (
        "The disk of the store reports an error.",
        "Nothing was acknowledged that is not stored.",
        "Check the disk. When it is well, run `evenhand fsck`.",
    ),
    "store.read-only": (
        "The store cannot be written to.",
        "Its file, folder or server is read-only. Nothing was stored.",
        "Give the service's user the right to write there.",
    ),
    "store.corrupt": (
        "The store is damaged.",
        "The database refuses to read its own pages.",
        "Stop the service, keep the files, run `evenhand fsck`, and restore the last backup.",
    ),
    "store.unavailable": (
        "The store cannot be reached.",
        "Nothing was stored.",
        "Check that the server runs, or that the folder is there and yours. Then try again.",
    ),
    "store.fault": (
        "The store refused a statement.",
        "Nothing was stored.",
        "Report this: it is a fault of ours.",
    ),
}


FAULTS = (SQLAlchemyError, ConnectionError, UnicodeDecodeError)
"""What the database raises: the second is a lost connection that pg8000 passes on as it is, the third comes where
a damaged SQLite file puts nonsense into its error messages."""


def explained(error: Exception, *, committing: bool = False) -> StoreError:
    """The explained error for a fault of the database. Never repeats statements or values.

    Args:
        error: what the database raised, one of `FAULTS`.
        committing: whether it came from COMMIT.
    """
    name = kind_of(error)
    if committing and name not in _NOT_COMMITTED:
        return outcome_unknown(name)
    code = f"store.{name}"
    what, why, mend = _WORDS[code]
    return StoreError(code, what, where=_native(error), why=why, mend=mend)


def outcome_unknown(name: str = "") -> StoreError:
    """The error after a commit whose answer never came."""
    return StoreError(
        "store.outcome-unknown",
        "It is not known whether the change was stored.",
        where=name,
        why="The fault came while the change was being stored, before the store's answer.",
        mend="Send the same form again: its token makes the change happen once, whatever happened before.",
    )


def kind_of(error: Exception) -> str:
    """Which fault it is: `busy`, `full`, `io`, `read-only`, `corrupt`, `unavailable`, or `fault` for our own."""
    for kind, name in _BY_TYPE.items():
        if isinstance(error, kind):
            return name
    if not isinstance(error, DBAPIError):
        return "fault"
    origin = error.orig
    code = getattr(origin, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF, "fault")
    state = _sqlstate(origin)
    if state:
        return _POSTGRES.get(state, "unavailable" if state.startswith(_UNAVAILABLE) else "fault")
    # pg8000 tells of a lost connection without a code.
    lost = error.connection_invalidated or type(origin).__name__ == "InterfaceError" or isinstance(origin, OSError)
    return "unavailable" if lost else "fault"


def _sqlstate(origin: BaseException | None) -> str:
    """The SQLSTATE in pg8000's error, whose one argument is the server's message as a mapping."""
    details = origin.args[0] if origin is not None and origin.args else None
    return str(details.get("C", "")) if isinstance(details, dict) else ""


def _native(error: Exception) -> str:
    """The database's own name of the fault, for whoever looks after it."""
    origin = getattr(error, "orig", None)
    return str(getattr(origin, "sqlite_errorname", "") or _sqlstate(origin))

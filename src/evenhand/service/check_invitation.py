"""Whether an invitation would open a case now: asked before a person reads the notice; nothing is used up."""

from evenhand.casework.codes import read_code
from evenhand.errors import CaseError
from evenhand.service.office import Office


class _UndoError(Exception):
    """Ends a unit without keeping it."""


def check_invitation(office: Office, programme: str, typed: str) -> str:
    """Look whether a code is an invitation of the programme that was not used and is not over.

    Returns:
        The code in its one form.

    Raises:
        CodeError: it cannot be a code.
        CaseError: it opens nothing; always the same answer.
    """
    code = read_code("invitation", typed)
    hashed = office.store.keys.code_hash("invitation", programme, code)
    found = False
    try:
        with office.store.unit() as unit:
            found = unit.take_invitation(programme, hashed, office.clock()) is not None
            raise _UndoError  # noqa: TRY301 - the unit must end by an error, to keep nothing
    except _UndoError:
        pass
    if not found:
        raise CaseError(
            "code.opens-nothing",
            "This code opens nothing.",
            why="It is not a code of this programme, it was used before, or its time is over.",
            mend="Look at the sheet again, or ask for another invitation where you got this one.",
        )
    return code

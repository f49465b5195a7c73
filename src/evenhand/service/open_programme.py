"""Opening a programme: its definition, instruments and scales are frozen in the store, under their hashes."""

from dataclasses import dataclass

from evenhand.casework.events import ProgrammeClosed, ProgrammeOpened
from evenhand.casework.roles import Actor
from evenhand.errors import CaseError
from evenhand.programme.definition import Programme
from evenhand.service.office import Office, permit


@dataclass(frozen=True, slots=True)
class OpenedProgramme:
    """A programme in force: its name, version and hash, and the ledger index that says so."""

    name: str
    version: str
    hash: str
    index: int


def open_programme(office: Office, actor: Actor, programme: Programme) -> OpenedProgramme:
    """Bring a version of a programme into force. Cases opened under an earlier one keep it.

    Raises:
        CaseError: not yours to do, or this version's text changed without a new version.
    """
    permit(actor, "define programme")
    hashed = programme.hash()
    with office.store.unit() as unit:
        row = unit.reading.programme(programme.name)
        if row is not None and row.version == programme.version and row.hash != hashed:
            raise CaseError(
                "programme.same-version",
                f"The programme changed and is still called version {programme.version!r}.",
                where=f"programme {programme.name!r}",
                why="Cases name the version that they were decided under.",
                mend="Give the changed programme a new version.",
            )
        documents = {each.hash: unit.add_document(each.kind, each.content.encode()) for each in programme.frozen()}
        event = ProgrammeOpened(programme.name, office.clock(), actor.id, programme.version, hashed, documents)
        index = unit.append(event)
    return OpenedProgramme(programme.name, programme.version, hashed, index)


def close_programme(office: Office, actor: Actor, name: str) -> int:
    """End a programme: nobody is taken in from here on. Rights, appeals and retention go on.

    Returns:
        The ledger index that says so.
    """
    permit(actor, "define programme")
    with office.store.unit() as unit:
        programme = office.programme(unit.reading, name)
        return unit.append(ProgrammeClosed(name, office.clock(), actor.id, programme.version))

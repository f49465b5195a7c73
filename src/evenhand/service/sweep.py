"""The retention sweep: what is past its date is erased, with a tombstone that names the rule."""

from dataclasses import dataclass

from evenhand.casework.events import RetentionSwept
from evenhand.casework.roles import SYSTEM, Actor
from evenhand.service.office import Office, permit
from evenhand.store.erase import erase_case, erase_events
from evenhand.store.retention import Due, Retention, due


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep erased: whole cases, and extra facts or contacts of others."""

    programme: str
    cases: int
    fields: int


def sweep(office: Office, actor: Actor) -> tuple[Swept, ...]:
    """Erase everything that is due today, in every programme.

    Args:
        office: the office.
        actor: an administrator, or `SYSTEM` from a timer.
    """
    if actor is not SYSTEM:
        permit(actor, "sweep")
    with office.store.reading() as reading:
        names = [row.name for row in reading.programmes()]
    swept = tuple(_sweep(office, actor, name) for name in names)
    office.store.checkpoint(office.clock())
    office.store.scrub()
    return swept


def _sweep(office: Office, actor: Actor, name: str) -> Swept:
    at = office.clock()
    with office.store.reading() as reading:
        definition = office.programme(reading, name)
        kept = definition.retention
        rules = Retention(name, definition.dates.ends, kept.answers_days, kept.contact_days, kept.undecided_days)
        everything = due(reading, rules, at.date())
    for each in everything:
        _erase(office, actor, each)
    cases = sum(each.what == "case" for each in everything)
    fields = sum(len(each.indexes) for each in everything)
    with office.store.unit() as unit:
        unit.append(RetentionSwept(name, at, actor.id, cases, fields))
    return Swept(name, cases, fields)


def _erase(office: Office, actor: Actor, each: Due) -> None:
    at = office.clock()
    with office.store.unit() as unit:
        if each.what == "case":
            erase_case(unit, each.case_id, "retention", at=at, actor=actor.id, rule=each.rule)
        else:
            erase_events(unit, each.case_id, each.indexes, at=at, rule=each.rule, actor=actor.id)

"""Invented offices with a clock that the tests set."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from evenhand.casework.roles import Actor
from evenhand.programme.definition import Programme, load_programme, programme_from
from evenhand.programme.yamltext import PROGRAMME_FILE, Document
from evenhand.service.answer import answer, asking
from evenhand.service.finish import Finished, finish
from evenhand.service.invite import invite
from evenhand.service.office import Office
from evenhand.service.open_programme import open_programme
from evenhand.service.take_part import Joined, take_part
from evenhand.store.keys import MemoryKeys
from evenhand.store.store import open_store

ANALYST = Actor("ana", frozenset({"analyst"}))
CASEWORKER = Actor("carl", frozenset({"caseworker"}))
SECOND = Actor("dora", frozenset({"caseworker"}))
ADMINISTRATOR = Actor("adam", frozenset({"administrator"}))
AUDITOR = Actor("olga", frozenset({"auditor"}))
PARTNER = Actor("library", frozenset({"partner"}))
TOWN = "demo-town"
AGREED = {"decide": True, "statistics": True, "messages": True}


class Days:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, days: int) -> None:
        self.at += timedelta(days=days)


class Letters:
    """Keeps the messages that were sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def send(self, contact: str, text: str) -> bool:
        self.sent.append((contact, text))
        return True


def town_like(folder: Path | None = None, **changes: Any) -> Programme:
    """The library's programme with some of its top fields changed."""
    body = load_programme(TOWN).model_dump(mode="json", exclude_defaults=True)
    for name, value in changes.items():
        body[name] = {**body[name], **value} if isinstance(value, dict) and name in body else value
    return programme_from(Document("test", _plain(body), {}, PROGRAMME_FILE), folder=folder)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def new_office(folder: Path, *programmes: Programme) -> tuple[Office, Days]:
    days = Days()
    store = open_store(f"sqlite:///{folder / 'store.db'}", MemoryKeys())
    store.migrate()
    office = Office(store, days, post=Letters())
    for each in programmes or (load_programme(TOWN),):
        open_programme(office, ANALYST, each)
    return office, days


def letters(office: Office) -> list[tuple[str, str]]:
    assert isinstance(office.post, Letters)
    return office.post.sent


def joined(office: Office, programme: str = TOWN, **options: Any) -> Joined:
    code = invite(office, CASEWORKER, programme, partner="library", count=1).codes[0]
    chosen = {"choices": AGREED, "language": "en", "district": "mill", **options}
    return take_part(office, programme, invitation=code, **chosen)


def answered(office: Office, person: Actor, need: str = "11110000", rest: int = 0) -> None:
    """Answer everything: need items by these codes, the others by the option of that number."""
    assert person.case
    codes = iter(need)
    while asked := asking(office, person, person.case):
        code = next(codes) if asked.component == "need" else asked.options[rest].code if asked.options else "1"
        answer(office, person, person.case, asked.component, asked.name, code)


def finished(office: Office, need: str = "11110000", **options: Any) -> tuple[Joined, Finished]:
    person = joined(office, **options)
    answered(office, person.actor, need)
    assert person.actor.case
    return person, finish(office, person.actor, person.actor.case)


def at(office: Office, clock: Days) -> Office:
    return replace(office, clock=clock)

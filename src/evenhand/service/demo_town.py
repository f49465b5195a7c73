"""The demo town: an office with 1,000 invented people, whose answers are those of a published sample.

Who answers what, when and where is drawn from a seed; keys and codes are as random as everywhere else, so that
an office that somebody goes on using by mistake is as safe as any.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from evenhand.casework.roles import Actor
from evenhand.errors import EvenhandError, OutputError
from evenhand.measure.responses import MISSING
from evenhand.programme.definition import Programme, programme_from, read_programme_document
from evenhand.programme.sample import FAO_COUNTRY1, load_sample
from evenhand.service.answer import answer_in
from evenhand.service.finish import finish_in
from evenhand.service.invite import invite
from evenhand.service.office import KEYS, Office, Random, make_office, now
from evenhand.service.open_programme import open_programme
from evenhand.service.questions import Question, questions_of
from evenhand.service.staff import set_roles
from evenhand.service.take_part import Joined, take_part_in
from evenhand.store.keys import FileKeys
from evenhand.store.unit import Unit

TOWN = "demo-town"
ORIGIN = "lindenford.example/demo-town"
"""Name of the demo's ledger. An office of another name is somebody's, and is left alone."""

CODES = "demo-codes.txt"
"""Codes of one invented person, and an invitation that is still free: to try the commands with."""

STAFF: Mapping[str, str] = {
    "anna": "administrator",
    "boris": "analyst",
    "clara": "caseworker",
    "david": "caseworker",
    "elena": "auditor",
}
PARTNERS = ("library", "school", "food-bank")

OPENED_DAYS_AGO = 45
"""The programme opened so long before the demo's day; people took part in between."""

BATCH = 50
"""People in one transaction: a town is made in seconds, and each event still has its own time."""

AGREE = {"statistics": 0.9, "messages": 0.4}
"""Shares of people who agree to what may be refused."""

RUSSIAN = 0.3


@dataclass(frozen=True, slots=True)
class Town:
    """A demo town that was made.

    Attributes:
        folder: its office.
        programme: name of its programme.
        day: the demo's day, on which its clock stands.
        people: how many took part.
        invited: how many invitations were issued.
        states: cases by state.
        proposals: cases by proposal.
        entries: entries of the ledger.
        staff: each member of staff and their role.
        codes: the file with codes to try.
    """

    folder: Path
    programme: str
    day: date
    people: int
    invited: int
    states: Mapping[str, int]
    proposals: Mapping[str, int]
    entries: int
    staff: Mapping[str, str]
    codes: Path


@dataclass(slots=True)
class TownClock:
    """A clock that stands where it was set."""

    at: datetime

    def __call__(self) -> datetime:
        """The time it was set to."""
        return self.at


@dataclass(frozen=True, slots=True)
class _Person:
    at: datetime
    district: str
    language: str
    choices: dict[str, bool]
    answers: dict[tuple[str, str], str]


def seed_town(
    folder: Path,
    *,
    people: int = 1000,
    seed: int = 1,
    day: date | None = None,
    random: Random | None = None,
    on_person: Callable[[int], None] | None = None,
) -> Town:
    """Make the demo town's office, in place of an earlier one.

    The town is made beside its place and moved there, so that it is there whole or not at all.

    Args:
        folder: the office's folder: missing, empty, or an earlier demo's.
        people: how many take part, 1 to 1,000; fewer are drawn from the sample.
        seed: seed of who answers what, when and where.
        day: the demo's day; today when left out.
        random: source of codes and case ids; secret ones when left out.
        on_person: is told how many people are done.

    Raises:
        OutputError: the folder holds something else, or cannot be written to.
    """
    require_demo_or_nothing(folder)
    today = day or now().date()
    draft = folder.with_name(f".{folder.name}.new")
    _require_writable(folder)
    shutil.rmtree(draft, ignore_errors=True)
    try:
        town = _make(draft, _draw(people, seed, _programme(today), today), today, random, on_person)
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return replace(town, folder=folder, codes=folder / CODES)


def require_demo_or_nothing(folder: Path) -> None:
    """Refuse a folder that holds anything but an earlier demo's office.

    Raises:
        OutputError: it does.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    with suppress(EvenhandError):
        if FileKeys(folder / KEYS).verifier.name == ORIGIN:
            return
    raise OutputError(
        "output.not-a-demo",
        "Something else lies where the demo's office would be.",
        where=str(folder),
        why="The demo starts afresh only in place of an earlier demo.",
        mend="Name another folder with --dir.",
    )


def _make(
    folder: Path,
    people: "_Drawn",
    today: date,
    random: Random | None,
    on_person: Callable[[int], None] | None,
) -> Town:
    clock = TownClock(_at(people.programme.dates.opens - timedelta(days=7)))
    office = make_office(folder, ORIGIN, clock=clock)
    with office.store:
        if random is not None:
            office = replace(office, random=random)
            office.store.random = random
        _staff(office)
        open_programme(office, _member("boris"), people.programme)
        clock.at = _at(people.programme.dates.opens)
        codes = _invitations(office, people.programme, len(people.each))
        last = _take_part(office, clock, people, codes, on_person)
        clock.at = _at(today, 18)
        office.store.checkpoint(clock())
        _write_codes(folder / CODES, last, next(iter(codes[people.each[-1].district])))
        return _told(office, folder, today, len(people.each))


def _told(office: Office, folder: Path, today: date, people: int) -> Town:
    with office.store.reading() as reading:
        proposals = {
            proposal: len(reading.queue(TOWN, proposal=proposal, limit=people))
            for proposal in ("offer", "lottery", "review", "not_this_round")
        }
        invited = sum(each.issued for each in reading.partner_counts(TOWN))
        states, entries = reading.counts(TOWN), reading.size()
    return Town(folder, TOWN, today, people, invited, states, proposals, entries, STAFF, folder / CODES)


def _programme(today: date) -> Programme:
    """The library's programme with its dates moved, so that the demo's day lies within its intake."""
    document, _ = read_programme_document(TOWN)
    body: dict[str, Any] = dict(document.data)
    written = {name: date.fromisoformat(str(value)) for name, value in body["dates"].items()}
    moved = today - timedelta(days=OPENED_DAYS_AGO) - written["opens"]
    body["dates"] = {name: (value + moved).isoformat() for name, value in written.items()}
    return programme_from(replace(document, data=body))


def _staff(office: Office) -> None:
    first, *others = STAFF
    set_roles(office, Actor(first, frozenset()), first, [STAFF[first]])
    for name in others:
        set_roles(office, _member(first), name, [STAFF[name]])


def _member(name: str) -> Actor:
    return Actor(name, frozenset({STAFF[name]}))  # type: ignore[arg-type] # the table above holds roles


def _invitations(office: Office, programme: Programme, people: int) -> dict[str, Iterator[str]]:
    """More invitations for each district than it can need: not everybody who is invited comes."""
    districts = programme.district_keys()
    each = people // len(districts) + people // 10 + 20
    return {
        district: iter(
            invite(
                office,
                _member("clara"),
                TOWN,
                partner=PARTNERS[number % len(PARTNERS)],
                count=each,
                district=district,
            ).codes
        )
        for number, district in enumerate(districts)
    }


@dataclass(frozen=True, slots=True)
class _Drawn:
    programme: Programme
    each: tuple[_Person, ...]


def _draw(people: int, seed: int, programme: Programme, today: date) -> _Drawn:
    """The people in the order in which they come."""
    rng = np.random.default_rng(seed)
    names, patterns = load_sample(FAO_COUNTRY1)
    rows = np.repeat(patterns.codes, patterns.n.astype(int), axis=0)
    rows = rng.permutation(rows)[:people]
    asked = questions_of(programme)
    districts = rng.permutation(np.resize(programme.district_keys(), len(rows)))
    first = programme.dates.opens
    days = np.sort(rng.integers(0, (today - first).days, len(rows)))
    minutes = rng.integers(0, 9 * 60, len(rows))
    whens = sorted(
        _at(first + timedelta(days=int(d))) + timedelta(minutes=int(m)) for d, m in zip(days, minutes, strict=True)
    )
    return _Drawn(
        programme,
        tuple(
            _Person(
                at=at,
                district=str(district),
                language="ru" if rng.random() < RUSSIAN else "en",
                choices={"decide": True, **{name: bool(rng.random() < share) for name, share in AGREE.items()}},
                answers=_answers(rng, asked, dict(zip(names, row.tolist(), strict=True))),
            )
            for at, district, row in zip(whens, districts, rows, strict=True)
        ),
    )


def _answers(rng: np.random.Generator, asked: tuple[Question, ...], need: dict[str, int]) -> dict[Any, str]:
    """What somebody answers: need as in the sample, a missing answer as don't know; the rest is drawn."""
    found = {}
    for each in asked:
        choices = [option.code for option in each.options if option.reason is None]
        if each.component == "need":
            unknown = next(option.code for option in each.options if option.reason == "dont_know")
            found[each.key] = unknown if need[each.name] == MISSING else choices[need[each.name]]
        elif choices:
            found[each.key] = str(rng.choice(choices))
        else:
            found[each.key] = str(rng.choice([0, 0, 0, 0, 1, 2]))
    return found


def _take_part(
    office: Office,
    clock: TownClock,
    people: _Drawn,
    codes: Mapping[str, Iterator[str]],
    on_person: Callable[[int], None] | None,
) -> Joined:
    asked = questions_of(people.programme)
    joined = None
    for start in range(0, len(people.each), BATCH):
        with office.store.unit() as unit:
            for number, person in enumerate(people.each[start : start + BATCH], start=start + 1):
                clock.at = person.at
                joined = _one(office, unit, person, next(codes[person.district]), asked, people.programme)
                if on_person is not None:
                    on_person(number)
    assert joined is not None  # noqa: S101 - there is at least one person
    return joined


def _one(
    office: Office, unit: Unit, person: _Person, code: str, asked: tuple[Question, ...], programme: Programme
) -> Joined:
    joined = take_part_in(
        office,
        unit,
        TOWN,
        invitation=code,
        choices=person.choices,
        language=person.language,
        district=person.district,
    )
    case_id = str(joined.actor.case)
    for each in asked:
        answer_in(office, unit, joined.actor, programme, case_id, each, person.answers[each.key])
    finish_in(office, unit, joined.actor, programme, case_id)
    return joined


def _write_codes(path: Path, joined: Joined, free: str) -> None:
    path.touch(mode=0o600)
    path.write_text(
        f"access code: {joined.access_code}\nrecovery phrase: {joined.recovery_phrase}\ninvitation: {free}\n",
        encoding="utf-8",
    )


def _at(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def _require_writable(folder: Path) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            "output.unwritable",
            "The folder cannot be made.",
            where=str(folder.parent),
            why=error.strerror or "",
            mend="Name another folder with --dir.",
        ) from error

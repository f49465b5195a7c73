"""The auditor's evidence from the store: columns over all who were decided about, and nothing about one person.

It reads frozen figures only: the assessment that a standing decision rests on, as it was scored then. Records of
people who withdrew or froze their case are not opened; of who erased theirs nothing is left to read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

import numpy as np

from evenhand.audit.draft import REGISTERS, Draft
from evenhand.audit.evidence import Evidence, Grouping
from evenhand.audit.fairness import SETS
from evenhand.audit.figures import MIN_N
from evenhand.audit.people import People
from evenhand.audit.registers import draft
from evenhand.casework.case import Case, fold
from evenhand.casework.events import (
    AppealAnswered,
    AppealOpened,
    Assessed,
    CaseEvent,
    Decision,
    Offered,
    Proposed,
)
from evenhand.casework.roles import Actor
from evenhand.measure.responses import MISSING
from evenhand.measure.withholding import MIN_GROUP
from evenhand.programme.definition import Programme
from evenhand.service.evidence import AppealTimes, Decisions, Withdrawals, evidence, grouped
from evenhand.service.expect import expected_errors
from evenhand.service.measuring import basis_of, need_items
from evenhand.service.office import Office, permit
from evenhand.store.read import CaseFile, Reading

Kind = TypeVar("Kind", bound=CaseEvent)

DISTRICT = "district"
"""The grouping that every programme has."""

WORDS = {
    "withdrawn": "of people who withdrew: their records were not opened",
    "frozen": "frozen by their person: their records were not opened",
    "undecided": "without a decision yet",
    "expired": "whose answers were erased on their date",
    "elsewhere": "measured on another scale or line than today's",
}
"""Cases that no figure of targeting and fairness holds, by the reason why."""


@dataclass(frozen=True, slots=True)
class Audited:
    """What an audit comes to.

    Attributes:
        programme: its name.
        definition_hash: of the definition in force.
        on: day, ISO date.
        entries: length of the ledger that was read.
        evidence: with the groupings `district`, then each public field of the programme.
        drafts: of registers and assessments; empty where they were not asked for.
    """

    programme: str
    definition_hash: str
    on: str
    entries: int
    evidence: Evidence
    drafts: tuple[Draft, ...]

    @property
    def head(self) -> dict[str, str | int]:
        """What a file of it begins with."""
        return {
            "programme": self.programme,
            "definition_hash": self.definition_hash,
            "on": self.on,
            "entries": self.entries,
        }


@dataclass(frozen=True, slots=True)
class _Row:
    """What the figures take of one case; it leaves this module only as a place in a column."""

    answers: Mapping[str, int | None]
    p: float
    theta: float
    support: float
    groups: Mapping[str, str]


@dataclass(slots=True)
class _Gathered:
    rows: list[_Row] = field(default_factory=list)
    who: list[str] = field(default_factory=list)
    against: list[float] = field(default_factory=list)
    appeals: list[tuple[int, bool, bool]] = field(default_factory=list)
    districts: list[str] = field(default_factory=list)
    withdrawn: list[float] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)


def audit(
    office: Office,
    actor: Actor,
    programme: str,
    *,
    min_n: int = MIN_N,
    sets: int = SETS,
    drafts: bool = True,
    on_case: Callable[[int], None] | None = None,
) -> Audited:
    """Gather a programme's evidence and the drafts of its registers. Nothing is stored.

    Groups are the districts and the programme's public fields, and no others. Facts that were asked for the
    public figures group only people who agreed to the purpose `statistics`.

    Args:
        office: the office.
        actor: an auditor.
        programme: its name.
        min_n: fewest effective people of a figure, at least 11.
        sets: how many times people are invented for the null.
        drafts: whether the registers are drafted too, for which people are invented.
        on_case: is told how many cases were read.

    Raises:
        CaseError: not yours to see, or there is no such programme.
        OptionError: min_n below 11, or fewer than 20 sets.
        StoreError, KeysError: a record cannot be read: run `evenhand fsck`.
    """
    permit(actor, "see evidence")
    now = office.clock()
    with office.store.reading() as reading:
        definition = office.programme(reading, programme)
        found = _gather(reading, definition, now, on_case)
        entries = reading.size()
    made = _evidence(definition, found, min_n=min_n, sets=sets)
    return Audited(
        programme=definition.name,
        definition_hash=definition.hash(),
        on=now.date().isoformat(),
        entries=entries,
        evidence=made,
        drafts=_drafts(definition) if drafts else (),
    )


def _drafts(definition: Programme) -> tuple[Draft, ...]:
    expectation = expected_errors(definition)
    return tuple(draft(definition, each, expectation=expectation) for each in REGISTERS)


def groupings(definition: Programme) -> dict[str, dict[str, str]]:
    """The groupings of a programme and, in each, the label of every group by its key."""
    found = {DISTRICT: _labels({key: definition.district(key).name for key in definition.district_keys()})}
    for each in definition.fields:
        if each.public and each.kind == "choice":
            found[each.name] = _labels({choice.code: choice.labels for choice in each.choices})
        elif each.public and each.lowest is not None and each.highest is not None:
            found[each.name] = {str(value): str(value) for value in range(each.lowest, each.highest + 1)}
    return found


def _labels(texts: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """A label for each key: its English text, with the key where two have the same."""
    told = {key: each.get("en") or next(iter(each.values())) for key, each in texts.items()}
    shared = {label for label in told.values() if list(told.values()).count(label) > 1}
    return {key: f"{label} ({key})" if label in shared else label for key, label in told.items()}


def _gather(
    reading: Reading, definition: Programme, now: datetime, on_case: Callable[[int], None] | None
) -> _Gathered:
    found = _Gathered()
    for number, file in enumerate(_files(reading, definition.name), start=1):
        _one(reading, definition, file, found, now)
        if on_case is not None:
            on_case(number)
    return found


def _files(reading: Reading, programme: str) -> Iterator[CaseFile]:
    after: tuple[str, str] | None = None
    while page := reading.queue(programme, limit=1000, after=after):
        yield from page
        after = (page[-1].since, page[-1].pseudonym)


def _one(reading: Reading, definition: Programme, file: CaseFile, found: _Gathered, now: datetime) -> None:
    if file.district is None:
        return
    found.districts.append(file.district)
    found.withdrawn.append(float(file.state == "withdrawn"))
    row = _row(reading, definition, file, found, now)
    if isinstance(row, _Row):
        found.rows.append(row)
    else:
        found.left_out[row] = found.left_out.get(row, 0) + 1


def _row(reading: Reading, definition: Programme, file: CaseFile, found: _Gathered, now: datetime) -> _Row | str:
    """What a decided case gives to the figures, or why it gives nothing; notes its appeals and decisions."""
    if file.state == "withdrawn" or file.restricted:
        return "withdrawn" if file.state == "withdrawn" else "frozen"
    events = [event for _, event in reading.events(file.case_id)]
    case = fold(file.case_id, file.programme, events)
    found.appeals += _appeals(events, now)
    for staff, against in _by_hand(events):
        found.who.append(staff)
        found.against.append(against)
    decision = case.decision
    if decision is None:
        return "undecided"
    assessed = next((each for each in _all(events, Assessed) if each.version == decision.assessment), None)
    if assessed is None:
        return "expired"
    today = (basis_of(definition).scale_hash, definition.threshold_value())
    if (assessed.scale_hash, assessed.threshold) != today:
        return "elsewhere"
    support = float(isinstance(decision, Offered))
    return _Row(
        assessed.answers, assessed.p, assessed.theta, support, _groups(definition, str(file.district), case)
    )


def _groups(definition: Programme, district: str, case: Case) -> dict[str, str]:
    groups = {DISTRICT: district}
    if case.agreed("statistics"):
        public = [each.name for each in definition.fields if each.public and each.name in case.fields]
        groups |= {name: value for name in public if (value := case.fields[name].value) is not None}
    return groups


def _by_hand(events: Sequence[CaseEvent]) -> Iterator[tuple[str, float]]:
    """Decisions of caseworkers on cases that a machine had proposed an outcome for: who, and 1 where against it.

    Answers to appeals are told elsewhere. A proposal to look at the case, or to enter a lottery, is no outcome.
    """
    proposals = {each.assessment: each.proposal for each in _all(events, Proposed)}
    for before, each in zip((None, *events), events, strict=False):
        if not isinstance(each, Decision) or each.round is not None or isinstance(before, AppealAnswered):
            continue
        proposal = proposals.get(each.assessment)
        if proposal in {"offer", "not_this_round"}:
            yield each.actor, float((proposal == "offer") != isinstance(each, Offered))


def _appeals(events: Sequence[CaseEvent], now: datetime) -> list[tuple[int, bool, bool]]:
    """Calendar days, whether it is answered, and whether the decision was changed, of each appeal."""
    found: list[tuple[int, bool, bool]] = []
    opened: AppealOpened | None = None
    for each in events:
        if isinstance(each, AppealOpened):
            opened = each
        elif isinstance(each, AppealAnswered) and opened is not None:
            found.append(((each.at.date() - opened.at.date()).days, True, each.changed))
            opened = None
    if opened is not None:
        found.append(((now.date() - opened.at.date()).days, False, False))
    return found


def _all(events: Sequence[CaseEvent], kind: type[Kind]) -> list[Kind]:
    return [each for each in events if isinstance(each, kind)]


def _evidence(definition: Programme, found: _Gathered, *, min_n: int, sets: int) -> Evidence:
    names, bounds = definition.need_scale().names, (definition.rule.certain_no, definition.rule.certain_yes)
    every = groupings(definition)
    made = evidence(
        _people(definition, found, DISTRICT, every[DISTRICT]),
        names,
        programme=definition.name,
        source="The store's frozen assessments, and the decisions that stand on them.",
        grouping=DISTRICT,
        decisions=_decisions(found),
        appealed=_appealed(found, definition.appeals.answer_days),
        withdrawals=_withdrawals(found, tuple(every[DISTRICT])),
        bounds=bounds,
        min_n=min_n,
        sets=sets,
    )
    others = tuple(
        _agreed_only(
            grouped(
                _people(definition, found, name, labels), names, name=name, bounds=bounds, min_n=min_n, sets=sets
            )
        )
        for name, labels in every.items()
        if name != DISTRICT
    )
    return replace(made, groupings=(*made.groupings, *others), notes=(*made.notes, *_notes(found)))


def _people(definition: Programme, found: _Gathered, grouping: str, labels: Mapping[str, str]) -> People:
    names = definition.need_scale().names
    places = {key: place for place, key in enumerate(labels)}
    # in an order of their own, so that the same people give the same figures whatever happened to a case since
    rows = sorted(found.rows, key=lambda row: (_codes(row, names), row.support, sorted(row.groups.items())))
    codes = [_codes(row, names) for row in rows]
    return People(
        codes=np.array(codes, dtype=np.int8).reshape(len(rows), len(names)),
        need=need_items(definition),
        threshold=definition.threshold_value(),
        p=np.array([row.p for row in rows], dtype=np.float64),
        theta=np.array([row.theta for row in rows], dtype=np.float64),
        support=np.array([row.support for row in rows], dtype=np.float64),
        group=np.array([places.get(row.groups.get(grouping, ""), -1) for row in rows], dtype=np.int64),
        labels=tuple(labels.values()),
    )


def _codes(row: _Row, names: Sequence[str]) -> list[int]:
    return [MISSING if (code := row.answers[name]) is None else code for name in names]


def _decisions(found: _Gathered) -> Decisions | None:
    if not found.who:
        return None
    labels = tuple(sorted(set(found.who)))
    places = [labels.index(each) for each in found.who]
    return Decisions(np.array(places, dtype=np.int64), labels, np.array(found.against, dtype=np.float64))


def _appealed(found: _Gathered, allowed_days: int) -> AppealTimes | None:
    if not found.appeals:
        return None
    days, closed, changed = (np.array(column) for column in zip(*found.appeals, strict=True))
    return AppealTimes(days.astype(np.float64), closed.astype(np.bool_), changed.astype(np.bool_), allowed_days)


def _withdrawals(found: _Gathered, districts: Sequence[str]) -> Withdrawals | None:
    if not found.districts:
        return None
    places = {key: place for place, key in enumerate(districts)}
    group = np.array([places.get(each, -1) for each in found.districts], dtype=np.int64)
    return Withdrawals(group, np.array(found.withdrawn, dtype=np.float64))


def _agreed_only(found: Grouping) -> Grouping:
    """A grouping by a public field, with what its reader must know."""
    line = f"People who did not agree to the public figures count for everybody, and in no group of {found.name}."
    return replace(found, notes=(*found.notes, line))


def _notes(found: _Gathered) -> tuple[str, ...]:
    return (
        *(
            f"Not in the figures of targeting and fairness: {_how_many(count)} {WORDS[why]}."
            for why, count in found.left_out.items()
        ),
        "Whoever erased their case is in no figure, that of withdrawals among them: nothing of it is left.",
    )


def _how_many(count: int) -> str:
    return f"{count:,} cases" if count >= MIN_GROUP else f"fewer than {MIN_GROUP} cases"

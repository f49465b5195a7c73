"""Proposals and a round of 100,000, and cases in a store: `round.py [--quick] [--stored 100000]`.

1. 100,000 proposals: answers to the FIES of invented people, one answer in twenty a don't-know, measured
   (`casework.assess`) and put through the rule (`casework.decide`). Once with each distinct pattern of answers
   scored once, which gives the same figures, since they depend on the answers alone; once with cases scored each
   by itself, on two processes.
2. A round over these 100,000: tickets, list, draw, and the replay from the published values.
3. A SQLite store in a file: finishing a case (read, measure, propose, one synced transaction), and scoring every
   stored case again (`service.rescore`), which reads and opens each assessment.

`--stored N` does only this: N cases through the service's own verbs, some hundreds a transaction, then scoring
every one again.

Run it from the root of the repository.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from evenhand.casework.allocate import CERTAIN, Entry, commitment, list_root, p_class, reserved_of
from evenhand.casework.assess import NeedMeasure, measure_need
from evenhand.casework.decide import propose
from evenhand.casework.protocol import Plan, Protocol, draw, replay
from evenhand.casework.roles import Actor
from evenhand.measure.responses import MISSING
from evenhand.measure.simulate import simulate_codes
from evenhand.programme.definition import Programme, load_programme
from evenhand.service.answer import answer_in
from evenhand.service.finish import finish, finish_in
from evenhand.service.invite import invite
from evenhand.service.measuring import need_items
from evenhand.service.office import Office, make_office
from evenhand.service.open_programme import open_programme
from evenhand.service.questions import Question, questions_of
from evenhand.service.rescore import rescore
from evenhand.service.take_part import take_part_in

QUICK = "--quick" in sys.argv
PEOPLE = 5_000 if QUICK else 100_000
ALONE = 500 if QUICK else 10_000
"""Of these, so many are scored one by one as well."""

CASES = 200 if QUICK else 2_000
FILLING = 5.0 if QUICK else 100.0
"""Seconds for which the store is filled with more cases, to be scored again."""

TOGETHER = 200
"""Cases in one transaction, with `--stored`."""

UNKNOWN = 0.05
"""Share of answers that are don't-knows."""

PLACES = PEOPLE // 5
BATCH = 50
TOWN = "demo-town"
ANALYST, CASEWORKER = Actor("ana", frozenset({"analyst"})), Actor("carl", frozenset({"caseworker"}))
AUDITOR = Actor("olga", frozenset({"auditor"}))


class Clock:
    """Stands within the programme's intake."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def people(programme: Programme, n: int, seed: int) -> Any:
    """(n, J) codes of invented people, some unknown."""
    rng = np.random.default_rng(seed)
    need = need_items(programme)
    codes = simulate_codes(rng, need.items, rng.normal(need.mean, need.sd, n))
    return np.where(rng.random(codes.shape) < UNKNOWN, MISSING, codes).astype(np.int8)


def proposed(programme: Programme, codes: Any) -> tuple[NeedMeasure, str]:
    measure = measure_need(need_items(programme), codes, codes == MISSING, programme.threshold_value())
    found = propose(measure, programme.rule, min_answered=programme.need.min_answered, support=programme.support)
    return measure, found.proposal


def by_pattern(programme: Programme, codes: Any) -> tuple[list[tuple[NeedMeasure, str]], int]:
    """A measure and a proposal for each row; each distinct pattern is scored once."""
    known: dict[bytes, tuple[NeedMeasure, str]] = {}
    out = []
    for row in codes:
        key = row.tobytes()
        if key not in known:
            known[key] = proposed(programme, row)
        out.append(known[key])
    return out, len(known)


def every_one(codes: Any) -> float:
    """Score each row by itself; processor seconds of it, the programme's reading left out."""
    programme = load_programme(TOWN)
    proposed(programme, codes[0])
    begun = time.process_time()
    for row in codes:
        proposed(programme, row)
    return time.process_time() - begun


def proposals(programme: Programme) -> list[tuple[NeedMeasure, str]]:
    codes = people(programme, PEOPLE, seed=1)
    proposed(programme, codes[0])  # the programme's scale is read once
    begun = time.perf_counter()
    out, distinct = by_pattern(programme, codes)
    say(f"{PEOPLE:,} proposals, {distinct:,} distinct patterns scored once", time.perf_counter() - begun)
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(every_one, [codes[:10], codes[:10]]))
        begun = time.perf_counter()
        spent = sum(pool.map(every_one, np.array_split(codes[:ALONE], 2)))
    say(f"{ALONE:,} proposals, every case by itself, two processes", time.perf_counter() - begun)
    say("  processor time a case, milliseconds", 1000 * spent / ALONE)
    say("  extrapolated to 100,000 on two idle cores (not run)", 100_000 * spent / ALONE / 2)
    return out


def a_round(programme: Programme, cases: list[tuple[NeedMeasure, str]]) -> None:
    rng = np.random.default_rng(2)
    yes = programme.rule.certain_yes
    begun = time.perf_counter()
    entries = [
        Entry(rng.bytes(16).hex(), CERTAIN if proposal == "offer" else p_class(measure.p, certain_yes=yes))
        for measure, proposal in cases
    ]
    secret = rng.bytes(32)
    protocol = Protocol(planned(programme, secret))
    protocol = replace(protocol, list_root=list_root(entries), entries=len(entries), second_value="417")
    say(f"{len(entries):,} tickets, the list closed", time.perf_counter() - begun)
    begun = time.perf_counter()
    done, found = draw(protocol, entries, secret)
    say(f"drawn: {found.offered:,} places", time.perf_counter() - begun)
    begun = time.perf_counter()
    assert replay(done, entries, list(found.results)) is None
    say("replayed, identical", time.perf_counter() - begun)


def planned(programme: Programme, secret: bytes) -> Plan:
    return Plan(
        round="bench",
        programme=programme.name,
        definition_hash=programme.hash(),
        rule_hash=programme.rule_hash(),
        rule_version=programme.rule.version,
        threshold=programme.threshold_value(),
        certain_yes=programme.rule.certain_yes,
        certain_no=programme.rule.certain_no,
        money=PLACES * 150_000,
        currency="RUB",
        cost=150_000,
        places=PLACES,
        reserved=reserved_of(PLACES, programme.rule.reserved_share),
        approved_by="olga",
        second_value_from="the auditor",
        commitment=commitment("bench", secret),
    )


def in_a_store(programme: Programme, folder: Path) -> None:
    clock = Clock(datetime.combine(programme.dates.opens, datetime.min.time(), UTC).replace(hour=10))
    office = make_office(folder, "bench.example/town", clock=clock)
    with office.store:
        open_programme(office, ANALYST, programme)
        joined = list(answered(office, programme, CASES, seed=3))
        waited, worked = [], []
        for person in joined:
            begun, busy = time.perf_counter(), time.process_time()
            finish(office, person, str(person.case))
            waited.append(1000 * (time.perf_counter() - begun))
            worked.append(1000 * (time.process_time() - busy))
        for share in (50, 95, 99):
            say(f"finishing a case, p{share}, milliseconds, {CASES:,} cases", float(np.percentile(waited, share)))
        say("  of these, processor time, p95, milliseconds", float(np.percentile(worked, 95)))
        stored = CASES + filled(office, programme)
        begun = time.perf_counter()
        done = rescore(office, AUDITOR, TOWN)
        spent = time.perf_counter() - begun
    assert done.assessments == done.identical == stored, done
    say(f"{stored:,} stored cases scored again, each to the last bit", spent)
    say("  extrapolated to 100,000 by the case (not run)", spent * 100_000 / stored)


def filled(office: Office, programme: Programme) -> int:
    """Fill the store for a while; how many cases were finished."""
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < FILLING:
        for person in answered(office, programme, BATCH, seed=1000 + count):
            finish(office, person, str(person.case))
            count += 1
    return count


def many_in_a_store(programme: Programme, folder: Path, cases: int) -> None:
    """Fill a store with finished cases, and score every one again."""
    clock = Clock(datetime.combine(programme.dates.opens, datetime.min.time(), UTC).replace(hour=10))
    office = make_office(folder, "bench.example/town", clock=clock)
    with office.store:
        open_programme(office, ANALYST, programme)
        begun = time.perf_counter()
        for _ in answered(office, programme, cases, seed=5, together=TOGETHER, finished=True):
            pass
        say(f"{cases:,} cases taken through the service's verbs", time.perf_counter() - begun)
        say("  size of the store, MB", sum(each.stat().st_size for each in folder.glob("store.db*")) / 1e6)
        begun, worked = time.perf_counter(), time.process_time()
        done = rescore(office, AUDITOR, TOWN)
        say(f"{done.assessments:,} of them scored again", time.perf_counter() - begun)
        say("  processor time of it", time.process_time() - worked)
        say("  equal to the last bit", done.identical)
        say("  largest difference of any figure", done.worst)
    assert done.assessments == done.identical == cases, done


def answered(
    office: Office, programme: Programme, n: int, seed: int, *, together: int = BATCH, finished: bool = False
) -> Iterator[Actor]:
    """People who answered everything; some dozens a transaction."""
    rng = np.random.default_rng(seed)
    names = programme.need_scale().names
    codes = people(programme, n, seed)
    asked = questions_of(programme)
    sheets = iter(invite(office, CASEWORKER, TOWN, partner="library", count=n).codes)
    for start in range(0, n, together):
        made = []
        with office.store.unit() as unit:
            for row in codes[start : start + together]:
                joined = take_part_in(
                    office,
                    unit,
                    TOWN,
                    invitation=next(sheets),
                    choices={"decide": True, "statistics": True, "messages": False},
                    language="en",
                    district="mill",
                )
                need = dict(zip(names, row.tolist(), strict=True))
                for each in asked:
                    typed = typed_for(each, need, rng)
                    answer_in(office, unit, joined.actor, programme, str(joined.actor.case), each, typed)
                if finished:
                    finish_in(office, unit, joined.actor, programme, str(joined.actor.case))
                made.append(joined.actor)
        yield from made


def typed_for(asked: Question, need: dict[str, int], rng: np.random.Generator) -> str:
    choices = [option.code for option in asked.options if option.reason is None]
    if asked.component != "need":
        return str(rng.choice(choices)) if choices else "0"
    if need[asked.name] == MISSING:
        return next(option.code for option in asked.options if option.reason == "dont_know")
    return choices[need[asked.name]]


def say(what: str, value: float) -> None:
    print(f"{what:<66} {value:>10,.2f}", flush=True)


def main() -> None:
    busy, cores = os.getloadavg()[0], os.cpu_count()
    print(f"seconds where no other unit is named; load before the start {busy:.1f} on {cores} cores")
    programme = load_programme(TOWN)
    if "--stored" in sys.argv:
        with tempfile.TemporaryDirectory() as name:
            many_in_a_store(programme, Path(name) / "office", int(sys.argv[sys.argv.index("--stored") + 1]))
        return
    a_round(programme, proposals(programme))
    with tempfile.TemporaryDirectory() as name:
        in_a_store(programme, Path(name) / "office")


if __name__ == "__main__":
    main()

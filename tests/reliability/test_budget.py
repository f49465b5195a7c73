"""The privacy budget: many who spend at once never exceed it, and a kill never spends or draws twice."""

import json
import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from evenhand.casework.events import BudgetCharged, ProgrammeOpened, StatisticsReleased
from evenhand.errors import StatisticsError
from evenhand.programme.definition import load_programme
from evenhand.service.office import Office
from evenhand.service.open_programme import open_programme
from evenhand.service.publish import publish
from evenhand.statistics.budget import BudgetLedger, Plan
from evenhand.statistics.release import NoisyCell, Release
from evenhand.store.fsck import fsck
from evenhand.store.keys import FileKeys, MemoryKeys
from evenhand.store.releases import budget_ledger, kept_release, released_months
from evenhand.store.spending import keep_release, write_charge
from evenhand.store.store import Store
from evenhand.store.unit import Unit
from tests.reliability.children import ANALYST, DECEMBER, NOISY
from tests.reliability.conftest import Record
from tests.reliability.zygote import Zygote
from tests.store.stores import Maker

NOVEMBER = DECEMBER.replace(month=11)
AT = datetime(2040, 1, 3, tzinfo=UTC)
BUDGET = Fraction(1, 10)
PROGRAMMES = tuple(f"town-{number}" for number in range(8))
YEARS = range(2027, 2031)


def spend(store: Store, plan: Plan, month: str, rho: Fraction) -> bool:
    """Pay for a release and keep it; whether it was affordable."""

    def change(unit: Unit) -> None:
        charged = budget_ledger(unit.reading, plan).charge(month, rho)
        write_charge(unit, charged, at=AT, actor="ana")
        cells = (NoisyCell("mill", 0, None, 1),)
        keep_release(unit, Release(plan.programme, "d1", month, cells, cells, 1.0, 1.0, rho), at=AT, actor="ana")

    try:
        store.transact(change, tries=30)
    except StatisticsError as error:
        if error.code not in {"statistics.budget-spent", "statistics.already-released"}:
            raise
        return False
    return True


def race(store: Store, threads: int, spends: int) -> int:
    """So many threads spend so often in all, on the same months; how many could."""
    plans = [Plan(name, BUDGET, 1e-6, 1 + number % 3 * 5) for number, name in enumerate(PROGRAMMES)]
    with store.unit() as unit:
        for plan in plans:
            unit.append(ProgrammeOpened(plan.programme, AT, "ann", "1", "d1", {}))
    done: list[int] = []
    faults: list[BaseException] = []

    def work(number: int) -> None:
        rng = random.Random(number)
        paid = 0
        try:
            for _ in range(spends // threads):
                month = f"{rng.choice(YEARS)}-{rng.randint(1, 12):02d}"
                paid += spend(store, rng.choice(plans), month, Fraction(rng.randint(1, 40), 600))
        except BaseException as error:  # noqa: BLE001 - told by the test
            faults.append(error)
        done.append(paid)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not faults
    for plan in plans:
        require_within(store, plan)
    return sum(done)


def require_within(store: Store, plan: Plan) -> None:
    with store.reading() as reading:
        ledger: BudgetLedger = budget_ledger(reading, plan)
        released = released_months(reading, plan.programme)
    assert sorted(each.month for each in ledger.charges) == list(released)
    for year in YEARS:
        largest = sorted((each.rho for each in ledger.charges if each.month[:4] == str(year)), reverse=True)
        assert sum(largest[: plan.cells_a_year]) <= BUDGET


@pytest.fixture(scope="module")
def noisy_zygote() -> Iterator[Zygote]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NOISY, "1")
        zygote = Zygote()
    with zygote:
        yield zygote


@pytest.mark.parametrize(("threads", "spends"), [(8, 400), pytest.param(32, 20_000, marks=pytest.mark.slow)])
def test_the_budget_is_never_exceeded_and_the_ledger_equals_the_releases(
    stores: Maker, record: Record, threads: int, spends: int
) -> None:
    store = stores.new(MemoryKeys("town.example/evenhand"), wait=120)
    paid = race(store, threads, spends)
    with store.reading() as reading:
        kinds = [each.kind for _, each in reading.office_events()]
    assert paid == kinds.count(BudgetCharged.kind) == kinds.count(StatisticsReleased.kind) > 50
    assert fsck(store) == ()
    record(8, stores.kind, threads == 32, threads=threads, spends=spends, paid=paid, exceeded=0)


@pytest.mark.slow  # each child loads OpenDP; cut off, not killed, the same stands in tests/service/test_publish.py
def test_killed_at_each_statement_of_the_change_a_month_is_paid_for_once_and_never_drawn_again(
    stores: Maker, key_folder: Path, noisy_zygote: Zygote, tmp_path: Path
) -> None:
    store = stores.new(FileKeys(key_folder))
    open_programme(Office(store, lambda: NOVEMBER), ANALYST, load_programme("demo-town"))
    office = Office(store, lambda: DECEMBER)
    url, noted = store.engine.url.render_as_string(hide_password=False), tmp_path / "drawn"
    number = -1
    while not stored(office):
        number += 1
        assert number < 100
        noisy_zygote.run("publish_killed", url=url, keys=str(key_folder), statement=number, drawn=str(noted))
        assert fsck(store) == ()
    assert number > 10
    last = [value for line in noted.read_text().splitlines()[-2:] for value in json.loads(line)]
    (again,) = publish(office, ANALYST, "demo-town", "2026-11")
    assert not again.fresh
    assert stored(office) == last
    with store.reading() as reading:
        kinds = [each.kind for _, each in reading.office_events("demo-town")]
    assert (kinds.count(BudgetCharged.kind), kinds.count(StatisticsReleased.kind)) == (1, 1)


def stored(office: Office) -> list[int]:
    """The values that the store holds of November; empty where it was not released."""
    with office.store.reading() as reading:
        kept = kept_release(reading, "demo-town", "2026-11")
    return [] if kept is None else [each.value for each in (*kept.release.cells, *kept.release.regions)]

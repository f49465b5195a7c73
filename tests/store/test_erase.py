from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from evenhand.casework.events import AppealOpened, CaseErased
from evenhand.errors import CaseError, StoreError
from evenhand.store import schema
from evenhand.store.erase import erase_case, erase_events, erase_now, settle_open
from evenhand.store.fsck import fsck
from evenhand.store.keys import MemoryKeys
from evenhand.store.merkle import verify_consistency
from evenhand.store.notes import open_checkpoint
from evenhand.store.read import CaseFile
from evenhand.store.receipts import verify_receipt
from evenhand.store.retention import Retention, case_rule, due
from evenhand.store.store import Store
from evenhand.store.tombstones import FileTombstones, MemoryTombstones, read_intents
from evenhand.store.unit import Unit
from tests.store.stores import Maker
from tests.store.test_unit import count
from tests.store.town import AT, TOWN, answer, contact, extra, full_case, invitation, later, open_case, open_town

RULES = Retention(TOWN, date(2027, 6, 30), 180, 60, 365)


def erase_and_fail(unit: Unit, case: str) -> None:
    """Erase a case, then do what no case allows."""
    erase_case(unit, case, "request", at=AT)
    unit.append(answer(open_case(unit), "WORRIED", version=9))


def test_every_row_of_an_erased_case_is_gone(store: Store) -> None:
    case = full_case(store)
    erase_now(store, case, "request", at=AT)
    for table in (*schema.OF_A_CASE, schema.case_file, schema.event):
        with store.snapshot() as connection:
            assert connection.execute(select(table).where(table.c.case_id == case)).all() == []


def test_a_collection_code_stays_for_the_partner_without_its_case(store: Store) -> None:
    case = full_case(store)
    with store.unit() as unit:
        unit.add_collection_code(case, programme=TOWN, code_hash="d" * 64, support="parcel", at=AT)
    erase_now(store, case, "request", at=AT)
    with store.snapshot() as connection:
        assert connection.execute(select(schema.collection_code.c.case_id)).scalars().all() == [None]
    with store.unit() as unit:
        assert unit.present_collection(TOWN, "d" * 64, AT, "food-bank") is None


def test_an_erased_case_cannot_be_read_or_continued(store: Store) -> None:
    case = full_case(store)
    erase_now(store, case, "request", at=AT)
    with store.reading() as reading:
        with pytest.raises(StoreError, match=r"store\.no-case\b"):
            reading.case_file(case)
        with pytest.raises(StoreError, match=r"store\.no-case-key"):
            reading.events(case)
    with pytest.raises(StoreError, match=r"store\.no-case\b"), store.unit() as unit:
        unit.append(answer(case, "LATER"))


def test_the_ledger_still_verifies_after_an_erasure(store: Store) -> None:
    case = full_case(store)
    with store.unit() as unit:
        kept = unit.append(answer(open_case(unit), "WORRIED"))
    before = open_checkpoint(store.checkpoint(AT), [store.keys.verifier])
    receipt = store.receipt(kept, AT)
    erase_now(store, case, "request", at=AT)
    after = open_checkpoint(store.checkpoint(AT), [store.keys.verifier])
    with store.reading() as reading:
        proof = reading.consistency(before.size, after.size).proof
    assert verify_consistency(before.size, after.size, before.root, after.root, proof)
    assert verify_receipt(receipt, [store.keys.verifier]).holds
    assert fsck(store) == ()


def test_a_receipt_outlives_the_erasure_of_its_event(store: Store) -> None:
    case = full_case(store)
    receipt = store.receipt(2, AT)
    erase_now(store, case, "request", at=AT)
    assert verify_receipt(receipt, [store.keys.verifier]).holds
    with pytest.raises(StoreError, match=r"store\.no-event"):
        store.receipt(2, AT)


def test_the_tombstone_names_what_was_erased_and_why(store: Store) -> None:
    case = full_case(store)
    with store.reading() as reading:
        indexes = tuple(index for index, _ in reading.events(case))
    index = erase_now(store, case, "request", at=AT)
    with store.reading() as reading:
        ((found, event),) = reading.office_events(TOWN, kind="case-erased")
    assert found == index
    assert event == CaseErased(TOWN, AT, "respondent", indexes, "request", "")
    assert count(store, "tombstone") == len(indexes)


def test_an_erasure_that_fails_is_void_in_the_list(store: Store) -> None:
    case = full_case(store)
    with pytest.raises(CaseError), store.unit() as unit:
        erase_and_fail(unit, case)
    assert read_intents(store.tombstones, store.keys) == ((), frozenset())
    assert fsck(store) == ()


@pytest.mark.parametrize("committed", [True, False])
def test_an_erasure_whose_end_nobody_noted_is_settled_by_what_the_store_holds(
    store: Store, committed: bool
) -> None:
    case = full_case(store)
    memory = store.tombstones
    assert isinstance(memory, MemoryTombstones)
    if committed:
        erase_now(store, case, "request", at=AT)
    else:
        with pytest.raises(CaseError), store.unit() as unit:
            erase_and_fail(unit, case)
    memory._lines.pop()  # the crash came before the end was noted
    assert settle_open(store) == 1
    intents, unsettled = read_intents(store.tombstones, store.keys)
    assert (len(intents), unsettled) == (int(committed), frozenset())
    assert fsck(store) == ()


def test_an_erasure_without_a_list_does_not_happen(stores: Maker, keys: MemoryKeys, tmp_path: Path) -> None:
    store = stores.new(keys, FileTombstones(tmp_path / "nowhere" / "erasures.jsonl"))
    open_town(store)
    case = full_case(store)
    with pytest.raises(StoreError, match=r"store\.tombstones"):
        erase_now(store, case, "request", at=AT)
    with store.reading() as reading:
        assert len(reading.events(case)) > 0


def test_the_list_in_a_file_is_private_and_read_back(store: Store, tmp_path: Path) -> None:
    store.tombstones = FileTombstones(tmp_path / "erasures.jsonl")
    for _ in range(2):
        with store.unit() as unit:
            case = open_case(unit)
        erase_now(store, case, "request", at=AT)
    intents, unsettled = read_intents(store.tombstones, store.keys)
    assert [each.number for each in intents] == [0, 1]
    assert not unsettled
    assert (tmp_path / "erasures.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_line_that_a_crash_cut_is_as_if_never_written(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "erasures.jsonl"
    store.tombstones = FileTombstones(path)
    case = full_case(store)
    erase_now(store, case, "request", at=AT)
    with path.open("ab") as file:
        file.write(b'{"is":"intent","num')
    assert len(read_intents(store.tombstones, store.keys)[0]) == 1
    with store.unit() as unit:
        other = open_case(unit)
    erase_now(store, other, "request", at=AT)
    assert len(read_intents(store.tombstones, store.keys)[0]) == 2


@pytest.mark.parametrize("damage", ["changed", "taken out"])
def test_a_list_that_was_changed_is_refused(store: Store, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "erasures.jsonl"
    store.tombstones = FileTombstones(path)
    for _ in range(2):
        with store.unit() as unit:
            case = open_case(unit)
        erase_now(store, case, "request", at=AT)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines).replace("request", "retention") if damage == "changed" else "".join(lines[1:]))
    with pytest.raises(StoreError, match=r"store\.tombstones-changed"):
        read_intents(store.tombstones, store.keys)
    assert any(each.code == "erasure-list" for each in fsck(store))


def test_an_expired_fact_goes_and_the_rest_stays(store: Store) -> None:
    with store.unit() as unit:
        case = open_case(unit)
        first = unit.append(extra(case, "one", 1, "2026-12-01"))
        unit.append(extra(case, "two", 2, "2027-03-01"))
    with store.reading() as reading:
        (found,) = due(reading, RULES, date(2026, 12, 2))
    assert (found.what, found.indexes, found.rule) == ("events", (first,), "expires_days")
    with store.unit() as unit:
        erase_events(unit, case, found.indexes, at=later(10), rule=found.rule)
    with store.reading() as reading:
        assert reading.case(case).fields["children_under_2"].value == "two"
    assert fsck(store) == ()


def test_a_fact_can_be_given_anew_after_its_earlier_version_was_erased(store: Store) -> None:
    with store.unit() as unit:
        case = open_case(unit)
        first = unit.append(extra(case, "one", 1, "2026-12-01"))
        unit.append(extra(case, "two", 2, "2027-03-01"))
    with store.unit() as unit:
        erase_events(unit, case, [first], at=later(10), rule="expires_days")
        unit.append(extra(case, "three", 3, "2027-05-01"))
    with store.reading() as reading:
        assert reading.case(case).fields["children_under_2"].value == "three"
    assert fsck(store) == ()


def test_only_facts_and_contacts_go_one_by_one(store: Store) -> None:
    with store.unit() as unit:
        case = open_case(unit)
        index = unit.append(answer(case, "WORRIED"))
    with pytest.raises(StoreError, match=r"store\.not-erasable"), store.unit() as unit:
        erase_events(unit, case, [index], at=AT, rule="x")


def test_contacts_are_due_after_the_end(store: Store) -> None:
    with store.unit() as unit:
        case = open_case(unit)
        index = unit.append(contact(case, "someone"))
    with store.reading() as reading:
        assert due(reading, RULES, date(2027, 8, 29)) == ()
        (found,) = due(reading, RULES, date(2027, 8, 30))
    assert (found.indexes, found.rule) == ((index,), "contact_days=60")


def case_file(state: str, since: str, *, updated: str = "2026-11-22T15:00:00Z", appeal: bool = False) -> CaseFile:
    opened = ("c", TOWN, "p", "d", None, "2026-11", state, since, "north-1", "en", None, False, appeal, None)
    return CaseFile(*opened, updated, 3)


@pytest.mark.parametrize(
    ("file", "today", "rule"),
    [
        (case_file("withdrawn", "2026-12-01T00:00:00Z"), date(2027, 5, 30), ""),
        (case_file("withdrawn", "2026-12-01T00:00:00Z"), date(2027, 5, 31), "answers_days=180"),
        (case_file("not_this_round", "2026-12-01T00:00:00Z", appeal=True), date(2027, 5, 31), ""),
        (case_file("waiting", "2026-12-01T00:00:00Z"), date(2027, 12, 27), ""),
        (case_file("waiting", "2026-12-01T00:00:00Z"), date(2027, 12, 28), "answers_days=180"),
        (case_file("answering", "2026-11-22T00:00:00Z"), date(2027, 11, 22), ""),
        (case_file("answering", "2026-11-22T00:00:00Z"), date(2027, 11, 23), "undecided_days=365"),
    ],
    ids=["kept", "ended", "appealed", "waiting", "programme-ended", "undecided-kept", "undecided"],
)
def test_a_case_is_due_by_its_rule(file: CaseFile, today: date, rule: str) -> None:
    assert case_rule(file, RULES, today) == rule


def test_erasing_reaches_the_list_of_partners_and_codes_only_by_hash(store: Store) -> None:
    with store.unit() as unit:
        unit.add_invitations([invitation(0, store)])
        case = open_case(unit, taken="i0")
        unit.contribute(case, month="2026-11", need_class=2, cells_a_year=1)
    erase_now(store, case, "request", at=AT)
    assert count(store, "contribution") == 0
    assert count(store, "invitation") == 1


def test_an_appeal_keeps_the_case(store: Store) -> None:
    case = full_case(store)
    with store.unit() as unit:
        unit.append(AppealOpened(TOWN, AT, "respondent", case, 1, "", False, "2026-12-13"))
    with store.reading() as reading:
        assert reading.case_file(case).appeal_open
        assert [each.case_id for each in reading.queue(TOWN, appeal_open=True)] == [case]

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import func, select

from evenhand.casework.events import CaseErased, ConsentRecorded, StaffChanged
from evenhand.errors import CaseError, KeysError, StoreError
from evenhand.store import merkle, schema
from evenhand.store.fsck import fsck
from evenhand.store.keys import MemoryKeys
from evenhand.store.receipts import event_leaf, verify_receipt
from evenhand.store.store import Store
from evenhand.store.unit import Unit
from tests.store.stores import Maker
from tests.store.town import AT, TOWN, answer, consent, extra, finish, invitation, later, open_case, open_town


def count(store: Store, table: str) -> int:
    with store.snapshot() as connection:
        return int(
            connection.execute(select(func.count()).select_from(schema.metadata.tables[table])).scalar_one()
        )


def counts(store: Store) -> dict[str, int]:
    return {name: count(store, name) for name in schema.metadata.tables}


def test_what_is_appended_is_read_back_equal(store: Store) -> None:
    with store.unit() as unit:
        case = open_case(unit)
        index = unit.append(answer(case, "WORRIED"))
    with store.reading() as reading:
        assert reading.events(case) == ((index - 1, consent(case)), (index, answer(case, "WORRIED")))


def test_indexes_follow_without_a_gap(store: Store) -> None:
    indexes = []
    for number in range(5):
        with store.unit() as unit:
            case = open_case(unit)
            indexes.append(unit.append(answer(case, f"Q{number}")))
    assert indexes == [2, 4, 6, 8, 10]


def test_an_error_in_the_block_leaves_nothing(store: Store) -> None:
    before = counts(store)

    def change(unit: Unit) -> None:
        case = open_case(unit)
        unit.once("t" * 64, case)
        unit.append(answer(case, "WORRIED"))
        unit.add_document("notice", b"text")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.transact(change)
    assert counts(store) == before


def test_an_event_that_does_not_fit_leaves_nothing(store: Store) -> None:
    with store.unit() as unit:
        case = unit.open_case(TOWN, definition_hash="d1", at=AT)
    before = counts(store)
    with pytest.raises(CaseError, match="not-now"), store.unit() as unit:
        unit.append(answer(case, "WORRIED"))
    assert counts(store) == before
    assert fsck(store) == ()


def test_a_second_version_one_is_refused(store: Store) -> None:
    with store.unit() as unit:
        case = open_case(unit)
        unit.append(answer(case, "WORRIED"))
    with pytest.raises(CaseError, match=r"case\.version"), store.unit() as unit:
        unit.append(answer(case, "WORRIED"))


def test_the_body_lies_sealed_and_only_the_cases_key_opens_it(store: Store) -> None:
    with store.unit() as unit:
        case, other = open_case(unit), open_case(unit)
        index = unit.append(extra(case, "a-very-plain-word"))
    with store.snapshot() as connection:
        body = bytes(
            connection.execute(select(schema.event.c.body).where(schema.event.c.index == index)).scalar_one()
        )
    assert b"a-very-plain-word" not in body
    from evenhand.store import history

    with store.snapshot() as connection:
        with pytest.raises(KeysError):
            history.payload_of(index, body, history.data_key(connection, store.keys, other))
        with pytest.raises(KeysError):
            history.payload_of(index + 1, body, history.data_key(connection, store.keys, case))


def test_a_body_is_bound_to_its_row(store: Store) -> None:
    with store.unit() as unit:
        case = open_case(unit)
        index = unit.append(answer(case, "WORRIED"))
    with store.engine.begin() as connection:
        rows = connection.execute(select(schema.event.c.body).order_by(schema.event.c.index)).scalars().all()
        connection.execute(schema.event.update().where(schema.event.c.index == index).values(body=rows[index - 1]))
    with store.reading() as reading, pytest.raises(KeysError, match=r"keys\.sealed"):
        reading.events(case)


def test_the_root_is_that_of_the_salted_payloads(store: Store) -> None:
    with store.unit() as unit:
        for _ in range(7):
            open_case(unit)
    from evenhand.store import history, ledger

    leaves = []
    with store.snapshot() as connection:
        for row in connection.execute(select(schema.event).order_by(schema.event.c.index)):
            key = history.data_key(connection, store.keys, row.case_id) if row.case_id else None
            index = row._mapping["index"]
            leaves.append(event_leaf(bytes(row.salt), history.payload_of(index, row.body, key)))
        assert merkle.root(ledger.read_frontier(connection)) == merkle.root_of(leaves)


def test_a_receipt_verifies_without_the_store(store: Store) -> None:
    with store.unit() as unit:
        case = open_case(unit)
        index = unit.append(answer(case, "WORRIED"))
    receipt = store.receipt(index, AT)
    assert verify_receipt(receipt, [store.keys.verifier]).holds


def test_a_receipt_of_nothing_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match=r"store\.no-event"):
        store.receipt(99, AT)


def test_a_checkpoint_is_signed_once_a_size(store: Store) -> None:
    assert store.checkpoint(AT) == store.checkpoint(later(1))
    assert count(store, "checkpoint") == 1


def test_later_checkpoints_are_consistent_with_earlier_ones(store: Store) -> None:
    from evenhand.store.notes import open_checkpoint

    notes = []
    for _ in range(4):
        with store.unit() as unit:
            open_case(unit)
        notes.append(open_checkpoint(store.checkpoint(AT), [store.keys.verifier]))
    first, last = notes[0], notes[-1]
    with store.reading() as reading:
        proof = reading.consistency(first.size, last.size).proof
    assert merkle.verify_consistency(first.size, last.size, first.root, last.root, proof)


def test_a_form_sent_twice_makes_one_event(store: Store) -> None:
    with store.unit() as unit:
        case = open_case(unit)

    def send(unit: Unit) -> int:
        before = unit.once("t" * 64, case)
        return before if before is not None else unit.append(answer(case, "WORRIED"))

    assert store.transact(send) == store.transact(send)
    assert count(store, "event") == 3


def test_a_form_of_another_case_is_refused(store: Store) -> None:
    with store.unit() as unit:
        case, other = open_case(unit), open_case(unit)
        unit.once("t" * 64, case)
        unit.append(answer(case, "WORRIED"))
    with pytest.raises(StoreError, match=r"store\.other-form"), store.unit() as unit:
        unit.once("t" * 64, other)


def test_a_token_of_a_change_that_failed_is_free_again(store: Store) -> None:
    with store.unit() as unit:
        case = open_case(unit)

    def change(unit: Unit) -> None:
        unit.once("t" * 64, case)
        unit.append(answer(case, "WORRIED", version=7))

    with pytest.raises(CaseError):
        store.transact(change)
    with store.unit() as unit:
        assert unit.once("t" * 64, case) is None


def test_writers_in_many_threads_make_one_ledger(store: Store) -> None:
    with store.unit() as unit:
        cases = [open_case(unit) for _ in range(8)]
    errors: list[BaseException] = []

    def write(case: str) -> None:
        try:
            for number in range(5):
                with store.unit() as unit:
                    unit.append(answer(case, f"Q{number}"))
        except BaseException as error:  # noqa: BLE001 - shown below
            errors.append(error)

    threads = [threading.Thread(target=write, args=(case,)) for case in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert count(store, "leaf") == 1 + 8 + 40
    assert fsck(store) == ()


def test_two_stores_on_one_database_make_one_ledger(stores: Maker, keys: MemoryKeys) -> None:
    url = stores.url()
    first, second = stores.open(url, keys), stores.open(url, keys)
    first.migrate()
    open_town(first)
    with first.unit() as unit:
        cases = [open_case(unit), open_case(unit)]

    def write(store: Store, case: str) -> None:
        for number in range(10):
            with store.unit() as unit:
                unit.append(answer(case, f"Q{number}"))

    threads = [threading.Thread(target=write, args=pair) for pair in zip((first, second), cases, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(first, "event") == 23
    assert fsck(second) == ()


def test_a_snapshot_does_not_see_later_changes(store: Store) -> None:
    with store.reading() as reading:
        before = reading.size()
        with store.unit() as unit:
            open_case(unit)
        assert reading.size() == before


def test_a_busy_store_says_so_and_stores_nothing(stores: Maker, keys: MemoryKeys) -> None:
    url = stores.url()
    first, second = stores.open(url, keys), stores.open(url, keys, wait=0.1)
    first.migrate()
    open_town(first)
    with first.unit(), pytest.raises(StoreError, match=r"store\.busy"), second.unit() as unit:
        open_case(unit)
    assert count(second, "case_file") == 0


def test_a_change_that_was_only_busy_is_made_on_the_next_try(store: Store) -> None:
    tries: list[int] = []

    def change(unit: Unit) -> str:
        tries.append(1)
        if len(tries) < 3:
            raise StoreError("store.busy", "busy", mend="again")
        return open_case(unit)

    store.transact(change)
    assert len(tries) == 3
    assert count(store, "case_file") == 1


def test_an_unknown_outcome_is_never_tried_again(store: Store) -> None:
    tries: list[int] = []

    def change(_unit: Unit) -> None:
        tries.append(1)
        raise StoreError("store.outcome-unknown", "who knows", mend="again")

    with pytest.raises(StoreError):
        store.transact(change)
    assert len(tries) == 1


def test_only_erase_writes_an_erasure(store: Store) -> None:
    with pytest.raises(StoreError, match=r"store\.erase-only"), store.unit() as unit:
        unit.append(CaseErased(TOWN, AT, "system", (0,), "request", ""))


def test_a_case_of_another_programme_is_refused(store: Store) -> None:
    open_town(store, "summer")
    with store.unit() as unit:
        case = open_case(unit)
    with pytest.raises(StoreError, match=r"store\.no-case"), store.unit() as unit:
        unit.append(answer(case, "WORRIED", programme="summer"))


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match=r"store\.naive-time"), store.unit() as unit:
        unit.open_case(TOWN, definition_hash="d1", at=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


def test_an_invitation_is_used_once(store: Store) -> None:
    issued = invitation(0, store)
    with store.unit() as unit:
        unit.add_invitations([issued])
        assert unit.take_invitation(TOWN, issued.code_hash, AT) == issued
        assert unit.take_invitation(TOWN, issued.code_hash, AT) is None


@pytest.mark.parametrize(
    "take",
    [
        lambda unit, issued: unit.take_invitation(TOWN, issued.code_hash, later(91)),
        lambda unit, issued: unit.take_invitation("summer", issued.code_hash, AT),
        lambda unit, _issued: unit.take_invitation(TOWN, "0" * 64, AT),
    ],
    ids=["expired", "other-programme", "unknown"],
)
def test_an_invitation_that_does_not_hold_opens_nothing(store: Store, take: Callable[..., object]) -> None:
    issued = invitation(0, store)
    with store.unit() as unit:
        unit.add_invitations([issued])
        assert take(unit, issued) is None


def test_an_access_code_finds_its_case_until_it_is_replaced(store: Store) -> None:
    with store.unit() as unit:
        case = open_case(unit)
        for code in ("a", "b"):
            unit.set_access_code(case, programme=TOWN, code_hash=code * 64, recovery_hash=None, at=AT)
        assert unit.case_by_access_code("a" * 64) is None
        assert unit.case_by_access_code("b" * 64) == case


def test_a_collection_code_is_presented_once(store: Store) -> None:
    with store.unit() as unit:
        case = open_case(unit)
        unit.add_collection_code(case, programme=TOWN, code_hash="c" * 64, support="parcel", at=AT)
        assert unit.present_collection(TOWN, "c" * 64, AT, "food-bank") == (case, "parcel")
        assert unit.present_collection(TOWN, "c" * 64, AT, "food-bank") is None


def test_an_invitation_fills_no_more_cells_than_allowed(store: Store) -> None:
    with store.unit() as unit:
        unit.add_invitations([invitation(0, store)])
        case = open_case(unit, taken="i0")
        months = ("2026-11", "2026-11", "2026-12", "2027-01")
        counted = [unit.contribute(case, month=month, need_class=3, cells_a_year=1) for month in months]
        assert counted == [True, True, False, True]
        assert unit.reading.histogram(TOWN, "2027-01") == {("north-1", 3): 1}
        assert unit.reading.histogram(TOWN, "2026-11") == {}


def test_staff_follow_from_their_events(store: Store) -> None:
    with store.unit() as unit:
        unit.append(StaffChanged(TOWN, AT, "ann", "bea", ("caseworker",), False))
        unit.set_staff("bea", name="Bea")
        unit.append(StaffChanged(TOWN, AT, "ann", "bea", ("caseworker",), True))
        bea = unit.staff("bea")
    assert bea is not None
    assert (bea.name, bea.roles, bea.disabled_at) == ("Bea", "caseworker", "2026-11-22T15:00:00Z")
    assert fsck(store) == ()


def test_the_case_row_follows_the_events(store: Store) -> None:
    with store.unit() as unit:
        case = open_case(unit)
        finish(unit, case)
    with store.reading() as reading:
        file = reading.case_file(case)
        told = reading.case(case)
    assert (file.state, file.proposal, file.district) == ("proposed", "review", "north-1")
    assert told.state == file.state
    assert file.pseudonym == store.keys.pseudonym(TOWN, case)


def test_withdrawing_takes_the_case_out_of_months_not_released(store: Store) -> None:
    from tests.store.town import withdrawn

    with store.unit() as unit:
        unit.add_invitations([invitation(0, store)])
        case = open_case(unit, taken="i0")
        unit.contribute(case, month="2026-11", need_class=3, cells_a_year=1)
    with store.unit() as unit:
        unit.append(withdrawn(case))
    assert count(store, "contribution") == 0


def test_refusing_the_statistics_later_takes_the_case_out(store: Store) -> None:
    with store.unit() as unit:
        unit.add_invitations([invitation(0, store)])
        case = open_case(unit, taken="i0")
        unit.contribute(case, month="2026-11", need_class=3, cells_a_year=1)
        no: ConsentRecorded = consent(case, purposes={"decide": True, "statistics": False})
        unit.append(no)
    assert count(store, "contribution") == 0
    assert fsck(store) == ()


def test_queues_are_ordered_paged_and_filtered(store: Store) -> None:
    with store.unit() as unit:
        cases = [open_case(unit) for _ in range(5)]
        finish(unit, cases[0])
    with store.reading() as reading:
        waiting = reading.queue(TOWN, "consented")
        assert len(waiting) == 4
        first = reading.queue(TOWN, "consented", limit=3)
        rest = reading.queue(TOWN, "consented", after=(first[-1].since, first[-1].pseudonym))
        assert first + rest == waiting
        assert [each.case_id for each in reading.queue(TOWN, proposal="review")] == [cases[0]]
        assert reading.queue(TOWN, district="south") == ()
        assert reading.counts(TOWN) == {"consented": 4, "proposed": 1}


def test_partners_see_counts_only(store: Store) -> None:
    with store.unit() as unit:
        unit.add_invitations([invitation(number, store) for number in range(3)])
        unit.take_invitation(TOWN, invitation(1, store).code_hash, AT)
        (seen,) = unit.reading.partner_counts(TOWN)
    assert (seen.partner, seen.issued) == ("food-bank", 3)


def test_a_store_that_is_closed_leaves_no_descriptor(stores: Maker, keys: MemoryKeys) -> None:
    import os

    def open_descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counting names is enough

    store = stores.new(keys)
    store.close()
    before = open_descriptors()
    for _ in range(3):
        again = stores.open(store.engine.url.render_as_string(hide_password=False), keys)
        open_town(again) if again.version() is None else again.checkpoint(AT)
        with again.reading(), again.reading():
            pass
        again.close()
    assert open_descriptors() == before

"""What is done quickly because it is done for every page comes out as the plain way would."""

from dataclasses import fields, replace

import pytest

from evenhand.casework.case import Case, _with
from evenhand.casework.events import AnswerRecorded, from_payload, to_payload
from evenhand.errors import CaseError
from tests.store.town import AT, answer

CASE = "c" * 32


def test_a_changed_case_is_that_of_replace_and_the_old_one_stays() -> None:
    marked = {each.name: each.name for each in fields(Case)}
    case = Case(**marked)  # type: ignore[arg-type] # marks in place of values
    assert _with(case, state="answering") == replace(case, state="answering")
    assert repr(case) == repr(Case(**marked))  # type: ignore[arg-type] # as above


@pytest.mark.parametrize(
    "at",
    [
        "2026-W47-7T15:00:00Z",
        "2026-11-22 15:00:00Z",
        "2026-11-22T15:00:00",
        "2026-11-22T15:00:00+00:00",
        "٢٠٢٦-11-22T15:00:00Z",
    ],
)
def test_a_time_in_another_form_is_refused(at: str) -> None:
    with pytest.raises(CaseError) as error:
        from_payload({**to_payload(answer(CASE, "WORRIED")), "at": at})
    assert error.value.code == "case.unknown-event"


def test_a_payload_reads_back_and_shares_nothing_with_its_event() -> None:
    event = answer(CASE, "WORRIED")
    payload = to_payload(event)
    assert from_payload(payload) == event
    assert isinstance(event, AnswerRecorded)
    assert (payload["at"], event.at) == ("2026-11-22T15:00:00Z", AT)

"""Why: every figure of an explanation, out of the frozen record."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from evenhand.casework.events import (
    AnswerRecorded,
    AppealAnswered,
    AppealOpened,
    Assessed,
    CaseCompleted,
    CaseEvent,
    CollectionCodeIssued,
    CollectionPresented,
    FieldRecorded,
    Offered,
    Proposed,
    to_payload,
)
from evenhand.casework.explain import explain, explain_from_payloads, what_if_corrected
from evenhand.casework.explainfigures import figures
from evenhand.casework.explainparts import Explanation
from evenhand.errors import CaseError
from evenhand.programme.definition import load_programme
from tests.casework.explained import (
    SCALES,
    TICKET,
    by_hand,
    decided,
    documents,
    history,
    measured,
    need_of,
    programme_of,
)
from tests.casework.life import BASE, CONSENT, STAFF

NEAR = 2e-8
"""The twin's own error: Simpson's rule on 40,000 points, against panels of Gauss-Legendre points."""

FIES = programme_of("fies")
HALF: list[Any] = [1, 1, 1, 1, 0, 0, 0, 0]


def why(given: list[Any] = HALF, *more: CaseEvent, **options: Any) -> Explanation:
    return explain([*history(FIES, given, **options), *more], FIES)


def code_of(error: pytest.ExceptionInfo[CaseError]) -> str:
    return error.value.code


def patterns(kind: str) -> list[tuple[int | None, ...]]:
    """Every pattern of answers and gaps where there are few, else every seventh."""
    every = list(product(*[[None, *range(len(item.b) + 1)] for item in SCALES[kind]]))
    return every[:: 1 if len(every) < 60 else 7]


# figures beside a twin


@pytest.mark.parametrize("kind", SCALES)
def test_leaving_out_an_answer_equals_scoring_the_others_by_hand(kind: str) -> None:
    programme, items = programme_of(kind), SCALES[kind]
    for pattern in patterns(kind)[:12]:
        given: list[Any] = [each if each is not None else "refused" for each in pattern]
        found = explain(history(programme, given), programme)
        answered = [place for place, each in enumerate(pattern) if each is not None]
        assert [each.item for each in found.counted] == [f"ITEM{place}" for place in answered]
        for place, told in zip(answered, found.counted, strict=True):
            rest = [None if other == place else each for other, each in enumerate(pattern)]
            theta, _, p, _, _ = by_hand(items, rest, 0.2, 1.3, 0.4)
            assert told.theta_without == pytest.approx(theta, abs=NEAR)
            assert told.p_without == pytest.approx(p, abs=NEAR)
            assert told.theta_moved == pytest.approx(found.measured.theta - theta, abs=NEAR)
            assert told.p_moved == pytest.approx(found.measured.p - p, abs=NEAR)


@pytest.mark.parametrize("kind", SCALES)
def test_the_measure_and_its_interval_equal_the_posterior_by_hand(kind: str) -> None:
    programme = programme_of(kind)
    for pattern in patterns(kind):
        codes = np.array([-1 if each is None else each for each in pattern], dtype=np.int8)
        found = figures(need_of(programme), codes, np.zeros(len(codes), dtype=np.bool_), 0.4)
        theta, se, p, low, high = by_hand(SCALES[kind], pattern, 0.2, 1.3, 0.4)
        assert (found.measure.theta, found.measure.se, found.measure.p) == pytest.approx((theta, se, p), abs=NEAR)
        assert found.interval == pytest.approx((low, high), abs=1e-5)


@pytest.mark.parametrize("kind", SCALES)
def test_the_curve_is_a_density_and_its_part_above_the_line_is_the_chance(kind: str) -> None:
    programme = programme_of(kind)
    given: list[Any] = [1] * len(SCALES[kind])
    found = explain(history(programme, given), programme).measured
    theta, density = np.array(found.curve.theta), np.array(found.curve.density)
    assert np.trapezoid(density, theta) == pytest.approx(1.0, abs=2e-3)
    fine = np.linspace(found.threshold, theta[-1], 2_001)
    assert np.trapezoid(np.interp(fine, theta, density), fine) == pytest.approx(found.p, abs=3e-3)
    assert theta[0] < found.threshold < theta[-1]


def test_leaving_out_a_lower_answer_of_a_falling_item_lowers_need() -> None:
    programme = programme_of("reversed")
    found = explain(history(programme, [0, 1, 1]), programme)
    assert found.counted[0].theta_moved > 0


def test_moves_do_not_add_up_to_the_measure() -> None:
    found = why([1] * 8)
    together = found.measured.theta - need_of(FIES).mean
    assert sum(each.theta_moved for each in found.counted) < 0.8 * together


def test_distance_to_the_line_is_counted_in_standard_errors() -> None:
    found = why().measured
    assert found.distance == (found.theta - found.threshold) / found.se


# the edges


def test_one_answer_left_out_leaves_what_was_assumed_beforehand() -> None:
    found = why([1, *["refused"] * 7])
    (only,) = found.counted
    need = need_of(FIES)
    assert only.theta_without == need.mean
    assert only.theta_moved > 0
    assert len(found.unknown) == 7


def test_with_no_answer_nothing_counted_and_a_person_looks() -> None:
    found = why(["dont_know"] * 8)
    assert found.counted == ()
    assert found.ruled.proposal == "review"
    assert found.measured.p_range[0] < found.measured.p < found.measured.p_range[1]
    need = need_of(FIES)
    assert found.measured.interval == pytest.approx(
        (need.mean - 1.6448536 * need.sd, need.mean + 1.6448536 * need.sd)
    )


def test_all_yes_is_explained_with_the_largest_error_and_still_an_offer() -> None:
    found = why([1] * 8)
    assert found.ruled.proposal == "offer"
    assert found.measured.se > why().measured.se
    assert all(each.theta_moved > 0 for each in found.counted)


@pytest.mark.parametrize(
    ("reason", "known"),
    [
        ("dont_know", True),
        ("refused", True),
        ("not_asked", True),
        ("blank", True),
        ("not_asked_by_design", False),
        ("not_applicable", False),
    ],
)
def test_each_reason_for_no_answer_keeps_its_name(reason: Any, known: bool) -> None:
    found = why([reason, *HALF[1:]])
    (unknown,) = found.unknown
    assert (unknown.reason, unknown.could_be_known) == (reason, known)
    assert (found.measured.p_range != (found.measured.p, found.measured.p)) == known


def test_nothing_is_explained_before_it_is_measured() -> None:
    for events in ((), (CONSENT,)):
        with pytest.raises(CaseError) as error:
            explain(events, FIES)
        assert code_of(error) == "explain.not-assessed"


def test_a_version_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CaseError) as error:
        explain(history(FIES, HALF), FIES, 2)
    assert code_of(error) == "explain.no-such-version"


# capacity and extra facts


def test_capacity_changes_the_support_and_nothing_else() -> None:
    levels = {level: why(capacity=level) for level in ("low", "high", "unknown")}
    assert {level: each.chosen.fitting is None for level, each in levels.items()} == {
        "low": True,
        "high": False,
        "unknown": False,
    }
    for level in ("low", "high"):
        assert replace(levels[level], chosen=levels["unknown"].chosen) == levels["unknown"]


def test_answers_about_capacity_enter_no_figure() -> None:
    def capacity(code: str) -> list[CaseEvent]:
        asked = FIES.capacity_instrument()
        assert asked
        return [
            AnswerRecorded(**BASE, component="capacity", item=item.name, version=1, code=code, reason=None)
            for item in asked.items
        ]

    consent, *rest = history(FIES, HALF)
    assert explain([consent, *capacity("0"), *rest], FIES) == explain([consent, *capacity("1"), *rest], FIES)


def test_a_fact_that_gave_priority_is_told_after_it_expired() -> None:
    (fact,) = why(priority=["children_under_2"]).priority
    assert fact.field == "children_under_2"
    assert fact.purpose["en"].startswith("A home with a child under two")


def test_a_fact_whose_first_version_was_erased_leaves_the_rest_explained() -> None:
    fact = FieldRecorded(**BASE, field="home_kind", version=2, value="alone", expires="2027-01-01")
    assert why(HALF, fact).measured == why().measured


# the decision


def test_names_of_staff_are_nowhere_in_an_explanation() -> None:
    for kind in ("offer", "drawn", "waiting", "not-this-round"):
        text = repr(why(HALF, *decided(kind)))
        assert "anna" not in text
        assert "olga" not in text


@pytest.mark.parametrize(
    ("kind", "outcome", "by"),
    [
        ("offer", "offered", "caseworker"),
        ("drawn", "offered", "round"),
        ("waiting", "put-waiting", "round"),
        ("not-this-round", "not-this-round", "caseworker"),
    ],
)
def test_a_decision_says_who_decided_and_why(kind: str, outcome: str, by: str) -> None:
    found = why(HALF, *decided(kind))
    assert found.decided
    assert (found.decided.outcome, found.decided.by, found.decided.stands) == (outcome, by, True)
    assert found.decided.reason == "Your answers leave it open."
    assert found.decided.overrides == (kind == "not-this-round")


def test_a_round_shows_its_chance_and_the_owner_s_ticket() -> None:
    found = why(HALF, *decided("waiting"))
    assert found.drawn
    assert (found.drawn.round, found.drawn.probability, found.drawn.ticket, found.drawn.p_class) == (
        "one",
        0.3,
        TICKET,
        6,
    )


def test_a_case_that_waits_for_its_draw_has_a_ticket_and_no_chance_yet() -> None:
    found = why(HALF, decided("waiting")[0])
    assert found.drawn
    assert (found.drawn.ticket, found.drawn.probability) == (TICKET, None)


def test_after_a_correction_the_standing_decision_is_still_explained_by_what_it_rests_on() -> None:
    events = [*history(FIES, HALF), *decided("not-this-round"), *measured(FIES, [1] * 8, version=2)]
    before = explain(events, FIES)
    assert before.measured == why().measured
    assert before.frozen.newer == 2
    assert explain(events, FIES, 2).measured == why([1] * 8).measured
    assert explain(events, FIES, 2).decided is None


def test_a_decision_that_was_replaced_says_so() -> None:
    events = [*history(FIES, HALF), *decided("not-this-round"), *measured(FIES, [1] * 8, version=2)]
    events += decided("offer", version=2, assessment=2)
    first = explain(events, FIES, 1).decided
    assert first
    assert not first.stands


def test_what_can_be_corrected_is_every_question_and_nothing_once_collected() -> None:
    ways = why(HALF, *decided("offer")).ways
    assert {component for component, _, _ in ways.correctable} == {"need", "capacity", "field"}
    over = (
        CollectionCodeIssued(**BASE, support="food-parcel"),
        CollectionPresented(**BASE, support="food-parcel"),
    )
    closed = why(HALF, *decided("offer"), *over).ways
    assert (closed.correctable, closed.until) == ((), None)


def test_an_open_appeal_and_its_answer_are_told() -> None:
    opened = AppealOpened(**BASE, decision=1, words="", on_behalf=False, answer_by="2026-12-01")
    answer = AppealAnswered(**{**STAFF, "actor": "dora"}, decision=1, changed=False, reason="The same again.")
    waiting = why(HALF, *decided("not-this-round"), opened).ways
    assert (waiting.answer_by, waiting.answered) == ("2026-12-01", None)
    upheld = why(HALF, *decided("not-this-round"), opened, answer).ways
    assert (upheld.answer_by, upheld.answered, upheld.answer) == (None, False, "The same again.")
    changed = replace(answer, changed=True)
    offered = Offered(
        **{**STAFF, "actor": "dora"}, version=2, assessment=1, reason="You need it more.", round=None,
        probability=None, appeal_until="2027-02-01", support="food-parcel", overrides=True,
    )  # fmt: skip
    found = why(HALF, *decided("not-this-round"), opened, changed, offered)
    assert found.decided
    assert (found.decided.outcome, found.ways.answered, found.ways.contests) == ("offered", True, 2)


# replay


@pytest.mark.parametrize("kind", ["fies", *SCALES])
def test_payloads_and_frozen_documents_alone_give_the_same_explanation(kind: str) -> None:
    programme = programme_of(kind)
    given: list[Any] = [1, 0] + ["refused"] * (len(programme.need_scale().names) - 2)
    events = history(programme, given, capacity="low")
    again = explain_from_payloads([to_payload(each) for each in events], documents(programme))
    assert again == explain(events, programme)


def test_a_new_calibration_rule_or_threshold_moves_no_past_explanation() -> None:
    events = history(FIES, HALF)
    kept = dict(documents(FIES))
    before = explain_from_payloads([to_payload(each) for each in events], kept)
    for other in (
        programme_of("fies", version="2", rule=FIES.rule.model_copy(update={"certain_yes": 0.7, "version": "2"})),
        programme_of("fies", version="3", need=FIES.need.model_copy(update={"threshold": "severe"})),
        programme_of("2pl", version="4"),
    ):
        kept |= documents(other)
        assert explain_from_payloads([to_payload(each) for each in events], kept) == before
        with pytest.raises(CaseError) as error:
            explain(events, other)
        assert code_of(error) == "explain.other-documents"


def test_without_the_frozen_definition_there_is_no_explanation() -> None:
    events = [to_payload(each) for each in history(FIES, HALF)]
    with pytest.raises(CaseError) as error:
        explain_from_payloads(events, {})
    assert code_of(error) == "explain.other-documents"


def altered(**changes: Any) -> list[CaseEvent]:
    return [replace(each, **changes) if isinstance(each, Assessed) else each for each in history(FIES, HALF)]


@pytest.mark.parametrize("figure", ["theta", "se", "p"])
@pytest.mark.parametrize(("by", "refused"), [(2e-9, True), (-2e-9, True), (1e-10, False)])
def test_a_figure_that_is_not_the_frozen_one_is_refused_and_never_shown(
    figure: str, by: float, refused: bool
) -> None:
    was = next(each for each in history(FIES, HALF) if isinstance(each, Assessed))
    events = altered(**{figure: getattr(was, figure) + by})
    if not refused:
        explain(events, FIES)
        return
    with pytest.raises(CaseError) as error:
        explain(events, FIES)
    assert code_of(error) == "explain.differs"
    assert f"{was.theta:.3f}" not in str(error.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"p_range": (0.0, 1.0)},
        {"theta": float("nan")},
        {"answers": dict.fromkeys(FIES.need_scale().names, 1)},
        {"answers": {"OTHER": 1}},
        {"threshold": 0.1},
    ],
    ids=["range", "nan", "answers", "items", "line"],
)
def test_a_record_that_was_altered_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(CaseError) as error:
        explain(altered(**changes), FIES)
    assert code_of(error) == "explain.differs"


@pytest.mark.parametrize("part", ["definition_hash", "instrument_hash", "scale_hash", "rule_hash"])
def test_another_document_is_refused(part: str) -> None:
    with pytest.raises(CaseError) as error:
        explain(altered(**{part: "0" * 64}), FIES)
    assert code_of(error) == "explain.other-documents"


def test_another_proposal_than_the_rule_s_is_refused() -> None:
    events = [replace(e, proposal="offer") if isinstance(e, Proposed) else e for e in history(FIES, HALF)]
    with pytest.raises(CaseError) as error:
        explain(events, FIES)
    assert code_of(error) == "explain.differs"


# what the person says is wrong


def test_a_stated_correction_is_measured_as_the_corrected_case_would_be() -> None:
    found = what_if_corrected(history(FIES, HALF), FIES, {"WORRIED": "0"})
    right = why([0, *HALF[1:]]).measured
    assert (found.theta_before, found.p_before) == (why().measured.theta, why().measured.p)
    assert (found.theta, found.p) == (right.theta, right.p)


def test_a_correction_to_not_knowing_is_unknown_and_never_no() -> None:
    missing = next(code.code for code in FIES.need_instrument().missing)
    found = what_if_corrected(history(FIES, HALF), FIES, {"WORRIED": missing})
    as_no = what_if_corrected(history(FIES, HALF), FIES, {"WORRIED": "0"})
    assert as_no.theta < found.theta < found.theta_before


@pytest.mark.parametrize(
    ("corrections", "code"),
    [
        ({}, "explain.nothing-corrected"),
        ({"WORRIED": "1"}, "explain.nothing-corrected"),
        ({"SAVINGS": "1"}, "explain.nothing-corrected"),
        ({"WORRIED": "7"}, "explain.no-choice"),
        ({"WORRIED": ""}, "explain.no-choice"),
    ],
)
def test_without_a_stated_correction_nothing_is_measured(corrections: dict[str, str], code: str) -> None:
    with pytest.raises(CaseError) as error:
        what_if_corrected(history(FIES, HALF), FIES, corrections)
    assert code_of(error) == code


def test_nothing_but_what_was_stated_is_in_the_result() -> None:
    found = what_if_corrected(history(FIES, HALF), FIES, {"WORRIED": "0"})
    assert set(found.__slots__) == {"theta_before", "p_before", "theta", "p"}  # no proposal to aim at


def test_the_library_s_programme_is_the_one_explained_here() -> None:
    assert load_programme("demo-town").hash() == FIES.hash()


def test_completion_counts_are_no_part_of_the_figures() -> None:
    events = history(FIES, HALF)
    other = [replace(e, answered=0) if isinstance(e, CaseCompleted) else e for e in events]
    assert explain(other, FIES) == explain(events, FIES)

"""Findings in forms: each rule finds its fault, names the row, and is quiet about a form without it."""

from pathlib import Path
from typing import Any

import pytest

from evenhand.programme.instrument import load_instrument
from evenhand.programme.instrumentlint import lint_instrument
from evenhand.programme.xlsform import read_form
from evenhand.programme.xlsformfinding import Finding
from evenhand.programme.xlsformlint import lint
from evenhand.service.instrument import check_instrument
from tests.programme.forms import HAVE, SURVEY, YES_NO, write_book, write_form

HEADER = ("type", "name", "label::English (en)", "label::ru", "required", "relevant", "constraint", "calculation",
          "default", "choice_filter")  # fmt: skip
CHOICES = (*HAVE, *YES_NO)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "form.xlsx"


def row(kind: str, name: str, label: str = "", **cells: str) -> tuple[str, ...]:
    """A row of the survey sheet, the Russian label made from the English one."""
    texts = {"label::English (en)": label, "label::ru": f"{label} (по-русски)" if label else ""}
    found = {"type": kind, "name": name, **texts, **cells}
    return tuple(found.get(column, "") for column in HEADER)


def findings(path: Path, *rows: tuple[str, ...], choices: Any = CHOICES) -> list[Finding]:
    return list(lint(read_form(write_form(path, [*SURVEY, *rows], choices, header=HEADER))))


def rules(found: list[Finding]) -> list[str]:
    return [each.rule for each in found]


def test_a_sound_form_has_no_findings(path: Path) -> None:
    why = row("select_one yes_no", "WARM_why", "Was it the cost?", relevant="${WARM} = '2'")
    days = row("integer", "DAYS", "On how many days?", constraint=". >= 0 and . <= 7")
    total = row("calculate", "total", calculation="${DAYS} + 1")
    assert findings(path, why, days, total) == []


# In a published form the follow-ups of one coping strategy were shown by the answers to another.
WRONG_STEMS = [
    row("select_one yes_no", "Stress1", "Did you sell goods?"),
    row("select_one yes_no", "Stress4", "Did you spend savings?"),
    row("select_one yes_no", "Crisis1", "Did you sell tools?"),
    row("select_one yes_no", "Crisis3", "Did you take children out of school?"),
    row("select_one yes_no", "Stress4_why", "Why not?", relevant="${Crisis1} = '0'"),
    row("select_one yes_no", "Crisis3_why", "Why not that?", relevant="${Stress1} = '0'"),
    row("select_one yes_no", "Crisis1_why", "Why not tools?", relevant="${Crisis1} = '0'"),
]


def test_a_follow_up_that_belongs_to_another_question(path: Path) -> None:
    found = findings(path, *WRONG_STEMS)
    assert [(each.rule, each.question, each.row) for each in found] == [
        ("relevant-other-item", "Stress4_why", 11),
        ("relevant-other-item", "Crisis3_why", 12),
    ]
    assert "'Crisis1'" in found[0].message
    assert "${Stress4}" in found[0].mend


def test_a_follow_up_by_way_of_a_calculation_is_its_own(path: Path) -> None:
    rows = [
        row("calculate", "cold", calculation="if(${WARM} = '2', 1, 2)"),
        row("text", "WARM_why", "Why is it cold?", relevant="${cold} = 1"),
    ]
    assert findings(path, *rows) == []


# A published guide prints item 2's text for item 3.
def test_an_item_that_has_another_item_s_text(path: Path) -> None:
    found = findings(path, row("select_one have", "COAT", "Does everyone have shoes?"))
    assert rules(found) == ["wording-twice"]
    assert (found[0].question, found[0].row) == ("COAT", 7)
    assert "'SHOES' (row 4, en)" in found[0].message


def test_the_same_follow_up_after_several_questions_is_no_fault(path: Path) -> None:
    days = [
        row("integer", f"{name}_days", "On how many days?", relevant=f"${{{name}}} = '1'")
        for name in ("WARM", "SHOES")
    ]
    assert findings(path, *days) == []


# Scripts and forms code a missing frequency as 0.
@pytest.mark.parametrize(
    "calculation",
    [
        "coalesce(${DAYS}, 0)",
        "if(${DAYS} = '', 0, ${DAYS})",
        "if(${DAYS}='', '0', ${DAYS}) * 2",
        "if(string-length(${DAYS}) = 0, 0, ${DAYS})",
        "if(${DAYS} != '', ${DAYS}, 0)",
        "if(string-length(${DAYS}) > 0, ${DAYS}, 0) + coalesce(${DAYS}, '')",
        "1 * coalesce( ${DAYS} , 0.0 )",
    ],
)
def test_no_answer_that_is_turned_into_zero(calculation: str, path: Path) -> None:
    days = row("integer", "DAYS", "On how many days?")
    found = findings(path, days, row("calculate", "days0", calculation=calculation))
    assert rules(found) == ["missing-as-zero"]
    assert found[0].question == "days0"


@pytest.mark.parametrize(
    "calculation", ["coalesce(${DAYS}, '')", "if(${DAYS} > 3, 1, 0)", "coalesce(${DAYS}, 10)"]
)
def test_zeros_that_stand_for_an_answer_are_no_fault(calculation: str, path: Path) -> None:
    days = row("integer", "DAYS", "On how many days?")
    assert findings(path, days, row("calculate", "more", calculation=calculation)) == []


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([row("text", "a", "More?", relevant="${NOWHERE} = '1'")], "reference-unknown"),
        ([row("calculate", "a", calculation="${NOWHERE} + 1")], "reference-unknown"),
        ([row("integer", "a", "How many?", constraint=". <= ${NOWHERE}")], "reference-unknown"),
        ([row("text", "a", "More?", relevant="${b} = '1'"), row("text", "b", "Less?")], "relevant-later"),
        ([row("integer", "a", "How many?", constraint=">= 0 and <= 7")], "constraint-nothing"),
        ([row("integer", "a", "How many?", constraint="0.5 < 7")], "constraint-nothing"),
        ([row("integer", "a", "How many?", constraint="(. >= 0")], "expression-syntax"),
        ([row("text", "a", "More?", relevant="${WARM} = ‘1’")], "expression-syntax"),
        ([row("text", "a", "More?", relevant="${WARM = '1'")], "expression-syntax"),
        ([row("calculate", "a", calculation="pulldata('prices', 'price', 'town', ${WARM})")], "looked-up"),
        ([row("text", "a", "How is it?", default="${last-saved#a}")], "looked-up"),
        ([row("integer", "a", "On how many days?", default="0")], "default-answer"),
        ([row("select_one have", "a", "Have you a coat?", default="1")], "default-answer"),
        ([row("text", "WARM", "Warm again?")], "name-twice"),
        ([row("text", "warm", "Warm again?")], "name-twice"),
        ([row("text", "", "What else?")], "name-invalid"),
        ([row("text", "7up", "What else?")], "name-invalid"),
        ([row("textt", "a", "What else?")], "type-unknown"),
        ([row("text", "a")], "label-missing"),
        ([row("", "a", "What else?")], "type-missing"),
        ([row("select_one nowhere", "a", "What else?")], "choices-missing"),
        ([row("select_multiple yes_no", "a", "What else?")], "select-multiple-item"),
        ([row("begin_group", "g", "More")], "group-open"),
        ([row("end_group", "g")], "group-open"),
        ([row("begin_group", "g", "More"), row("end_repeat", "")], "group-open"),
        ([row("select_one have", "a", "What else?", choice_filter="region = ${WARM}")], "choices-filtered"),
        ([("text", "a", "Only English", "")], "translation-missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_of_a_row_is_found(rows: list[tuple[str, ...]], rule: str, path: Path) -> None:
    found = findings(path, *rows)
    # The guard also doubts some values that are looked up elsewhere.
    assert set(rules(found)) - {"boundary-doubt"} == {rule}
    assert found[0].row >= 7
    assert found[0].mend


LIST = (("l", "a", "First", "Первый"), ("l", "b", "Second", "Второй"), ("l", "no", "Refused", "Отказ"))


@pytest.mark.parametrize(
    ("choices", "rule"),
    [
        ([*LIST, ("l", "b", "Third", "Третий")], "code-twice"),
        ([*LIST, ("l", "B", "Third", "Третий")], "code-twice"),
        ([*LIST, ("l", "", "Third", "Третий")], "code-missing"),
        ([*LIST, ("l", "a c", "Third", "Третий")], "code-space"),
        ([*LIST, ("l", "c", "Second", "Третий")], "choice-label-twice"),
        ([*LIST, ("m", "a", "First", "Первый")], "choices-unused"),
        ([*LIST, ("l", "c", "Third", "")], "translation-missing"),
        ([*LIST, ("l", "99", "Other", "Другое")], "missing-unclear"),
        ([*LIST, ("l", "0", "Don't know", "Не знаю")], "missing-as-zero"),
        (LIST[:2], "required-without-refusal"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_of_a_choice_list_is_found(choices: Any, rule: str, path: Path) -> None:
    asked = row("select_one l", "a", "Which of them?", required="yes")
    found = findings(path, asked, choices=[*CHOICES, *choices])
    assert rules(found) == [rule]


def test_a_question_of_consent_may_be_required_without_a_choice_to_refuse(path: Path) -> None:
    asked = row("select_one l", "consent", "Do you agree to take part?", required="yes")
    assert findings(path, asked, choices=[*CHOICES, *LIST[:2]]) == []


def test_merged_cells_are_named(path: Path) -> None:
    import openpyxl

    write_form(path)
    book = openpyxl.load_workbook(path)
    book["survey"].merge_cells("C3:D3")
    book.save(path)
    found = lint(read_form(path))
    assert "merged-cells" in [each.rule for each in found]
    assert "C3:D3" in next(each.message for each in found if each.rule == "merged-cells")


def test_the_boundary_is_one_of_the_findings_and_all_places_are_named(path: Path) -> None:
    found = findings(
        path, ("start", "start"), ("deviceid", "dev"), ("text", "q", "Your passport number", "Паспорт")
    )
    assert rules(found)[:2] == ["boundary.paradata", "boundary.paradata"]
    assert "boundary.identity" in rules(found)
    assert [each.row for each in found[:2]] == [7, 8]


def test_what_the_guard_doubts_is_a_finding_and_no_refusal(path: Path) -> None:
    found = findings(path, row("text", "q", "In which country were you born?"))
    assert set(rules(found)) == {"boundary-doubt"}


def test_a_form_of_endless_faults_keeps_the_first_ones(path: Path) -> None:
    found = findings(path, *(row("textt", f"q{k}", "What else?") for k in range(700)))
    assert len(found) == 500
    assert found[0].row == 7


@pytest.mark.parametrize("name", ["fies", "material-deprivation"])
def test_the_instruments_of_the_library_have_no_findings(name: str) -> None:
    assert check_instrument(name) == ()


def test_an_instrument_s_findings() -> None:
    good = load_instrument("material-deprivation")
    items = (good.items[0], good.items[1].model_copy(update={"wording": good.items[0].wording}))
    have = tuple(
        choice.model_copy(update={"category": place}) for place, choice in enumerate(good.choices["have"])
    )
    spoilt = good.model_copy(update={"items": items, "choices": {"have": have}, "missing": ()})
    found = [each.rule for each in lint_instrument(spoilt, "x")]
    assert found == ["wording-twice", "wording-twice", "other-reason-counted", "no-refusal"]


def test_a_workbook_of_answers_is_no_form(tmp_path: Path) -> None:
    from evenhand.errors import InstrumentError

    path = write_book(tmp_path / "answers.xlsx", Sheet1=[("Q1", "Q2"), (1, 0)])
    with pytest.raises(InstrumentError) as caught:
        check_instrument(path)
    assert caught.value.code == "xlsform.no-survey"

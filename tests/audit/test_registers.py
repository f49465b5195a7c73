"""Tests of drafts: every field is filled from the files or asks, and nothing comes from elsewhere."""

import pytest

from evenhand.audit.draft import REGISTERS, TO_WRITE, Register
from evenhand.audit.registers import draft
from evenhand.errors import OptionError
from evenhand.programme.definition import load_programme
from evenhand.report.registers import draft_body, draft_html, draft_markdown
from evenhand.service.expect import expected_errors

DEMO = load_programme("demo-town")
LEAST: dict[Register, int] = {"atrs": 20, "fria": 14, "dpia": 17, "instrument-card": 16}


@pytest.mark.parametrize("register", REGISTERS)
def test_every_field_is_filled_or_asks_the_controller(register: Register) -> None:
    made = draft(DEMO, register)
    fields = [field for section in made.sections for field in section.fields]
    assert len(fields) >= LEAST[register]
    for field in fields:
        assert field.value or field.ask
        assert (TO_WRITE in field.text.lower()) == bool(field.ask)
    assert made.definition_hash == DEMO.hash()


@pytest.mark.parametrize("register", REGISTERS)
def test_page_markdown_and_machine_form_hold_every_field(register: Register) -> None:
    made = draft(DEMO, register)
    page, text, body = draft_html(made), draft_markdown(made), draft_body(made)
    assert body["left"] == list(made.left)
    assert page.lower().count(f"<strong>{TO_WRITE}") == len(made.left)
    assert text.lower().count(f"*{TO_WRITE}: ") == len(made.left)
    for section in made.sections:
        for field in section.fields:
            assert f"**{field.name}.**" in text
            assert field.name in page
    assert "<script" not in page
    assert "http" not in page.replace("https://", "http://").replace(DEMO.controller.contact, "")


@pytest.mark.parametrize(
    ("heading", "register"),
    [
        ("(a) Processes in which the system is used", "fria"),
        ("(f) If risks materialise", "fria"),
        ("(a) Systematic description of the processing", "dpia"),
        ("(d) Measures", "dpia"),
        ("Tier 1: overview", "atrs"),
        ("Tier 2: tool specification", "atrs"),
    ],
)
def test_the_sections_of_the_law_are_there(heading: str, register: Register) -> None:
    assert heading in {section.heading for section in draft(DEMO, register).sections}


def test_numbers_come_from_the_definition() -> None:
    text = draft_markdown(draft(DEMO, "dpia"))
    assert f"within {DEMO.appeals.answer_days} days" in text
    assert f"answers after {DEMO.retention.answers_days} days" in text
    changed = DEMO.model_copy(update={"appeals": DEMO.appeals.model_copy(update={"answer_days": 13})})
    changed._measured = DEMO._measured
    assert "within 13 days" in draft_markdown(draft(changed, "dpia"))


def test_expected_errors_fill_the_field_on_risks_and_are_asked_for_without() -> None:
    plain = draft_markdown(draft(DEMO, "fria"))
    assert "the expected errors" in plain
    told = draft_markdown(draft(DEMO, "fria", expectation=expected_errors(DEMO, n=200, towns=5)))
    assert "the expected errors" not in told
    assert "In a simulation of 200 people" in told


def test_the_programme_s_own_words_are_in_the_language_asked_for() -> None:
    assert DEMO.title["ru"] in draft(DEMO, "atrs", language="ru").title
    assert DEMO.title["en"] in draft(DEMO, "atrs", language="xx").title


def test_hostile_words_stay_words() -> None:
    words = {"name": "<script>alert(1)</script> *bold* [x](javascript:1)", "contact": "c", "complaints": "d"}
    hostile = DEMO.model_copy(update={"controller": DEMO.controller.model_copy(update=words)})
    hostile._measured = DEMO._measured
    made = draft(hostile, "atrs")
    assert "<script>" not in draft_html(made)
    assert "\\*bold\\*" in draft_markdown(made)
    assert "\\<script\\>" in draft_markdown(made)


def test_an_unknown_register_is_refused() -> None:
    with pytest.raises(OptionError) as error:
        draft(DEMO, "score")  # type: ignore[arg-type]
    assert error.value.code == "audit.register"

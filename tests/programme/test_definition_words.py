"""The boundary in programme files: no field, name or wording leads round it."""

from importlib import resources
from pathlib import Path

import pytest

from evenhand.errors import BoundaryError, EvenhandError
from evenhand.programme.definition import examine, library_text
from evenhand.programme.yamltext import PROGRAMME_FILE, parse_document

GOOD = library_text("demo-town").decode("utf-8")


def faults_of(text: str, folder: Path | None = None) -> tuple[EvenhandError, ...]:
    return examine(parse_document(text.encode(), source="mine.yaml", kind=PROGRAMME_FILE), folder=folder)[1]


def with_change(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


@pytest.mark.parametrize("place", ["budget:\n", "  certain_yes: 0.90\n"], ids=["at the top", "in the rule"])
@pytest.mark.parametrize(
    "field",
    [
        "national_id", "passport", "blacklist", "penalty", "religion", "gps", "sanctions_days", "on_suspicion",
        "exclude_when", "repayment", "eligibility_across", "shared_score", "lifetime_need", "rating", "person_id",
        "auto_refuse", "bulk_decisions",
    ],
)  # fmt: skip
def test_no_field_leads_round_the_boundary(field: str, place: str) -> None:
    indent = place[: len(place) - len(place.lstrip())]
    found = faults_of(with_change(place, f"{indent}{field}: 1\n{place}"))
    assert len(found) == 1
    assert isinstance(found[0], BoundaryError)
    assert f"field {'rule.' if indent else ''}{field}" in found[0].where
    assert found[0].why


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("claw_back", "boundary.sanction"),
        ("eligibility_across", "boundary.across-programmes"),
        ("auto_refuse", "boundary.automatic-refusal"),
    ],
)
def test_a_refused_field_names_its_rule(field: str, code: str) -> None:
    assert [fault.code for fault in faults_of(f"{GOOD}\n{field}: 1\n")] == [code]


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ("name: home_kind", "name: passport", "boundary.identity", "fields[2].name"),
        ("Do you live alone or with others?", "What is your religion?", "boundary.religion", "fields[2].label.en"),
        ("Живу с другими", "Состою в профсоюзе", "boundary.union", "fields[2].choices[2].labels.ru"),
        ("A home with a child under two comes", "People without fines come", "boundary.registers", "purpose.en"),
        ("Food parcel for a month", "Reward for loyalty", "boundary.loyalty", "support[1].title.en"),
        ("We use your answers to decide", "Your political views decide", "boundary.political", "text.en"),
        ("key: quarry", "key: gypsies", "boundary.ethnicity", "districts[3].key"),
    ],
)
def test_wording_is_refused_with_line_and_rule(old: str, new: str, code: str, where: str) -> None:
    found = faults_of(with_change(old, new))
    assert code in [fault.code for fault in found]
    fault = next(each for each in found if each.code == code)
    assert isinstance(fault, BoundaryError)
    assert where in fault.where
    assert "mine.yaml, line" in fault.where


TOLD = "Nobody asks for your passport number"
RECORD = f"justifications: [{{text: {TOLD}, reason: It says that nobody asks, by: Anna Orlova}}]"


def with_notice(record: str = "justifications: []") -> str:
    text = with_change("We use your answers to decide about a food parcel.", TOLD)
    return text.replace("justifications: []", record)


def test_a_notice_may_say_what_is_not_asked_with_a_recorded_reason() -> None:
    assert [fault.code for fault in faults_of(with_notice())] == ["programme.unjustified"]
    assert faults_of(with_notice(RECORD)) == ()


def test_a_reason_for_other_wording_excuses_nothing() -> None:
    other = RECORD.replace("Nobody asks", "Somebody asks")
    assert [fault.code for fault in faults_of(with_notice(other))] == ["programme.unjustified"]


def test_no_recorded_reason_excuses_what_a_question_asks() -> None:
    asked = "What is your passport number?"
    record = f'justifications: [{{text: "{asked}", reason: We would like to know, by: Anna Orlova}}]'
    text = with_change("Do you live alone or with others?", asked).replace("justifications: []", record)
    assert [fault.code for fault in faults_of(text)] == ["boundary.identity"]


def test_a_reason_stands_once_and_says_something() -> None:
    twice = RECORD[:-1] + RECORD[len("justifications: ") :].replace("[", ", ")
    assert [fault.code for fault in faults_of(with_notice(twice))] == ["programme.justification-twice"]
    short = RECORD.replace("It says that nobody asks", "fine")
    assert "programme.field" in [fault.code for fault in faults_of(with_notice(short))]


def test_an_office_has_a_telephone_and_a_court_to_complain_to() -> None:
    text = with_change("Room 4, Town Hall, Lindenford;", "e-mail help at example, phone number 1;")
    assert faults_of(text.replace("Room 1, Town Hall;", "or the district court;")) == ()


def test_an_office_is_not_named_by_belief() -> None:
    found = faults_of(with_change("Town of Lindenford, office", "Muslim aid of Lindenford, office"))
    assert [fault.code for fault in found] == ["boundary.religion"]


@pytest.mark.parametrize("place", ["Town of Lindenford, office", "We use your answers to decide"])
def test_speaking_of_a_passport_hides_nothing_else(place: str) -> None:
    found = faults_of(with_change(place, f"Passport number and religion. {place}"))
    assert [fault.code for fault in found] == ["boundary.religion"]


def test_a_doubted_question_needs_a_recorded_reason() -> None:
    asked = "What is your citizenship?"
    text = with_change("Do you live alone or with others?", asked)
    assert [fault.code for fault in faults_of(text)] == ["boundary.doubt"]
    record = f'justifications: [{{text: "{asked}", reason: The law names residents only, by: Anna Orlova}}]'
    assert faults_of(text.replace("justifications: []", record)) == ()


def test_a_doubted_question_of_an_instrument_needs_a_recorded_reason(tmp_path: Path) -> None:
    asked = "Do you have a disability?"
    capacity = resources.files("evenhand.programme").joinpath("library", "capacity.yaml").read_text("utf-8")
    old = "Do you have a working cooker and a fridge at home?"
    assert old in capacity
    (tmp_path / "own.yaml").write_text(capacity.replace(old, asked), encoding="utf-8")
    text = with_change("instrument: capacity", "instrument: own.yaml")
    assert [fault.code for fault in faults_of(text, tmp_path)] == ["boundary.doubt"]
    record = f'justifications: [{{text: "{asked}", reason: Parcels can be brought, by: Anna Orlova}}]'
    assert faults_of(text.replace("justifications: []", record), tmp_path) == ()
    with (tmp_path / "own.yaml").open("a", encoding="utf-8") as file:
        file.write(record + "\n")
    assert faults_of(text, tmp_path) == ()


@pytest.mark.parametrize("by", ["the office", "admin", "x"])
def test_a_reason_is_a_named_person_s(by: str) -> None:
    asked = "What is your citizenship?"
    record = f'justifications: [{{text: "{asked}", reason: The law names residents only, by: {by}}}]'
    text = with_change("Do you live alone or with others?", asked).replace("justifications: []", record)
    assert [fault.code for fault in faults_of(text)] == ["boundary.justification"]

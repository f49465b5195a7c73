"""Forms in: what is read, what is taken from the words, what has to be said, and what is refused."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from evenhand.errors import BoundaryError, InstrumentError
from evenhand.programme.instrument import instrument_from
from evenhand.programme.instrumentwrite import instrument_yaml
from evenhand.programme.xlsform import read_form
from evenhand.programme.xlsformimport import Imported, ImportOptions, import_form
from evenhand.programme.yamltext import parse_document
from tests.programme.forms import (
    CHOICES_HEADER,
    HAVE,
    SETTINGS,
    SURVEY,
    SURVEY_HEADER,
    YES_NO,
    write_book,
    write_form,
)

MORE = ImportOptions(direction="more")


def imported(path: Path, options: ImportOptions = MORE, **languages: str) -> Imported:
    return import_form(read_form(path, languages=languages), options)


def with_options(**options: Any) -> ImportOptions:
    return dataclasses.replace(MORE, **options)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "form.xlsx"


def test_a_form_becomes_an_instrument(path: Path) -> None:
    made = imported(write_form(path)).instrument
    assert (made.name, made.version, made.title) == ("winter", "3", {"en": "Winter needs", "ru": "Winter needs"})
    assert made.item_names == ("WARM", "SHOES", "SKIPPED")
    assert made.items[0].wording == {"en": "Is your home warm enough?", "ru": "Тепло ли у Вас дома?"}
    assert (made.items[0].wording_status, made.status) == ("official", "unvalidated")
    warm, _, skipped = made.coding()
    assert {code: warm.codes[code] for code in "123"} == {"1": 0, "2": 1, "3": 0}
    assert (skipped.codes["да"], skipped.codes["0"]) == (1, 0)
    assert warm.missing["не знаю"] == "dont_know"
    assert skipped.missing["-99"] == "refused"


def test_another_reason_is_not_deprivation_and_the_notes_say_so(path: Path) -> None:
    notes = " ".join(imported(write_form(path)).notes)
    assert "3 (No, for another reason) is category 0" in notes
    assert "98 (Don't know) is no answer, dont_know" in notes
    assert "Every select_one question was taken as an item: WARM, SHOES, SKIPPED." in notes


def test_the_file_that_is_written_gives_the_same_instrument(path: Path) -> None:
    made = imported(write_form(path))
    text = instrument_yaml(made.instrument, comment="\n".join(made.notes))
    assert instrument_from(parse_document(text.encode(), source="x")).hash() == made.instrument.hash()


def test_named_items_in_their_order_by_name_or_path(path: Path) -> None:
    options = with_options(items=("SKIPPED", "home/WARM"))
    assert imported(write_form(path), options).instrument.item_names == ("SKIPPED", "WARM")


def test_languages_that_are_wanted_only(path: Path) -> None:
    made = imported(write_form(path), with_options(languages=("ru",))).instrument
    assert made.languages == ("ru",)
    assert made.items[0].wording == {"ru": "Тепло ли у Вас дома?"}


OLD_WORDS = (
    ("begin group", "g", "Home"),
    ("select one from have", "A", "Is it warm?"),
    ("select1 have", "B", "Have you shoes?"),
    ("add select one prompt using have", "C", "Have you a coat?"),
    ("end group", "", ""),
)


def test_names_of_columns_and_types_that_older_forms_have(path: Path) -> None:
    choices = [row[:3] for row in HAVE]
    write_form(
        path,
        OLD_WORDS,
        choices,
        header=("Command", "Tag", "Caption", "relevance", "bind::required"),
        choices_header=("list name", "value", "caption"),
        settings=(),
    )
    made = imported(path)
    assert made.instrument.item_names == ("A", "B", "C")
    assert made.instrument.languages == ("en",)
    assert "en was assumed" in made.notes[0]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (("label::English (en)", "label::Russian (ru)"), ("en", "ru")),
        (("label::English", "label::Русский"), ("en", "ru")),
        (("label:en", "label:ru"), ("en", "ru")),
        (("label", "label::ru"), ("en", "ru")),
        (("label::en", "label::pt-BR"), ("en", "pt-BR")),
    ],
)
def test_languages_as_forms_write_them(header: tuple[str, str], expected: tuple[str, str], path: Path) -> None:
    survey = [row[:4] for row in SURVEY]
    second = "label::Portuguese (pt-BR)" if expected[1] == "pt-BR" else header[1]
    names = (header[0], second)
    write_form(path, survey, header=("type", "name", *names), choices_header=("list_name", "name", *names))
    assert imported(path).instrument.languages == expected


def test_a_language_whose_code_is_not_known_has_to_be_said(path: Path) -> None:
    names = ("label::Sakha tyla",)
    survey, choices = [row[:3] for row in SURVEY], [row[:3] for row in (*HAVE, *YES_NO)]
    write_form(
        path, survey, choices, header=("type", "name", *names), choices_header=("list_name", "name", *names)
    )
    with pytest.raises(InstrumentError) as caught:
        imported(path)
    assert caught.value.code == "xlsform.language"
    assert "'Sakha tyla=CODE'" in caught.value.mend
    form = read_form(path, languages={"Sakha tyla": "sah"})
    assert import_form(form, MORE).instrument.languages == ("sah",)


def test_russian_labels_without_a_language_are_taken_for_russian(path: Path) -> None:
    survey = [(*row[:2], row[3]) for row in SURVEY]
    choices = [(*row[:2], row[3]) for row in (*HAVE, *YES_NO)]
    header, choices_header = ("type", "name", "label"), ("list_name", "name", "label")
    write_form(path, survey, choices, header=header, choices_header=choices_header, settings=())
    assert imported(path).instrument.languages == ("ru",)


def test_blank_rows_disabled_rows_and_notes_are_passed_over(path: Path) -> None:
    survey = [
        ("note", "hello", "Welcome", "Добро пожаловать", ""),
        ("", "", "", "", ""),
        ("select_one nowhere", "GONE", "Not asked", "Не задаётся", "yes"),
        *((*row[:4], "") for row in SURVEY),
    ]
    write_form(path, survey, header=(*SURVEY_HEADER[:4], "disabled"))
    assert imported(path).instrument.item_names == ("WARM", "SHOES", "SKIPPED")


def test_spaces_no_break_spaces_and_numbers_as_floats(path: Path) -> None:
    choices = [
        (f" {name} ", float(code), f"\u00a0{en} ", f"{ru}\u200b") for name, code, en, ru in (*HAVE, *YES_NO)
    ]
    survey = [(f"{row[0]} ", f"\u00a0{row[1]}", f"{row[2]}\u00a0 ", *row[3:]) for row in SURVEY]
    plain = imported(write_form(path)).instrument
    assert imported(write_form(path, survey, choices)).instrument.hash() == plain.hash()


def test_true_and_false_cells(path: Path) -> None:
    survey = [(*row[:4], True) if row[0].startswith("select") else row for row in SURVEY]
    form = read_form(write_form(path, survey))
    assert [question.is_required for question in form.questions if question.is_asked] == [True, True, True]


def test_one_direction_for_single_items(path: Path) -> None:
    made = imported(write_form(path), with_options(directions={"SKIPPED": "less"})).instrument
    assert [item.direction for item in made.items] == ["more", "more", "less"]


def test_categories_that_the_user_says(path: Path) -> None:
    options = with_options(categories={"have": {"1": 0, "2": 2, "3": 1}})
    warm = imported(write_form(path), options).instrument.coding()[0]
    assert [warm.codes[code] for code in "123"] == [0, 2, 1]


def test_integer_codes_are_ordered_by_number_and_other_codes_as_they_stand(path: Path) -> None:
    numbers = [("s", code, f"Level {code}", f"Уровень {code}") for code in (3, 1, 2)]
    words = [("w", code, f"{code} it", f"{code} это") for code in ("never", "rarely", "often")]
    survey = [("select_one s", "A", "How bad?", "Насколько?"), ("select_one w", "B", "How often?", "Как часто?")]
    first, second = imported(write_form(path, survey, [*numbers, *words])).instrument.coding()
    assert [first.codes[code] for code in "123"] == [0, 1, 2]
    assert [second.codes[code] for code in ("never", "rarely", "often")] == [0, 1, 2]


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("Don't know", "dont_know"),
        ("DON’T KNOW", "dont_know"),
        ("I do not know", "dont_know"),
        ("Not sure", "dont_know"),
        ("Don't know / can't say", "dont_know"),
        ("Не знаю", "dont_know"),
        ("Затрудняюсь ответить", "dont_know"),
        ("Refused", "refused"),
        ("Refuse to answer", "refused"),
        ("I would rather not say", "refused"),
        ("Prefer not to answer", "refused"),
        ("Отказываюсь отвечать", "refused"),
        ("Не хочу отвечать", "refused"),
        ("Not applicable", "not_applicable"),
        ("Does not apply to us", "not_applicable"),
        ("Неприменимо", "not_applicable"),
        ("К нам не относится", "not_applicable"),
    ],
)
def test_labels_that_mean_no_answer(label: str, reason: str, path: Path) -> None:
    choices = [("l", 0, "No"), ("l", 1, "Yes"), ("l", 97, label)]
    write_form(path, [("select_one l", "A", "Have you shoes?")], choices, header=("type", "name", "label::en"),
               choices_header=("list_name", "name", "label::en"))  # fmt: skip
    assert imported(path).instrument.missing[0].reason == reason


@pytest.mark.parametrize(
    "label", ["Other", "Don't know / refused", "No answer", "I do not know anybody who could"]
)
def test_codes_whose_label_does_not_settle_it_have_to_be_said(label: str, path: Path) -> None:
    choices = [("l", 0, "No"), ("l", 1, "Yes"), ("l", 99, label)]
    write_form(path, [("select_one l", "A", "Have you shoes?")], choices, header=("type", "name", "label::en"),
               choices_header=("list_name", "name", "label::en"))  # fmt: skip
    with pytest.raises(InstrumentError) as caught:
        imported(path)
    assert caught.value.code == "xlsform.missing-unclear"
    assert "sheet choices, row 4" in caught.value.where
    assert "--missing 99=" in caught.value.mend
    said = imported(path, with_options(missing={"99": "not_applicable"})).instrument
    assert said.missing[0].reason == "not_applicable"
    answer = imported(path, with_options(missing={"99": "answer"})).instrument
    assert answer.missing == ()
    assert answer.coding()[0].codes["99"] == 2


def test_codes_that_go_on_without_a_gap_are_answers(path: Path) -> None:
    choices = [("l", code, f"{code} days") for code in range(8)]
    write_form(path, [("select_one l", "A", "On how many days?")], choices, header=("type", "name", "label::en"),
               choices_header=("list_name", "name", "label::en"))  # fmt: skip
    assert imported(path).instrument.coding()[0].categories == 8


def test_the_same_code_in_other_words_keeps_both_labels(path: Path) -> None:
    choices = [*HAVE, *YES_NO[:2], ("yes_no", 98, "I don't know", "Не знаю")]
    made = imported(write_form(path, SURVEY, choices)).instrument
    assert [(entry.code, entry.labels["en"]) for entry in made.missing] == [
        ("98", "Don't know"),
        ("99", "Prefer not to say"),
        ("98", "I don't know"),
    ]


def changed(rows: tuple[tuple[Any, ...], ...], place: int, *row: Any) -> list[tuple[Any, ...]]:
    return [*rows[:place], row, *rows[place + 1 :]]


FAULTS: dict[str, tuple[dict[str, Any], ImportOptions, str, str]] = {
    "no direction": ({}, ImportOptions(), "xlsform.direction", "survey, row 3"),
    "unknown item": ({}, with_options(items=("WARMTH",)), "xlsform.unknown-item", "form.xlsx"),
    "unknown language": ({}, with_options(languages=("fr",)), "xlsform.language", "form.xlsx"),
    "unknown code": ({}, with_options(missing={"77": "refused"}), "xlsform.unknown-choice", "form.xlsx"),
    "unknown list": ({}, with_options(categories={"hav": {"1": 0}}), "xlsform.unknown-choice", "form.xlsx"),
    "half the categories": (
        {},
        with_options(categories={"have": {"1": 0}}),
        "xlsform.categories",
        "choices, row 2",
    ),
    "several answers": (
        {"survey": changed(SURVEY, 1, "select_multiple have", "WARM", "Warm?", "Тепло?")},
        with_options(items=("WARM",)),
        "xlsform.not-one-answer",
        "survey, row 3",
    ),
    "free answer": (
        {"survey": changed(SURVEY, 1, "select_one have or_other", "WARM", "Warm?", "Тепло?")},
        with_options(items=("WARM",)),
        "xlsform.not-one-answer",
        "survey, row 3",
    ),
    "list in a file": (
        {"survey": changed(SURVEY, 1, "select_one_from_file towns.csv", "WARM", "Warm?", "Тепло?")},
        with_options(items=("WARM",)),
        "xlsform.not-one-answer",
        "survey, row 3",
    ),
    "repeat": (
        {
            "survey": [
                ("begin_repeat", "member", "Member", "Член семьи"),
                *SURVEY[1:3],
                ("end_repeat",),
                SURVEY[4],
            ]
        },
        MORE,
        "xlsform.in-repeat",
        "survey, row 3",
    ),
    "asked twice": (
        {"survey": [*SURVEY, ("select_one have", "WARM", "Again?", "Опять?")]},
        MORE,
        "xlsform.item-twice",
        "survey, row 3",
    ),
    "list missing": ({"choices": YES_NO}, MORE, "xlsform.choices-missing", "survey, row 3"),
    "code twice": (
        {"choices": [*HAVE, ("have", "1.0", "Yes again", "Да опять"), *YES_NO]},
        MORE,
        "xlsform.code",
        "choices, row 7",
    ),
    "code missing": (
        {"choices": [*HAVE, ("have", "", "No code", "Нет кода"), *YES_NO]},
        MORE,
        "xlsform.code",
        "choices, row 7",
    ),
    "choice not translated": (
        {"choices": [("have", 1, "Yes"), *HAVE[1:], *YES_NO]},
        MORE,
        "xlsform.translation-missing",
        "choices, row 2",
    ),
    "question not translated": (
        {"survey": changed(SURVEY, 1, "select_one have", "WARM", "Warm?")},
        MORE,
        "xlsform.translation-missing",
        "survey, row 3",
    ),
    "one reason here and another there": (
        {"choices": [*HAVE, *YES_NO[:2], ("yes_no", 98, "Refused", "Отказ")]},
        MORE,
        "xlsform.missing-conflict",
        "choices, row 9",
    ),
    "an answer here and none there": (
        {"choices": [*HAVE, *YES_NO[:2], ("yes_no", 2, "Refused", "Отказ")]},
        MORE,
        "instrument.code-both",
        "choices, row 2",
    ),
    "one category": (
        {},
        with_options(categories={"have": {"1": 0, "2": 0, "3": 0}}),
        "instrument.few-categories",
        "choices, row 2",
    ),
    "no items": ({"survey": [("note", "a", "Hello", "Привет")]}, MORE, "xlsform.no-items", "form.xlsx"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_left_open_or_wrong_is_one_error_with_its_row(fault: str, path: Path) -> None:
    parts, options, code, place = FAULTS[fault]
    write_form(path, parts.get("survey", SURVEY), parts.get("choices", (*HAVE, *YES_NO)))
    with pytest.raises(InstrumentError) as caught:
        imported(path, options)
    assert caught.value.code == code
    assert place in caught.value.where
    assert caught.value.mend


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (("start", "start"), "paradata"),
        (("end", "end"), "paradata"),
        (("today", "today"), "paradata"),
        (("deviceid", "deviceid"), "paradata"),
        (("imei", "phone"), "paradata"),
        (("get subscriber id", "sub"), "paradata"),
        (("simserial", "sim"), "paradata"),
        (("phonenumber", "number"), "paradata"),
        (("username", "user"), "paradata"),
        (("email", "mail"), "paradata"),
        (("audit", "audit"), "paradata"),
        (("geopoint", "where", "Where are you?", "Где Вы?"), "paradata"),
        (("q geotrace", "path", "Walk around", "Обойдите"), "paradata"),
        (("geoshape", "field", "Your field", "Ваше поле"), "paradata"),
        (("start-geopoint", "sg"), "paradata"),
        (("background-geopoint", "bg"), "paradata"),
        (("background-audio", "ba"), "paradata"),
        (("image", "photo", "A photo", "Фото"), "paradata"),
        (("add audio prompt", "voice", "Say it", "Скажите"), "paradata"),
        (("video", "film", "Film it", "Снимите"), "paradata"),
        (("file", "doc", "A document", "Документ"), "paradata"),
        (("barcode", "card", "Your card", "Ваша карта"), "paradata"),
        (("calculate", "began", "", "", "", "", "now()"), "paradata"),
        (("calculate", "day", "", "", "", "", "today()"), "paradata"),
        (("calculate", "dev", "", "", "", "", "property('deviceid')"), "paradata"),
        (("text", "full_name", "What are you called?", "Как к Вам обращаться?"), "identity"),
        (("text", "q7", "Passport number", "Номер паспорта"), "identity"),
        (("text", "q8", "What is your religion?", "Ваша религия?"), "religion"),
        (("note", "n1", "Which party did you vote for?", "За кого Вы голосовали?"), "political"),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, tuple) else value,
)
def test_a_form_that_asks_or_records_what_is_never_asked_is_refused(
    row: tuple[str, ...], code: str, path: Path
) -> None:
    write_form(path, [*SURVEY, row])
    with pytest.raises(BoundaryError) as caught:
        imported(path, with_options(items=("WARM",)))
    assert caught.value.code == f"boundary.{code}"
    assert "row 7" in caught.value.where


def test_choices_hints_and_entities_are_read_for_the_boundary(path: Path) -> None:
    choices = [*HAVE, *YES_NO, ("faith", "o", "Orthodox church", "Православная церковь")]
    with pytest.raises(BoundaryError, match="religion"):
        imported(write_form(path, choices=choices))
    hinted = [("text", "a", "How are you?", "Как дела?", "", "", "", "Write the passport number")]
    with pytest.raises(BoundaryError, match="hint"):
        imported(write_form(path, [*SURVEY, *hinted], header=(*SURVEY_HEADER, "hint")))
    write_book(path, survey=[SURVEY_HEADER, *SURVEY], choices=[CHOICES_HEADER, *HAVE, *YES_NO], settings=SETTINGS,
               entities=[("list_name", "label"), ("people", "x")])  # fmt: skip
    with pytest.raises(BoundaryError) as caught:
        imported(path)
    assert caught.value.code == "boundary.record-id"


def test_a_refusal_says_how_many_more_places_there_are(path: Path) -> None:
    with pytest.raises(BoundaryError) as caught:
        imported(write_form(path, [("start", "start"), ("end", "end"), *SURVEY]))
    assert "1 more places" in caught.value.why

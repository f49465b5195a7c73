"""Instrument files: every fault is one error that names file, line, field and the mend."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from evenhand.errors import BoundaryError, EvenhandError, InstrumentError
from evenhand.programme.coding import MISSING_REASONS
from evenhand.programme.instrument import Instrument, instrument_from, library_names, load_instrument
from evenhand.programme.instrumentlint import lint_instrument
from evenhand.programme.instrumentwrite import instrument_yaml
from evenhand.programme.yamltext import MAX_BYTES, parse_document

GOOD = """\
format: evenhand.instrument/1
name: short
version: "1"
title: {en: A short scale, ru: Короткая шкала}
status: unvalidated
licence: CC0-1.0
source: Nobody
respondent: person
component: need
scoring: model
missing:
  - {code: 98, reason: dont_know, labels: {en: Don't know, ru: Не знаю}}
choices:
  yes_no:
    - {code: 0, labels: {en: No, ru: Нет}}
    - {code: 1, labels: {en: Yes, ru: Да}}
  have:
    - {code: 1, category: 0, labels: {en: Yes, ru: Да}}
    - {code: 2, category: 1, labels: {en: Cannot afford it, ru: Не могу себе позволить}}
    - {code: 3, category: 0, labels: {en: Other reason, ru: Другая причина}}
items:
  - name: MEALS
    wording: {en: "Did you skip meals?", ru: "Пропускали ли Вы еду?"}
    wording_status: own
    choices: yes_no
    direction: more
    aliases: [skip_meals]
  - name: SHOES
    wording: {en: "Do you have good shoes?", ru: "Есть ли у Вас хорошая обувь?"}
    wording_status: own
    choices: have
    direction: less
published:
  source: Nobody
  b: {MEALS: -0.5, SHOES: 0.5}
  thresholds: {moderate: 0.1}
"""


def load(text: str, tmp_path: Path) -> InstrumentError:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InstrumentError) as caught:
        load_instrument(path)
    assert str(path) in caught.value.where
    assert caught.value.mend
    return caught.value


def test_reads_a_good_file() -> None:
    instrument = instrument_from(parse_document(GOOD.encode(), source="x"))
    meals, shoes = instrument.coding()
    assert meals.codes == {"0": 0, "no": 0, "нет": 0, "1": 1, "yes": 1, "да": 1}
    assert meals.missing == {"98": "dont_know", "don't know": "dont_know", "не знаю": "dont_know"}
    assert (meals.direction, shoes.direction) == (1, -1)
    assert meals.aliases == ("skip_meals",)
    assert (shoes.codes["1"], shoes.codes["2"], shoes.codes["3"]) == (0, 1, 0)
    assert shoes.categories == 2
    assert instrument.published is not None
    assert instrument.published.b == {"MEALS": (-0.5,), "SHOES": (0.5,)}


FAULTS = {
    "yaml": ("scoring: model", "scoring: [model", "instrument.yaml", "line "),
    "tab": ("scoring: model", "\tscoring: model", "instrument.yaml", "line 10"),
    "duplicate key": (
        "scoring: model",
        "scoring: model\nname: again",
        "instrument.duplicate-key",
        "lines 2 and 11",
    ),
    "anchor": ("name: short", "name: &a short", "instrument.anchor", "line 2"),
    "tag": ("name: short", "name: !!python/object:os.system short", "instrument.tag", "line 2"),
    "unknown field": ("respondent: person", "respondant: person", "instrument.unknown-field", "line 8"),
    "unknown item field": (
        "    direction: more",
        "    direktion: more",
        "instrument.unknown-field",
        "items[1].direktion",
    ),
    "missing field": ("licence: CC0-1.0\n", "", "instrument.missing-field", "licence"),
    "wrong value": ("status: unvalidated", "status: perfect", "instrument.field", "line 5, field status"),
    "number for text": ('version: "1"', "version: 1", "instrument.field", "line 3, field version"),
    "wrong reason": ("reason: dont_know", "reason: shrugged", "instrument.field", "missing[1].reason"),
    "format": ("evenhand.instrument/1", "evenhand.instrument/9", "instrument.format", "line 1"),
    "duplicate item": ("name: SHOES", "name: MEALS", "instrument.duplicate-item", "items[2].name"),
    "item named as an alias": ("name: SHOES", "name: Skip_Meals", "instrument.duplicate-item", "items[2].name"),
    "unknown choices": ("choices: have", "choices: hawe", "instrument.unknown-choices", "items[2].choices"),
    "one category": ("code: 2, category: 1", "code: 2, category: 0", "instrument.few-categories", "choices.have"),
    "gap": ("code: 2, category: 1", "code: 2, category: 2", "instrument.category-gap", "choices.have"),
    "no category": ("{code: 2, category: 1", "{code: two", "instrument.no-category", "choices.have[2]"),
    "code twice": ("{code: 3, category", "{code: 2, category", "instrument.code-twice", "choices.have[3]"),
    "label for two": (
        "{en: Other reason",
        "{en: cannot afford it",
        "instrument.code-ambiguous",
        "choices.have[3]",
    ),
    "answer and missing": ("code: 98", "code: 1", "instrument.code-both", "choices.yes_no[2]"),
    "language missing": ("{en: No, ru: Нет}", "{en: No}", "instrument.languages", "choices.yes_no[1].labels"),
    "language extra": ("{en: No, ru: Нет}", "{en: No, ru: Нет, fr: Non}", "instrument.languages", "yes_no[1]"),
    "published item": ("SHOES: 0.5}", "BOOTS: 0.5}", "instrument.published-items", "published.b"),
    "published count": ("SHOES: 0.5}", "SHOES: [0.5, 1]}", "instrument.published-count", "published.b.SHOES"),
    "key": ("name: short", "? [a]\n: b", "instrument.key", "line 2"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_with_its_place(fault: str, tmp_path: Path) -> None:
    old, new, code, where = FAULTS[fault]
    assert old in GOOD
    error = load(GOOD.replace(old, new, 1), tmp_path)
    assert error.code == code
    assert where in error.where


def test_a_typo_in_a_field_gets_a_suggestion(tmp_path: Path) -> None:
    error = load(GOOD.replace("scoring: model", "scoring: model\nreference_perod: {en: a, ru: b}"), tmp_path)
    assert "reference_period" in error.mend


def test_several_faults_are_one_error_with_the_first_line(tmp_path: Path) -> None:
    error = load(
        GOOD.replace("status: unvalidated", "status: x").replace("scoring: model", "scoring: y"), tmp_path
    )
    assert "line 5" in error.where
    assert "1 more" in error.what


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    assert load("", tmp_path).code == "instrument.empty"
    assert load("# only a comment\n", tmp_path).code == "instrument.empty"
    assert load("- a\n- b\n", tmp_path).code == "instrument.not-a-mapping"


def test_a_file_that_is_not_utf8_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"name: a\ntitle: \xcf\xf0\n")
    with pytest.raises(InstrumentError, match=r"instrument\.not-utf8") as caught:
        load_instrument(path)
    assert "line 2 (byte 15)" in caught.value.where


def test_a_byte_order_mark_is_tolerated(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_instrument(str(path)).name == "short"


def test_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InstrumentError, match=r"instrument\.directory"):
        load_instrument(tmp_path)


def test_an_absent_name_gets_the_nearest_of_the_library() -> None:
    with pytest.raises(InstrumentError, match=r"instrument\.not-found") as caught:
        load_instrument("material-deprivaton")
    assert "material-deprivation" in caught.value.mend


@pytest.mark.parametrize("name", ["", "\0", "x" * 5000, "no/such/file.yaml"])
def test_an_impossible_name_is_an_error_and_no_traceback(name: str) -> None:
    with pytest.raises(InstrumentError):
        load_instrument(name)


def test_a_file_that_is_too_long_is_refused(tmp_path: Path) -> None:
    assert load("#" * (MAX_BYTES + 1), tmp_path).code == "instrument.too-large"


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    assert load("a: " + "[" * 5000, tmp_path).code in {"instrument.too-deep", "instrument.yaml"}


def test_aliases_that_grow_are_refused(tmp_path: Path) -> None:
    assert load("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", tmp_path).code == "instrument.anchor"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("Did you skip meals?", "What is your religion?", "line 23"),
        ("Есть ли у Вас хорошая обувь?", "Состоите ли Вы в профсоюзе?", "line 29"),
        ("Other reason", "I was in prison", "line 20"),
        ("name: SHOES", "name: snils", "line 28"),
        ("aliases: [skip_meals]", "aliases: [ethnicity]", "line 27"),
    ],
)
def test_the_boundary_is_read_over_every_text(old: str, new: str, line: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BoundaryError) as caught:
        load_instrument(path)
    assert f"{path}, {line}" in caught.value.where


def test_the_hash_depends_on_content_only() -> None:
    laid_out = GOOD.replace("{en: No, ru: Нет}", "{\n        ru: 'Нет',\n        en: \"No\"}")
    laid_out = "# a comment\n" + laid_out.replace("code: 98", 'code: "98"').replace(
        "code: 0,", "code: 0, category: 0,"
    )
    reworded = GOOD.replace("good shoes", "warm shoes")
    hashes = [
        instrument_from(parse_document(text.encode(), source="x")).hash() for text in (GOOD, laid_out, reworded)
    ]
    assert hashes[0] == hashes[1]
    assert hashes[0] != hashes[2]


def test_an_instrument_cannot_be_changed() -> None:
    instrument = load_instrument("fies")
    with pytest.raises(ValidationError, match="frozen"):
        instrument.name = "other"  # type: ignore[misc]


def test_the_library_is_complete_and_bilingual() -> None:
    assert library_names() == ("capacity", "fies", "material-deprivation")
    for name in library_names():
        instrument = load_instrument(name)
        assert instrument.languages == ("en", "ru")
        assert all(coding.categories in {2, 3} for coding in instrument.coding())
        assert all(
            reason in MISSING_REASONS for coding in instrument.coding() for reason in coding.missing.values()
        )


def test_every_item_of_the_capacity_scale_measures_capacity_and_has_no_parameters() -> None:
    capacity = load_instrument("capacity")
    assert 6 <= len(capacity.items) <= 8
    assert {coding.component for coding in capacity.coding()} == {"capacity"}
    assert (capacity.status, capacity.published, capacity.licence) == ("unvalidated", None, "CC0-1.0")


def test_fies_has_the_published_parameters() -> None:
    fies = load_instrument("FIES")
    assert fies.item_names == ("WORRIED", "HEALTHY", "FEWFOOD", "SKIPPED", "ATELESS", "RUNOUT", "HUNGRY", "WHLDAY")
    assert fies.published is not None
    severities = {name: values[0] for name, values in fies.published.b.items()}
    assert severities == {
        "WORRIED": -1.2230564, "HEALTHY": -0.8471210, "FEWFOOD": -1.1056616, "SKIPPED": 0.3509848,
        "ATELESS": -0.3117999, "RUNOUT": 0.5065051, "HUNGRY": 0.7546138, "WHLDAY": 1.8755353,
    }  # fmt: skip
    assert fies.published.thresholds == {"moderate": severities["ATELESS"], "severe": severities["WHLDAY"]}
    assert {item.wording_status for item in fies.items} == {"paraphrase"}


def test_doing_without_for_another_reason_is_never_deprivation() -> None:
    for coding in load_instrument("material-deprivation").coding():
        in_need = 1 if coding.direction == 1 else 0
        assert coding.codes.get("3", 1 - in_need) != in_need
    assert -1 in {coding.direction for coding in load_instrument("material-deprivation").coding()}


def test_yes_and_no_are_words() -> None:
    assert parse_document(b"a: yes\nb: No\nc: on\nd: true\ne: 1e3\nf: 2024-01-01\ng:\n", source="x").data == {
        "a": "yes", "b": "No", "c": "on", "d": True, "e": 1000.0, "f": "2024-01-01", "g": None,
    }  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_is_an_evenhand_error(data: st.DataObject) -> None:
    content = bytearray(GOOD.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=6))
    with contextlib.suppress(EvenhandError):
        assert instrument_from(parse_document(bytes(content), source="x")).coding()


# recorded reasons

DOUBTED = "Which language do you speak at home?"
FIES = load_instrument("fies")
REASON = {"text": DOUBTED, "reason": "It chooses the language of the questions.", "by": "Anna Orlova"}


def reasoned(*entries: dict[str, str], wording: str = DOUBTED) -> Instrument:
    text = instrument_yaml(FIES).replace(FIES.items[0].wording["en"], wording)
    if entries:
        text += "justifications: " + json.dumps(entries, ensure_ascii=False) + "\n"
    return instrument_from(parse_document(text.encode(), source="own.yaml"))


def test_a_recorded_reason_stands_in_the_instrument_and_in_its_hash() -> None:
    plain, reasons = reasoned(), reasoned(REASON)
    assert (reasons.justifications[0].by, reasons.justifications[0].text) == ("Anna Orlova", DOUBTED)
    assert plain.hash() != reasons.hash()
    assert "justifications" not in plain.canonical()


def test_a_recorded_reason_is_written_and_read_back() -> None:
    reasons = reasoned(REASON)
    assert instrument_from(parse_document(instrument_yaml(reasons).encode(), source="again")) == reasons


def test_a_doubt_without_a_reason_is_a_finding() -> None:
    found = {each.rule for each in lint_instrument(reasoned(), "x.yaml")}
    assert found == {"boundary-doubt"}
    assert lint_instrument(reasoned(REASON), "x.yaml") == ()


@pytest.mark.parametrize(
    "entries",
    [
        (REASON | {"text": "Another text?"},),
        (REASON | {"by": "admin"},),
        (REASON | {"reason": "1234567890 a"},),
        (REASON | {"text": FIES.items[1].wording["en"]},),
        (REASON, REASON),
    ],
    ids=["no such text", "nobody", "no reason", "nothing doubted", "twice"],
)
def test_what_is_no_reason_of_a_named_person_is_refused(entries: tuple[dict[str, str], ...]) -> None:
    with pytest.raises(BoundaryError, match=r"boundary\.justification"):
        reasoned(*entries)


def test_no_reason_excuses_what_is_refused() -> None:
    asked = "What is your religion?"
    with pytest.raises(BoundaryError, match=r"boundary\.religion"):
        reasoned(REASON | {"text": asked}, wording=asked)

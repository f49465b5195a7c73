"""Programme files: a good one means what it says, and every fault is an error with file, line, rule and mend."""

import contextlib
import json
import random
from pathlib import Path

import pytest
from pydantic import ValidationError

from evenhand.errors import EvenhandError, ProgrammeError
from evenhand.programme.definition import (
    Programme,
    examine,
    library_programmes,
    library_text,
    load_programme,
    programme_from,
    programme_from_frozen,
)
from evenhand.programme.definitionscales import published_scale
from evenhand.programme.instrument import instrument_from, library_names, load_instrument
from evenhand.programme.yamltext import PROGRAMME_FILE, parse_document

GOOD = library_text("demo-town").decode("utf-8")


def faults_of(text: str, folder: Path | None = None) -> tuple[EvenhandError, ...]:
    document = parse_document(text.encode(), source="mine.yaml", kind=PROGRAMME_FILE)
    return examine(document, folder=folder)[1]


def with_change(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def programme(text: str = GOOD) -> Programme:
    return programme_from(parse_document(text.encode(), source="mine.yaml", kind=PROGRAMME_FILE))


def test_the_library_keeps_instruments_and_programmes_apart() -> None:
    assert library_programmes() == ("demo-town",)
    assert set(library_names()).isdisjoint(library_programmes())
    assert load_programme("demo-town") == load_programme("Demo-Town")


def test_the_town_measures_need_on_the_published_fies() -> None:
    town = programme()
    scale = town.need_scale()
    published = load_instrument("fies").published
    assert published is not None
    assert {item.name: item.b for item in scale.items} == published.b
    assert {(item.a, item.model) for item in scale.items} == {(1.0, "rasch")}
    assert scale.latent is not None
    assert (scale.latent.mean, scale.latent.sd, scale.latent.source) == (0.0, 1.5, "fixed")
    assert town.threshold_value() == published.thresholds["moderate"]
    assert scale.instrument.hash == load_instrument("fies").hash()


def test_capacity_has_no_scale_until_it_is_calibrated() -> None:
    town = programme()
    instrument = town.capacity_instrument()
    assert instrument is not None
    assert {coding.component for coding in instrument.coding()} == {"capacity"}
    assert town.capacity_scale() is None
    assert town.capacity_threshold() is None


def test_named_parts_are_found_and_unknown_ones_refused() -> None:
    town = programme()
    assert town.district("mill").name["ru"] == "Мельничный"
    assert town.region_of("quarry").key == "south"
    assert town.extra_field("children_under_2").priority_from == 1
    assert town.support_kind("food-parcel").cost == 1500
    for look, code in (
        (town.district, "programme.no-such-district"),
        (town.extra_field, "programme.no-such-field"),
        (town.support_kind, "programme.no-such-support"),
    ):
        with pytest.raises(ProgrammeError) as caught:
            look("nowhere")
        assert caught.value.code == code


def test_a_programme_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        programme().name = "other"  # type: ignore[misc]


def test_the_hash_depends_on_content_only() -> None:
    laid_out = "# another comment\n" + with_change(
        "title: {en: Food parcel for a month, ru:", 'title:  {en: "Food parcel for a month", ru:'
    )
    assert programme(laid_out).hash() == programme().hash()
    assert programme(with_change("places: 100", "places: 101")).hash() != programme().hash()


def test_the_hash_changes_with_the_instrument_behind_a_path(tmp_path: Path) -> None:
    fies = Path(__file__).parents[2] / "src/evenhand/programme/library/fies.yaml"
    text = with_change("instrument: fies", "instrument: own.yaml")
    hashes = []
    for version in ('version: "1"', 'version: "2"'):
        content = fies.read_text(encoding="utf-8").replace('version: "1"', version)
        (tmp_path / "own.yaml").write_text(content, encoding="utf-8")
        (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
        hashes.append(load_programme(tmp_path / "mine.yaml").hash())
    assert hashes[0] != hashes[1]


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("certain_yes: 0.90", "certain_yes: 0.91", True),
        ("threshold: moderate", "threshold: severe", True),
        ("latent: {mean: 0.0, sd: 1.5}", "latent: {mean: 0.0, sd: 1.4}", True),
        ("priority_from: 1", "priority_from: 2", True),
        ("places: 100", "places: 101", False),
        ("We ask for no document and no name", "Nobody asks for a document", False),
    ],
)
def test_the_rule_hash_changes_with_all_that_makes_a_proposal_and_nothing_else(
    old: str, new: str, changes: bool
) -> None:
    assert (programme(with_change(old, new)).rule_hash() != programme().rule_hash()) == changes


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("We ask for no document and no name", "Nobody asks for a document", True),
        ("answers_days: 180", "answers_days: 181", True),
        ("basis: public-task", "basis: legal-obligation", True),
        ("places: 100", "places: 101", False),
    ],
)
def test_the_notice_hash_changes_with_what_a_person_agrees_to_and_nothing_else(
    old: str, new: str, changes: bool
) -> None:
    assert (programme(with_change(old, new)).notice_hash() != programme().notice_hash()) == changes


def test_a_frozen_programme_reads_back_as_it_was() -> None:
    town = programme()
    documents = {each.hash: each.content for each in town.frozen()}
    assert {each.kind for each in town.frozen()} == {"programme", "notice", "instrument", "scale"}
    again = programme_from_frozen(documents[town.hash()], documents.__getitem__)
    assert again.hash() == town.hash()
    assert again.rule_hash() == town.rule_hash()
    assert again.notice_hash() == town.notice_hash()
    assert again.need_scale() == town.need_scale()
    assert again.need_instrument().coding() == town.need_instrument().coding()


def test_a_frozen_programme_with_another_instrument_is_refused() -> None:
    town = programme()
    documents = {each.hash: each.content for each in town.frozen()}
    need = town.need_instrument().hash()
    documents[need] = documents[need].replace("anxious", "afraid")
    with pytest.raises(ProgrammeError, match=r"programme\.other-parts"):
        programme_from_frozen(town.canonical(), documents.__getitem__)


def test_a_rule_that_is_stricter_than_then_does_not_hinder_a_replay() -> None:
    town = programme()
    documents = {each.hash: each.content for each in town.frozen()}
    then = town.canonical().replace("Do you live alone or with others?", "What is your religion?")
    assert programme_from_frozen(then, documents.__getitem__).fields[1].label["en"] == "What is your religion?"


def test_a_frozen_document_that_is_not_there_is_named() -> None:
    nothing: dict[str, str] = {}
    with pytest.raises(ProgrammeError, match=r"programme\.not-frozen"):
        programme_from_frozen(programme().canonical(), nothing.__getitem__)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"measured_by": 1}', '{"measured_by": {}, "name": 1}'])
def test_text_that_is_no_frozen_programme_is_refused(content: str) -> None:
    with pytest.raises(ProgrammeError, match=r"programme\.not-frozen"):
        programme_from_frozen(content, str)


FAULTS = {
    "yaml": ("purpose:\n", "purpose: [\n", "programme.yaml", "line "),
    "anchor": ("name: demo-town", "name: &a demo-town", "programme.anchor", "line 4"),
    "tag": ("name: demo-town", "name: !!binary demo-town", "programme.tag", "line 4"),
    "duplicate key": ('version: "1"', 'version: "1"\nname: again', "programme.duplicate-key", "lines 4 and 6"),
    "format": ("evenhand.programme/1", "evenhand.programme/9", "programme.format", "line 3"),
    "unknown field": ("appeals:\n", "colour: blue\nappeals:\n", "programme.unknown-field", "field colour"),
    "missing field": ('format: evenhand.programme/1\nname: demo-town', "format: evenhand.programme/1",
                      "programme.missing-field", "name"),
    "wrong value": ("basis: public-task", "basis: because", "programme.field", "lawful_basis.basis"),
    "no end": ("  ends: 2027-06-30\n", "", "programme.missing-field", "dates.ends"),
    "impossible date": ("2027-06-30", "2027-06-31", "programme.field", "dates.ends"),
    "dates out of order": ("opens: 2026-11-01", "opens: 2027-03-01", "programme.dates-order", "dates"),
    "too long": ("ends: 2027-06-30", "ends: 2028-11-02", "programme.dates-too-long", "dates.ends"),
    "band upside down": ("certain_no: 0.10", "certain_no: 0.95", "programme.band", "rule.certain_no"),
    "certain no of 0": ("certain_no: 0.10", "certain_no: 0", "programme.field", "rule.certain_no"),
    "certain yes of 1": ("certain_yes: 0.90", "certain_yes: 1", "programme.field", "rule.certain_yes"),
    "unknown threshold": ("threshold: moderate", "threshold: mild", "programme.threshold", "need.threshold"),
    "threshold without end": ("threshold: moderate", "threshold: 1e999", "programme.field", "need.threshold"),
    "unknown public threshold": ("[moderate, severe]", "[moderate, awful]", "programme.threshold",
                                 "statistics.thresholds[2]"),
    "capacity as need": ("instrument: fies", "instrument: capacity", "programme.component", "need.instrument"),
    "need as capacity": ("instrument: capacity", "instrument: material-deprivation", "programme.component",
                         "capacity.instrument"),
    "shared items": ("instrument: capacity", "instrument: fies", "programme.shared-items", "capacity.instrument"),
    "too many answers needed": ("min_answered: 5", "min_answered: 9", "programme.min-answered",
                                "need.min_answered"),
    "no instrument": ("instrument: fies", "instrument: fiesta", "programme.no-folder", "need.instrument"),
    "nothing published": ("instrument: fies", "instrument: material-deprivation", "programme.nothing-published",
                          "need.parameters"),
    "no scale file": ("parameters: published", "parameters: s.json", "programme.no-folder", "need.parameters"),
    "no latent": ("  latent: {mean: 0.0, sd: 1.5}\n", "", "programme.no-latent", "need.parameters"),
    "capacity threshold alone": ("min_answered: 4", "min_answered: 4\n  threshold: 0.5",
                                 "programme.capacity-threshold", "capacity.threshold"),
    "adaptive on a raw score": ("mode: full", "mode: adaptive", "programme.asking-raw", "asking.mode"),
    "adaptive with few items": ("mode: full", "mode: adaptive\n  max_items: 4", "programme.asking-items",
                                "asking.max_items"),
    "full with a limit": ("mode: full", "mode: full\n  max_items: 4", "programme.asking-full", "asking"),
    "dear support": ("cost: 1900", "cost: 190000", "programme.cost", "support[2].cost"),
    "support for nobody": ("cost: 1500\n    capacity: any", "cost: 1500\n    capacity: high",
                           "programme.support-for-all", "support"),
    "support twice": ("name: food-parcel-brought", "name: food-parcel", "programme.support-twice",
                      "support[2].name"),
    "reserved share": ("reserved_share: 0.05", "reserved_share: 0.6", "programme.field", "rule.reserved_share"),
    "field without purpose": (
        "    purpose:\n      en: A home with a child under two comes first among equal need.\n"
        "      ru: Семья с ребёнком младше двух лет при равной нужде идёт первой.\n", "",
        "programme.missing-field", "fields[1].purpose"),
    "field without expiry": ("    expires_days: 180\n    adds_priority", "    adds_priority",
                             "programme.missing-field", "fields[1].expires_days"),
    "field kept too long": ("expires_days: 180", "expires_days: 181", "programme.field-expiry",
                            "fields[1].expires_days"),
    "field twice": ("name: home_kind", "name: children_under_2", "programme.field-twice", "fields[2].name"),
    "priority not declared": ("adds_priority: true", "adds_priority: false", "programme.field-priority",
                              "fields[1].adds_priority"),
    "priority for all": ("priority_from: 1", "priority_from: 0", "programme.field-answers", "fields[1]"),
    "number without an end": ("    highest: 6\n", "", "programme.field-answers", "fields[1]"),
    "choices with one code": ("code: others", "code: alone", "programme.field-answers", "fields[2]"),
    "contact kept too long": ("contact_days: 60", "contact_days: 200", "programme.retention-contact",
                              "retention.contact_days"),
    "erased before the appeal": ("open_days: 60", "open_days: 160", "programme.retention-appeals",
                                 "retention.answers_days"),
    "kept for ever": ("answers_days: 180", "answers_days: 1000", "programme.field", "retention.answers_days"),
    "district twice": ("key: quarry", "key: mill", "programme.area-twice", "regions[2].districts[3].key"),
    "district named as a region": ("key: quarry", "key: north", "programme.area-twice",
                                   "regions[2].districts[3].key"),
    "no gazetteer": ("  source: The list of districts of Lindenford, 2026 (invented)\n", "",
                     "programme.missing-field", "areas.source"),
    "no budget": ("rho_per_year: 0.1", "rho_per_year: 0", "programme.field", "statistics.rho_per_year"),
    "boundless budget": ("rho_per_year: 0.1", "rho_per_year: 1.5", "programme.field", "statistics.rho_per_year"),
    "no cells": ("invitation_year: 1", "invitation_year: 0", "programme.field", "cells_per_invitation_year"),
    "too many cells": ("invitation_year: 1", "invitation_year: 13", "programme.field",
                       "cells_per_invitation_year"),
    "split by a number": ("extra_field: home_kind", "extra_field: children_under_2", "programme.statistics-field",
                          "statistics.extra_field"),
    "statistics needed": ("name: statistics\n      needed: false", "name: statistics\n      needed: true",
                          "programme.purpose-not-needed", "purposes[2].needed"),
    "messages needed": ("name: messages\n      needed: false", "name: messages\n      needed: true",
                        "programme.purpose-not-needed", "purposes[3].needed"),
    "nothing needed": ("name: decide\n      needed: true", "name: decide\n      needed: false",
                       "programme.no-needed-purpose", "notice.purposes"),
    "purpose twice": ("name: messages", "name: statistics", "programme.purpose-twice", "purposes[3]"),
    "language missing": ("{en: Ferry, ru: Паромный}", "{en: Ferry}", "programme.languages", "districts[1].name"),
    "language not declared": ("{en: Ferry, ru: Паромный}", "{en: Ferry, ru: Паромный, de: Fähre}",
                              "programme.languages", "districts[1].name"),
    "instrument not translated": ("languages: [en, ru]", "languages: [en, ru, de]",
                                  "programme.instrument-languages", "need.instrument"),
    "language twice": ("languages: [en, ru]", "languages: [en, ru, en]", "programme.language-twice", "languages"),
    "name with capitals": ("name: demo-town", "name: Demo-Town", "programme.field", "name"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_with_its_place(fault: str) -> None:
    old, new, code, where = FAULTS[fault]
    try:
        found = faults_of(with_change(old, new))
    except ProgrammeError as error:
        found = (error,)
    named = [each for each in found if each.code == code]
    assert named, [each.code for each in found]
    assert where in named[0].where
    assert "mine.yaml, line" in named[0].where
    assert named[0].mend


def test_loading_raises_the_first_of_the_faults() -> None:
    text = with_change("certain_no: 0.10", "certain_no: 0.95").replace("cost: 1900", "cost: 190000")
    assert [fault.code for fault in faults_of(text)] == ["programme.band", "programme.cost"]
    with pytest.raises(ProgrammeError, match=r"programme\.band"):
        programme(text)


def test_a_typo_in_a_field_gets_a_suggestion() -> None:
    found = faults_of(with_change("places: 100", "place: 100"))
    assert "'places'" in found[0].mend


def test_nothing_of_a_damaged_field_hides_wording_that_the_boundary_refuses() -> None:
    text = with_change("places: 100", "places: many").replace("Do you live alone", "What is your religion")
    assert [fault.code for fault in faults_of(text)] == ["programme.field", "boundary.religion"]


@pytest.mark.parametrize("name", ["", "\0", "x" * 5000, "no/such/file.yaml", "demo-twon"])
def test_a_name_that_is_not_there_is_an_error_and_no_traceback(name: str) -> None:
    with pytest.raises(ProgrammeError, match=r"programme\.not-found") as caught:
        load_programme(name)
    assert caught.value.mend


def test_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProgrammeError, match=r"programme\.directory"):
        load_programme(tmp_path)


BANK = """\
format: evenhand.instrument/1
name: bank
version: "1"
title: {en: A bank, ru: Банк}
status: published
licence: CC0-1.0
source: Nobody
respondent: person
component: need
scoring: model
choices:
  how_much:
    - {code: 0, labels: {en: Never, ru: Никогда}}
    - {code: 1, labels: {en: At times, ru: Иногда}}
    - {code: 2, labels: {en: Often, ru: Часто}}
  yes_no:
    - {code: 0, labels: {en: "No", ru: "Нет"}}
    - {code: 1, labels: {en: "Yes", ru: "Да"}}
items:
  - {name: ONE, wording: {en: "One?", ru: "Раз?"}, wording_status: own, choices: how_much, direction: more}
  - {name: TWO, wording: {en: "Two?", ru: "Два?"}, wording_status: own, choices: yes_no, direction: less}
published:
  source: Nobody
  b: {ONE: [-1, 1], TWO: 0.5}
  thresholds: {moderate: 0.1, severe: 1}
  latent: {mean: 0.2, sd: 1.1}
"""


def with_bank(tmp_path: Path, bank: str = BANK, **changes: str) -> tuple[Programme | None, list[str]]:
    (tmp_path / "bank.yaml").write_text(bank, encoding="utf-8")
    text = with_change("instrument: fies", "instrument: bank.yaml").replace("min_answered: 5", "min_answered: 1")
    text = text.replace("  latent: {mean: 0.0, sd: 1.5}\n", changes.pop("latent", ""))
    for old, new in changes.items():
        text = text.replace(old, new, 1)
    document = parse_document(text.encode(), source="mine.yaml", kind=PROGRAMME_FILE)
    found, faults = examine(document, folder=tmp_path)
    return found, [fault.code for fault in faults]


def test_published_parameters_of_several_categories_make_a_graded_scale(tmp_path: Path) -> None:
    found, faults = with_bank(tmp_path, **{"mode: full": "mode: adaptive\n  max_items: 2"})
    assert faults == []
    assert found is not None
    one, two = found.need_scale().items
    assert (one.model, one.b, one.a) == ("grm", (-1.0, 1.0), 1.0)
    assert (two.model, two.b, two.a) == ("rasch", (0.5,), -1.0)
    latent = found.need_scale().latent
    assert latent is not None
    assert (latent.mean, latent.sd, latent.source) == (0.2, 1.1, "published")


def test_a_published_slope_against_its_direction_is_refused(tmp_path: Path) -> None:
    found, faults = with_bank(tmp_path, BANK.replace("  thresholds", "  a: {ONE: 1, TWO: 1}\n  thresholds"))
    assert found is None
    assert faults == ["programme.published-slope"]


def test_a_scale_file_must_be_of_the_instrument_as_it_is(tmp_path: Path) -> None:
    scale = published_scale(instrument_from(parse_document(BANK.encode(), source="x")))
    (tmp_path / "scale.json").write_text(scale.to_json(), encoding="utf-8")
    change = {"parameters: published": "parameters: scale.json"}
    assert with_bank(tmp_path, **change)[1] == []
    assert with_bank(tmp_path, BANK.replace("One?", "First?"), **change)[1] == ["programme.other-instrument"]
    assert with_bank(tmp_path, latent="  latent: {mean: 0, sd: 1}\n", **change)[1] == ["programme.latent-twice"]


def test_a_scale_file_that_is_not_there_or_broken_is_named(tmp_path: Path) -> None:
    change = {"parameters: published": "parameters: scale.json"}
    assert with_bank(tmp_path, **change)[1] == ["programme.scale-unreadable"]
    (tmp_path / "scale.json").write_text("{", encoding="utf-8")
    assert with_bank(tmp_path, **change)[1] == ["scale.not-json"]


def test_a_calibrated_capacity_scale_needs_a_threshold(tmp_path: Path) -> None:
    bank = BANK.replace("component: need", "component: capacity").replace("ONE", "RES").replace("TWO", "HOM")
    (tmp_path / "own.yaml").write_text(bank, encoding="utf-8")
    text = with_change("instrument: capacity\n  parameters: uncalibrated\n  min_answered: 4",
                       "instrument: own.yaml\n  parameters: published")  # fmt: skip
    assert [fault.code for fault in faults_of(text, tmp_path)] == ["programme.capacity-threshold"]
    text = text.replace("own.yaml\n", "own.yaml\n  threshold: severe\n")
    document = parse_document(text.encode(), source="mine.yaml", kind=PROGRAMME_FILE)
    assert programme_from(document, folder=tmp_path).capacity_threshold() == 1.0


def mutations(text: str, rng: random.Random) -> str:
    """The text with a few lines taken out, doubled, moved, cut or given another line's value."""
    lines = text.splitlines()
    for _ in range(rng.randint(1, 3)):
        place, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        kind = rng.randrange(6)
        if kind == 0:
            del lines[place]
        elif kind == 1:
            lines.insert(other, lines[place])
        elif kind == 2:
            lines[place] = lines[place][: rng.randint(0, len(lines[place]))]
        elif kind == 3:
            lines[place] = "  " + lines[place]
        elif kind == 4:
            key, colon, _ = lines[place].partition(": ")
            lines[place] = key + colon + lines[other].rpartition(": ")[2]
        else:
            key, colon, _ = lines[place].partition(": ")
            odd = [
                "",
                "null",
                "true",
                "-1",
                "1e999",
                "[]",
                "{}",
                "[[1]]",
                "{a: 1}",
                "9" * 18,
                "'\\0'",
                "published",
            ]
            lines[place] = key + colon + rng.choice(odd)
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(5))
def test_a_damaged_file_is_an_evenhand_error(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    for _ in range(20):
        content = mutations(GOOD, rng).encode()
        with contextlib.suppress(EvenhandError):
            document = parse_document(content, source="x", kind=PROGRAMME_FILE)
            found = programme_from(document, folder=tmp_path)
            assert json.loads(found.canonical())["measured_by"]

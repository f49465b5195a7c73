"""The words of explanations: both languages whole, plural forms right, easy enough for a reader of twelve.

English: Flesch-Kincaid grade (Kincaid and others 1975), 0.39 words a sentence + 11.8 syllables a word - 15.59.
Russian: Flesch's reading ease with Oborneva's coefficients (2006), 206.835 - 1.3 words a sentence - 60.1 syllables
a word; her scale reads as Flesch's does, and 70 to 80 is his band for the seventh year of school, age 12 to 13.
"""

import re
import string
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise
from statistics import fmean
from typing import Any

import numpy as np
import pytest

from evenhand.casework.events import (
    AppealAnswered,
    AppealOpened,
    CaseEvent,
    CollectionCodeIssued,
    CollectionPresented,
)
from evenhand.casework.explain import explain
from evenhand.casework.explainparts import Explanation
from evenhand.casework.explaintell import Page, picture_words_with, tell, tell_with
from evenhand.casework.explaintexts import LANGUAGES, MONTHS, WORDS, chance_of, plural, word_of, words_in
from evenhand.errors import CaseError
from evenhand.programme.coding import MISSING_REASONS
from evenhand.programme.definition import Programme
from tests.casework.explained import decided, history, measured, programme_of
from tests.casework.life import BASE, STAFF

TODAY, LATE = date(2026, 11, 20), date(2027, 3, 1)
HALF: list[Any] = [1, 1, 1, 1, 0, 0, 0, 0]
FIES = programme_of("fies")
REVIEWING = programme_of(
    "fies", version="2", capacity=None, fields=(), rule=FIES.rule.model_copy(update={"middle": "review"})
)
OPENED = AppealOpened(**BASE, decision=1, words="", on_behalf=False, answer_by="2026-12-01")
ANSWERED = AppealAnswered(**{**STAFF, "actor": "dora"}, decision=1, changed=False, reason="It is the same again.")


def case(given: list[Any], *more: CaseEvent, programme: Programme = FIES, **options: Any) -> Explanation:
    return explain([*history(programme, given, **options), *more], programme)


@cache
def cases() -> tuple[Explanation, ...]:
    """Many invented cases: every sentence of the catalogue is told in some of them."""
    source = np.random.default_rng(7)
    drawn = []
    kinds = ["", "offer", "drawn", "waiting", "not-this-round"]
    for number in range(60):
        given: list[Any] = [int(each) for each in source.integers(0, 2, 8)]
        for place in np.flatnonzero(source.random(8) < 0.2):
            given[place] = MISSING_REASONS[int(source.integers(len(MISSING_REASONS)))]
        kind = kinds[number % len(kinds)]
        level = ["low", "high", "unknown"][number % 3]
        drawn.append(case(given, *(decided(kind) if kind else ()), capacity=level))
    refused = decided("not-this-round")
    collected = (
        CollectionCodeIssued(**BASE, support="food-parcel"),
        CollectionPresented(**BASE, support="food-parcel"),
    )
    edges = (
        case([1] * 8),
        case([0] * 8, *refused),
        case(["refused"] * 8),
        case(["refused", *HALF[1:]], *decided("waiting")[:1]),
        *(case([reason, *HALF[1:]]) for reason in MISSING_REASONS),
        case(HALF, priority=["children_under_2"]),
        case(HALF, programme=REVIEWING),
        case(HALF, *refused, OPENED),
        case(HALF, *refused, OPENED, ANSWERED),
        case(HALF, *refused, OPENED, replace(ANSWERED, changed=True)),
        case(HALF, *decided("offer"), *collected),
        case(HALF, *refused, *measured(FIES, [1] * 8, version=2)),
        case(HALF, *decided("drawn", probability=1.0)),
        case(HALF, *decided("waiting", probability=0.0)),
        explain(
            [
                *history(FIES, HALF),
                *refused,
                *measured(FIES, [1] * 8, version=2),
                *decided("offer", version=2, assessment=2),
            ],
            FIES,
            1,
        ),
    )
    return (*drawn, *edges)


@cache
def pages(language: str) -> tuple[Page, ...]:
    return tuple(tell(each, language, day) for each in cases() for day in (TODAY, LATE))


def sentences(page: Page) -> Iterator[str]:
    for section in page.sections:
        for said in section.sentences:
            yield from re.split(r"(?<=[.!?])\s+(?=[A-ZА-ЯЁ])", said)


def forms(language: str, key: str) -> list[str]:
    entry = words_in(language).entries[key]
    return [entry] if isinstance(entry, str) else list(entry.values())


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


# catalogues


def test_both_languages_have_the_same_texts() -> None:
    assert set(words_in("en").entries) == set(words_in("ru").entries)


@pytest.mark.parametrize("key", sorted(words_in("en").entries))
def test_every_form_of_a_text_has_the_same_holes(key: str) -> None:
    assert len({frozenset(holes(form)) for language in LANGUAGES for form in forms(language, key)}) == 1


@pytest.mark.parametrize(("language", "needed"), [("en", {"one", "other"}), ("ru", {"one", "few", "many"})])
def test_every_counted_text_has_each_plural_form(language: str, needed: set[str]) -> None:
    counted = [entry for entry in words_in(language).entries.values() if not isinstance(entry, str)]
    assert counted
    assert all(set(entry) == needed for entry in counted)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_told_somewhere(language: str) -> None:
    words = words_in(language)
    for each in cases():
        for day in (TODAY, LATE):
            tell_with(each, words, day)
        picture_words_with(each, words)
    for p in (0.001, 0.05, 0.2, 0.4, 0.7, 0.95, 0.999):
        words.word(p)
        words.chance(p)
    for p in (0.8999999, 0.9000001, 0.9):
        words.chance(p, (0.9,))
    same = replace(cases()[0].counted[0], theta_moved=0.0)
    level = replace(cases()[0].measured, theta=0.3, threshold=0.3)
    tell_with(replace(cases()[0], counted=(same,), measured=level), words, TODAY)
    assert words.used == set(words.entries)


def test_texts_of_the_two_languages_are_not_the_same() -> None:
    en, ru = words_in("en").entries, words_in("ru").entries
    assert all(en[key] != ru[key] for key in en if key != "title")
    assert all(re.search("[А-Яа-яЁё]", form) for key in ru for form in forms("ru", key))


def test_another_language_is_refused() -> None:
    with pytest.raises(CaseError) as error:
        words_in("fr")
    assert error.value.code == "explain.language"


# plural forms, numbers, days, chances


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (0, "0 Ваших ответов"),
        (1, "1 Ваш ответ"),
        (2, "2 Ваших ответа"),
        (4, "4 Ваших ответа"),
        (5, "5 Ваших ответов"),
        (11, "11 Ваших ответов"),
        (12, "12 Ваших ответов"),
        (21, "21 Ваш ответ"),
        (22, "22 Ваших ответа"),
        (111, "111 Ваших ответов"),
        (121, "121 Ваш ответ"),
    ],
)
def test_russian_counts(n: int, expected: str) -> None:
    assert expected + "." in words_in("ru").count("answers/counted", n)


@pytest.mark.parametrize(
    ("n", "expected"), [(0, "0 answers"), (1, "1 answer "), (2, "2 answers"), (21, "21 answers")]
)
def test_english_counts(n: int, expected: str) -> None:
    assert words_in("en").count("answers/counted", n).startswith(expected)


def test_the_two_plural_rules_part_at_twenty_one() -> None:
    assert (plural("en", 21), plural("ru", 21)) == ("other", "one")


@pytest.mark.parametrize(
    ("value", "en", "ru"), [(-0.254, "−0.25", "−0,25"), (0.0, "0.00", "0,00"), (-0.001, "0.00", "0,00")]
)
def test_numbers(value: float, en: str, ru: str) -> None:
    assert (words_in("en").number(value, 2), words_in("ru").number(value, 2)) == (en, ru)


def test_days() -> None:
    assert words_in("en").day("2027-01-05") == "5 January 2027"
    assert words_in("ru").day("2027-05-05") == "5 мая 2027 года"
    assert all(len(months) == 12 for months in MONTHS.values())


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.0, "less than 1 in 100"),
        (0.004, "less than 1 in 100"),
        (0.03, "3 in 100"),
        (0.071, "about 7 in 100"),
        (0.3, "3 in 10"),
        (0.71, "about 7 in 10"),
        (0.872, "about 87 in 100"),
        (0.132, "about 13 in 100"),
        (0.17, "about 2 in 10"),
        (0.8999, "just under 90 in 100"),
        (0.9, "9 in 10"),
        (0.9001, "just over 90 in 100"),
        (0.972, "about 97 in 100"),
        (1.0, "more than 99 in 100"),
    ],
)
def test_chances_in_words(p: float, said: str) -> None:
    assert words_in("en").chance(p, (0.1, 0.9)) == said


def test_what_is_said_is_near_the_probability_and_on_its_side_of_every_line() -> None:
    lines = (0.1, 0.9)
    for p in np.linspace(0.01, 0.99, 4_901):
        kind, parts = chance_of(float(p), lines)
        said = parts["k"] / parts["of"]
        assert abs(said - p) <= 0.05 + 1e-12
        for line in lines:
            sides = {
                "just-under": said <= line if p < line else True,
                "just-over": said >= line if p > line else True,
            }
            assert sides.get(kind, np.sign(p - line) == np.sign(said - line) or abs(p - said) < 1e-9)


def test_words_of_probability_rise_without_a_gap() -> None:
    assert [word_of(least) for least, _ in WORDS] == [name for _, name in WORDS]
    assert all(above > below for (above, _), (below, _) in pairwise(WORDS))
    assert word_of(np.nextafter(0.9, 0)) == "likely"


# the page


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_hole_is_left_open(language: str) -> None:
    for page in pages(language):
        assert "{" not in repr(page)
        assert all(said.strip() for section in page.sections for said in section.sentences)


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_have_a_heading_over_every_cell(language: str) -> None:
    for page in pages(language):
        for section in page.sections:
            assert all(len(row) == len(section.columns) for row in section.rows)


def test_the_page_says_that_steps_do_not_add_up_and_what_they_do_not_show() -> None:
    page = tell(case(HALF), "en", TODAY)
    answers = next(each for each in page.sections if each.key == "answers")
    text = " ".join(answers.sentences)
    assert "do not add up" in text
    assert "do not show what we would have asked" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_says_what_another_answer_would_have_brought(language: str) -> None:
    """Pages of one case and of its opposite differ in figures alone: nothing points from one to the other."""
    for page in pages(language):
        for said in sentences(page):
            assert not re.search(
                r"if you (had|say|said|answer)|если бы вы|если вы (ответите|скажете)", said.lower()
            )


def test_hashes_are_short() -> None:
    page = tell(case(HALF), "en", TODAY)
    record = next(each for each in page.sections if each.key == "record")
    assert record.rows[0] == ("Programme", FIES.hash()[:12])


def test_the_way_to_contest_closes_after_its_last_day() -> None:
    found = case(HALF, *decided("not-this-round"))
    assert tell(found, "en", date(2027, 1, 1)).may_contest
    assert not tell(found, "en", date(2027, 1, 2)).may_contest


def test_numbers_of_the_measure_agree_with_each_other() -> None:
    for each in cases():
        text = " ".join(tell(each, "en", TODAY).sections[1].sentences).replace("−", "-")
        theta, line = (float(found) for found in re.findall(r"(?:of need of|help is at) (-?[\d.]+\d)", text))
        apart = re.search(r"measure is ([\d.]+\d) (above|below)", text)
        shown = 0.0 if apart is None else float(apart[1]) * (1 if apart[2] == "above" else -1)
        assert shown == pytest.approx(theta - line, abs=1e-9)


# reading age


def syllables_en(word: str) -> int:
    word = re.sub(r"[^a-z]", "", word.lower())
    if not word:
        return 1
    count = len(re.findall(r"[aeiouy]+", word))
    if re.search(r"[^aeiouyl]e$|[^aeiou]es$|[^td]ed$", word) and count > 1 and not re.search(r"[cgsxz]es$", word):
        count -= 1
    return max(1, count)


def syllables_ru(word: str) -> int:
    return len(re.findall(r"[аеёиоуыэюя]", word.lower()))


def words_of(sentence: str) -> list[str]:
    """Its words; numbers in digits are left out, for they would count as words without a syllable."""
    return re.findall(r"[^\W\d_](?:[\w’'-]*\w)?", sentence)


def readable(page: Page) -> list[list[str]]:
    """The words of each of our sentences; a ticket is a name of 32 letters, and nobody reads it as a word."""
    return [words_of(re.sub(r"\b[0-9a-f]{32}\b", "x", each)) for each in sentences(page)]


def lengths_and_syllables(language: str) -> list[tuple[float, float]]:
    """Words a sentence and syllables a word of each page."""
    count = syllables_en if language == "en" else syllables_ru
    out = []
    for page in pages(language):
        told = readable(page)
        flat = [word for each in told for word in each]
        out.append((len(flat) / len(told), sum(map(count, flat)) / len(flat)))
    return out


def test_the_syllable_counts_are_right_on_known_words() -> None:
    known = {
        "line": 1,
        "measure": 2,
        "answers": 2,
        "decided": 3,
        "places": 2,
        "moved": 1,
        "programme": 2,
        "certain": 2,
    }
    assert {word: syllables_en(word) for word in known} == known
    assert [syllables_ru(word) for word in ("черта", "помощь", "жребий", "в")] == [2, 2, 2, 0]


def test_english_reads_at_the_age_of_twelve() -> None:
    grades = [0.39 * length + 11.8 * syllables - 15.59 for length, syllables in lengths_and_syllables("en")]
    assert fmean(grades) <= 7
    assert max(grades) <= 7


def test_russian_reads_at_the_age_of_twelve() -> None:
    ease = [206.835 - 1.3 * length - 60.1 * syllables for length, syllables in lengths_and_syllables("ru")]
    assert fmean(ease) >= 70
    assert min(ease) >= 70


@pytest.mark.parametrize(("language", "longest", "mean"), [("en", 25, 14), ("ru", 25, 14)])
def test_sentences_are_short(language: str, longest: int, mean: int) -> None:
    lengths = [len(each) for page in pages(language) for each in readable(page)]
    assert max(lengths) <= longest
    assert fmean(lengths) <= mean

"""Codes: every single mistake is found, and reading forgives what people do."""

import itertools
import random
import secrets
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.casework.codes import (
    ALPHABET,
    BITS,
    LENGTHS,
    LIST_WORDS,
    PHRASE_BITS,
    PHRASE_WORDS,
    CodeKind,
    Language,
    grouped,
    new_code,
    new_phrase,
    read_code,
    read_phrase,
    words,
)
from evenhand.errors import CodeError, EvenhandError

KINDS: tuple[CodeKind, ...] = get_args(CodeKind)
LANGUAGES: tuple[Language, ...] = get_args(Language)


def holds(kind: CodeKind, code: str) -> bool:
    try:
        return read_code(kind, code) == code
    except CodeError:
        return False


def product(first: int, second: int) -> int:
    """Multiplication in GF(2)[x] / (x^5 + x^2 + 1), bit by bit."""
    total = 0
    for bit in range(5):
        if second >> bit & 1:
            total ^= first << bit
    for bit in reversed(range(5, 9)):
        if total >> bit & 1:
            total ^= 0b100101 << bit - 5
    return total


@pytest.mark.parametrize("kind", KINDS)
def test_the_check_is_the_formula_s(kind: CodeKind) -> None:
    for seed in range(200):
        code = new_code(kind, random.Random(seed).randbytes)
        total, weight = 0, 1
        for character in reversed(code):
            total ^= product(weight, ALPHABET.index(character))
            weight = product(weight, 2)
        assert total == 0


def test_the_weights_of_the_longest_code_differ_and_none_is_zero() -> None:
    weights = list(itertools.accumulate(range(30), lambda weight, _: product(weight, 2), initial=1))
    assert len(set(weights)) == 31
    assert 0 not in weights
    assert max(LENGTHS.values()) <= 31


@pytest.mark.parametrize("kind", KINDS)
def test_every_single_wrong_character_is_found(kind: CodeKind) -> None:
    """All positions × all 32 × 31 pairs of right and wrong: each right character stands at each place once."""
    for right in ALPHABET:
        for place in range(LENGTHS[kind]):
            code = with_character(kind, place, right)
            wrong = (code[:place] + other + code[place + 1 :] for other in ALPHABET if other != right)
            assert not any(holds(kind, each) for each in wrong)


@pytest.mark.parametrize("kind", KINDS)
def test_every_swap_of_neighbours_is_found(kind: CodeKind) -> None:
    """All pairs of neighbouring places × all 32 × 31 ordered pairs of different characters."""
    dice = random.Random(4)
    for place in range(LENGTHS[kind] - 1):
        seen = set()
        for left, right in itertools.permutations(ALPHABET, 2):
            code = with_pair(kind, place, left, right, dice)
            assert not holds(kind, code[:place] + right + left + code[place + 2 :])
            seen.add(code[place : place + 2])
        assert len(seen) == 32 * 31


def test_every_swap_of_any_two_places_is_found() -> None:
    for seed in range(50):
        code = new_code("access", random.Random(seed).randbytes)
        for first, second in itertools.combinations(range(16), 2):
            if code[first] != code[second]:
                swapped = list(code)
                swapped[first], swapped[second] = swapped[second], swapped[first]
                assert not holds("access", "".join(swapped))


def with_character(kind: CodeKind, place: int, character: str) -> str:
    """A valid code with a character at a place."""
    for seed in itertools.count():
        code = new_code(kind, random.Random(seed).randbytes)
        if place < LENGTHS[kind] - 1:
            return recoded(kind, code[:place] + character + code[place + 1 : -1])
        if code[-1] == character:
            return code
    raise AssertionError


def with_pair(kind: CodeKind, place: int, left: str, right: str, dice: random.Random) -> str:
    """A valid code with two characters at neighbouring places."""
    while True:
        body = [dice.choice(ALPHABET) for _ in range(LENGTHS[kind] - 1)]
        body[place] = left
        if place + 1 < len(body):
            body[place + 1] = right
            return recoded(kind, "".join(body))
        code = recoded(kind, "".join(body))  # the pair ends with the check character
        if code[-1] == right:
            return code


def recoded(kind: CodeKind, body: str) -> str:
    return new_code(kind, lambda count: bytes(ALPHABET.index(each) for each in body[:count]))


@pytest.mark.parametrize("kind", KINDS)
def test_the_stated_bits_are_the_random_characters(kind: CodeKind) -> None:
    assert BITS[kind] == 5 * (LENGTHS[kind] - 1)
    asked: list[int] = []

    def source(count: int) -> bytes:
        asked.append(count)
        return bytes(count)

    new_code(kind, source)
    assert asked == [LENGTHS[kind] - 1]


def repeated(pattern: bytes, count: int) -> bytes:
    return pattern * (count // len(pattern))


def test_every_character_is_as_likely() -> None:
    drawn = [new_code("access", partial(repeated, bytes([byte])))[0] for byte in range(256)]
    assert drawn == list(ALPHABET * 8)


def test_codes_come_in_groups_of_four() -> None:
    assert grouped("ABCDEFGHJKMNPQRS") == "ABCD-EFGH-JKMN-PQRS"
    assert grouped("ABCDEFGH") == "ABCD-EFGH"


def test_codes_differ() -> None:
    assert len({new_code("access", secrets.token_bytes) for _ in range(1000)}) == 1000


TYPED: dict[str, Callable[[str], str]] = {
    "lower case": lambda code: grouped(code).lower(),
    "no separators": lambda code: code,
    "spaces": lambda code: grouped(code).replace("-", " "),
    "long dashes": lambda code: grouped(code).replace("-", " — "),
    "spaces around": lambda code: f"  {code}\n",
    "o for 0": lambda code: code.replace("0", "o"),
    "O for 0": lambda code: code.replace("0", "O"),
    "l for 1": lambda code: code.replace("1", "l"),
    "I for 1": lambda code: code.replace("1", "I"),
    "Cyrillic look-alikes": lambda code: code.translate(str.maketrans("ABEKMHPCTX0", "АВЕКМНРСТХО")),
    "lower-case Cyrillic look-alikes": lambda code: code.translate(str.maketrans("ABEKMHPCTX0", "авекмнрстхо")),
    "wide characters": lambda code: code.translate({ord(each): chr(ord(each) + 0xFEE0) for each in ALPHABET}),
}


@pytest.mark.parametrize("how", TYPED)
@pytest.mark.parametrize("kind", KINDS)
def test_reading_forgives(kind: CodeKind, how: str) -> None:
    for seed in range(100):
        code = new_code(kind, random.Random(seed).randbytes)
        assert read_code(kind, TYPED[how](code)) == code


@pytest.mark.parametrize("character", "U*Ж!é😀")
def test_a_character_that_no_code_has_is_named_by_its_place(character: str) -> None:
    code = new_code("access", random.Random(2).randbytes)
    with pytest.raises(CodeError) as found:
        read_code("access", code[:6] + character + code[7:])
    assert (found.value.code, found.value.where) == ("code.character", "character 7")


@pytest.mark.parametrize("kind", KINDS)
def test_a_code_of_another_kind_is_refused(kind: CodeKind) -> None:
    for other in set(KINDS) - {kind}:
        with pytest.raises(CodeError, match=r"code\.length"):
            read_code(kind, new_code(other, random.Random(2).randbytes))


def test_errors_never_repeat_the_code() -> None:
    code = new_code("access", random.Random(1).randbytes)
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    for typed in (wrong, code[:-1], code[:3] + "U" + code[4:]):
        with pytest.raises(CodeError) as found:
            read_code("access", typed)
        shown = str(found.value.as_dict())
        assert not any(typed[start : start + 4] in shown for start in range(len(typed) - 3))


@given(st.text())
def test_no_text_leads_to_another_error(text: str) -> None:
    for kind in KINDS:
        try:
            assert len(read_code(kind, text)) == LENGTHS[kind]
        except EvenhandError:
            continue


@given(st.text())
def test_no_text_in_place_of_a_phrase_leads_to_another_error(text: str) -> None:
    with suppress(EvenhandError):
        assert len(read_phrase(text).split()) == PHRASE_WORDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_lists_hold_1024_short_words_told_apart_by_four_letters(language: Language) -> None:
    listed = words(language)
    letters = "abcdefghijklmnopqrstuvwxyz" if language == "en" else "абвгдежзийклмнопрстуфхцчшщъыьэюя"
    assert len(listed) == LIST_WORDS == 2 ** (PHRASE_BITS // PHRASE_WORDS)
    assert len({word[:4] for word in listed}) == LIST_WORDS
    assert listed == tuple(sorted(listed))
    assert all(4 <= len(word) <= 8 and set(word) <= set(letters) for word in listed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_words_of_a_list_are_one_letter_apart(language: Language) -> None:
    listed = words(language)
    gaps = [word[:place] + "_" + word[place + 1 :] for word in listed for place in range(len(word))]
    assert len(gaps) == len(set(gaps))
    shorter = [word[:place] + word[place + 1 :] for word in listed for place in range(len(word))]
    assert not set(shorter) & set(listed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_as_likely(language: Language) -> None:
    drawn = [
        new_phrase(language, partial(repeated, pick.to_bytes(2, "big"))).split()[0] for pick in range(LIST_WORDS)
    ]
    assert tuple(drawn) == words(language)
    assert 65536 % LIST_WORDS == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phrase_is_read_however_it_is_typed(language: Language) -> None:
    for seed in range(100):
        phrase = new_phrase(language, random.Random(seed).randbytes)
        assert len(phrase.split()) == PHRASE_WORDS
        assert read_phrase(phrase) == phrase
        assert read_phrase("  " + phrase.upper().replace(" ", ",  ")) == phrase
        assert read_phrase(" ".join(word[:4] for word in phrase.split())) == phrase
        assert read_phrase(unicodedata.normalize("NFD", phrase)) == phrase


def test_yo_may_be_typed() -> None:
    with_e = next(word for word in words("ru") if word == "актер")
    assert read_phrase(" ".join(["актёр"] * 6)) == " ".join([with_e] * 6)


@pytest.mark.parametrize("typed", ["", "apple", "apple " * 5, "apple " * 7])
def test_a_phrase_has_six_words(typed: str) -> None:
    with pytest.raises(CodeError, match=r"code\.phrase-length"):
        read_phrase(typed)


@pytest.mark.parametrize("wrong", ["xyzzy", "appleseed", "app"])
def test_an_unknown_word_is_named_by_its_place_and_not_repeated(wrong: str) -> None:
    with pytest.raises(CodeError) as found:
        read_phrase(f"acorn acorn {wrong} acorn acorn acorn")
    assert (found.value.code, found.value.where) == ("code.word", "word 3")
    assert wrong not in str(found.value)


def test_phrases_differ() -> None:
    assert len({new_phrase("en", secrets.token_bytes) for _ in range(1000)}) == 1000

"""Codes that people keep, read aloud and type: access, invitation and collection codes, and the recovery phrase.

Thirty-two characters without I, L, O and U (Crockford's Base32), in groups of four; the last one is a check.
Reading forgives case, spaces, dashes, O for 0, I and L for 1, and Cyrillic letters that look alike.

The check: a code c_1 … c_n over GF(32) is valid where the sum of α^(n-i) c_i is 0. The weights differ and none is
0, so every single wrong character and every swap of two different characters is found, up to 31 characters.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Literal

from evenhand.errors import CodeError

Random = Callable[[int], bytes]
"""Gives that many random bytes: `secrets.token_bytes`, or a seeded source for invented towns and tests."""

CodeKind = Literal["access", "invitation", "collection"]

LENGTHS: dict[CodeKind, int] = {"access": 16, "invitation": 12, "collection": 8}
"""Characters of a code, its check character among them."""

BITS: dict[CodeKind, int] = {"access": 75, "invitation": 55, "collection": 35}
"""Random bits of a code: five for each character but the check."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no I, L, O (read as digits) and no U."""

GROUP = 4
"""Characters of a group."""

LOOK_ALIKES = str.maketrans("OILАВЕКМНОРСТХУЗ", "011ABEKMH0PCTXY3")
"""Latin letters that stand for digits, and Cyrillic capitals that look like a character of the alphabet."""

SEPARATORS = re.compile(r"[\s\-_.\u2010-\u2015\u2212\u00ad\u200b]+")
"""What people and word processors put between the groups."""

Language = Literal["en", "ru"]

PHRASE_WORDS = 6
"""Words of a recovery phrase."""

PHRASE_BITS = 60
"""Random bits of a recovery phrase: ten for each word."""

LIST_WORDS = 1024
"""Words of each list."""

PREFIX = 4
"""Letters that tell the words of a list apart; typing them is enough."""


def new_code(kind: CodeKind, random: Random) -> str:
    """A new random code.

    Args:
        kind: what it is for; its length follows.
        random: source of the bits.

    Returns:
        The code as it is stored (hashed) and looked up: without separators. `grouped` writes it for people.
    """
    length = LENGTHS[kind]
    values = [byte & 31 for byte in random(length - 1)]  # 256 is a multiple of 32: each value is as likely
    return "".join(ALPHABET[value] for value in (*values, _check(values)))


def grouped(code: str) -> str:
    """The code in groups of four: `7K3M-9QXA-…`."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def read_code(kind: CodeKind, typed: str) -> str:
    """A code from what a person typed.

    Args:
        kind: what it should be for.
        typed: any case, with or without spaces and dashes, look-alikes allowed.

    Returns:
        The code in its one form, to be hashed and looked up.

    Raises:
        CodeError: another length, a character that no code has, or a check that fails: a typing mistake. The
            message never repeats the code.
    """
    plain = SEPARATORS.sub("", unicodedata.normalize("NFKC", typed[:1000])).upper().translate(LOOK_ALIKES)
    for position, character in enumerate(plain, start=1):
        if character not in ALPHABET:
            raise CodeError(
                "code.character",
                "The code has a character that no code has.",
                where=f"character {position}",
                why="Codes have digits and Latin letters, without U.",
                mend="Compare it with the code on the sheet.",
            )
    if len(plain) != LENGTHS[kind]:
        raise CodeError(
            "code.length",
            f"The code has {len(plain)} characters in place of {LENGTHS[kind]}.",
            mend="Type all groups of the code, and only this code.",
        )
    values = [ALPHABET.index(character) for character in plain]
    if _check(values[:-1]) != values[-1]:
        raise CodeError(
            "code.check",
            "The code has a typing mistake.",
            why="Its last character does not fit the others.",
            mend="Compare it with the code on the sheet, character by character.",
        )
    return plain


def new_phrase(language: Language, random: Random) -> str:
    """A new recovery phrase: six words of one list, 60 random bits.

    Args:
        language: `en` or `ru`.
        random: source of the bits.
    """
    listed = words(language)
    drawn = random(2 * PHRASE_WORDS)
    picks = (int.from_bytes(drawn[start : start + 2]) % LIST_WORDS for start in range(0, len(drawn), 2))
    return " ".join(listed[pick] for pick in picks)


def read_phrase(typed: str) -> str:
    """A recovery phrase from what a person typed, in either language.

    Args:
        typed: any case and spacing; the first four letters of each word are enough, and `ё` may be `е`.

    Returns:
        The phrase in its one form, to be hashed.

    Raises:
        CodeError: not six words, or a word that is in neither list. The message never repeats a word.
    """
    given = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", typed[:1000]).lower().replace("ё", "е"))
    if len(given) != PHRASE_WORDS:
        raise CodeError(
            "code.phrase-length",
            f"The phrase has {len(given)} words in place of {PHRASE_WORDS}.",
            mend="Type all six words, with spaces between them.",
        )
    return " ".join(_word(each, position) for position, each in enumerate(given, start=1))


@cache
def words(language: Language) -> tuple[str, ...]:
    """The list of words of a language: 1,024, told apart by their first four letters."""
    text = files("evenhand.casework").joinpath("words", f"{language}.txt").read_text("utf-8")
    return tuple(text.split())


@cache
def _by_prefix() -> dict[str, str]:
    return {word[:PREFIX]: word for language in ("en", "ru") for word in words(language)}


def _word(typed: str, position: int) -> str:
    word = _by_prefix().get(typed[:PREFIX], "")
    if word and word.startswith(typed):
        return word
    raise CodeError(
        "code.word",
        "A word of the phrase is in neither list.",
        where=f"word {position}",
        mend="Compare it with the phrase on the sheet. The first four letters are enough.",
    )


def _check(values: list[int]) -> int:
    """The value that makes the weighted sum 0: Horner's rule with α, then once more for its own weight, 1."""
    total = 0
    for value in values:
        total = _times_alpha(total) ^ value
    return _times_alpha(total)


def _times_alpha(value: int) -> int:
    """α times a value in GF(32) = GF(2)[x] / (x^5 + x^2 + 1), a primitive polynomial: α has order 31."""
    value <<= 1
    return value ^ 0b100101 if value & 0b100000 else value

"""How the boundary's rules are written: lists of phrases, made into patterns.

A rule's phrases stand one a line. They are matched on a reading of a text: its words in lower case, joined by
single spaces (`guardtext`). Beyond what a regular expression offers:

- `word*` is the word with any ending, for languages that inflect;
- ` ~ ` stands for up to four words between two others, and `<>` for the same in either order;
- a line that begins with `=` is the whole text, with or without a number behind it;
- a Russian soft or hard sign may be missing and э may be е, as in transliterated names.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property

_GAP = r"(?: \w+){0,4}? "
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True)
class Phrases:
    """A list of phrases to look for.

    Looked up by the first letter of each word and compiled when first needed: there are thousands of them, and
    most commands meet few.

    Attributes:
        inside: patterns that may stand anywhere in a text, each beginning with a word.
        whole: patterns of a whole text.
    """

    inside: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    _compiled: dict[str, re.Pattern[str]] = field(default_factory=dict, repr=False, compare=False)

    def __add__(self, more: "Phrases") -> "Phrases":
        """These phrases and others."""
        return Phrases(self.inside + more.inside, self.whole + more.whole)

    def search(self, words: str) -> re.Match[str] | None:
        """The first phrase found in a reading, or None."""
        found = self._whole.fullmatch(words)
        if found:
            return found
        start = 0
        while start >= 0 and self.inside:
            found = self._of(words[start : start + 1]).match(words, start)
            if found:
                return found
            start = words.find(" ", start) + 1 or -1
        return None

    def without(self, words: str) -> str:
        """A reading with the phrases taken out."""
        return self._all.sub(" ", words) if self.inside else words

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        return re.compile(rf"(?:{'|'.join(self.whole)})(?: \d+)?") if self.whole else _NEVER

    @cached_property
    def _all(self) -> re.Pattern[str]:
        return re.compile(rf"\b(?:{'|'.join(self.inside)})\b")

    @cached_property
    def _starts(self) -> tuple[tuple[str, frozenset[str] | None], ...]:
        return tuple((pattern, first_letters(pattern)) for pattern in self.inside)

    def _of(self, letter: str) -> re.Pattern[str]:
        if letter not in self._compiled:
            fitting = [pattern for pattern, letters in self._starts if letters is None or letter in letters]
            self._compiled[letter] = re.compile(rf"(?:{'|'.join(fitting)})\b") if fitting else _NEVER
        return self._compiled[letter]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the boundary. Each pattern that a rule does not need matches nothing.

    Attributes:
        code: the error's code.
        title: what the phrase asks about.
        reason: why Evenhand never holds it.
        everywhere: refused in names and in wording.
        names: refused in names of columns and items, where a bare word stands for the data in it.
        wording: refused in sentences.
        stems: refused in a name whose words are run together.
        innocent: taken out first: it shares a word with the rule and means something else.
        excused: taken out before looking for what is refused, not before looking for what is doubted.
        doubt: doubted in names and in wording.
        doubt_names: doubted in names only.
        doubt_wording: doubted in sentences only.
    """

    code: str
    title: str
    reason: str
    everywhere: Phrases = Phrases()
    names: Phrases = Phrases()
    wording: Phrases = Phrases()
    stems: re.Pattern[str] = _NEVER
    innocent: Phrases = Phrases()
    excused: Phrases = Phrases()
    doubt: Phrases = Phrases()
    doubt_names: Phrases = Phrases()
    doubt_wording: Phrases = Phrases()


def phrases(*blocks: str) -> Phrases:
    """All the phrases, one a line; see the module for how they are written."""
    inside: list[str] = []
    whole: list[str] = []
    for line in (line.strip() for block in blocks for line in block.splitlines()):
        if line.startswith("="):
            whole.append(_regex(line[1:]))
        elif line:
            inside += alternatives(_either_order(line))
    return Phrases(tuple(inside), tuple(whole))


def letters(*stems: str) -> re.Pattern[str]:
    """A pattern of letters in the middle of a name without gaps."""
    return re.compile("|".join(stems))


def _either_order(line: str) -> str:
    first, between, second = (part.strip() for part in line.partition("<>"))
    if not between:
        return _regex(line)
    first, second = _regex(first), _regex(second)
    return f"(?:{first}){_GAP}(?:{second})|(?:{second}){_GAP}(?:{first})"


def _regex(line: str) -> str:
    line = re.sub(r"([ьъ])", r"\1?", line).replace("э", "[эе]")
    return re.sub(r"(?<!\\w)\*", r"\\w*", line).replace(" ~ ", _GAP)


def alternatives(pattern: str) -> list[str]:
    """A pattern cut at its outermost bars."""
    parts, depth, start, place = [], 0, 0, 0
    while place < len(pattern):
        sign = pattern[place]
        if sign == "\\":
            place += 1
        elif sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        elif sign == "|" and depth == 0:
            parts.append(pattern[start:place])
            start = place + 1
        place += 1
    return [*parts, pattern[start:]]


def first_letters(pattern: str) -> frozenset[str] | None:
    """The letters that a match of a pattern may begin with; None when it may be any."""
    found: set[str] = set()
    for alternative in alternatives(pattern):
        letters = _sequence_letters(alternative)
        if letters is None:
            return None
        found |= letters
    return frozenset(found)


def _sequence_letters(pattern: str) -> set[str] | None:
    found: set[str] = set()
    while pattern:
        atom, rest = _first_atom(pattern)
        letters = _atom_letters(atom)
        if letters is None:
            return None
        found |= letters
        optional = re.match(r"\?|\*|\{0", rest)
        if not optional:
            return found
        pattern = re.sub(r"^(?:\?|\*|\{[^}]*\})\??", "", rest)
    return None


def _first_atom(pattern: str) -> tuple[str, str]:
    if pattern[0] == "\\":
        return pattern[:2], pattern[2:]
    if pattern[0] not in "([":
        return pattern[0], pattern[1:]
    depth = 0
    for place, sign in enumerate(pattern):
        depth += (sign in "([") - (sign in ")]")
        if depth == 0:
            return pattern[: place + 1], pattern[place + 1 :]
    raise ValueError(pattern)


def _atom_letters(atom: str) -> set[str] | frozenset[str] | None:
    if atom.startswith("(?:"):
        return first_letters(atom[3:-1])
    if atom.startswith("["):
        return set(atom[1:-1])
    return None if atom[0] in "\\(." else {atom}

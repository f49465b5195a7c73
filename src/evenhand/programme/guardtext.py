"""The readings of a text: its words in each way that a person might read them.

Tricks of writing are undone one at a time, each giving a reading of its own: invisible letters, letters of
another alphabet that look alike, digits for letters, letters set apart, words joined by capitals or hyphens, and
Russian in Latin letters.
"""

import re
import unicodedata
from functools import lru_cache

_CAMEL = re.compile(r"(?<=[^\W\d_A-ZА-ЯЁ])(?=[A-ZА-ЯЁ])|(?<=[A-ZА-ЯЁ])(?=[A-ZА-ЯЁ][a-zа-яё])")
_DIGITS = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_WORD = re.compile(r"[^\W_]+")
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u2011\u00ad*.](?=[^\W\d_])")

_TO_CYRILLIC = str.maketrans("aceopxykmthbijsgnu", "асеорхукмтнвіјѕгпи")
_TO_LATIN = str.maketrans("асеорхукмтнвіјѕԁһԛѡαερονικτ", "aceopxykmthbijsdhqwaepovikt")
_UKRAINIAN = str.maketrans("іїєґ", "иией")
_MIXED = re.compile(r"(?=\w*[a-z])(?=\w*[^\W\d_a-z])\w+")

_LEET = re.compile(r"[^\W_]*(?:[^\W\d_][0-9@$]|[0-9@$][^\W\d_])[^\W_@$]*(?:[0-9@$]+[^\W_]*)*")
_LEET_TABLES = (
    str.maketrans("013457@$", "oieastas"),
    str.maketrans("013457@$", "oleastas"),
    str.maketrans("01346@$", "оизчбас"),
)

_APART = re.compile(r"(?<!\w)\w(?: \w(?!\w)){2,}")
_ENGLISH = re.compile(
    r"\b(?:the|an?|is|are|was|were|you|your|of|to|in|do|did|does|have|has|had|for|with|how|what|which|who|when|where"
    r"|can|could|would|any|or|and|not|no|on|at|my|this|that)\b"
)

LONGEST = 120
"""Letters that are read as one word: no word is as long, and a run without a space costs what it is long."""

_OVERLAP = 40
_RUN = re.compile(rf"\S{{{LONGEST + 1},}}")

_LATIN_RUSSIAN = (
    ("iya", "ия"), ("iyu", "ию"), ("ii", "ии"),
    ("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("tz", "ц"), ("ch", "ч"), ("sh", "ш"),
    ("yu", "ю"), ("ju", "ю"), ("iu", "ю"), ("ya", "я"), ("ja", "я"), ("ia", "ия"), ("yo", "е"), ("jo", "е"),
    ("ye", "е"), ("je", "е"), ("iy", "ий"), ("yy", "ый"), ("ey", "ей"), ("ay", "ай"), ("oy", "ой"), ("uy", "уй"),
    ("ph", "ф"), ("x", "х"), ("w", "в"), ("q", "к"), ("a", "а"), ("b", "б"), ("v", "в"), ("g", "г"), ("d", "д"),
    ("e", "е"), ("z", "з"), ("i", "и"), ("j", "й"), ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"), ("o", "о"),
    ("p", "п"), ("r", "р"), ("s", "с"), ("t", "т"), ("u", "у"), ("f", "ф"), ("h", "х"), ("c", "ц"), ("y", "ы"),
)  # fmt: skip
_SOUNDS = dict(_LATIN_RUSSIAN)
_GLIDES = {"iy", "yy", "ey", "ay", "oy", "uy"}
_SOUND = re.compile("|".join(f"{latin}(?![aeou])" if latin in _GLIDES else latin for latin, _ in _LATIN_RUSSIAN))
_LOOSE = (("sch", "сч"), ("ts", "тс"), ("tz", "тз"))
"""Letters that may each stand for two: *schet* is счет, *otzyv* отзыв, and *-tsya* ends a verb."""


@lru_cache(maxsize=4096)
def readings(text: str, *, name: bool) -> tuple[str, ...]:
    """The words of a text, lower case and joined by single spaces, in each way they may be read.

    Args:
        text: any text.
        name: the text is a name; its Latin letters may then be Russian.
    """
    plain = _windows(_plain(text))
    found = {_words(plain), _words(_CAMEL.sub(" ", plain))}
    if _HYPHEN.search(plain):
        found.add(_words(_windows(_HYPHEN.sub("", plain))))
    folded = plain.casefold()
    if _LEET.search(folded):
        for table in _LEET_TABLES:
            found.add(_words(_LEET.sub(lambda token, table=table: token[0].translate(table), folded)))  # type: ignore[misc]
    for words in tuple(found):
        found |= _alike(words) | _joined(words)
    for words in tuple(found):
        if name or not _ENGLISH.search(words):
            found |= _russian(words)
    found.discard("")
    return tuple(sorted(found))


def squeezed(text: str) -> frozenset[str]:
    """The letters of a name without what stands between them, in each way they may be read."""
    return frozenset(words.replace(" ", "") for words in readings(text, name=True))


def _plain(text: str) -> str:
    composed = unicodedata.normalize("NFKC", text)
    composed = "".join(_bare(letter) for letter in composed if unicodedata.category(letter) not in {"Cf", "Mn"})
    return composed.replace("ё", "е").replace("Ё", "Е")


def _windows(text: str) -> str:
    """A text whose runs without a space are cut into pieces; they overlap, so that a word at a cut is read."""
    return _RUN.sub(lambda run: " ".join(_pieces(run[0])), text)


def _pieces(run: str) -> list[str]:
    step = LONGEST - _OVERLAP
    return [run[place : place + LONGEST] for place in range(0, len(run) - _OVERLAP, step)]


def _bare(letter: str) -> str:
    """A Latin letter without its accent; й stays itself."""
    if letter < "\u00c0" or letter > "\u024f":
        return letter
    return unicodedata.normalize("NFD", letter)[0]


def _words(text: str) -> str:
    return " ".join(_WORD.findall(_DIGITS.sub(" ", text.casefold())))


def _alike(words: str) -> set[str]:
    """Letters of another alphabet that look alike, undone in both directions."""
    if not _MIXED.search(words):
        return {words.translate(_UKRAINIAN)} if words.isascii() is False else set()
    return {
        _MIXED.sub(lambda token, table=table: token[0].translate(table), words)  # type: ignore[misc]
        for table in (_TO_CYRILLIC, _TO_LATIN)
    }


def _joined(words: str) -> set[str]:
    """Letters set apart, `p a s s p o r t`, joined again."""
    if not _APART.search(words):
        return set()
    return {_windows(_APART.sub(lambda run: run[0].replace(" ", ""), words))}


def _russian(words: str) -> set[str]:
    """Russian in Latin letters, in Cyrillic again. c may stand for ц or for к or с of an English writer."""
    if not re.search(r"[a-z]{3}", words):
        return set()
    loose = words
    for latin, cyrillic in _LOOSE:
        loose = loose.replace(latin, cyrillic)
    return {_SOUND.sub(lambda sound: _SOUNDS[sound[0]], each) for each in (words, loose)}


_EXPRESSION = re.compile(r"\$\{|\b[a-z][\w-]*\(\s*['\"$.\d(a-z)/]|\b(?:now|today|uuid)\(\)|jr:", re.IGNORECASE)
_INSIDE = re.compile(r"\$\{\s*([^}]{1,300}?)\s*\}|'([^']*)'|\"([^\"]*)\"", re.IGNORECASE)
_LISTS_OF_PEOPLE = re.compile(
    r"\b(?:pulldata|search|instance)\(\s*['\"][^'\"]*(?:citizen|person|people|population|resident|registr|register|databas|debtor|"
    r"benefici|applicant|client|client|zhitel|grazhdan|nasel|dolzhnik|жител|граждан|насел|реестр|баз[аы]|должник|заявител)",
    re.IGNORECASE,
)
_DEVICE = re.compile(r"\bproperty\(|\bnow\(\)|\bjr:preload", re.IGNORECASE)


def expression_parts(text: str) -> tuple[str, ...]:
    """The names and texts in a form's expression (XLSForm), each to be read as a name; empty for other texts.

    Looking somebody up in a list of people, or asking the device about itself, becomes a part that names it.
    """
    if not _EXPRESSION.search(text):
        return ()
    inside = [next(part for part in found.groups() if part is not None) for found in _INSIDE.finditer(text)]
    if _LISTS_OF_PEOPLE.search(text):
        inside.insert(0, "person_register_lookup national_id")
    if _DEVICE.search(text):
        inside.append("paradata")
    return tuple(part for part in inside if part) or (text,)

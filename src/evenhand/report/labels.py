"""Fitting words of any length and script into a picture.

Widths are estimated from the characters, not measured with a font: the reader's browser chooses the font. The
estimate follows a wide face (DejaVu Sans), so that text is rather shorter than planned than clipped.
"""

import unicodedata

ELLIPSIS = "…"

_NARROW = frozenset("ijlfrtI.,'|!:;()[] ·")
_WIDE = frozenset("mwMWОЖШЩЮФМжшщюфмQ@%—…")


def clean(text: str) -> str:
    """The text on one line, without characters that XML cannot carry."""
    kept = ("\ufffd" if _unwritable(character) else character for character in " ".join(text.split()))
    return "".join(kept)


def _unwritable(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"} or character in "\ufffe\uffff"


def text_width(text: str, size: float) -> float:
    """Estimated width in pixels at a font size in pixels."""
    return size * sum(_em(character) for character in text)


def _em(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Cf"}:
        return 0.0
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 1.0
    if character in _NARROW:
        return 0.39
    if character in _WIDE:
        return 0.95
    return 0.7 if character.isupper() else 0.62


def shorten(text: str, width: float, size: float) -> str:
    """The text, cut with an ellipsis where it is wider than `width` pixels."""
    if text_width(text, size) <= width:
        return text
    room, kept = width - text_width(ELLIPSIS, size), ""
    for character in text:
        room -= text_width(character, size)
        if room < 0:
            break
        kept += character
    return kept.rstrip() + ELLIPSIS


def wrap(text: str, width: float, size: float, lines: int) -> tuple[str, ...]:
    """The text on at most `lines` lines, each at most `width` pixels, the last one cut where it must be."""
    words, out = text.split(" "), [""]
    for position, word in enumerate(words):
        longer = f"{out[-1]} {word}".strip()
        if text_width(longer, size) <= width or not out[-1]:
            out[-1] = longer
        elif len(out) < lines:
            out.append(word)
        else:
            out[-1] = " ".join([out[-1], *words[position:]])
            break
    return tuple(shorten(line, width, size) for line in out)

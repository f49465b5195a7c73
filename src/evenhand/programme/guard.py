"""The boundary for names and wording: what may not be asked, grouped by or used as a key.

A first line of defence that reads English and Russian, not a proof: `guardrules.py` holds the words. It errs on
the side of refusing a name (a name is easily changed) and of allowing a sentence about everyday hardship.
"""

import re
import unicodedata
from typing import Literal

from evenhand.errors import BoundaryError
from evenhand.programme.guardrules import PARADATA, RECORD, RULES, Rule

ColumnUse = Literal["item", "group", "weights", "cluster"]

_CAMEL = re.compile(r"(?<=[^\W\d_A-ZА-ЯЁ])(?=[A-ZА-ЯЁ])|(?<=[A-ZА-ЯЁ])(?=[A-ZА-ЯЁ][a-zа-яё])")
_DIGITS = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_WORD = re.compile(r"[^\W_]+")
_LOOKALIKES = str.maketrans("aceopxykmthb", "асеорхукмтнв")
_LOOKALIKES_BACK = str.maketrans("асеорхукмтнв", "aceopxykmthb")
_MIXED = re.compile(r"(?=\w*[a-z])(?=\w*[а-я])\w+")

_USES: dict[ColumnUse, str] = {
    "item": "an item",
    "group": "a group",
    "weights": "a weight",
    "cluster": "a cluster",
}

_CLUSTER_WORDS = re.compile(
    r"\b(?:clusters?|clu|psu|ssu|ea|enumeration area|hh|hhid|household|dwelling|segment|block|village|school"
    r"|stratum|strata|кластер\w*|домохозяйств\w*)\b"
)
"""A cluster is part of the sampling design, people interviewed together: used for errors, published nowhere."""


def check_column(name: str, use: ColumnUse) -> None:
    """Refuse a column that Evenhand never reads.

    Args:
        name: the column's or item's name; of `group/question` names only the last element counts.
        use: what the column is to be used for. A sampling cluster or household number may serve as `cluster` only.

    Raises:
        BoundaryError: the name crosses the boundary; the code names the rule.
    """
    last = last_element(name)
    rule = find_rule(last, kind="name")
    if rule is RECORD and use == "cluster" and any(_CLUSTER_WORDS.search(words) for words in _readings(last)):
        return
    if rule is not None:
        raise _refusal(rule.code, name, use, rule.title, rule.reason)
    # A leading underscore alone marks the survey software's columns, but also many people's own weights.
    if is_paradata(name) and (use == "group" or not last.startswith("_")):
        title = "a trace that the survey software or the device left"
        raise _refusal(
            "boundary.paradata", name, use, title, "People are not watched: paradata is dropped unread."
        )


def check_text(text: str, *, where: str, kind: Literal["name", "wording"] = "wording") -> None:
    """Refuse wording, a label or a name that asks what Evenhand never asks.

    Args:
        text: a question, a choice, a title or a name.
        where: the place, for the message.
        kind: `name` for names of items and columns, where a bare word stands for the data in it.

    Raises:
        BoundaryError: the text crosses the boundary; the code names the rule.
    """
    rule = find_rule(text, kind=kind)
    if rule is not None:
        raise BoundaryError(
            rule.code,
            f"{_shown(text)} asks about {rule.title}.",
            where=where,
            why=rule.reason,
            mend="Take it out. If it asks about something else, say so in other words.",
        )


def find_rule(text: str, *, kind: Literal["name", "wording"]) -> Rule | None:
    """The first rule of the boundary that the text breaks, or None."""
    readings = _readings(text)
    return next((rule for rule in RULES if any(_breaks(rule, words, kind) for words in readings)), None)


def is_paradata(name: str) -> bool:
    """Whether a column was added by the data-collection software, not answered by the person."""
    first = name.split("/", 1)[0].casefold()
    in_system_group = "/" in name and first in {"meta", "formhub"}
    return in_system_group or bool(PARADATA.fullmatch(last_element(name).casefold()))


def last_element(name: str) -> str:
    """The question's own name in a `group/question` name, as Kobo and ODK export them."""
    return name.rstrip("/").rsplit("/", 1)[-1].strip()


def _breaks(rule: Rule, words: str, kind: Literal["name", "wording"]) -> bool:
    if rule.unless is not None:
        words = rule.unless.sub(" ", words)
    own = rule.names if kind == "name" else rule.wording
    return bool(rule.everywhere.search(words) or (own is not None and own.search(words)))


def _readings(text: str) -> list[str]:
    """The words of a text in each way they may be read: camelCase apart and joined, look-alike letters undone."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")
    readings = {_words(_CAMEL.sub(" ", plain)), _words(plain)}
    for words in tuple(readings):
        if _MIXED.search(words):
            readings.add(_MIXED.sub(lambda found: found[0].translate(_LOOKALIKES), words))
            readings.add(_MIXED.sub(lambda found: found[0].translate(_LOOKALIKES_BACK), words))
    return sorted(readings)


def _words(text: str) -> str:
    apart = _DIGITS.sub(" ", text.casefold().replace("ё", "е"))
    return " ".join(_WORD.findall(apart))


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _refusal(code: str, name: str, use: ColumnUse, title: str, reason: str) -> BoundaryError:
    return BoundaryError(
        code,
        f"The column {_shown(name)} cannot be used as {_USES[use]}: its name stands for {title}.",
        where=f"column {_shown(name)}",
        why=reason,
        mend="Leave the column out. If it holds something else, give it a name that says what.",
    )

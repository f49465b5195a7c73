"""What choices mean by their words: no answer, yes and no, cannot afford and another reason. English and Russian.

A form says what a choice means only in its label. Where the words are plain they are followed, and the output says
so; where they are not, a person has to say what is meant.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from evenhand.programme.coding import MissingReason
from evenhand.programme.xlsform import Option

_REASONS: dict[MissingReason, re.Pattern[str]] = {
    "dont_know": re.compile(
        r"(?:i |we )?(?:do not|don t|dont|doesn t|does not) know(?: (?:the answer|can t say|cannot say|not sure))?"
        r"|(?:i |we )?(?:am |are |m )?(?:not sure|unsure)|d k|dk|(?:i )?(?:can t|cannot|can not) say|hard to say"
        r"|(?:я |мы )?не (?:знаю|знаем|знает)(?: (?:ответа|трудно сказать))?|трудно сказать|не уверен(?:а|ы)?|з о"
        r"|(?:я )?затрудня(?:юсь|ется|емся)(?: (?:с ответом|ответить|сказать))?"
    ),
    "refused": re.compile(
        r"(?:i |we )?(?:refus(?:e|ed|es|al)|declin(?:e|es|ed))(?: to (?:answer|say|respond|reply|tell))?"
        r"|(?:i |we )?(?:would |d )?(?:prefer|rather) not(?: to)?(?: (?:say|answer|tell|respond))?"
        r"|(?:i )?(?:does not|do not|don t) (?:want|wish) to (?:say|answer|tell)"
        r"|отказ(?:ываюсь|ывается|ался|алась)?(?: (?:от ответа|отвечать|ответить))?"
        r"|(?:я )?не (?:хочу|желаю|хочет|желает) (?:отвечать|говорить|ответить)"
        r"|(?:я )?предпочита(?:ю|ет) не (?:отвечать|говорить)"
    ),
    "not_applicable": re.compile(
        r"(?:(?:it |this )?(?:does not|doesn t) apply|not applicable|non applicable)"
        r"(?: to (?:me|us|you|(?:my|our|the) household))?|n a|inapplicable"
        r"|неприменимо|не применимо"
        r"|(?:это )?(?:к (?:нам|мне|вам|семье) )?не относится(?: к (?:нам|мне|вам|семье))?|н п"
    ),
}

_SUSPECTS = re.compile(r"-\d+|7|8|9|77|88|9[5-9]|777|888|99[5-9]|7777|8888|999[5-9]|dk|ref|na|n/a|rf|dnk")
"""Codes that surveys often give to no answer."""

_YES = re.compile(r"(?:yes|да|y|true|oui|si|sí)(?: .*)?")
_NO = re.compile(r"(?:no|нет|n|false|non)(?: .*)?")
_CANNOT_AFFORD = re.compile(
    r"\b(?:(?:can ?not|can t|could not|couldn t|unable to) (?:\w+ )?afford|not afford"
    r"|не (?:можем|может|могу|могли|смогли)(?: \w+)? (?:\w+ )?позволить|не по карману|нет (?:на это )?денег)"
)
_OTHER_REASON = re.compile(
    r"\b(?:(?:other|another|different) reasons?|not because of (?:money|cost)|do(?:es)? not want|don t want"
    r"|(?:друг\w*|ин\w*) причин\w*|не (?:хочу|хотим|нужно))"
)
_BETWEEN = re.compile(r"/|,|;|\bor\b|\bили\b")


def words_of(text: str) -> str:
    """A label as it is compared: small letters, no marks, single spaces."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold().replace("ё", "е").replace("’", "'")))


def reason_of(labels: Iterable[str]) -> MissingReason | None:
    """Why there is no answer, where the labels say so plainly; None where they say nothing or several things."""
    found = {reason for label in labels for reason in _reasons(label)}
    return found.pop() if len(found) == 1 else None


def is_unclear(option: Option, others: Sequence[Option]) -> bool:
    """Whether a choice may mean no answer, and its label does not settle it.

    Its code is one that surveys give to no answer and does not continue the other codes, or its label names two
    reasons at once.
    """
    reasons = {reason for label in option.labels.values() for reason in _reasons(label)}
    if len(reasons) > 1:
        return True
    if reasons or not _SUSPECTS.fullmatch(option.code.casefold()):
        return False
    if not option.code.lstrip("-").isdigit():
        return True
    codes = {each.code for each in others}
    return not any(_reaches_an_answer(int(option.code), step, codes) for step in (-1, 1))


def meaning_order(options: Sequence[Option]) -> dict[str, int] | None:
    """The category of each code, where the words are plain; None where they are not.

    *Cannot afford* is 1 and everything beside it 0 (another reason is no deprivation); *no* is 0 and *yes* 1 where
    those are the only two.
    """
    texts = {option.code: [words_of(label) for label in option.labels.values()] for option in options}
    unaffordable = _codes(texts, _CANNOT_AFFORD, anywhere=True)
    otherwise = _codes(texts, _OTHER_REASON, anywhere=True)
    if len(unaffordable) == 1 and len(otherwise) >= 1 and not unaffordable & otherwise:
        return {code: int(code in unaffordable) for code in texts}
    yes, no = _codes(texts, _YES), _codes(texts, _NO)
    if len(texts) == 2 and len(yes) == 1 and len(no) == 1 and yes != no:
        return {code: int(code in yes) for code in texts}
    return None


def is_yes_no(options: Sequence[Option]) -> bool:
    """Whether a list has a plain *yes* and a plain *no*."""
    texts = {option.code: [words_of(label) for label in option.labels.values()] for option in options}
    return bool(_codes(texts, _YES)) and bool(_codes(texts, _NO))


def _codes(texts: Mapping[str, Sequence[str]], pattern: re.Pattern[str], *, anywhere: bool = False) -> set[str]:
    match = pattern.search if anywhere else pattern.fullmatch
    return {code for code, labels in texts.items() if any(match(label) for label in labels)}


def _reasons(label: str) -> set[MissingReason]:
    whole = _one_reason(words_of(label))
    if whole:
        return whole
    parts = [words for part in _BETWEEN.split(label.casefold()) if (words := words_of(part))]
    each = [_one_reason(part) for part in parts]
    return set().union(*each) if len(parts) > 1 and all(each) else set()


def _one_reason(words: str) -> set[MissingReason]:
    return {reason for reason, pattern in _REASONS.items() if pattern.fullmatch(words)}


def _reaches_an_answer(code: int, step: int, codes: set[str]) -> bool:
    """Whether the codes go on without a gap from this one to one that no survey gives to no answer."""
    while str(code + step) in codes:
        code += step
        if not _SUSPECTS.fullmatch(str(code)):
            return True
    return False

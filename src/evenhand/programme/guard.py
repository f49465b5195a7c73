"""The boundary for names and wording: what may not be asked, grouped by or used as a key.

A first line of defence that reads English and Russian, not a proof. A phrase is refused, doubted or allowed: what
plainly crosses the boundary is refused and no reason helps; what may or may not cross it is doubted and needs a
reason that a named person recorded. It errs on the side of refusing a name (a name is easily changed) and of
allowing a sentence about everyday hardship. The words are in `guardidentity`, `guardbeliefs` and `guardconduct`.
"""

import re
from dataclasses import dataclass
from typing import Literal

from evenhand.errors import BoundaryError
from evenhand.programme.guardconduct import HEALTH
from evenhand.programme.guardpattern import Rule
from evenhand.programme.guardrules import PARADATA, PARADATA_RULE, RECORD, RULES
from evenhand.programme.guardtext import expression_parts, readings, squeezed

ColumnUse = Literal["item", "group", "weights", "cluster"]
Kind = Literal["name", "wording"]
VerdictWord = Literal["refuse", "doubt", "allow"]

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

_WEIGHT = re.compile(r"_+(?:\w+_)?(?:weights?|wt|wgt|w)\d*", re.IGNORECASE)
_LABEL_WORDS = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the guard says of a phrase.

    Attributes:
        text: the phrase.
        verdict: `refuse`, `doubt` or `allow`.
        rule: the rule; None when allowed.
        matched: the words that the rule found, as it read them; empty when allowed.
    """

    text: str
    verdict: VerdictWord
    rule: Rule | None = None
    matched: str = ""

    @property
    def code(self) -> str | None:
        """Code of the rule, `boundary.religion` for example; None when allowed."""
        return None if self.rule is None else self.rule.code


def assess_text(text: str, kind: Kind | None = None) -> Verdict:
    """Whether a phrase is refused, doubted or allowed.

    A form's expression (`${passport_no}`, `pulldata('citizens', …)`) is read as the names and texts in it.

    Args:
        text: a question, a choice, a label, a hint, an expression or a name.
        kind: `name` for names of items and columns, where a bare word stands for the data in it; `wording` for
            sentences; None to tell by the shape: a single word is a name, a label of up to three words is read as
            both, anything longer is wording.
    """
    found = [
        verdict
        for part, part_kind in _parts(text, kind)
        for verdict in (_refused(text, part, part_kind), _doubted(text, part, part_kind))
        if verdict is not None
    ]
    for word in ("refuse", "doubt"):
        for verdict in found:
            if verdict.verdict == word:
                return verdict
    return Verdict(text, "allow")


def check_column(name: str, use: ColumnUse) -> None:
    """Refuse a column that Evenhand never reads.

    A group whose name is doubtful (citizenship, country of birth) is refused too: a command has no place for a
    recorded reason. Health is the exception: whether an item means the same to people with a disability may be
    asked.

    Args:
        name: the column's or item's name; of `group/question` names only the last element counts.
        use: what the column is to be used for. A sampling cluster or household number may serve as `cluster` only.

    Raises:
        BoundaryError: the name crosses the boundary; the code names the rule.
    """
    last = last_element(name)
    rule = find_rule(last, kind="name")
    if (
        rule is RECORD
        and use == "cluster"
        and any(_CLUSTER_WORDS.search(words) for words in readings(last, name=True))
    ):
        return
    if rule is not None:
        raise _column_error(rule.code, name, use, rule.title, rule.reason)
    # A leading underscore alone marks the survey software's columns, but also many people's own weights.
    if is_paradata(name) and (use == "group" or not last.startswith("_")):
        raise _column_error("boundary.paradata", name, use, PARADATA_RULE.title, PARADATA_RULE.reason)
    doubted = _doubted(name, last, "name") if use == "group" else None
    if doubted is not None and doubted.rule is not None and doubted.rule is not HEALTH:
        title = f"{doubted.rule.title}, or may"
        raise _column_error("boundary.doubt", name, use, title, doubted.rule.reason)


def check_text(text: str, *, where: str, kind: Kind = "wording") -> None:
    """Refuse wording, a label or a name that asks what Evenhand never asks. What is only doubted passes.

    Args:
        text: a question, a choice, a title or a name.
        where: the place, for the message.
        kind: `name` for names of items and columns, where a bare word stands for the data in it.

    Raises:
        BoundaryError: the text crosses the boundary; the code names the rule.
    """
    verdict = assess_text(text, kind)
    if verdict.verdict == "refuse" and verdict.rule is not None:
        raise refusal(text, verdict.rule, where)


def refusal(text: str, rule: Rule, where: str) -> BoundaryError:
    """The error for a phrase that is refused.

    Args:
        text: the phrase.
        rule: the rule that it breaks.
        where: the place, for the message.
    """
    return BoundaryError(
        rule.code,
        f"{shown(text)} asks about {rule.title}.",
        where=where,
        why=rule.reason,
        mend="Take it out. If it asks about something else, say so in other words.",
    )


def find_rule(text: str, *, kind: Kind) -> Rule | None:
    """The first rule of the boundary that the text breaks, or None."""
    return next((rule for rule in RULES if breaks(rule, text, kind)), None)


def breaks(rule: Rule, text: str, kind: Kind) -> str | None:
    """The words that break a rule, or None.

    Args:
        rule: the rule.
        text: a name or a sentence.
        kind: which of them.
    """
    own = rule.names if kind == "name" else rule.wording
    for words in readings(text, name=kind == "name"):
        if not (rule.everywhere.search(words) or own.search(words)):
            continue
        kept = rule.excused.without(rule.innocent.without(words))
        found = rule.everywhere.search(kept) or own.search(kept)
        if found:
            return found[0].strip()
    if kind == "name":
        for run in squeezed(text):
            found = rule.stems.search(run)
            if found:
                return found[0]
    return None


def is_paradata(name: str) -> bool:
    """Whether a column was added by the data-collection software, not answered by the person."""
    first = name.split("/", 1)[0].casefold()
    in_system_group = "/" in name and first in {"meta", "formhub"}
    return in_system_group or bool(PARADATA.fullmatch(last_element(name).casefold()))


def last_element(name: str) -> str:
    """The question's own name in a `group/question` name, as Kobo and ODK export them."""
    return name.rstrip("/").rsplit("/", 1)[-1].strip()


def shown(text: str) -> str:
    """A phrase in a message: quoted, and cut where it is long."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _parts(text: str, kind: Kind | None) -> list[tuple[str, Kind]]:
    """What is to be read of a text, and as what."""
    inside = expression_parts(text)
    if inside:
        return [(part, "name") for part in inside]
    if kind is not None:
        return [(text, kind)]
    words = text.split()
    if len(words) <= 1:
        return [(text, "name")]
    if len(words) <= _LABEL_WORDS or all(len(word) == 1 for word in words):
        return [(text, "name"), (text, "wording")]
    return [(text, "wording")]


def _refused(text: str, part: str, kind: Kind) -> Verdict | None:
    rule = find_rule(part, kind=kind)
    if rule is not None:
        return Verdict(text, "refuse", rule, breaks(rule, part, kind) or part)
    if kind == "name" and is_paradata(part) and not _WEIGHT.fullmatch(last_element(part)):
        return Verdict(text, "refuse", PARADATA_RULE, part)
    return None


def _doubted(text: str, part: str, kind: Kind) -> Verdict | None:
    for rule in RULES:
        own = rule.doubt_names if kind == "name" else rule.doubt_wording
        for words in readings(part, name=kind == "name"):
            if not (rule.doubt.search(words) or own.search(words)):
                continue
            kept = rule.innocent.without(words)
            found = rule.doubt.search(kept) or own.search(kept)
            if found:
                return Verdict(text, "doubt", rule, found[0].strip())
    return None


def _column_error(code: str, name: str, use: ColumnUse, title: str, reason: str) -> BoundaryError:
    return BoundaryError(
        code,
        f"The column {shown(name)} cannot be used as {_USES[use]}: its name stands for {title}.",
        where=f"column {shown(name)}",
        why=reason,
        mend="Leave the column out. If it holds something else, give it a name that says what.",
    )

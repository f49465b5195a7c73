"""Recorded reasons: how a wording that the guard doubts may stand, and never one that it refuses."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from evenhand.errors import BoundaryError
from evenhand.programme.guard import Kind, Verdict, assess_text, refusal, shown

FEWEST_LETTERS = 10
"""Of a reason: "ok" and "needed" are none."""

_LETTER = re.compile(r"[^\W\d_]")
_NAME = re.compile(r"[^\W\d_][^\W\d_.'’-]*(?:[ .'’-]+[^\W\d_][^\W\d_.'’-]*)+\.?")
_NOBODY = re.compile(
    r"\b(?:admin\w*|system|team|staff|department|office|nobody|unknown|user|test|n ?/? ?a|отдел\w*|команда"
    r"|сотрудник\w*|администратор\w*|система|никто)\b",
    re.IGNORECASE,
)


class Recorded(Protocol):
    """A recorded reason, as a programme file holds it."""

    @property
    def text(self) -> str:
        """The wording, word for word."""

    @property
    def reason(self) -> str:
        """Why it asks nothing that the boundary forbids."""

    @property
    def by(self) -> str:
        """Who answers for that: a person's name."""


@dataclass(frozen=True, slots=True)
class Justification:
    """A recorded reason.

    Attributes:
        text: the wording, word for word.
        reason: why it asks nothing that the boundary forbids.
        by: who answers for that: a person's name.
    """

    text: str
    reason: str
    by: str


def by_text(recorded: Iterable[Recorded]) -> dict[str, Recorded]:
    """Recorded reasons by the wording they are for.

    Raises:
        BoundaryError: two reasons for one wording (`boundary.justification`).
    """
    found: dict[str, Recorded] = {}
    for each in recorded:
        if each.text.strip() in found:
            raise unusable(each.text, "", "There are two reasons for it.", "Record one reason for each wording.")
        found[each.text.strip()] = each
    return found


def require(text: str, *, where: str, kind: Kind | None, justified: Mapping[str, Recorded]) -> Verdict:
    """Let a text stand, or say why it may not.

    Args:
        text: a question, a choice, a label or a name.
        where: the place, for the message.
        kind: `name` or `wording`; None to tell by the shape.
        justified: recorded reasons by the wording they are for; see `by_text`.

    Returns:
        The guard's verdict: `allow`, or `doubt` where a reason is recorded.

    Raises:
        BoundaryError: the text is refused (the code names the rule; a recorded reason changes nothing), is doubted
            and nobody recorded why it may stand (`boundary.doubt`), or what is recorded is no reason of a named
            person for exactly this wording (`boundary.justification`).
    """
    verdict = assess_text(text, kind)
    if verdict.rule is None:
        return verdict
    if verdict.verdict == "refuse":
        raise refusal(text, verdict.rule, where)
    reason = justified.get(text.strip())
    if reason is None:
        raise BoundaryError(
            "boundary.doubt",
            f"{shown(text)} may ask about {verdict.rule.title}.",
            where=where,
            why=f"{verdict.rule.reason} The guard stopped at {verdict.matched!r}.",
            mend="Say it in other words, or record the wording, the reason why it may stand, and a person's name.",
        )
    _check(text, reason, where)
    return verdict


def _check(text: str, reason: Recorded, where: str) -> None:
    if reason.text.strip() != text.strip():
        why, mend = f"It is for {shown(reason.text)}.", "Record a reason for exactly this wording."
    elif len(_LETTER.findall(reason.reason)) < FEWEST_LETTERS:
        why, mend = (
            "The reason is empty or too short to be one.",
            "Say why it asks nothing that the boundary forbids.",
        )
    elif _NOBODY.search(reason.by) or not _NAME.fullmatch(reason.by.strip()):
        why, mend = f"{reason.by!r} is nobody's name.", "Write the first and last name of who answers for it."
    else:
        return
    raise unusable(text, where, why, mend)


def unusable(text: str, where: str, why: str, mend: str) -> BoundaryError:
    """The error for a recorded reason that cannot be used.

    Args:
        text: the wording that it is for.
        where: the place, for the message.
        why: what is wrong with it.
        mend: what to do.
    """
    return BoundaryError(
        "boundary.justification",
        f"The recorded reason for {shown(text)} cannot be used.",
        where=where,
        why=why,
        mend=mend,
    )

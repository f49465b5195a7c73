"""Which page comes next: a page that is out of order leads to the right one."""

import re
from dataclasses import dataclass
from typing import Any

from evenhand.casework.case import Case
from evenhand.casework.explaintexts import Words
from evenhand.errors import EvenhandError
from evenhand.programme.definition import Programme
from evenhand.service.questions import Option, Question, by_key, next_question
from evenhand.store.known import Known
from evenhand.web.faults import told
from evenhand.web.visit import ElsewhereError, Visit

ANSWERING = frozenset({"consented", "answering"})
MEASURED = frozenset({"assessed", "proposed", "offer", "waiting", "not_this_round", "collected", "closed"})
CORRECTABLE = frozenset({"complete", "assessed", "proposed", "offer", "waiting", "not_this_round"})
DECIDED = frozenset({"offer", "waiting", "not_this_round", "collected"})

_NOTE = re.compile(r"\s*\([^()]*\)\s*$")
"""A note in brackets after the time that is asked about: it is for who chooses an instrument."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """The questions in the order in which this person meets them.

    Attributes:
        questions: answered ones, then what comes next.
        answered: how many of them have an answer or a reason for none.
        most: how many there can be.
    """

    questions: tuple[Question, ...]
    answered: int
    most: int


def base(visit: Visit) -> str:
    """Where the programme's pages begin."""
    return f"/p/{visit.programme.name}"


def mine(visit: Visit) -> str:
    """Where the pages of the person's case begin."""
    return f"{base(visit)}/my"


def case_of(visit: Visit) -> Case:
    """The case as it stands.

    Raises:
        StoreError: it was erased.
    """
    return known_of(visit).case


def known_of(visit: Visit) -> Known:
    """The case as it stands, so that a change can go on from it; its programme is known from then on.

    Raises:
        StoreError: it was erased.
    """
    known = visit.office.store.known(visit.case_id)
    visit.opened_under(visit.office.of_known(known))
    return known


def opens_old(case: Case) -> bool:
    """Whether the code that is in force opens old answers."""
    return case.access is None or case.access.opens_old_answers


def require_old(visit: Visit, case: Case) -> None:
    """Lead away from answers where the code was given out anew without the recovery phrase."""
    if not opens_old(case):
        raise ElsewhereError(mine(visit))


def require(visit: Visit, case: Case, states: frozenset[str]) -> None:
    """Lead to the right page where the case is in another state."""
    if case.state not in states:
        raise ElsewhereError(right_page(visit, case))


def right_page(visit: Visit, case: Case) -> str:
    """The page that a case stands at."""
    if visit.session is not None and "access" in visit.session.shown:
        return f"{mine(visit)}/code"
    if case.state in ANSWERING and not case.versions and opens_old(case):
        return f"{mine(visit)}/questions"
    return mine(visit)


def sequence(programme: Programme, case: Case) -> Sequence:
    """The questions of a case by number: a number never changes what it asks, and tells nothing of an answer."""
    known = by_key(programme)
    keys: list[tuple[str, str]] = [
        key for key, given in case.answers.items() if key in known and given.reason != "not_asked_by_design"
    ]
    fields = [key for key in known if key[0] == "field"]
    following = next_question(programme, case)
    answered = len(keys)
    if following is not None and following.component != "field":
        keys.append(following.key)
    else:
        keys += fields
        answered += sum(key[1] in case.fields for key in fields)
    most = sum(key[0] != "need" for key in known) + most_need(programme)
    return Sequence(tuple(known[key] for key in keys), answered, max(most, len(keys)))


def most_need(programme: Programme) -> int:
    """How many items of need are asked at most."""
    n_items = len(programme.need_instrument().items)
    adaptive = programme.asking.mode == "adaptive"
    return min(programme.asking.max_items or n_items, n_items) if adaptive else n_items


def asking_words(words: Words) -> dict[str, Any]:
    """What templates of questions call: the text of an option, and of the time that is asked about."""
    return {
        "option_text": lambda option: option_text(words, option),
        "plain_period": lambda period: _NOTE.sub("", words.pick(period)),
    }


def option_text(words: Words, option: Option) -> str:
    """The text of an option. Not knowing and not saying are worded for who reads them about themselves."""
    key = f"option.{option.reason}"
    return words.say(key) if option.reason and key in words.entries else words.pick(option.labels)


def field_error(visit: Visit, error: EvenhandError, field: str) -> list[tuple[str, str]]:
    """An error of ours beside the field that it is about."""
    what, _, mend = told(visit.words, error)
    return [(field, f"{what} {mend}".strip())]


def one_error(visit: Visit, field: str, key: str, **values: str) -> list[tuple[str, str]]:
    """An error out of the catalogue beside its field."""
    return [(field, visit.words.say(key, **values))]

"""What an explanation is made of. Plain values: texts in each language, figures, days, hashes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evenhand.casework.caseevents import Proposal
from evenhand.casework.decide import Capacity
from evenhand.casework.explainfigures import Curve
from evenhand.programme.coding import MissingReason

InWords = Mapping[str, str]
"""A text in each language."""

Outcome = Literal["offered", "put-waiting", "not-this-round"]
By = Literal["caseworker", "round"]


@dataclass(frozen=True, slots=True)
class Counted:
    """An answer that counted.

    Attributes:
        item: the item's name.
        wording: the question.
        answer: what was answered.
        theta_without: need measured from the other answers, logits.
        p_without: P(need >= threshold) from the other answers.
        theta_moved: need less need without it, logits: above 0, the answer raised the measure.
        p_moved: the same of P.
    """

    item: str
    wording: InWords
    answer: InWords
    theta_without: float
    p_without: float
    theta_moved: float
    p_moved: float


@dataclass(frozen=True, slots=True)
class NotKnown:
    """A question without an answer.

    Attributes:
        item: the item's name.
        wording: the question.
        reason: why there is no answer.
        could_be_known: whether there is an answer that nobody knows; it then widens `p_range`.
    """

    item: str
    wording: InWords
    reason: MissingReason
    could_be_known: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """The measure of need and how sure it is.

    Attributes:
        theta: posterior mean, logits.
        se: posterior SD, logits.
        p: P(need >= threshold).
        p_range: least and greatest P that any completion of the unknown answers would give.
        interval: equal-tailed posterior interval of probability 0.90, logits.
        threshold: the line, logits.
        distance: from the line to the measure, in SDs: below 0, the measure lies below the line.
        curve: the posterior.
    """

    theta: float
    se: float
    p: float
    p_range: tuple[float, float]
    interval: tuple[float, float]
    threshold: float
    distance: float
    curve: Curve


@dataclass(frozen=True, slots=True)
class Ruled:
    """The rule and where it led.

    Attributes:
        version: of the rule.
        certain_yes, certain_no, middle: its table.
        min_answered: fewer answered items are not assessable.
        proposal: what it proposed.
        reasons: its steps, in order.
    """

    version: str
    certain_yes: float
    certain_no: float
    middle: str
    min_answered: int
    proposal: Proposal
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The kind of support. Capacity chose it where it chose anything, and did nothing else.

    Attributes:
        fitting: the kind that fits, None when a caseworker chooses.
        offered: the kind that was offered, or None.
        capacity: level of capacity.
        measured: whether the programme asks about capacity at all.
    """

    fitting: InWords | None
    offered: InWords | None
    capacity: Capacity
    measured: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision. Names of staff are not in it.

    Attributes:
        version: of the decision.
        outcome: what was decided.
        by: who decided: a caseworker, or a round's draw.
        on: day, ISO date.
        reason: in the words that were written.
        overrides: whether a person decided other than was proposed.
        stands: whether no later decision took its place.
    """

    version: int
    outcome: Outcome
    by: By
    on: str
    reason: str
    overrides: bool
    stands: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """The round: its name, the owner's ticket and class in the public file, and the chance that the case had."""

    round: str
    ticket: str | None
    p_class: int | None
    probability: float | None


@dataclass(frozen=True, slots=True)
class Priority:
    """An extra fact that put the case earlier: the question and what it is for. None puts anybody later."""

    field: str
    label: InWords
    purpose: InWords


@dataclass(frozen=True, slots=True)
class Ways:
    """What can be done about it.

    Attributes:
        correctable: component, name and wording of every question whose answer can be corrected; empty where none.
        contests: version of the standing decision, None where there is none to contest.
        until: last day to contest it, ISO date, or None.
        reserved: whether places are kept for appeals.
        answer_days: days in which an appeal is answered.
        answer_by: day by which the open appeal is answered, ISO date; None where none is open.
        answered: whether an appeal changed the decision or not, None where there was none.
        answer: the reason that was given to it, or empty.
        complaints: where to complain without a code.
    """

    correctable: tuple[tuple[str, str, InWords], ...]
    contests: int | None
    until: str | None
    reserved: bool
    answer_days: int
    answer_by: str | None
    answered: bool | None
    answer: str
    complaints: str


@dataclass(frozen=True, slots=True)
class Frozen:
    """What the explanation was computed from.

    Attributes:
        assessment: version of the assessment.
        on: day of the assessment, ISO date.
        definition, instrument, scale, rule: hashes, hexadecimal.
        software: what measured then.
        newer: version of a later assessment, None where there is none.
    """

    assessment: int
    on: str
    definition: str
    instrument: str
    scale: str
    rule: str
    software: str
    newer: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a case stands where it stands; each part says one thing. `explaintell.tell` puts it into words.

    Attributes:
        programme: title of the programme.
        measured: need, and how sure the measure is.
        counted: the answers that counted.
        unknown: the questions without an answer.
        ruled: the rule.
        chosen: the kind of support.
        priority: extra facts that put the case earlier.
        has_priority: whether the programme has such facts.
        decided: the decision, or None.
        drawn: the round, or None.
        ways: what can be corrected and contested.
        frozen: what all this was computed from.
    """

    programme: InWords
    measured: Measured
    counted: tuple[Counted, ...]
    unknown: tuple[NotKnown, ...]
    ruled: Ruled
    chosen: Chosen
    priority: tuple[Priority, ...]
    has_priority: bool
    decided: Decided | None
    drawn: Drawn | None
    ways: Ways
    frozen: Frozen


@dataclass(frozen=True, slots=True)
class PictureWords:
    """What stands in and beside the picture of a posterior.

    Attributes:
        title, description, reading: what it shows, what can be seen, how to read it.
        axis, line, measure, interval, shaded: names of its parts.
        caption, columns, rows: the same figures as a table.
        mark: the decimal mark.
    """

    title: str
    description: str
    reading: str
    axis: str
    line: str
    measure: str
    interval: str
    shaded: str
    caption: str
    columns: tuple[str, str]
    rows: tuple[tuple[str, str], ...]
    mark: str

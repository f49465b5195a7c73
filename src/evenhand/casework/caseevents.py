"""Events about one case: sealed with the case's own key, erasable."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from evenhand.casework.event import CaseEvent
from evenhand.programme.coding import MissingReason

Source = Literal["self", "assisted"]
Proposal = Literal["offer", "review", "lottery", "not_this_round"]
Route = Literal["first", "recovery", "partner"]


@dataclass(frozen=True, slots=True)
class ConsentRecorded(CaseEvent):
    """The person read a notice and chose.

    Attributes:
        notice_version: version of the notice.
        notice_hash: hash of the notice's text in every language.
        purposes: each purpose of the notice, agreed to or not.
        language: the language it was read in.
        basis: the lawful basis, recorded apart from consent.
        district: the district the person named, a key of the programme's gazetteer.
    """

    kind: ClassVar[str] = "consent-recorded"

    notice_version: str
    notice_hash: str
    purposes: Mapping[str, bool]
    language: str
    basis: str
    district: str


@dataclass(frozen=True, slots=True)
class FieldRecorded(CaseEvent):
    """An extra fact that the programme declares, with its purpose and expiry. `value` None: not answered."""

    kind: ClassVar[str] = "field-recorded"

    field: str
    version: int
    value: str | None
    expires: str


@dataclass(frozen=True, slots=True)
class AnswerRecorded(CaseEvent):
    """An answer to an item, or the reason why there is none. A correction is the next version.

    Attributes:
        component: `need` or `capacity`.
        item: the item's name.
        version: 1 for the first answer, then 2, 3, …
        code: the code of the choice, as in the instrument; None where there is no answer.
        reason: why there is no answer; None where there is one.
        source: `self`, or `assisted` when a caseworker sat with the person (the actor says who).
    """

    kind: ClassVar[str] = "answer-recorded"

    component: str
    item: str
    version: int
    code: str | None
    reason: MissingReason | None
    source: Source = "self"


@dataclass(frozen=True, slots=True)
class CaseCompleted(CaseEvent):
    """Everything that will be asked was asked."""

    kind: ClassVar[str] = "case-completed"

    answered: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Assessed(CaseEvent):
    """The answers scored once, with everything that the figures depend on.

    Attributes:
        version: 1, then one more after each correction.
        answers: each item's category code as it was scored, None where unknown.
        theta: EAP of need, in the scale's logits, from need answers only.
        se: posterior SD, logits.
        p: P(need >= threshold).
        threshold: the threshold, logits.
        p_range: lowest and highest P that any completion of the unknown answers would give.
        capacity: `low` or `high`, or `unknown`; chooses the kind of support and nothing else.
        definition_hash: hash of the programme's definition.
        instrument_hash: hash of the need instrument.
        scale_hash: hash of the need scale.
        rule_hash: hash of the rule.
        software: name and version.
    """

    kind: ClassVar[str] = "assessed"

    version: int
    answers: Mapping[str, int | None]
    theta: float
    se: float
    p: float
    threshold: float
    p_range: tuple[float, float]
    capacity: str
    definition_hash: str
    instrument_hash: str
    scale_hash: str
    rule_hash: str
    software: str


@dataclass(frozen=True, slots=True)
class Proposed(CaseEvent):
    """What the rule proposes for an assessment, and why. A proposal is never a decision.

    Attributes:
        assessment: version of the assessment.
        proposal: `offer`, `review`, `lottery` or `not_this_round`.
        reasons: stable names of the rule's steps that led here, in order.
        support: the kind of support that would fit, or None.
        trace: the figures the rule looked at.
    """

    kind: ClassVar[str] = "proposed"

    assessment: int
    proposal: Proposal
    reasons: tuple[str, ...]
    support: str | None
    trace: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AppealOpened(CaseEvent):
    """The person, or someone they name, contests a decision; words are welcome, not needed.

    Attributes:
        decision: version of the decision that is contested.
        words: what the person said, or empty.
        on_behalf: whether someone the person named opened it.
        answer_by: day by which it is answered, ISO date, seen by both sides.
    """

    kind: ClassVar[str] = "appeal-opened"

    decision: int
    words: str
    on_behalf: bool
    answer_by: str


@dataclass(frozen=True, slots=True)
class AppealAnswered(CaseEvent):
    """A different member of staff answers an appeal, with a reason. `changed`: the decision changes."""

    kind: ClassVar[str] = "appeal-answered"

    decision: int
    changed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class RestrictionChanged(CaseEvent):
    """The person freezes the use of the case, or lifts the freeze."""

    kind: ClassVar[str] = "restriction-changed"

    on: bool


@dataclass(frozen=True, slots=True)
class Withdrawn(CaseEvent):
    """The person takes no further part."""

    kind: ClassVar[str] = "withdrawn"


@dataclass(frozen=True, slots=True)
class ContactRecorded(CaseEvent):
    """A contact detail for messages about this case only, or None when it is taken out."""

    kind: ClassVar[str] = "contact-recorded"

    contact: str | None


@dataclass(frozen=True, slots=True)
class AccessCodeIssued(CaseEvent):
    """An access code was made; the code itself is nowhere. `route`: first, by recovery phrase, by partner."""

    kind: ClassVar[str] = "access-code-issued"

    route: Route
    opens_old_answers: bool


@dataclass(frozen=True, slots=True)
class CollectionEvent(CaseEvent):
    """An event about collecting a support.

    Attributes:
        support: the kind of support.
    """

    support: str


@dataclass(frozen=True, slots=True)
class CollectionCodeIssued(CollectionEvent):
    """A one-time code for collecting the support was made."""

    kind: ClassVar[str] = "collection-code-issued"


@dataclass(frozen=True, slots=True)
class CollectionPresented(CollectionEvent):
    """The collection code was presented to a partner; the partner learns the support and nothing else."""

    kind: ClassVar[str] = "collection-presented"

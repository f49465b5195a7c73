"""The parts of a programme file, each a frozen model. `docs/reference/programme-file.md` explains each field.

Bounds that a single field can say stand here, and so reach the JSON Schema for editors; what several fields must
have in common stands in `definitionchecks.py`.
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from evenhand.programme.instrument import Code, Number, Text, Texts

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=64)]
"""Programmes, kinds of support and areas: lower case, so that it can stand in an address."""

FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Share = Annotated[Number, Field(gt=0, lt=1)]
Metric = Annotated[str | Number, Field(description="name of a threshold of the scale, or a number on its metric")]
Capacity = Literal["any", "low", "high"]


def _date(value: Any) -> Any:
    """A date as YAML text: 2026-11-01."""
    if isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Date = Annotated[date, BeforeValidator(_date)]
AsTuple = BeforeValidator(_tuple)


class Part(BaseModel):
    """A part of a programme: immutable, and strict about types and names."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class LawfulBasis(Part):
    """What allows the programme to hold answers, apart from anyone's consent.

    Attributes:
        basis: the kind of basis.
        law: the provision, by name and article.
        text: the same in plain words, in each language.
    """

    basis: Literal["public-task", "legal-obligation", "vital-interests", "legitimate-interests", "consent"]
    law: Text
    text: Texts


class Controller(Part):
    """Who answers for the programme, where to reach them, and where to complain about them."""

    name: Text
    contact: Text
    complaints: Text


class Dates(Part):
    """When the programme opens, stops taking people in, and ends. It always ends."""

    opens: Date
    intake_closes: Date
    ends: Date


class Purpose(Part):
    """One thing that answers are used for, chosen apart from the others.

    Attributes:
        name: `decide` is needed; `statistics` and `messages` never are.
        needed: whether taking part is impossible without it.
        text: what the person reads, in each language.
    """

    name: Literal["decide", "statistics", "messages"]
    needed: bool
    text: Texts


class Notice(Part):
    """What a person reads before taking part; consent is to this version."""

    version: Text
    text: Texts
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1), AsTuple]


class LatentPrior(Part):
    """The distribution of theta among those invited, Normal(mean, sd), where the parameters record none."""

    mean: Number
    sd: Annotated[Number, Field(gt=0, le=20)]


class Need(Part):
    """How need is measured.

    Attributes:
        instrument: name in the library, or path of a file beside this one.
        parameters: `published`, or path of a scale file.
        threshold: name of a threshold of the scale, or a number on its metric.
        min_answered: fewer answered items are *not assessable*, which goes to a person.
        latent: the distribution of theta, for published parameters that come without one.
    """

    instrument: Text
    parameters: Text
    threshold: Metric
    min_answered: Annotated[int, Field(ge=1)]
    latent: LatentPrior | None = None


class CapacityPart(Part):
    """How capacity is measured: it chooses the kind of support and enters no priority.

    Attributes:
        instrument: name in the library, or path of a file beside this one.
        parameters: `uncalibrated` (every level is unknown), `published`, or path of a scale file.
        threshold: capacity at or above it is high.
        certain: a level is known when its probability is at least this.
        min_answered: with fewer answered items the level is unknown.
        latent: the distribution of theta, for published parameters that come without one.
    """

    instrument: Text
    parameters: Text = "uncalibrated"
    threshold: Metric | None = None
    certain: Annotated[Number, Field(gt=0.5, lt=1)] = 0.8
    min_answered: Annotated[int, Field(ge=1)] = 1
    latent: LatentPrior | None = None


class Rule(Part):
    """The decision table on P(need ≥ threshold).

    Attributes:
        version: changes whenever the rule does.
        certain_yes: from here on the machine proposes an offer.
        certain_no: down from here it proposes *not this round*, which a person decides.
        middle: what happens between: a person looks, or the round's lottery decides.
        reserved_share: share of the places kept for appeals and reviews.
    """

    version: Text
    certain_yes: Share
    certain_no: Share
    middle: Literal["review", "lottery"]
    reserved_share: Annotated[Number, Field(ge=0, le=0.5)]


class Asking(Part):
    """Whether all items are asked, or those that tell most.

    Attributes:
        mode: `full` or `adaptive`; adaptive only on a calibrated scale that is not scored by raw score.
        max_items: never more; all of them with `full`.
        se_target: stop when the standard error is at most this; adaptive only.
    """

    mode: Literal["full", "adaptive"]
    max_items: Annotated[int, Field(ge=1)] | None = None
    se_target: Annotated[Number, Field(gt=0)] | None = None


class Support(Part):
    """One kind of help.

    Attributes:
        name: its key.
        title: its name for people, in each language.
        cost: what one costs, in the budget's currency.
        capacity: for whom it fits: `any`, or those of `low` or `high` capacity.
    """

    name: Key
    title: Texts
    cost: Annotated[Number, Field(gt=0)]
    capacity: Capacity


class Budget(Part):
    """What there is to give: money, its currency (ISO 4217) and the most places."""

    money: Annotated[Number, Field(gt=0)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    places: Annotated[int, Field(ge=1, le=10_000_000)]


class FieldChoice(Part):
    """One answer to a field."""

    code: Code
    labels: Texts


class ExtraField(Part):
    """A fact that is asked beside the instruments.

    Attributes:
        name: its name.
        label: the question, in each language.
        kind: `choice` among `choices`, or a `whole-number` from `lowest` to `highest`.
        purpose: what it is for, in each language.
        expires_days: days until it is erased.
        choices: the answers of a choice.
        lowest: least whole number.
        highest: greatest whole number.
        adds_priority: whether it can put somebody earlier. No field can put anybody later.
        priority_codes: codes of a choice that do.
        priority_from: the whole number from which it does.
        public: whether the public statistics may be split by it.
    """

    name: FieldName
    label: Texts
    kind: Literal["choice", "whole-number"]
    purpose: Texts
    expires_days: Annotated[int, Field(ge=1, le=731)]
    choices: Annotated[tuple[FieldChoice, ...], AsTuple] = ()
    lowest: int | None = None
    highest: int | None = None
    adds_priority: bool = False
    priority_codes: Annotated[tuple[Code, ...], AsTuple] = ()
    priority_from: int | None = None
    public: bool = False


class Retention(Part):
    """Days until data are erased, from the case's end or the programme's, whichever is first.

    Attributes:
        answers_days: answers and what was computed from them.
        contact_days: the optional contact detail.
        undecided_days: a case that nobody finished, from its last event.
        backups_days: how long backups are kept.
    """

    answers_days: Annotated[int, Field(ge=1, le=731)]
    contact_days: Annotated[int, Field(ge=1, le=731)]
    undecided_days: Annotated[int, Field(ge=1, le=731)]
    backups_days: Annotated[int, Field(ge=1, le=90)]


class Appeals(Part):
    """How long an appeal can be opened after a decision, and how soon it is answered, in days."""

    open_days: Annotated[int, Field(ge=14, le=366)]
    answer_days: Annotated[int, Field(ge=1, le=90)]


class District(Part):
    """A public district: the finest place that is ever known of anybody."""

    key: Key
    name: Texts


class Region(Part):
    """Districts that add up in the public statistics."""

    key: Key
    name: Texts
    districts: Annotated[tuple[District, ...], Field(min_length=1), AsTuple]


class Areas(Part):
    """The public list of regions and districts, and where it comes from."""

    source: Text
    regions: Annotated[tuple[Region, ...], Field(min_length=1), AsTuple]


class StatisticsPart(Part):
    """The privacy budget of the public statistics.

    Attributes:
        rho_per_year: zCDP budget of a year.
        delta: at which epsilon is stated.
        cells_per_invitation_year: most monthly cells that one invitation may enter in a year.
        thresholds: thresholds of the need scale that shares are published for.
        extra_field: a public field that figures are split by.
    """

    rho_per_year: Annotated[Number, Field(gt=0, le=1)]
    delta: Annotated[Number, Field(gt=0, le=1e-5)]
    cells_per_invitation_year: Annotated[int, Field(ge=1, le=12)]
    thresholds: Annotated[tuple[str, ...], AsTuple] = ()
    extra_field: FieldName | None = None

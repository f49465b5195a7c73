"""All that an auditor is shown of a programme: figures, what stands out in words, and what they rest on."""

from dataclasses import dataclass

from evenhand.audit.calibration import Calibration
from evenhand.audit.fairness import Fairness, RateDifference, Treatment
from evenhand.audit.figures import Figure
from evenhand.audit.overrides import Appeals, GroupShare, Overrides
from evenhand.audit.targeting import Targeting
from evenhand.audit.yardstick import GroupYardstick

WORDS = {
    "support": "are offered support",
    "missed": "of those in need get no support",
    "unneeded": "of those not in need get support",
}


@dataclass(frozen=True, slots=True)
class Targeted:
    """Targeting and calibration of everybody or one group.

    Attributes:
        group: label, `all` for everybody.
        n: people; None where that would show a small group.
        observed: the measure at its word.
        corrected: corrected for measurement error; None where the distribution of need has no estimate.
        calibration: P against the yardstick.
    """

    group: str
    n: int | None
    observed: Targeting
    corrected: Targeting | None
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class Grouping:
    """How the groups of one way of grouping compare.

    Attributes:
        name: of the grouping, such as `district`.
        min_n: fewest effective people of a figure.
        targeted: each group that has enough people.
        fairness: differences between groups.
        yardstick: how the answers of groups compare.
        missing: unanswered items, a row an item and group.
        withdrawn: withdrawals by group; empty where they are not known by it.
        effects: whose row of the decision table would change without each item, a row an item and group.
        notes: what the reader must know of these groups, one sentence each.
    """

    name: str
    min_n: int
    targeted: tuple[Targeted, ...]
    fairness: Fairness
    yardstick: tuple[GroupYardstick, ...]
    missing: tuple[GroupShare, ...]
    withdrawn: tuple[GroupShare, ...]
    effects: tuple[GroupShare, ...]
    notes: tuple[str, ...]

    @property
    def findings(self) -> tuple[str, ...]:
        """What stands out, one sentence each; nothing is a finding too, and then the tuple is empty."""
        reference = self.fairness.reference or ""
        return (
            *(_rate(row, reference) for row in self.fairness.differences if row.beyond),
            *(_treated(row, reference) for row in self.fairness.treatment if row.stands_out),
            *(line for row in self.yardstick for line in _measured(row, reference)),
            *(
                f"{row.group} leave {row.what} unanswered {_points(row.difference)} than {reference}."
                for row in self.missing
                if row.stands_out
            ),
            *(
                f"Without {row.what} the proposal for {row.group} would change {_points(row.difference)} than for "
                f"{reference}."
                for row in self.effects
                if row.stands_out
            ),
            *(
                f"{row.group} withdraw {_points(row.difference)} than {reference}."
                for row in self.withdrawn
                if row.stands_out
            ),
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an auditor is shown: what depends on no grouping once, and what does for each grouping.

    Attributes:
        programme: name of the programme.
        source: what the figures rest on, one sentence.
        n: people.
        min_n: fewest effective people of a figure.
        yardstick_of_p: what P was compared with, in words.
        everybody: targeting and calibration of everybody.
        missing: unanswered items of everybody, a row an item.
        withdrawn: share of all who consented that withdrew; None where it was not given.
        effects: whose row of the decision table would change without each item; empty without the rule's bounds.
        overrides: decisions against proposals; None where none were given.
        appeals: None where none were given.
        groupings: each way of grouping, the main one first.
        notes: what the reader must know, one sentence each.
    """

    programme: str
    source: str
    n: int
    min_n: int
    yardstick_of_p: str
    everybody: Targeted
    missing: tuple[GroupShare, ...]
    withdrawn: Figure | None
    effects: tuple[GroupShare, ...]
    overrides: Overrides | None
    appeals: Appeals | None
    groupings: tuple[Grouping, ...]
    notes: tuple[str, ...]

    @property
    def findings(self) -> tuple[str, ...]:
        """What stands out in any grouping."""
        return tuple(line for each in self.groupings for line in each.findings)

    def by(self, name: str) -> Grouping:
        """The grouping of that name."""
        return next(each for each in self.groupings if each.name == name)


def _rate(row: RateDifference, reference: str) -> str:
    return (
        f"{row.group}: the share who {WORDS['support']} differs from {reference} by {_signed(row.observed)}"
        if row.rate == "support"
        else f"{row.group}: the share {WORDS[row.rate]} differs from {reference} by {_signed(row.observed)}"
    ) + (
        f"; if everybody were treated alike it would by {_signed(row.null)}. This is more than need, the "
        "yardstick's error and chance would make."
    )


def _treated(row: Treatment, reference: str) -> str:
    return f"{row.group} get support {_points(row.difference)} than {reference} at equal measure."


def _measured(row: GroupYardstick, reference: str) -> list[str]:
    lines = []
    for each in row.differences:
        if each.kind == "error":
            lines.append(
                f"{row.group}: the error of the answers is {each.effect.value or 0:.2f} times as large as that of "
                f"{reference}, in every item alike: the scale measures them with other precision; no item is at "
                "fault."
            )
        elif each.size != "A":
            how = "less" if (each.effect.value or 0) > 0 else "more"
            lines.append(
                f"{each.item} is biased: at equal need {row.group} report it {how} readily than {reference}, "
                f"{abs(each.effect.value or 0):.2f} logits, size {each.size}."
            )
    return lines


def _signed(figure: Figure) -> str:
    return f"{100 * (figure.value or 0.0):+.0f} points"


def _points(figure: Figure) -> str:
    value = figure.value or 0.0
    return f"{abs(100 * value):.0f} points {'more' if value > 0 else 'less'} often"

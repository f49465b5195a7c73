"""Need by itself: the types that a decision takes.

With correlated components the answers about capacity move the joint posterior of need. A function that decides on
a person, ranks people or explains a decision therefore takes `NeedItems` and gives `NeedScores`. Both are made of
need's answers alone; `profile.JointItems` and `profile_scores.JointScores` are other types, and are refused when
the program runs as they are when it is checked.
"""

from dataclasses import dataclass

from evenhand.errors import OptionError
from evenhand.measure.models import Items
from evenhand.measure.patterns import Patterns
from evenhand.measure.responses import FloatArray
from evenhand.measure.score import score_patterns


@dataclass(frozen=True, slots=True)
class NeedItems:
    """Items of need with the prior that goes with them, calibrated without any other component's answers.

    Attributes:
        items: the J items on the metric of theta.
        mean: mean of the stated latent distribution, the same for everybody.
        sd: its SD.
    """

    items: Items
    mean: float
    sd: float

    def __post_init__(self) -> None:
        """Refuse items that are not need's own.

        Raises:
            OptionError: the items are those of a joint model, or no items at all.
        """
        if not isinstance(self.items, Items):
            raise _not_need_only(type(self.items).__name__)


@dataclass(frozen=True, slots=True)
class NeedScores:
    """Need of each of P patterns, from answers about need alone: what a decision may rest on.

    Attributes:
        theta: (P,) posterior means.
        se: (P,) posterior SDs.
        p_at_least: (P,) P(theta >= threshold | answers about need).
    """

    theta: FloatArray
    se: FloatArray
    p_at_least: FloatArray


def score_need(patterns: Patterns, need: NeedItems, *, threshold: float) -> NeedScores:
    """Score need for a decision.

    Args:
        patterns: P patterns on the need items, and on no others.
        need: those items.
        threshold: a point on theta's metric.

    Raises:
        OptionError: anything but `NeedItems`, or patterns of another number of items.
    """
    if not isinstance(need, NeedItems):
        raise _not_need_only(type(need).__name__)
    if patterns.n_items != need.items.n_items:
        raise OptionError(
            "need.other-items",
            f"The patterns have {patterns.n_items} items, and need has {need.items.n_items}.",
            why="A decision rests on the need items alone: no other answer may stand beside them.",
            mend="Give the patterns of the need items (need_only makes them).",
        )
    found = score_patterns(patterns, need.items, "eap", mean=need.mean, sd=need.sd, threshold=threshold)
    assert found.p_at_least is not None  # noqa: S101 - a threshold was given
    return NeedScores(found.theta, found.se, found.p_at_least)


def _not_need_only(kind: str) -> OptionError:
    return OptionError(
        "need.not-need-only",
        f"A decision cannot rest on {kind}.",
        why="What has seen the answers about capacity would lower the need of somebody who copes.",
        mend="Use items calibrated on the need answers alone, as NeedItems.",
    )

"""The joint posterior of need and capacity for each respondent: columns for reports, and nothing else.

What stands here has seen the answers about capacity. Nothing that decides, ranks or explains may import it; a test
reads every module's imports.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from evenhand.errors import ScaleFileError
from evenhand.measure.patterns import collapse
from evenhand.measure.profile_items import JointItems
from evenhand.measure.profile_scores import joint_scores_of
from evenhand.measure.responses import FloatArray
from evenhand.programme.answers import Answers
from evenhand.programme.scale import JointRecord, ScaleRecord, items_of
from evenhand.service.score import to_rows

PREFIX = "report_only_"
"""What every column of joint figures begins with."""

FOR_REPORTS = (
    f"Columns that begin with {PREFIX} come from need and capacity together. They are for reports only: a "
    "decision about a person rests on theta, se and p_at_least, which no answer about capacity moves."
)


@dataclass(frozen=True, slots=True)
class JointAnswers:
    """The joint posterior of each of N respondents; NaN where nothing was answered.

    Attributes:
        joint_mean: (N, 2) posterior means of need and capacity.
        joint_covariance: (N, 2, 2) posterior covariances.
    """

    joint_mean: FloatArray
    joint_covariance: FloatArray

    def columns(self) -> dict[str, FloatArray]:
        """The columns of a table, each named for what it may serve."""
        return {
            f"{PREFIX}need": self.joint_mean[:, 0],
            f"{PREFIX}capacity": self.joint_mean[:, 1],
            f"{PREFIX}var_need": self.joint_covariance[:, 0, 0],
            f"{PREFIX}var_capacity": self.joint_covariance[:, 1, 1],
            f"{PREFIX}covariance": self.joint_covariance[:, 0, 1],
        }


def require_joint(record: ScaleRecord) -> JointRecord:
    """The joint model of a scale.

    Raises:
        ScaleFileError: it has one component.
    """
    if record.joint is None:
        raise ScaleFileError(
            "scale.one-component",
            "The scale has no joint model of need and capacity.",
            mend="Leave --joint out, or calibrate items of both components (--components).",
        )
    return record.joint


def describe_jointly(record: ScaleRecord, answers: Answers) -> JointAnswers:
    """The joint posterior of each respondent, for reports.

    Args:
        record: a scale of two components.
        answers: answers to the items of both, in the order of its joint model.

    Raises:
        ScaleFileError: the scale has one component, or the answers are to other items.
    """
    joint = require_joint(record)
    if answers.item_names != joint.names:
        raise ScaleFileError(
            "scale.other-items",
            "The answers are not to the items of both components.",
            why=f"The joint model has {', '.join(joint.names)}; the answers have {', '.join(answers.item_names)}.",
            mend="Read the answers with the joint model's own coding.",
        )
    sd = np.array([joint.need.sd, joint.capacity.sd])
    is_capacity = np.array([item.component == "capacity" for item in joint.items])
    plain = items_of(joint.items)
    items = JointItems(plain.slope * sd[is_capacity.astype(np.int64)], plain.intercept, plain.graded)
    patterns = collapse(answers.responses, with_rows=True)
    found = joint_scores_of(
        patterns,
        items,
        need=np.flatnonzero(~is_capacity),
        capacity=np.flatnonzero(is_capacity),
        sd=sd,
        correlation=joint.correlation,
    )
    mean = np.stack([to_rows(found.joint_mean[:, place], patterns) for place in range(2)], axis=1)
    covariance = np.empty((len(mean), 2, 2))
    for first, second in ((0, 0), (0, 1), (1, 0), (1, 1)):
        covariance[:, first, second] = to_rows(found.joint_covariance[:, first, second], patterns)
    return JointAnswers(mean, covariance)


def answers_to(answers: Answers, names: Sequence[str]) -> Answers:
    """The same respondents' answers to some of the items, as if no other had been asked."""
    place = [answers.item_names.index(name) for name in names]
    responses = replace(
        answers.responses,
        codes=np.ascontiguousarray(answers.responses.codes[:, place]),
        categories=answers.responses.categories[place],
    )
    return replace(
        answers,
        responses=responses,
        coding=tuple(answers.coding[each] for each in place),
        missing_counts={reason: counts[place] for reason, counts in answers.missing_counts.items()},
    )

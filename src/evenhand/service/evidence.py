"""Evidence: from the columns of a programme's cases to what an auditor is shown."""

from dataclasses import dataclass, replace

import numpy as np

from evenhand.audit.calibration import calibration
from evenhand.audit.corrected import (
    corrected_gap,
    corrected_inclusion,
    corrected_or_reason,
    corrected_rate,
)
from evenhand.audit.effects import item_effects
from evenhand.audit.evidence import Evidence, Grouping, Targeted
from evenhand.audit.fairness import SETS, fairness
from evenhand.audit.figures import MIN_N, Figure, share_of
from evenhand.audit.overrides import (
    Appeals,
    GroupShare,
    Overrides,
    appeals,
    group_shares,
    missing_answers,
    overrides,
    shares_of_everybody,
    unanswered,
)
from evenhand.audit.people import People
from evenhand.audit.targeting import targeting
from evenhand.audit.yardstick import yardstick
from evenhand.errors import OptionError
from evenhand.measure.responses import BoolArray, FloatArray, IntArray
from evenhand.measure.withholding import MIN_GROUP, withheld

FROM_ANSWERS = "need of each group by its own distribution, fitted to the same answers"
FROM_OUTSIDE = "need as it was established otherwise"


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decisions of caseworkers.

    Attributes:
        who: (D,) caseworker of each.
        labels: their ids.
        against: (D,) 1 where the decision is not what was proposed.
    """

    who: IntArray
    labels: tuple[str, ...]
    against: FloatArray


@dataclass(frozen=True, slots=True)
class AppealTimes:
    """Appeals.

    Attributes:
        days: (A,) days to the decision, or until now.
        closed: (A,) whether it is decided.
        changed: (A,) whether the decision was changed.
        allowed_days: within which the programme answers.
    """

    days: FloatArray
    closed: BoolArray
    changed: BoolArray
    allowed_days: float


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """Everybody who consented, those who withdrew later among them.

    Attributes:
        group: (M,) group of each, -1 where it is not known.
        withdrawn: (M,) 1 where they withdrew.
    """

    group: IntArray
    withdrawn: FloatArray


def evidence(
    people: People,
    item_names: tuple[str, ...],
    *,
    programme: str,
    source: str,
    grouping: str = "group",
    need: FloatArray | None = None,
    decisions: Decisions | None = None,
    appealed: AppealTimes | None = None,
    withdrawals: Withdrawals | None = None,
    bounds: tuple[float, float] | None = None,
    min_n: int = MIN_N,
    sets: int = SETS,
    seed: int = 1,
) -> Evidence:
    """All figures of the audit, with one way of grouping; `grouped` makes further ones.

    Args:
        people: the assessed people.
        item_names: names of the J need items.
        programme: name of the programme.
        source: what the figures rest on, one sentence.
        grouping: what the groups are, one name.
        need: (N,) 1 in need, 0 not, NaN not known, as established otherwise (a visit, a survey); None without.
        decisions: of caseworkers.
        appealed: appeals.
        withdrawals: of all who consented.
        bounds: `certain_no` and `certain_yes` of the rule, for what each item does to decisions; None without.
        min_n: fewest effective people of a figure, at least 11.
        sets: how many times people are invented for the null.
        seed: of everything that is drawn.

    Raises:
        OptionError: min_n below 11, or fewer than 20 sets.
    """
    _require_protecting(min_n, sets)
    everybody = np.ones(people.n, dtype=np.bool_)
    ungrouped = replace(people, group=np.full(people.n, -1), labels=())
    missing = shares_of_everybody(unanswered(people, item_names), people.w, min_n=min_n) if people.n else ()
    effects = item_effects(ungrouped, item_names, bounds, min_n=min_n) if bounds is not None and people.n else ()
    return Evidence(
        programme=programme,
        source=source,
        n=people.n,
        min_n=min_n,
        yardstick_of_p=FROM_ANSWERS if need is None else FROM_OUTSIDE,
        everybody=_targeted(people, everybody, "all", need, min_n, seed),
        missing=missing,
        withdrawn=_share_withdrawn(withdrawals, min_n),
        effects=effects,
        overrides=_overrides(decisions),
        appeals=_appeals(appealed),
        groupings=(
            grouped(
                people,
                item_names,
                name=grouping,
                need=need,
                withdrawals=withdrawals,
                bounds=bounds,
                min_n=min_n,
                sets=sets,
                seed=seed,
            ),
        ),
        notes=_notes(people, need),
    )


def grouped(
    people: People,
    item_names: tuple[str, ...],
    *,
    name: str,
    need: FloatArray | None = None,
    withdrawals: Withdrawals | None = None,
    bounds: tuple[float, float] | None = None,
    min_n: int = MIN_N,
    sets: int = SETS,
    seed: int = 1,
) -> Grouping:
    """The figures of one way of grouping.

    Args:
        people: the assessed people, with their groups.
        item_names: names of the J need items.
        name: of the grouping.
        need: as for `evidence`.
        withdrawals: of all who consented, where their group is known; None where it is not.
        bounds: as for `evidence`.
        min_n: fewest effective people of a figure, at least 11.
        sets: how many times people are invented for the null.
        seed: of everything that is drawn.

    Raises:
        OptionError: min_n below 11, or fewer than 20 sets.
    """
    _require_protecting(min_n, sets)
    shown, several = people.shown(min_n), len(people.labels) > 1
    measured = yardstick(people, item_names) if several and people.n else ()
    effects = (
        item_effects(people, item_names, bounds, min_n=min_n)[len(item_names) :]
        if bounds is not None and several and people.n
        else ()
    )
    return Grouping(
        name=name,
        min_n=min_n,
        targeted=tuple(
            _targeted(people, own, label, need, min_n, seed)
            for own, label, show in zip(people.in_group, people.labels, shown, strict=True)
            if show
        ),
        fairness=fairness(people, min_n=min_n, sets=sets, seed=seed),
        yardstick=measured,
        missing=missing_answers(people, item_names, min_n=min_n) if several else (),
        withdrawn=_withdrawn(people.labels, withdrawals, min_n),
        effects=effects,
        notes=_notes_on_groups(people, shown, tuple(row.group for row in measured if row.differences)),
    )


def _require_protecting(min_n: int, sets: int) -> None:
    if min_n < MIN_GROUP or sets < 20:
        raise OptionError(
            "audit.options",
            f"An audit cannot show groups of {min_n} people, or rest on {sets} invented sets.",
            why=f"Fewer than {MIN_GROUP} people say too much about each; fewer than 20 sets show no distribution.",
            mend="Give at least 11 people and 20 sets.",
        )


def _targeted(
    people: People, rows: BoolArray, label: str, need: FloatArray | None, min_n: int, seed: int
) -> Targeted:
    part = people.take(rows)
    found = corrected_or_reason(people, rows) if part.n else None
    own = None if found is None or isinstance(found, Figure) else found
    corrected = None
    if own is not None:
        # the same by rank; the two errors get intervals that hold the fitted distribution too
        corrected = replace(
            targeting(own.p, part.theta, part.support, part.weights, min_n=min_n, seed=seed),
            exclusion=corrected_rate(people, own, "missed", min_n),
            inclusion=corrected_inclusion(people, own, min_n),
        )
    if need is not None:
        known = np.isfinite(need[rows])
        weights = None if part.weights is None else part.weights[known]
        of_p = calibration(part.p[known], need[rows][known], weights, min_n=min_n, seed=seed)
    elif own is not None:
        of_p = replace(
            calibration(part.p, own.p, part.weights, min_n=min_n, seed=seed),
            gap=corrected_gap(people, own, min_n),
        )
    else:
        of_p = calibration(np.zeros(0), np.zeros(0), min_n=min_n, seed=seed)
    observed = targeting(part.observed, part.theta, part.support, part.weights, min_n=min_n, seed=seed)
    return Targeted(label, part.n, observed, corrected, of_p)


def _withdrawn(labels: tuple[str, ...], found: Withdrawals | None, min_n: int) -> tuple[GroupShare, ...]:
    if found is None or len(labels) < 2:
        return ()
    counts = [float((found.group == place).sum()) for place in range(len(labels))]
    hidden = withheld(counts, float((found.group < 0).sum()))
    shown = tuple(count >= min_n and not hide for count, hide in zip(counts, hidden, strict=True))
    columns = [("withdrawn", found.withdrawn)]
    return group_shares(found.group, labels, np.ones(len(found.group)), columns, shown, min_n=min_n)


def _overrides(found: Decisions | None) -> Overrides | None:
    return None if found is None else overrides(found.who, found.labels, found.against)


def _appeals(found: AppealTimes | None) -> Appeals | None:
    if found is None:
        return None
    return appeals(found.days, found.closed, found.changed, allowed_days=found.allowed_days)


def _share_withdrawn(found: Withdrawals | None, min_n: int) -> Figure | None:
    if found is None:
        return None
    return share_of(found.withdrawn, np.ones(len(found.withdrawn)), min_n=min_n)


def _notes(people: People, need: FloatArray | None) -> tuple[str, ...]:
    lines = [
        "Corrected figures rest on this: among people with the same answers, support does not depend on need. A "
        "caseworker who sees more than the answers breaks it, for good reasons.",
    ]
    if need is None:
        lines.append(
            "P is compared with need as the same answers tell it: this shows whether one distribution for "
            "everybody misleads about a group, not whether the scale is right. A yardstick from outside would."
        )
    if people.weights is not None:
        lines.append("Sampling weights enter all figures but the test of equal treatment, which counts people.")
    return tuple(lines)


def _notes_on_groups(people: People, shown: tuple[bool, ...], otherwise: tuple[str, ...]) -> tuple[str, ...]:
    lines = []
    if otherwise:
        lines.append(
            f"The scale measures {', '.join(otherwise)} otherwise than the reference group. Their corrected "
            "figures, and what they would be if treated alike, rest on items that do not quite hold for them."
        )
    hidden = [label for label, show in zip(people.labels, shown, strict=True) if not show]
    if hidden:
        lines.append(f"Insufficient evidence, and so no figure: {', '.join(hidden)}.")
    if (people.group < 0).any():
        lines.append("People whose group is not known count for everybody, and in no group.")
    return tuple(lines)

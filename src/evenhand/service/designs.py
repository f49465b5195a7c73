"""How a calibration is to treat groups and items from elsewhere, from what an analyst names."""

from collections.abc import Sequence

from evenhand.errors import OptionError
from evenhand.programme.instrument import load_instrument
from evenhand.programme.scale import ScaleRecord
from evenhand.service.calibrate_fixed import FixedItems, fixed_from_instrument, fixed_from_scale
from evenhand.service.calibrate_groups import GroupDesign
from evenhand.service.link import FIES_GLOBAL


def group_design(
    group: str | None, reference: str | None = None, anchors: Sequence[str] | None = None
) -> GroupDesign | None:
    """The groups, None where no group column is named.

    Raises:
        OptionError: a reference or anchors without a group column.
    """
    if group is None:
        for option, value in (("--reference", reference), ("--anchors", anchors)):
            if value is not None:
                raise _alone(option, "--group", "groups")
        return None
    return GroupDesign(group, reference, None if anchors is None else tuple(anchors))


def held_items(fixed: ScaleRecord | str | None, chosen: Sequence[str] | None = None) -> FixedItems | None:
    """The items to hold, None where no scale is named.

    Args:
        fixed: a scale, or `fies-global`.
        chosen: the items; None for all in common.

    Raises:
        OptionError: items to hold and no scale that they come from, or an unknown reference.
    """
    if fixed is None:
        if chosen is not None:
            raise _alone("--fixed-items", "--fixed", "a scale to take parameters from")
        return None
    if isinstance(fixed, ScaleRecord):
        return fixed_from_scale(fixed, chosen)
    if fixed != FIES_GLOBAL:
        raise OptionError(
            "options.unknown-value",
            f"There is no reference {fixed!r}.",
            where="--fixed",
            mend=f"Use {FIES_GLOBAL}, or give a scale.",
        )
    return fixed_from_instrument(load_instrument("fies"), FIES_GLOBAL, chosen)


def _alone(option: str, other: str, what: str) -> OptionError:
    return OptionError(
        "options.alone",
        f"{option} means nothing without {other}.",
        where=option,
        why=f"It says something about {what}.",
        mend=f"Add {other}, or leave {option} out.",
    )

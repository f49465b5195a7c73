"""What a calibration of groups or of two components shows beside the items."""

from evenhand.cli.console import number, print_findings, print_table
from evenhand.programme.scale import GroupsRecord, JointRecord


def show_groups(groups: GroupsRecord) -> None:
    """Means and SDs of the groups, and the items with parameters of each group's own."""
    rows = [
        [
            group.label + (" (reference)" if group.label == groups.reference else ""),
            f"{group.n:,}",
            number(group.mean),
            number(group.se_mean),
            number(group.sd),
            number(group.se_sd),
        ]
        for group in groups.each
    ]
    print_table(f"Groups by {groups.column}", ["group", "people", "mean", "SE", "SD", "SE"], rows)
    own = [
        [item.name, group.label, "  ".join(number(b) for b in item.b), number(item.a, 2)]
        for group in groups.each
        for item in group.items
    ]
    if own:
        print_table("Items with parameters of a group's own", ["item", "group", "thresholds", "slope"], own)


def show_joint(joint: JointRecord) -> None:
    """The joint model of need and capacity."""
    rows = [
        [
            item.name,
            "  ".join(number(b) for b in item.b),
            "  ".join(number(se) for se in item.se_b or ()),
            number(item.a, 2),
        ]
        for item in joint.items
        if item.component == "capacity"
    ]
    print_table("Capacity (joint model, for reports only)", ["item", "thresholds", "SE", "slope"], rows)
    print_findings(
        "Need and capacity together",
        [
            f"correlation {number(joint.correlation)}, standard error {number(joint.se_correlation)}, "
            f"95 % interval {number(joint.low)} to {number(joint.high)}",
            f"SD of need {number(joint.need.sd)}, of capacity {number(joint.capacity.sd)}",
            "The scale above is of need alone, from the answers about need alone.",
        ],
    )


def joint_summary(joint: JointRecord) -> dict[str, object]:
    """The joint model's figures for machines."""
    return {
        "correlation": joint.correlation,
        "se_correlation": joint.se_correlation,
        "low": joint.low,
        "high": joint.high,
        "sd": {"need": joint.need.sd, "capacity": joint.capacity.sd},
        "items": [
            {
                "name": item.name,
                "component": item.component,
                "a": item.a,
                "b": list(item.b),
                "se_a": item.se_a,
                "se_b": item.se_b,
            }
            for item in joint.items
        ],
        "loglik": joint.loglik,
        "n": joint.n,
        "converged": joint.converged,
    }

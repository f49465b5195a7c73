"""Fit statistics for machines and for a person: of items and of everybody, never of a row."""

from collections.abc import Iterable
from typing import Any

from evenhand.cli.console import number, percent, print_findings, print_table
from evenhand.measure.normal import share_interval95
from evenhand.service.fit_statistics import Fit


def fit_body(found: Fit) -> dict[str, Any]:
    """The figures for machines; null where these answers have none."""
    return {
        "person_values": found.items.person_values,
        "n": found.items.n,
        "infit": _by_item(found, found.items.infit),
        "outfit": _by_item(found, found.items.outfit),
        "q3": found.items.q3,
        "standardised": _standardised(found),
        "s_x2": _s_x2(found),
        "overall": _overall(found),
        "q3_null": _dependence(found),
        "person_fit": _person(found),
        "reliability": found.reliability.marginal,
        "reliability_senses": {
            name: getattr(found.reliability, name)
            for name in ("marginal", "separation", "separation_with_extremes", "separation_equal")
        },
        "information": {name: getattr(found.information, name) for name in ("theta", "information", "se")},
        "estimated": found.estimated,
        "latent": None if found.latent is None else {"mean": found.latent.mean, "sd": found.latent.sd},
        "findings": list(found.findings),
        "notes": list(found.notes),
    }


def _by_item(found: Fit, values: Iterable[Any]) -> dict[str, Any]:
    return dict(zip(found.names, values, strict=True))


def _standardised(found: Fit) -> dict[str, Any] | None:
    z = found.standardised
    if z is None:
        return None
    return {
        "person_values": found.z_from,
        "z_infit": _by_item(found, z.z_infit),
        "z_outfit": _by_item(found, z.z_outfit),
    }


def _s_x2(found: Fit) -> dict[str, Any] | None:
    test, adjusted = found.s_x2, found.s_x2_adjusted
    if test is None or adjusted is None:
        return None
    columns = (test.statistic, test.df, test.p, adjusted, test.rmsea)
    names = ("statistic", "df", "p", "p_adjusted", "rmsea")
    items = {
        item: dict(zip(names, values, strict=True)) for item, *values in zip(found.names, *columns, strict=True)
    }
    return {"n": test.n, "n_incomplete": test.n_incomplete, "items": items}


def _overall(found: Fit) -> dict[str, Any] | None:
    if found.overall is None:
        return None
    names = ("kind", "statistic", "df", "p", "rmsea", "rmsea_interval", "srmsr", "cfi", "tli", "n", "n_incomplete")
    return {name: getattr(found.overall, name) for name in names}


def _dependence(found: Fit) -> dict[str, Any] | None:
    tested = found.dependence
    if tested is None:
        return None
    pairs = [
        {
            "items": [found.names[first], found.names[second]],
            "q3": tested.q3[first, second],
            "above_mean": tested.q3[first, second] - tested.mean,
            "p": tested.null.p_value(float(tested.q3[first, second]) - tested.mean),
        }
        for first, second in tested.pairs
    ]
    return {
        "q3": tested.q3,
        "mean": tested.mean,
        "mean_null": tested.null.mean,
        "critical_above_mean": tested.critical,
        "sets": len(tested.null.largest),
        "people": tested.people,
        "seed": tested.seed,
        "pairs": pairs,
    }


def _person(found: Fit) -> dict[str, Any] | None:
    if found.person is None:
        return None
    names = (
        "share_below_5",
        "share_below_1",
        "se_below_5",
        "se_below_1",
        "expected_below_5",
        "expected_below_1",
        "n",
    )
    body = {name: getattr(found.person, name) for name in names}
    for point in ("5", "1"):
        body[f"interval_below_{point}"] = share_interval95(body[f"share_below_{point}"], body[f"se_below_{point}"])
    return body


def show_fit(found: Fit) -> None:
    """Print the figures for a person."""
    columns = ["item", "infit", "outfit", "z infit", "z outfit", "S-X2", "df", "p (Holm)"]
    print_table(f"Fit from {found.items.person_values}, {found.items.n:,.0f} people", columns, _rows(found))
    print_findings("Scale", _scale(found))
    print_findings("What stands out", found.findings or ("Nothing.",))
    print_findings("Take note", found.notes)


def _rows(found: Fit) -> list[list[str]]:
    rows = []
    for place, name in enumerate(found.names):
        z, test, adjusted = found.standardised, found.s_x2, found.s_x2_adjusted
        rows.append(
            [
                name,
                number(found.items.infit[place], 2),
                number(found.items.outfit[place], 2),
                *(["–"] * 2 if z is None else [number(z.z_infit[place], 1), number(z.z_outfit[place], 1)]),
                *(
                    ["–"] * 3
                    if test is None or adjusted is None
                    else [number(test.statistic[place], 1), str(test.df[place]), number(adjusted[place])]
                ),
            ]
        )
    return rows


def _scale(found: Fit) -> list[str]:
    senses = found.reliability
    lines = [
        f"reliability on these answers: {number(senses.marginal)} (marginal), {number(senses.separation)} "
        f"(separation without extremes), {number(senses.separation_with_extremes)} (with extremes)"
    ]
    best = int(found.information.information.argmax())
    lines.append(
        f"most information {number(found.information.information[best], 2)} at theta "
        f"{number(found.information.theta[best], 2)}: a standard error of {number(found.information.se[best], 2)}"
    )
    if found.overall is not None:
        fit = found.overall
        lines.append(
            f"{fit.kind} {number(fit.statistic, 1)}, df {fit.df}, p {number(fit.p)}; RMSEA {number(fit.rmsea)} "
            f"(90 % interval {number(fit.rmsea_interval[0])} to {number(fit.rmsea_interval[1])}), "
            f"SRMSR {number(fit.srmsr)}"
        )
    if found.dependence is not None:
        tested = found.dependence
        lines.append(
            f"Q3: mean {number(tested.mean)}; 5 % of {len(tested.null.largest)} simulated sets that fit (seed "
            f"{tested.seed}) have a pair more than {number(tested.critical)} above the mean; here "
            f"{len(tested.pairs)} pairs are"
        )
    if found.person is not None:
        person = found.person
        low, high = share_interval95(person.share_below_5, person.se_below_5)
        lines.append(
            f"unlikely answer patterns (lowest 5 %): {percent(person.share_below_5)} of people ({percent(low)} to "
            f"{percent(high)}), {percent(person.expected_below_5)} expected; a figure about "
            "everybody, none about anyone"
        )
    return lines

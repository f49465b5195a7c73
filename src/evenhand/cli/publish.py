"""`evenhand publish` and `evenhand statistics`."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from evenhand.cli.console import OPTION_JSON, percent, print_findings, print_json, print_table, say, working
from evenhand.cli.officeoptions import FOLDER, AsJson, AsStaff, OfficeFolder, ProgrammeName, StoreUrl, opened
from evenhand.programme.definition import load_programme
from evenhand.service.public_statistics import JSON, PublicStatistics, show, statistics_files, write_statistics
from evenhand.service.publish import PublishedMonth
from evenhand.service.publish import publish as publish_months
from evenhand.service.staff import actor_of
from evenhand.service.statistics_power import CHANGES, PEOPLE, Buys, buys
from evenhand.statistics.area import Estimate
from evenhand.statistics.fayherriot import METHOD
from evenhand.statistics.figures import ALL, Figure

app = typer.Typer(
    name="statistics",
    help="Public statistics: figures from what was released, and what a privacy budget buys.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.callback()
def _group() -> None:
    """Public statistics: figures from what was released, and what a privacy budget buys."""


def publish(
    programme: ProgrammeName,
    staff: AsStaff,
    period: str | None = typer.Option(
        None, metavar="YYYY-MM", help="The month; every month that ended and is not released when left out."
    ),
    out: Path | None = typer.Option(None, help="Folder to write the public files into."),
    never_released: bool = typer.Option(
        False, "--never-released", help="After a restore: your word that the month was not released before it."
    ),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Release months of the public statistics: counted, charged to the privacy budget and drawn, each once.

    A month that was released is served again as it was drawn.

    Example: [bold]evenhand publish demo-town --as ana --period 2026-11 --out public/statistics[/]
    """
    with opened(office, store) as found, working("Counting, drawing …"):
        months = publish_months(found, actor_of(found, staff), programme, period, never_released=never_released)
        written = () if out is None else write_statistics(show(found, programme), out)
    if as_json:
        print_json({"months": [_month(each) for each in months], "files": [str(each) for each in written]})
        return
    for each in months:
        say(_told(each))
    if not months:
        say("Every month that ended is released.")
    if written:
        say(f"Wrote {', '.join(str(each) for each in written)}")


@app.command("show")
def show_statistics(
    programme: ProgrammeName,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Show the public statistics: figures of districts, regions and years, small areas, alerts, support given.

    Example: [bold]evenhand statistics show demo-town[/]
    """
    with opened(office, store) as found, working("Computing …"):
        statistics = show(found, programme)
    if as_json:
        typer.echo(statistics_files(statistics)[JSON], nl=False)
        return
    if not statistics.months:
        say("Nothing is released yet.")
        return
    for period in dict.fromkeys(each.period for each in statistics.figures):
        _table(statistics, period)
    _small_areas(statistics)
    _rest(statistics)


@app.command("power")
def show_power(
    programme: str = typer.Argument(help="Programme file, or the name of a programme of the library."),
    people: list[int] | None = typer.Option(None, help="People of a district in a month; may be repeated."),
    change: list[float] | None = typer.Option(None, help="Step in mean need, in SDs; may be repeated."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Show what a programme's privacy budget buys: noise, errors, and the chance to see a change.

    Example: [bold]evenhand statistics power demo-town --people 100 --change 0.5[/]
    """
    with working("Simulating …"):
        found = buys(load_programme(programme), people=people or PEOPLE, changes=change or CHANGES)
    if as_json:
        print_json(asdict(found))
        return
    _show_power(found)


def _month(each: PublishedMonth) -> dict[str, Any]:
    return {**asdict(each), "rho": str(each.rho), "remaining": str(each.remaining)}


def _told(each: PublishedMonth) -> str:
    if not each.fresh:
        return f"{each.period} was released before and stands as it was drawn."
    return (
        f"{each.period} is released. It cost each invitation that stands in it rho = {each.rho}; "
        f"one that stood in all it may stand in has {each.remaining} left until {each.renews}."
    )


def _table(statistics: PublicStatistics, period: str) -> None:
    names = [name for name, _ in statistics.thresholds]
    rows = [
        [_place(statistics, each), *_numbers(each, len(names))]
        for each in statistics.figures
        if each.period == period and each.group == ALL
    ]
    print_table(period, ["place", "people", "mean need", *names], rows)


def _small_areas(statistics: PublicStatistics) -> None:
    """Mean need of the latest month with the help of the other districts, beside the direct values."""
    rows = [
        [
            _name(statistics, each.area),
            f"{each.direct:.2f} ± {each.direct_se:.2f}",
            f"{each.value:.2f} ± {each.rmse:.2f}",
            percent(each.weight),
        ]
        for each in statistics.small
        if each.period == statistics.months[-1]
    ]
    if rows:
        columns = ["place", "direct, ± error", "with the others, ± error", "weight of direct"]
        print_table(f"Mean need, {statistics.months[-1]}: {METHOD}", columns, rows)


def _place(statistics: PublicStatistics, figure: Figure) -> str:
    return f"{_name(statistics, figure.area)} ({figure.kind})"


def _name(statistics: PublicStatistics, area: str) -> str:
    texts = statistics.areas.get(area, {})
    return texts.get("en") or next(iter(texts.values()), area)


def _numbers(figure: Figure, shares: int) -> list[str]:
    if figure.estimate is None:
        return ["too few", *[""] * (1 + shares)]
    estimate = figure.estimate
    people = f"{estimate.people.value:.0f} ({estimate.people.low:.0f} to {estimate.people.high:.0f})"
    mean = f"{estimate.mean.value:.2f} ({estimate.mean.low:.2f} to {estimate.mean.high:.2f})"
    return [people, mean, *(_share(each) for each in estimate.shares)]


def _share(each: Estimate) -> str:
    return f"{percent(each.value)} ({percent(each.low)} to {percent(each.high)})"


def _rest(statistics: PublicStatistics) -> None:
    say("Intervals hold 90 %: privacy noise, sampling and measurement error together.")
    alerts = [
        f"{each.area}: mean need {'up' if each.change > 0 else 'down'} by {abs(each.change):.2f} logits since "
        f"{each.since}; such an alert without any change: {percent(each.p_false)}"
        for each in statistics.alerts
    ]
    print_findings("Alerts", alerts or ["none"])
    given = [f"{each.round} ({each.month}): {each.places} places" for each in statistics.slots]
    print_findings("Support given, from the rounds' public places", given or ["no round was drawn"])


def _show_power(found: Buys) -> None:
    print_findings(
        f"Budget of {found.programme}",
        [
            f"rho = {found.rho_per_year:g} a year, epsilon = {found.epsilon:.2f} at delta = {found.delta:g}",
            f"an invitation may stand in {found.cells_a_year} month{'s' * (found.cells_a_year > 1)} of a year",
            f"noise: SD {found.sigma_cells:.1f} in a cell, {found.noise_sd:.1f} in a district's number of people",
        ],
    )
    rows = [
        [
            str(seen.people),
            "yes" if seen.shown else "too few",
            f"{seen.se:.2f}",
            f"{each.change / found.sd:g} SD in {each.months} months",
            percent(each.power),
        ]
        for seen in found.seen
        for each in seen.powers
    ]
    print_table(
        "Chance of an alert after a year's baseline",
        ["people a month", "shown", "error of a month", "change", "chance"],
        rows,
    )

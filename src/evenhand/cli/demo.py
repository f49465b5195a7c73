"""`evenhand demo`: what `make run` does."""

from dataclasses import asdict
from pathlib import Path

import typer

from evenhand.cli.calibrate import show_scale
from evenhand.cli.console import (
    OPTION_JSON,
    percent,
    print_findings,
    print_json,
    print_table,
    progress,
    say,
    working,
)
from evenhand.errors import OutputError
from evenhand.measure.prevalence import Share
from evenhand.service.demo import Demo, run_demo
from evenhand.service.demo_statistics import DemoStatistics, publish_demo
from evenhand.service.demo_town import Town, require_demo_or_nothing, seed_town
from evenhand.tabular.tables import write_table, write_text

OFFICE = "office"
"""The town's office, in the demo's folder."""

PUBLIC = "public"
"""What the town makes public, likewise."""


def demo(
    folder: Path = typer.Option(Path("evenhand-demo"), "--dir", help="Folder to write into."),
    people: int = typer.Option(1000, min=1, max=1000, help="How many people live in the demo town."),
    serve: bool = typer.Option(True, "--serve/--no-serve", help="Serve the town's pages when it is made."),
    port: int = typer.Option(8000, min=0, max=65535, help="Port to serve on; 0 chooses a free one."),
    as_json: bool = typer.Option(False, "--json", help=OPTION_JSON),
) -> None:
    """Real answers in; a calibrated, checked and linked scale, scores, prevalence, a report and a town out.

    The answers are the response patterns of the FAO's example country 1, with sampling weights. The town is an
    office in which as many invented people gave these answers, from its opening until today.

    Example: [bold]evenhand demo --dir demo[/]
    """
    require_demo_or_nothing(folder / OFFICE)
    with working("Calibrating, checking, linking …"):
        done = run_demo()
    written = write_demo(done, folder)
    with progress("The town takes part", people) as on_person:
        town = seed_town(folder / OFFICE, people=people, on_person=on_person)
    with working("A round, and the public statistics …"):
        public = publish_demo(
            town.folder, folder / PUBLIC, town.programme, town.day, analyst="boris", approver="elena"
        )
    if as_json:
        print_json(
            {
                "dir": str(folder),
                "files": written,
                "prevalence": [
                    {
                        "threshold": line.threshold,
                        "rule": line.rule,
                        "value": line.share.value,
                        "se": line.share.se,
                    }
                    for line in done.prevalence
                ],
                "town": town_body(town),
                "public": public_body(public),
            }
        )
        return
    show(done)
    show_town(town)
    show_public(public)
    say(f"Wrote {', '.join(written)} to {folder}/ – open {folder / 'report.html'} in a browser.")
    say(f"The town's office is in {town.folder}; try: evenhand office show --office {town.folder}")
    if serve:
        serve_town(town, port)


def serve_town(town: Town, port: int) -> None:
    """Serve the demo town, with an address for each role, until interrupted."""
    from evenhand.cli.serve import address
    from evenhand.service.demo_access import write_sign_ins

    with working("Passwords and second factors for the town's staff …"):
        sign_ins = write_sign_ins(town.folder, town.programme)
    print_findings(
        "Who goes where",
        [
            f"everybody: / and /p/{town.programme}",
            f"a person who takes part: /p/{town.programme}/sign-in, with the codes in {town.codes}",
            f"caseworker, analyst, auditor, administrator: /staff/sign-in, as {sign_ins} says",
            f"partner: /partner/sign-in, as {sign_ins} says",
        ],
    )
    address(town.folder, None, "127.0.0.1", port, None, as_json=False, demo=True)


def town_body(town: Town) -> dict[str, object]:
    """The town for machines."""
    return {
        "office": str(town.folder),
        "programme": town.programme,
        "day": town.day.isoformat(),
        "people": town.people,
        "invited": town.invited,
        "states": town.states,
        "proposals": town.proposals,
        "entries": town.entries,
        "staff": town.staff,
        "codes": str(town.codes),
    }


def public_body(public: DemoStatistics) -> dict[str, object]:
    """What was made public, for machines."""
    return {
        "months": public.months,
        "offered": public.offered,
        "simulated": {
            "district": public.district,
            "since": public.since,
            "alerts": [asdict(each) for each in public.alerts],
        },
        "files": [str(each) for each in public.files],
    }


def show_public(public: DemoStatistics) -> None:
    """What was made public, for a person."""
    found = [f"{each.area} since {each.since} (by chance alone: {each.p_false:.4f})" for each in public.alerts]
    print_findings(
        "What the town makes public",
        [
            f"statistics of {', '.join(public.months) or 'no month yet'}",
            f"a round that gave {public.offered} places",
            f"two simulated years in which need rises in {public.district} in {public.since}; the alerts: "
            f"{'; '.join(found) or 'none'}",
        ],
    )


def show_town(town: Town) -> None:
    """The town for a person."""
    words = {
        "offer": "offer",
        "lottery": "lottery",
        "review": "review by a person",
        "not_this_round": "not this round",
    }
    print_table(
        "Demo town",
        ["proposed", "cases"],
        [[words.get(name, name), f"{count:,}"] for name, count in town.proposals.items()],
    )
    print_findings(
        "The town's office",
        [
            f"programme {town.programme} on {town.day}: {town.people:,} of {town.invited:,} invited people",
            f"ledger of {town.entries:,} entries",
            f"staff: {', '.join(f'{name} ({role})' for name, role in town.staff.items())}",
            f"one person's codes and a free invitation, to try the commands with: {town.codes}",
        ],
    )


def write_demo(done: Demo, folder: Path) -> list[str]:
    """Write the scale, the scores and the report; returns the names of the files.

    Raises:
        OutputError: the folder cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            "output.unwritable",
            "The folder cannot be made.",
            where=str(folder),
            why=error.strerror or "",
            mend="Name another folder with --dir.",
        ) from error
    write_text(done.record.to_json(), folder / "scale.json")
    patterns = done.patterns
    write_table(
        {
            "pattern": list(range(1, patterns.n_patterns + 1)),
            "people": patterns.n,
            "answered": patterns.answered.sum(axis=1),
            "theta": done.scores.theta,
            "se": done.scores.se,
            "p_moderate": done.scores.p_at_least if done.scores.p_at_least is not None else [],
            "p_severe": done.p_severe,
        },
        folder / "scores.csv",
    )
    write_text(_report(done), folder / "report.html")
    return ["report.html", "scale.json", "scores.csv"]


def _report(done: Demo) -> str:
    from evenhand.report.build import build_content
    from evenhand.report.content import PrevalenceContent
    from evenhand.report.page import render_report

    lines = tuple(
        PrevalenceContent(
            threshold=line.threshold,
            value=done.record.threshold(line.threshold),
            rule=line.rule,
            group="all",
            prevalence=line.share.value,
            se=line.share.se,
            n=int(line.share.n),
        )
        for line in done.prevalence
    )
    incomplete = int(done.patterns.n[~done.patterns.complete].sum())
    content = build_content(
        done.record,
        done.patterns,
        done.calibrated.fit,
        title="Food insecurity: a scale and what it finds",
        source=done.source,
        prevalence=lines,
        reference=done.linked.reference,
        left_out=(
            f"{incomplete} people left out some answers: what they answered counts, but not in the FAO rule.",
        ),
    )
    return render_report(content)


def show(done: Demo) -> None:
    """The demo's results for a person."""
    show_scale(done.calibrated)
    link = done.linked.link
    unique = ", ".join(done.record.names[place] for place in link.dropped) or "none"
    print_findings(
        "Link to the FIES global standard",
        [f"global = {link.shift:.3f} + {link.scale:.3f} × own; items that did not serve for it: {unique}"],
    )
    rows = [
        [
            f"{line.threshold} ({line.rule})",
            percent(line.share.value),
            _interval(line.share),
        ]
        for line in done.prevalence
    ]
    print_table("Prevalence of food insecurity", ["threshold (rule)", "share", "95 % interval"], rows)
    print_findings("What stands out", done.findings)
    print_findings("Take note", done.record.warnings)


def _interval(share: Share) -> str:
    low, high = share.interval
    return f"{percent(low)} to {percent(high)}"

"""`evenhand queue` and `evenhand decide`."""

from dataclasses import asdict

import typer

from evenhand.cli.console import print_json, print_table, say
from evenhand.cli.officeoptions import FOLDER, AsJson, AsStaff, OfficeFolder, ProgrammeName, StoreUrl, opened
from evenhand.errors import OptionError
from evenhand.service.decide import not_this_round, offer
from evenhand.service.queue import case_by_pseudonym
from evenhand.service.queue import queue as read_queue
from evenhand.service.staff import actor_of


def queue(
    programme: ProgrammeName,
    staff: AsStaff,
    limit: int = typer.Option(100, min=1, max=10_000, help="Most cases of each kind."),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """List open cases: what needs a person first, and why. No answer and no measure is shown.

    Example: [bold]evenhand queue demo-town --as carl[/]
    """
    with opened(office, store) as found:
        rows = read_queue(found, actor_of(found, staff), programme, limit=limit)
    if as_json:
        print_json(
            {
                "cases": [
                    {
                        "pseudonym": row.file.pseudonym,
                        "why": row.why,
                        "reasons": row.reasons,
                        "state": row.file.state,
                        "since": row.file.since,
                        "answer_by": row.file.answer_by,
                    }
                    for row in rows
                ]
            }
        )
        return
    print_table(
        f"{len(rows)} open cases",
        ["case", "why", "since", "answer by"],
        [
            [
                row.file.pseudonym,
                ", ".join([row.why.replace("_", " "), *row.reasons]),
                row.file.since[:10],
                row.file.answer_by or "–",
            ]
            for row in rows
        ],
    )


def decide(
    pseudonym: str = typer.Argument(help="The case, as the queue names it. One at a time."),
    staff: AsStaff = ...,  # type: ignore[assignment]
    reason: str = typer.Option(help="The reason, in words that the person will read."),
    support: str | None = typer.Option(None, "--offer", metavar="SUPPORT", help="Offer this kind of support."),
    refuse: bool = typer.Option(False, "--not-this-round", help="Give nothing in this round; can be contested."),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Decide one case, with a reason. The way to contest it goes out with the decision.

    Example: [bold]evenhand decide 2ksjrqnfymok5kzksukgaromyu --as carl --offer food-parcel --reason "…"[/]
    """
    if (support is None) == (not refuse):
        raise OptionError(
            "decide.one-outcome",
            "A decision is either an offer or not this round.",
            where="--offer, --not-this-round",
            mend="Give one of the two.",
        )
    with opened(office, store) as found:
        actor = actor_of(found, staff)
        case_id = case_by_pseudonym(found, actor, pseudonym)
        if support is not None:
            done = offer(found, actor, case_id, support=support, reason=reason)
        else:
            done = not_this_round(found, actor, case_id, reason=reason)
    if as_json:
        told = asdict(done.decision)
        told.pop("case")
        print_json({**told, "at": done.decision.at.isoformat(), "kind": done.decision.kind, "index": done.index})
        return
    say(
        f"Decided: {done.decision.kind.replace('-', ' ')}. It can be contested until {done.decision.appeal_until}."
    )

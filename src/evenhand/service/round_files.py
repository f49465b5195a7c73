"""A round's public files, and anyone's recomputation from them."""

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evenhand.casework.allocate import Entry, Result
from evenhand.casework.protocol import (
    LEAST_IN_CLASS,
    Difference,
    Protocol,
    draw,
    may_be_public,
    protocol_from,
    replay,
)
from evenhand.casework.roles import Actor
from evenhand.errors import RoundError
from evenhand.service.office import Office, permit
from evenhand.service.round_receipts import check_receipts
from evenhand.service.rounds import Steps, protocol_of, steps_of
from evenhand.store.receiptfile import write_receipt
from evenhand.store.tickets import tickets

HEAD = ("ticket", "class", "result")
PROTOCOL, TICKETS = "protocol.json", "tickets.csv"
LARGEST = 200_000_000
"""Bytes of a file that is read: a list of over three million tickets."""


@dataclass(frozen=True, slots=True)
class RoundFiles:
    """What a round publishes.

    Attributes:
        protocol: text of `protocol.json`, with a receipt of each step.
        tickets: text of `tickets.csv`; None where a class is too small, and an auditor replays instead.
    """

    protocol: str
    tickets: str | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a recomputation from the stored list came to; nothing in it is about one person.

    Attributes:
        protocol: of the round.
        entries: tickets of the list.
        offered: offers among their results.
        classes: classes of P that occur.
        small_classes: those of them with fewer than 11 entries; the public file is withheld where there is one.
        step: where a difference is: `commitment`, `list`, `draw`, `results`, `sum` or `ledger`; None: identical.
        differing: how many results differ, where they do.
        field: which field or receipt differs, or empty.
    """

    protocol: Protocol
    entries: int
    offered: int
    classes: int
    small_classes: int
    step: str | None
    differing: int | None
    field: str

    @property
    def identical(self) -> bool:
        """Whether nothing differs."""
        return self.step is None


def round_files(office: Office, programme: str, name: str) -> RoundFiles:
    """The public files of a round, as far as it has come.

    Raises:
        RoundError: there is no such round.
    """
    with office.store.reading() as reading:
        protocol = protocol_of(office, reading, programme, name)
        steps = steps_of(reading, programme, name)
        rows = tickets(reading, programme, name)
    body = json.dumps(
        {**protocol.to_json(), "ledger": _receipts(office, steps)}, indent=1, ensure_ascii=False, sort_keys=True
    )
    entries = [Entry(row.ticket, row.p_class) for row in rows]
    shown = protocol.secret is not None and may_be_public(entries)
    listed = _csv([(row.ticket, row.p_class, str(row.result)) for row in rows]) if shown else None
    return RoundFiles(body + "\n", listed)


def write_round_files(files: RoundFiles, folder: Path) -> tuple[Path, ...]:
    """Write a round's public files into a folder; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / PROTOCOL]
    written[0].write_text(files.protocol, "utf-8")
    if files.tickets is not None:
        written.append(folder / TICKETS)
        written[1].write_text(files.tickets, "utf-8")
    return tuple(written)


def replay_files(place: Path) -> tuple[Protocol, Difference | None]:
    """Recompute a round from its public files.

    Args:
        place: the round's folder, or one of the two files in it.

    Returns:
        The protocol, and the first difference or None.

    Raises:
        RoundError: a file is missing or is not what it should be.
    """
    folder = place if place.is_dir() else place.parent
    body = _json(folder / PROTOCOL)
    protocol = protocol_from(body)
    entries, results = _rows(folder / TICKETS)
    return protocol, _recomputed(protocol, entries, results, body.get("ledger"))


def replay_stored(office: Office, actor: Actor, programme: str, name: str) -> Replayed:
    """Recompute a round from the stored list, as anybody does from the public files: also where they are withheld.

    It tells the result and counts. Where the list differs it says how many entries do, and names no ticket.

    Args:
        office: the office.
        actor: an auditor.
        programme: its name.
        name: of the round.

    Raises:
        CaseError: not yours to see, or there is no such programme.
        RoundError: there is no such round, or it was not revealed.
    """
    permit(actor, "replay")
    with office.store.reading() as reading:
        office.programme(reading, programme)
        protocol = protocol_of(office, reading, programme, name)
        steps = steps_of(reading, programme, name)
        rows = tickets(reading, programme, name)
    if steps.revealed is None:
        raise RoundError(
            "round.order",
            "The round was not drawn.",
            where=f"round {name[:40]!r}",
            why="There is nothing to recompute before the secret is revealed.",
            mend="Come back when it was revealed.",
        )
    entries = [Entry(row.ticket, row.p_class) for row in rows]
    results: list[Result] = ["offer" if row.result == "offer" else "waiting" for row in rows]
    found = _recomputed(protocol, entries, results, _receipts(office, steps))
    sizes = Counter(entry.p_class for entry in entries)
    return Replayed(
        protocol=protocol,
        entries=len(entries),
        offered=results.count("offer"),
        classes=len(sizes),
        small_classes=sum(count < LEAST_IN_CLASS for count in sizes.values()),
        step=None if found is None else found.step,
        differing=_differing(protocol, entries, results)
        if found is not None and found.step == "results"
        else None,
        field=found.where if found is not None and found.where.startswith(("field ", "receipt")) else "",
    )


def _recomputed(
    protocol: Protocol, entries: list[Entry], results: list[Result], receipts: Any
) -> Difference | None:
    return replay(protocol, entries, results) or check_receipts(protocol, receipts)


def _differing(protocol: Protocol, entries: list[Entry], results: list[Result]) -> int:
    """How many results are not those of the draw; it can be made, since it found the first of them."""
    _, found = draw(protocol, entries, bytes.fromhex(protocol.secret or ""))
    return sum(mine != theirs for mine, theirs in zip(found.results, results, strict=True))


def _receipts(office: Office, steps: Steps) -> dict[str, Any]:
    """A receipt of each step that was taken."""
    taken = {name: getattr(steps, name) for name in ("planned", "closed", "drawn", "revealed")}
    return {
        step: json.loads(write_receipt(office.store.receipt(found[0], office.clock())))
        for step, found in taken.items()
        if found is not None
    }


def _csv(rows: list[tuple[str, int, str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows(rows)
    return out.getvalue()


def _json(path: Path) -> dict[str, Any]:
    try:
        body = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise _fault(path, "It is not JSON.") from error
    if not isinstance(body, dict):
        raise _fault(path, "It holds no protocol.")
    return body


def _rows(path: Path) -> tuple[list[Entry], list[Result]]:
    rows = list(csv.reader(io.StringIO(_text(path))))
    if not rows or tuple(rows[0]) != HEAD:
        raise _fault(path, f"Its first line is not {','.join(HEAD)}.")
    entries: list[Entry] = []
    results: list[Result] = []
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(HEAD) or not row[1].isascii() or not row[1].isdigit() or len(row[1]) > 2:
            raise _fault(path, f"Line {line} is not ticket, class, result.")
        if row[2] not in {"offer", "waiting"}:
            raise _fault(path, f"Line {line} has a result that there is not.")
        entries.append(Entry(row[0], int(row[1])))
        results.append("offer" if row[2] == "offer" else "waiting")
    return entries, results


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise _fault(path, f"It has more than {LARGEST:,} bytes.")
        return path.read_text("utf-8")
    except FileNotFoundError as error:
        raise _fault(path, "It is not there. Where a class is too small, only an auditor can replay.") from error
    except (OSError, ValueError) as error:
        raise _fault(path, "It cannot be read as text in UTF-8.") from error


def _fault(path: Path, why: str) -> RoundError:
    return RoundError(
        "round.file",
        "A file of the round cannot be used.",
        where=str(path),
        why=why,
        mend="Take the published files.",
    )

"""Programmes: a new file to edit, all the faults of one, and what one means for the people in it."""

import re
from dataclasses import dataclass
from pathlib import Path

from evenhand.errors import EvenhandError, OutputError, ProgrammeError
from evenhand.programme.definition import (
    Programme,
    examine,
    library_text,
    load_programme,
    read_programme_document,
)
from evenhand.programme.yamltext import PROGRAMME_FILE, parse_document

DEMO = "demo-town"

_NO_FILE = ("programme.not-found", "programme.directory", "programme.unreadable")
"""Faults of the command's argument, not of a file's content."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a programme does, in sentences for who answers for it.

    Attributes:
        asked: what people are asked.
        stored: what is kept.
        decided: what is decided, by whom and how.
        published: what leaves.
        erased: what is erased, and when.
        open: what is not settled yet.
    """

    asked: tuple[str, ...]
    stored: tuple[str, ...]
    decided: tuple[str, ...]
    published: tuple[str, ...]
    erased: tuple[str, ...]
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A programme file that was checked.

    Attributes:
        source: the file.
        programme: the programme, None where there are faults.
        faults: every fault, in the file's order; each says file, line, rule and mend.
        all_looked_at: False while single fields are at fault: what several have in common is looked at after that.
    """

    source: str
    programme: Programme | None
    faults: tuple[EvenhandError, ...]
    all_looked_at: bool


def check_programme(path_or_name: str | Path) -> Checked:
    """Check a programme file, all of it.

    Raises:
        ProgrammeError: there is no such file.
    """
    try:
        document, folder = read_programme_document(path_or_name)
    except ProgrammeError as error:
        if error.code in _NO_FILE:
            raise
        return Checked(str(path_or_name), None, (error,), all_looked_at=False)
    programme, faults = examine(document, folder=folder)
    single = {PROGRAMME_FILE.codes[each] for each in ("field", "missing-field", "unknown-field", "format")}
    looked = not any(fault.code in single for fault in faults)
    return Checked(document.source, programme, faults, looked)


def new_programme(path: Path, *, source: str = DEMO) -> Programme:
    """Write a commented programme file, ready to edit, and nothing where a file stands already.

    The programme is named after the file where that makes a name; everything else is the library programme's.

    Args:
        path: the file to make.
        source: the library programme to begin with.

    Raises:
        ProgrammeError: no such library programme.
        OutputError: a file stands there, or none can be written.
    """
    content = _named_after(path, library_text(source).decode("utf-8"))
    _write_new(path, content.encode("utf-8"))
    return load_programme(path)


def meaning(programme: Programme) -> Meaning:
    """What a programme does, in sentences."""
    return Meaning(
        _asked(programme),
        _stored(programme),
        _decided(programme),
        _published(programme),
        _erased(programme),
        _open(programme),
    )


def _named_after(path: Path, text: str) -> str:
    """The file's text with the file's name for the programme's, where that is a name it can have."""
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.casefold()).strip("-")
    renamed = re.sub(r"^name: .*$", f"name: {name}", text, count=1, flags=re.MULTILINE)
    _, faults = examine(parse_document(renamed.encode("utf-8"), source=path.name, kind=PROGRAMME_FILE))
    return text if faults else renamed


def _write_new(path: Path, content: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise OutputError(
            "output.exists",
            "Something stands there already.",
            where=str(path),
            why="A new programme never replaces one that somebody wrote.",
            mend="Give another name.",
        ) from error
    except (OSError, ValueError) as error:
        raise OutputError(
            "output.unwritable",
            "The file cannot be written.",
            where=str(path)[:200],
            why=getattr(error, "strerror", None) or str(error),
            mend="Check that the folder exists, that you may write to it, and that there is space.",
        ) from error


def _asked(programme: Programme) -> tuple[str, ...]:
    need, capacity = programme.need_instrument(), programme.capacity_instrument()
    how = "in full" if programme.asking.mode == "full" else f"adaptively, at most {programme.asking.max_items}"
    lines = [f"Need: {need.name}, {len(need.items)} items, {how}."]
    if capacity is not None:
        lines.append(f"Capacity: {capacity.name}, {len(capacity.items)} items.")
    lines += [f"{field.name}: {_first(field.label)}" for field in programme.fields]
    lines.append(f"Languages: {', '.join(programme.languages)}. Nothing else is asked, and nothing is observed.")
    return tuple(lines)


def _stored(programme: Programme) -> tuple[str, ...]:
    lines = ["Answers, the measure and its error, proposals, decisions with their reasons, and consent."]
    lines += [f"{field.name}, for: {_first(field.purpose)}" for field in programme.fields]
    lines.append("The district that the invitation was handed out in, out of a public list; no finer place.")
    if any(purpose.name == "messages" for purpose in programme.notice.purposes):
        lines.append("A contact, encrypted, if the person chooses messages.")
    lines.append("No name, no number of a document, nothing that joins a person to another programme.")
    return tuple(lines)


def _decided(programme: Programme) -> tuple[str, ...]:
    rule, need = programme.rule, programme.need
    middle = "a person looks" if rule.middle == "review" else "the round's lottery decides"
    lines = [
        f"P(need ≥ {need.threshold}) of {rule.certain_yes:g} or more: an offer is proposed.",
        f"Between {rule.certain_no:g} and {rule.certain_yes:g}: {middle}.",
        f"{rule.certain_no:g} or less: 'not this round' is proposed; a named person decides, with a reason.",
        f"Fewer than {need.min_answered} answers: a person looks; never a no.",
        f"Places kept for appeals and reviews: {100 * rule.reserved_share:g} %.",
        f"Appeals: within {programme.appeals.open_days} days, answered in {programme.appeals.answer_days}.",
    ]
    lines += [f"{field.name} can put somebody earlier." for field in programme.fields if field.adds_priority]
    lines += [
        f"Support {kind.name}: {kind.cost:g} {programme.budget.currency}, for {kind.capacity} capacity."
        for kind in programme.support
    ]
    lines.append(
        f"Budget: {programme.budget.money:g} {programme.budget.currency}, {programme.budget.places} places."
    )
    return tuple(lines)


def _published(programme: Programme) -> tuple[str, ...]:
    budget, areas = programme.statistics, programme.areas
    split = f", split by {budget.extra_field}" if budget.extra_field else ""
    places = f"{len(programme.district_keys())} districts in {len(areas.regions)} regions"
    return (
        f"Noisy monthly figures for {places}{split}.",
        f"Shares above: {', '.join(budget.thresholds) or 'no threshold'}.",
        f"Privacy budget: rho {budget.rho_per_year:g} a year; one invitation enters at most "
        f"{budget.cells_per_invitation_year} monthly figures a year.",
        *_seen_in_time(programme),
        "A round's public file of tickets, classes and results, without area, date or pseudonym.",
    )


def _seen_in_time(programme: Programme) -> tuple[str, ...]:
    """What the budget buys; loaded only where it is told."""
    from evenhand.service.statistics_power import foreseen

    seen = foreseen(programme)
    if seen is None:
        return ("What that budget buys: evenhand statistics power.",)
    year, two = seen.powers
    shown = "is shown" if seen.shown else "reads 'too few'"
    return (
        f"A district of {seen.people} people a month {shown}. An alert finds a lasting change of half an SD "
        f"of need there within {year.months} months with probability {year.power:.2f}, within {two.months} with "
        f"{two.power:.2f}. Other sizes: evenhand statistics power.",
    )


def _erased(programme: Programme) -> tuple[str, ...]:
    kept = programme.retention
    return (
        f"Days count from the end of the case or of the programme ({programme.dates.ends}), whichever is first.",
        f"Contact: {kept.contact_days} days.",
        *(f"{field.name}: {field.expires_days} days." for field in programme.fields),
        f"Answers and what was computed from them: {kept.answers_days} days.",
        f"Cases that nobody finished: {kept.undecided_days} days after their last event.",
        f"Backups: {kept.backups_days} days after that.",
        "On request: at once, by the person, without staff.",
    )


def _open(programme: Programme) -> tuple[str, ...]:
    lines = []
    if programme.capacity is not None and programme.capacity_scale() is None:
        lines.append("Capacity is not calibrated: every level is unknown, and caseworkers choose the support.")
    latent = programme.need_scale().latent
    if latent is not None and latent.source == "fixed":
        lines.append(
            f"The distribution of need, Normal({latent.mean:g}, {latent.sd:g}), is an assumption of this file."
        )
    if programme.need_instrument().status == "unvalidated":
        lines.append("The instrument of need is not validated.")
    return tuple(lines)


def _first(texts: dict[str, str]) -> str:
    return next(iter(texts.values()))

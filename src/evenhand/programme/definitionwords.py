"""The words of a programme: the boundary read over every text and name, and every text in every language."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from evenhand.errors import BoundaryError, EvenhandError, ProgrammeError
from evenhand.programme import instrumentchecks
from evenhand.programme.fieldfaults import FieldFault
from evenhand.programme.guard import Kind, assess_text, breaks, refusal, shown
from evenhand.programme.guardpattern import Rule
from evenhand.programme.guardreasons import Justification as Reason
from evenhand.programme.guardreasons import Recorded, require
from evenhand.programme.guardrules import RULES
from evenhand.programme.instrument import Instrument
from evenhand.programme.yamltext import Document, Path_, dotted

if TYPE_CHECKING:
    from evenhand.programme.definition import Programme

Found = tuple[Path_, EvenhandError]

_NOT_READ = frozenset({"format", "instrument", "parameters", "threshold", "justifications"})
"""Values that name other parts, which are read where they stand; and the record of why a wording may stand."""

_OFFICE: tuple[Path_, ...] = (("controller",), ("lawful_basis", "law"), ("areas", "source"))
"""Who answers, by what law, and whose list of districts: addresses, telephones and courts of offices."""

_TOLD: tuple[Path_, ...] = (("notice",), ("lawful_basis", "text"), ("purpose",))
"""What people read and do not answer."""

_TELLABLE = frozenset({"boundary.identity", "boundary.location", "boundary.record-id", "boundary.registers"})
"""What such texts may have to speak of in order to say that it is not asked."""

_FORBIDDEN_FIELDS = (
    (
        "boundary.sanction",
        "sanction penalt punish fine debt repay claw suspic fraud blacklist ban exclude restrict block obligation",
        "There is no place for a penalty, a debt, a suspicion or a restriction: the only outcomes are support, or "
        "not this round.",
    ),
    (
        "boundary.across-programmes",
        "across lifetime shared other_program person_id citizen rating score rank reputation history",
        "A measure belongs to one programme, one purpose and one instrument, and expires with it: nothing about a "
        "person crosses from one programme to another.",
    ),
    (
        "boundary.automatic-refusal",
        "auto bulk refus reject deny denial",
        "A machine may propose; not this round needs a named person, a reason and an appeal route, one case at a "
        "time.",
    ),
)
"""Field names that would be a way round the boundary, by beginnings of their words."""


def fault_at(code: str, path: Path_, document: Document, what: str, why: str, mend: str) -> Found:
    """A fault, and the place that it is sorted by."""
    return path, ProgrammeError(code, what, where=document.place(path), why=why, mend=mend)


def forbidden_field(fault: FieldFault, document: Document) -> BoundaryError | None:
    """The rule that an unknown field would break by its name, in place of a mere *unknown field*."""
    if fault.kind != "extra_forbidden":
        return None
    name = str(fault.path[-1])
    verdict = assess_text(name, "name")
    if verdict.verdict == "refuse" and verdict.rule is not None:
        return _refused(verdict.rule.code, name, document.place(fault.path), verdict.rule.reason)
    words = name.casefold().replace("-", "_")
    for code, beginnings, reason in _FORBIDDEN_FIELDS:
        if any(f"_{each}" in f"_{words}" for each in beginnings.split()):
            return _refused(code, name, document.place(fault.path), reason)
    return None


def boundary_faults(document: Document) -> Iterator[Found]:
    """Every text and name in the file that the boundary refuses, or doubts without a recorded reason."""
    recorded = _recorded(document.data)
    for path, text in _texts(document.data, ()):
        yield from _judged(text, path, _kind(path), recorded, document)


def instrument_faults(instrument: Instrument, path: Path_, document: Document) -> Iterator[Found]:
    """The same for the texts of an instrument, which are refused where they stand and doubted here.

    A reason may be recorded with the instrument or with the programme.
    """
    own = {entry.text.strip(): Reason(entry.text, entry.reason, entry.by) for entry in instrument.justifications}
    recorded = {**own, **_recorded(document.data)}
    for _, text, kind in instrumentchecks.every_text(instrument):
        yield from _judged(text, path, kind, recorded, document)


def language_faults(programme: "Programme", document: Document) -> Iterator[Found]:
    """Texts that lack a language, or have one that is not declared."""
    languages = set(programme.languages)
    for path, texts in _translated(programme, ()):
        if set(texts) != languages:
            yield path, _language_fault(path, languages, set(texts), document)


def _judged(
    text: str, path: Path_, kind: Kind | None, recorded: Mapping[str, Recorded], document: Document
) -> Iterator[Found]:
    """The guard's word on a text, milder where it tells something and asks nothing.

    A notice may say that nobody asks for a passport, and an office has a telephone and a court to complain to.
    """
    verdict = assess_text(text, kind)
    if verdict.rule is not None and verdict.code in _TELLABLE and _stands_in(path, (*_OFFICE, *_TOLD)):
        other = _other_rule(text)
        if other is not None:
            yield path, refusal(text, other, document.place(path))
        elif _stands_in(path, _TOLD) and text.strip() not in recorded:
            yield _unjustified(text, verdict.rule, path, document)
        return
    try:
        require(text, where=document.place(path), kind=kind, justified=recorded)
    except BoundaryError as error:
        yield path, error


def _other_rule(text: str) -> Rule | None:
    """A rule that a text breaks beside those that it may speak of: the guard's verdict names only the first."""
    return next((rule for rule in RULES if rule.code not in _TELLABLE and breaks(rule, text, "wording")), None)


def _unjustified(text: str, rule: Rule, path: Path_, document: Document) -> Found:
    return fault_at(
        "programme.unjustified",
        path,
        document,
        f"{shown(text)} speaks of {rule.title}.",
        f"It may say that this is not asked, and nothing else. {rule.reason}",
        "Say it in other words, or record under justifications why it may stand: the whole text, the reason, and "
        "who answers for it.",
    )


def _stands_in(path: Path_, places: tuple[Path_, ...]) -> bool:
    return any(path[: len(place)] == place for place in places)


def _recorded(data: Any) -> dict[str, Recorded]:
    """The recorded reasons by the text they are for, as far as the record can be read."""
    listed = data.get("justifications") if isinstance(data, dict) else None
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    parts = ([entry.get(name) for name in ("text", "reason", "by")] for entry in entries)
    return {
        text.strip(): Reason(text, reason, by)
        for text, reason, by in parts
        if isinstance(text, str) and isinstance(reason, str) and isinstance(by, str)
    }


def _texts(value: Any, path: Path_) -> Iterator[tuple[Path_, str]]:
    """Every text in the file with its place, in known fields or not."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key not in _NOT_READ:
                yield from _texts(each, (*path, key))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _texts(each, (*path, place))
    elif isinstance(value, str):
        yield path, value


def _kind(path: Path_) -> Kind | None:
    """How a text is read: a field's name stands for the data in it; other names, as of a town, are wording."""
    if path[0] == "fields":
        return "name" if path[-1] == "name" else None
    return "name" if path[-1] == "extra_field" else "wording"


def _translated(part: Any, path: Path_) -> Iterator[tuple[Path_, dict[str, str]]]:
    """Every mapping from languages to texts, with its place."""
    if isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _translated(getattr(part, name), (*path, name))
    elif isinstance(part, tuple):
        for place, each in enumerate(part):
            yield from _translated(each, (*path, place))
    elif isinstance(part, dict):
        yield path, part


def _language_fault(path: Path_, expected: set[str], found: set[str], document: Document) -> ProgrammeError:
    lacking = sorted(expected - found)
    problem = f"has no text in {', '.join(lacking)}" if lacking else "has a text in an undeclared language"
    return ProgrammeError(
        "programme.languages",
        f"The field {dotted(path)} {problem}.",
        where=document.place(path),
        why=f"The programme's languages are {', '.join(sorted(expected))}: who reads one of them reads all of it.",
        mend="Translate the text." if lacking else "Declare the language and translate the rest, or remove it.",
    )


def _refused(code: str, name: str, where: str, reason: str) -> BoundaryError:
    return BoundaryError(
        code,
        f"A programme has no field {name[:60]!r}, and will have none.",
        where=where,
        why=reason,
        mend="Take it out; docs/explanation/boundary.md says why.",
    )

"""What the fields of a programme must have in common."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from evenhand.errors import EvenhandError
from evenhand.programme.definitionmeasures import measure_faults
from evenhand.programme.definitionparts import ExtraField
from evenhand.programme.definitionscales import Measured
from evenhand.programme.definitionwords import Found, boundary_faults, fault_at, language_faults
from evenhand.programme.yamltext import Document, Path_

if TYPE_CHECKING:
    from evenhand.programme.definition import Programme

MAX_YEARS = 2
"""A programme that needs longer is opened again, and its purpose and figures looked at again."""


def faults(
    programme: "Programme", need: Measured, capacity: Measured, document: Document
) -> tuple[EvenhandError, ...]:
    """Every fault, in the file's order.

    Args:
        programme: its fields, each possible by itself.
        need: what need is measured by; nothing is said of what cannot be used.
        capacity: what capacity is measured by.
        document: the file.
    """
    found = [
        *boundary_faults(document),
        *_justifications(programme, document),
        *language_faults(programme, document),
        *_dates(programme, document),
        *_notice(programme, document),
        *_rule(programme, document),
        *_support(programme, document),
        *_fields(programme, document),
        *_retention(programme, document),
        *_areas(programme, document),
        *_statistics(programme, document),
        *measure_faults(programme, need, capacity, document),
    ]
    return tuple(error for _, error in sorted(found, key=lambda each: document.line(each[0])))


def _dates(programme: "Programme", document: Document) -> Iterator[Found]:
    dates = programme.dates
    if not dates.opens <= dates.intake_closes <= dates.ends or dates.opens == dates.ends:
        yield fault_at(
            "programme.dates-order",
            ("dates",),
            document,
            f"The dates are not in order: opens {dates.opens}, intake closes {dates.intake_closes}, "
            f"ends {dates.ends}.",
            "A programme opens, stops taking people in, and ends.",
            "Put them in that order.",
        )
    latest = min((dates.opens.year + MAX_YEARS, dates.opens.month, dates.opens.day), (9999, 12, 31))
    if (dates.ends.year, dates.ends.month, dates.ends.day) > latest:
        yield fault_at(
            "programme.dates-too-long",
            ("dates", "ends"),
            document,
            f"The programme ends more than {MAX_YEARS} years after it opens.",
            "A measure expires with its programme; what goes on for longer is opened again, and looked at again.",
            f"End it within {MAX_YEARS} years, and open a new version then.",
        )


def _notice(programme: "Programme", document: Document) -> Iterator[Found]:
    purposes = programme.notice.purposes
    names = [purpose.name for purpose in purposes]
    for place, purpose in enumerate(purposes):
        path = ("notice", "purposes", place)
        if purpose.name in names[:place]:
            yield _twice("programme.purpose-twice", path, document, f"The purpose {purpose.name!r}")
        if purpose.needed and purpose.name != "decide":
            yield fault_at(
                "programme.purpose-not-needed",
                (*path, "needed"),
                document,
                f"The purpose {purpose.name!r} is marked as needed.",
                "Help never hangs on agreeing to statistics or messages.",
                "Write needed: false.",
            )
    if not any(purpose.needed for purpose in purposes):
        yield fault_at(
            "programme.no-needed-purpose",
            ("notice", "purposes"),
            document,
            "No purpose is needed.",
            "Who takes part must be told what cannot be left out: that answers are used to decide about help.",
            "Add the purpose decide with needed: true.",
        )
    if len(set(programme.languages)) < len(programme.languages):
        yield _twice("programme.language-twice", ("languages",), document, "A language")


def _rule(programme: "Programme", document: Document) -> Iterator[Found]:
    rule = programme.rule
    if not rule.certain_no < rule.certain_yes:
        yield fault_at(
            "programme.band",
            ("rule", "certain_no"),
            document,
            f"From {rule.certain_no:g} to {rule.certain_yes:g} is no band.",
            "Between the two the machine is not sure, and a person or a lottery decides.",
            "Give two probabilities, certain_no below certain_yes.",
        )


def _support(programme: "Programme", document: Document) -> Iterator[Found]:
    names: set[str] = set()
    for place, kind in enumerate(programme.support):
        path: Path_ = ("support", place)
        if kind.name in names:
            yield _twice("programme.support-twice", (*path, "name"), document, f"The support {kind.name!r}")
        names.add(kind.name)
        if kind.cost > programme.budget.money:
            yield fault_at(
                "programme.cost",
                (*path, "cost"),
                document,
                f"One {kind.name} costs {kind.cost:g}, and there are {programme.budget.money:g} in all.",
                "It could be given to nobody.",
                "Correct the cost or the money.",
            )
        if kind.capacity != "any" and programme.capacity is None:
            yield fault_at(
                "programme.support-capacity",
                (*path, "capacity"),
                document,
                f"The support {kind.name} is for {kind.capacity} capacity, and capacity is not measured.",
                "Nobody could be known to be of that capacity.",
                "Write capacity: any, or add the part capacity.",
            )
    if all(kind.capacity != "any" for kind in programme.support):
        yield fault_at(
            "programme.support-for-all",
            ("support",),
            document,
            "No kind of support is for any capacity.",
            "Capacity can be unknown; a person in need whose capacity is unknown would get nothing.",
            "Let at least one kind have capacity: any.",
        )


def _fields(programme: "Programme", document: Document) -> Iterator[Found]:
    names: set[str] = set()
    for place, field in enumerate(programme.fields):
        path: Path_ = ("fields", place)
        if field.name in names:
            yield _twice("programme.field-twice", (*path, "name"), document, f"The field {field.name!r}")
        names.add(field.name)
        if field.expires_days > programme.retention.answers_days:
            yield fault_at(
                "programme.field-expiry",
                (*path, "expires_days"),
                document,
                f"The field {field.name} is kept for {field.expires_days} days, longer than the answers.",
                f"Answers are erased after {programme.retention.answers_days} days, and nothing outlives them.",
                "Give no more days than retention.answers_days.",
            )
        problem = _choice_problem(field) if field.kind == "choice" else _number_problem(field)
        if problem:
            yield fault_at(
                "programme.field-answers",
                path,
                document,
                f"The field {field.name} {problem}.",
                "",
                "Correct it; docs/reference/programme-file.md says what each kind of field takes.",
            )
        elif field.adds_priority != bool(field.priority_codes or field.priority_from is not None):
            yield fault_at(
                "programme.field-priority",
                (*path, "adds_priority"),
                document,
                f"The field {field.name} does not say which answers add priority, or says it without adding any.",
                "What can put somebody earlier is declared, and shown to everybody.",
                "Give adds_priority: true with priority_codes (a choice) or priority_from (a number), or none.",
            )


def _choice_problem(field: ExtraField) -> str:
    codes = [choice.code for choice in field.choices]
    if len(codes) < 2 or len(set(codes)) < len(codes):
        return "is a choice and needs at least two choices, each with its own code"
    if field.lowest is not None or field.highest is not None or field.priority_from is not None:
        return "is a choice and takes no lowest, highest or priority_from"
    if not set(field.priority_codes) <= set(codes) or len(set(field.priority_codes)) == len(codes):
        return "has priority_codes that are not some of its choices"
    return ""


def _number_problem(field: ExtraField) -> str:
    if field.choices or field.priority_codes:
        return "is a number and takes no choices and no priority_codes"
    if field.lowest is None or field.highest is None or not 0 <= field.lowest < field.highest <= 1000:
        return "is a number and needs lowest and highest, from 0 to 1000"
    if field.priority_from is not None and not field.lowest < field.priority_from <= field.highest:
        return "has a priority_from that is not above its lowest, up to its highest"
    return ""


def _retention(programme: "Programme", document: Document) -> Iterator[Found]:
    retention, appeals = programme.retention, programme.appeals
    if retention.contact_days > retention.answers_days:
        yield fault_at(
            "programme.retention-contact",
            ("retention", "contact_days"),
            document,
            "Contact details are kept longer than the answers.",
            "They serve only to send messages about a case that is still there.",
            "Give no more days than answers_days.",
        )
    if appeals.open_days + appeals.answer_days > retention.answers_days:
        yield fault_at(
            "programme.retention-appeals",
            ("retention", "answers_days"),
            document,
            f"Answers are erased after {retention.answers_days} days, before an appeal must be answered.",
            f"An appeal can be opened for {appeals.open_days} days and is answered within {appeals.answer_days}.",
            f"Keep answers for at least {appeals.open_days + appeals.answer_days} days, or shorten the appeal.",
        )


def _areas(programme: "Programme", document: Document) -> Iterator[Found]:
    keys: set[str] = set()
    for place, region in enumerate(programme.areas.regions):
        path: Path_ = ("areas", "regions", place)
        keyed = [((*path, "key"), region.key)]
        keyed += [((*path, "districts", k, "key"), each.key) for k, each in enumerate(region.districts)]
        for where, key in keyed:
            if key in keys:
                yield _twice("programme.area-twice", where, document, f"The area {key!r}")
            keys.add(key)


def _statistics(programme: "Programme", document: Document) -> Iterator[Found]:
    name = programme.statistics.extra_field
    if name is None:
        return
    field = next((each for each in programme.fields if each.name == name), None)
    if field is None or not field.public or field.kind != "choice":
        yield fault_at(
            "programme.statistics-field",
            ("statistics", "extra_field"),
            document,
            f"Figures cannot be split by {name!r}.",
            "Only a declared field of kind choice with public: true can split public figures.",
            "Name such a field, or leave extra_field out.",
        )


def _justifications(programme: "Programme", document: Document) -> Iterator[Found]:
    for place, entry in enumerate(programme.justifications):
        if any(other.text == entry.text for other in programme.justifications[:place]):
            yield _twice("programme.justification-twice", ("justifications", place), document, "A reason for it")


def _twice(code: str, path: Path_, document: Document, what: str) -> Found:
    return fault_at(code, path, document, f"{what} stands twice.", "", "Remove one of the two, or rename it.")

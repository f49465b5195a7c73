"""What each item measures, where no instrument says so."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from evenhand.errors import OptionError
from evenhand.programme.answers import Answers

COMPONENTS = ("need", "capacity")


WRITE = "Write it as need=A,B,C;capacity=D,E,F, in quotes."


def check_components(found: Mapping[str, Sequence[str]], items: Sequence[str] | None) -> None:
    """Refuse components that are not need and capacity, or that share or miss an item.

    Raises:
        OptionError: says which.
    """
    named = [name for names in found.values() for name in names]
    if set(found) - set(COMPONENTS):
        raise components_error("A component is need or capacity.", WRITE)
    if len(set(named)) < len(named):
        raise components_error("An item is named for both components, or twice.", "Name each item once.")
    if items is not None and set(items) != set(named):
        raise components_error(
            "The components do not hold the same items as --items.", "Name each item in one of them."
        )


def components_error(why: str, mend: str) -> OptionError:
    """The error of components that cannot be read."""
    return OptionError(
        "options.components", "The components cannot be read.", where="--components", why=why, mend=mend
    )


def with_components(answers: Answers, components: Mapping[str, Sequence[str]] | None) -> Answers:
    """The same answers with what each item measures."""
    if components is None:
        return answers
    of = {name: component for component, names in components.items() for name in names}
    coding = tuple(replace(item, component=of.get(item.name, item.component)) for item in answers.coding)
    return replace(answers, coding=coding)

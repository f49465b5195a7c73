"""The rules of the boundary, in the order they are tried."""

from dataclasses import fields, replace

from evenhand.programme import guardwider as wider
from evenhand.programme.guardbeliefs import ETHNICITY, POLITICAL, RELIGION, UNION
from evenhand.programme.guardconduct import HEALTH, INFORMER, LOYALTY, REGISTERS, SANCTION, SEXUAL_LIFE
from evenhand.programme.guardidentity import IDENTITY, LOCATION, PARADATA, PARADATA_RULE, RECORD
from evenhand.programme.guardpattern import Phrases, Rule


def widened(rule: Rule, more: Rule) -> Rule:
    """A rule with the phrases of another beside its own; code, title, reason and stems stay its own."""
    own = {each.name: getattr(rule, each.name) for each in fields(Rule)}
    added = {name: getattr(more, name) for name, value in own.items() if isinstance(value, Phrases)}
    return replace(rule, **{name: own[name] + value for name, value in added.items()})


RULES: tuple[Rule, ...] = (
    widened(IDENTITY, wider.WIDER_IDENTITY),
    widened(RELIGION, wider.WIDER_RELIGION),
    widened(ETHNICITY, wider.WIDER_ETHNICITY),
    widened(LOYALTY, wider.WIDER_LOYALTY),
    widened(POLITICAL, wider.WIDER_POLITICAL),
    widened(UNION, wider.WIDER_UNION),
    widened(SEXUAL_LIFE, wider.WIDER_SEXUAL),
    widened(REGISTERS, wider.WIDER_REGISTERS),
    widened(SANCTION, wider.WIDER_SANCTION),
    widened(INFORMER, wider.WIDER_INFORMER),
    widened(LOCATION, wider.WIDER_LOCATION),
    wider.ACROSS,
    PARADATA_RULE,
    RECORD,
    HEALTH,
)
"""The record identifiers come after the rest, so that a passport number is called one; health only ever doubts."""

__all__ = ["PARADATA", "PARADATA_RULE", "RECORD", "RULES", "Rule", "widened"]

"""The rules of the boundary, in the order they are tried."""

from evenhand.programme.guardbeliefs import ETHNICITY, POLITICAL, RELIGION, UNION
from evenhand.programme.guardconduct import HEALTH, INFORMER, LOYALTY, REGISTERS, SANCTION, SEXUAL_LIFE
from evenhand.programme.guardidentity import IDENTITY, LOCATION, PARADATA, PARADATA_RULE, RECORD
from evenhand.programme.guardpattern import Rule

RULES: tuple[Rule, ...] = (
    IDENTITY,
    RELIGION,
    ETHNICITY,
    LOYALTY,
    POLITICAL,
    UNION,
    SEXUAL_LIFE,
    REGISTERS,
    SANCTION,
    INFORMER,
    LOCATION,
    PARADATA_RULE,
    RECORD,
    HEALTH,
)
"""The record identifiers come after the rest, so that a passport number is called one; health only ever doubts."""

__all__ = ["PARADATA", "PARADATA_RULE", "RECORD", "RULES", "Rule"]

"""The class of need under which a case stands in the public statistics' histogram."""

from evenhand.programme.definition import Programme
from evenhand.service.measuring import Assessment
from evenhand.statistics import classes


def need_class(programme: Programme, found: Assessment) -> int:
    """The class of an assessed case, by the rule of `statistics.classes`."""
    return classes.need_class(programme, found.answers, found.measure.theta)

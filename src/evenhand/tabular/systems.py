"""Columns that the survey's server adds: dropped unread, and named."""

from collections.abc import Sequence

from evenhand.errors import BoundaryError
from evenhand.programme.guard import is_paradata

_CENTRAL_MARKS = frozenset({"KEY", "SubmissionDate"})
_CENTRAL = frozenset(
    {
        "key",
        "parent_key",
        "submissiondate",
        "submitterid",
        "submittername",
        "attachmentspresent",
        "attachmentsexpected",
        "status",
        "reviewstate",
        "deviceid",
        "edits",
        "formversion",
        "instanceid",
        "instancename",
    }
)
"""Lower-case names of the columns that ODK Central and Briefcase add to an export."""


def system_columns(header: Sequence[str]) -> frozenset[int]:
    """Positions of the columns that nobody answered: paradata, and what the server added.

    `KEY` and `SubmissionDate` mark a file of ODK Central, which joins groups and questions by `-`.
    """
    central = set(header) >= _CENTRAL_MARKS
    return frozenset(
        place
        for place, name in enumerate(header)
        if is_paradata(name) or (central and (name.casefold() in _CENTRAL or is_paradata(name.rsplit("-", 1)[-1])))
    )


def refuse_system_column(name: str) -> BoundaryError:
    """The error for a figure by a column that the server added."""
    return BoundaryError(
        "boundary.paradata",
        f"The column {name!r} was added by the survey's server: nobody answered it.",
        where=f"column {name!r}",
        why="People are not watched: paradata is dropped unread.",
        mend="Leave the column out.",
    )

"""Consent: a frozen notice and granular choices. A lawful basis stands beside it and is no consent."""

from collections.abc import Mapping

from evenhand.errors import CaseError
from evenhand.programme.definitionparts import Notice


def check_choices(notice: Notice, chosen: Mapping[str, bool]) -> dict[str, bool]:
    """The choice for each purpose of the notice; a purpose that was not chosen is refused.

    Refusing an optional purpose never changes anything else.

    Raises:
        CaseError: a purpose that the notice does not have, or one refused that taking part needs.
    """
    known = {purpose.name for purpose in notice.purposes}
    if unknown := sorted(set(chosen) - known):
        raise CaseError(
            "consent.unknown-purpose",
            f"The notice has no purpose {unknown[0]!r}.",
            why=f"It has: {', '.join(sorted(known))}.",
            mend="Choose among the purposes of the notice.",
        )
    choices: dict[str, bool] = {purpose.name: bool(chosen.get(purpose.name, False)) for purpose in notice.purposes}
    needed = [purpose.name for purpose in notice.purposes if purpose.needed and not choices[purpose.name]]
    if needed:
        raise CaseError(
            "consent.needed",
            "Without this agreement the programme cannot look at a case.",
            where=f"purpose {needed[0]!r}",
            mend="Agree to it, or leave: nothing was stored.",
        )
    return choices

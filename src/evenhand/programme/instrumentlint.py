"""What an instrument file may hold by mistake although it can be read: findings, as those of a form."""

from collections.abc import Iterator, Sequence

from evenhand.programme.guard import assess_text, shown
from evenhand.programme.instrument import Choice, Instrument
from evenhand.programme.instrumentchecks import every_text
from evenhand.programme.xlsform import Option
from evenhand.programme.xlsformboundary import DOUBT
from evenhand.programme.xlsformexport import can_refuse
from evenhand.programme.xlsformfinding import Finding
from evenhand.programme.xlsformmissing import meaning_order, reason_of, words_of


def lint_instrument(instrument: Instrument, source: str) -> tuple[Finding, ...]:
    """Findings about an instrument that was read without an error.

    Args:
        instrument: the instrument.
        source: its file or its name in the library.
    """
    return (
        *_wording(instrument, source),
        *_choices(instrument, source),
        *_refusal(instrument, source),
        *_doubts(instrument, source),
    )


def _wording(instrument: Instrument, source: str) -> Iterator[Finding]:
    first: dict[tuple[str, str], str] = {}
    for item in instrument.items:
        for language, text in item.wording.items():
            other = first.setdefault((language, words_of(text)), item.name)
            if other != item.name:
                message = f"It has the text of {other!r} ({language}): {text[:60]!r}."
                mend = "Check both against the source."
                yield Finding("wording-twice", source, "", 0, item.name, message, mend)


def _choices(instrument: Instrument, source: str) -> Iterator[Finding]:
    used = {item.choices for item in instrument.items}
    for name, choices in instrument.choices.items():
        if name not in used:
            message = f"No item uses the choice list {name!r}."
            yield Finding("choices-unused", source, "", 0, name, message, "Remove it.")
        for choice in choices:
            reason = reason_of(choice.labels.values())
            if reason is not None:
                message = f"The code {choice.code!r} counts as an answer, and its label says {reason}."
                yield Finding("missing-as-answer", source, "", 0, name, message, "List the code under missing.")
        if _counts_another_reason(name, choices):
            message = "Another reason counts otherwise than having the thing: only 'cannot afford' is deprivation."
            mend = "Give every choice but 'cannot afford' the category 0."
            yield Finding("other-reason-counted", source, "", 0, name, message, mend)


def _counts_another_reason(name: str, choices: Sequence[Choice]) -> bool:
    plain = meaning_order([Option(0, name, choice.code, dict(choice.labels)) for choice in choices])
    if plain is None or len(plain) < 3:
        return False
    return len({choice.counts_as for choice in choices if plain[choice.code] == 0}) > 1


def _refusal(instrument: Instrument, source: str) -> Iterator[Finding]:
    if not can_refuse(instrument):
        message = "No code for no answer means refused and has a label: nobody is offered to refuse."
        mend = "Add one under missing, with labels."
        yield Finding("no-refusal", source, "", 0, "", message, mend)


def _doubts(instrument: Instrument, source: str) -> Iterator[Finding]:
    """Wording that the guard doubts and nobody gave a reason for: a programme that uses it is refused."""
    recorded = {entry.text.strip() for entry in instrument.justifications}
    doubted = dict.fromkeys(
        text for _, text, kind in every_text(instrument) if assess_text(text, kind).verdict == "doubt"
    )
    for text in doubted:
        if text.strip() not in recorded:
            message = f"{shown(text)} may cross the boundary: a programme needs a recorded reason for it."
            mend = "Say it in other words, or record under justifications why it may stand, and who says so."
            yield Finding(DOUBT, source, "", 0, "", message, mend)

"""Every error that Evenhand raises on purpose.

    EvenhandError
    ├── InputError            something given to us cannot be used
    │   ├── OptionError         an option, or two options that contradict each other
    │   ├── AnswerFileError     a file or frame of answers
    │   ├── InstrumentError     an instrument file
    │   ├── ProgrammeError      a programme file
    │   ├── PhraseFileError     a file of phrases for the guard
    │   ├── ScaleFileError      a scale file
    │   ├── CodeError           a code or phrase that a person typed
    │   └── OutputError         a place that cannot be written to
    ├── CaseError             a case, consent or decision in a state that does not allow it
    ├── StoreError            what is kept, or the place where it is kept
    │   ├── KeysError           a key, or something sealed with one
    │   └── LedgerError         the ledger, a checkpoint or a receipt
    ├── RoundError            a round whose list, secret, order or file is not what was committed to
    ├── StatisticsError       a public statistic that cannot be released, afforded or computed
    ├── WebError              a request or a setting of the service that cannot be taken
    ├── EstimationError       the answers cannot carry the estimate that was asked for
    └── BoundaryError         what Evenhand never does (docs/explanation/boundary.md)

Each error has a stable code and says what is wrong, where, why, and how to mend it. Codes never change
their meaning; `docs/reference/errors.md` lists them and a test keeps the list complete.

Warnings are separate: an `EvenhandWarning` is a finding about a result that stands.
"""

from typing import ClassVar


class EvenhandError(Exception):
    """An error with a stable code that says what, where, why and how to mend it.

    Args:
        code: stable identifier, `area.kebab-case`, for example `answers.unknown-code`.
        what: what is wrong, one sentence.
        where: the place: file, line, column, item. Empty where there is none.
        why: the reason it cannot be accepted. Empty where `what` says it.
        mend: what to do about it.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, code: str, what: str, *, where: str = "", why: str = "", mend: str) -> None:
        self.code = code
        self.what = what
        self.where = where
        self.why = why
        self.mend = mend
        super().__init__(code, what, where, why, mend)

    def __str__(self) -> str:
        """One line for what, then one each for where, why and the mend."""
        lines = [f"{self.what} [{self.code}]"]
        lines += [f"  {word}: {text}" for word, text in self.parts() if text]
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the parts when an error crosses a process boundary."""
        return (_rebuild, (type(self), self.code, self.what, self.where, self.why, self.mend))

    def parts(self) -> tuple[tuple[str, str], ...]:
        """The labelled parts after `what`, in reading order."""
        return (("where", self.where), ("why", self.why), ("mend", self.mend))

    def as_dict(self) -> dict[str, str]:
        """The error for machines (`--json`)."""
        return {"code": self.code, "what": self.what, "where": self.where, "why": self.why, "mend": self.mend}


def _rebuild(kind: type[EvenhandError], code: str, what: str, where: str, why: str, mend: str) -> EvenhandError:
    return kind(code, what, where=where, why=why, mend=mend)


class InputError(EvenhandError):
    """Something given to us cannot be used."""


class OptionError(InputError):
    """An option has an impossible value, or two options contradict each other."""


class AnswerFileError(InputError):
    """A file or data frame of answers cannot be read or holds something unknown."""


class InstrumentError(InputError):
    """An instrument file is malformed."""


class ProgrammeError(InputError):
    """A programme file is malformed, or its parts contradict each other."""


class PhraseFileError(InputError):
    """A file of phrases for the guard cannot be read."""


class ScaleFileError(InputError):
    """A scale file is malformed or does not fit the use it is put to."""


class CodeError(InputError):
    """A code or a recovery phrase cannot be one of ours. The message never repeats what was typed."""


class OutputError(InputError):
    """A result cannot be written where it was asked for."""


class CaseError(EvenhandError):
    """What was asked does not fit the state of a case, a consent or a decision."""


class StoreError(EvenhandError):
    """What is kept, or the place where it is kept, is not as it must be."""


class KeysError(StoreError):
    """A key is missing, unsafe or wrong, or something sealed with one does not open."""


class LedgerError(StoreError):
    """The ledger, a checkpoint, a signed note or a receipt is not what it must be."""


class RoundError(EvenhandError):
    """A round that cannot be drawn, or is not what was committed to."""


class StatisticsError(EvenhandError):
    """A public statistic that cannot be released, is not within the privacy budget, or cannot be computed."""


class WebError(EvenhandError):
    """A request to the service, or a setting of it, that cannot be taken. It never repeats what was sent."""


class EstimationError(EvenhandError):
    """The answers cannot carry the estimate that was asked for."""


class BoundaryError(EvenhandError):
    """The request crosses the boundary: what Evenhand never does."""


class EvenhandWarning(UserWarning):
    """A finding about a result that stands."""

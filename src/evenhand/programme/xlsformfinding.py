"""What a check of a form or an instrument found: one sentence with its place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a form that would make its answers mean something else than the reader thinks.

    Attributes:
        rule: stable name of the rule, `kebab-case`; one of the boundary's codes where the boundary is crossed.
        file: name of the file.
        sheet: name of the sheet, empty for an instrument file.
        row: row in the sheet, counting from 1 with the header; 0 where there is none.
        question: name of the question, choice list or item; empty where there is none.
        message: what was found, one or two sentences.
        mend: what to do about it.
    """

    rule: str
    file: str
    sheet: str
    row: int
    question: str
    message: str
    mend: str

    @property
    def where(self) -> str:
        """`form.xlsx, sheet survey, row 12, Stress4_why`: as much of it as there is."""
        parts = (
            self.file,
            self.sheet and f"sheet {self.sheet}",
            self.row and f"row {self.row}",
            self.question and repr(self.question),
        )
        return ", ".join(str(part) for part in parts if part)

    def as_dict(self) -> dict[str, str | int]:
        """The finding for machines."""
        return {
            "rule": self.rule,
            "file": self.file,
            "sheet": self.sheet,
            "row": self.row,
            "question": self.question,
            "message": self.message,
            "mend": self.mend,
        }

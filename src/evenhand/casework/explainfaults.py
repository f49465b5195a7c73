"""What can be wrong with an explanation."""

from evenhand.errors import CaseError


def other_documents(part: str, expected: str) -> CaseError:
    """A document that the assessment names is not there, or is another."""
    return CaseError(
        "explain.other-documents",
        f"The {part} is not the one that the case was measured with.",
        where=f"hash {expected[:12]}",
        why="An explanation rests on what was frozen then; any other would explain something else.",
        mend="Give the frozen documents of the case. If they are gone, restore the store from a backup.",
    )


def differs(figure: str) -> CaseError:
    """A figure that is computed again is not the frozen one. The figures themselves are not repeated."""
    return CaseError(
        "explain.differs",
        f"Computed again, this is not what was frozen: {figure}.",
        why="The record of the case, or the software, is not as it was.",
        mend="Show no explanation. Run evenhand fsck, and report it: it is a fault of ours or of the store.",
    )


def not_corrected(why: str) -> CaseError:
    """There is nothing to measure again."""
    return CaseError(
        "explain.nothing-corrected",
        "Nothing is put right by this.",
        why=why,
        mend="Say which answer about need is wrong, and what the right one is.",
    )


def no_choice(item: str) -> CaseError:
    """A stated answer is none of the item's. It is never repeated."""
    return CaseError(
        "explain.no-choice",
        "The right answer is not one of the answers to this question.",
        where=f"question {item[:64]}",
        mend="Choose one of the answers that the question has.",
    )

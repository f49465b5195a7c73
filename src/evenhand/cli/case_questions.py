"""`evenhand case`: joining, and answering its questions."""

import sys
from pathlib import Path

import typer

from evenhand.casework.roles import Actor
from evenhand.cli.caseoptions import AnswersFile, Language, signed_in
from evenhand.cli.caseview import finished_body, question_body, show_finished, show_question
from evenhand.cli.console import print_findings, print_json, report_error, say
from evenhand.cli.officeoptions import FOLDER, AsJson, CodeFile, OfficeFolder, ProgrammeName, StoreUrl, opened
from evenhand.cli.private import ask, private_file, read_answers, read_secret
from evenhand.errors import CaseError
from evenhand.service.answer import answer as answer_one
from evenhand.service.answer import answer_all, asking
from evenhand.service.correct import correct_all
from evenhand.service.finish import finish as run_finish
from evenhand.service.office import Office
from evenhand.service.questions import Question
from evenhand.service.take_part import take_part

MISTYPED = frozenset({"answer.not-an-option", "answer.not-a-number"})
"""Faults after which a person who is asked is asked again."""


def join(
    programme: ProgrammeName,
    district: str = typer.Option(help="Key of the district the person names."),
    language: Language = "en",
    agree: list[str] = typer.Option([], metavar="PURPOSE", help="A purpose agreed to; may be repeated."),
    invitation: Path | None = typer.Option(
        None, metavar="FILE|-", help="File with the invitation code; - or a pipe: standard input. Else asked."
    ),
    out: Path | None = typer.Option(
        None,
        help="Where to write access code and recovery phrase (readable by you alone); shown when left out.",
    ),
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Take part: open a case with an invitation code and a consent.

    The access code and the recovery phrase are given this once.

    Example: [bold]evenhand case join demo-town --district mill --agree decide[/]
    """
    code = read_secret("invitation", invitation)
    with opened(office, store) as found, private_file(out) as write:
        joined = take_part(
            found,
            programme,
            invitation=code,
            choices=dict.fromkeys(agree, True),
            language=language,
            district=district,
        )
        if write is not None:
            write(f"access code: {joined.access_code}\nrecovery phrase: {joined.recovery_phrase}\n")
    if as_json:
        kept = {"access_code": joined.access_code, "recovery_phrase": joined.recovery_phrase}
        print_json(
            {**(kept if out is None else {}), "index": joined.index, "out": None if out is None else str(out)}
        )
    elif out is None:
        print_findings(
            "Keep these; they are shown this once",
            [f"access code: {joined.access_code}", f"recovery phrase: {joined.recovery_phrase}"],
        )
    else:
        say(f"Wrote your access code and recovery phrase to {out}")


def next_(
    programme: ProgrammeName,
    language: Language = "en",
    code_file: CodeFile = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Show the question to answer next.

    Example: [bold]evenhand case next demo-town --code-file mine.txt[/]
    """
    with signed_in(office, store, programme, code_file) as (found, person, case_id):
        asked = asking(found, person, case_id)
    if as_json:
        print_json({"question": question_body(asked)})
    else:
        show_question(asked, language)


def answer(
    programme: ProgrammeName,
    answers: AnswersFile = None,
    language: Language = "en",
    code_file: CodeFile = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Answer questions: one by one, each saved at once, or from a file, all or none.

    An empty answer stops; go on later with the same command.

    Example: [bold]evenhand case answer demo-town --code-file mine.txt --answers answers.csv[/]
    """
    with signed_in(office, store, programme, code_file) as (found, person, case_id):
        if answers is None:
            count, left = _one_by_one(found, person, case_id, None if as_json else language)
        else:
            count, left = answer_all(found, person, case_id, read_answers(answers))
    if as_json:
        print_json({"answered": count, "next": question_body(left)})
    else:
        more = "Everything was asked: evenhand case finish" if left is None else f"Next: {left.name}"
        say(f"{count} answers saved. {more}")


def finish(
    programme: ProgrammeName,
    leave_rest: bool = typer.Option(
        False, "--leave-rest", help="Leave the open questions out: they stay unknown, and never count as no."
    ),
    code_file: CodeFile = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Finish: the answers are scored once, and a proposal is made. A person decides.

    Example: [bold]evenhand case finish demo-town --code-file mine.txt[/]
    """
    with signed_in(office, store, programme, code_file) as (found, person, case_id):
        done = run_finish(found, person, case_id, leave_rest=leave_rest)
    if as_json:
        print_json(finished_body(done))
    else:
        show_finished(done)


def correct(
    programme: ProgrammeName,
    answers: AnswersFile = None,
    code_file: CodeFile = None,
    office: OfficeFolder = FOLDER,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Correct answers of a finished case: it is assessed again, and what was before stays on record.

    Example: [bold]evenhand case correct demo-town --code-file mine.txt --answers corrected.csv[/]
    """
    with signed_in(office, store, programme, code_file) as (found, person, case_id):
        given = _asked_for() if answers is None else read_answers(answers)
        done = correct_all(found, person, case_id, given)
    if as_json:
        print_json(finished_body(done))
    else:
        show_finished(done)


def _one_by_one(office: Office, person: Actor, case_id: str, language: str | None) -> tuple[int, Question | None]:
    count, asked = 0, asking(office, person, case_id)
    while asked is not None:
        if language is not None:
            show_question(asked, language)
        typed = ask("Answer")
        if not typed:
            break
        try:
            asked = answer_one(office, person, case_id, asked.component, asked.name, typed).next
            count += 1
        except CaseError as error:
            if error.code not in MISTYPED or not sys.stdin.isatty():
                raise
            report_error(error, as_json=False)
    return count, asked


def _asked_for() -> list[tuple[str, str]]:
    given = []
    while name := ask("Question to correct (empty: no more)"):
        given.append((name, ask("Answer")))
    return given

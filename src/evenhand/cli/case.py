"""`evenhand case`."""

import typer

from evenhand.cli import case_codes, case_questions, case_rights, case_why

app = typer.Typer(
    name="case",
    help="A person's own case: everything that they do with their code.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.callback()
def _group() -> None:
    """A person's own case: everything that they do with their code."""


app.command("join")(case_questions.join)
app.command("next")(case_questions.next_)
app.command("answer")(case_questions.answer)
app.command("finish")(case_questions.finish)
app.command("show")(case_rights.show)
app.command("why")(case_why.why)
app.command("appeal")(case_why.appeal)
app.command("export")(case_rights.export)
app.command("correct")(case_questions.correct)
app.command("consent")(case_rights.consent)
app.command("contact")(case_rights.contact)
app.command("restrict")(case_rights.restrict)
app.command("withdraw")(case_rights.withdraw)
app.command("erase")(case_rights.erase)
app.command("receipt")(case_rights.receipt)
app.command("collect")(case_rights.collect)
app.add_typer(case_codes.app, name="code")

"""What a person sees and takes away: everything that is held about their case, and nothing about anybody else."""

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

from evenhand.casework.case import Case
from evenhand.casework.events import to_payload
from evenhand.casework.roles import Actor
from evenhand.service.office import Office, permit

HIDDEN = frozenset({"case"})
"""The case id is the store's own and shown to nobody; the pseudonym stands in its place."""


CLOSED_TO_A_NEW_CODE = frozenset(
    {"answer-recorded", "field-recorded", "assessed", "proposed", "contact-recorded", "appeal-opened"}
)
"""What a code that was reissued without the recovery phrase does not open: who asked for it is not known."""


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that is held about a case.

    Attributes:
        pseudonym: the case's name within its programme.
        programme: its programme.
        case: what the history adds up to.
        tables: every row of every table, by table: the ledger index and the payload of each event among them.
    """

    pseudonym: str
    programme: str
    case: Case
    tables: dict[str, list[dict[str, Any]]]


def see(office: Office, actor: Actor, case_id: str) -> Record:
    """The whole record of a case, for the person it is about.

    Raises:
        CaseError: it is somebody else's.
        StoreError: it was erased.
    """
    permit(actor, "see own case", case_id)
    with office.store.reading() as reading:
        file = reading.case_file(case_id)
        events = reading.events(case_id)
        rows = reading.rows_of(case_id)
        case = reading.case(case_id)
    whole = case.access is None or case.access.opens_old_answers
    told = [
        {"index": index, **{name: value for name, value in to_payload(event).items() if name not in HIDDEN}}
        for index, event in events
        if whole or event.kind not in CLOSED_TO_A_NEW_CODE
    ]
    if not whole:
        case = Case(case.case_id, case.programme, state=case.state, decision=case.decision, access=case.access)
    return Record(file.pseudonym, file.programme, case, {"event": told, **rows})


def export_json(record: Record) -> str:
    """The record as one JSON object."""
    body = {
        "format": "evenhand.my-case/1",
        "programme": record.programme,
        "pseudonym": record.pseudonym,
        "state": record.case.state,
        "tables": record.tables,
    }
    return json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def export_csv(record: Record) -> str:
    """The record as CSV: one line a value, with its table, row and field."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["programme", "pseudonym", "table", "row", "field", "value"])
    for table, rows in sorted(record.tables.items()):
        for number, row in enumerate(rows, start=1):
            for name, value in sorted(row.items()):
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
                writer.writerow([record.programme, record.pseudonym, table, number, name, harmless(text)])
    return out.getvalue()


def harmless(text: str) -> str:
    """A text that no spreadsheet runs as a formula."""
    return (
        "'" + text if text[:1] in {"=", "+", "@", "\t", "\r"} or (text[:1] == "-" and not _number(text)) else text
    )


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True

"""The auditor's pages: the log with its proofs checked live, checkpoints, access, drafts of registers. No case."""

import json

from fastapi.responses import Response

from evenhand.audit.draft import REGISTERS, Register
from evenhand.audit.registers import draft
from evenhand.casework.events import KINDS, OfficeEvent
from evenhand.errors import CaseError, LedgerError, WebError
from evenhand.report.auditfiles import draft_files
from evenhand.service.log import access_changes, checkpoints, continued, entry, log_page, tokens_made
from evenhand.service.receipt import office_receipt
from evenhand.store.receiptfile import write_receipt
from evenhand.web.staff.analyst import download, expectation
from evenhand.web.staff.evidence import report
from evenhand.web.staff.who import me, page
from evenhand.web.visit import Visitor

MEDIA = {
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}
"""What a draft is offered as, by the ending of its name."""

OFFICE_KINDS = tuple(sorted(each.kind for each in KINDS if issubclass(each, OfficeEvent)))


def show_log(visit: Visitor) -> Response:
    """Entries about the office, newest first."""
    query = visit.request.query_params
    kind = query.get("kind", "")
    found = log_page(
        visit.office,
        me(visit),
        before=_number(query.get("before", "")),
        kind=kind if kind in OFFICE_KINDS else None,
    )
    return page(
        visit,
        "staff/log.html",
        found=found,
        kinds=OFFICE_KINDS,
        kind=kind if kind in OFFICE_KINDS else "",
        rows=[(each, _short(each.body)) for each in found.entries],
        back="/staff",
    )


def show_entry(visit: Visitor, index: str) -> Response:
    """An entry, its payload and its proof, checked now."""
    try:
        found, receipt, finding = entry(visit.office, me(visit), _index(index))
    except CaseError as error:
        raise _no_page() from error
    return page(
        visit,
        "staff/entry.html",
        found=found,
        receipt=receipt,
        finding=finding,
        body=json.dumps(found.body, ensure_ascii=False, indent=1, sort_keys=True),
        back="/staff/log",
    )


def receipt_file(visit: Visitor, index: str) -> Response:
    """An entry's receipt, to be checked anywhere."""
    try:
        receipt = office_receipt(visit.office, me(visit), _index(index))
    except CaseError as error:
        raise _no_page() from error
    return download(write_receipt(receipt), "application/json", f"receipt-{receipt.index}.json")


def show_checkpoints(visit: Visitor) -> Response:
    """Checkpoints, and whether one continues another."""
    query = visit.request.query_params
    old, new = _number(query.get("old", "")), _number(query.get("new", ""))
    found, errors = None, None
    if "old" in query or "new" in query:
        try:
            found = continued(visit.office, me(visit), old or 0, new or 0)
        except LedgerError:
            errors = [("old", visit.words.say("staff.checkpoints.choose"))]
    return page(
        visit,
        "staff/checkpoints.html",
        422 if errors else 200,
        rows=checkpoints(visit.office),
        found=found,
        errors=errors,
        verifier=str(visit.office.store.keys.verifier),
        back="/staff/log",
    )


def show_access(visit: Visitor) -> Response:
    """Changes of staff and roles, and partners' tokens."""
    actor = me(visit)
    return page(
        visit,
        "staff/access.html",
        changes=access_changes(visit.office, actor),
        tokens=tokens_made(visit.office, actor),
        back="/staff/log",
    )


def show_registers(visit: Visitor) -> Response:
    """Drafts of registers and assessments, to download."""
    drafts = [draft(visit.programme, each) for each in REGISTERS]
    return page(visit, "staff/registers.html", programme=visit.programme, drafts=drafts, back="/staff")


def register_file(visit: Visitor, register: str) -> Response:
    """A draft: `dpia.md` to write on in, `dpia.html` to read, `dpia.json` for machines; `dpia` is the first."""
    name, _, ending = register.partition(".")
    known: Register | None = next((each for each in REGISTERS if each == name), None)
    media = MEDIA.get(ending or "md")
    if known is None or media is None:
        raise _no_page()
    made = draft(visit.programme, known, language=visit.language, expectation=expectation(visit.programme))
    text = draft_files(made)[f"{known}.{ending or 'md'}"]
    if ending == "html":
        return report(text)
    return download(text, media, f"{visit.programme.name}-{known}.{ending or 'md'}")


def _short(body: dict[str, object]) -> str:
    """The start of a payload, on one line."""
    plain = {n: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for n, v in body.items()}
    text = ", ".join(f"{name}: {value}" for name, value in plain.items())
    return text if len(text) <= 120 else f"{text[:119]}…"


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _index(text: str) -> int:
    found = _number(text)
    if found is None:
        raise _no_page()
    return found


def _no_page() -> WebError:
    return WebError("web.not-found", "There is no such page.", mend="Look at the address.")


ROUTES = (
    ("GET", "/staff/log", show_log),
    ("GET", "/staff/log/{index}", show_entry),
    ("GET", "/staff/log/{index}/receipt.json", receipt_file),
    ("GET", "/staff/checkpoints", show_checkpoints),
    ("GET", "/staff/access", show_access),
    ("GET", "/staff/p/{programme}/registers", show_registers),
    ("GET", "/staff/p/{programme}/registers/{register}", register_file),
)

"""The files of an audit: one page and one JSON file of the evidence, and the drafts."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from evenhand.audit.draft import Draft
from evenhand.audit.evidence import Evidence
from evenhand.report.evidence import evidence_body, render_evidence
from evenhand.report.page import Section
from evenhand.report.registers import draft_body, draft_html, draft_markdown

FORMAT = "evenhand.audit/2"
HTML, JSON = "evidence.html", "evidence.json"


def audit_files(
    evidence: Evidence,
    drafts: Sequence[Draft],
    *,
    head: Mapping[str, Any],
    drawn: Sequence[Section] | None = None,
) -> dict[str, str]:
    """Texts by file name; the same content gives the same bytes.

    Args:
        evidence: of the programme.
        drafts: of registers and assessments.
        head: what it was made from, which both files say: programme, hash, day, entries of the ledger.
        drawn: the sections of the page, where they were drawn before.
    """
    body = {**evidence_body(evidence), **head, "format": FORMAT}
    written = {
        HTML: render_evidence(evidence, drawn, head),
        JSON: _json({name: body[name] for name in _ordered(body, head)}),
    }
    for each in drafts:
        written |= draft_files(each)
    return written


def draft_files(each: Draft) -> dict[str, str]:
    """A draft as a page, as Markdown and for machines, by file name."""
    return {
        f"{each.register}.html": draft_html(each),
        f"{each.register}.md": draft_markdown(each),
        f"{each.register}.json": _json(draft_body(each)),
    }


def _ordered(body: Mapping[str, Any], head: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(("format", *head, *body)))


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(_plain(body), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    """As plain JSON values; what is not a finite number is null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value

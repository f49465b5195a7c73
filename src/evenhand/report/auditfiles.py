"""The files of an audit: a page for each way of grouping, one JSON file of all of them, and the drafts."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from evenhand.audit.draft import Draft
from evenhand.audit.evidence import Evidence
from evenhand.report.evidence import evidence_body, render_evidence
from evenhand.report.registers import draft_body, draft_html, draft_markdown

FORMAT = "evenhand.audit/1"


def audit_files(
    evidence: Mapping[str, Evidence], drafts: Sequence[Draft], *, main: str, head: Mapping[str, Any]
) -> dict[str, str]:
    """Texts by file name; the same content gives the same bytes.

    Args:
        evidence: by grouping.
        drafts: of registers and assessments.
        main: the grouping whose page is `evidence.html`; the others are `evidence-NAME.html`.
        head: what the JSON file begins with: programme, hash, day.
    """
    pages = {
        "evidence.html" if name == main else f"evidence-{name}.html": render_evidence(each)
        for name, each in evidence.items()
    }
    body = {"format": FORMAT, **head, "groupings": {name: evidence_body(each) for name, each in evidence.items()}}
    written = {**pages, "evidence.json": _json(body)}
    for each in drafts:
        written[f"{each.register}.html"] = draft_html(each)
        written[f"{each.register}.md"] = draft_markdown(each)
        written[f"{each.register}.json"] = _json(draft_body(each))
    return written


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

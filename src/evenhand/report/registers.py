"""Drafts of registers as a page, as Markdown and for machines."""

from typing import Any

from markupsafe import Markup, escape

from evenhand.audit.draft import TO_WRITE, Draft, DraftField
from evenhand.report.labels import clean

NOTE = (
    "A draft made from the programme's files. It repeats what they say and invents nothing; every field marked "
    f"“{TO_WRITE}” waits for who answers for the programme, and so does the whole."
)


def draft_body(draft: Draft) -> dict[str, Any]:
    """The draft for machines."""
    return {
        "format": "evenhand.draft/1",
        "register": draft.register,
        "title": draft.title,
        "under": draft.under,
        "programme": draft.programme,
        "definition_hash": draft.definition_hash,
        "sections": [
            {
                "heading": section.heading,
                "fields": [
                    {"name": each.name, "value": each.value, "to_write": each.ask or None}
                    for each in section.fields
                ],
            }
            for section in draft.sections
        ],
        "left": list(draft.left),
    }


def draft_markdown(draft: Draft) -> str:
    """The draft as Markdown, to go on writing in."""
    lines = [f"# {_plain(draft.title)}", "", f"Under: {draft.under}.", "", NOTE, ""]
    for section in draft.sections:
        lines += [f"## {section.heading}", ""]
        for each in section.fields:
            lines += [f"**{each.name}.** {_plain(each.value or '')}".rstrip()]
            lines += [f"*{TO_WRITE.capitalize()}: {_plain(each.ask)}.*"] if each.ask else []
            lines.append("")
    lines.append(f"Made from the definition {draft.definition_hash} of the programme {draft.programme}.")
    return "\n".join(lines) + "\n"


def draft_html(draft: Draft) -> str:
    """The draft as one HTML page that asks nothing of any other place."""
    parts = [
        "<!DOCTYPE html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n",
        Markup("<title>{}</title>\n").format(clean(draft.title)),
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n",
        Markup("<h1>{}</h1>\n<p>Under: {}.</p>\n<p>{}</p>\n").format(clean(draft.title), draft.under, NOTE),
    ]
    for section in draft.sections:
        parts.append(Markup("<section>\n<h2>{}</h2>\n<dl>\n").format(section.heading))
        parts += [_field(each) for each in section.fields]
        parts.append("</dl>\n</section>\n")
    last = Markup("<p>Made from the definition <code>{}</code> of the programme {}.</p>\n")
    parts += [last.format(draft.definition_hash, draft.programme), "</main>\n</body>\n</html>\n"]
    return "".join(parts)


def _field(each: DraftField) -> str:
    value = Markup("<p>{}</p>").format(clean(each.value)) if each.value else Markup("")
    ask = (
        Markup("<p><strong>{}:</strong> {}.</p>").format(TO_WRITE.capitalize(), clean(each.ask))
        if each.ask
        else ""
    )
    return str(Markup("<dt>{}</dt>\n<dd>{}{}</dd>\n").format(each.name, value, escape(ask)))


def _plain(text: str) -> str:
    """One line, its Markdown signs taken literally and no tag a tag."""
    out = clean(text)
    for sign in "\\`*_[]<>":
        out = out.replace(sign, f"\\{sign}")
    return out


_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;color:#17212b;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "h2{margin-top:2rem;border-bottom:1px solid #dde3e8}dt{font-weight:600;margin-top:1rem}dd{margin:0}"
    "dd p{margin:.25rem 0}dd,code{overflow-wrap:anywhere}"
)

"""Write docs/reference/routes.md from the committed list of routes. A test compares the two."""

from pathlib import Path

from evenhand.web.routes import ROLES, read_table

TARGET = Path(__file__).resolve().parent.parent / "docs" / "reference" / "routes.md"
HEAD = """# Routes

Every route of the service and who may use it, made from
[`web/routes.txt`](../../src/evenhand/web/routes.txt) by `python pages/routes_doc.py`. A route that is not in
the list does not serve. `public` is everybody; `ops` holds the operator's token; `api` holds a token of a
partner's program.

| method | path | """


def page() -> str:
    """The page."""
    lines = [HEAD + " | ".join(ROLES) + " |", "|---|---|" + ":-:|" * len(ROLES)]
    for (method, path), roles in read_table().rows.items():
        marks = " | ".join("●" if role in roles else "" for role in ROLES)
        lines.append(f"| {method} | `{path}` | {marks} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")

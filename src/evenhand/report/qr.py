"""QR pictures: as an `<svg>` element for a page, and in characters for a terminal."""

import io

import segno


def qr_svg(text: str, *, title: str, scale: int = 3) -> str:
    """A QR picture as an `<svg>` element.

    Args:
        text: what it holds.
        title: what a screen reader says in its place.
        scale: pixels of a module.
    """
    made = segno.make_qr(text, error="m").svg_inline(scale=scale, border=4, title=title, svgclass="eh-qr")
    return str(made).replace("<svg ", '<svg role="img" ', 1)


def qr_text(text: str) -> str:
    """A QR picture in half-block characters, for a terminal with light characters on dark."""
    out = io.StringIO()
    segno.make_qr(text, error="l").terminal(out=out, compact=True, border=2)
    return out.getvalue()

"""From matplotlib's SVG file to an `<svg>` element that can stand in a page and be read aloud."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from evenhand.report.labels import clean

SVG = "http://www.w3.org/2000/svg"
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
"""The reader's own fonts: nothing is fetched."""

Anchor = Literal["start", "middle", "end"]

_DROPPED = frozenset({"metadata", "style"})
_REFERENCE = re.compile(r"(?<=#)[\w.-]+")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}(?![\w.])")


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text: its baseline's place in pixels from the top left corner, and its look."""

    x: float
    y: float
    text: str
    anchor: Anchor
    size: float
    colour: str
    bold: bool
    halo: bool


def element(drawing: str, *, key: str, title: str, description: str, labels: Iterable[Label]) -> str:
    """A drawing with its words, as an element.

    Labels are added here and never pass through matplotlib: so no name is ever taken for a formula, none needs
    a font on this machine, and all remain text that can be searched and translated.

    Args:
        drawing: the file that matplotlib wrote; it holds shapes only.
        key: what every id starts with.
        title: becomes `<title>`.
        description: becomes `<desc>`.
        labels: the words of the picture.
    """
    root = ET.fromstring(drawing)  # noqa: S314 - matplotlib has just written it
    _strip(root)
    _tidy(root, key)
    for label in labels:
        root.append(_text(label))
    _name(root, key, title, description)
    return ET.tostring(root, encoding="unicode", short_empty_elements=True)


def _strip(parent: ET.Element) -> None:
    """Drop metadata and matplotlib's style sheet, which would reach the whole page, and all namespaces."""
    parent.tag = parent.tag.rpartition("}")[2]
    parent.text = parent.tail = None
    for child in list(parent):
        if child.tag.rpartition("}")[2] in _DROPPED:
            parent.remove(child)
        else:
            _strip(child)


def _tidy(root: ET.Element, key: str) -> None:
    """Styles become attributes, numbers short; ids start with the key and go where nothing refers to them."""
    for part in root.iter():
        part.attrib = {name: _short(value) for name, value in _attributes(part)}
    used = {found for part in root.iter() for found in _references(part)}
    for part in root.iter():
        if part.attrib.get("id") not in used:
            part.attrib.pop("id", None)
        for name, value in part.attrib.items():
            if name == "id":
                part.set(name, f"{key}-{value}")
            elif "#" in value and name in {"href", "clip-path"}:
                part.set(name, _REFERENCE.sub(lambda found: f"{key}-{found[0]}", value))


def _references(part: ET.Element) -> list[str]:
    return [found for name in ("href", "clip-path") for found in _REFERENCE.findall(part.attrib.get(name, ""))]


def _attributes(part: ET.Element) -> list[tuple[str, str]]:
    """A page may forbid inline styles; attributes are always allowed, and weaker than the page's own rules."""
    out = []
    for name, value in part.attrib.items():
        if name != "style":
            out.append((name.rpartition("}")[2], value))
            continue
        rules = (rule.split(":", 1) for rule in value.split(";") if ":" in rule)
        out += [(rule.strip(), setting.strip()) for rule, setting in rules]
    return out


def _short(value: str) -> str:
    """A hundredth of a pixel is plenty, and the same on every processor."""
    return _LONG_NUMBER.sub(lambda found: _decimal(float(found[0])), " ".join(value.split()))


def _decimal(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _text(label: Label) -> ET.Element:
    part = ET.Element("text", x=_decimal(label.x), y=_decimal(label.y), fill=label.colour)
    part.set("font-size", _decimal(label.size))
    if label.anchor != "start":
        part.set("text-anchor", label.anchor)
    if label.bold:
        part.set("font-weight", "600")
    if label.halo:
        part.attrib |= {"stroke": "#ffffff", "stroke-width": "4", "paint-order": "stroke"}
    part.text = clean(label.text)
    return part


def _name(root: ET.Element, key: str, title: str, description: str) -> None:
    """Give the element its role, its name and its description."""
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib |= {
        "xmlns": SVG,
        "role": "img",
        "aria-labelledby": f"{key}-title {key}-desc",
        "font-family": FONTS,
        "stroke-linejoin": "round",
    }
    for place, (tag, name, text) in enumerate((("title", "title", title), ("desc", "desc", description))):
        part = ET.Element(tag, id=f"{key}-{name}")
        part.text = clean(text)
        root.insert(place, part)

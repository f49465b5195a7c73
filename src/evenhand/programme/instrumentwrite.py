"""An instrument as a file that people read: one layout, so that two versions can be compared line by line."""

import json
import re
from collections.abc import Mapping, Sequence

from evenhand.programme.instrument import Choice, Instrument, Item, MissingCode, Published

_PLAIN_CODE = re.compile(r"-?(?:0|[1-9][0-9]{0,8})")
_PLAIN_NAME = re.compile(r"[A-Za-z][\w.\-]*", re.ASCII)
_WORDS = {"null", "true", "false"}
_HIDDEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def instrument_yaml(instrument: Instrument, *, comment: str = "") -> str:
    """The instrument as YAML; reading it back gives an instrument of the same hash.

    Args:
        instrument: what to write.
        comment: lines for its head, written with `#`.
    """
    lines = [f"# {line}" if line else "#" for line in comment.splitlines()]
    lines += _head(instrument)
    if instrument.missing:
        lines += ["", "missing:", *(f"  - {_missing(entry)}" for entry in instrument.missing)]
    lines += ["", "choices:"]
    for name, choices in instrument.choices.items():
        lines += [f"  {_name(name)}:", *(f"    - {_choice(choice)}" for choice in choices)]
    lines += ["", "items:"]
    for item in instrument.items:
        lines += _item(item)
    if instrument.published is not None:
        lines += ["", "published:", *_published(instrument.published)]
    if instrument.justifications:
        lines += ["", "justifications:"]
        for entry in instrument.justifications:
            lines += [
                f"  - text: {_text(entry.text)}",
                f"    reason: {_text(entry.reason)}",
                f"    by: {_text(entry.by)}",
            ]
    return "\n".join(lines) + "\n"


def _head(instrument: Instrument) -> list[str]:
    lines = [
        f"format: {instrument.format}",
        f"name: {_name(instrument.name)}",
        f"version: {_text(instrument.version)}",
        *_texts("title", instrument.title, ""),
        f"status: {instrument.status}",
        f"licence: {_text(instrument.licence)}",
        f"source: {_text(instrument.source)}",
    ]
    if instrument.official_wording is not None:
        lines.append(f"official_wording: {_text(instrument.official_wording)}")
    if instrument.reference_period is not None:
        lines += _texts("reference_period", instrument.reference_period, "")
    return [
        *lines,
        f"respondent: {instrument.respondent}",
        f"component: {instrument.component}",
        f"scoring: {instrument.scoring}",
    ]


def _item(item: Item) -> list[str]:
    lines = [
        f"  - name: {_name(item.name)}",
        *_texts("wording", item.wording, "    "),
        f"    wording_status: {item.wording_status}",
        f"    choices: {_name(item.choices)}",
        f"    direction: {item.direction}",
    ]
    if item.component is not None:
        lines.append(f"    component: {item.component}")
    if item.aliases:
        lines.append(f"    aliases: [{', '.join(_name(alias) for alias in item.aliases)}]")
    return lines


def _missing(entry: MissingCode) -> str:
    labels = f", labels: {_mapping(entry.labels)}" if entry.labels else ""
    return f"{{code: {_code(entry.code)}, reason: {entry.reason}{labels}}}"


def _choice(choice: Choice) -> str:
    category = "" if choice.category is None else f", category: {choice.category}"
    return f"{{code: {_code(choice.code)}{category}, labels: {_mapping(choice.labels)}}}"


def _published(published: Published) -> list[str]:
    lines = [f"  source: {_text(published.source)}"]
    for field, rows in (("b", published.b), ("se", published.se)):
        if rows is not None:
            lines += [f"  {field}:", *(f"    {_name(name)}: {_numbers(row)}" for name, row in rows.items())]
    if published.a is not None:
        lines += ["  a:", *(f"    {_name(name)}: {value!r}" for name, value in published.a.items())]
    if published.thresholds:
        lines += [
            "  thresholds:",
            *(f"    {_name(name)}: {value!r}" for name, value in published.thresholds.items()),
        ]
    if published.latent is not None:
        lines.append(f"  latent: {{mean: {published.latent.mean!r}, sd: {published.latent.sd!r}}}")
    return lines


def _numbers(row: Sequence[float]) -> str:
    return repr(row[0]) if len(row) == 1 else f"[{', '.join(repr(value) for value in row)}]"


def _texts(field: str, texts: Mapping[str, str], indent: str) -> list[str]:
    return [f"{indent}{field}:", *(f"{indent}  {language}: {_text(text)}" for language, text in texts.items())]


def _mapping(texts: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{language}: {_text(text)}" for language, text in texts.items()) + "}"


def _text(text: str) -> str:
    """Text in quotes: what stands in them is what is meant, whatever it begins with."""
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _code(code: str) -> str:
    return code if _PLAIN_CODE.fullmatch(code) else _text(code)


def _name(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) and name.casefold() not in _WORDS else _text(name)

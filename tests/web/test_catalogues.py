"""Every word stands in both catalogues, and none in a template."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest

import evenhand.web
from evenhand.casework.explaintexts import Words
from evenhand.web.texts import chosen_language, words

WEB = Path(evenhand.web.__file__).parent
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
FORMS = {"en": {"one", "other"}, "ru": {"one", "few", "many"}}
EN, RU = words("en"), words("ru")
LETTERS = re.compile(r"[A-Za-zА-Яа-яЁё]{2,}")
FILES = re.compile(r"\b[a-z-]+\.(?:json|csv)\b")
OURS = {"Evenhand", "JavaScript", "GOV", "UK", "Frontend", "CSV", "JSON", "Excel", "English", "cookie", "rho"}


def texts_of(found: Words, key: str) -> dict[str, str]:
    entry = found.entries[key]
    return {"": entry} if isinstance(entry, str) else dict(entry)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_catalogues_have_the_same_keys() -> None:
    assert set(EN.entries) == set(RU.entries)


def test_both_have_the_same_places_in_every_form() -> None:
    for key in EN.entries:
        found = [places(text) for each in (EN, RU) for text in texts_of(each, key).values()]
        assert all(each == found[0] for each in found), key


@pytest.mark.parametrize("found", [EN, RU], ids=["en", "ru"])
def test_counted_texts_have_every_plural_of_their_language(found: Words) -> None:
    for key, entry in found.entries.items():
        if isinstance(entry, Mapping):
            assert set(entry) >= FORMS[found.language], key


def test_russian_is_russian_and_english_is_english() -> None:
    for key in EN.entries:
        staff_only = key.startswith(("staff.", "ledger.", "public.", "partner."))
        for text in () if staff_only else texts_of(RU, key).values():
            foreign = set(re.findall(r"[A-Za-z]{2,}", re.sub(r"\{[^}]*\}", "", text))) - OURS
            assert not foreign, f"{key}: {foreign}"
        for text in texts_of(EN, key).values():
            assert not re.search("[А-Яа-яЁё]", text), key


def test_russian_speaks_to_a_person_politely() -> None:
    small = re.compile(r"(?<![А-Яа-яЁё])(вы|вас|вам|вами|ваш\w*)(?![А-Яа-яЁё])")
    for key in RU.entries:
        for text in texts_of(RU, key).values():
            assert not small.search(text), key


def test_texts_have_no_markup_and_no_long_sentence() -> None:
    for found in (EN, RU):
        for key in found.entries:
            for text in texts_of(found, key).values():
                assert not re.search(r"[<>&]", text), key
                longest = max(len(each.split()) for each in re.split(r"[.!?:](?:\s|$)", text))
                assert longest <= 26, f"{found.language} {key}: {longest} words"


SPOKEN = {"aria-label", "title", "alt", "placeholder"}


class _Loose(HTMLParser):
    """Text and spoken attributes of a template, outside of what the template computes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - its base's
        self.found += [str(value) for name, value in attrs if name in SPOKEN]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda each: str(each.relative_to(WEB)))
def test_no_template_holds_a_word(path: Path) -> None:
    text = re.sub(r"\{% block homelink %\}.*?\{% endblock %\}|<(code|kbd)\b.*?</\1>", " ", path.read_text("utf-8"))
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", text, flags=re.DOTALL)
    reader = _Loose()
    reader.feed(text)
    assert [each for each in reader.found if LETTERS.search(FILES.sub("", each))] == []


def test_every_key_that_a_template_names_is_there() -> None:
    named = set()
    for path in TEMPLATES:
        named |= set(re.findall(r"""\b[tn]\("([a-z0-9.\-]+)"\s*[,)]""", path.read_text("utf-8")))
    for path in WEB.rglob("*.py"):
        named |= set(re.findall(r"""one_error\(visit, "[a-z]+", "([a-z.\-]+)\"""", path.read_text("utf-8")))
        named |= set(re.findall(r"""\.say\("([a-z.\-]+)\"""", path.read_text("utf-8")))
    assert len(named) > 150
    assert named - set(EN.entries) == set()


def test_every_state_has_its_words() -> None:
    from typing import get_args

    from evenhand.casework.case import State

    for state in get_args(State):
        assert {f"my.state.{state}", f"my.next.{state}"} <= set(EN.entries)


@pytest.mark.parametrize(
    ("cookie", "accepted", "offered", "wanted"),
    [
        ("", "", ("en", "ru"), "en"),
        ("ru", "en", ("en", "ru"), "ru"),
        ("", "ru-RU,ru;q=0.9,en;q=0.8", ("en", "ru"), "ru"),
        ("", "de,fr", ("en", "ru"), "en"),
        ("en", "en", ("ru",), "ru"),
        ("<script>", "'; drop", ("en", "ru"), "en"),
        ("", "ru", (), "ru"),
    ],
)
def test_the_language_is_chosen(cookie: str, accepted: str, offered: tuple[str, ...], wanted: str) -> None:
    assert chosen_language(cookie, accepted, offered) == wanted


def test_russian_has_words_for_every_error_that_a_person_can_meet() -> None:
    met = {key.removeprefix("fault.").removesuffix(".what") for key in EN.entries if key.endswith(".what")}
    needed = {
        "code.opens-nothing", "code.character", "code.length", "code.check", "code.phrase-length", "code.word",
        "web.tries", "web.form", "web.origin", "web.not-found", "web.not-yours", "programme.not-open",
        "programme.not-taking-in", "store.no-case", "case.not-now", "case.restricted", "case.version",
        "case.contact", "case.appeal-open", "appeal.no-decision", "appeal.too-late", "complaint.not-sent",
        "explain.closed-to-this-code", "explain.not-assessed", "collect.no-offer",
    }  # fmt: skip
    assert needed <= met

"""Refuse, doubt, allow; recorded reasons; tricks of writing; forms' expressions."""

import re
import string

import pytest

from evenhand.errors import BoundaryError
from evenhand.programme.guard import assess_text, check_column, check_text
from evenhand.programme.guardpattern import first_letters, phrases
from evenhand.programme.guardreasons import Justification, by_text, require
from evenhand.programme.guardrules import RULES
from evenhand.programme.guardtext import LONGEST, expression_parts, readings

DOUBTED = "Did you get food from a church kitchen?"
REASON = Justification(DOUBTED, "It asks where food came from, not what anybody believes.", "Anna Berg")

TRICKS = (
    "re\u200bligion", "rel1gion", "rеligion", "r e l i g i o n", "reli-gion", "RELIGION", "relígion",
    "hhReligionCode", "userpassportno", "pa55port", "ПАСПОРТ", "п.а.с.п.о.р.т", "пас-порт", "nomer_pasporta",
    "propiska_adres",
    "снилc", "SNILSnumber",
    "veroispovedanie", "nacionalnost", "natsionalnostOtca", "golosoval2024", "sudimosti", "ｐａｓｓｐｏｒｔ",
    "р\u0435лигия",
)  # fmt: skip

EXPRESSIONS = {
    "pulldata('citizens','snils','key',${k})": "boundary.identity",
    "pulldata('citizens', 'income', 'key', ${k})": "boundary.identity",
    "pulldata('жители', 'доход', 'код', ${k})": "boundary.identity",
    "${passport_no}": "boundary.identity",
    "concat(${first_name}, ' ', ${last_name})": "boundary.identity",
    "if(${religion} = 'x', 1, 0)": "boundary.religion",
    "property('deviceid')": "boundary.location",
    "int((today() - ${date_of_birth}) div 365.25)": "boundary.identity",
    "selected(${vote_choice}, 'a')": "boundary.political",
}

HARDSHIP = (
    "Do you owe money for rent?",
    "Can you afford a phone?",
    "Есть ли у Вас долги за квартиру?",
    "Приходилось ли Вам занимать деньги на еду?",
    "Are you behind with council tax?",
    "Were you a victim of crime?",
    "Do you feel fine most days?",
)


@pytest.mark.parametrize("text", TRICKS)
def test_tricks_of_writing_are_undone(text: str) -> None:
    assert assess_text(text).verdict == "refuse"


@pytest.mark.parametrize(("text", "code"), EXPRESSIONS.items())
def test_an_expression_is_read_as_the_names_in_it(text: str, code: str) -> None:
    found = assess_text(text, "wording")
    assert (found.verdict, found.code) == ("refuse", code)


@pytest.mark.parametrize(
    "text",
    [
        "sum(${food}, ${rent})",
        "pulldata('prices', 'bread', 'district', ${district})",
        "if(${hungry} = 'yes', 1, 0)",
    ],
)
def test_an_innocent_expression_is_allowed(text: str) -> None:
    assert assess_text(text).verdict == "allow"


def test_a_sentence_with_brackets_is_no_expression() -> None:
    assert expression_parts("How many rooms (kitchen not counted) do you have?") == ()


@pytest.mark.parametrize("text", HARDSHIP)
def test_everyday_hardship_is_allowed(text: str) -> None:
    assert assess_text(text).verdict == "allow"


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        ("Can you afford a phone?", "allow"),
        ("What is your phone number?", "refuse"),
        ("Did you get food from a church kitchen?", "doubt"),
        ("How often do you go to church?", "refuse"),
        ("Do you have savings in a credit union?", "allow"),
        ("Are you in a union?", "refuse"),
        ("How far is the police station?", "doubt"),
        ("Have the police stopped you?", "refuse"),
        ("Could you hold a birthday party?", "allow"),
        ("Which party do you support?", "refuse"),
        ("Give a list of your debts at the bank", "refuse"),
        ("Were you devoted to caring for a parent?", "allow"),
        ("Do you vote?", "refuse"),
    ],
)
def test_a_word_is_judged_by_the_words_around_it(asked: str, verdict: str) -> None:
    assert assess_text(asked).verdict == verdict


def test_a_verdict_says_what_it_found() -> None:
    found = assess_text("What is your religion?")
    assert found.code == "boundary.religion"
    assert found.rule is not None
    assert found.rule.reason
    assert found.matched == "religion"
    assert assess_text("Do you skip meals?").code is None


def test_the_shape_tells_a_name_from_wording() -> None:
    assert assess_text("party").verdict == "refuse"
    assert assess_text("Home address").verdict == "refuse"
    assert assess_text("Do you like a good party with the children?").verdict == "allow"


def test_a_doubt_needs_a_reason() -> None:
    with pytest.raises(BoundaryError, match=r"boundary\.doubt"):
        require(DOUBTED, where="p.yaml, line 3", kind="wording", justified={})
    assert require(DOUBTED, where="", kind="wording", justified=by_text([REASON])).verdict == "doubt"


def test_no_reason_helps_what_is_refused() -> None:
    text = "What is your religion?"
    reason = Justification(text, "We would very much like to know it.", "Anna Berg")
    with pytest.raises(BoundaryError, match=r"boundary\.religion"):
        require(text, where="", kind="wording", justified=by_text([reason]))


@pytest.mark.parametrize(
    ("reason", "by"),
    [
        ("ok", "Anna Berg"),
        ("..............", "Anna Berg"),
        (REASON.reason, "admin"),
        (REASON.reason, "The team"),
        (REASON.reason, "Anna"),
        (REASON.reason, "12 34"),
        (REASON.reason, ""),
    ],
)
def test_a_reason_that_is_none(reason: str, by: str) -> None:
    justified = by_text([Justification(DOUBTED, reason, by)])
    with pytest.raises(BoundaryError, match=r"boundary\.justification"):
        require(DOUBTED, where="", kind="wording", justified=justified)


def test_a_reason_is_for_exactly_one_wording() -> None:
    with pytest.raises(BoundaryError, match=r"boundary\.justification"):
        require(
            DOUBTED,
            where="",
            kind="wording",
            justified={DOUBTED: Justification("Another?", REASON.reason, REASON.by)},
        )
    with pytest.raises(BoundaryError, match=r"boundary\.justification"):
        by_text([REASON, REASON])


@pytest.mark.parametrize("by", ["Anna Berg", "О'Нил Мария", "Jean-Pierre Dupont", "Иван П. Петров"])
def test_names_of_people(by: str) -> None:
    require(DOUBTED, where="", kind="wording", justified=by_text([Justification(DOUBTED, REASON.reason, by)]))


def test_check_text_lets_a_doubt_pass_and_a_group_does_not() -> None:
    check_text(DOUBTED, where="x")
    for name in ("citizenship", "country_of_birth", "home_language", "гражданство"):
        with pytest.raises(BoundaryError, match=r"boundary\.doubt"):
            check_column(name, "group")
        check_column(name, "weights")
    check_column("disability", "group")


def test_every_rule_has_a_reason_and_its_own_code() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert all(rule.reason and rule.title for rule in RULES)


def test_looking_up_by_first_letter_finds_what_a_plain_search_finds() -> None:
    """The quick search beside a plain regular expression over every rule's phrases."""
    texts = [
        words
        for text in ("Do you vote for a party?", "номер паспорта", "ваш адрес", "fine dust")
        for words in readings(text, name=True)
    ]
    for rule in RULES:
        for part in (rule.everywhere, rule.names, rule.wording, rule.doubt, rule.innocent):
            plain = re.compile(rf"\b(?:{'|'.join(part.inside)})\b") if part.inside else re.compile("(?!)")
            for words in texts:
                assert bool(plain.search(words)) <= bool(part.search(words))
                assert bool(part.search(words)) <= bool(plain.search(words)) or part.whole


@pytest.mark.parametrize("pattern", ["(?:a|bc)?d", "[xy]?z", "(?:(?:p|q)r|s)", "ab?", "(?:k ){0,2}?m"])
def test_first_letters_are_those_a_match_begins_with(pattern: str) -> None:
    found = first_letters(pattern)
    begun = {
        m[0][0]
        for letter in string.ascii_lowercase
        for tail in ("", "d", "z", "r", "bcd", " m", "c", "cd")
        if (m := re.match(pattern, letter + tail))
    }
    assert found is not None
    assert begun <= found


def test_phrases_stand_one_a_line() -> None:
    found = phrases("cat*\nblue ~ bird\n=dog")
    assert found.search("two cats")
    assert found.search("a blue and tiny bird")
    assert found.search("dog 3")
    assert not found.search("hot dog")
    assert not found.search("concat")


# long texts


LONG = ("a", "aB", "1a", "a-", "a b ", "x@1", "аб", "религия", "word ")


@pytest.mark.parametrize("piece", LONG)
@pytest.mark.parametrize("name", [True, False])
def test_what_is_read_of_a_text_grows_with_it_and_no_word_is_longer_than_a_word(piece: str, name: bool) -> None:
    """The patterns cost what the readings are long, and within a word its square: so both are bounded."""

    def read(letters: int) -> int:
        found = readings((piece * letters)[:letters], name=name)
        assert max(len(word) for words in found for word in words.split()) <= LONGEST
        return sum(map(len, found))

    assert read(8_000) <= 2.5 * read(4_000)


@pytest.mark.parametrize("before", range(0, 300, 23))
def test_a_forbidden_word_is_found_wherever_it_stands_in_a_run_without_a_space(before: int) -> None:
    assert assess_text("q" * before + "passport" + "q" * (300 - before)).code == "boundary.identity"

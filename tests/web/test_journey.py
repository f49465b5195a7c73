"""The whole way of a person, in both languages, with plain forms and nothing else."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from evenhand.casework.events import NotThisRound, Offered
from evenhand.programme.definition import load_programme
from evenhand.service.questions import questions_of
from evenhand.store.fsck import fsck
from evenhand.store.receiptfile import read_receipt
from evenhand.store.receipts import verify_receipt
from tests.service.offices import TOWN
from tests.web.browsing import BASE, SAME, Town, Visitor, answer_all, finish, join

LANGUAGES = ("en", "ru")
QUESTIONS = len(questions_of(load_programme(TOWN)))


def case_id(town: Town) -> str:
    """The case of the one person in town."""
    with town.office.store.reading() as reading:
        (file,) = reading.queue(TOWN)
    return file.case_id


def decide(town: Town, how: str, probability: float | None = None) -> None:
    """A caseworker decides about the one person in town."""
    name = case_id(town)
    at = town.office.clock()
    until = (at + timedelta(days=60)).date().isoformat()
    with town.office.store.unit() as unit:
        case = unit.case(name)
        assert case.assessment is not None
        common = {
            "programme": TOWN,
            "at": at,
            "actor": "carl",
            "case": name,
            "version": (case.decision.version if case.decision else 0) + 1,
            "assessment": case.assessment.version,
            "reason": "We looked at it together <b>with care</b>.",
            "appeal_until": until,
            "round": None if probability is None else "first",
            "probability": probability,
        }
        if how == "offer":
            unit.append(Offered(**common, support="food-parcel", overrides=False))  # type: ignore[arg-type]
        else:
            unit.append(NotThisRound(**common, caseworker="carl", overrides=True))  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_way_without_javascript(town: Town, language: str) -> None:
    visitor = town.visitor(language)
    page = visitor.open(BASE)
    assert page.read.language == language
    join(visitor, town.invitation())
    assert visitor.page.path == f"{BASE}/my"
    assert answer_all(visitor, "11110000") == QUESTIONS
    visitor.send()
    assert visitor.page.path == f"{BASE}/my/result"
    for name in ("why", "answers", "consent", "contact", "pause", "download", "leave", "erase"):
        page = visitor.open(f"{BASE}/my/{name}")
        assert (page.status, page.path, page.read.language) == (200, f"{BASE}/my/{name}", language)
    visitor.open(f"{BASE}/my/erase")
    visitor.send()
    assert visitor.page.path == f"{BASE}/erased"
    receipt = visitor.client.get(f"{BASE}/erased/receipt.json").content
    assert verify_receipt(read_receipt(receipt), [town.office.store.keys.verifier]).holds
    assert visitor.open(f"{BASE}/my").path == f"{BASE}/sign-in"
    assert fsck(town.office.store) == ()


def test_the_language_is_kept_from_page_to_page(town: Town) -> None:
    visitor = town.visitor("en")
    assert visitor.open(f"{BASE}?lang=ru").read.language == "ru"
    assert "lang" not in str(visitor.page.response.url.query)
    assert visitor.open(f"{BASE}/notice").read.language == "ru"


def test_answers_are_saved_one_by_one_and_the_code_brings_them_back(town: Town) -> None:
    first = town.visitor()
    access = join(first, town.invitation())
    first.open(f"{BASE}/my/questions")
    for code in ("1", "1", "0"):
        first.send({"answer": code})
    assert first.page.path == f"{BASE}/my/questions/4"
    second = town.visitor(address="10.0.0.2")
    second.open(f"{BASE}/sign-in")
    second.send({"code": access.lower().replace("-", " ")})
    assert second.page.path == f"{BASE}/my/questions/4"


def test_back_shows_the_answer_that_was_given_and_changes_it(town: Town) -> None:
    visitor = town.visitor()
    join(visitor, town.invitation())
    visitor.open(f"{BASE}/my/questions")
    visitor.send({"answer": "1"})
    back = visitor.open(f"{BASE}/my/questions/1")
    assert re.search(r'value="1" checked', back.html)
    visitor.send({"answer": "0"})
    assert visitor.page.path == f"{BASE}/my/questions/2"
    with town.office.store.reading() as reading:
        (given,) = reading.case(case_id(town)).answers.values()
    assert (given.code, given.version) == ("0", 2)


def test_an_answer_changed_from_the_check_page_leads_back_to_it(town: Town) -> None:
    visitor = town.visitor()
    join(visitor, town.invitation())
    answer_all(visitor)
    link = next(each for each in visitor.page.read.links if "from=check" in each)
    visitor.open(link)
    visitor.send({"answer": "0"})
    assert visitor.page.path == f"{BASE}/my/check"


def test_extra_facts_can_be_skipped(town: Town) -> None:
    visitor = town.visitor()
    join(visitor, town.invitation())
    answer_all(visitor, skip=True)
    assert visitor.page.path == f"{BASE}/my/check"
    visitor.send()
    assert visitor.page.path == f"{BASE}/my/result"


def test_open_questions_are_left_out_only_when_the_person_says_so(town: Town) -> None:
    visitor = town.visitor()
    join(visitor, town.invitation())
    visitor.open(f"{BASE}/my/questions")
    visitor.send({"answer": "1"})
    visitor.open(f"{BASE}/my/check")
    assert visitor.send().status == 422
    visitor.send({"leave": "yes"})
    assert visitor.page.path == f"{BASE}/my/result"
    with town.office.store.reading() as reading:
        proposal = reading.case(case_id(town)).proposal
    assert proposal is not None
    assert proposal.proposal == "review"


@pytest.mark.parametrize("path", ["my/result", "my/why", "my/decision", "my/answers", "my/collect", "my/appeal"])
def test_a_page_that_is_too_early_leads_to_the_right_one(town: Town, path: str) -> None:
    visitor = town.visitor()
    join(visitor, town.invitation())
    assert visitor.open(f"{BASE}/{path}").path == f"{BASE}/my/questions/1"


@pytest.mark.parametrize("path", ["join/about", "join/consent", "join/place"])
def test_a_step_of_joining_without_the_one_before_leads_to_the_first(town: Town, path: str) -> None:
    assert town.visitor().open(f"{BASE}/{path}").path == f"{BASE}/join/code"


@pytest.mark.parametrize("number", [0, 5, 99, 10**12])
def test_a_question_that_is_not_there_leads_to_the_open_one(town: Town, number: int) -> None:
    visitor = town.visitor()
    join(visitor, town.invitation())
    assert visitor.open(f"{BASE}/my/questions/{number}").path == f"{BASE}/my/questions/1"


def test_the_codes_are_shown_until_they_are_kept_and_never_again(town: Town) -> None:
    visitor = town.visitor()
    visitor.open(f"{BASE}/join/code")
    visitor.send({"code": town.invitation()})
    visitor.send()
    visitor.send({"purpose": ["decide"]})
    visitor.send({"district": "mill"})
    code = re.findall(r'class="eh-code"[^>]*>([^<]+)<', visitor.page.html)[0]
    assert code in visitor.open(f"{BASE}/my/code/sheet").html
    assert visitor.open(f"{BASE}/my").path == f"{BASE}/my/code"
    assert visitor.send({}).status == 422
    visitor.send({"kept": "yes"})
    assert code not in visitor.open(f"{BASE}/my/code").html
    assert visitor.page.path == f"{BASE}/my"


def test_an_offer_is_collected_with_a_code_that_is_made_once(town: Town, person: Visitor) -> None:
    decide(town, "offer")
    page = person.open(f"{BASE}/my/decision")
    assert "Food parcel for a month" in page.words
    assert "&lt;b&gt;with care" in page.html
    person.open(f"{BASE}/my/collect")
    form = person.page.form()
    first = person.post(form.action, form.hidden).html
    again = person.post(form.action, form.hidden).html
    code = re.search(r'id="collect">([^<]+)<', first)
    assert code
    assert code[1] in again


def test_a_decision_is_contested_without_words(town: Town, person: Visitor) -> None:
    decide(town, "no", probability=0.25)
    page = person.open(f"{BASE}/my/decision")
    assert "25 in 100" in page.words
    person.open(f"{BASE}/my/appeal")
    form = person.page.form()
    for _ in range(2):  # the same form twice makes one appeal
        person.post(form.action, form.hidden)
        assert person.page.path == f"{BASE}/my"
    with town.office.store.reading() as reading:
        kinds = [event.kind for _, event in reading.events(case_id(town))]
    assert kinds.count("appeal-opened") == 1
    assert "11 December 2026" in person.page.words


def test_an_answer_is_put_right_and_measured_again(town: Town, person: Visitor) -> None:
    person.open(f"{BASE}/my/answers")
    person.open(f"{BASE}/my/questions/1")
    person.send({"answer": "0"})
    assert person.page.path == f"{BASE}/my/answers"
    with town.office.store.reading() as reading:
        case = reading.case(case_id(town))
    assert case.assessment is not None
    assert case.assessment.version == 2


def test_the_same_answer_again_is_no_event(town: Town, person: Visitor) -> None:
    with town.office.store.reading() as reading:
        before = reading.size()
    person.open(f"{BASE}/my/questions/1")
    person.send({"answer": "1"})
    with town.office.store.reading() as reading:
        assert reading.size() == before


def test_pausing_leaving_and_choosing_anew_take_one_form_each(town: Town, person: Visitor) -> None:
    person.open(f"{BASE}/my/pause")
    person.send()
    assert "paused" in person.page.words
    person.open(f"{BASE}/my/pause")
    person.send()
    person.open(f"{BASE}/my/contact")
    person.send({"contact": "a@b.example"})
    assert "a@b.example" in person.open(f"{BASE}/my/contact").html
    person.open(f"{BASE}/my/consent")
    person.send({"purpose": ["statistics"]})
    with town.office.store.reading() as reading:
        case = reading.case(case_id(town))
    assert (case.contact, case.agreed("messages"), case.agreed("statistics")) == (None, False, True)
    person.open(f"{BASE}/my/leave")
    person.send()
    with town.office.store.reading() as reading:
        assert reading.case(case_id(town)).state == "withdrawn"


def test_the_copy_holds_the_answers(person: Visitor) -> None:
    body = json.loads(person.client.get(f"{BASE}/my/download/my-case.json").text)
    assert {row["item"] for row in body["tables"]["event"] if row["kind"] == "answer-recorded"} >= {"WORRIED"}
    response = person.client.get(f"{BASE}/my/download/my-case.csv")
    assert response.headers["content-disposition"] == 'attachment; filename="my-case.csv"'
    assert "WORRIED" in response.text


def test_the_phrase_gives_a_new_code_and_ends_other_sessions(town: Town) -> None:
    first = town.visitor()
    first.open(f"{BASE}/join/code")
    first.send({"code": town.invitation()})
    first.send()
    first.send({"purpose": ["decide"]})
    first.send({"district": "mill"})
    phrase = re.search(r'id="phrase">([^<]+)<', first.page.html)
    assert phrase
    first.send({"kept": "yes"})
    second = town.visitor(address="10.0.0.2")
    second.open(f"{BASE}/lost/phrase")
    second.send({"phrase": phrase[1]})
    assert second.page.path == f"{BASE}/my/code"
    assert first.open(f"{BASE}/my").path == f"{BASE}/sign-in"


def test_a_slip_gives_a_code_that_opens_no_old_answer(town: Town) -> None:
    invitation, slip = town.invitation(), town.invitation()
    first = town.visitor()
    join(first, invitation)
    finish(first)
    second = town.visitor(address="10.0.0.2")
    second.open(f"{BASE}/lost/slip")
    second.send({"slip": slip, "first": invitation})
    assert second.page.path == f"{BASE}/lost/asked"
    second.open(f"{BASE}/lost/collect")
    assert second.send({"slip": slip}).status == 422
    town.days.pass_by(7)
    second.open(f"{BASE}/lost/collect")
    second.send({"slip": slip})
    second.send({"kept": "yes"})
    assert second.page.path == f"{BASE}/my"
    for name in ("answers", "why", "result", "questions/1", "check", "contact", "consent"):
        assert second.open(f"{BASE}/my/{name}").path == f"{BASE}/my", name
    assert "WORRIED" not in second.client.get(f"{BASE}/my/download/my-case.json").text


def test_a_case_that_was_erased_elsewhere_signs_out(town: Town) -> None:
    first = town.visitor()
    access = join(first, town.invitation())
    second = town.visitor(address="10.0.0.2")
    second.open(f"{BASE}/sign-in")
    second.send({"code": access})
    first.open(f"{BASE}/my/erase")
    first.send()
    assert second.open(f"{BASE}/my").path == f"{BASE}/sign-in"


def test_a_complaint_needs_no_code_and_is_sent_once(town: Town) -> None:
    visitor = town.visitor()
    visitor.open(f"{BASE}/complaint")
    assert visitor.send({"words": " "}).status == 422
    form = visitor.page.form()
    for _ in range(2):
        assert visitor.post(form.action, {**form.hidden, "words": "Nobody was there."}).path.endswith("/sent")
    sent = getattr(town.office.post, "sent", [])
    assert [text.count("Nobody was there.") for _, text in sent] == [1]


def test_the_paper_form_has_every_question(town: Town) -> None:
    page = town.visitor("ru").open(f"{BASE}/paper")
    assert page.html.count("eh-paper-question") == QUESTIONS


def test_after_intake_nobody_starts_and_people_still_sign_in(town: Town) -> None:
    visitor = town.visitor()
    access = join(visitor, town.invitation())
    town.days.pass_by(120)
    late = town.visitor(address="10.0.0.3")
    assert late.open(f"{BASE}/join/code").path == BASE
    late.open(f"{BASE}/sign-in")
    assert late.send({"code": access}).status == 200


def test_the_same_form_sent_many_times_at_once_opens_one_case_and_finishes_once(town: Town) -> None:
    visitor = town.visitor()
    visitor.open(f"{BASE}/join/code")
    visitor.send({"code": town.invitation()})
    visitor.send()
    visitor.send({"purpose": ["decide"]})
    form = visitor.page.form()
    tokens: set[str] = set()
    assert at_once(visitor, form.action, {**form.hidden, "district": "mill"}, tokens) == {303}
    assert len(tokens) == 1  # whichever answer the browser keeps, it is signed in
    with town.office.store.reading() as reading:
        assert sum(reading.counts(TOWN).values()) == 1


def late_click(town: Town, **changed: str) -> tuple[str, str, Visitor]:
    """A form sent, then again with the old cookie: where that leads, the cookie it sets, who sent it first."""
    visitor = town.visitor()
    visitor.open(f"{BASE}/join/code")
    visitor.send({"code": town.invitation()})
    visitor.send()
    visitor.send({"purpose": ["decide"]})
    form = visitor.page.form()
    name, old = next(iter(visitor.client.cookies.items()))
    body = {**form.hidden, "district": "mill"}
    assert visitor.client.post(form.action, data=body, headers=SAME).status_code == 200
    late = town.visitor()
    late.client.cookies.set(name, old)
    response = late.client.post(form.action, data={**body, **changed}, headers=SAME, follow_redirects=False)
    return response.headers["location"], response.headers.get("set-cookie", "").partition(";")[0], visitor


def test_a_click_after_the_case_was_opened_is_signed_in_to_the_same_session(town: Town) -> None:
    where, cookie, first = late_click(town)
    assert where == f"{BASE}/my/code"
    assert cookie.split("=")[1] in first.client.cookies.values()


def test_an_old_cookie_with_another_form_opens_nothing(town: Town) -> None:
    where, cookie, first = late_click(town, form="aaaaaaaaaaaaaaaaaaaaaaaa.bb")
    assert where == f"{BASE}/join/code"
    assert cookie.split("=")[1] not in first.client.cookies.values()


def test_an_old_cookie_opens_no_page(town: Town) -> None:
    visitor = town.visitor()
    visitor.open(f"{BASE}/join/code")
    name, old = next(iter(visitor.client.cookies.items()))
    join(visitor, town.invitation())
    late = town.visitor()
    late.client.cookies.set(name, old)
    assert late.open(f"{BASE}/my").path == f"{BASE}/sign-in"


def test_an_answer_and_the_end_sent_many_times_at_once_count_once(town: Town) -> None:
    visitor = town.visitor()
    join(visitor, town.invitation())
    visitor.open(f"{BASE}/my/questions/1")
    form = visitor.page.form()
    assert at_once(visitor, form.action, {**form.hidden, "answer": "1"}) == {303}
    answer_all(visitor)
    form = visitor.page.form()
    assert at_once(visitor, form.action, form.hidden) == {303}
    with town.office.store.reading() as reading:
        kinds = [event.kind for _, event in reading.events(case_id(town))]
    assert (kinds.count("answer-recorded"), kinds.count("assessed")) == (QUESTIONS - 2, 1)


def at_once(visitor: Visitor, path: str, body: dict[str, str], tokens: set[str] | None = None) -> set[int]:
    """Send a form eight times at the same time; the statuses, and the tokens of sessions that were handed out."""

    def send(_: int) -> int:
        response = visitor.client.post(path, data=body, headers=SAME, follow_redirects=False)
        if tokens is not None:
            tokens.add(response.headers.get("set-cookie", "none").partition(";")[0])
        return response.status_code

    with ThreadPoolExecutor(8) as pool:
        return set(pool.map(send, range(8)))

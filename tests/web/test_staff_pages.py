"""What staff do on their pages, each journey once, without JavaScript."""

import re
from pathlib import Path

import pytest

from evenhand.casework.events import NotThisRound, Offered
from evenhand.service.appeal import open_appeal
from evenhand.service.decide import not_this_round
from evenhand.service.keeping import rotate_signing_key
from evenhand.service.rights import erase, restrict
from evenhand.service.round_files import replay_files
from evenhand.service.rounds import plan
from evenhand.service.sign_in import set_password
from evenhand.service.staff import actor_of
from evenhand.service.tokens import new_token, revoke_token
from evenhand.store.fsck import fsck
from evenhand.store.receiptfile import read_receipt
from evenhand.store.receipts import verify_receipt
from evenhand.web.texts import words
from tests.service.offices import ANALYST, CASEWORKER, TOWN, finished
from tests.web.browsing import Town, Visitor
from tests.web.desk import DESK, cases, hire, partner, sign_in, token

BASE = f"/p/{TOWN}"
REASON = "No answer says that food was short last year."


@pytest.fixture
def desk(town: Town) -> Town:
    hire(town.office)
    return town


def somebody(town: Town, need: str = "00000000") -> str:
    case = finished(town.office, need)[0].actor.case
    assert case is not None
    return case


def decision(town: Town, case: str) -> object:
    with town.office.store.reading() as reading:
        return reading.case(case).decision


# caseworkers


def test_the_queue_says_what_needs_a_person_first_and_why(desk: Town) -> None:
    contested = somebody(desk)
    for need in ("11111111", "11110000", "00000000"):
        somebody(desk, need)
    not_this_round(desk.office, CASEWORKER, contested, reason=REASON)
    person = finished(desk.office, "00000000")[0].actor
    assert person.case
    not_this_round(desk.office, CASEWORKER, person.case, reason=REASON)
    open_appeal(desk.office, person, person.case)
    carl = sign_in(desk, "carl")
    assert len(cases(carl)) == 4
    rows = re.findall(r"eh-tag--(\w+)", carl.page.html)
    assert rows == ["appeal", "not_this_round", "offer", "lottery"]
    assert len(cases(carl, "lottery")) == 1


def test_a_case_shows_the_measure_its_certainty_and_no_case_id_code_or_contact(desk: Town) -> None:
    case = somebody(desk, "11110000")
    carl = sign_in(desk, "carl")
    page = carl.open(cases(carl)[0])
    with desk.office.store.reading() as reading:
        file = reading.case_file(case)
    assert file.pseudonym in page.html
    assert case not in page.html
    assert file.pseudonym not in page.path
    for words_ in ("logits; the line is at", "in 10", "8 answers", "The rule proposes", "History"):
        assert words_ in page.words
    assert page.html.count("<svg") >= 2
    assert "respondent" not in page.words


def test_a_mark_opens_a_case_in_its_own_session_only(desk: Town) -> None:
    somebody(desk)
    path = cases(sign_in(desk, "carl"))[0]
    dora = sign_in(desk, "dora")
    assert dora.open(path).path == f"{DESK}/queue"
    assert "not open to you" in dora.page.words


def test_not_this_round_is_decided_by_name_with_a_reason_and_one_at_a_time(desk: Town) -> None:
    case = somebody(desk)
    carl = sign_in(desk, "carl")
    path = cases(carl)[0]
    carl.open(path)
    page = carl.send({"refuse-reason": "no"}, ending="not-this-round")
    assert (page.status, decision(desk, case)) == (422, None)
    page = carl.send({"refuse-reason": REASON}, ending="not-this-round")
    assert page.path == f"{DESK}/queue"
    made = decision(desk, case)
    assert isinstance(made, NotThisRound)
    assert (made.caseworker, made.reason, made.overrides) == ("carl", REASON, False)
    page = carl.post(f"{path}/not-this-round", {"refuse-reason": REASON, "form": ""})
    assert fsck(desk.office.store) == ()


def test_an_offer_other_than_proposed_is_an_override_and_shows_as_one(desk: Town) -> None:
    case = somebody(desk)
    carl = sign_in(desk, "carl")
    path = cases(carl)[0]
    carl.open(path)
    assert carl.send({"offer-reason": "I saw the kitchen."}, ending="offer").status == 422
    carl.open(path)
    carl.send({"support": "food-parcel", "offer-reason": "I saw the kitchen."}, ending="offer")
    made = decision(desk, case)
    assert isinstance(made, Offered)
    assert made.overrides
    assert "other than was proposed" in carl.open(path).words


def test_no_form_of_staff_decides_several_cases(desk: Town) -> None:
    for _ in range(3):
        somebody(desk)
    carl = sign_in(desk, "carl")
    cases(carl)
    assert {form.action for form in carl.page.read.forms} == {f"{DESK}/queue", "/staff/sign-out"}
    assert not [name for form in carl.page.read.forms for name, values in form.names.items() if len(values) > 1]


def test_another_caseworker_answers_an_appeal_and_words_are_shown_harmless(desk: Town) -> None:
    person = finished(desk.office, "00000000")[0].actor
    assert person.case
    not_this_round(desk.office, CASEWORKER, person.case, reason=REASON)
    open_appeal(desk.office, person, person.case, words="<script>alert(1)</script> I ate at my mother's")
    carl = sign_in(desk, "carl")
    carl.open(cases(carl, "appeal")[0])
    assert "another caseworker answers" in carl.page.words
    dora = sign_in(desk, "dora")
    path = cases(dora, "appeal")[0]
    dora.open(path)
    assert "<script>" not in dora.page.html
    assert "I ate at my mother" in dora.page.words
    assert dora.send({"appeal-reason": REASON}, ending="appeal").status == 422
    dora.open(path)
    dora.send(
        {"outcome": "offer-food-parcel", "appeal-reason": "The week before was not asked about."}, ending="appeal"
    )
    assert isinstance(decision(desk, person.case), Offered)
    forged = carl.post(f"{path}/appeal", {"outcome": "keep", "appeal-reason": REASON})
    assert forged.path == f"{DESK}/queue"


def test_a_frozen_case_offers_no_decision(desk: Town) -> None:
    person = finished(desk.office, "00000000")[0].actor
    assert person.case
    restrict(desk.office, person, person.case, on=True)
    carl = sign_in(desk, "carl")
    path = cases(carl)[0]
    assert "Frozen by the person" in carl.open(path).words
    assert "not-this-round" not in carl.page.html
    assert carl.post(f"{path}/not-this-round", {"refuse-reason": REASON}).status == 422
    assert decision(desk, person.case) is None


def test_a_case_that_was_erased_leads_back_and_signs_nobody_out(desk: Town) -> None:
    person = finished(desk.office, "00000000")[0].actor
    assert person.case
    carl = sign_in(desk, "carl")
    path = cases(carl)[0]
    erase(desk.office, person, person.case)
    assert carl.open(path).path == f"{DESK}/queue"
    assert cases(carl) == []


def test_a_case_is_found_by_its_pseudonym(desk: Town) -> None:
    case = somebody(desk)
    with desk.office.store.reading() as reading:
        name = reading.case_file(case).pseudonym
    carl = sign_in(desk, "carl")
    carl.open(f"{DESK}/queue")
    assert "/cases/" in carl.send({"pseudonym": name.upper()}, ending="queue").path
    carl.open(f"{DESK}/queue")
    page = carl.send({"pseudonym": "nobody"}, ending="queue")
    assert (page.path, "There is no case of that name." in page.words) == (f"{DESK}/queue", True)


def test_assisted_intake_names_the_caseworker_and_leaves_them_no_code(desk: Town) -> None:
    carl = sign_in(desk, "carl")
    carl.open(f"{DESK}/assist")
    assert carl.send({"invitation": desk.invitation()}, ending="assist").status == 422
    carl.open(f"{DESK}/assist")
    carl.send(
        {
            "invitation": desk.invitation(),
            "purposes": ["decide"],
            "language": "en",
            "district": "mill",
            "present": "yes",
        },
        ending="assist",
    )
    assert carl.page.path.endswith("/code")
    code_page = carl.page.path
    shown = re.findall(r'class="eh-code[^"]*">([^<]+)<', carl.page.html)
    carl.send({"written": "yes"}, ending="code")
    assert carl.open(code_page).path == code_page.removesuffix("/code")
    assert shown[0] not in carl.page.html
    answers = iter("11110000")
    while "asked" in carl.page.form("").hidden or carl.page.read.forms[1].hidden.get("asked"):
        form = carl.page.read.forms[1]
        offered = form.names["answer"]
        typed = next(answers) if form.hidden["asked"].startswith("need.") else offered[0] or "1"
        carl.post(form.action, {**form.hidden, "answer": typed})
        assert carl.page.status == 200, carl.page.words
        if not carl.page.read.forms[1].hidden.get("asked"):
            break
    carl.post(carl.page.read.forms[1].action, carl.page.read.forms[1].hidden)
    assert "/cases/" in carl.page.path
    person = desk.visitor()
    person.open(f"{BASE}/sign-in")
    assert person.send({"code": shown[0]}).path.startswith(f"{BASE}/my")
    with desk.office.store.reading() as reading:
        (file,) = reading.queue(TOWN, "proposed")
        answered = reading.case(file.case_id).answers.values()
    assert {(each.actor, each.source) for each in answered} == {("carl", "assisted")}


# analysts


def test_an_analyst_sees_meaning_expected_errors_and_the_instrument_and_no_case(desk: Town) -> None:
    somebody(desk)
    ana = sign_in(desk, "ana")
    assert "Need: fies, 8 items" in ana.open(f"{DESK}/programme").words
    assert ana.open(f"{DESK}/expected").html.count("<svg") >= 4
    assert "In need, without a place" in ana.page.words
    assert "WORRIED" in ana.open(f"{DESK}/instrument").words
    report = ana.client.get(f"{DESK}/expected/report.html")
    assert report.headers["content-disposition"].startswith("attachment")
    assert ana.open(f"{DESK}/queue").status == 403


def test_a_round_from_plan_to_replay(desk: Town, tmp_path: Path) -> None:
    for need in ("11111111", "11110000", "11100000") * 4:
        somebody(desk, need)
    ana = sign_in(desk, "ana")
    ana.open(f"{DESK}/rounds")
    wrong = {"name": "Winter!", "places": "6", "approved": "olga", "source": "the auditor"}
    assert ana.send(wrong, ending="rounds").status == 422
    assert ana.send({**wrong, "places": "many", "name": "winter-1"}, ending="rounds").status == 422
    ana.send({**wrong, "name": "winter-1"}, ending="rounds")
    assert ana.page.path == f"{DESK}/rounds/winter-1"
    ana.send(ending="close")
    assert ana.send({"value": "", "source": "the auditor"}, ending="draw").status == 422
    ana.send({"value": "4711", "source": "the auditor"}, ending="draw")
    ana.send(ending="reveal")
    assert "5 places given" in ana.page.words
    anybody = desk.visitor()
    assert "drawn" in anybody.open(f"{BASE}/rounds/winter-1").words
    folder = tmp_path / "winter-1"
    folder.mkdir()
    body = anybody.client.get(f"{BASE}/rounds/winter-1/protocol.json")
    (folder / "protocol.json").write_text(body.text, "utf-8")
    listed = anybody.client.get(f"{BASE}/rounds/winter-1/tickets.csv")
    assert listed.status_code == 404  # a class has fewer than eleven entries
    assert "withheld" in anybody.page.words


def test_the_public_files_of_a_large_round_replay(desk: Town, tmp_path: Path) -> None:
    for _ in range(12):
        somebody(desk, "11110000")
    ana = sign_in(desk, "ana")
    ana.open(f"{DESK}/rounds")
    ana.send({"name": "winter-1", "places": "6", "approved": "olga", "source": "the auditor"}, ending="rounds")
    ana.send(ending="close")
    ana.send({"value": "4711", "source": "the auditor"}, ending="draw")
    ana.send(ending="reveal")
    client = desk.visitor().client
    for name in ("protocol.json", "tickets.csv"):
        (tmp_path / name).write_text(client.get(f"{BASE}/rounds/winter-1/{name}").text, "utf-8")
    assert replay_files(tmp_path)[1] is None


def test_a_round_is_declared_void_with_a_reason(desk: Town) -> None:
    plan(desk.office, ANALYST, TOWN, "winter-1", approved_by="olga", second_value_from="the auditor", places=5)
    ana = sign_in(desk, "ana")
    ana.open(f"{DESK}/rounds/winter-1")
    assert ana.send({"reason": "no"}, ending="void").status == 422
    ana.send({"reason": "The auditor fell ill."}, ending="void")
    assert "void" in ana.page.words
    assert "The auditor fell ill." in desk.visitor().open(f"{BASE}/rounds/winter-1").words


def test_a_month_is_released_once_and_then_public(desk: Town) -> None:
    for _ in range(3):
        somebody(desk)
    ana = sign_in(desk, "ana")
    ana.open(f"{DESK}/statistics")
    assert "No month is due." in ana.page.words
    assert "Nothing was released yet" in desk.visitor().open(f"{BASE}/statistics").words
    desk.days.pass_by(15)
    ana = sign_in(desk, "ana")
    ana.open(f"{DESK}/statistics")
    assert ana.send({"month": "1999-01"}, ending="statistics").status == 422
    ana.send({"month": "2026-11"}, ending="statistics")
    assert "The month is released." in ana.page.words
    anybody = desk.visitor()
    assert "2026-11" in anybody.open(f"{BASE}/statistics").words
    csv = anybody.client.get(f"{BASE}/statistics/statistics.csv")
    assert csv.text.startswith("period,kind,area,group,status")
    assert anybody.open(f"{BASE}/statistics/secrets.csv").status == 404


# auditors


def test_an_auditor_reads_the_log_with_proofs_and_takes_receipts(desk: Town) -> None:
    somebody(desk)
    desk.office.store.checkpoint(desk.days())
    olga = sign_in(desk, "olga")
    page = olga.open("/staff/log")
    assert "programme-opened" in page.words
    assert "answer-recorded" not in page.words
    assert "staff-changed" in olga.open("/staff/log?kind=staff-changed").words
    assert "programme-opened" not in re.findall(r'nowrap">([a-z-]+)<', olga.page.html)
    olga.open("/staff/log/0")
    assert "It holds" in olga.page.words
    receipt = read_receipt(olga.client.get("/staff/log/0/receipt.json").content)
    assert verify_receipt(receipt, [desk.office.store.keys.verifier]).holds


def test_an_auditor_sees_who_set_passwords_and_tokens_and_no_secret(desk: Town) -> None:
    admin = actor_of(desk.office, "adam")
    given = set_password(desk.office, admin, "carl", "four words that differ")
    made = new_token(desk.office, admin, "library", TOWN, ["invite"])
    revoke_token(desk.office, admin, made.row.id)
    page = sign_in(desk, "olga").open("/staff/access")
    for said in ("a new password, a new second factor", "a partner’s token invitations", "revoked"):
        assert said in page.words
    with desk.office.store.reading() as reading:
        told = str([event for _, event in reading.office_events()])
    for secret in ("four words that differ", given.secret.replace(" ", ""), made.token, made.row.hashed):
        assert secret not in told
        assert secret not in page.html


def test_a_changed_signing_key_stands_on_the_public_page_beside_the_one_before(desk: Town) -> None:
    desk.office.store.checkpoint(desk.days())
    done = rotate_signing_key(desk.office, actor_of(desk.office, "adam"))
    page = desk.visitor().open("/ledger")
    assert done.old in page.words
    assert done.new in page.words
    olga = sign_in(desk, "olga")
    olga.open(f"/staff/log/{done.index}")
    assert "It holds" in olga.page.words
    assert "does not" not in olga.open("/staff/checkpoints").words


def test_an_entry_about_a_case_is_no_page_of_an_auditor(desk: Town) -> None:
    case = somebody(desk)
    with desk.office.store.reading() as reading:
        index = reading.events(case)[0][0]
    olga = sign_in(desk, "olga")
    for path in (f"/staff/log/{index}", f"/staff/log/{index}/receipt.json", "/staff/log/99999", "/staff/log/x"):
        assert olga.open(path).status == 404


def test_consistency_is_checked_between_stored_checkpoints(desk: Town) -> None:
    for _ in range(2):
        somebody(desk)
        desk.office.store.checkpoint(desk.days())
    olga = sign_in(desk, "olga")
    olga.open("/staff/checkpoints")
    sizes = [int(each) for each in re.findall(r'href="/ledger/(\d+)"', olga.page.html)]
    page = olga.open(f"/staff/checkpoints?old={sizes[1]}&new={sizes[0]}")
    assert "The later ledger begins with the earlier one" in page.words
    for old, new in ((sizes[0], sizes[1]), (1, sizes[0]), ("x", "y"), (0, 0)):
        assert olga.open(f"/staff/checkpoints?old={old}&new={new}").status == 422


def test_access_changes_and_tokens_are_listed_without_a_secret(desk: Town) -> None:
    secret = token(desk, "invite")
    page = sign_in(desk, "olga").open("/staff/access")
    assert "carl" in page.words
    assert "library" in page.words
    assert secret not in page.html


@pytest.mark.parametrize("register", ["atrs", "fria", "dpia", "instrument-card"])
def test_drafts_of_registers_are_downloaded(desk: Town, register: str) -> None:
    olga = sign_in(desk, "olga")
    found = olga.client.get(f"{DESK}/registers/{register}")
    assert found.status_code == 200
    assert found.text.startswith("# ")
    assert olga.open(f"{DESK}/registers/other").status == 404


# administrators


def test_an_administrator_adds_changes_and_shuts_out_staff(desk: Town) -> None:
    adam = sign_in(desk, "adam")
    adam.open("/staff/people")
    assert adam.send({"name": "Eva!", "roles": ["caseworker"]}, ending="people").status == 422
    assert adam.send({"name": "eva", "roles": ["auditor", "caseworker"]}, ending="people").status == 422
    adam.send({"name": "eva", "roles": ["caseworker"]}, ending="people")
    assert "eva" in adam.page.words
    adam.send({"member": "eva", "new-roles": ["analyst"], "step": "roles"}, ending="change")
    adam.send({"member": "eva", "step": "disable"}, ending="change")
    assert "shut out" in adam.page.words
    assert adam.send({"member": "adam", "step": "disable"}, ending="change").status == 422


def test_an_administrator_signs_sweeps_and_revokes(desk: Town) -> None:
    secret = token(desk, "invite")
    adam = sign_in(desk, "adam")
    adam.open("/staff/office")
    assert "The checkpoint is signed." in adam.send(ending="checkpoint").words
    assert "Nothing was past its date." in adam.send(ending="sweep").words
    adam.open("/staff/tokens")
    assert secret not in adam.page.html
    adam.send({"id": desk.office.tokens.rows()[0].id}, ending="revoke")
    assert desk.office.tokens.rows()[0].revoked_at


# partners


def test_a_partner_prints_invitations_that_work_and_are_shown_until_done(desk: Town) -> None:
    library = partner(desk, "invite")
    assert library.send({"count": "0"}, ending="invitations").status == 422
    library.send({"count": "3", "district": "mill"}, ending="invitations")
    assert library.page.path == "/partner/sheets"
    codes = re.findall(r'class="eh-code">([^<]+)<', library.page.html)
    assert len(set(codes)) == 3
    assert library.page.html.count("<path") >= 3
    assert not [code for code in codes if code in "".join(library.page.read.links)]
    library.send(ending="sheets")
    assert library.open("/partner/sheets").path == "/partner"
    person = desk.visitor()
    person.open(f"{BASE}/join/code")
    assert person.send({"code": codes[0]}).path != f"{BASE}/join/code"


def test_a_partner_s_page_is_the_same_whether_somebody_takes_part_or_not(desk: Town) -> None:
    library = partner(desk)
    before = library.open("/partner").words
    somebody(desk)
    issued = library.open("/partner").words
    assert before.replace("to you 0", "") == issued.replace("to you 1", "")


def test_a_partner_without_the_scope_has_no_form_and_no_way(desk: Town) -> None:
    library = partner(desk, "collect")
    assert "invitations" not in [form.action for form in library.page.read.forms]
    assert library.post("/partner/invitations", {"count": "3"}).status == 403


def test_a_revoked_token_ends_the_partner_s_visit(desk: Town) -> None:
    library = partner(desk)
    adam = sign_in(desk, "adam")
    adam.open("/staff/tokens")
    adam.send({"id": desk.office.tokens.rows()[0].id}, ending="revoke")
    assert library.open("/partner").status == 403 or library.page.path == "/partner/sign-in"


@pytest.mark.parametrize(("typed", "told"), [("nonsense!", "cannot be a code"), ("0000-0000", "collects nothing")])
def test_a_code_that_collects_nothing_is_told_unrepeated(desk: Town, typed: str, told: str) -> None:
    library = partner(desk, "collect")
    page = library.send({"code": typed}, ending="collect")
    assert page.status == 422
    assert told in page.words
    assert typed not in page.html


# everybody


def test_the_rules_are_told_in_both_languages(desk: Town) -> None:
    for language, said in (("en", "Only a person can say"), ("ru", "может только человек")):
        page = desk.visitor(language).open(f"{BASE}/rules")
        assert page.read.language == language
        assert said in page.words


def test_checkpoints_are_public_as_they_were_signed(desk: Town) -> None:
    note = desk.office.store.checkpoint(desk.days())
    anybody = desk.visitor()
    anybody.open("/ledger")
    (path,) = [each for each in anybody.page.read.links if each.startswith("/ledger/")]
    assert anybody.client.get(path).text == note
    assert anybody.open("/ledger/0").status == 404


def test_every_text_stands_in_both_catalogues_with_the_same_places() -> None:
    english, russian = words("en").entries, words("ru").entries
    assert english.keys() == russian.keys()
    for key, text in english.items():
        other = russian[key]
        assert isinstance(text, str) == isinstance(other, str), key
        places = [set(re.findall(r"\{(\w+)\}", str(each))) for each in (text, other)]
        assert places[0] == places[1], key


HOSTILE = (
    "<script>alert(1)</script>",
    "'\"><img src=x onerror=alert(1)>",
    "{{ 7919*7919 }}",
    "../../etc/passwd",
    "a\x00b",
    "💥" * 300,
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_in_every_form_of_staff_stay_words(desk: Town, hostile: str) -> None:
    plan(desk.office, ANALYST, TOWN, "winter-1", approved_by="olga", second_value_from="the auditor", places=5)
    somebody(desk)
    for name, paths in {
        "carl": (f"{DESK}/queue", f"{DESK}/assist"),
        "ana": (f"{DESK}/rounds", f"{DESK}/rounds/winter-1", f"{DESK}/statistics"),
        "adam": ("/staff/people", "/staff/tokens"),
    }.items():
        who = sign_in(desk, name)
        chosen = [*paths, *(cases(who) if name == "carl" else [])]
        for path in chosen:
            _send_everywhere(who, path, hostile)
    _send_everywhere(partner(desk), "/partner", hostile)
    assert "onerror" not in desk.lines.getvalue()
    assert "alert" not in desk.lines.getvalue()


def _send_everywhere(who: Visitor, path: str, hostile: str) -> None:
    who.open(path)
    for form in who.page.read.forms:
        if form.method == "POST" and not form.action.endswith(("sign-out", "close")):
            page = who.post(form.action, {**form.hidden, **dict.fromkeys(form.names, hostile)})
            assert page.status < 500, (form.action, page.words[:200])
            assert "<script>" not in page.html
            assert "<img src=x" not in page.html
            assert "62710561" not in page.words

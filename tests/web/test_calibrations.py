"""Calibrations on uploaded files: what an analyst sees and takes away, and what never comes out."""

import json
import random
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
import pytest

from evenhand.api import calibrate, read_answers
from evenhand.errors import EvenhandWarning
from evenhand.programme.definition import load_programme
from evenhand.programme.scale import ScaleRecord
from evenhand.service.dif import MIN_N, dif
from evenhand.service.expect import expected_errors
from evenhand.service.staff import actor_of, set_roles
from evenhand.store.passwords import new_second_factor, seal_factor
from evenhand.tabular.glance import columns_to_group_by, require_modest
from evenhand.tabular.read import read_answers as read_coded
from evenhand.web.app import make_app
from evenhand.web.logs import make_log
from evenhand.web.settings import WebSettings
from evenhand.web.staff.calibrations import MOST
from evenhand.web.staff.calibrations_kept import LOCK, PREFIX, Calibrations
from evenhand.web.staff.calibrations_run import Kept, Result
from tests.web.browsing import SAME, Town, Visitor, new_town
from tests.web.desk import DESK, PASSWORD, hashed, hire, sign_in
from tests.web.surveys import BASE, CANARY, FIES, PLAIN, calibrated, csv, parquet, survey, upload, wait, xlsx
from tests.web.test_hostile import MARKUP
from tests.web.test_hostile import hostile as hostile_words


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    found = new_town(tmp_path_factory.mktemp("town"))
    hire(found.office)
    set_roles(found.office, actor_of(found.office, "adam"), "anton", ["analyst"])
    secret = seal_factor(found.office.store.keys, "anton", new_second_factor())
    with found.office.store.unit() as unit:
        unit.set_staff("anton", password_hash=hashed(PASSWORD), totp_secret_enc=secret)
    return found


@pytest.fixture(scope="module")
def ana(town: Town) -> Visitor:
    return sign_in(town, "ana")


@pytest.fixture(scope="module")
def anton(town: Town) -> Visitor:
    return sign_in(town, "anton")


SAMPLING: dict[str, Any] = {"weights-kind": "sampling"}


@cache
def known() -> ScaleRecord:
    """A scale of the survey, calibrated once for all tests that only need one."""
    names = list(FIES.item_names)
    return calibrate(read_answers(survey().select(names), instrument="fies"), method="cml").record


def quick(kept: Kept) -> None:
    """All of the work but the calculation and the report."""
    require_modest(kept.path)
    grouping = columns_to_group_by(kept.path, kept.plan.instrument.coding())
    fit = (1.0,) * len(known().items)
    kept.result = Result(known(), fit, fit, (), (), grouping)


@contextmanager
def served_by(town: Town, calibrations: Calibrations) -> Iterator[Calibrations]:
    """The town with another line of files."""
    before = town.app.state.calibrations
    town.app.state.calibrations = calibrations
    yield calibrations
    calibrations.close()
    town.app.state.calibrations = before


@pytest.fixture(autouse=True)
def line(town: Town) -> Iterator[Calibrations]:
    """A line of files of the test's own, quick work in it."""
    with served_by(town, Calibrations(work=quick)) as found:
        yield found
    assert "fault" not in town.lines.getvalue(), town.lines.getvalue()


@pytest.fixture
def real(town: Town, line: Calibrations) -> Iterator[Calibrations]:  # noqa: ARG001 - in its place
    """As it is served."""
    with served_by(town, Calibrations()) as found:
        yield found


class Held:
    """Work that waits until it is let go: what somebody sees meanwhile."""

    def __init__(self) -> None:
        self.begun, self.free = threading.Event(), threading.Event()

    def __call__(self, kept: Kept) -> None:
        kept.stage, kept.passes, kept.loglik, kept.rise = "calibrating", 7, -4321.25, 0.125
        self.begun.set()
        while not self.free.wait(0.01):
            kept.go_on()
        quick(kept)


@pytest.fixture
def held(town: Town, line: Calibrations) -> Iterator[Held]:  # noqa: ARG001 - in its place
    """A service in which every calibration waits."""
    work = Held()
    with served_by(town, Calibrations(work=work)):
        yield work
        work.free.set()


def kept_of(town: Town, owner: str = "ana") -> tuple[Kept, ...]:
    found: tuple[Kept, ...] = town.app.state.calibrations.of(owner)
    return found


def until(true: object, seconds: float = 10) -> None:
    """Wait until something is so."""
    assert callable(true)
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


# what comes out


@pytest.mark.usefixtures("real")
def test_an_upload_becomes_a_scale_a_report_and_a_table_equal_to_the_command_s(
    ana: Visitor, tmp_path: Path
) -> None:
    path = calibrated(ana, name="village survey.csv")
    (tmp_path / "answers.csv").write_bytes(csv())
    own = calibrate(read_answers(tmp_path / "answers.csv", instrument="fies"))
    scale = ana.client.get(f"{path}/scale.json")
    assert json.loads(scale.text) == json.loads(own.record.to_json())
    items = pl.read_csv(ana.client.get(f"{path}/items.csv").content)
    assert items.columns == ["item", "a", "b1", "se_a", "se_b1", "infit", "outfit"]
    assert items["item"].to_list() == list(FIES.item_names)
    assert items["b1"].to_list() == [item.b[0] for item in own.record.items]
    report = ana.client.get(f"{path}/report.html")
    assert "<svg" in report.text
    for answer in (scale, report):
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["cache-control"] == "no-store"
    page = ana.open(path)
    assert "village survey.csv" in page.words
    assert str(own.record.n) in page.words
    assert re.search(r"<svg[^>]*>.*?<title.*?<desc", page.html, re.DOTALL)
    for item in own.record.items:
        assert f"{item.b[0]:.2f}".replace("-", "−") in page.words


def test_item_bias_is_found_shown_and_equal_to_the_service_s(ana: Visitor, tmp_path: Path) -> None:
    path = calibrated(ana)
    assert ana.page.form("dif").names["column"] == [""]
    page = ana.send({"column": "region", "method": "logistic"}, ending="dif")
    assert page.path == f"{path}/dif"
    page = wait(ana, f"{path}/dif")
    (tmp_path / "answers.csv").write_bytes(csv())
    answers = read_coded(tmp_path / "answers.csv", coding=FIES.coding(), groups=("region",))
    found = dif(answers, group="region", methods=("logistic",))
    assert found.flagged == ("HUNGRY",)
    (row,) = [row for row in found.items if row.flagged]
    assert row.effect is not None
    assert f"{row.effect:.2f}".replace("-", "−") in page.words
    assert "HUNGRY, south – stands out" in page.words
    assert "insufficient evidence" in page.words
    assert f"fewer than {MIN_N} people" in page.words
    assert re.search(r"<svg[^>]*>.*?<title.*?<desc", page.html, re.DOTALL)
    assert "p (Holm)" in page.words


def test_a_group_too_small_to_be_named_is_not_named(ana: Visitor) -> None:
    few = survey().with_columns(
        pl.when(pl.int_range(pl.len()) < 10).then(pl.lit("Ivan of Mill Lane")).otherwise("region").alias("region")
    )
    path = calibrated(ana, content=few.write_csv().encode())
    ana.send({"column": "region", "method": "mh"}, ending="dif")
    page = wait(ana, f"{path}/dif")
    assert "2 groups of fewer than 11 people are left out and not named." in page.words
    assert "Ivan" not in page.html


@pytest.mark.usefixtures("real")
@pytest.mark.slow
@pytest.mark.parametrize("ending", ["parquet", "xlsx"])
def test_other_kinds_of_file_give_the_same_scale(ana: Visitor, ending: str) -> None:
    content = parquet() if ending == "parquet" else xlsx()
    path = calibrated(ana, content=content, name=f"survey.{ending.upper()}")
    first = json.loads(ana.client.get(f"{path}/scale.json").text)
    other = json.loads(ana.client.get(f"{calibrated(ana)}/scale.json").text)
    assert first["items"] == other["items"]


@pytest.mark.slow
@pytest.mark.usefixtures("real")
def test_weights_and_an_instrument_of_one_s_own_are_used(ana: Visitor, tmp_path: Path) -> None:
    own = f"{OWN}  - {item('WORRIED')}  - {item('HUNGRY')}  - {item('WHLDAY')}  - {item('SKIPPED')}"
    upload(ana, own=own.encode(), weights="wt", **SAMPLING)
    path = ana.page.path
    assert "Take away" in wait(ana, path).words
    scale = json.loads(ana.client.get(f"{path}/scale.json").text)
    assert [each["name"] for each in scale["items"]] == ["WORRIED", "HUNGRY", "WHLDAY", "SKIPPED"]
    assert scale["weights_kind"] == "sampling"
    with pytest.warns(EvenhandWarning) if scale["warnings"] else nullcontext():
        (tmp_path / "answers.csv").write_bytes(csv())
        (tmp_path / "own.yaml").write_text(own, "utf-8")
        answers = read_answers(
            tmp_path / "answers.csv",
            instrument=tmp_path / "own.yaml",
            weights="wt",
            weights_kind="sampling",
        )
        assert scale == json.loads(calibrate(answers).record.to_json())


def test_russian_pages_are_russian(town: Town) -> None:
    ana = sign_in(town, "ana", "ru")
    assert "Откалибровать файл" in ana.open(BASE).words
    path = calibrated(ana)
    assert "Что выделяется" in ana.page.words
    assert "95 % интервал" in ana.page.words
    assert "Row" not in ana.page.words
    ana.send({"column": "region", "method": "mh"}, ending="dif")
    assert "Эффекты по вопросам и группам" in wait(ana, f"{path}/dif").words


def test_what_another_budget_would_reach_is_shown_for_the_numbers_that_were_typed(ana: Visitor) -> None:
    page = ana.open(f"{DESK}/rounds?people=50&seats=8")
    assert "On 50 invented people" in page.words
    for places in ("2 places", "4 places", "8 places", "12 places", "16 places", "24 places"):
        assert places in page.words
    assert re.search(r"<svg[^>]*>.*?<title[^>]*>What another budget would reach.*?<desc", page.html, re.DOTALL)
    assert page.words.count("RUB") >= 6


def test_reached_is_what_expected_errors_leave(ana: Visitor) -> None:
    found = expected_errors(load_programme("demo-town"), n=50, towns=30, places=8)
    assert found.places == 8
    middle = found.what_if[2]
    assert middle.exclusion.value is not None
    assert f"{100 * (1 - middle.exclusion.value):.1f} %" in ana.open(f"{DESK}/rounds?people=50&seats=8").words


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("people=50&seats=51", 1),
        pytest.param("people=x&seats=5", 1, marks=pytest.mark.slow),
        pytest.param("people=2001&seats=0", 2, marks=pytest.mark.slow),
        pytest.param("people=&seats=", 2, marks=pytest.mark.slow),
        ("people=<script>&seats=9999999999999", 2),
    ],
)
def test_numbers_that_cannot_be_simulated_are_refused(ana: Visitor, query: str, errors: int) -> None:
    page = ana.open(f"{DESK}/rounds?{query}")
    assert (page.status, page.words.count("Give a whole number from")) == (422, 2 * errors)
    assert "<script>" not in page.html


# what never comes out


@pytest.mark.usefixtures("real")
def test_no_page_download_store_or_log_holds_an_answer_that_was_not_an_item(town: Town, ana: Visitor) -> None:
    path = calibrated(ana)
    assert CANARY in csv().decode()
    ana.send({"column": "region", "method": "mh"}, ending="dif")
    seen = [wait(ana, f"{path}/dif").html, ana.open(path).html, ana.open(BASE).html]
    seen += [ana.client.get(f"{path}/{name}").text for name in ("report.html", "scale.json", "items.csv")]
    assert not [text for text in seen if CANARY in text]
    assert CANARY not in town.lines.getvalue()
    assert "region" not in town.lines.getvalue()
    for name in ("answers.csv", "answers.part", "scores.csv", "..%2f..%2fetc%2fpasswd"):
        assert ana.open(f"{path}/{name}").status == 404


def test_where_files_lie_is_told_nowhere_and_closed_to_others(town: Town, ana: Visitor) -> None:
    path = upload(ana, b"WORRIED,HEALTHY\n1,0\n").path
    page = wait(ana, path)
    assert "answers.csv" in page.words
    assert PREFIX not in page.html
    calibrated(ana)
    (kept, *_) = kept_of(town)
    assert kept.folder.stat().st_mode & 0o777 == 0o700
    assert kept.folder.parent.stat().st_mode & 0o777 == 0o700
    assert kept.path.stat().st_mode & 0o777 == 0o600
    assert kept.mark not in str(kept.folder)


def test_nobody_but_who_uploaded_sees_anything_of_it(ana: Visitor, anton: Visitor) -> None:
    path = calibrated(ana)
    ana.send({"column": "region", "method": "mh"}, ending="dif")
    for ending in ("", "/dif", "/report.html", "/scale.json", "/items.csv"):
        assert anton.open(f"{path}{ending}").status == 404
    for ending in ("dif", "stop", "drop"):
        assert anton.post(f"{path}/{ending}", {"column": "region", "method": "mh"}).status == 404
    assert path not in anton.open(BASE).html
    assert ana.open(path).status == 200


# what is refused


def test_people_are_not_grouped_by_what_the_boundary_keeps_out(ana: Visitor) -> None:
    kept_out = ("religion", "passport_no", "political_party", "_submission_time")
    path = calibrated(
        ana, content=survey().with_columns(pl.lit("a").alias(each) for each in kept_out).write_csv().encode()
    )
    assert 'value="region"' in ana.page.html
    for column in kept_out:
        assert f'value="{column}"' not in ana.page.html
        page = ana.post(f"{path}/dif", {"column": column, "method": "lr"})
        assert page.status == 422
        assert "cannot be used as a group" in page.words
    assert ana.open(f"{path}/dif").path == path


@pytest.mark.parametrize("field", ["weights", "cluster"])
def test_a_forbidden_column_is_refused_with_its_reason_before_the_file_is_read(
    town: Town, ana: Visitor, field: str
) -> None:
    typed: dict[str, Any] = {field: "passport_no", **SAMPLING}
    page = upload(ana, **typed)
    assert page.status == 422
    assert "passport_no" in page.words
    assert "identity" in page.words
    assert kept_of(town) == ()


OWN = """format: evenhand.instrument/1
name: mine
version: "1"
title: {en: Mine}
status: unvalidated
licence: CC0-1.0
source: own
respondent: person
component: need
scoring: model
choices:
  yes_no:
    - {code: 0, labels: {en: "No"}}
    - {code: 1, labels: {en: "Yes"}}
items:
"""


def item(name: str, wording: str = "Were you short of money for food?") -> str:
    return (
        f"{{name: {name}, wording: {{en: '{wording}'}}, wording_status: own, choices: yes_no, direction: more}}\n"
    )


@pytest.mark.parametrize(
    ("own", "told"),
    [
        (f"{OWN}  - {item('Q1', 'Which church do you belong to?')}", "religio"),
        (f"{OWN}  - {item('passport_no')}", "passport_no"),
        ("a: [1, 2", "line"),
        ("format: evenhand.instrument/1\nname: <b>x</b>\n", "line"),
        ("a: &x [1]\nb: *x\n", "anchor"),
    ],
    ids=["wording", "name", "yaml", "field", "anchor"],
)
def test_an_instrument_that_cannot_be_used_is_refused_with_its_reason(
    town: Town, ana: Visitor, own: str, told: str
) -> None:
    page = upload(ana, own=own.encode())
    assert page.status == 422
    assert told in page.words.lower()
    assert "<b>x" not in page.html
    assert kept_of(town) == ()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"content": b""}, "Choose a file of answers"),
        ({"name": "answers.pdf"}, "The name of the file ends in none of"),
        ({"name": "answers"}, "The name of the file ends in none of"),
        ({"instrument": "../../etc/passwd"}, "Choose an instrument"),
        ({"instrument": "own"}, "Choose the file of your instrument"),
        ({"model": "best"}, "Choose a model and a method"),
        ({"model": "2pl", "method": "cml"}, "The conditional method fits no such model"),
        ({"weights": "wt"}, "Say what the weights are"),
    ],
    ids=["no file", "ending", "no ending", "instrument", "own", "model", "cml", "kind"],
)
def test_a_form_that_is_not_complete_says_what_is_missing(
    town: Town, ana: Visitor, fields: dict[str, Any], told: str
) -> None:
    page = upload(ana, **fields)
    assert (page.status, told in page.words) == (422, True)
    assert kept_of(town) == ()


@pytest.mark.usefixtures("real")
def test_a_file_that_does_not_fit_says_what_where_and_the_mend_and_is_deleted(town: Town, ana: Visitor) -> None:
    content = csv().replace(b"\n1,", b"\n7,", 1)
    page = wait(ana, upload(ana, content, "village.csv").path)
    assert "Failed" in page.title
    assert "answers.unknown-code" in page.words
    assert "village.csv" in page.words
    (kept,) = kept_of(town)
    assert not kept.folder.exists()
    assert kept.result is None


def test_a_group_column_that_tells_people_apart_is_refused(ana: Visitor) -> None:
    path = calibrated(ana)
    ana.send({"column": "diary", "method": "mh"}, ending="dif")
    page = wait(ana, f"{path}/dif")
    assert "groups.too-many" in page.words
    assert CANARY not in page.html
    assert "Take away" in ana.open(path).words


# the line, and how work ends


def test_a_page_of_work_shows_passes_and_refreshes_itself_only_when_asked(ana: Visitor, held: Held) -> None:
    path = upload(ana).path
    held.begun.wait(5)
    page = ana.open(path)
    assert "Calculates" in page.words
    assert "−4321.2500" in page.words
    assert re.search(r'<progress[^>]*max="4"[^>]*value="2"', page.html)
    assert "http-equiv" not in page.html
    page = ana.open(f"{path}?follow=yes")
    assert '<meta http-equiv="refresh" content="3">' in page.html
    assert "Stop refreshing by itself" in page.words
    held.free.set()
    until(lambda: "<progress" not in ana.open(f"{path}?follow=yes").html)
    assert "http-equiv" not in ana.page.html


def test_one_file_is_worked_on_the_others_wait_and_the_line_is_short(
    town: Town, ana: Visitor, anton: Visitor, held: Held
) -> None:
    paths = [upload(ana).path]
    held.begun.wait(5)
    paths += [upload(ana).path, upload(anton).path]
    assert "1 file is before it" in ana.open(paths[1]).words
    assert "2 files are before it" in anton.open(paths[2]).words
    upload(anton)
    upload(anton)
    page = upload(anton)
    assert page.status == 429
    assert page.response.headers["retry-after"]
    assert "Too many files wait already" in page.words
    held.free.set()
    until(lambda: not any(kept.working for kept in (*kept_of(town), *kept_of(town, "anton"))))


def test_somebody_has_four_files_and_no_more(town: Town, ana: Visitor, held: Held) -> None:
    held.free.set()
    for _ in range(4):
        upload(ana)
    assert (upload(ana).status, "Too many uploaded files" in ana.page.words) == (429, True)
    town.app.state.calibrations.drop(kept_of(town)[0])
    assert upload(ana).path != BASE


@pytest.mark.parametrize("waiting", [False, True], ids=["at work", "waiting"])
def test_work_is_stopped_by_its_owner_and_its_file_deleted(
    town: Town, ana: Visitor, held: Held, waiting: bool
) -> None:
    first = upload(ana).path
    held.begun.wait(5)
    path = upload(ana).path if waiting else first
    ana.open(path)
    ana.send(ending="stop")
    page = wait(ana, path)
    assert "You stopped the calibration" in page.words
    (kept,) = [each for each in kept_of(town) if path.endswith(each.mark)]
    assert not kept.folder.exists()


def test_dropping_deletes_everything_also_while_it_is_worked_on(town: Town, ana: Visitor, held: Held) -> None:
    path = upload(ana).path
    held.begun.wait(5)
    (kept,) = kept_of(town)
    ana.open(path)
    page = ana.send(ending="drop")
    assert (page.path, "Everything of it is deleted." in page.words) == (BASE, True)
    assert not kept.folder.exists()
    assert ana.open(path).status == 404


def test_a_file_is_deleted_after_its_hour(town: Town, ana: Visitor) -> None:
    work = Held()
    with served_by(town, Calibrations(keep=0.05, work=work)):
        path = upload(ana).path
        (kept,) = kept_of(town)
        assert kept.folder.exists()
        work.free.set()
        until(lambda: not kept_of(town))
        assert not kept.folder.exists()
        assert ana.open(path).status == 404


def test_the_end_of_the_service_deletes_everything_and_a_crash_s_folder_goes_with_the_next_file(
    line: Calibrations, ana: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    dead, foreign = tmp_path / f"{PREFIX}dead", tmp_path / "something-else"
    for folder in (dead, foreign):
        folder.mkdir()
        (folder / LOCK).touch()
        (folder / "answers.csv").touch()
    upload(ana)
    (live,) = tmp_path.glob(f"{PREFIX}*")
    assert not dead.exists()
    assert foreign.exists()
    second = Calibrations()
    second.release(second.reserve("ana"))
    assert live.exists()
    second.close()
    line.close()
    assert not list(tmp_path.glob(f"{PREFIX}*"))


def test_a_fault_of_ours_is_told_without_a_value(town: Town, ana: Visitor) -> None:
    def broken(kept: Kept) -> None:
        raise ValueError(f"secret {CANARY} {kept.name}")

    told = make_app(town.office, WebSettings(), log=make_log(town.lines)).state.calibrations._on_fault
    town.lines.seek(0)
    town.lines.truncate()
    with served_by(town, Calibrations(work=broken, on_fault=told)):
        page = wait(ana, upload(ana, name="mine.csv").path)
    assert "web.calibration-fault" in page.words
    assert CANARY not in page.html
    faults = [line for line in town.log if line["event"] == "fault"]
    assert [line["kind"] for line in faults] == ["ValueError"]
    assert "mine.csv" not in town.lines.getvalue()
    assert CANARY not in town.lines.getvalue()
    town.lines.seek(0)
    town.lines.truncate()


# hostile files

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "../../etc/passwd",
    "\u202eevil\u2066",
    "=cmd|' /C calc'!A0",
    "x" * 900,
)


@pytest.mark.parametrize(
    "hostile", [HOSTILE[0], *(pytest.param(each, marks=pytest.mark.slow) for each in HOSTILE[1:])]
)
def test_hostile_names_of_files_and_columns_stay_words(town: Town, ana: Visitor, hostile: str) -> None:
    content = survey(400).rename({"wt": hostile}).write_csv().encode()
    path = upload(ana, content, f"{hostile}.csv").path
    page = wait(ana, path)
    assert "Take away" in page.words, page.words
    pages = [page, ana.open(BASE), ana.post(f"{path}/dif", {"column": hostile, "method": hostile})]
    pages.append(ana.post(f"{path}/dif", {"column": "region", "method": "mh"}))
    pages.append(wait(ana, f"{path}/dif"))
    pages.append(upload(ana, weights=hostile, cluster=hostile, model=hostile, instrument=hostile))
    pages.append(upload(ana, own=f"{OWN}  - {item(hostile)}".encode(), own_name=hostile))
    for each in pages:
        assert each.status < 500
        assert "<script>" not in each.html
        assert "<img src=x" not in each.html
        assert "49" not in re.sub(r"\d{3,}|\d*[.,−]\d+", "", each.words) or "{{" not in hostile
    assert not list(Path("/etc").glob("passwd.csv"))
    assert "alert" not in town.lines.getvalue()


@pytest.mark.usefixtures("real")
def test_hostile_labels_in_an_instrument_and_in_a_group_column_stay_words(ana: Visitor) -> None:
    evil = "<script>alert(1)</script>"
    own = OWN.replace('en: "No"', f'en: "{evil}"').replace("en: Mine", f"en: '{evil}'")
    own += "".join(f"  - {item(name, evil)}" for name in FIES.item_names)
    region = survey().with_columns(pl.col("region").replace({"south": evil}))
    upload(ana, region.write_csv().encode(), own=own.encode())
    path = ana.page.path
    seen = [wait(ana, path).html, ana.client.get(f"{path}/report.html").text]
    ana.open(path)
    ana.send({"column": "region", "method": "lr"}, ending="dif")
    page = wait(ana, f"{path}/dif")
    assert "HUNGRY" in page.words
    assert "alert(1)" in page.words
    assert not [text for text in (*seen, page.html) if "<script" in text]


def attacked(town: Town, ana: Visitor, count: int, seed: int) -> list[str]:
    """Send hostile words in every field of every form; what went wrong."""
    rng, wrong = random.Random(seed), []
    path = calibrated(ana)
    fields = ("instrument", "model", "method", "weights", "weights-kind", "cluster", "follow", "column", "form")
    for number in range(count):
        text, mark = hostile_words(rng, number)
        typed: dict[str, Any] = {name: text for name in fields if rng.random() < 0.5}
        if rng.random() < 0.5:
            name = text.replace("\r", " ").replace("\n", " ")[:900]
            page = upload(
                ana, text.encode("utf-8", "replace"), name, text.encode("utf-8", "replace"), name, **typed
            )
        elif rng.random() < 0.5:
            page = ana.post(f"{path}/dif", typed)
        else:
            page = ana.post(f"{BASE}/{quote(text[:40], safe='')}/{rng.choice(('dif', 'stop', 'drop'))}", typed)
        if page.status >= 500:
            wrong.append(f"{page.status}: {text[:60]!r}")
        wrong += [f"unescaped: {found!r}" for found in MARKUP.findall(page.html)]
        if mark in town.lines.getvalue():
            wrong.append(f"in the log: {text[:60]!r}")
        for kept in kept_of(town):
            if not path.endswith(kept.mark):
                town.app.state.calibrations.drop(kept)
    return wrong


def test_hostile_words_in_every_field_break_nothing(town: Town, ana: Visitor) -> None:
    assert attacked(town, ana, 15, 1) == []


@pytest.mark.slow
def test_three_thousand_hostile_words_in_every_field_break_nothing(town: Town, ana: Visitor) -> None:
    assert attacked(town, ana, 3000, 2) == []


def body(*parts: bytes, boundary: bytes = b"zzz", end: bool = True) -> bytes:
    made = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return made + (b"--" + boundary + b"--\r\n" if end else b"")


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    more = f'; filename="{filename}"' if filename is not None else ""
    return f'Content-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content


FILE = part("answers", b"a,b\n1,0\n", "a.csv")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        body(FILE, end=False),
        body(FILE, FILE),
        body(part("../../evil", b"x", "a.csv")),
        body(part("other", b"x", "a.csv")),
        body(b"Content-Type: text/plain\r\n\r\nx"),
        body(b"Content-Disposition: attachment; name=answers\r\n\r\nx"),
        body(*[part(f"f{number}", b"x") for number in range(30)]),
        body(part("model", b"x" * 5000)),
        body(part("model", b"\xff\xfe")),
        body(b"X: " + b"y" * 20_000 + b"\r\n\r\nx"),
        body(FILE, boundary=b"other"),
    ],
    ids=range(13),
)
def test_a_body_that_is_no_form_of_ours_is_refused_and_leaves_nothing(
    town: Town, ana: Visitor, content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    headers = {**SAME, "content-type": "multipart/form-data; boundary=zzz"}
    answer = ana.client.post(BASE, content=content, headers=headers)
    assert answer.status_code == 400, answer.text[:300]
    (root,) = tmp_path.glob(f"{PREFIX}*")
    assert [each.name for each in root.iterdir()] == [LOCK]
    assert town.app.state.calibrations._places == set()


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=" + "x" * 500])
def test_a_boundary_that_is_none_is_refused(ana: Visitor, boundary: str) -> None:
    headers = {**SAME, "content-type": f"multipart/form-data{boundary}"}
    assert ana.client.post(BASE, content=body(FILE), headers=headers).status_code == 400


@pytest.mark.parametrize("told", [True, False], ids=["length told", "length not told"])
def test_a_file_over_the_limit_is_refused_on_a_page_of_its_own_before_it_is_all_read(
    town: Town, ana: Visitor, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MOST, "answers", 100_000)
    taken = 0

    async def sent() -> AsyncIterator[bytes]:
        nonlocal taken
        yield body(part("answers", b"", "a.csv"), end=False).removesuffix(b"\r\n")
        for _ in range(200):
            taken += 10_000
            yield b"1,0,1,1,0\n" * 1000

    headers = {**SAME, "content-type": "multipart/form-data; boundary=zzz"}
    headers |= {"content-length": "2000100"} if told else {}
    page = ana._read(ana.client.post(BASE, content=sent(), headers=headers))
    assert page.status == 413
    assert "The file is too large" in page.words
    assert taken < 400_000
    assert kept_of(town) == ()


def test_a_form_from_nowhere_needs_the_token_of_the_session(town: Town, ana: Visitor) -> None:
    ana.open(BASE)
    form = ana.page.form("calibrations").hidden["form"]
    for token, status in (("", 403), (form[:-1] + ("1" if form[-1] == "0" else "0"), 403), (form, 303)):
        files = {"answers": ("a.csv", csv(), "text/csv")}
        answer = ana.client.post(BASE, data={**PLAIN, "form": token}, files=files, follow_redirects=False)
        assert answer.status_code == status
    foreign = ana.client.post(BASE, data=PLAIN, files=files, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert len(kept_of(town)) == 1

"""Invented surveys, as files that an analyst uploads, and how they are uploaded."""

import io
import time
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from openpyxl import Workbook

from evenhand.programme.instrument import load_instrument
from tests.web.browsing import SAME, Page, Visitor

BASE = "/staff/calibrations"
CANARY = "canary-7f3a"
FIES = load_instrument("fies")


@cache
def survey(people: int = 900, bias: float = 1.5, seed: int = 7) -> pl.DataFrame:
    """FIES answers of two regions and a few people of a third; in the south HUNGRY is reported more readily."""
    rng = np.random.default_rng(seed)
    assert FIES.published is not None
    b = np.array([FIES.published.b[name][0] for name in FIES.item_names])
    south = rng.random(people) < 0.45
    theta = rng.normal(-0.3, 1.6, people)
    shift = np.where(np.array(FIES.item_names) == "HUNGRY", bias, 0.0)
    p = 1 / (1 + np.exp(-(theta[:, None] - b + south[:, None] * shift)))
    codes = (rng.random(p.shape) < p).astype(int)
    region = np.where(south, "south", "north").astype(object)
    region[: people // 50] = "islands"
    return pl.DataFrame(
        {
            **{name: codes[:, place] for place, name in enumerate(FIES.item_names)},
            "region": list(region),
            "religion": ["a"] * people,
            "diary": [f"{CANARY}-{row}" for row in range(people)],
            "wt": rng.uniform(0.5, 2, people).round(3),
        }
    )


@cache
def csv(people: int = 900, bias: float = 1.5) -> bytes:
    """The same as CSV."""
    return survey(people, bias).write_csv().encode()


def parquet() -> bytes:
    """The same as Parquet."""
    out = io.BytesIO()
    survey().write_parquet(out)
    return out.getvalue()


def xlsx() -> bytes:
    """The same as a workbook."""
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    sheet.append(survey().columns)
    for row in survey().iter_rows():
        sheet.append(row)
    book.save(out)
    return out.getvalue()


PLAIN = {"instrument": "fies", "model": "rasch", "method": "mml"}


def upload(
    who: Visitor,
    content: bytes | None = None,
    name: str = "answers.csv",
    own: bytes | None = None,
    own_name: str = "own.yaml",
    **fields: Any,
) -> Page:
    """Send the form; by default a good one."""
    files = {"answers": (name, csv() if content is None else content, "text/csv")}
    if own is not None:
        files["own"] = (own_name, own, "application/yaml")
    body = {**PLAIN, **({"instrument": "own"} if own is not None else {}), **fields}
    return who._read(who.client.post(BASE, data=body, files=files, headers=SAME))


def wait(who: Visitor, path: str, seconds: float = 30) -> Page:
    """Look again until the work is over."""
    until = time.monotonic() + seconds
    while True:
        page = who.open(path)
        assert page.status == 200, page.words
        if "<progress" not in page.html:
            return page
        assert time.monotonic() < until, page.words
        time.sleep(0.03)


def calibrated(who: Visitor, **options: Any) -> str:
    """The path of a calibration that is done."""
    path = upload(who, **options).path
    page = wait(who, path)
    assert "Take away" in page.words or "Забрать" in page.words, page.words
    return path

"""Expected errors of a drawn round, from its public list."""

import pytest

from evenhand.casework.allocate import CERTAIN, Entry
from evenhand.service.round_expected import errors_of, p_of


def entries(*classes: int) -> list[Entry]:
    return [Entry(f"{number:032x}", each) for number, each in enumerate(classes)]


def test_the_errors_are_those_worked_out_by_hand() -> None:
    # P: .95 for the certain one, .55 and .15; two places. The certain one has one, the other is drawn 11 : 3.
    draw, cut, uniform = errors_of(entries(CERTAIN, 5, 1), 2, 0.9)
    need = 0.95 + 0.55 + 0.15
    assert draw.exclusion == pytest.approx((0.55 * 3 / 14 + 0.15 * 11 / 14) / need)
    assert draw.inclusion == pytest.approx((0.05 + 0.45 * 11 / 14 + 0.85 * 3 / 14) / 2)
    assert cut.exclusion == pytest.approx(0.15 / need)
    assert cut.inclusion == pytest.approx((0.05 + 0.45) / 2)
    assert uniform.exclusion == pytest.approx(1 / 3)
    assert uniform.inclusion == pytest.approx((0.05 + 0.45 + 0.85) / 3)


def test_a_lottery_by_need_errs_between_a_cut_off_and_an_equal_lottery() -> None:
    draw, cut, uniform = errors_of(entries(*range(10), *[CERTAIN] * 3), 6, 0.9)
    for name in ("exclusion", "inclusion"):
        assert getattr(cut, name) < getattr(draw, name) < getattr(uniform, name)


def test_places_for_all_leave_nobody_out() -> None:
    for each in errors_of(entries(2, 4, CERTAIN), 5, 0.9):
        assert each.exclusion == pytest.approx(0)


def test_a_class_stands_for_its_middle() -> None:
    assert [p_of(each, 0.9) for each in entries(0, 4, 9, CERTAIN)] == pytest.approx([0.05, 0.45, 0.95, 0.95])

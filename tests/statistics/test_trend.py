"""Alerts: rare where nothing changes, told with their chance of being false, and seen where something does."""

import numpy as np
import pytest

from evenhand.errors import StatisticsError
from evenhand.measure.responses import FloatArray
from evenhand.statistics.power import monthly_error, power
from evenhand.statistics.trend import (
    MOST_FALSE,
    Series,
    _discoveries,
    alarm_probability,
    alerts,
    strongest_alarms,
)
from tests.statistics.coverage import demo_model, simulate_series

MODEL = demo_model()
MONTHS = tuple(f"m{month}" for month in range(36))


def series(value: FloatArray, se: FloatArray | None = None, area: str = "mill") -> Series:
    return Series(area, MONTHS[: len(value)], value, np.ones(len(value)) if se is None else se)


def cusum(value: FloatArray, se: FloatArray) -> bool:
    """A plain twin of the alarm, one series, one month after the other."""
    weights = 1 / se[:12] ** 2
    base, up, down = float(value[:12] @ weights / weights.sum()), 0.0, 0.0
    for x, e in zip(value[12:], se[12:], strict=True):
        z = (x - base) / np.sqrt(e**2 + 1 / weights.sum())
        up, down = max(0.0, up + z - 0.5), max(0.0, down - z - 0.5)
        if max(up, down) > 5:
            return True
    return False


def test_alarms_are_those_of_a_plain_cusum() -> None:
    rng = np.random.default_rng(1)
    se = rng.uniform(0.5, 2, 36)
    values = rng.standard_normal((400, 36)) * se + np.where(np.arange(36) > 20, 0.6, 0.0)
    assert strongest_alarms(values, se).found.tolist() == [cusum(each, se) for each in values]


def test_a_step_is_dated_and_measured() -> None:
    value = np.r_[np.zeros(18), np.full(10, 4.0)]
    (alert,) = alerts([series(value)], simulated=2000)
    assert (alert.since, alert.at) == ("m18", "m19")
    assert alert.change == pytest.approx(4.0, abs=0.01)
    assert alert.se == pytest.approx(np.sqrt(1 / 10 + 1 / 12))
    assert alert.p_false < 0.001


def test_a_fall_alerts_as_a_rise_does() -> None:
    value = np.r_[np.zeros(18), np.full(10, -4.0)]
    assert alerts([series(value)], simulated=2000)[0].change == pytest.approx(-4.0, abs=0.01)


def test_false_alerts_over_every_month_of_two_years_are_four_percent_of_series() -> None:
    """Over 2,000 series, each looked at after each of 24 months; three standard errors are allowed."""
    rng = np.random.default_rng(7)
    values, se = rng.standard_normal((2000, 36)), np.ones(36)
    null = strongest_alarms(np.random.default_rng(0).standard_normal((10_000, 36)), se)
    high = np.where(null.found, np.abs(null.step) / np.where(null.found, null.se, 1), -np.inf)
    needed, ever = np.quantile(high, 1 - MOST_FALSE), np.zeros(2000, dtype=np.bool_)
    for n in range(13, 37):
        found = strongest_alarms(values[:, :n], se[:n])
        ever |= found.found & (np.abs(found.step) > needed * np.where(found.found, found.se, 1))
    assert ever.mean() < MOST_FALSE + 3 * np.sqrt(MOST_FALSE / 2000)
    assert alarm_probability(np.ones(24)) < 0.055


def test_a_series_that_alerts_has_at_most_four_percent_chance_of_being_false() -> None:
    rng = np.random.default_rng(3)
    found = [alerts([series(rng.standard_normal(36))], simulated=500) for _ in range(300)]
    assert np.mean([bool(each) for each in found]) < MOST_FALSE + 3 * np.sqrt(MOST_FALSE / 300)
    assert all(each[0].p_false <= MOST_FALSE for each in found if each)


def test_noise_that_grows_raises_no_alert() -> None:
    rng = np.random.default_rng(4)
    se = np.r_[np.ones(12), np.full(24, 6.0)]
    raised = [bool(alerts([series(rng.standard_normal(36) * se, se)], simulated=300)) for _ in range(200)]
    assert np.mean(raised) < 0.1


def test_months_that_are_not_known_are_left_out() -> None:
    value = np.r_[np.zeros(18), np.full(10, 4.0)]
    value[3], se = np.nan, np.ones(28)
    se[5] = np.inf
    assert alerts([series(value, se)], simulated=1000)[0].since == "m18"


@pytest.mark.parametrize("months", [0, 12])
def test_a_year_or_less_is_a_baseline_and_no_more(months: int) -> None:
    assert alerts([series(np.full(months, 9.0))]) == ()


def test_parts_of_other_lengths_are_refused() -> None:
    with pytest.raises(StatisticsError) as error:
        alerts([Series("mill", MONTHS[:3], np.zeros(3), np.ones(4))])
    assert error.value.code == "statistics.series"


def test_many_districts_are_controlled_together() -> None:
    assert _discoveries([0.02, 0.04], 2) == [True, True]
    assert _discoveries([0.04], 10) == [False]
    assert _discoveries([0.001, 0.04, 0.019], 10) == [True, False, True]
    assert _discoveries([], 10) == []


def test_more_people_less_noise_and_more_months_see_more() -> None:
    few, many, exact = (monthly_error(MODEL, n, v) for n, v in ((60, 6.0), (200, 6.0), (60, 0.0)))
    assert exact < few
    assert many < few
    a_year, two = power(few, 0.4)
    assert a_year.months == 12
    assert 0.3 < a_year.power < two.power
    assert two.false <= MOST_FALSE
    assert power(few, 0.0)[1].power == pytest.approx(MOST_FALSE, abs=0.012)


def test_the_error_of_a_month_is_the_spread_of_fitted_means() -> None:
    found = simulate_series(MODEL, 2.425, 150.0, months=60, seed=8)
    expected = monthly_error(MODEL, 150.0, 2.425**2)
    assert found.value.std() == pytest.approx(expected, rel=0.3)  # three errors of an SD of 60
    assert np.median(found.se) == pytest.approx(expected, rel=0.15)


def test_power_needs_people() -> None:
    with pytest.raises(StatisticsError) as error:
        monthly_error(MODEL, 0.0, 1.0)
    assert error.value.code == "statistics.power"

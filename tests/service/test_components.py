"""Need and capacity are never one number."""

import numpy as np
import pytest

from evenhand.errors import EstimationError
from evenhand.measure.models import items_from_thresholds
from evenhand.measure.simulate import simulate_codes
from evenhand.programme.answers import answers_from_codes
from evenhand.programme.coding import ItemCoding
from evenhand.service.calibrate import calibrate


def test_items_of_need_and_capacity_are_not_calibrated_as_one_scale() -> None:
    rng = np.random.default_rng(1)
    items = items_from_thresholds(np.ones(6), np.linspace(-1, 1, 6)[:, None])
    codes = simulate_codes(rng, items, rng.normal(size=400))
    coding = tuple(
        ItemCoding(f"Q{j}", 2, {"0": 0, "1": 1}, component="need" if j < 4 else "capacity") for j in range(6)
    )
    with pytest.raises(EstimationError, match=r"estimation\.two-components"):
        calibrate(answers_from_codes(codes, coding, source="simulated"))
    alone = calibrate(answers_from_codes(codes[:, :4], coding[:4], source="simulated"))
    assert alone.record.components == ("need",)

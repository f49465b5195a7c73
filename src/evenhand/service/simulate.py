"""Simulate: answers of invented people with a known truth."""

from dataclasses import dataclass

import numpy as np

from evenhand.errors import OptionError
from evenhand.measure.responses import CodeArray, FloatArray
from evenhand.measure.simulate import simulate_codes, simulate_theta
from evenhand.programme.scale import ScaleRecord


@dataclass(frozen=True, slots=True)
class Simulated:
    """Invented people.

    Attributes:
        theta: (N,) their true measures.
        codes: (N, J) category codes.
    """

    theta: FloatArray
    codes: CodeArray


def simulate(record: ScaleRecord, *, n: int, seed: int) -> Simulated:
    """Draw people from the scale's latent distribution and answers from its items.

    Args:
        record: the scale.
        n: people, at least 1.
        seed: the same seed gives the same people.

    Raises:
        ScaleFileError: the scale records no latent distribution.
        OptionError: n below 1, or a negative seed.
    """
    if n < 1 or seed < 0:
        raise OptionError(
            "simulate.number",
            f"Cannot simulate {n} people with seed {seed}.",
            mend="Give --n 1 or more and --seed 0 or more.",
        )
    latent = record.require_latent("simulation")
    rng = np.random.default_rng(seed)
    theta = simulate_theta(rng, n, mean=latent.mean, sd=latent.sd)
    return Simulated(theta, simulate_codes(rng, record.model_items(), theta))


def written_codes(record: ScaleRecord, codes: CodeArray) -> dict[str, list[str]]:
    """Each item's column as it would stand in a file: the first text that the scale reads as each category."""
    out = {}
    for index, item in enumerate(record.items):
        text = {category: key for key, category in reversed(item.codes.items())}
        out[item.name] = [text[int(code)] for code in codes[:, index]]
    return out

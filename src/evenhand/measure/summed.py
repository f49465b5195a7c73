"""What a raw score says: the posterior of theta given the number of points, and nothing else of the answers.

The probability of each raw score at theta comes from the items one after the other (Lord & Wingersky 1984; for
several categories Thissen, Pommerich, Billeaud & Williams 1995),

    P_j(r | theta) = sum_k P(x_j = k | theta) P_{j-1}(r - k | theta),

and its posterior mean and SD are the EAP for summed scores. In Rasch and partial credit scales the raw score holds
all that complete answers say; in others it says less than the answers themselves, and the SD is larger.
"""

from dataclasses import dataclass

import numpy as np

from evenhand.measure.expected_scores import theta_for_score
from evenhand.measure.models import Items, on_standard_scale, probabilities
from evenhand.measure.quadrature import panels
from evenhand.measure.responses import FloatArray, IntArray
from evenhand.measure.score import NARROWEST, WIDEST


@dataclass(frozen=True, slots=True)
class RawScoreTable:
    """The posterior of theta for each raw score of all J items answered.

    Attributes:
        raw: (R,) raw scores 0, 1, .., highest; points count in the direction of theta.
        theta: (R,) posterior means.
        se: (R,) posterior SDs.
        p_at_least: (R,) P(theta >= threshold | raw score), None without a threshold.
        share: (R,) how often the score is to be expected in the latent distribution.
        at_expected: (R,) theta whose expected raw score it is; -inf and +inf at the ends.
    """

    raw: FloatArray
    theta: FloatArray
    se: FloatArray
    p_at_least: FloatArray | None
    share: FloatArray
    at_expected: FloatArray

    def columns(self) -> dict[str, FloatArray | IntArray]:
        """The columns of a table: raw, theta, se, p_at_least, share, theta_at_expected."""
        out: dict[str, FloatArray | IntArray] = {
            "raw": self.raw.astype(np.int64),
            "theta": self.theta,
            "se": self.se,
        }
        if self.p_at_least is not None:
            out["p_at_least"] = self.p_at_least
        return out | {"share": self.share, "theta_at_expected": self.at_expected}


def score_probabilities(items: Items, theta: FloatArray) -> FloatArray:
    """(R, Q) P(raw score = r | theta_q), every item answered.

    Args:
        items: items of any model.
        theta: (Q,) points.
    """
    p = probabilities(items, theta)
    top = items.top.astype(np.int64)
    out = np.zeros((int(top.sum()) + 1, len(theta)))
    out[0] = 1.0
    highest = 0
    for item, own in enumerate(top):
        points = p[item, : own + 1] if items.slope[item] >= 0 else p[item, own::-1]
        new = np.zeros_like(out)
        for point in range(own + 1):
            new[point : point + highest + 1] += points[point] * out[: highest + 1]
        out, highest = new, highest + int(own)
    return out


def raw_score_table(items: Items, *, mean: float, sd: float, threshold: float | None = None) -> RawScoreTable:
    """The posterior for every raw score under the prior Normal(mean, sd).

    Args:
        items: items of any model on the metric of theta, none with slope 0.
        mean: mean of the latent distribution.
        sd: its SD.
        threshold: a point on theta's metric, for P(theta >= threshold).

    Raises:
        OptionError: an item has slope 0.
    """
    cut_at = None if threshold is None else (threshold - mean) / sd
    standard = on_standard_scale(items, mean, sd)
    width = float(np.clip(4 / np.abs(standard.slope).max(), NARROWEST, WIDEST))
    quadrature = panels(cut_at, width=width)
    z = quadrature.nodes
    joint = score_probabilities(standard, z) * np.exp(quadrature.log_weights)
    share = joint.sum(axis=1)
    posterior = joint / share[:, None]
    first = posterior @ z
    variance = np.maximum(posterior @ z**2 - first**2, 0.0)
    above = None if cut_at is None else np.clip(posterior @ (z >= cut_at), 0.0, 1.0)
    raw = np.arange(len(share), dtype=np.float64)
    at_expected = theta_for_score(items, raw)
    return RawScoreTable(raw, mean + sd * first, sd * np.sqrt(variance), above, share, at_expected)

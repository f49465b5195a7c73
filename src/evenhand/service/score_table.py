"""The table of raw scores of a scale: what so many points mean, when every item is answered."""

from evenhand.measure.summed import RawScoreTable, raw_score_table
from evenhand.programme.scale import ScaleRecord


def score_table(record: ScaleRecord, *, threshold: str | float | None = None) -> RawScoreTable:
    """EAP, its standard error and P(theta >= threshold) for each raw score; of two components, for need.

    Args:
        record: the scale.
        threshold: name of one of the scale's thresholds, or a number on its metric.

    Raises:
        ScaleFileError: no such threshold; no latent distribution.
    """
    latent = record.require_latent("the posterior for a raw score")
    value = None if threshold is None else record.threshold(str(threshold))
    return raw_score_table(record.model_items(), mean=latent.mean, sd=latent.sd, threshold=value)

"""The demo: the whole way from real answers to prevalence, on a published sample."""

from dataclasses import dataclass

import numpy as np

from evenhand.measure.patterns import Patterns
from evenhand.measure.prevalence import Share
from evenhand.measure.responses import FloatArray
from evenhand.measure.score import Scores, score_patterns
from evenhand.programme.instrument import load_instrument
from evenhand.programme.sample import FAO_COUNTRY1, FAO_COUNTRY1_SOURCE, load_sample
from evenhand.programme.scale import InstrumentReference, ScaleRecord
from evenhand.service.calibrate import Calibrated, calibrate_patterns
from evenhand.service.check import findings
from evenhand.service.link import Linked, fies_global, link
from evenhand.service.options import Options
from evenhand.service.prevalence import Rule, share_of_patterns


@dataclass(frozen=True, slots=True)
class DemoShare:
    """One line of the demo's prevalence: threshold, rule and share."""

    threshold: str
    rule: Rule
    share: Share


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo yields.

    Attributes:
        source: where the answers came from.
        calibrated: the scale on its own metric, its patterns and fit.
        findings: what stands out in the fit.
        linked: the scale on the global metric.
        prevalence: shares above each threshold by both rules.
        scores: EAP of each pattern on the global metric, and P(theta >= moderate).
        p_severe: (P,) P(theta >= severe).
    """

    source: str
    calibrated: Calibrated
    findings: tuple[str, ...]
    linked: Linked
    prevalence: tuple[DemoShare, ...]
    scores: Scores
    p_severe: FloatArray

    @property
    def record(self) -> ScaleRecord:
        """The linked scale."""
        return self.linked.record

    @property
    def patterns(self) -> Patterns:
        """The response patterns."""
        return self.calibrated.patterns


def run_demo() -> Demo:
    """Calibrate the FIES on the FAO's example country 1 (weighted), check, link, score, and estimate prevalence.

    Conditional likelihood, every answer kept, robust errors.
    """
    instrument = load_instrument("fies")
    names, patterns = load_sample(FAO_COUNTRY1)
    coding = tuple(next(item for item in instrument.coding() if item.name == name) for name in names)
    calibrated = calibrate_patterns(
        patterns,
        coding,
        InstrumentReference(*instrument.reference()),
        Options(model="rasch", method="cml"),
        weights_kind="sampling",
    )
    linked = link(calibrated.record, fies_global())
    scores, severe = (_scores(linked.record, patterns, name) for name in ("moderate", "severe"))
    return Demo(
        source=FAO_COUNTRY1_SOURCE,
        calibrated=calibrated,
        findings=findings(calibrated.record, calibrated.fit),
        linked=linked,
        prevalence=_shares(linked.record, patterns),
        scores=scores,
        p_severe=np.asarray(severe.p_at_least),
    )


def _shares(record: ScaleRecord, patterns: Patterns) -> tuple[DemoShare, ...]:
    complete = patterns.take(patterns.complete)
    people: dict[Rule, Patterns] = {"posterior": patterns, "fao": complete}
    return tuple(
        DemoShare(threshold, rule, share_of_patterns(record, who, threshold, rule))
        for threshold in ("moderate", "severe")
        for rule, who in people.items()
    )


def _scores(record: ScaleRecord, patterns: Patterns, threshold: str) -> Scores:
    latent = record.require_latent("the demo")
    return score_patterns(
        patterns,
        record.model_items(),
        "eap",
        mean=latent.mean,
        sd=latent.sd,
        threshold=record.threshold(threshold),
    )

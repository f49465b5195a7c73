"""One measurement in a process of its own: `runner.py TOOL TASK DATA OUT`.

Prints nothing; writes a JSON file with seconds, peak memory and estimates. Peak memory is the highest resident
size during the work less the resident size before the data were loaded, after a warm-up on small data.
"""

import json
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from separate import R_MIRT, R_TAM, in_r

warnings.simplefilter("ignore")  # peers warn about their own internals

Fit = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
Score = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def evenhand_fit(codes: np.ndarray, *, errors: bool = False) -> tuple[np.ndarray, np.ndarray]:
    from evenhand.measure.marginal import fit_marginal
    from evenhand.measure.patterns import collapse
    from evenhand.measure.precision import marginal_errors
    from evenhand.measure.responses import Responses
    from evenhand.measure.threads import one_blas_thread

    with one_blas_thread():
        patterns = collapse(Responses(codes, np.full(codes.shape[1], 2)))
        fit = fit_marginal(patterns, slopes="free")
        if errors:
            marginal_errors(fit, "robust")
    return fit.items.slope, -fit.items.intercept[:, 1] / fit.items.slope


def evenhand_fit_errors(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return evenhand_fit(codes, errors=True)


def mirt_fit(codes: np.ndarray, *, errors: bool = False) -> tuple[np.ndarray, np.ndarray]:
    import mirt

    found = mirt.fit_mirt(codes, "2PL", n_quadpts=61, accelerate="squarem", compute_standard_errors=errors)
    return found.model.discrimination, found.model.difficulty


def mirt_fit_errors(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return mirt_fit(codes, errors=True)


def girth_fit(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    import girth

    found = girth.twopl_mml(codes.T, {"quadrature_n": 61, "quadrature_bounds": (-6, 6)})
    return found["Discrimination"], found["Difficulty"]


def evenhand_score(codes: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    from evenhand.measure.models import items_from_thresholds
    from evenhand.measure.patterns import in_place
    from evenhand.measure.responses import Responses
    from evenhand.measure.score import score_patterns
    from evenhand.measure.threads import one_blas_thread

    with one_blas_thread():
        patterns = in_place(Responses(codes, np.full(codes.shape[1], 2)))
        found = score_patterns(patterns, items_from_thresholds(a, b[:, None]), "eap", mean=0.0, sd=1.0)
    return found.theta[patterns.rows]


def mirt_score(codes: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    import mirt

    model = MIRT_MODEL[len(a)]
    model.set_parameters(discrimination=a, difficulty=b)
    return np.asarray(mirt.fscores(model, codes, method="EAP", n_quadpts=61).theta).ravel()


def girth_score(codes: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    import girth

    return girth.ability_eap(codes.T, b, a, {"quadrature_n": 61, "quadrature_bounds": (-6, 6)})


def r_fit(script: str, codes: np.ndarray) -> dict[str, Any]:
    """R times itself, after a warm-up of its own."""
    found = in_r(script, codes, "2pl")
    slope = np.array(found.pop("slope"))
    return {**found, "a": slope.tolist(), "b": (-np.array(found["intercept"])[:, 0] / slope).tolist()}


R_FITS = {"R mirt": R_MIRT, "R TAM": R_TAM}
FITS: dict[str, Fit] = {
    "evenhand": evenhand_fit,
    "evenhand +errors": evenhand_fit_errors,
    "mirt": mirt_fit,
    "mirt +errors": mirt_fit_errors,
    "girth": girth_fit,
}
SCORES: dict[str, Score] = {"evenhand": evenhand_score, "mirt": mirt_score, "girth": girth_score}


MIRT_MODEL: dict[int, Any] = {}
"""Python mirt scores only with a model that it fitted itself; this one is, on small data, before the clock."""


def prepare(tool: str, task: str, codes: np.ndarray) -> np.ndarray:
    """What a tool needs before the clock starts."""
    if tool == "mirt" and task == "score":
        import mirt

        MIRT_MODEL[codes.shape[1]] = mirt.fit_mirt(codes[:2000], "2PL").model
    return codes.astype(np.int64) if tool == "girth" else codes  # girth marks missing by -99999


def resident() -> float:
    """Resident megabytes now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def highest() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def main() -> None:
    tool, task, data, out = sys.argv[1:]
    if tool in R_FITS:
        with np.load(data) as file:
            Path(out).write_text(json.dumps(r_fit(R_FITS[tool], file["codes"])))
        return
    rng = np.random.default_rng(0)
    small = rng.integers(0, 2, (500, 10)).astype(np.int8)
    truth = (np.ones(10), np.zeros(10))
    small = prepare(tool, task, small)
    (FITS[tool](small) if task == "fit" else SCORES[tool](small, *truth))
    before = resident()
    with np.load(data) as file:
        codes, a, b = file["codes"], file["a"], file["b"]
    codes = prepare(tool, task, codes)
    start = time.perf_counter()
    result: dict[str, Any] = {}
    if task == "fit":
        slope, difficulty = FITS[tool](codes)
        result = {"a": np.asarray(slope).tolist(), "b": np.asarray(difficulty).tolist()}
    else:
        theta = SCORES[tool](codes, a, b)
        result = {"theta": np.asarray(theta)[:1000].tolist()}
    result["seconds"] = time.perf_counter() - start
    result["megabytes"] = max(0.0, highest() - before)
    Path(out).write_text(json.dumps(result))


if __name__ == "__main__":
    main()

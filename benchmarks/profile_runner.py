"""One measurement of a two-component fit in a process of its own: `profile_runner.py TOOL DATA OUT`.

Prints nothing; writes a JSON file with seconds, processor seconds, peak memory and estimates. Peak memory is the
highest resident size during the work less the resident size before the data were loaded, after a warm-up on small
data. The first half of the columns is need, the second capacity.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from runner import highest, resident
from separate import R_TWO, in_r

warnings.simplefilter("ignore")  # peers warn about their own internals

Found = dict[str, object]


def evenhand_fit(codes: np.ndarray, *, errors: bool = False) -> Found:
    from evenhand.measure.patterns import collapse
    from evenhand.measure.profile import fit_profile
    from evenhand.measure.profile_precision import profile_errors
    from evenhand.measure.responses import Responses
    from evenhand.measure.threads import one_blas_thread

    half = codes.shape[1] // 2
    with one_blas_thread():
        patterns = collapse(Responses(codes, np.full(codes.shape[1], 2)))
        fit = fit_profile(patterns, need=np.arange(half), capacity=np.arange(half, 2 * half))
        if errors:
            profile_errors(fit, "robust")
    slope = np.concatenate([fit.need.slope, fit.capacity.slope])
    intercept = np.concatenate([fit.need.intercept[:, 1], fit.capacity.intercept[:, 1]])
    return {"slope": slope.tolist(), "intercept": intercept.tolist(), "rho": fit.correlation}


def evenhand_fit_errors(codes: np.ndarray) -> Found:
    return evenhand_fit(codes, errors=True)


def mirt_fit(codes: np.ndarray, *, errors: bool = False) -> Found:
    import mirt

    half = codes.shape[1] // 2
    found = mirt.fit_mirt(
        codes,
        "2PL",
        spec=f"need = 1-{half}\ncapacity = {half + 1}-{2 * half}\nCOV = need*capacity",
        n_quadpts=21,  # its default; acceleration is not offered with a free correlation
        compute_standard_errors=errors,
    )
    model = found.model
    slope = np.asarray(model.parameters["slopes"])
    own = np.where(np.arange(2 * half) < half, slope[:, 0], slope[:, 1])
    return {
        "slope": own.tolist(),
        "intercept": np.asarray(model.parameters["intercepts"]).ravel().tolist(),
        "rho": float(np.asarray(found.latent_covariance)[0, 1]),
    }


def mirt_fit_errors(codes: np.ndarray) -> Found:
    return mirt_fit(codes, errors=True)


def r_fit(codes: np.ndarray) -> Found:
    """R mirt times itself, after a warm-up of its own."""
    found = in_r(R_TWO, codes, "2pl")
    return {**found, "intercept": np.ravel(found["intercept"]).tolist(), "rho": found["rest"][0]}


FITS: dict[str, Callable[[np.ndarray], Found]] = {
    "evenhand": evenhand_fit,
    "evenhand +errors": evenhand_fit_errors,
    "mirt": mirt_fit,
    "mirt +errors": mirt_fit_errors,
    "R mirt": r_fit,
}


def main() -> None:
    tool, data, out = sys.argv[1:]
    if tool != "R mirt":
        FITS[tool](np.random.default_rng(0).integers(0, 2, (500, 8)).astype(np.int8))
    before = resident()
    with np.load(data) as file:
        codes = file["codes"]
    start, cpu = time.perf_counter(), time.process_time()
    result = FITS[tool](codes)
    result.setdefault("seconds", time.perf_counter() - start)
    result.setdefault("cpu", time.process_time() - cpu)
    result.setdefault("megabytes", max(0.0, highest() - before))
    Path(out).write_text(json.dumps(result))


if __name__ == "__main__":
    main()

"""GPCM and graded items by marginal maximum likelihood, beside Python mirt, girth and (`--with-r`) R mirt and TAM.

    python benchmarks/polytomous.py [--n 100000] [--items 20] [--with-r]

Five categories. As in marginal.py: one process a measurement, a warm-up, one log-likelihood for all that this
script evaluates itself (241 nodes on +-8).
"""

import argparse
import json
import resource
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from separate import R_MIRT, R_TAM, in_r, measure, megabytes

TOOLS = {"gpcm": ("evenhand", "mirt"), "grm": ("evenhand", "mirt", "girth")}
R_FITS = {"R mirt": R_MIRT, "R TAM": R_TAM}
R_MODELS = {"gpcm": ("R mirt", "R TAM"), "grm": ("R mirt",)}


def fit(tool: str, model: str, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slopes (J,) and intercepts (J, K - 1): cumulative c_k for gpcm, boundary for grm."""
    if tool == "evenhand":
        from evenhand.measure.marginal import fit_marginal
        from evenhand.measure.patterns import collapse
        from evenhand.measure.responses import Responses
        from evenhand.measure.threads import one_blas_thread

        with one_blas_thread():
            patterns = collapse(Responses(codes, codes.max(axis=0).astype(np.int64) + 1))
            found = fit_marginal(patterns, slopes="free", graded=np.full(codes.shape[1], model == "grm"))
        return found.items.slope, found.items.intercept[:, 1:]
    if tool == "mirt":
        import mirt

        options = {"n_quadpts": 61, "accelerate": "squarem", "compute_standard_errors": False}
        parameters = mirt.fit_mirt(
            codes, "GPCM" if model == "gpcm" else "GRM", n_categories=5, **options
        ).model.parameters
        return from_mirt(model, parameters)
    import girth

    found = girth.grm_mml(codes.T.astype(np.int64), {"quadrature_n": 61, "quadrature_bounds": (-6, 6)})
    slope, place = found["Discrimination"], found["Difficulty"]
    return slope, -slope[:, None] * place


def from_mirt(model: str, parameters: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    slope = np.asarray(parameters["discrimination"]).ravel()
    steps = np.asarray(parameters["thresholds" if "thresholds" in parameters else "steps"])
    steps = steps.reshape(len(slope), -1)
    if model == "grm":
        return slope, -slope[:, None] * steps
    steps = steps[:, -4:]
    return slope, np.cumsum(-slope[:, None] * steps, axis=1)


def curves(model: str, a: np.ndarray, c: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """(J, K, Q) category probabilities."""
    if model == "gpcm":
        k = np.arange(c.shape[1] + 1)
        eta = (
            a[:, None, None] * k[:, None] * theta + np.concatenate([np.zeros((len(a), 1)), c], axis=1)[:, :, None]
        )
        p = np.exp(eta - eta.max(axis=1, keepdims=True))
        return p / p.sum(axis=1, keepdims=True)
    above = 1 / (1 + np.exp(-(a[:, None, None] * theta + c[:, :, None])))
    edge = np.ones((len(a), 1, len(theta)))
    return np.maximum(-np.diff(np.concatenate([edge, above, 0 * edge], axis=1), axis=1), 1e-300)


def log_likelihood(model: str, codes: np.ndarray, a: np.ndarray, c: np.ndarray) -> float:
    nodes = np.linspace(-8, 8, 241)
    log_weight = -(nodes**2) / 2
    log_weight -= np.log(np.exp(log_weight).sum())
    logs = np.log(curves(model, a, c, nodes))
    total = 0.0
    for begin in range(0, len(codes), 2048):
        block = codes[begin : begin + 2048]
        joint = np.tile(log_weight, (len(block), 1))
        for item in range(codes.shape[1]):
            joint += logs[item, block[:, item]]
        top = joint.max(axis=1)
        total += float((top + np.log(np.exp(joint - top[:, None]).sum(axis=1))).sum())
    return total


def simulate(model: str, n: int, j: int) -> np.ndarray:
    rng = np.random.default_rng([n, j, len(model)])
    a = rng.uniform(0.7, 2.0, j)
    b = rng.normal(0, 0.7, (j, 1)) + np.array([-1.5, -0.5, 0.5, 1.5]) + rng.uniform(-0.2, 0.2, (j, 4))
    c = np.cumsum(-a[:, None] * b, axis=1) if model == "gpcm" else -a[:, None] * b
    theta = rng.normal(size=n)
    below = np.cumsum(curves(model, a, c, theta), axis=1)[:, :-1, :]
    return (rng.random((j, 1, n)) > below).sum(axis=1).T.astype(np.int8)


def child(tool: str, model: str, data: str, out: str) -> None:
    if tool in R_FITS:
        found = in_r(R_FITS[tool], np.load(data), model)
        Path(out).write_text(json.dumps({**found, "a": found["slope"], "c": found["intercept"]}))
        return
    warnings.simplefilter("ignore")
    fit(tool, model, np.random.default_rng(0).integers(0, 5, (2000, 6)).astype(np.int8))
    before = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
    codes = np.load(data)
    start = time.perf_counter()
    a, c = fit(tool, model, codes)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6 - before
    Path(out).write_text(json.dumps({"seconds": seconds, "megabytes": peak, "a": a.tolist(), "c": c.tolist()}))


def run(tool: str, model: str, data: Path, limit: float) -> dict[str, Any]:
    out = data.with_suffix(".json")
    return measure(tool, [sys.executable, __file__, "--child", tool, model, str(data), str(out)], out, limit)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--with-r", action="store_true", help="R mirt and TAM too, where Rscript is installed")
    parser.add_argument("--limit", type=float, default=3600, help="seconds allowed for one measurement")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(*options.child)
        return
    table = Table("model", "tool", "seconds", "x ours", "peak MB", "log-likelihood less ours")
    with tempfile.TemporaryDirectory() as folder:
        for model, tools in TOOLS.items():
            codes = simulate(model, options.n, options.items)
            data = Path(folder) / f"{model}.npy"
            np.save(data, codes)
            own: dict[str, Any] = {}
            for tool in (*tools, *(R_MODELS[model] if options.with_r else ())):
                found = run(tool, model, data, options.limit)
                if "failed" in found:
                    table.add_row(model, tool, found["failed"], "-", "-", "-")
                    continue
                loglik = log_likelihood(model, codes, np.array(found["a"]), np.array(found["c"]))
                own = own or {**found, "loglik": loglik}
                table.add_row(
                    model,
                    tool,
                    f"{found['seconds']:.3f}",
                    f"{found['seconds'] / own['seconds']:.1f}",
                    megabytes(found),
                    f"{loglik - own['loglik']:+.4f}",
                )
    Console(width=100).print(f"N = {options.n:,}, {options.items} items, 5 categories", table)


if __name__ == "__main__":
    main()

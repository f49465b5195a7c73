"""2PL by marginal maximum likelihood and EAP scoring, beside Python mirt, girth and (`--with-r`) R mirt and TAM.

    make bench          every size (long: girth takes minutes on a million people)
    make bench-quick    the small sizes

Same data, same model, one run; each measurement in a process of its own after a warm-up. Everyone's estimates
are compared by one log-likelihood that this script evaluates itself on a dense grid (241 nodes on +-8), per
person, so that nobody is judged by their own quadrature. Peers run at their best settings known to us: 61
nodes, acceleration on, standard errors off (and once on, beside ours with robust errors).
"""

import argparse
import platform
import sys
import tempfile
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from separate import R_TOOLS, measure, megabytes

RUNNER = Path(__file__).with_name("runner.py")
SIZES = [(10_000, 20), (100_000, 20), (1_000_000, 20), (10_000, 50), (100_000, 50), (1_000_000, 50)]
SCORING = (1_000_000, 20)
TOOLS = ("evenhand", "mirt", "girth", "evenhand +errors", "mirt +errors")


def simulate(n: int, j: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng([n, j])
    a, b, theta = rng.uniform(0.7, 2.0, j), rng.normal(size=j), rng.normal(size=n)
    codes = np.empty((n, j), dtype=np.int8)
    for item in range(j):
        codes[:, item] = rng.random(n) < 1 / (1 + np.exp(-a[item] * (theta - b[item])))
    return codes, a, b


def log_likelihood(codes: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    """Marginal log-likelihood by the rectangular rule on 241 nodes, +-8."""
    nodes = np.linspace(-8, 8, 241)
    log_weight = -(nodes**2) / 2
    log_weight -= np.log(np.exp(log_weight).sum())
    eta = a[:, None] * (nodes - b[:, None])
    low, high = -np.logaddexp(0, eta), -np.logaddexp(0, -eta)
    total = 0.0
    for begin in range(0, len(codes), 4096):
        block = codes[begin : begin + 4096].astype(np.float64)
        joint = block @ (high - low) + low.sum(axis=0) + log_weight
        top = joint.max(axis=1)
        total += float((top + np.log(np.exp(joint - top[:, None]).sum(axis=1))).sum())
    return total


def run(tool: str, task: str, data: Path, limit: float) -> dict:
    out = data.with_suffix(".json")
    return measure(tool, [sys.executable, str(RUNNER), tool, task, str(data), str(out)], out, limit)


def fit_rows(n: int, j: int, folder: Path, tools: tuple[str, ...], limit: float) -> list[list[str]]:
    codes, a, b = simulate(n, j)
    data = folder / f"{n}-{j}.npz"
    np.savez(data, codes=codes, a=a, b=b)
    found = {tool: run(tool, "fit", data, limit) for tool in tools}
    best = {}
    for tool, result in found.items():
        if "a" in result:
            best[tool] = log_likelihood(codes, np.array(result["a"]), np.array(result["b"]))
    rows = []
    for tool, result in found.items():
        own = found["evenhand +errors" if "+errors" in tool else "evenhand"]
        rows.append([f"{n:,} x {j}", tool, *cells(result, own, best.get(tool), best.get("evenhand"))])
    return rows


def cells(result: dict, own: dict, loglik: float | None, own_loglik: float | None) -> list[str]:
    if "failed" in result:
        return [str(result["failed"]), "-", "-", "-"]
    ratio = float(result["seconds"]) / float(own["seconds"]) if "seconds" in own else float("nan")
    behind = "-" if loglik is None or own_loglik is None else f"{loglik - own_loglik:+.4f}"
    return [f"{result['seconds']:.3f}", f"{ratio:.1f}", megabytes(result), behind]


def score_rows(n: int, j: int, folder: Path, limit: float) -> list[list[str]]:
    codes, a, b = simulate(n, j)
    data = folder / "score.npz"
    np.savez(data, codes=codes, a=a, b=b)
    found = {tool: run(tool, "score", data, limit) for tool in ("evenhand", "mirt", "girth")}
    own = np.array(found["evenhand"]["theta"])
    rows = []
    for tool, result in found.items():
        apart = "-" if "theta" not in result else f"{np.abs(np.array(result['theta']) - own).max():.1e}"
        rows.append([f"EAP {n:,} x {j}", tool, *cells(result, found["evenhand"], None, None)[:3], apart])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="only sizes below a million")
    parser.add_argument("--with-r", action="store_true", help="R mirt and TAM too, where Rscript is installed")
    parser.add_argument("--limit", type=float, default=1800, help="seconds allowed for one measurement")
    options = parser.parse_args()
    sizes = [(10_000, 20)] if options.quick else SIZES
    tools = (*TOOLS, *(R_TOOLS if options.with_r else ()))
    scoring = (100_000, 20) if options.quick else SCORING
    console = Console(width=110)
    console.print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    table = Table("data", "tool", "seconds", "x ours", "peak MB", "log-likelihood less ours / largest difference")
    with tempfile.TemporaryDirectory() as folder:
        for n, j in sizes:
            for row in fit_rows(n, j, Path(folder), tools, options.limit):
                table.add_row(*row)
                console.print("  ".join(row))
        for row in score_rows(*scoring, Path(folder), options.limit):
            table.add_row(*row)
    console.print(table)


if __name__ == "__main__":
    main()

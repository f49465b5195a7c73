"""Two correlated components (2 x 10 yes/no items, 2PL), beside Python mirt and, with `--with-r`, R mirt.

    .venv-bench/bin/python benchmarks/profile.py [--quick] [--with-r]

Same data, same model; each measurement in a process of its own after a warm-up. Ours starts on 31 x 31 nodes and
refines them where they do not suffice; Python mirt has its default of 21 x 21, R mirt 31 x 31.
Everyone's estimates are compared by one log-likelihood that this script evaluates itself on a dense grid
(121 x 121 nodes on +-7), so that nobody is judged by their own quadrature. Python mirt runs its confirmatory fit,
which it does not accelerate, with standard errors off (and once on, beside ours with robust errors).
"""

import argparse
import platform
import sys
import tempfile
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from separate import measure, megabytes

RUNNER = Path(__file__).with_name("profile_runner.py")
SIZES = (1_000, 10_000, 100_000)
EACH = 10
RHO = -0.6
TOOLS = ("evenhand", "mirt", "evenhand +errors", "mirt +errors")
NODES = np.linspace(-7, 7, 121)


def simulate(n: int) -> np.ndarray:
    rng = np.random.default_rng([n, EACH])
    a, b = rng.uniform(0.7, 2.0, 2 * EACH), rng.normal(size=2 * EACH)
    need = rng.normal(size=n)
    capacity = RHO * need + np.sqrt(1 - RHO**2) * rng.normal(size=n)
    codes = np.empty((n, 2 * EACH), dtype=np.int8)
    for item in range(2 * EACH):
        theta = need if item < EACH else capacity
        codes[:, item] = rng.random(n) < 1 / (1 + np.exp(-a[item] * (theta - b[item])))
    return codes


def likelihoods(codes: np.ndarray, slope: np.ndarray, intercept: np.ndarray) -> np.ndarray:
    eta = slope[:, None] * NODES + intercept[:, None]
    low, high = -np.logaddexp(0, eta), -np.logaddexp(0, -eta)
    return np.exp(codes @ (high - low) + low.sum(axis=0))


def log_likelihood(codes: np.ndarray, slope: np.ndarray, intercept: np.ndarray, rho: float) -> float:
    """Marginal log-likelihood by the rectangular rule on 121 x 121 nodes."""
    x, y = NODES[:, None], NODES
    weights = np.exp(-(x**2 - 2 * rho * x * y + y**2) / (2 * (1 - rho**2)))
    weights /= weights.sum()
    total = 0.0
    for begin in range(0, len(codes), 4096):
        block = codes[begin : begin + 4096].astype(np.float64)
        first = likelihoods(block[:, :EACH], slope[:EACH], intercept[:EACH])
        second = likelihoods(block[:, EACH:], slope[EACH:], intercept[EACH:])
        total += float(np.log(((first @ weights) * second).sum(axis=1)).sum())
    return total


def run(tool: str, data: Path, limit: float) -> dict:
    out = data.with_suffix(".json")
    return measure(tool, [sys.executable, str(RUNNER), tool, str(data), str(out)], out, limit)


def fit_rows(n: int, folder: Path, tools: list[str], limit: float) -> list[list[str]]:
    codes = simulate(n)
    data = folder / f"{n}.npz"
    np.savez(data, codes=codes)
    rows, own, own_loglik = [], {}, float("nan")
    for tool in tools:
        found = run(tool, data, limit)
        head = [f"{n:,} x 2 x {EACH}", tool]
        if "failed" in found:
            rows.append([*head, found["failed"], "-", "-", "-", "-", "-"])
            continue
        loglik = log_likelihood(codes, np.array(found["slope"]), np.array(found["intercept"]), found["rho"])
        if tool == "evenhand":
            own_loglik = loglik
        if tool.startswith("evenhand"):
            own[tool.removeprefix("evenhand")] = found["seconds"]
        ours = own.get(" +errors" if "+errors" in tool else "", float("nan"))
        rows.append(
            [
                *head,
                f"{found['seconds']:.3f}",
                "-" if np.isnan(found["cpu"]) else f"{found['cpu']:.3f}",
                f"{found['seconds'] / ours:.1f}",
                megabytes(found),
                f"{found['rho']:.4f}",
                f"{loglik - own_loglik:+.4f}",
            ]
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="only 1,000 and 10,000 people")
    parser.add_argument("--with-r", action="store_true", help="R mirt too, where Rscript is installed")
    parser.add_argument("--limit", type=float, default=1800, help="seconds allowed for one measurement")
    options = parser.parse_args()
    tools = [*TOOLS, *(["R mirt"] if options.with_r else [])]
    console = Console(width=120)
    console.print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    table = Table(
        "data", "tool", "seconds", "processor s", "x ours", "peak MB", "correlation", "log-likelihood less ours"
    )
    with tempfile.TemporaryDirectory() as folder:
        for n in SIZES[:2] if options.quick else SIZES:
            for row in fit_rows(n, Path(folder), tools, options.limit):
                table.add_row(*row)
                console.print("  ".join(row))
    console.print(table)


if __name__ == "__main__":
    main()

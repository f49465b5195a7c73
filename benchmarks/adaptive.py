"""One adaptive choice for banks of 100 to 2,000 2PL items, beside catsim and adaptivetesting.

    .venv-bench/bin/python benchmarks/adaptive.py [--study]

A choice is what happens between one answer and the next question: estimate theta from ten answers, then choose
the next item. Everybody uses the same items and answers: adaptivetesting takes the EAP under the same standard
normal prior; catsim has no EAP and maximises the likelihood. Milliseconds, median of the repetitions, one process,
one BLAS thread. A peer that is not installed shows as such.
"""

import argparse
import platform
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np
from rich.console import Console
from rich.table import Table

from evenhand.measure.adaptive import AdaptiveState, Stopping, adaptive_bank, next_item, posterior
from evenhand.measure.adaptive_study import study
from evenhand.measure.models import items_from_thresholds
from evenhand.measure.simulate import simulate_codes
from evenhand.measure.threads import one_blas_thread

warnings.simplefilter("ignore")  # peers warn about their own internals

SIZES = (100, 500, 2000)
ANSWERS = (1, 0, 1, 1, 0, 0, 1, 0, 1, 0)
Work = Callable[[], tuple[int, float]]
"""One choice; returns the item and the estimate."""


def bank(size: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(size)
    return rng.lognormal(0.2, 0.3, size), rng.normal(0, 1.2, size)


def evenhand_work(a: np.ndarray, b: np.ndarray, rule: str) -> Work:
    items = items_from_thresholds(a, b[:, None])
    ours = adaptive_bank(items, mean=0.0, sd=1.0, stopping=Stopping(30, 30), threshold=0.8, rule=rule)
    state = AdaptiveState(tuple(range(10)), ANSWERS)
    return lambda: (next_item(ours, state), posterior(ours, state).mean)


def catsim_work(a: np.ndarray, b: np.ndarray) -> Work:
    from catsim.estimation import NumericalSearchEstimator
    from catsim.item_bank import ItemBank
    from catsim.selection import MaxInfoSelector

    parameters = np.column_stack([a, b, np.zeros(len(a)), np.ones(len(a))])
    theirs, estimator, selector = ItemBank(parameters), NumericalSearchEstimator(), MaxInfoSelector()
    asked, answers = list(range(10)), [bool(code) for code in ANSWERS]

    def work() -> tuple[int, float]:
        theta = estimator.estimate(
            item_bank=theirs, administered_items=asked, response_vector=answers, est_theta=0.0
        )
        return selector.select(item_bank=theirs, administered_items=asked, est_theta=theta), theta

    return work


def adaptivetesting_work(a: np.ndarray, b: np.ndarray) -> Work:
    from adaptivetesting.math.estimators import ExpectedAPosteriori, NormalPrior
    from adaptivetesting.math.item_selection import maximum_information_criterion
    from adaptivetesting.models import ItemPool

    n = len(a)
    pool = ItemPool.load_from_list(a=a.tolist(), b=b.tolist(), c=[0.0] * n, d=[1.0] * n).test_items
    asked, left = pool[:10], pool[10:]

    def work() -> tuple[int, float]:
        theta = float(ExpectedAPosteriori(list(ANSWERS), asked, NormalPrior(0, 1)).get_estimation())
        return pool.index(maximum_information_criterion(left, theta)), theta

    return work


def timed(work: Work, seconds: float = 1.0) -> tuple[float, int, float]:
    """Median milliseconds, and what was chosen."""
    item, theta = work()
    taken: list[float] = []
    while sum(taken) < seconds and len(taken) < 500:
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return 1000 * statistics.median(taken), item, theta


def choices(console: Console) -> None:
    table = Table("items", "tool", "ms a choice", "x ours", "item", "theta")
    for size in SIZES:
        a, b = bank(size)
        makers: dict[str, Callable[[], Work]] = {
            "evenhand, expected": lambda a=a, b=b: evenhand_work(a, b, "expected"),
            "evenhand, fisher": lambda a=a, b=b: evenhand_work(a, b, "fisher"),
            "catsim, ML + information": lambda a=a, b=b: catsim_work(a, b),
            "adaptivetesting, EAP + information": lambda a=a, b=b: adaptivetesting_work(a, b),
        }
        own = None
        for name, maker in makers.items():
            try:
                found, item, theta = timed(maker())
            except ImportError as error:
                table.add_row(str(size), name, f"not installed: {error.name}", "-", "-", "-")
                continue
            own = own or found
            table.add_row(str(size), name, f"{found:.3f}", f"{found / own:.1f}", str(item), f"{theta:.4f}")
    console.print(table)


def studies(console: Console) -> None:
    table = Table("bank", "people", "seconds", "items asked", "RMSE", "fixed form as exact")
    for size, n in ((60, 1000), (60, 5000), (500, 1000)):
        a, b = bank(size)
        items, rng = items_from_thresholds(a, b[:, None]), np.random.default_rng(1)
        theta = rng.normal(size=n)
        codes = simulate_codes(rng, items, theta)
        ours = adaptive_bank(items, mean=0.0, sd=1.0, stopping=Stopping(12))
        begin = time.perf_counter()
        found = study(ours, theta, codes)
        taken, everybody = time.perf_counter() - begin, found.lines[0]
        needed = "-" if found.fixed_for_rmse is None else f"{found.fixed_for_rmse:.1f} items"
        rmse = f"{everybody.adaptive.rmse:.3f}"
        table.add_row(str(size), f"{n:,}", f"{taken:.1f}", f"{everybody.items:.1f}", rmse, needed)
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", action="store_true", help="also time whole simulation studies")
    options = parser.parse_args()
    console = Console(width=110)
    console.print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}")
    with one_blas_thread():
        choices(console)
        if options.study:
            studies(console)


if __name__ == "__main__":
    main()

"""Files larger than memory: `bigfile.py [ROWS ...]` makes a file of 8 yes/no items, calibrates it and scores it.

Each figure comes from a process of its own: rows, seconds and peak resident memory, the interpreter included.
The files lie in a folder that is removed at the end.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

N_ITEMS = 8
NAMES = [f"Q{k}" for k in range(N_ITEMS)]
BATCH = 1_000_000
DEFAULT_SIZES = (1_000_000, 10_000_000)


def make(n: int, path: Path) -> None:
    from evenhand.tabular.batchtables import write_batches

    def batches() -> Iterator[dict[str, Any]]:
        rng = np.random.default_rng(1)
        b = np.linspace(-1.5, 1.5, N_ITEMS, dtype=np.float32)
        for first in range(0, n, BATCH):
            theta = 1.5 * rng.standard_normal(min(BATCH, n - first), dtype=np.float32)
            p = [1 / (1 + np.exp(at - theta)) for at in b]
            yield {
                name: (rng.random(len(theta), dtype=np.float32) < each).astype(np.int8)
                for name, each in zip(NAMES, p, strict=True)
            }

    write_batches(batches(), path)


def calibrate(data: Path, scale: Path, *, learn: bool) -> None:
    from evenhand.programme.coding import ItemCoding
    from evenhand.service.big import calibrate_batches
    from evenhand.service.options import Options
    from evenhand.tabular.batches import open_batches

    coding = None if learn else [ItemCoding(name, 2, {"0": 0, "1": 1}) for name in NAMES]
    batches = open_batches(data, coding=coding, items=NAMES)
    scale.write_text(calibrate_batches(batches, Options(model="2pl")).record.to_json(), "utf-8")


def score(data: Path, scale: Path, out: Path) -> None:
    from evenhand.api import read_scale_record
    from evenhand.cli.score import columns_of
    from evenhand.service.big import score_batches
    from evenhand.tabular.batches import open_batches
    from evenhand.tabular.batchtables import write_batches

    record = read_scale_record(scale)
    found = score_batches(record, open_batches(data, coding=record.coding()), threshold=0.5)
    write_batches((columns_of(each) for each in found), out)


def task(name: str, folder: Path, n: int) -> None:
    data, scale = folder / "answers.parquet", folder / "scale.json"
    begin = time.perf_counter()
    if name == "make":
        make(n, data)
    elif name == "score":
        score(data, scale, folder / "scores.parquet")
    else:
        calibrate(data, scale, learn=name == "calibrate --items")
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    print(f"{n:>13,}  {name:<18} {seconds:>8.1f} {peak:>9.0f} {size:>10.0f}", flush=True)


def main(sizes: tuple[int, ...]) -> None:
    print(f"{'rows':>13}  {'work':<18} {'seconds':>8} {'peak MB':>9} {'files MB':>10}", flush=True)
    for n in sizes:
        with tempfile.TemporaryDirectory(prefix="evenhand-bigfile-") as folder:
            for name in ("make", "calibrate --items", "calibrate", "score"):
                subprocess.run([sys.executable, __file__, "task", name, folder, str(n)], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["task"]:
        task(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main(tuple(int(word.replace("_", "")) for word in sys.argv[1:]) or DEFAULT_SIZES)

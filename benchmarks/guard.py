"""How long the guard reads the labelled phrases: `guard.py`. Run it from the root of the repository."""

import csv
import time
from pathlib import Path

from evenhand.programme.guard import assess_text

CORPUS = Path(__file__).parents[1] / "tests" / "programme" / "guard_corpus.csv"


def main() -> None:
    with CORPUS.open(encoding="utf-8", newline="") as file:
        texts = [f"{row['text']} {number}" for row in csv.DictReader(file) for number in range(5)]
    assess_text(texts[0])
    begun = time.process_time()
    for text in texts:
        assess_text(text)
    spent = time.process_time() - begun
    print(f"{len(texts):,} phrases, no two alike: {1000 * spent / len(texts):.2f} ms of processor time each")


if __name__ == "__main__":
    main()

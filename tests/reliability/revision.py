"""The revision that figures are of."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def revision(root: Path = ROOT) -> str:
    """The short commit hash; with a `+` where `src/` is not as committed; empty where there is no git."""
    try:
        commit = _git(root, "rev-parse", "--short=7", "HEAD")
        changed = _git(root, "status", "--porcelain", "--", "src")
    except (OSError, subprocess.CalledProcessError):
        return ""
    return commit + "+" * bool(changed)


def _git(root: Path, *words: str) -> str:
    command = ["git", "-C", str(root), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

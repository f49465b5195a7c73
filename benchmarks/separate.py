"""One measurement in a process of its own, and what R does where it is installed."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

R_TOOLS = ("R mirt", "R TAM")


def measure(tool: str, command: list[str], out: Path, limit: float) -> dict:
    """Run a command that writes its result to `out` as JSON; {"failed": why} where it does not."""
    if tool in R_TOOLS and shutil.which("Rscript") is None:
        return {"failed": "not run: there is no Rscript"}
    out.unlink(missing_ok=True)
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return {"failed": f"stopped after {limit:.0f} s"}
    if ended.returncode != 0:
        last = (ended.stderr.strip() or "no message").splitlines()[-1]
        return {"failed": last[:70] if last.startswith("not run") else f"not run: {last[:60]}"}
    return json.loads(out.read_text())


def megabytes(found: dict) -> str:
    """Peak memory; R's is its own process's and is not taken."""
    return "-" if np.isnan(found["megabytes"]) else f"{found['megabytes']:.0f}"


# Every script reads the answers and the model's name, warms up on 500 people, times its fit and prints the seconds
# and the estimates, item by item.
R_HEAD = """
argument <- commandArgs(TRUE)
codes <- as.data.frame(as.matrix(read.csv(argument[1], header = FALSE)))
model <- argument[2]
items <- ncol(codes)
highest <- max(codes)
small <- codes[seq_len(min(500, nrow(codes))), ]
"""
R_MIRT = """
suppressMessages(library(mirt))
type <- c("2pl" = "2PL", "gpcm" = "gpcm", "grm" = "graded")[[model]]
fit <- function(x) mirt(x, 1, type, quadpts = 61, verbose = FALSE)
invisible(fit(small))
seconds <- system.time(found <- fit(codes))[["elapsed"]]
est <- coef(found, simplify = TRUE)$items
steps <- if (highest == 1) "d" else paste0("d", seq_len(highest))
cat(seconds, est[, "a1"], t(est[, steps]), sep = "\\n")
"""
# TAM: P(x = k) is proportional to exp(B_k theta + AXsi_k); it has no graded model
R_TAM = """
suppressMessages(library(TAM))
kind <- c("2pl" = "2PL", "gpcm" = "GPCM")[[model]]
control <- list(nodes = seq(-6, 6, length.out = 61), progress = FALSE)
fit <- function(x) tam.mml.2pl(x, irtmodel = kind, control = control, verbose = FALSE)
invisible(fit(small))
seconds <- system.time(found <- fit(codes))[["elapsed"]]
cat(seconds, found$B[, 2, 1], t(found$AXsi[, 1 + seq_len(highest)]), sep = "\\n")
"""
R_TWO = """
suppressMessages(library(mirt))
half <- items / 2
two <- mirt.model(sprintf("need = 1-%d\\ncapacity = %d-%d\\nCOV = need*capacity", half, half + 1, items))
fit <- function(x) mirt(x, two, "2PL", quadpts = 31, verbose = FALSE)
invisible(fit(small))
seconds <- system.time(found <- fit(codes))[["elapsed"]]
est <- coef(found, simplify = TRUE)
own <- ifelse(seq_len(items) <= half, est$items[, "a1"], est$items[, "a2"])
cat(seconds, own, est$items[, "d"], est$cov[2, 1], sep = "\\n")
"""


def in_r(script: str, codes: np.ndarray, model: str) -> dict:
    """Seconds, slopes (J,), intercepts (J, K - 1) and whatever else the script prints.

    Raises:
        SystemExit: R could not do it; the message is R's last line.
    """
    with tempfile.TemporaryDirectory() as folder:
        data, file = Path(folder) / "codes.csv", Path(folder) / "fit.R"
        np.savetxt(data, codes, fmt="%d", delimiter=",")
        file.write_text(R_HEAD + script)
        ended = subprocess.run(
            ["Rscript", str(file), str(data), model],  # noqa: S607 - whichever R is installed
            capture_output=True,
            text=True,
            check=False,
        )
    if ended.returncode != 0:
        lines = [line for line in ended.stderr.splitlines() if line.strip()] or ["no message"]
        told = [line for line in lines if "rror" in line] or lines
        raise SystemExit(f"not run: {told[-1].strip()}")
    number = np.array([float(word) for word in ended.stdout.split()])
    n, steps = codes.shape[1], int(codes.max())
    slope, intercept, rest = np.split(number[1:], [n, n + n * steps])
    return {
        "seconds": float(number[0]),
        "slope": slope.tolist(),
        "intercept": intercept.reshape(n, steps).tolist(),
        "rest": rest.tolist(),
        "cpu": float("nan"),
        "megabytes": float("nan"),
    }

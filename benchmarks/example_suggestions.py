"""What `lr_finder find` says of the built-in series and of four public tables.

The tables are read from the folder that LR_FINDER_DATA names; without it only the
built-in series is swept. Every run is repeated with several seeds: the last columns
show how far apart their suggestions lie.
"""

import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from rich.console import Console
from rich.table import Table

SEEDS = (1, 2, 3)
TABLES = {
    "california_housing.csv": ["--target", "median_house_value"],
    "adult-train.csv": [],
    "winequality-white.csv": [],
    "bike_sharing_hour.csv": ["--target", "cnt"],
}


def find(*arguments):
    """Run the command; return what it prints as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "lr_finder", "find", *arguments]
        command += ["--json", "--out", folder]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def main():
    """Print a row for each source: suggestion, interval, spread over the seeds."""
    sources = {"built-in series": []}
    folder = os.environ.get("LR_FINDER_DATA")
    if folder:
        for name, options in TABLES.items():
            sources[name] = [os.path.join(folder, "tabular", name), *options]
    table = Table(title=f"one sweep of 200 steps; seeds {SEEDS}")
    for column in ("data", "task", "suggestion", "interval", "other seeds", "warnings"):
        table.add_column(column, overflow="fold")
    for name, arguments in sources.items():
        found = [find(*arguments, "--seed", str(seed)) for seed in SEEDS]
        first, rates = found[0]["suggestion"], [f["suggestion"]["lr"] for f in found]
        kinds = [text.split(":")[0] for text in first["warnings"]]
        table.add_row(
            name, found[0]["task"], f"{first['lr']:.1e}",
            f"{first['low']:.1e} to {first['high']:.1e}",
            ", ".join(f"{rate:.1e}" for rate in rates[1:])
            + f" (sd {np.std(np.log10(rates), ddof=1):.2f} decades)",
            ", ".join(kinds) or "none",
        )  # fmt: skip
    Console(width=120).print(table)


if __name__ == "__main__":
    main()

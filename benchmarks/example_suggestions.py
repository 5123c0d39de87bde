"""What `lr_finder find` says of the built-in series and of public data of each kind.

They are read from the folder that LR_FINDER_DATA names; without it only the built-in
series is swept, and where CIFAR-10 does not lie there it is left out. Every run is
repeated with several seeds: the last columns show how far apart their suggestions lie.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from rich.console import Console
from rich.table import Table

SEEDS = (1, 2, 3)
FILES = {
    "tabular/california_housing.csv": ["--target", "median_house_value"],
    "tabular/adult-train.csv": [],
    "tabular/winequality-white.csv": [],
    "tabular/bike_sharing_hour.csv": ["--target", "cnt"],
    "series/AEP_hourly.csv": [],
    "series/opsd_germany_daily.csv": [],
    "text/SMSSpamCollection": [],
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
        for path, options in FILES.items():
            sources[os.path.basename(path)] = [os.path.join(folder, path), *options]
        if any(pathlib.Path(folder).glob("**/cifar-10-batches-py")):
            sources["cifar10"] = ["cifar10"]
    table = Table(title=f"one sweep of 200 steps; seeds {SEEDS}")
    columns = ("data", "kind", "task", "suggestion", "interval", "other seeds")
    for column in (*columns, "warnings"):
        table.add_column(column, overflow="fold")
    for name, arguments in sources.items():
        found = [find(*arguments, "--seed", str(seed)) for seed in SEEDS]
        first, rates = found[0]["suggestion"], [f["suggestion"]["lr"] for f in found]
        kinds = [text.split(":")[0] for text in first["warnings"]]
        table.add_row(
            name, found[0]["kind"], found[0]["task"], f"{first['lr']:.1e}",
            f"{first['low']:.1e} to {first['high']:.1e}",
            ", ".join(f"{rate:.1e}" for rate in rates[1:])
            + f" (sd {np.std(np.log10(rates), ddof=1):.2f} decades)",
            ", ".join(kinds) or "none",
        )  # fmt: skip
    Console(width=120).print(table)


if __name__ == "__main__":
    main()

"""How much of the package is loaded by its two main jobs: modules and lines of ours.

A sweep is `lr_finder.sweep(model, x, y).suggest()`; the command is
`lr_finder find FILE.csv`, without files or figures of its own counted twice.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

SWEEP = """
import keras, numpy as np, lr_finder
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("adam", "mse")
x = np.random.default_rng(0).normal(size=(64, 2))
lr_finder.sweep(model, x, x[:, :1], steps=60, verbose=0).suggest()
"""
COMMAND = """
import sys
from lr_finder.cli import main
try:
    main(["find", "rows.csv", "--steps", "60", "--out", "out", "--quiet"])
except SystemExit:
    pass
"""
COUNT = """
import sys
from pathlib import Path
ours = [m for n, m in list(sys.modules.items()) if n.split(".")[0] == "lr_finder"]
files = {m.__file__ for m in ours if getattr(m, "__file__", None)}
lines = {f: len(Path(f).read_text().splitlines()) for f in files}
modules = [f for f in files if lines[f] > 1]
print("COUNTED", len(modules), sum(lines.values()))
"""


def counted(code: str) -> tuple[int, int]:
    """Modules (an `__init__` of one line is none) and lines loaded by a script."""
    with tempfile.TemporaryDirectory() as folder:
        rows = "\n".join(
            f"{i % 7},{i % 11},{i % 7 + 0.5 * (i % 11)}" for i in range(99)
        )
        Path(folder, "rows.csv").write_text(f"a,b,price\n{rows}\n")
        run = subprocess.run(
            [sys.executable, "-c", code + COUNT], cwd=folder, text=True, check=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    told = [line for line in run.stdout.splitlines() if line.startswith("COUNTED")]
    _, modules, lines = told[-1].split()
    return int(modules), int(lines)


def main() -> None:
    """Print modules and lines of each job."""
    table = Table(title="Loaded of lr_finder")
    table.add_column("job")
    for name in ("modules", "lines"):
        table.add_column(name, justify="right")
    for name, code in (
        ("sweep(model, x, y).suggest()", SWEEP),
        ("lr_finder find FILE.csv", COMMAND),
    ):
        modules, lines = counted(code)
        table.add_row(name, str(modules), f"{lines:,}")
    Console(width=80).print(table)


if __name__ == "__main__":
    main()

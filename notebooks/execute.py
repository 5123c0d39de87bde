"""Execute the notebooks: `python notebooks/execute.py` saves their outputs in place."""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image

FOLDER = Path(__file__).parent
LONGEST = 600  # seconds that a cell may take
COLOURS = 128  # of a saved figure: half its size, and no difference to be seen
# What C++ code logs goes to the terminal, not into the outputs.
KERNEL_ARGUMENTS = ["--IPKernelApp.capture_fd_output=False"]


def execute(path: Path) -> nbformat.NotebookNode:
    """Run a notebook from top to bottom, in its folder; nothing is written.

    Args:
        path: Path of the notebook.

    Returns:
        NotebookNode, with the outputs of this run alone.

    Raises:
        CellExecutionError: If a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata.clear()  # times of an earlier run
    client = NotebookClient(
        notebook,
        timeout=LONGEST,
        kernel_name="python3",  # of the environment that runs this
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=KERNEL_ARGUMENTS,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    del notebook.metadata.language_info["version"]  # differs from machine to machine
    return notebook


def shrink_figures(notebook: nbformat.NotebookNode) -> None:
    """Reduce the PNG figures among the outputs to a palette."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    for data in (output["data"] for output in outputs if "data" in output):
        if "image/png" in data:
            figure = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
            small = io.BytesIO()
            few = figure.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
            few.save(small, "png", optimize=True)
            data["image/png"] = base64.b64encode(small.getvalue()).decode()


def main(names: list[str]) -> None:
    """Execute the notebooks named, by default all, and save them."""
    for path in map(Path, names) if names else sorted(FOLDER.glob("*.ipynb")):
        print(path.name)
        notebook = execute(path)
        shrink_figures(notebook)
        nbformat.write(notebook, path)


if __name__ == "__main__":
    main(sys.argv[1:])

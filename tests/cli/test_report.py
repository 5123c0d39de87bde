"""`lr_finder report` and `--report`: the same page; each refusal one line."""

import json

import numpy as np
import pytest

from lr_finder._output import OutputFolder
from lr_finder.finding_files import FindingFiles
from lr_finder.results.finding import Finding
from lr_finder.results.sweep import Curve, SweepResult

LRS = np.geomspace(1e-6, 1, 80)


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    """A run without trainings, as `find --out` writes it, but for its picture."""
    folder = tmp_path_factory.mktemp("run")
    result = SweepResult([Curve(LRS, 1 / (1 + LRS / 1e-3) + LRS**2)])
    finding = Finding({"source": "a<b>.csv"}, result, "window", result.suggest())
    files = FindingFiles(OutputFolder(folder))
    files.swept(finding)
    files.reported(finding)
    return folder


def test_a_report_lies_in_the_folder_unless_told_otherwise(command, run_dir, tmp_path):
    run = command("report", run_dir)
    assert run.code == 0 and str(run_dir / "report.html") in run.out
    assert "Train with a learning rate of" in run.out
    page = (run_dir / "report.html").read_text("utf-8")
    assert "a&lt;b&gt;.csv" in page
    run = command("report", run_dir, "--out", tmp_path / "mine.html", "--json")
    assert run.json["files"] == {"mine.html": str(tmp_path / "mine.html")}
    assert (tmp_path / "mine.html").read_text("utf-8") == page
    lr = json.loads((run_dir / "suggestion.json").read_text())["suggestion"]["lr"]
    assert f'value="{lr}"' in page


def test_it_loads_no_keras(run_dir):
    import subprocess
    import sys

    code = (
        "import sys\nfrom lr_finder.reports.run_folder import read_run\n"
        "from lr_finder.reports.report import summary_of\n"
        f"summary_of(read_run({str(run_dir)!r}))\n"
        "import lr_finder.reports.pictures, lr_finder.reports.page\n"
        "print({'keras', 'tensorflow', 'jax', 'torch'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == "set()", run.stderr


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["report", "none"], "RUN_DIR must be a folder that"),
        (["report", "{empty}"], "which is empty"),
        (
            ["report", "{run}", "--out", "a.txt"],
            "Option --out must end in .html or .pdf",
        ),
        (["report", "{run}", "--out", "none/a.html"], "there is no folder"),
        (["report", "{run}", "--out", "{empty}.html"], "a folder. Name another"),
        (["find", "--report", "a.docx"], "Option --report must end in .html or .pdf"),
        (["find", "--report", "none/a.html"], "there is no folder"),
        (["compare", "--report", "a"], "Option --report must end in .html or .pdf"),
    ],
)
def test_each_refusal_is_one_line(command, run_dir, tmp_path, arguments, message):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.html").mkdir()
    places = {"run": run_dir, "empty": tmp_path / "empty"}
    run = command(*(each.format(**places) for each in arguments))
    assert run.code == 2 and message in run.err
    assert run.err.startswith("Error: ") and len(run.err.strip().splitlines()) == 1


def test_a_half_written_run_is_one_line(command, run_dir, tmp_path):
    (tmp_path / "sweep.npz").write_bytes((run_dir / "sweep.npz").read_bytes())
    run = command("report", tmp_path)
    assert run.code == 2 and "the run was stopped, or still goes on" in run.err
    assert len(run.err.strip().splitlines()) == 1


@pytest.mark.training
def test_find_writes_what_report_makes_of_its_folder(command, files, tmp_path):
    page, out = tmp_path / "page.html", tmp_path / "run"
    typed = ["find", files.prices, "--steps", 60, "--out", out, "--report", page]
    run = command(*typed, "--json")
    assert run.code == 0 and run.json["files"]["page.html"] == str(page)
    assert command("report", out, "--quiet").out.strip() == str(out / "report.html")
    assert (out / "report.html").read_bytes() == page.read_bytes()
    assert f"lr_finder find {files.prices} --steps 60" in page.read_text("utf-8")
    # A new sweep in the folder leaves no page of the old one.
    assert command(*typed[:-2]).code == 0 and not (out / "report.html").exists()

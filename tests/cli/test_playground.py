"""`lr_finder playground`: the file, a person's own sweeps, and bad input."""

import json
import os
import re

import numpy as np
import pytest

from lr_finder.playground.readings import recorded_cases
from lr_finder.results.sweep import Curve, SweepResult

LRS = np.geomspace(1e-6, 1, 80)
LOSSES = 1 / (1 + LRS / 1e-3) + LRS**2
NASTY = "<script>alert(1)<_script>.csv"


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def data_of(path):
    text = re.search(r'id="data">(.*?)</script>', path.read_text("utf-8"), re.S)[1]
    return json.loads(text)


def write_table(path, lr="lr", loss="loss"):
    rows = [f"{a!r},{b!r}" for a, b in zip(LRS.tolist(), LOSSES.tolist(), strict=True)]
    path.write_text("\n".join([f"{lr},{loss}", *rows]))
    return path


def test_it_writes_the_page_and_says_where(command, place):
    run = command("playground", "--no-open")
    assert (run.code, run.out) == (
        0,
        "The playground is in lr_finder_playground.html\n",
    )
    assert data_of(place / "lr_finder_playground.html")["own"] == []


def test_without_a_browser_it_says_where_the_file_is(command, place):
    run = command("playground", "--out", "a.html")
    assert run.code == 0 and "a.html" in run.out
    assert "No browser could be opened: open the file in one yourself." in run.out


def test_a_browser_is_given_the_file(command, place, monkeypatch):
    import webbrowser

    class Browser:
        name, opened = "some", []

        def open(self, address):
            self.opened.append(address)
            return True

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "get", Browser)
    run = command("playground", "--out", "a b.html", "--json")
    assert run.json == {"files": {"a b.html": "a b.html"}, "opened": True}
    assert Browser.opened == [(place / "a b.html").as_uri()]


@pytest.mark.parametrize("name", ["w3m", "www-browser"])
def test_a_browser_in_the_terminal_is_not_used(command, monkeypatch, name):
    import webbrowser

    class Browser:
        def open(self, address):
            raise AssertionError(address)

    Browser.name = name
    monkeypatch.setenv("BROWSER", name)
    monkeypatch.setattr(webbrowser, "get", Browser)
    assert command("playground", "--json").json["opened"] is False


def test_own_sweeps_are_put_in_as_python_reads_them(command, place):
    result = SweepResult([Curve(LRS, LOSSES)], {"optimizer": "Adam"})
    (place / "run").mkdir()
    result.save(place / "run" / "sweep.npz")
    write_table(place / "curve.csv")
    files = ["run", "curve.csv", "curve.csv"]
    options = [part for file in files for part in ("--sweep", file)]
    run = command("playground", "--no-open", "--quiet", *options)
    assert (run.code, run.out) == (0, "lr_finder_playground.html\n")
    own = data_of(place / "lr_finder_playground.html")["own"]
    assert [case["name"] for case in own] == ["run", "curve.csv", "curve.csv (3)"]
    assert own[0]["lr"] == result.suggest().lr
    assert len(recorded_cases()) == len(
        data_of(place / "lr_finder_playground.html")["cases"]
    )


def test_html_in_the_names_of_file_and_column_stays_text(command, place):
    write_table(place / NASTY, lr="lr", loss="<script>alert(2)</script>")
    run = command("playground", "--no-open", "--sweep", NASTY)
    assert run.code == 2 and "`loss_column`" in run.err
    write_table(place / NASTY, lr="<img src=x onerror=alert(3)>", loss="loss")
    assert command("playground", "--no-open", "--sweep", NASTY).code == 2
    write_table(place / NASTY)
    assert command("playground", "--no-open", "--sweep", NASTY).code == 0
    page = (place / "lr_finder_playground.html").read_text("utf-8")
    assert "<script>alert(1)" not in page
    assert data_of(place / "lr_finder_playground.html")["own"][0]["name"] == NASTY


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--sweep", "none.npz"], "Received: none.npz, no such file. Check the path."),
        (["--sweep", "folder"], "Received: folder, a folder without one."),
        (["--sweep", "text.npz"], "must be a sweep saved by lr_finder (NPZ)"),
        (["--sweep", "text.csv"], "`lr_column`"),
        (["--sweep", "good.csv"] * 21, "at most 20 times. Received: 21 files."),
        (["--out", "folder"], "Received: the folder folder. Give folder/lr_finder_"),
        (["--out", "none/a.html"], "must lie in a folder that exists"),
    ],
)
def test_bad_input_is_one_line(command, place, arguments, message):
    (place / "folder").mkdir()
    (place / "text.npz").write_text("no sweep")
    (place / "text.csv").write_text("a,b\nx,y\nz,w\n")
    write_table(place / "good.csv")
    run = command("playground", "--no-open", *arguments)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("Error: ") and run.err.count("\n") == 1
    assert message in run.err
    assert not (place / "lr_finder_playground.html").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_folder_is_a_failure(command, place):
    (place / "locked").mkdir(mode=0o500)
    run = command("playground", "--no-open", "--out", "locked/a.html")
    assert run.code == 1 and run.err.startswith("Error: Cannot read or write")


def test_a_disk_error_is_a_failure_and_leaves_nothing(command, place, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "a.html")

    monkeypatch.setattr(os, "replace", full)
    run = command("playground", "--no-open", "--out", "a.html")
    assert run.code == 1 and "No space left on device" in run.err
    assert list(place.iterdir()) == []


def test_it_loads_no_keras():
    import subprocess
    import sys

    code = (
        "import sys\nfrom lr_finder.playground.built_page import build_page\n"
        "build_page()\nprint({'keras', 'tensorflow'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == "set()", run.stderr

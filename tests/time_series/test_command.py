"""`python -m time_series`: exit codes, one line for what is wrong, JSON for scripts."""

import inspect
import json
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from lr_finder.errors import LRFinderError, ModelError, SuggestionError
from time_series import command


def run(arguments, capsys):
    with pytest.raises(SystemExit) as exit_:
        command.main([str(each) for each in arguments])
    captured = capsys.readouterr()
    return exit_.value.code or 0, captured.out, captured.err


@pytest.fixture
def csv(tmp_path):
    rng = np.random.default_rng(0)
    days = np.arange("2024-01-01", "2024-10-27", dtype="datetime64[D]")
    values = 20 + 5 * np.sin(np.arange(len(days)) / 7) + rng.normal(size=len(days))
    path = tmp_path / "sales.csv"
    rows = [f"{day},{value:.4f},x" for day, value in zip(days, values, strict=True)]
    path.write_text("\n".join(["day,sold,town", *rows]))
    return path


@pytest.mark.training
@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_a_file_is_forecast(csv, capsys, tmp_path):
    out = tmp_path / "run"
    code, printed, _ = run(
        ["--csv", csv, "--target", "sold", "--window", 8, "--epochs", 2, "--model",
         "conv", "--num-epochs", 1, "--out", out, "--json"],
        capsys,
    )  # fmt: skip
    assert code == 0
    report = json.loads(printed)
    assert report["series"] == "sales.csv"
    assert report["settings"]["model"] == "conv"
    assert [row["epochs_run"] for row in report["arms"]] == [2, 2, 2]
    names = ["baseline", "stopping_plateau", "optimized"]
    assert [row["arm"] for row in report["arms"]] == names
    assert set(report["gains"]) == {"stopping", "rate", "both"}
    assert (report["season"], report["season_reason"]) == (7, "a week of days")
    assert list(report["references"]) == ["persistence", "seasonal_naive", "ridge"]
    kept = json.loads((out / "experiment.json").read_text())
    assert kept["arms"] == report["arms"]
    told = " ".join(command.forecast.__doc__.split())
    for path in out.iterdir():
        assert path.name in told, path.name


@pytest.mark.parametrize(
    "options, message",
    [
        ("--csv nowhere.csv", "does not exist"),
        ("--csv {csv} --target town", "must hold numbers"),
        ("--csv {csv} --target price", "'price' must be one of 'sold'."),
        ("--csv {csv} --limit 40", "21 points in each part"),
        ("--csv {csv} --season 1000", "--season 1000"),
        ("--csv {csv} --sep abc", "Option --sep must be one character"),
        ("--csv {csv} --sep abc", "Received: --sep abc."),
        ("--csv {csv} --encoding latin-99", "Option --encoding must be"),
        ("--csv {csv} --decimal x", "'--decimal'"),
        ("--sep ;", "--sep must come with --csv"),
        ("--target sold", "--target must come with --csv"),
        ("--repair", "--repair must come with --csv"),
        ("--window 0", "Received: --window 0"),
        ("--horizon 0", "--horizon 0"),
        ("--epochs 0", "--epochs 0"),
        ("--seed -1", "--seed -1"),
        ("--seed 4294967296", "from 0 to 4294967295"),
        ("--model tree", "one of dense, lstm, conv"),
        ("--epochs many", "--epochs"),
        ("--bogus", "No such option"),
        ("--out {csv}", "sales.csv is not a folder. Choose another with --out"),
    ],
)
def test_bad_input_is_one_line_and_code_2(options, message, csv, capsys):
    code, printed, error = run(options.format(csv=csv).split(), capsys)
    assert (code, printed) == (2, "")
    assert message in error
    assert error.startswith("Error: ") and error.count("\n") == 1


@pytest.mark.parametrize(
    "error, code, message",
    [
        (SuggestionError("no rate", reason="x", counts={}), 1, "no rate"),
        (LRFinderError("diverged"), 1, "diverged"),
        (ModelError("no model"), 2, "no model"),
        (OSError(28, "No space left", "a.png"), 1, "a.png: No space left"),
        (RuntimeError("deep\n  inside"), 1, "RuntimeError: deep inside (at "),
        (KeyboardInterrupt(), 130, "Stopped by Ctrl-C"),
    ],
)
def test_failures_are_one_line_too(error, code, message, monkeypatch, capsys):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(type(command.app), "__call__", fail)
    found, _, text = run([], capsys)
    assert found == code
    assert message in text and text.count("\n") == 1
    assert "Traceback" not in text


def test_with_json_nothing_else_is_printed_on_an_error_either(csv, capsys):
    code, printed, error = run(["--csv", csv, "--sep", "abc", "--json"], capsys)
    assert (code, printed) == (2, "") and error.startswith("Error: ")


def test_ctrl_c_ends_with_a_line_as_in_the_other_command(monkeypatch, capsys):
    """Typer catches it, and gives its exit code back."""
    monkeypatch.setattr(type(command.app), "__call__", lambda *_, **__: 130)
    code, printed, error = run([], capsys)
    assert (code, printed, error) == (130, "", "Error: Stopped by Ctrl-C.\n")


def test_debug_shows_the_traceback(monkeypatch, capsys):
    def fail(*_, **__):
        raise RuntimeError("deep")

    monkeypatch.setattr(type(command.app), "__call__", fail)
    assert "Traceback" in run(["--debug"], capsys)[2]


def test_the_module_runs_and_every_option_says_what_it_is():
    found = subprocess.run(
        [sys.executable, "-m", "time_series", "--help"],
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "80"},
    )
    assert found.returncode == 0 and "compare it with 1e-3" in found.stdout
    printed = [line.strip() for line in found.stdout.splitlines()]
    for paragraph in inspect.cleandoc(command.forecast.__doc__).split("\n\n"):
        filled = textwrap.wrap(paragraph, 78, break_on_hyphens=False)
        start = printed.index(filled[0])
        assert printed[start : start + len(filled)] == filled
    import typer.main

    for parameter in typer.main.get_command(command.app).params:
        assert getattr(parameter, "help", None), parameter.name


def test_options_of_the_file_are_those_of_the_other_command():
    """One definition: the same help, the same choices."""
    import typer.main

    from lr_finder.cli import app

    find = typer.main.get_command(app).commands["find"].params
    own = typer.main.get_command(command.app).params
    shared = {"encoding", "sep", "decimal"}
    told = [
        {p.name: (p.help, p.opts, p.metavar) for p in params if p.name in shared}
        for params in (find, own)
    ]
    assert set(told[0]) == shared and told[0] == told[1]

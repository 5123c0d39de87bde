"""The program as a whole: help, version, what is loaded, wrong usage."""

import subprocess
import sys

import pytest

from lr_finder._version import __version__

HEAVY = "tensorflow jax torch keras pandas scipy sklearn matplotlib numpy".split()


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["find", "--help"], ["suggest", "--help"], ["--version"]],
    ids=" ".join,
)
def test_help_and_version_load_nothing_heavy(arguments):
    code = (
        "import sys; from lr_finder.cli import main\n"
        f"try: main({arguments})\n"
        f"finally: print([name for name in {HEAVY} if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "[]"


def test_runs_as_a_module():
    run = subprocess.run(
        [sys.executable, "-m", "lr_finder", "--version"], capture_output=True, text=True
    )
    assert (run.returncode, run.stdout) == (0, f"lr_finder {__version__}\n")


def test_without_arguments_shows_the_commands(command):
    run = command()
    assert run.code == 0
    assert "find" in run.out
    assert "suggest" in run.out


def test_help_of_find_explains_every_option(command):
    text = command("find", "--help").out
    options = (
        "--kind --target --task --time-column --window --horizon --limit --data-dir "
        "--model --optimizer --loss --batch-size --start-lr --end-lr "
        "--steps --repeats --method --seed --out --json --train --quiet --debug"
    )
    for option in options.split():
        assert option in text
    for default in ("1e-07", "10.0", "200", "32"):
        assert f"[default: {default}]" in text
    for heading in ("Data", "Model", "Sweep", "Examples"):
        assert heading in text


def test_help_names_every_rule(command):
    from lr_finder.analysis.sweep.reading import DEFAULT_METHOD
    from lr_finder.analysis.sweep.rules import RULES

    text = " ".join(command("find", "--help").out.replace("│", " ").split())
    assert all(name in text for name in RULES)
    assert f"Default: {DEFAULT_METHOD}" in text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["fnd"], "Did you mean 'find'?"),
        (["find", "--stps", "5"], "--steps"),
        (["find", "--steps", "many"], "--steps"),
        (["find", "--task", "ranking"], "'classification', 'regression'"),
        (["find", "a.csv", "b.csv"], "b.csv"),
        (["suggest"], "FILE"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_one_line_and_code_2(command, arguments, text):
    run = command(*arguments)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("Error: ")
    assert run.err.count("\n") == 1
    assert text in run.err

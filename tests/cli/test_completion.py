"""What the command answers to a shell that completes a line."""

import os
import subprocess
import sys

import pytest
import typer.main

from lr_finder.cli import app

COMMANDS = typer.main.get_command(app).commands
SHELLS = ["bash", "zsh", "fish"]


def completed(line, shell="bash"):
    """What a shell is told of a line, by the variables that its script sets."""
    words = line.split(" ")
    told = {
        "_LR_FINDER_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1),
        "_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-m", "lr_finder"],
        env=os.environ | told, capture_output=True, text=True,
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


def test_every_command_is_offered():
    assert completed("lr_finder ").split() == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_offered(name):
    options = [o for each in COMMANDS[name].params for o in each.opts if o[:2] == "--"]
    assert len(options) > 3
    offered = set(completed(f"lr_finder {name} --").split())
    assert {*options, "--help"} <= offered


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_is_answered(shell):
    assert "suggest" in completed("lr_finder sug", shell)
    assert "--verify" in completed("lr_finder find --veri", shell)
    assert "tabular" in completed("lr_finder find --kind ta", shell)


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_its_script(shell, monkeypatch, command):
    monkeypatch.setenv("_LR_FINDER_COMPLETE", f"source_{shell}")
    ended = command()
    assert ended.code == 0
    assert f"complete_{shell}" in ended.out and "lr_finder" in ended.out


def test_what_is_no_choice_is_left_to_the_shell():
    """Which then offers files."""
    assert completed("lr_finder find pri").split() == []
    assert completed("lr_finder find --model my").split() == []

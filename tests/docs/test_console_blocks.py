"""The commands on the pages can be called as they are written."""

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from lr_finder.cli import app
from time_series.command import app as time_series

ROOT = Path(__file__).parents[2]
GENERATED = "reference/commands/"
COMMANDS = typer.main.get_command(app).commands
FORECAST = typer.main.get_command(time_series)


def commands_of(text):
    """What is typed after each `$` of the console blocks, without a comment."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.M | re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                words = shlex.split(line[2:], comments=True)
                while re.match(r"[A-Z_]+=", words[0]):
                    words.pop(0)
                yield words


def check(words):
    """Raise if a command cannot be called with these words."""
    if words[:3] == ["python", "-m", "time_series"]:
        FORECAST.make_context("time_series", words[3:])
    elif words[0] == "lr_finder" and words[1] == "--version":
        assert len(words) == 2
    elif words[0] == "lr_finder":
        COMMANDS[words[1]].make_context(words[1], words[2:])
    elif words[0] == "make":
        target = re.escape(words[1])
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.M), words
    elif words[:2] == ["pip", "install"]:
        check_install(words[2:])
    else:
        assert words == ["jupyter", "lab", "notebooks"], words
        assert (ROOT / "notebooks").is_dir()


def check_install(words):
    """Only this project is installed, with extras that it has."""
    extras = (ROOT / "setup.cfg").read_text().split("[options.extras_require]")[1]
    for word in words:
        named = re.fullmatch(r"\.(?:\[([\w,]+)\])?", word)
        assert named, word
        for extra in (named[1] or "").split(","):
            assert not extra or re.search(rf"^{extra} =", extras, re.M), word


def test_a_command_that_does_not_exist_is_found():
    with pytest.raises(Exception, match="(?i)no such option"):
        check(["lr_finder", "find", "--no-such-option"])
    with pytest.raises(KeyError):
        check(["lr_finder", "no_such_command"])


def test_every_console_block_can_be_called(documents, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    count = 0
    for name, text in documents.items():
        for words in commands_of(text):
            count += 1
            try:
                check(words)
            except Exception as error:
                pytest.fail(f"{name}: {shlex.join(words)}: {error}")
    assert count > 40


def test_every_option_named_exists(documents):
    known = {option for each in COMMANDS.values() for option in options_of(each)}
    known |= options_of(FORECAST) | {"--help", "--version"}
    for name, text in documents.items():
        for option in re.findall(r"`(--[a-z][a-z-]+)", text):
            assert option in known, f"{name}: {option}"
        for command, rest in re.findall(
            r"python (?:-m )?(benchmarks[\w./]+)([^`\n]*)", text
        ):
            source = source_of_benchmark(command)
            for option in re.findall(r"--([a-z-]+)", rest):
                place = f"{name}: {command} --{option}"
                assert re.search(rf"\b{option}\b", source), place


def source_of_benchmark(command):
    """What `python benchmarks/x.py` or `python -m benchmarks.x` runs."""
    place = ROOT / command.removesuffix(".py").replace(".", "/")
    main = place / "__main__.py" if place.is_dir() else place.with_suffix(".py")
    return main.read_text(encoding="utf-8")


def options_of(command):
    return {
        option
        for parameter in command.params
        for option in [*parameter.opts, *parameter.secondary_opts]
    }


def test_every_target_named_is_in_the_makefile(documents):
    for text in documents.values():
        for target in re.findall(r"`make ([a-z-]+)", text):
            check(["make", target])


def test_every_benchmark_named_is_there(documents):
    named = set()
    for text in documents.values():
        text = " ".join(text.split())
        for name in re.findall(r"python (benchmarks/[\w/]+\.py)", text):
            assert (ROOT / name).exists(), name
            named.add(name)
        for name in re.findall(r"python -m benchmarks\.(\w+)", text):
            places = (f"{name}/__main__.py", f"{name}.py")
            assert any((ROOT / "benchmarks" / place).exists() for place in places), name
    assert len(named) > 8

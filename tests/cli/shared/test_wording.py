"""What the library says of arguments, said of options by each command."""

import re

import pytest

from lr_finder.analysis.sweep.stopping import StopReason
from lr_finder.analysis.sweep.suggestion import suggest
from lr_finder.cli import app
from lr_finder.cli.shared.wording import (
    in_options,
    options_of,
    warnings_in_options,
    words_of,
)
from lr_finder.results.sweep import Curve, SweepResult

COMMANDS = ("find", "compare", "suggest")
OPTIONS = [
    (command, argument, option)
    for command in COMMANDS
    for argument, option in options_of(app, [command]).items()
]


@pytest.fixture
def in_find():
    with words_of(app, ["find", "a.csv"]):
        yield


@pytest.mark.parametrize(("command", "argument", "option"), OPTIONS)
def test_every_argument_that_is_an_option_is_called_so(command, argument, option):
    with words_of(app, [command]):
        told = in_options(
            f"Argument `{argument}` must be 3. Received: {argument}='a'. Change it or "
            f"lower `{argument}`, or give other argument `{argument}`."
        )
    assert told == (
        f"Option {option} must be 3. Received: {option} a. Change it or lower "
        f"{option}, or give other option {option}."
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_the_options_are_those_of_the_help(command):
    import typer.main

    parameters = typer.main.get_command(app).commands[command].params
    typed = {name for each in parameters for name in each.opts if name[:2] == "--"}
    assert typed == set(options_of(app, [command]).values()) - {"--help"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Received: end_lr=-1.5 and start_lr=1e-07.",
         "Received: --end-lr -1.5 and --start-lr 1e-07."),
        ("Received: target='unit price'.", "Received: --target 'unit price'."),
        ("Received: limit=None, seed=3.", "Received: no --limit, --seed 3."),
        ("Arguments `start_lr` and `end_lr` differ", "Options --start-lr and --end-lr "
         "differ"),
        ("a smaller `window_size`", "a smaller --window"),
        # What is no option, a call that is quoted, and columns stay as they are.
        ("Argument `p_values` must be", "Argument `p_values` must be"),
        ("call model.fit(batch_size=3)", "call model.fit(batch_size=3)"),
        ("columns seed, loss and 'limit'", "columns seed, loss and 'limit'"),
        ("--seed=3", "--seed=3"),
    ],
)  # fmt: skip
def test_words_of_a_message(text, told, in_find):
    assert in_options(text) == told


def test_in_python_arguments_stay_arguments():
    text = "Argument `end_lr` must be positive. Received: end_lr=-1."
    assert in_options(text) == text
    with words_of(app, ["--version"]):
        assert in_options(text) == text


def test_warnings_of_a_suggestion_name_options(in_find):
    lrs = [1e-5 * 1.1**i for i in range(60)]
    losses = [2 - i / 60 for i in range(60)]
    result = SweepResult([Curve(lrs, losses, StopReason.COMPLETED)])
    suggestion = suggest(result, method="drop")
    (warning,) = [each for each in suggestion.warnings if "end_lr" in each][:1]
    told = warnings_in_options(suggestion)
    assert any("raise --end-lr to" in each for each in told.warnings)
    assert "raise `end_lr` to" in warning  # what was given is not changed
    report = {"suggestion": {"warnings": [warning], "lr": 1.0}}
    assert "--end-lr" in warnings_in_options(report)["suggestion"]["warnings"][0]
    assert report["suggestion"]["warnings"] == [warning]


@pytest.mark.training
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("compare --lr fond", "Option --lr must"),
        ("compare --batch-size 5000", "Option --batch-size must"),
        ("compare --optimizers adm", "Option --optimizers must"),
        ("compare --loss sparse_categorical_crossentropy", "Option --loss must"),
        ("compare --cluster nowhere:1", "Option --cluster"),
        ("find --kind images", "Option --kind must"),
        ("find --loss binary_crossentropy", "Option --loss must"),
        ("find --kind series --target area --time-column area", "Option --target must"),
    ],
)
def test_the_command_says_what_was_typed(typed, words, command, files, tmp_path):
    name, *options = typed.split()
    run = command(name, files.prices, *options, "--out", tmp_path / "out", "--json")
    line = run.err.strip().splitlines()[-1]
    assert run.code in (1, 2) and words in line
    assert not re.search(r"[Aa]rgument `", line)
    assert words in run.json["error"]["message"]

"""The command that was typed, as a shell takes it again."""

import shlex

import numpy as np

from lr_finder.cli.shared.typed_command import command_line, facts_of, typed_command
from lr_finder.data.dataset import Dataset
from lr_finder.data.parts import ThreeParts


def test_it_can_be_typed_again():
    arguments = ["find", "it's $HOME.csv", "--sep", "\t"]
    with command_line("lr_finder", arguments):
        assert shlex.split(typed_command()) == ["lr_finder", *arguments]
    assert typed_command() is None


def test_facts_name_data_and_command():
    ones = np.ones((3, 1)), np.ones(3)
    dataset = Dataset(*ones, *ones, "regression")
    parts = ThreeParts(dataset, np.ones((4, 1)), np.ones(4), "mine")
    with command_line("lr_finder", ["tune", "mine.csv"]):
        facts = facts_of(parts)
    assert facts["source"] == "mine" and facts["data"].endswith(", 4 to test")
    assert facts["command"] == "lr_finder tune mine.csv"
    assert facts["notes"] is not dataset.notes  # a command may add its own

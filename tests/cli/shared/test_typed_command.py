"""The command that was typed, as a shell takes it again."""

import shlex

from lr_finder.cli.shared.typed_command import command_line, typed_command


def test_it_can_be_typed_again():
    arguments = ["find", "it's $HOME.csv", "--sep", "\t"]
    with command_line("lr_finder", arguments):
        assert shlex.split(typed_command()) == ["lr_finder", *arguments]
    assert typed_command() is None

"""The line of a person's own code that went wrong, found again where it was put."""

import json
import runpy

import pytest

from lr_finder._own_lines import own_line


def caught(function, *arguments):
    try:
        function(*arguments)
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize("line", [1, 4, 9])
def test_the_line_is_the_one_that_raised(tmp_path, monkeypatch, line):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "own.py"
    path.write_text("\n" * (line - 1) + "1 / 0\n")
    assert own_line(caught(runpy.run_path, str(path))) == f"own.py:{line}"


def test_the_deepest_own_line_counts_not_that_of_a_package(tmp_path):
    path = tmp_path / "own.py"
    path.write_text("import json\ndef f():\n    json.loads('[')\n\nf()\n")
    assert own_line(caught(runpy.run_path, str(path))) == f"{path}:3"


@pytest.mark.parametrize("source, line", [("def build(:\n", 1), ("x = 1\n y = 2\n", 2)])
def test_a_syntax_error_is_where_it_does_not_parse(tmp_path, source, line):
    path = tmp_path / "typo.py"
    path.write_text(source)
    assert own_line(caught(runpy.run_path, str(path))) == f"{path}:{line}"


def test_lines_that_tensorflow_writes_into_its_message_count(tmp_path):
    path = tmp_path / "layer.py"
    path.write_text("pass\n")
    error = ValueError(
        f'in user code:\n\n    File "{path}", line 12, in call  *\n        x / 0\n'
        '    File "/nowhere/__autograph_generated_file1.py", line 3, in f\n'
    )
    assert own_line(error) == f"{path}:12"


def test_nothing_of_ones_own_has_no_line():
    assert own_line(ValueError("never raised")) == ""
    error = caught(json.loads, "[")
    error.__traceback__ = error.__traceback__.tb_next  # without this test
    assert own_line(error) == ""

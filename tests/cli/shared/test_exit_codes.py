"""Every exception: one line, one exit code."""

import contextlib
import io
import json
import runpy

import pytest
import typer

from lr_finder._output import OutputFolder
from lr_finder.cli import find
from lr_finder.cli.shared.exit_codes import (
    exit_code,
    interrupts_named,
    one_line_errors,
    run_app,
)
from lr_finder.errors import InputError, LRFinderError, ModelError, SuggestionError

NO_RATE = SuggestionError("too few", reason="too_few_points", counts={"points": 3})

CASES = [
    pytest.param(InputError("no file"), 2, "no file", id="input"),
    pytest.param(ModelError("not compiled"), 2, "not compiled", id="model"),
    pytest.param(NO_RATE, 1, "too few", id="suggestion"),
    pytest.param(LRFinderError("went wrong"), 1, "went wrong", id="any of ours"),
    pytest.param(
        PermissionError(13, "Permission denied", "/out/sweep.npz"),
        1,
        "Cannot read or write /out/sweep.npz: Permission denied.",
        id="file",
    ),
    pytest.param(OSError("strange"), 1, "OSError: strange", id="file without name"),
    pytest.param(
        ZeroDivisionError("a\nb"),
        1,
        "(unexpected: run again with --debug for the traceback)",
        id="unexpected",
    ),
    pytest.param(typer.BadParameter("not a number"), 2, "not a number", id="usage"),
    pytest.param(KeyboardInterrupt(), 130, "Stopped by Ctrl-C", id="Ctrl-C"),
    pytest.param(typer.Abort(), 130, "Stopped by Ctrl-C", id="abort"),
]


def run(error, capsys, **options):
    with pytest.raises(SystemExit) as end, one_line_errors(**options):
        raise error
    return end.value.code, *capsys.readouterr()


@pytest.mark.parametrize(("error", "code", "text"), CASES)
def test_one_line_and_a_code(error, code, text, capsys):
    ended, out, err = run(error, capsys)
    assert ended == code == exit_code(error)
    assert out == ""
    assert err.startswith("Error: ")
    assert text in err
    assert err.count("\n") == 1


def test_debug_adds_the_traceback(capsys):
    _, _, err = run(InputError("no file"), capsys, debug=True)
    assert err.startswith("Traceback")
    assert err.endswith("Error: no file\n")


def test_json_adds_an_object_on_stdout(capsys):
    _, out, err = run(NO_RATE, capsys, as_json=True)
    assert json.loads(out) == {
        "error": {
            "type": "SuggestionError",
            "message": "too few",
            "reason": "too_few_points",
            "counts": {"points": 3},
        }
    }
    assert err == "Error: too few\n"


def test_long_messages_are_cut(capsys):
    _, _, err = run(RuntimeError("word " * 1000), capsys)
    assert len(err) < 800
    assert "[...]" in err


def test_nothing_happens_without_an_error(capsys):
    with one_line_errors():
        pass
    assert capsys.readouterr() == ("", "")


def test_ctrl_c_within_a_command(command, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(find, "check_source", interrupt)
    run = command("find")
    assert (run.code, run.out) == (130, "")
    assert run.err == "Error: Stopped by Ctrl-C.\n"


def test_ctrl_c_names_the_folder_once_it_holds_files(tmp_path, capsys):
    output = OutputFolder(tmp_path / "out")
    output.write_json("a.json", {})
    with pytest.raises(SystemExit) as end, one_line_errors(), interrupts_named(output):
        raise KeyboardInterrupt
    assert end.value.code == 130
    assert f"complete files in {tmp_path / 'out'} are kept" in capsys.readouterr().err


def test_ctrl_c_says_if_the_files_are_too_few_for_the_report(tmp_path, capsys):
    output, page = OutputFolder(tmp_path / "out"), tmp_path / "page.html"
    output.write_json("a.json", {})
    with (
        pytest.raises(SystemExit) as end, one_line_errors(),
        interrupts_named(output, page),
    ):  # fmt: skip
        raise KeyboardInterrupt
    assert end.value.code == 130 and not page.exists()
    told = capsys.readouterr().err
    assert told.endswith("are kept, and there is no page.html, for which they are too "
                         "few.\n")  # fmt: skip


def test_usage_errors_carry_no_preamble(command):
    run = command("find", "--task", "foo")
    assert run.code == 2
    assert run.err == (
        "Error: Invalid value for '--task': 'foo' is not one of 'classification', "
        "'regression'. (see --help)\n"
    )


def test_end_of_a_file_is_not_ctrl_c(command, monkeypatch):
    def end(*_):
        raise EOFError("no more data")

    monkeypatch.setattr(find, "check_source", end)
    run = command("find")
    assert run.code == 1
    assert "Error: EOFError: no more data (at " in run.err


def test_an_unexpected_error_names_the_line_of_a_persons_code(tmp_path, capsys):
    path = tmp_path / "own.py"
    path.write_text("def call():\n    raise TypeError('a\\nb')\n")
    call = runpy.run_path(str(path))["call"]
    with pytest.raises(SystemExit), one_line_errors():
        call()
    assert f"Error: TypeError: a b (at {path}:2) (unexpected" in capsys.readouterr().err


def test_unexpected_error_within_a_command(command, monkeypatch):
    monkeypatch.setattr(find, "check_source", lambda *_: 1 / 0)
    run = command("find")
    assert run.code == 1
    assert run.err.startswith("Error: ZeroDivisionError: division by zero (")
    assert "(unexpected: run again with --debug" in run.err
    debugged = command("find", "--debug")
    assert "Traceback" in debugged.err


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["0"], 0, ""),
        (["--width", "2", "0"], 2, "Option --width must be below 1. Received: 2."),
        (["many"], 2, "Invalid value for 'code'"),
        (["130"], 130, "Stopped by Ctrl-C."),
    ],
)
def test_any_app_ends_with_a_line_and_a_code_in_its_own_words(arguments, code, line):
    app = typer.Typer()

    @app.command()
    def end_with(code: int, width: int = 0):
        if width:
            raise InputError("Argument `width` must be below 1. Received: 2.")
        return code

    for as_json in (False, True):
        error, out = io.StringIO(), io.StringIO()
        with (
            contextlib.redirect_stderr(error),
            contextlib.redirect_stdout(out),
            pytest.raises(SystemExit) as end,
        ):
            run_app(app, arguments, "program", as_json=as_json)
        assert end.value.code == code
        assert line in error.getvalue() and error.getvalue().count("\n") == bool(line)
        told = json.loads(out.getvalue())["error"]["message"] if out.getvalue() else ""
        assert bool(told) == (as_json and bool(line)) and (told in error.getvalue())

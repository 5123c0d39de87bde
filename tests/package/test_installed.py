"""The wheel alone, in an environment that has nothing but what it asks for."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lr_finder._version import __version__

from .conftest import ROOT, environment

# An environment of two gigabytes is made first.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

MISSING = "pyarrow jax torch ray".split()
EXTRAS = [  # of the command: (variables, arguments, the extra that is missing)
    ({}, ["lr_finder", "find", "table.parquet"], "parquet"),
    ({"KERAS_BACKEND": "jax"}, ["lr_finder", "find"], "jax"),
    ({"KERAS_BACKEND": "torch"}, ["lr_finder", "find"], "torch"),
    ({"KERAS_BACKEND": "jax"}, ["lr_finder", "compare"], "jax"),
    ({"KERAS_BACKEND": "jax"}, ["python", "-m", "time_series"], "jax"),
    ({}, ["lr_finder", "compare", "--cluster", "local"], "cluster"),
]


@pytest.fixture(scope="module")
def folder(built, tmp_path_factory):
    """The folder of a fresh environment, with the wheel installed by pip."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pins = ROOT / "requirements.txt"  # of newer versions nothing is known
    run = subprocess.run(
        [folder / "bin/python", "-m", "pip", "install", "--quiet",
         "--constraint", pins, built.wheel],
        env=environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def run(folder, tmp_path):
    """Runs a program of the environment, far from the repository."""

    def run(*arguments, **variables):
        path = environment()["PATH"]
        return subprocess.run(
            [folder / "bin" / arguments[0], *arguments[1:]],
            cwd=tmp_path, capture_output=True, text=True,
            env=environment(
                PATH=f"{folder}/bin:{path}", HOME=str(tmp_path), **variables
            ),
        )  # fmt: skip

    return run


def test_the_packages_are_those_of_the_wheel_and_no_extra_is_there(folder, run):
    code = "import lr_finder, time_series; print(lr_finder.__file__)"
    assert Path(run("python", "-c", code).stdout).is_relative_to(folder)
    code = f"from importlib.util import find_spec; print([*map(find_spec, {MISSING})])"
    assert run("python", "-c", code).stdout == f"{[None] * len(MISSING)}\n"


def test_version_and_help(run):
    ended = run("lr_finder", "--version")
    assert (ended.returncode, ended.stdout) == (0, f"lr_finder {__version__}\n")
    ended = run("lr_finder", "--help")
    assert ended.returncode == 0
    assert all(name in ended.stdout for name in ("find", "compare", "suggest"))


def test_find_answers_for_the_built_in_series(run, tmp_path):
    ended = run("lr_finder", "find", "--out", "answer", "--json")
    assert ended.returncode == 0, ended.stderr
    suggestion = json.loads(ended.stdout)["suggestion"]
    assert 1e-4 < suggestion["low"] <= suggestion["lr"] <= suggestion["high"] < 1e-1
    written = {path.name for path in tmp_path.glob("answer/*")}
    assert written == {"sweep.npz", "sweep.csv", "sweep.png", "suggestion.json"}


def test_every_public_name_loads(run):
    """Nothing is imported that the wheel does not ask for."""
    code = (
        "import lr_finder, lr_finder.data, time_series\n"
        "for package in (lr_finder, lr_finder.data, time_series):\n"
        "    for name in package.__all__: getattr(package, name)"
    )
    ended = run("python", "-c", code)
    assert ended.returncode == 0, ended.stderr


def test_a_shell_completes_after_install_completion(run, tmp_path):
    # Bash is asked to run it, so that it is the shell found; more follows, so that it
    # is not replaced by the command.
    bash = shutil.which("bash")
    ended = run(bash, "--norc", "-c", "lr_finder --install-completion; exit $?")
    assert ended.returncode == 0, ended.stderr
    assert ".bash_completions/lr_finder.sh" in (tmp_path / ".bashrc").read_text()
    line = (
        "source ~/.bashrc; COMP_WORDS=({}); COMP_CWORD={}; "
        'COMPREPLY=(); _lr_finder_completion lr_finder; echo "${{COMPREPLY[*]}}"'
    )
    ended = run(bash, "--norc", "-c", line.format("lr_finder fi", 1))
    assert ended.stdout == "find\n"
    ended = run(bash, "--norc", "-c", line.format("lr_finder find --veri", 2))
    assert ended.stdout == "--verify\n"


@pytest.mark.parametrize(
    ("variables", "arguments", "extra"), EXTRAS, ids=lambda value: str(value)
)
def test_a_missing_extra_is_one_line_that_says_how_to_install_it(
    variables, arguments, extra, run, tmp_path
):
    (tmp_path / "table.parquet").write_bytes(b"PAR1")
    ended = run(*arguments, **variables)
    assert ended.returncode in (1, 2)
    assert ended.stdout == ""
    assert ended.stderr.startswith("Error: ") and ended.stderr.count("\n") == 1
    assert f'pip install "lr_finder[{extra}]"' in ended.stderr
    assert "unexpected" not in ended.stderr

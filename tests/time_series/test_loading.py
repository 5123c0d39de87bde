"""Loading is quiet, and what goes wrong is shown."""

import os
import subprocess
import sys

import pytest

from time_series.loading import stderr_held_back


def test_what_is_written_to_the_descriptor_is_dropped(capfd):
    with stderr_held_back():
        os.write(2, b"news of no interest\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_where_loading_fails_it_is_shown(capfd):
    with pytest.raises(ImportError), stderr_held_back():
        os.write(2, b"no such library\n")
        raise ImportError
    assert capfd.readouterr().err == "no such library\n"


@pytest.mark.slow
@pytest.mark.training
def test_tensorflow_loads_without_a_word():
    code = "from time_series.loading import load_keras; load_keras()"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")

"""The model of a comparison's time: found again if it is known."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.scaling import RUNS, clocks, far_time, fitted, show, waves

START, RUN = 6.0, 2.5  # s
PLACES = [(n, w) for w in (1, 2, 4) for n in {w, RUNS}]


@pytest.fixture
def rows():
    """Rounds whose rows are as the model has them, on a machine half as fast."""
    runs, workers = np.array(PLACES).T
    own = START + RUN * waves(runs, workers)
    return pd.concat(
        pd.DataFrame({
            "round": number, "engine": "processes", "runs": runs, "workers": workers,
            "wall": 2 * own, "own": own, "processors": 2,
        })
        for number in range(2)
    )  # fmt: skip


def test_workers_share_the_runs():
    assert waves([8, 8, 8, 1], [1, 3, 8, 4]).tolist() == [8, 3, 1, 1]
    assert far_time(START, RUN, 8, 1) == START + 8 * RUN
    assert far_time(START, RUN, 8, 3) == START + 3 * RUN  # 3, 3 and 2 runs


def test_known_parts_are_found_again():
    runs, workers = np.array(PLACES).T
    seconds = START + RUN * waves(runs, workers)
    np.testing.assert_allclose(fitted(runs, workers, seconds), [START, RUN])


def test_no_part_is_below_zero():
    runs, workers = np.array(PLACES).T
    assert (fitted(runs, workers, 1.0 / runs) >= 0).all()


def test_what_is_printed_has_the_parts_and_no_residual(rows, capsys):
    show(rows)
    told = capsys.readouterr().out
    assert "start 6.0 s, run 2.5 s; residuals 0 %" in told
    # 200 runs of one start: 201 starts by one worker, 1 + ceil(200 / 64) by 64.
    assert f"{201 / 5:.1f} times as fast at {64 / (201 / 5):.2f} times the cost" in told


def test_the_second_clock_goes_no_faster_than_that_on_the_wall():
    with clocks() as read:
        (wall, own), later = read(), read()
    assert 0 <= later[1] - own <= later[0] - wall + 0.05  # its ticks are 0.01 s

"""The model of a comparison's time: found again where it is known."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.scaling import far_time, fitted, ratios_of, show, terms

KNOWN = np.array([0.1, 0.2, 0.05])  # fixed, load, run
PLACES = [(n, w) for w in (1, 2, 4) for n in (w, 8)]


@pytest.fixture
def rows():
    """Two rounds, of which the machine makes the second at half the speed."""
    runs, workers = np.array(PLACES).T
    seconds = 100 * terms(runs, workers, 2) @ KNOWN
    return pd.concat(
        pd.DataFrame({
            "round": number, "engine": "processes", "runs": runs, "workers": workers,
            "seconds": speed * seconds, "processors": 2,
        })
        for number, speed in enumerate((1.0, 2.0))
    )  # fmt: skip


def test_four_workers_on_two_processors_load_twice_and_run_two_at_a_time():
    assert terms([8], [4], 2).tolist() == [[1, 2, 4]]
    assert terms([8], [1], 2).tolist() == [[1, 1, 8]]


def test_the_load_of_the_machine_cancels_out(rows):
    ratios = ratios_of(rows)
    first, second = (of_one["ratio"] for _, of_one in ratios.groupby("round"))
    np.testing.assert_allclose(first, second)
    assert ratios.query("runs == 8 and workers == 1")["ratio"].tolist() == [1, 1]


def test_a_round_without_its_reference_is_left_out(rows):
    broken = rows[~((rows["round"] == 1) & (rows["runs"] == 8))]
    assert set(ratios_of(broken)["round"]) == {0}


def test_known_parts_are_found_again():
    runs, workers = np.array(PLACES).T
    found = fitted(runs, workers, 2, terms(runs, workers, 2) @ KNOWN)
    np.testing.assert_allclose(found, KNOWN)


def test_no_part_is_below_zero():
    runs, workers = np.array(PLACES).T
    assert (fitted(runs, workers, 2, 1.0 / runs) >= 0).all()


def test_workers_of_their_own_processors_share_the_runs():
    assert far_time(KNOWN, 8, 1) == pytest.approx(0.3 + 8 * 0.05)
    assert far_time(KNOWN, 8, 3) == pytest.approx(0.3 + 3 * 0.05)  # 3, 3 and 2 runs


def test_what_is_printed_has_the_parts_and_no_residual(rows, capsys):
    show(rows)
    told = capsys.readouterr().out
    scale = KNOWN[0] + KNOWN[1] + 8 * KNOWN[2]  # of the reference
    fixed, load, run = KNOWN / scale
    assert f"fixed {fixed:.3f}, load {load:.3f}, run {run:.3f}; residuals: 0 %" in told

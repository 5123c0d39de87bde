"""What the benchmark of forecasts measures, on trainings whose losses are given."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import forecasting


def row(arm, seed, losses, watched, mse=1.0):
    return {
        "arm": arm, "seed": seed, "learning_rate": 1e-3, "epochs_run": len(losses),
        "seconds": 2.0, "search_seconds": 1.0 if arm == "optimized" else 0.0,
        "validation_mse": mse, "losses": losses, "watched_losses": watched,
    }  # fmt: skip


@pytest.fixture
def rows():
    return pd.DataFrame(
        [
            row("optimized", 1, [4.0, 3.5], [3.0, 2.0], mse=1.5),
            row("baseline", 0, [4.0, 3.0, 1.0], [4.0, 3.0, 5.0], mse=2.0),
            row("baseline", 1, [4.0, 3.0, 3.0], [4.0, 3.0, 3.0], mse=2.5),
            row("optimized", 0, [2.0, 2.0], [5.0, 4.0], mse=1.0),
        ]
    )


def test_the_target_is_the_mean_last_loss_of_the_baseline(rows):
    found = forecasting.measured(rows, epochs=3)
    # of training losses (1 + 3) / 2 = 2, of those watched (5 + 3) / 2 = 4
    by_arm = {
        arm: [forecasting.values(found, arm, name).tolist() for name in
              ("epochs to the target, training loss",
               "epochs to the target, watched loss")]
        for arm in ("baseline", "optimized")
    }  # fmt: skip
    assert by_arm == {"baseline": [[3, 3], [1, 1]], "optimized": [[1, 3], [2, 1]]}
    reached = found["reached, training loss"].tolist()
    assert reached == [False, True, False, True]


def test_values_are_paired_by_seed(rows):
    found = forecasting.measured(rows, epochs=3)
    assert forecasting.values(found, "optimized", "validation MSE").tolist() == [1, 1.5]
    seconds = forecasting.values(found, "optimized", "seconds with the search")
    assert seconds.tolist() == [3, 3]
    late = forecasting.values(found, "optimized", "late variance, training loss")
    np.testing.assert_allclose(late, [0.0, 0.0625])


def test_a_table_tells_each_claim(rows):
    table = forecasting.against_claims(forecasting.measured(rows, epochs=3))
    assert list(table.columns[0].cells) == list(forecasting.CLAIMS)
    relative = list(table.columns[4].cells)
    assert relative[0] == "-44.4 %"  # from 2.25 to 1.25
    assert set(table.columns[5].cells) == {"2 seeds cannot tell; run at least 3"}


def test_epochs_are_counts_whose_equal_differences_are_no_certainty(rows):
    more = [row("baseline", 2, [4.0, 3.0, 3.0], [4.0, 3.0, 3.0]),
            row("optimized", 2, [4.0, 3.0], [4.0, 3.0])]  # fmt: skip
    rows = pd.concat([rows, pd.DataFrame(more)], ignore_index=True)
    table = forecasting.against_claims(forecasting.measured(rows, epochs=3))
    cells = dict(zip(forecasting.CLAIMS, table.columns[5].cells, strict=True))
    # One epoch less with each of three seeds: t = sqrt(18), p = 1 - sqrt(18 / 20)
    assert cells["epochs run"] == "0.051"
    assert cells["seconds of training"] == "1"  # equal throughout


@pytest.mark.parametrize("name", ["built_in_dense", "opsd_germany_daily_dense"])
def test_the_stored_rows_are_whole(name):
    rows, about = forecasting.stored(name)
    assert len(rows) == 10 * len(forecasting.ARMS)
    assert not rows.duplicated(["arm", "seed"]).any()
    table = forecasting.all_arms(rows, about["references"], about["noise_variance"])
    assert table.row_count == len(forecasting.ARMS) + len(about["references"])

"""The stored figures of the benchmark, against its rows."""

from pathlib import Path

import pytest

from lr_finder.analysis.tuning.measured import (
    PAID,
    REGRET,
    REPLAYS,
    TASKS,
    measured_sentence,
)


def test_the_figures_are_those_of_the_stored_replays():
    pd = pytest.importorskip("pandas")
    rows = pd.read_csv(Path(__file__).parents[3] / "benchmarks/tuning/replays.csv")
    assert rows["task"].nunique() == TASKS
    columns = [f"after_{paid}" for paid in PAID]
    for method, stored in REGRET.items():
        own = rows.loc[rows["method"] == method, columns]
        assert len(own) == TASKS * REPLAYS
        assert tuple((100 * own.mean()).round(1)) == stored, method


def test_the_sentence_takes_the_amount_that_was_paid():
    assert "2 trainings" in measured_sentence(["random"], 4.9)
    assert "20 trainings" in measured_sentence(["random"], 500)
    assert measured_sentence(["hyperband"], 20) is None

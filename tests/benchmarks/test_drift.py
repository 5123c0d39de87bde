"""The stored rows of the drift benchmark: whole, and as good as the bars ask."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.drift.policies import (
    FILE,
    SEEDS,
    STREAMS,
    policies,
    policies_table,
    stored_report,
)
from benchmarks.drift.processes import (
    AFTER,
    BEFORE,
    COEFFICIENTS,
    PROCESSES,
    errors_of,
    extend,
    monitors_table,
)
from benchmarks.drift.report import lines


@pytest.mark.parametrize("process", PROCESSES)
def test_the_default_monitor_meets_the_bars(process):
    """At most 1 false alarm in 5,000, 90 % of doublings found within a tenth."""
    rows = monitors_table(process).set_index("monitor").loc["default"]
    assert sorted(rows["coefficient"]) == list(COEFFICIENTS)
    assert (rows["false_alarms"] <= 1).all() and (rows["in_time_2.0"] >= 0.9).all()


def test_raw_detectors_give_false_alarms_on_correlated_errors():
    rows = monitors_table("absolute").set_index(["monitor", "coefficient"])
    found = rows["false_alarms"]
    assert found["adwin", 0.0] < 0.5 and 7 < found["adwin", 0.9] < 15
    for coefficient, expected in zip(COEFFICIENTS, (7, 11, 37), strict=True):
        assert found["kswin", coefficient] == pytest.approx(expected, rel=0.2)


def test_the_errors_double_where_the_drift_starts():
    for process in PROCESSES:
        before, after, start = errors_of(process, 0.0, 3, factor=2.0)
        assert (len(before), len(after)) == (BEFORE, AFTER)
        ratio = after[start:].mean() / after[:start].mean()
        assert ratio == pytest.approx(2, rel=0.1)


def test_nothing_stored_is_made_anew():
    assert list(extend()) == []


def test_each_policy_was_simulated_on_each_stream():
    table = policies_table()
    labels = [one.label for one in policies()]
    assert set(table.index) == {(s, p) for s in STREAMS for p in labels}
    assert (table["n"] == len(SEEDS)).all()
    assert (table.xs("never", level="policy")["paid"] == 0).all()


def test_the_spread_is_that_of_the_seeds():
    rows = [pd.DataFrame(row["summary"]).set_index("policy")["error"]
            for row in _stored() if row["stream"] == "bikes"]  # fmt: skip
    told = policies_table().loc["bikes"]
    np.testing.assert_allclose(told["error"], pd.concat(rows, axis=1).mean(axis=1))
    np.testing.assert_allclose(told["error_sd"], pd.concat(rows, axis=1).std(axis=1))


def test_the_report_has_a_line_for_each_row():
    text = "\n".join(lines())
    assert text.count("default") == 9 and text.count("from scratch, rate found") == 6


def test_a_stored_report_says_what_its_row_says():
    row = next(row for row in _stored() if row["stream"] == "census")
    report = stored_report("census", row["seed"], tuple(row["alarms"]))
    assert str(report).split(":")[0] == row["sentences"][0].split(":")[0]
    told = report.summary().set_index("policy")
    for each in row["summary"]:
        assert told["trainings"][each["policy"]] == each["trainings"]
        assert told["error"][each["policy"]] == pytest.approx(each["error"], rel=1e-9)


def _stored():
    from lr_finder.experiments.journal import read_rows

    return read_rows(FILE)

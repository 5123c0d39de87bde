"""From outputs to predictions and scores, by hand-made outputs."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, mean_absolute_error, r2_score

from lr_finder.cli.shared.predictions import prediction_table, score, unknown_classes
from lr_finder.data.new_rows import NewRows
from lr_finder.data.saved_preprocessing import Preprocessing, SeriesSteps, Target
from lr_finder.errors import ModelError

RENT = Target("rent", "regression", (), 100.0, 10.0)
SPAM = Target("label", "classification", ("ham", "spam"), 0.0, 1.0)
GRADE = Target("grade", "classification", (1, 2, 3), 0.0, 1.0)


def table(output, target, answers=None, *, is_logit=False):
    steps = SeriesSteps(None, None, 1, 1)  # not looked at for rows of a table
    answers = None if answers is None else pd.Series(answers)
    rows = NewRows(np.zeros((len(output), 1)), answers)
    preprocessing = Preprocessing("tabular", target, steps)
    return prediction_table(np.array(output), preprocessing, rows, is_logit=is_logit)


def test_numbers_are_in_the_unit_of_the_target():
    frame = table([[0.0], [-1.0], [2.5]], RENT, [100.0, np.nan, 130.0])
    assert frame["row"].tolist() == [1, 2, 3]
    assert frame["prediction"].tolist() == [100.0, 90.0, 125.0]
    assert score(frame, RENT)["rows"] == 2


@pytest.mark.parametrize(
    ("output", "is_logit"),
    [([[0.9], [0.2]], False), ([[0.1, 0.9], [0.8, 0.2]], False),
     ([[2.197225], [-1.386294]], True), ([[0, 2.197225], [1.386294, 0]], True)],
)  # fmt: skip
def test_two_classes_from_one_output_or_two(output, is_logit):
    frame = table(output, SPAM, is_logit=is_logit)
    assert frame["prediction"].tolist() == ["spam", "ham"]
    np.testing.assert_allclose(frame["probability"], [0.9, 0.8], rtol=1e-6)
    assert "actual" not in frame


def test_the_likeliest_of_three_classes():
    frame = table([[0.1, 0.2, 0.7], [0.6, 0.3, 0.1]], GRADE, [3, 9])
    assert frame["prediction"].tolist() == [3, 1]
    assert score(frame, GRADE) == {"rows": 2, "accuracy": 0.5}
    (note,) = unknown_classes(frame, GRADE)
    assert "1 row of classes not trained on (9)" in note


def test_scores_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    answers, output = rng.normal(100, 10, 50), rng.normal(size=(50, 1))
    frame = table(output, RENT, answers)
    found = score(frame, RENT)
    predicted = 100 + 10 * output[:, 0]
    assert found["mean_absolute_error"] == pytest.approx(
        mean_absolute_error(answers, predicted)
    )
    assert found["r2"] == pytest.approx(r2_score(answers, predicted))
    labels = rng.choice(["ham", "spam"], 50)
    frame = table(rng.random((50, 1)), SPAM, labels)
    assert score(frame, SPAM)["accuracy"] == accuracy_score(labels, frame["prediction"])


def test_a_single_answer_has_no_r2_and_none_no_score():
    assert score(table([[0.0]], RENT, [101.0]), RENT)["r2"] is None
    assert score(table([[0.0]], RENT, [np.nan]), RENT) is None
    assert score(table([[0.0]], RENT), RENT) is None
    assert unknown_classes(table([[0.0]], RENT), RENT) == ()


@pytest.mark.parametrize(
    ("times", "written"),
    [
        (pd.DatetimeIndex(["2024-02-01", "2024-02-02"]), ["2024-02-01", "2024-02-02"]),
        (pd.DatetimeIndex(["2024-02-01 01:00", "2024-02-01 02:00"], tz="UTC"),
         ["2024-02-01 01:00:00", "2024-02-01 02:00:00"]),
        (pd.Index([1887.0, 1888.0]), [1887, 1888]),
        (pd.Index([0.5, 1.0]), [0.5, 1]),
    ],
)  # fmt: skip
def test_points_of_a_series_have_their_times(times, written):
    preprocessing = Preprocessing("series", RENT, SeriesSteps("t", None, 3, 2))
    rows = NewRows(np.zeros((1, 3)), times=times)
    output = np.array([[1.0, 2.0]])
    frame = prediction_table(output, preprocessing, rows, is_logit=False)
    assert frame["time"].tolist() == written
    assert frame["prediction"].tolist() == [110.0, 120.0]


def test_outputs_of_another_target_are_refused():
    for target in (RENT, GRADE):
        with pytest.raises(ModelError, match="outputs for"):
            table([[0.1, 0.9]], target)

"""A study as a value: whole through a file, whatever its texts are."""

import json

import numpy as np
import pandas as pd
import pytest

from lr_finder.errors import InputError
from lr_finder.results.stability.result import StabilityResult

from ...conftest import make_study_frames


@pytest.fixture(scope="module")
def study():
    return StabilityResult(*make_study_frames(), "digits", {"keras": "3.15"})


def test_it_is_read_as_it_was_saved(study, tmp_path):
    again = StabilityResult.load(study.save(tmp_path / "study.json"))
    pd.testing.assert_frame_equal(again.runs, study.runs, check_like=True)
    pd.testing.assert_frame_equal(again.epochs, study.epochs)
    assert (again.name, again.about) == (study.name, study.about)
    assert again.sentences() == study.sentences()


def test_texts_and_missing_numbers_outlive_the_file(study, tmp_path):
    runs = study.runs.assign(
        model="NA", message='a, "b"\nc', curvature=np.nan, rate="found", key="001"
    )
    made = StabilityResult(runs, study.epochs.assign(key="001"))
    again = StabilityResult.load(made.save(tmp_path / "study.json"))
    pd.testing.assert_frame_equal(again.runs, runs, check_like=True)


def test_a_file_of_something_else_is_refused(study, tmp_path):
    path = tmp_path / "other.json"
    with pytest.raises(InputError, match="StabilityResult.save"):
        StabilityResult.load(path)
    for text in ("[]", "{}", "no json", '{"format": 1, "runs": 3}'):
        path.write_text(text)
        with pytest.raises(InputError, match="StabilityResult.save"):
            StabilityResult.load(path)
    path.write_text(json.dumps({"format": 99}))
    with pytest.raises(InputError, match="newer"):
        StabilityResult.load(path)


def test_its_dict_is_json_and_holds_the_tables(study):
    told = json.loads(json.dumps(study.to_dict(), allow_nan=False))
    assert len(told["shares"]) == len(study.shares()) == 8
    assert [row["variant"] for row in told["limits"]] == ["shallow", "deep"]
    assert told["runs"] == 40 and told["failures"] == []
    assert told["shares"][3]["loss"] is None  # every run diverged


def test_it_is_tidy(study):
    frame = study.to_frame()
    assert len(frame) == 80 and set(frame["epoch"]) == {1, 2}
    assert frame.groupby("key")["outcome"].nunique().eq(1).all()


def test_the_summary_shows_counts_and_no_empty_column(study):
    shown = study.summary()
    assert list(shown.columns) == [
        "variant", "rate", "converged", "stuck", "diverged", "final loss"
    ]  # fmt: skip
    assert shown.iloc[0].tolist()[:5] == ["shallow", "1e-2", "5", "", ""]
    assert repr(study) == "<StabilityResult of 40 runs of 2 variants>"

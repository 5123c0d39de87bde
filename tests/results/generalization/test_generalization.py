"""A study as a value: whole through a file, its views, what it refuses."""

import json

import numpy as np
import pandas as pd
import pytest

from lr_finder.errors import InputError
from lr_finder.results.generalization.generalization import GeneralizationResult

from ...conftest import make_gap_frames


@pytest.fixture(scope="module")
def study():
    return GeneralizationResult(*make_gap_frames(), "digits", {"keras": "3.15"})


def test_it_is_read_as_it_was_saved(study, tmp_path):
    again = GeneralizationResult.load(study.save(tmp_path / "study.json"))
    pd.testing.assert_frame_equal(again.runs, study.runs, check_like=True)
    pd.testing.assert_frame_equal(again.epochs, study.epochs)
    assert (again.name, again.about) == (study.name, study.about)
    assert again.sentences() == study.sentences()


def test_a_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "other.json"
    for text in ("[]", "{}", "no json"):
        path.write_text(text)
        with pytest.raises(InputError, match="GeneralizationResult.save"):
            GeneralizationResult.load(path)


def test_the_common_loss_is_what_half_of_the_runs_reach(study):
    lowest = study.epochs.groupby("key")["train_loss"].min()
    assert study.common_loss == 0.25
    assert (lowest <= study.common_loss).mean() >= 0.5
    lost = study.runs.assign(test_loss=np.nan)
    assert np.isnan(GeneralizationResult(lost, study.epochs).common_loss)


def test_gaps_at_a_loss_and_at_the_end_have_the_same_columns(study):
    assert list(study.gaps()) == list(study.gaps(0.75))
    assert study.gaps()["epoch"].eq(3).all() and study.gaps(0.75)["epoch"].eq(1.5).all()


def test_a_level_that_is_no_number_is_refused(study):
    for level in ("low", np.nan, True):
        with pytest.raises(InputError, match="at_loss"):
            study.gaps(level)
        with pytest.raises(InputError, match="at_loss"):
            study.optimizers(level)


def test_its_dict_is_json_and_holds_the_tables(study):
    told = json.loads(json.dumps(study.to_dict(), allow_nan=False))
    assert len(told["gaps"]) == 6 and len(told["best"]) == 2
    assert told["common_loss"] == 0.25 and told["runs"] == 18
    lost = GeneralizationResult(study.runs.assign(test_loss=np.nan), study.epochs)
    told = json.loads(json.dumps(lost.to_dict(), allow_nan=False))
    assert told["common_loss"] is None and told["optimizers"] == []


def test_it_is_tidy(study):
    frame = study.to_frame()
    assert len(frame) == 54 and frame["epoch"].tolist()[:3] == [1, 2, 3]
    pd.testing.assert_series_equal(frame["test_loss"], study.epochs["test_loss"])


def test_the_summary_is_readable(study):
    shown = study.summary()
    assert shown["variant"].tolist() == ["none", "L2 0.1"]
    assert shown["gap"][0] == "0.101 (0.0985 to 0.103)"
    assert "lost" not in shown  # no run at the best rates was
    assert repr(study) == "<GeneralizationResult of 18 runs of 2 variants>"

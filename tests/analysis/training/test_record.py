import numpy as np
import pytest

from lr_finder.analysis.training.record import TrainingRecord
from lr_finder.errors import InputError


def test_epochs_end_where_their_number_changes():
    record = TrainingRecord({"loss": [1.0] * 5, "epoch": [0, 0, 1, 1, 1]})
    assert record.epoch_ends().tolist() == [1, 4]
    assert TrainingRecord({"loss": [1.0, 2.0]}).epoch_ends().tolist() == [1]
    assert len(TrainingRecord({"loss": [], "epoch": []}).epoch_ends()) == 0


def test_losses_are_an_array():
    np.testing.assert_array_equal(TrainingRecord({"loss": [1, 2]}).losses, [1.0, 2.0])


def test_what_is_missing_or_uneven_is_refused():
    with pytest.raises(InputError, match="'loss' for each batch"):
        TrainingRecord({"epoch": [1]})
    with pytest.raises(InputError, match="as many entries"):
        TrainingRecord({"loss": [1.0], "epoch": [1, 2]})


def test_its_repr_is_short():
    record = TrainingRecord({"loss": np.ones(400), "epoch": np.arange(400) // 40})
    assert repr(record) == "<TrainingRecord of 400 batches in 10 epochs>"

"""Callbacks that cannot be beside a sweep, and those that are warned of."""

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.training.checking.neighbours import check_neighbours
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.sweep import sweep
from lr_finder.training.verification import verify

pytestmark = pytest.mark.training


def make_model():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


DATA = np.ones((32, 1), "float32"), np.ones((32, 1), "float32")


def trained_with(callbacks):
    make_model().fit(*DATA, batch_size=8, verbose=0, callbacks=callbacks)


def swept_with(callbacks):
    callbacks = [each for each in callbacks if not isinstance(each, LRSweep)]
    sweep(make_model(), *DATA, steps=4, verbose=0, callbacks=callbacks)


def verified_with(callbacks):
    callbacks = [each for each in callbacks if not isinstance(each, LRSweep)]
    verify(make_model(), *DATA, 0.1, budget_steps=60, callbacks=callbacks)


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("train", [trained_with, swept_with, verified_with])
def test_a_backup_is_neither_loaded_nor_deleted(tmp_path, train, is_first):
    backup = tmp_path / "backup"
    backup.mkdir()
    (backup / "training_metadata.json").write_text('{"epoch": 3, "batch": 0}')
    pair = [LRSweep(steps=4), keras.callbacks.BackupAndRestore(backup)]
    with pytest.raises(InputError, match="no BackupAndRestore.*'.*backup'"):
        train(pair if is_first else pair[::-1])
    assert [path.name for path in backup.iterdir()] == ["training_metadata.json"]


@pytest.mark.parametrize("train", [trained_with, swept_with, verified_with])
def test_what_raises_at_the_end_of_a_sweep_is_refused(train):
    raising = keras.callbacks.TerminateOnNaN(raise_error=True)
    with pytest.raises(InputError, match=r"TerminateOnNaN\(raise_error=True\)"):
        train([raising, LRSweep(steps=4)])
    check_neighbours([keras.callbacks.TerminateOnNaN()])


@pytest.mark.parametrize("is_first", [True, False])
def test_saving_between_batches_is_warned_of(tmp_path, is_first):
    saves = keras.callbacks.ModelCheckpoint(tmp_path / "a.keras", save_freq=2)
    pair = [LRSweep(steps=4), saves]
    with pytest.warns(UserWarning, match=r"ModelCheckpoint\(save_freq=2\) saves"):
        trained_with(pair if is_first else pair[::-1])

"""Keras' limits for trying a script out, and the epoch that it remembers."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from lr_finder.training.fitting import train
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.preserving.limits import (
    from_first_epoch,
    limit_in_force,
    limits_lifted,
)
from lr_finder.training.sweep import sweep
from lr_finder.training.systematic import systematic_lr_testing
from lr_finder.training.verification import verify
from lr_finder.training.watching.analyzer import TrainingDynamicsAnalyzer

pytestmark = pytest.mark.training

X = np.linspace(-1, 1, 64, dtype="float32")[:, None]
DATA = X, 2 * X


@pytest.fixture
def model():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.fixture
def limited():
    keras.config.set_max_epochs(1)
    keras.config.set_max_steps_per_epoch(2)
    yield
    keras.config.set_max_epochs(None)
    keras.config.set_max_steps_per_epoch(None)


def limits():
    return keras.config.max_epochs(), keras.config.max_steps_per_epoch()


def test_a_sweep_takes_all_its_steps(model, limited):
    """And measures the validation loss on all samples, more than two batches."""

    def swept():
        held_out = np.tile(X, (10, 1)), np.arange(640.0)
        return sweep(model, *DATA, batch_size=8, steps=12, start_lr=1e-3, end_lr=1e-2,
                     validation_data=held_out, validation_samples=None, seed=0,
                     verbose=0)  # fmt: skip

    result = swept()
    assert limits() == (1, 2)
    keras.config.set_max_steps_per_epoch(None)
    expected = swept()
    assert len(result.losses) == len(result.validation.losses) == 12
    np.testing.assert_array_equal(result.losses, expected.losses)
    np.testing.assert_array_equal(result.validation.losses, expected.validation.losses)


def test_a_verification_takes_all_its_steps(model, limited):
    verified = verify(model, *DATA, 0.1, budget_steps=100, batch_size=8, seed=0)
    assert verified.steps > 20
    assert max(map(len, verified.losses.values())) > 2
    assert limits() == (1, 2)


def test_systematic_testing_takes_all_its_steps(model, limited):
    _, losses = systematic_lr_testing(model, DATA, (1e-3, 1e-1), num=2, steps=30,
                                      batch_size=8, seed=0)  # fmt: skip
    keras.config.set_max_steps_per_epoch(None)
    _, expected = systematic_lr_testing(model, DATA, (1e-3, 1e-1), num=2, steps=30,
                                        batch_size=8, seed=0)  # fmt: skip
    np.testing.assert_array_equal(losses, expected)


def test_limits_come_back_after_an_error(limited):
    with pytest.raises(RuntimeError):
        with limits_lifted():
            assert limits() == (None, None)
            raise RuntimeError
    assert limits() == (1, 2)


def test_limits_of_the_environment_are_lifted_as_well():
    code = (
        "import keras, lr_finder, numpy as np\n"
        "model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])\n"
        "model.compile('sgd', 'mse')\n"
        "x = np.ones((64, 1))\n"
        "result = lr_finder.sweep(model, x, x, steps=9, stop=False, verbose=0)\n"
        "print(len(result.losses), keras.config.max_epochs(),"
        " keras.config.max_steps_per_epoch())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"KERAS_MAX_EPOCHS": "1", "KERAS_MAX_STEPS_PER_EPOCH": "2"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "9 1 2"


def test_a_sweep_in_a_limited_fit_says_why_it_was_short(model, limited):
    with pytest.warns(UserWarning) as told:
        model.fit(*DATA, batch_size=8, epochs=3, verbose=0,
                  callbacks=[LRSweep(steps=9)])  # fmt: skip
    (ours,) = [str(w.message) for w in told if "The fit ended" in str(w.message)]
    assert "2 of the 9 steps" in ours
    assert "max_epochs=1 and max_steps_per_epoch=2" in ours
    assert "set_max_epochs(None) and keras.config.set_max_steps_per_epoch(None)" in ours
    assert "lr_finder.sweep" in ours


def test_a_limit_that_changed_nothing_is_not_blamed(limited):
    assert limit_in_force(epochs=3, steps=5) == ""
    assert "KERAS_MAX_EPOCHS" in limit_in_force(epochs=1, steps=5)


# ------------------------------------------------------------- the epoch of a backup


@pytest.fixture
def resumed(model, tmp_path):
    """A model that was fitted with BackupAndRestore after an interruption."""
    backup = tmp_path / "backup"
    backup.mkdir()
    (backup / "training_metadata.json").write_text('{"epoch": 3, "batch": 0}')
    callback = keras.callbacks.BackupAndRestore(backup)
    history = model.fit(*DATA, epochs=5, verbose=0, callbacks=[callback])
    assert history.epoch == [3, 4]
    assert model._initial_epoch == 3
    return model


def swept(model):
    result = sweep(model, *DATA, batch_size=8, steps=9, stop=False, seed=0, verbose=0)
    assert len(result.losses) == 9


def swept_in_fit(model):
    callback = LRSweep(steps=6, stop=False)
    model.fit(*DATA, batch_size=8, verbose=0, callbacks=[callback])
    assert len(callback.result.losses) == 6


def verified(model):
    assert verify(model, *DATA, 0.1, budget_steps=100, seed=0).steps > 20


def trained(model):
    history = train(model, DATA, learning_rate=0.1, epochs=2, verbose=0)
    assert history.epoch == [0, 1]


def analyzed(model):
    analyzer = TrainingDynamicsAnalyzer(DATA)
    history, _ = analyzer.analyze_training_progression(model, epochs=2, verbose=0)
    assert history.epoch == [0, 1]


def compared(model):
    records = TrainingDynamicsAnalyzer(DATA).compare_rates(model, [0.1], epochs=2)
    assert len(records[0.1].epochs["loss"]) == 2


@pytest.mark.parametrize(
    "training",
    [swept, swept_in_fit, verified, trained, analyzed, compared],
    ids=lambda f: f.__name__,
)
@pytest.mark.few(4)
def test_trainings_begin_at_the_first_epoch(resumed, training):
    training(resumed)
    assert resumed._initial_epoch == 3


def test_the_epoch_comes_back_after_an_error(resumed):
    with pytest.raises(RuntimeError):
        with from_first_epoch(resumed):
            assert resumed._initial_epoch is None
            raise RuntimeError
    assert resumed._initial_epoch == 3

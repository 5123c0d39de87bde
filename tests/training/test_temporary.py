"""A sweep in a `fit` with other callbacks, in either order: nothing of it stays."""

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.training.checking import neighbours
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.preserving.variables import host_copy

pytestmark = pytest.mark.training

ON_JAX = keras.backend.backend() == "jax"
BATCH, BATCHES, STEPS = 8, 4, 10  # it ends in the third epoch


def arrays(copies=1):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(BATCH * BATCHES, 3)).astype("float32")
    return np.tile(x, (copies, 1)), np.tile(x.sum(axis=1), copies)


def make_model(**optimizer):
    keras.utils.set_random_seed(3)
    layers = [
        keras.layers.Dense(4, activation="tanh"),
        keras.layers.BatchNormalization(),
        keras.layers.Dense(1),
    ]
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile(keras.optimizers.Adam(0.02, **optimizer), "mse")
    model.fit(*arrays(), batch_size=BATCH, verbose=0)
    return model


@pytest.fixture(scope="module")
def models():
    """Trained once: each test leaves them as they were, or fails."""
    return {is_averaged: make_model(use_ema=is_averaged) for is_averaged in (0, 1)}


def values_of(model):
    return [host_copy(v) for v in (*model.variables, *model.optimizer.variables)]


def assert_same_values(model, before):
    for value, expected in zip(values_of(model), before, strict=True):
        np.testing.assert_array_equal(value, expected)


def make_sweep(**options):
    return LRSweep(**{"start_lr": 1e-3, "end_lr": 0.1, "steps": STEPS} | options)


def fit(model, callbacks, **options):
    options = {"batch_size": BATCH, "shuffle": False, "epochs": 4} | options
    return model.fit(*arrays(), verbose=0, callbacks=callbacks, **options)


def losses_of(model, callbacks, **options):
    sweep = next(each for each in callbacks if isinstance(each, LRSweep))
    fit(model, callbacks, **options)
    assert len(sweep.result.losses) == STEPS
    return sweep.result.losses


class SetsWeights(keras.callbacks.Callback):
    """Writes other weights when training ends."""

    def on_train_end(self, logs=None):
        self.model.set_weights([value + 1 for value in self.model.get_weights()])


class SeesWeights(keras.callbacks.Callback):
    """Keeps the weights that it finds where an epoch ends and where one begins."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_epoch_begin(self, epoch, logs=None):
        self.seen.append(values_of(self.model)[0])

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(values_of(self.model)[0])


OTHERS = {
    "EarlyStopping": lambda _: keras.callbacks.EarlyStopping(
        monitor="loss", patience=9, restore_best_weights=True
    ),
    "EarlyStopping by val_loss": lambda _: keras.callbacks.EarlyStopping(
        patience=9, restore_best_weights=True
    ),
    "ReduceLROnPlateau": lambda _: keras.callbacks.ReduceLROnPlateau(
        monitor="loss", patience=0, min_delta=1e9
    ),
    "LearningRateScheduler": lambda _: keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: rate / 2
    ),
    "SwapEMAWeights": lambda _: keras.callbacks.SwapEMAWeights(),
    "SwapEMAWeights on epoch": lambda _: keras.callbacks.SwapEMAWeights(True),
    "TerminateOnNaN": lambda _: keras.callbacks.TerminateOnNaN(),
    "ModelCheckpoint": lambda path: keras.callbacks.ModelCheckpoint(path / "a.keras"),
    "CSVLogger": lambda path: keras.callbacks.CSVLogger(path / "a.csv"),
    "one of one's own": lambda _: SetsWeights(),
}


@pytest.mark.parametrize("is_first", [True, False], ids=["sweep first", "sweep last"])
@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.few(4)
def test_nothing_stays_and_the_sweep_is_not_disturbed(models, tmp_path, name, is_first):
    if ON_JAX and "Swap" in name:
        pytest.skip("Keras cannot fit twice there with an average of the weights")
    model = models["Swap" in name]
    options = {"validation_data": arrays()} if "val" in name else {}
    before = values_of(model)
    alone = losses_of(model, [make_sweep()], **options)
    assert_same_values(model, before)
    pair = [make_sweep(), OTHERS[name](tmp_path)]
    losses = losses_of(model, pair if is_first else pair[::-1], **options)
    np.testing.assert_array_equal(losses, alone)
    assert_same_values(model, before)


@pytest.mark.parametrize("is_first", [True, False], ids=["sweep first", "sweep last"])
def test_others_find_the_model_as_it_was_where_epochs_end_and_begin(models, is_first):
    model, sees = models[False], SeesWeights()
    before = values_of(model)
    pair = [make_sweep(), sees]
    fit(model, pair if is_first else pair[::-1])
    assert len(sees.seen) == 6
    for seen in sees.seen:
        np.testing.assert_array_equal(seen, before[0])


@pytest.mark.parametrize("is_first", [True, False], ids=["sweep first", "sweep last"])
def test_a_checkpoint_of_an_epoch_holds_no_weights_of_the_sweep(
    models, tmp_path, is_first
):
    model, path = models[False], tmp_path / "a.weights.h5"
    before = values_of(model)
    pair = [make_sweep(), keras.callbacks.ModelCheckpoint(path, save_weights_only=True)]
    fit(model, pair if is_first else pair[::-1])
    model.load_weights(path)
    assert_same_values(model, before)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="Keras takes no nested list there"
)
def test_the_list_may_be_nested(models):
    model = models[False]
    before = values_of(model)
    fit(model, [[make_sweep()], [SetsWeights()]])
    assert_same_values(model, before)


def test_the_list_may_be_keras_own(models):
    model = models[False]
    before = values_of(model)
    keras_list = keras.callbacks.CallbackList(
        [make_sweep(), SetsWeights()], model=model, epochs=4, steps=BATCHES
    )
    for _ in range(2):  # the same list serves twice
        fit(model, keras_list)
        assert_same_values(model, before)


def test_without_the_list_epochs_still_end_with_the_model_as_it_was(
    models, monkeypatch
):
    """Should Keras call `set_model` in another way, `EarlyStopping` does no harm."""
    monkeypatch.setattr(neighbours, "list_around", lambda callback: None)
    model, sees = models[False], SeesWeights()
    before = values_of(model)
    early = OTHERS["EarlyStopping"](None)
    fit(model, [make_sweep(), sees, early])
    assert_same_values(model, before)
    for seen in sees.seen[1::2]:
        np.testing.assert_array_equal(seen, before[0])
    fit(model, [early, make_sweep()])
    assert_same_values(model, before)


@pytest.mark.few(1)
@pytest.mark.parametrize("accumulation", [None, 3])
def test_epochs_are_no_border_for_the_sweep(accumulation):
    """Three epochs of four batches are one epoch of twelve."""
    steps = 12 // (accumulation or 1)
    curves = []
    for epochs in (3, 1):
        model = make_model(gradient_accumulation_steps=accumulation)
        sweep = make_sweep(steps=steps)
        data = arrays(3 // epochs)
        model.fit(*data, batch_size=BATCH, epochs=epochs, shuffle=False, verbose=0,
                  callbacks=[sweep])  # fmt: skip
        curves.append(sweep.result.losses)
    np.testing.assert_array_equal(*curves)


def test_restore_after_an_error_in_a_later_epoch(models):
    model = models[False]
    before = values_of(model)

    class Fails(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise RuntimeError

    sweep = make_sweep()
    for callbacks in ([sweep, Fails()], [Fails(), sweep]):
        with pytest.raises(RuntimeError):
            fit(model, callbacks)
        sweep.restore()
        assert_same_values(model, before)
    fit(model, [sweep])
    assert len(sweep.result.losses) == STEPS


def test_a_callback_that_ends_the_fit_early_is_told_of(models):
    early = keras.callbacks.EarlyStopping(monitor="loss", patience=0, min_delta=1e9)
    with pytest.warns(UserWarning, match="8 of the 10 steps.*Another callback ended"):
        fit(models[False], [make_sweep(), early])


def test_two_sweeps_in_one_fit_are_refused(models):
    before = values_of(models[False])
    with pytest.raises(InputError, match="`callbacks` must hold one sweep"):
        fit(models[False], [make_sweep(), make_sweep()])
    assert_same_values(models[False], before)

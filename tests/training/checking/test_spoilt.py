"""Data that is not finite: named, not blamed on the rate; a model may take it."""

import functools

import keras
import numpy as np
import pytest

from lr_finder.analysis.sweep.nonfinite import NOT_FINITE
from lr_finder.errors import InputError, SuggestionError
from lr_finder.lr_optimizer import LearningRateOptimizer
from lr_finder.training.fitting import train
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.sweep import sweep
from lr_finder.training.systematic import systematic_lr_testing
from lr_finder.training.verification import verify

from ..conftest import SEED
from ..test_verification import variables_of

pytestmark = pytest.mark.training

RNG = np.random.default_rng(0)
X = RNG.normal(size=(160, 4)).astype("float32")
Y = X[:, :1] + 0.3 * X[:, 1:2]
BAD_X, BAD_Y = X.copy(), Y.copy()
BAD_X[[5, 77], 2], BAD_Y[33] = np.nan, np.nan
ONE_ROW = r"NaN in 1 of 160 rows \(row 33, counted from 0\)"
TWO_ROWS = r"NaN in 2 of 160 rows \(the first is row 5, counted from 0\)"


class Fill(keras.layers.Layer):
    """Puts 0 where a value is missing."""

    def call(self, x):
        return keras.ops.where(keras.ops.isnan(x), 0.0, x)


def masked_mse(y_true, y_pred):
    is_there = ~keras.ops.isnan(y_true)
    y_true = keras.ops.where(is_there, y_true, y_pred)
    return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


def make_model(*layers, loss="mse", optimizer="adam"):
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential(
        [keras.Input((4,)), *layers, keras.layers.Dense(8, "relu"),
         keras.layers.Dense(1)]
    )  # fmt: skip
    model.compile(optimizer, loss)
    return model


def find_optimal_rate(model, x, y):
    return LearningRateOptimizer(model, (x, y), seed=0).find_optimal_rate()


CALLS = {
    "sweep": functools.partial(sweep, seed=0, verbose=0),
    "verify": functools.partial(verify, suggestion=1e-3, budget_steps=100, seed=0),
    "find_optimal_rate": find_optimal_rate,
    "systematic": lambda model, x, y: systematic_lr_testing(model, (x, y), num=2),
    "train": lambda model, x, y: train(
        model, (x, y), learning_rate=0.1, epochs=1, verbose=0
    ),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.few(3)
def test_arrays_are_named_by_every_entrance_and_nothing_is_changed(name):
    model = make_model()
    before = model.get_weights()
    with pytest.raises(InputError, match=f"`y` must hold finite.*{ONE_ROW}"):
        CALLS[name](model, X, BAD_Y)
    assert float(model.optimizer.iterations) == 0
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("seed", range(3))
def test_an_input_is_named_though_relu_may_hide_it(seed):
    with pytest.raises(InputError, match=f"`x` must hold finite.*{TWO_ROWS}"):
        sweep(make_model(), BAD_X, Y, seed=seed, verbose=0)


def test_several_arrays_are_named_together():
    weights = np.ones(160)
    weights[9] = np.inf
    with pytest.raises(InputError, match="Arguments `x`, `y`, `sample_weight` must"):
        sweep(make_model(), BAD_X, BAD_Y, sample_weight=weights, verbose=0)


def test_with_class_weights_too():
    labels = (Y[:, 0] > 0).astype("float32")
    labels[33] = np.nan
    with pytest.raises(InputError, match=f"`y` must hold finite.*{ONE_ROW}"):
        sweep(make_model(), X, labels, class_weight={0: 1.0, 1: 2.0}, verbose=0)


@pytest.mark.parametrize("name", ["sweep", "verify"])
def test_validation_data_is_named(name):
    with pytest.raises(InputError, match=f"`validation_data .y.` must.*{ONE_ROW}"):
        CALLS[name](make_model(), X, Y, validation_data=(X, BAD_Y))
    with pytest.raises(InputError, match="validation_data"):
        train(make_model(), (X, Y), (X, BAD_Y), learning_rate=0.1, epochs=1, verbose=0)


@pytest.mark.parametrize("make", ["arrays", "batches"])
@pytest.mark.few(1)
def test_a_model_that_fills_in_is_swept_as_on_filled_data(make):
    """`fit` trains it; what it sees is what a plain model sees of filled data."""
    options = {"seed": 0, "verbose": 0, "steps": 60, "start_lr": 1e-4}
    if make == "arrays":
        filling = sweep(make_model(Fill()), BAD_X, Y, **options)
        plain = sweep(make_model(), np.nan_to_num(BAD_X), Y, **options)
    else:
        filling = sweep(make_model(Fill()), batches_of(BAD_X, Y), **options)
        plain = sweep(make_model(), batches_of(np.nan_to_num(BAD_X), Y), **options)
    np.testing.assert_allclose(filling.losses, plain.losses, rtol=1e-5)
    assert NOT_FINITE not in filling.metadata


def test_a_loss_that_leaves_missing_targets_out_is_swept():
    result = sweep(make_model(loss=masked_mse), X, BAD_Y, seed=0, verbose=0)
    assert len(result.lrs) > 100


def test_a_model_that_fills_in_may_diverge_for_the_rate_alone():
    model = make_model(Fill(), optimizer="sgd")
    result = sweep(model, batches_of(BAD_X, Y), start_lr=1e-1, end_lr=1e9, stop=False,
                   seed=0, verbose=0)  # fmt: skip
    assert result.stop_reason == "nonfinite" and NOT_FINITE not in result.metadata


# ---------------------------------------------------------------- sources


class Batched(keras.utils.PyDataset):
    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y

    def __len__(self):
        return len(self.x) // 16

    def __getitem__(self, index):
        part = slice(16 * index, 16 * index + 16)
        return self.x[part], self.y[part]


def batches_of(x, y):
    yield from (Batched(x, y)[i] for i in range(10))


def make_dataset(x, y):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("a tf.data.Dataset needs TensorFlow")
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((x, y)).batch(16)


def make_loader(x, y):
    torch = pytest.importorskip("torch")
    dataset = torch.utils.data.TensorDataset(torch.tensor(x), torch.tensor(y))
    return torch.utils.data.DataLoader(dataset, 16)


SOURCES = {
    "PyDataset": Batched, "generator": batches_of, "dataset": make_dataset,
    "loader": make_loader,
}  # fmt: skip
CAUSE = r"batch 2 .counted from 0.: y holds NaN in 1 of 16 rows .row 1,"


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.few(2)
def test_the_batch_of_a_source_is_named(name):
    model = make_model()
    result = sweep(model, SOURCES[name](X, BAD_Y), steps=40, seed=0, verbose=0)
    assert result.stop_reason == "nonfinite"
    with pytest.raises(SuggestionError, match=CAUSE) as caught:
        result.suggest()
    assert caught.value.reason == NOT_FINITE
    before = variables_of(model)
    with pytest.raises(SuggestionError, match=CAUSE):
        verify(model, SOURCES[name](X, BAD_Y), None, 1e-3, budget_steps=100, seed=0)
    np.testing.assert_equal(variables_of(model), before)


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.few(1)
def test_a_batch_that_relu_hides_is_named(name):
    result = sweep(make_model(), SOURCES[name](BAD_X, Y), steps=40, seed=0, verbose=0)
    with pytest.raises(SuggestionError, match="x holds NaN in 1 of 16 rows"):
        result.suggest()


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.few(1)
def test_a_finite_source_has_no_cause(name):
    result = sweep(make_model(), SOURCES[name](X, Y), steps=20, seed=0, verbose=0)
    assert result.stop_reason != "nonfinite" and NOT_FINITE not in result.metadata


# ---------------------------------------------------------------- without a look


@pytest.mark.parametrize("call", ["sweep", "verify", "systematic", "find_optimal_rate"])
@pytest.mark.few(2)
def test_a_first_loss_that_overflows_is_no_matter_of_the_rate(call):
    with pytest.raises(SuggestionError, match="before any step was made") as caught:
        found = CALLS[call](make_model(), X, 1e25 * Y)
        found.suggest()
    assert caught.value.reason == NOT_FINITE
    assert "wider range" not in str(caught.value) and "overflow" in str(caught.value)


def test_a_fit_of_ones_own_is_told_so():
    callback = LRSweep()
    make_model().fit(X, BAD_Y, batch_size=16, epochs=20, shuffle=False, verbose=0,
                     callbacks=[callback])  # fmt: skip
    with pytest.raises(SuggestionError, match="not finite after 2 steps") as caught:
        callback.result.suggest()
    assert caught.value.reason == NOT_FINITE and "isfinite" in str(caught.value)

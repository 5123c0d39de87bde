"""The exhaustive way, against clones that train one after another."""

import keras
import numpy as np
import pytest

from lr_finder.analysis.verification.trial_losses import level
from lr_finder.errors import InputError
from lr_finder.training.systematic import systematic_lr_testing

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),
]
tf = pytest.importorskip("tensorflow")


@pytest.fixture(scope="module")
def arrays():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(48, 3)).astype("float32")
    return x, (x @ [[1.0], [2.0], [-1.0]]).astype("float32")


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.Adam(0.5), "mse")
    return model


class BatchLosses(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.losses = []

    def on_train_batch_begin(self, batch, logs=None):
        self.model.reset_metrics()

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(logs["loss"])


def test_each_loss_is_that_of_a_fresh_clone(model, arrays):
    dataset = tf.data.Dataset.from_tensor_slices(arrays).batch(16)
    rates, losses = systematic_lr_testing(model, dataset, (1e-3, 1e-1), 3, steps=9)
    np.testing.assert_allclose(rates, [1e-3, 1e-2, 1e-1])
    for rate, loss in zip(rates, losses, strict=True):
        clone = keras.models.clone_model(model)
        clone.set_weights(model.get_weights())
        clone.compile(keras.optimizers.Adam(rate), "mse")
        seen = BatchLosses()
        clone.fit(
            dataset.repeat(), steps_per_epoch=9, shuffle=False, verbose=0,
            callbacks=[seen],
        )  # fmt: skip
        assert loss == pytest.approx(level(np.array(seen.losses)), rel=1e-5)


def test_the_model_is_left_as_it_was(model, arrays):
    weights = model.get_weights()
    systematic_lr_testing(model, arrays, num=3, steps=5, seed=0)
    for one, other in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert model.optimizer.learning_rate == np.float32(0.5)
    assert model.optimizer.iterations == 0


def test_a_rate_that_diverges_is_infinitely_bad(arrays):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    # Of least squares: beyond 2 / lambda_max, which is near 1 for such data.
    rates, losses = systematic_lr_testing(model, arrays, (1e-2, 1e2), 5, seed=0)
    assert np.isfinite(losses[:2]).all() and np.isinf(losses[-2:]).all()
    assert 1e-2 < rates[losses.argmin()] < 1


def test_same_seed_same_losses(model, arrays):
    def losses(seed):
        return systematic_lr_testing(model, arrays, num=2, steps=5, seed=seed)[1]

    np.testing.assert_array_equal(losses(1), losses(1))
    assert not np.array_equal(losses(1), losses(2))


@pytest.mark.parametrize(
    "options, message",
    [
        ({"lr_range": (1e-1, 1e-5)}, "`start_lr` must be less than"),
        ({"lr_range": 1e-3}, "`lr_range` must be.*0.001"),
        ({"num": 1}, "num=1"),
        ({"steps": 0}, "steps=0"),
        ({"batch_size": 0}, "batch_size=0"),
    ],
)
def test_bad_arguments_are_refused(model, arrays, options, message):
    with pytest.raises(InputError, match=message):
        systematic_lr_testing(model, arrays, **options)


def test_an_empty_dataset_is_refused(model, arrays):
    dataset = tf.data.Dataset.from_tensor_slices(arrays).batch(16).take(0)
    with pytest.raises(InputError, match="empty"):
        systematic_lr_testing(model, dataset)

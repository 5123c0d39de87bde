"""Training with a rate: it learns, it watches, it keeps the best model."""

import math

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError, ModelError
from lr_finder.training.fitting import (
    PATIENCE,
    PLATEAU,
    PLATEAU_FACTOR,
    check_rate_can_be_set,
    train,
)

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]


def make_model(optimizer="sgd"):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer, "mse")
    return model


@pytest.fixture(scope="module")
def data():
    """A plane with little noise, and as many rows of it to validate with."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(128, 2)).astype("float32")
    y = (x @ [[2.0], [-1.0]] + 0.5 + 0.1 * rng.normal(size=(128, 1))).astype("float32")
    return (x[:64], y[:64]), (x[64:], y[64:])


def least_squares_loss(train_data, validation_data):
    def design(x):
        return np.column_stack([x, np.ones(len(x))])

    weights, *_ = np.linalg.lstsq(design(train_data[0]), train_data[1], rcond=None)
    residuals = design(validation_data[0]) @ weights - validation_data[1]
    return np.mean(residuals**2)


class Script(keras.callbacks.Callback):
    """Puts the validation losses of a script in the place of those measured."""

    def __init__(self, losses):
        super().__init__()
        self.losses, self.rates, self.weights = losses, [], []

    def on_epoch_end(self, epoch, logs=None):
        logs["val_loss"] = self.losses[epoch]
        self.weights.append(self.model.get_weights())
        self.rates.append(float(np.array(self.model.optimizer.learning_rate)))


def train_by_script(losses, data, monkeypatch, **options):
    """`train`, its callbacks seeing the losses of a script."""
    script, model = Script(losses), make_model()
    fit = model.fit

    def scripted(**arguments):
        arguments["callbacks"] = [script, *arguments["callbacks"]]
        return fit(**arguments)

    monkeypatch.setattr(model, "fit", scripted)
    settings = {"learning_rate": 1e-3, "epochs": len(losses), "verbose": 0} | options
    return model, script, train(model, *data, **settings)


def test_reaches_the_least_squares_solution(data):
    model = make_model()
    history = train(
        model, *data, learning_rate=0.1, epochs=40, batch_size=16, seed=0, verbose=0
    )
    best = min(history.history["val_loss"])
    assert best < 1.1 * least_squares_loss(*data)
    x, y = data[1]
    assert model.evaluate(x, y, verbose=0) == pytest.approx(best, rel=1e-5)


def test_same_seed_same_training(data):
    def losses(seed):
        keras.utils.set_random_seed(7)
        model = make_model()
        history = train(
            model, *data, learning_rate=0.05, epochs=2, batch_size=8, seed=seed,
            verbose=0,
        )  # fmt: skip
        return history.history["val_loss"]

    assert losses(1) == losses(1)


def test_best_weights_are_restored_and_kept_in_the_file(data, monkeypatch, tmp_path):
    path = tmp_path / "model.keras"
    losses = [3.0, 1.0, 2.0, 4.0]
    model, script, history = train_by_script(losses, data, monkeypatch, checkpoint=path)
    assert history.history["val_loss"] == losses
    saved = keras.models.load_model(path)
    for best, restored, kept in zip(
        script.weights[1], model.get_weights(), saved.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(restored, best)
        np.testing.assert_array_equal(kept, best)
    assert [each.name for each in tmp_path.iterdir()] == ["model.keras"]


def test_rate_falls_on_a_plateau_and_training_ends(data, monkeypatch):
    losses = [1.0] + [2.0] * 50
    _, script, history = train_by_script(losses, data, monkeypatch)
    assert len(history.epoch) == 1 + PATIENCE
    expected = [
        PLATEAU_FACTOR ** max(0, (n - 1) // PLATEAU) for n in range(1 + PATIENCE)
    ]
    np.testing.assert_allclose(script.rates, np.multiply(1e-3, expected), rtol=1e-5)


def test_the_optimizer_and_the_file_hold_the_rate_given_after_plateaus(
    data, monkeypatch, tmp_path
):
    """The best epoch, whose model is kept, comes after the rate was lowered."""
    path = tmp_path / "model.keras"
    losses = [1.0] + [2.0] * (PLATEAU + 1) + [0.5, 0.6]
    model, script, history = train_by_script(losses, data, monkeypatch, checkpoint=path)
    np.testing.assert_allclose(script.rates[-2:], 1e-3 * PLATEAU_FACTOR, rtol=1e-6)
    np.testing.assert_allclose(history.history["learning_rate"], script.rates)
    for left in (model, keras.models.load_model(path)):
        assert float(np.array(left.optimizer.learning_rate)) == np.float32(1e-3)
        rate = left.optimizer.get_config()["learning_rate"]
        assert np.float32(rate) == np.float32(1e-3)


def test_stops_when_the_loss_is_no_number_and_keeps_no_such_model(data, tmp_path):
    path = tmp_path / "model.keras"
    history = train(
        make_model(), *data, learning_rate=1e30, epochs=9, checkpoint=path, verbose=0
    )
    assert len(history.epoch) < 9
    assert not any(math.isfinite(loss) for loss in history.history.get("val_loss", []))
    assert list(tmp_path.iterdir()) == []


def test_an_error_leaves_no_half_written_model(data, tmp_path):
    class Break(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise RuntimeError("power cut")

    path = tmp_path / "model.keras"
    with pytest.raises(RuntimeError, match="power cut"):
        train(
            make_model(), *data, learning_rate=0.01, epochs=3, checkpoint=path,
            callbacks=[Break()], verbose=0,
        )  # fmt: skip
    assert [each.name for each in tmp_path.iterdir()] == ["model.keras"]
    keras.models.load_model(path)


def test_takes_batched_data_of_other_kinds(data):
    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 4

        def __getitem__(self, index):
            rows = slice(16 * index, 16 * index + 16)
            return data[0][0][rows], data[0][1][rows]

    history = train(
        make_model(), Batches(), data[1], learning_rate=0.1, epochs=2, verbose=0
    )
    assert history.history["val_loss"][1] < history.history["val_loss"][0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learning_rate": 0.0}, "learning_rate=0.0"),
        ({"learning_rate": math.nan}, "learning_rate=nan"),
        ({"learning_rate": "0.1"}, "learning_rate='0.1'"),
        ({"learning_rate": None}, "learning_rate=None"),
        ({"epochs": 0}, "epochs=0"),
        ({"epochs": 2.5}, "epochs=2.5"),
        ({"epochs": "2"}, "epochs='2'"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"checkpoint": "model.h5"}, "must end in .keras"),
    ],
)
def test_refuses_arguments_outside_their_range(data, change, message):
    with pytest.raises(InputError, match=message):
        train(make_model(), *data, **({"learning_rate": 0.1, "epochs": 1} | change))


def test_refuses_a_rate_that_follows_a_schedule(data):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    model = make_model(keras.optimizers.SGD(schedule))
    with pytest.raises(ModelError, match="LearningRateSchedule"):
        train(model, *data, learning_rate=0.1, epochs=1)


def test_a_schedule_is_told_before_anything_is_trained():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    with pytest.raises(ModelError, match="with a number"):
        check_rate_can_be_set(make_model(keras.optimizers.SGD(schedule)))


def test_asking_whether_a_rate_can_be_set_leaves_it_as_it_is():
    model = make_model(keras.optimizers.SGD(0.25))
    check_rate_can_be_set(model)
    assert float(model.optimizer.learning_rate) == 0.25


def test_without_validation_the_training_loss_is_watched(data):
    history = train(
        make_model(), data[0], learning_rate=1e-9, epochs=30, seed=0, verbose=0,
        early_stopping={"patience": 1, "min_delta": 1.0},
    )  # fmt: skip
    assert len(history.epoch) == 2
    assert set(history.history) == {"loss", "learning_rate"}


def test_each_callback_can_be_left_out(data, monkeypatch):
    losses = [1.0] + [2.0] * 30
    _, script, history = train_by_script(
        losses, data, monkeypatch, early_stopping=False, reduce_on_plateau=None
    )
    assert len(history.epoch) == len(losses)
    np.testing.assert_allclose(script.rates, 1e-3, rtol=1e-6)


def test_without_both_it_is_a_plain_fit(data):
    """The same weights, to the last bit, as `fit` alone."""

    def trained(fit):
        keras.utils.set_random_seed(7)
        model = make_model(keras.optimizers.Adam(1e-2))
        fit(model)
        return model.get_weights()

    plain = trained(
        lambda model: model.fit(
            *data[0], batch_size=16, epochs=3, verbose=0, validation_data=data[1]
        )
    )
    ours = trained(
        lambda model: train(
            model, *data, learning_rate=1e-2, epochs=3, batch_size=16, verbose=0,
            early_stopping=False, reduce_on_plateau=False,
        )
    )  # fmt: skip
    for one, other in zip(ours, plain, strict=True):
        np.testing.assert_array_equal(one, other)


def test_arguments_of_a_callback_replace_the_usual_ones(data, monkeypatch):
    losses = [1.0] + [2.0] * 30
    _, script, history = train_by_script(
        losses, data, monkeypatch, early_stopping={"patience": 5},
        reduce_on_plateau={"patience": 2, "factor": 0.5},
    )  # fmt: skip
    assert len(history.epoch) == 6
    np.testing.assert_allclose(script.rates[:4], [1e-3, 1e-3, 1e-3, 5e-4], rtol=1e-5)


def test_callbacks_of_ones_own_take_their_place(data, monkeypatch, tmp_path):
    stop = keras.callbacks.EarlyStopping("val_loss", patience=3)
    keep = keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras")
    _, _, history = train_by_script(
        [1.0] + [2.0] * 9, data, monkeypatch, early_stopping=stop, checkpoint=keep
    )
    assert stop.stopped_epoch == 3 == history.epoch[-1]
    assert sorted(each.stem for each in tmp_path.iterdir()) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"early_stopping": 5}, "`early_stopping` must be True, False.*Received: 5"),
        ({"reduce_on_plateau": "yes"}, "`reduce_on_plateau` must be.*ReduceLR"),
        ({"early_stopping": {"patients": 5}}, "arguments of EarlyStopping"),
        ({"reduce_on_plateau": {"factor": 2.0}}, "arguments of ReduceLROnPlateau"),
        ({"checkpoint": True}, "a path that ends in .keras, None, a dict"),
    ],
)
def test_refuses_what_is_no_choice(data, change, message):
    model = make_model()
    with pytest.raises(InputError, match=message):
        train(model, *data, learning_rate=0.1, epochs=1, **change)
    assert model.optimizer.learning_rate == np.float32(0.01)


def test_a_tf_data_pipeline_is_trained_on_without_a_warning(data):
    tf = pytest.importorskip("tensorflow")
    dataset = tf.data.Dataset.from_tensor_slices(data[0]).batch(16)
    history = train(
        make_model(), dataset, data[1], learning_rate=0.1, epochs=2, verbose=0
    )
    assert history.history["val_loss"][1] < history.history["val_loss"][0]

"""Training with a rate: it learns, it watches, it keeps the best model."""

import math

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError, ModelError
from lr_finder.schedules import constant, cosine, linear, wsd
from lr_finder.training.fitting import (
    PATIENCE,
    PLATEAU,
    PLATEAU_FACTOR,
    check_rate_can_be_set,
    train,
)
from lr_finder.training.scheduling.apply_schedule import ApplySchedule
from lr_finder.training.watching.guard import DivergenceGuard
from lr_finder.training.watching.trackers import LearningRateTracker

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
    _, script, history = train_by_script(
        losses, data, monkeypatch, reduce_on_plateau=True
    )
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
    model, script, history = train_by_script(
        losses, data, monkeypatch, checkpoint=path, schedule=None
    )
    np.testing.assert_allclose(script.rates[-2:], 1e-3 * PLATEAU_FACTOR, rtol=1e-6)
    np.testing.assert_allclose(history.history["learning_rate"], script.rates)
    for left in (model, keras.models.load_model(path)):
        assert float(np.array(left.optimizer.learning_rate)) == np.float32(1e-3)
        rate = left.optimizer.get_config()["learning_rate"]
        assert np.float32(rate) == np.float32(1e-3)


def test_stops_when_the_loss_is_no_number_and_keeps_no_such_model(data, tmp_path):
    path = tmp_path / "model.keras"
    history = train(
        make_model(), *data, learning_rate=1e30, epochs=9, checkpoint=path, verbose=0,
        guard=False,
    )  # fmt: skip
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
        early_stopping={"patience": 1, "min_delta": 1.0}, schedule=None,
    )  # fmt: skip
    assert len(history.epoch) == 2
    assert set(history.history) == {"loss", "learning_rate"}


def test_each_callback_can_be_left_out(data, monkeypatch):
    losses = [1.0] + [2.0] * 30
    _, script, history = train_by_script(
        losses, data, monkeypatch, early_stopping=False, reduce_on_plateau=False,
        schedule=None,
    )  # fmt: skip
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
            early_stopping=False, reduce_on_plateau=False, schedule=None,
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
        [1.0] + [2.0] * 9, data, monkeypatch, early_stopping=stop, checkpoint=keep,
        schedule=None,
    )  # fmt: skip
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


def rates_of(data, model=None, *, epochs=10, batch_size=16, **options):
    """The rate of each step, and the History."""
    tracker = LearningRateTracker()
    history = train(
        model or make_model(), *data, learning_rate=0.1, epochs=epochs, seed=0,
        batch_size=batch_size, verbose=0, **options | {"callbacks": [tracker]},
    )  # fmt: skip
    return np.array(tracker.learning_rates), history


@pytest.mark.parametrize(
    "schedule, expected",
    [
        ("default", wsd(0.1, 40)),
        ("cosine", cosine(0.1, 0.0, 40)),
        ("constant", constant(0.1)),
        (linear(3.0, 1.0, 40), linear(0.1, 0.1 / 3, 40)),
        (lambda step: 1 / (1 + step), lambda steps: 0.1 / (1 + np.array(steps))),
    ],
)
def test_the_rate_of_each_step_follows_the_schedule(data, schedule, expected):
    model = make_model()
    rates, history = rates_of(data, model, schedule=schedule)
    np.testing.assert_allclose(rates, expected(range(40)), rtol=1e-6)
    ends = history.history["learning_rate"]  # of the epochs
    np.testing.assert_allclose(ends, expected(range(3, 40, 4)), rtol=1e-6)
    assert float(np.array(model.optimizer.learning_rate)) == np.float32(0.1)


def test_it_is_the_fit_with_this_schedule_to_the_last_bit(data):
    def trained(fit):
        keras.utils.set_random_seed(7)
        model = make_model(keras.optimizers.Adam(1e-2))
        history = fit(model).history
        return [*model.get_weights(), history["loss"], history["val_loss"]]

    plain = trained(
        lambda model: model.fit(
            *data[0], batch_size=16, epochs=3, verbose=0, validation_data=data[1],
            callbacks=[ApplySchedule(wsd(1e-2, 12))],
        )
    )  # fmt: skip
    ours = trained(
        lambda model: train(
            model, *data, learning_rate=1e-2, epochs=3, batch_size=16, verbose=0,
            early_stopping=False,
        )
    )  # fmt: skip
    for one, other in zip(ours, plain, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # Keras, then
def test_batches_that_nobody_has_counted_are_counted(data):
    tf = pytest.importorskip("tensorflow")
    batches = tf.data.Dataset.from_tensor_slices(data[0]).batch(16)
    unknown = batches.filter(lambda x, y: True)
    assert unknown.cardinality() == tf.data.UNKNOWN_CARDINALITY
    generator = ((x, y) for x, y in batches.as_numpy_iterator())
    for source in (unknown, generator):
        rates, _ = rates_of((source, data[1]))
        np.testing.assert_allclose(rates, wsd(0.1, 40)(range(40)), rtol=1e-6)


def test_an_early_stop_cools_down_first_and_the_best_weights_stay(data, monkeypatch):
    """Of 31 epochs the 11th has no better loss; 30 % of 11 epochs are 3."""
    losses = [1.0] + [2.0] * 30
    model, script, history = train_by_script(losses, data, monkeypatch)
    assert len(history.epoch) == 1 + PATIENCE + 3
    ends = [1e-3] * (1 + PATIENCE) + [1e-3 * (1 - n / 6) for n in (1, 3, 5)]
    np.testing.assert_allclose(history.history["learning_rate"], ends, rtol=1e-5)
    for best, restored in zip(script.weights[0], model.get_weights(), strict=True):
        np.testing.assert_array_equal(restored, best)


def test_an_early_stop_of_ones_own_cools_down_too(data, monkeypatch):
    stop = keras.callbacks.EarlyStopping("val_loss", patience=4)
    _, _, history = train_by_script(
        [1.0] + [2.0] * 30, data, monkeypatch, early_stopping=False, callbacks=[stop]
    )
    assert len(history.epoch) == 5 + 2


@pytest.mark.parametrize("schedule", [None, "constant"])
def test_with_a_constant_rate_an_early_stop_ends_at_once(data, monkeypatch, schedule):
    _, _, history = train_by_script(
        [1.0] + [2.0] * 30, data, monkeypatch, schedule=schedule
    )
    assert len(history.epoch) == 1 + PATIENCE


@pytest.mark.parametrize(
    "schedule", [linear(0.1, 0.0, 200), linear(0.1, 0.0, 40), "warmup_cosine"]
)
def test_a_schedule_that_reaches_the_end_warns_of_nothing(data, schedule, recwarn):
    rates_of(data, schedule=schedule)
    assert not [each for each in recwarn if "schedule" in str(each.message)]


def test_a_schedule_that_ends_before_the_training_says_what_follows(data):
    said = r"linear\(0.1, 0.05, 30\) ends after 30 steps, the training after 40.*5e-2"
    with pytest.warns(UserWarning, match=said):
        rates, _ = rates_of(data, schedule=linear(0.1, 0.05, 30))
    np.testing.assert_allclose(rates[30:], 0.05, rtol=1e-6)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"schedule": "cosin"}, "`schedule` must be one of 'default', 'constant'"),
        ({"schedule": linear(1.0, 0.0, 10)}, "must count the steps"),
        ({"schedule": "wsd", "reduce_on_plateau": True}, "`reduce_on_plateau`"),
        ({"schedule": lambda step: -1.0}, "at least 0"),
        ({"schedule": lambda step: 0.0}, "above 0 in some step"),
        ({"guard": "yes"}, "`guard` must be.*DivergenceGuard"),
        ({"guard": {"factor": 2.0}}, "`factor`"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_before_a_step(data, change, message):
    model = make_model()
    before = model.get_weights()
    with pytest.raises(InputError, match=message):
        train(model, *data, learning_rate=0.2, epochs=10, batch_size=16, **change)
    assert model.optimizer.learning_rate == np.float32(0.01)
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("schedule", ["default", None])
def test_plateaus_that_are_asked_for_take_the_place_of_the_default(
    data, monkeypatch, schedule
):
    _, script, _ = train_by_script(
        [1.0] + [2.0] * PLATEAU + [2.0], data, monkeypatch, schedule=schedule,
        reduce_on_plateau=True,
    )  # fmt: skip
    expected = [1e-3] * (PLATEAU + 1) + [1e-3 * PLATEAU_FACTOR]
    np.testing.assert_allclose(script.rates, expected, rtol=1e-6)


def test_a_default_gives_way_to_a_callback_that_sets_the_rate(data):
    model = make_model()
    by_epoch = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (1 + epoch))
    history = train(
        model, *data, learning_rate=0.1, epochs=3, callbacks=[by_epoch], verbose=0
    )
    np.testing.assert_allclose(
        history.history["learning_rate"], [0.1, 0.05, 0.1 / 3], rtol=1e-6
    )
    assert float(np.array(model.optimizer.learning_rate)) == np.float32(0.1)


def test_several_steps_in_one_execution_follow_a_schedule_too(data):
    models = [make_model(), make_model()]
    models[1].set_weights(models[0].get_weights())
    models[0].compile("sgd", "mse", steps_per_execution=4)
    rates = [rates_of(data, model)[0] for model in models]
    np.testing.assert_array_equal(*rates)
    assert models[0].steps_per_execution == 4
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.few(1)
@pytest.mark.parametrize(
    "schedule",
    [
        "default",
        pytest.param(
            "constant",
            marks=pytest.mark.skipif(
                keras.backend.backend() != "tensorflow",
                reason="rounding decides whether a constant rate of 1 is stable there",
            ),
        ),
    ],
)
def test_a_rate_that_explodes_is_lowered_until_it_trains(data, schedule, capsys):
    """A rate of about 1 is the highest that is stable on this plane."""
    guard, model = DivergenceGuard(), make_model()
    history = train(
        model, *data, learning_rate=3.0, epochs=40, batch_size=16, seed=0, verbose=0,
        schedule=schedule, guard=guard, early_stopping=False,
    )  # fmt: skip
    assert 1 <= len(guard.cuts) <= guard.most
    assert min(history.history["val_loss"]) < 1.5 * least_squares_loss(*data)
    printed = [line for line in capsys.readouterr().out.splitlines() if line]
    assert printed == [*map(str, guard.cuts)]
    assert float(np.array(model.optimizer.learning_rate)) == np.float32(3.0)


def test_a_rate_that_explodes_however_low_ends_the_training(data, tmp_path):
    """What is kept then is the state that the guard has gone back to."""
    path, model = tmp_path / "model.keras", make_model()
    before = model.get_weights()
    history = train(
        model, *data, learning_rate=1e30, epochs=9, checkpoint=path, verbose=0
    )
    assert len(history.epoch) == 4  # of two steps, in each of which it explodes
    for kept in (model, keras.models.load_model(path)):
        for one, other in zip(kept.get_weights(), before, strict=True):
            np.testing.assert_array_equal(one, other)


def test_the_guard_is_told_the_loss_of_a_constant_guess(data, monkeypatch):
    told = []
    make = DivergenceGuard.__init__

    def init(self, constant_loss=None, **options):
        told.append((constant_loss, options["verbose"]))
        make(self, constant_loss, **options)

    monkeypatch.setattr(DivergenceGuard, "__init__", init)
    for verbose in (0, 2):
        train(make_model(), *data, learning_rate=0.1, epochs=1, verbose=verbose)
    guess = pytest.approx(np.var(data[0][1]))
    assert told == [(guess, 0), (guess, 1)]

"""Trainings with the rate found and at the model's own: what each is and leaves."""

import numpy as np
import pandas as pd
import pytest

keras = pytest.importorskip("keras")

from lr_finder.data.loading import load_data  # noqa: E402
from lr_finder.errors import LRFinderError  # noqa: E402
from lr_finder.schedules.named import spanning  # noqa: E402
from lr_finder.training import fitting  # noqa: E402
from lr_finder.training.found_rate import FoundRateTraining  # noqa: E402

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]

OWN, FOUND, SEED = 2e-3, 3e-2, 5


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(160, 3))
    y = 3 * x[:, 0] - x[:, 1] + 0.05 * rng.normal(size=160)
    path = tmp_path_factory.mktemp("tables") / "prices.csv"
    frame = pd.DataFrame(x, columns=["area", "age", "rooms"]).assign(price=y)
    frame.to_csv(path, index=False)
    return load_data(path, seed=0)


def network():
    """With dropout: its random numbers must be the same in both trainings."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((3,)), layers.Dense(8, "relu"), layers.Dropout(0.2),
         layers.Dense(1)]
    )  # fmt: skip
    model.compile(keras.optimizers.Adam(OWN), "mse")
    return model


def alone(dataset, rate, **settings):
    """The history of an ordinary training, nothing else done before it."""
    model = network()
    history = fitting.train(
        model, (dataset.x_train, dataset.y_train),
        (dataset.x_validation, dataset.y_validation), learning_rate=rate, epochs=4,
        batch_size=16, seed=SEED, verbose=0, **settings,
    )  # fmt: skip
    return model, pd.DataFrame(history.history)


def training_of(model, dataset, **settings):
    parts = (
        (dataset.x_train, dataset.y_train),
        (dataset.x_validation, dataset.y_validation),
    )
    given = {"epochs": 4, "batch_size": 16, "seed": SEED} | settings
    return FoundRateTraining(model, *parts, **given)


@pytest.fixture(scope="module")
def trained(dataset, tmp_path_factory):
    path, kept = tmp_path_factory.mktemp("trainings") / "model.keras", []
    model = network()
    training = training_of(model, dataset, checkpoint=path, keep=kept.append)
    outcome = training.both(FOUND)
    return outcome, path, model, kept


@pytest.mark.few(1)
@pytest.mark.parametrize("rate", [FOUND, OWN])
def test_each_training_is_the_one_that_it_would_be_alone(trained, dataset, rate):
    outcome = trained[0] if rate == FOUND else trained[0].against_default
    expected = alone(dataset, rate)[1]
    assert outcome.learning_rate == pytest.approx(rate)
    for column in ("loss", "val_loss", "learning_rate"):
        np.testing.assert_allclose(outcome.history[column], expected[column], rtol=1e-6)
    assert len(outcome.record.losses) == 4 * -(-len(dataset.x_train) // 16)


def test_the_model_kept_and_left_is_that_of_the_rate_found(trained, dataset, tmp_path):
    path = tmp_path / "alone.keras"
    alone(dataset, FOUND, checkpoint=path)
    expected = keras.models.load_model(path).get_weights()
    for model in (keras.models.load_model(trained[1]), trained[2]):
        for one, other in zip(model.get_weights(), expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def test_the_first_is_handed_over_before_the_second_starts(trained):
    outcome, _, _, kept = trained
    assert [each.against_default for each in kept] == [None]
    assert kept[0].history.equals(outcome.history)


def test_a_rate_found_that_is_the_models_own_is_trained_with_once(dataset):
    told = []
    outcome = training_of(
        network(), dataset, epochs=2, seed=0, progress=told.append
    ).both(OWN)
    assert outcome.is_own_rate and sum(each.is_over for each in told) == 1


def test_an_own_rate_that_explodes_is_told_and_fails_nothing(dataset):
    model = network()
    model.compile(keras.optimizers.SGD(1e30), "mse")
    outcome = training_of(model, dataset, epochs=2, seed=0).both(1e-2)
    assert outcome.against_default.best_loss is None
    assert np.isfinite(outcome.best_loss)
    assert "none finite at 1e30" in outcome.comparison


def test_a_rate_found_that_explodes_is_an_error(dataset):
    with pytest.raises(LRFinderError, match="validation loss.*none in 1 epochs"):
        training_of(network(), dataset, epochs=1).found(1e30)


def test_ctrl_c_ends_the_first_training_and_leaves_the_weights(dataset):
    """A preserved state holds Ctrl-C back: it must be let through at a batch."""
    import signal

    model = network()
    before = model.get_weights()

    class Press(keras.callbacks.Callback):
        n = 0

        def on_train_batch_begin(self, batch, logs=None):
            Press.n += 1
            if Press.n == 3:
                signal.raise_signal(signal.SIGINT)

    original = fitting.train

    def train(*arguments, callbacks, **settings):
        return original(*arguments, callbacks=[*callbacks, Press()], **settings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "train", train)
        with pytest.raises(KeyboardInterrupt):
            training_of(model, dataset, epochs=50, seed=0).both(FOUND)
    assert Press.n == 3
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def values_of(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [np.array(variable) for variable in variables]


@pytest.mark.slow
def test_a_training_beside_it_leaves_no_trace(dataset):
    """Weights, slots, steps and rate are those of the training with the rate found."""
    alone_model, model = network(), network()
    training_of(alone_model, dataset).found(FOUND)
    training_of(model, dataset).both(FOUND)
    for one, other in zip(values_of(model), values_of(alone_model), strict=True):
        np.testing.assert_array_equal(one, other)
    assert float(np.array(model.optimizer.learning_rate)) == np.float32(FOUND)


def test_ctrl_c_keeps_the_epochs_that_ended_and_the_rate(dataset):
    import signal

    def press(progress):
        if progress.done == 2 and not progress.is_over:
            signal.raise_signal(signal.SIGINT)

    model, kept = network(), []
    with pytest.raises(KeyboardInterrupt):
        training_of(model, dataset, progress=press, keep=kept.append).found(FOUND)
    expected = alone(dataset, FOUND)[1]
    assert kept[0].history["epoch"].tolist() == [1, 2]
    np.testing.assert_array_equal(kept[0].history["loss"], expected["loss"][:2])
    assert float(np.array(model.optimizer.learning_rate)) == np.float32(FOUND)
    assert all(np.isfinite(value).all() for value in model.get_weights())


@pytest.mark.few(1)
@pytest.mark.parametrize("schedule", ["default", "cosine", None])
def test_both_trainings_have_the_same_schedule(dataset, schedule):
    outcome = training_of(network(), dataset, schedule=schedule).both(FOUND)
    expected = "wsd" if schedule == "default" else schedule
    beside = outcome.against_default
    assert outcome.schedule == beside.schedule == expected
    rates = [
        np.array(each.record.batches["learning_rate"]) for each in (outcome, beside)
    ]
    np.testing.assert_allclose(rates[0] / FOUND, rates[1] / OWN, rtol=1e-5)
    shape = spanning(schedule or "constant", FOUND, len(rates[0]))
    np.testing.assert_allclose(rates[0], shape(range(len(rates[0]))), rtol=1e-5)


def test_the_times_that_the_guard_went_back_are_told(dataset, capsys):
    model = network()
    model.compile(keras.optimizers.SGD(OWN), "mse")
    outcome = training_of(model, dataset, epochs=8).both(5.0)
    assert len(outcome.cuts) >= 1 and not outcome.against_default.cuts
    assert outcome.cuts[0].lr == 5.0 and np.isfinite(outcome.best_loss)
    assert [each["lr"] for each in outcome.to_dict()["cuts"]] == [
        each.lr for each in outcome.cuts
    ]
    assert "went back" not in capsys.readouterr().out

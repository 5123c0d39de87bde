"""Find, confirm, train: the five steps, against those made by hand."""

import keras
import numpy as np
import pytest

import lr_finder
from lr_finder.errors import InputError, ModelError, SuggestionError
from lr_finder.lr_optimizer import FEWEST_SWEEP_STEPS, LearningRateOptimizer
from lr_finder.schedules import linear, wsd
from lr_finder.training.watching.trackers import LearningRateTracker

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),
]
tf = pytest.importorskip("tensorflow")


def build():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.Adam(0.25), "mse")
    return model


def make_data(samples, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(samples, 3)).astype("float32")
    return x, (x @ [[1.0], [2.0], [-1.0]]).astype("float32")


@pytest.fixture(scope="module")
def arrays():
    return make_data(256, 0)


@pytest.fixture(scope="module")
def validation():
    return make_data(64, 1)


def test_the_five_steps_are_sweep_suggest_and_verify(arrays, validation):
    optimizer = LearningRateOptimizer(build(), arrays, validation, seed=3)
    rate = optimizer.find_optimal_rate(num_epochs=15, budget_steps=400)
    model = build()
    result = lr_finder.sweep(
        model, *arrays, start_lr=1e-5, end_lr=1e-1, steps=15 * 8, seed=3, verbose=0
    )
    verified = lr_finder.verify(
        model, *arrays, result.suggest(), budget_steps=400, seed=3,
        validation_data=validation,
    )  # fmt: skip
    np.testing.assert_array_equal(optimizer.result.losses, result.losses)
    assert optimizer.suggestion == result.suggest()
    assert isinstance(rate, float) and rate == verified.lr == optimizer.verified.lr
    assert optimizer.verified.table == verified.table
    assert optimizer.verified.metadata["judge"] == "training"


def test_the_validation_loss_judges_on_request(arrays, validation):
    optimizer = LearningRateOptimizer(build(), arrays, validation, seed=3)
    optimizer.find_optimal_rate(judge="validation", budget_steps=400)
    assert optimizer.verified.metadata["judge"] == "validation"


def test_the_search_leaves_the_model_as_it_was(arrays):
    model = build()
    weights = model.get_weights()
    optimizer = LearningRateOptimizer(model, arrays, seed=0)
    optimizer.find_optimal_rate(budget_steps=400)
    for one, other in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert model.optimizer.learning_rate == np.float32(0.25)


def test_without_short_trainings_it_is_the_rate_of_the_sweep(arrays):
    optimizer = LearningRateOptimizer(build(), arrays, seed=0)
    rate = optimizer.find_optimal_rate(is_verified=False)
    assert rate == optimizer.suggestion.lr
    assert optimizer.verified is None


@pytest.mark.parametrize(
    "epochs, steps", [(1, FEWEST_SWEEP_STEPS), (12, FEWEST_SWEEP_STEPS), (20, 160)]
)
def test_epochs_decide_how_many_steps_the_sweep_has(arrays, epochs, steps):
    dataset = tf.data.Dataset.from_tensor_slices(arrays).batch(32)
    optimizer = LearningRateOptimizer(build(), dataset, seed=0)
    optimizer.find_optimal_rate(num_epochs=epochs, is_verified=False)
    assert optimizer.result.metadata["steps"] == steps
    assert optimizer.result.metadata["start_lr"] == 1e-5
    assert optimizer.result.metadata["end_lr"] == 1e-1


def test_trains_the_model_given_with_the_rate_given(arrays, validation):
    model = build()
    optimizer = LearningRateOptimizer(model, arrays, validation, seed=0)
    trained, history = optimizer.train_optimized(
        0.01, 40, verbose=0, reduce_on_plateau=False
    )
    assert trained is model
    assert history.history["val_loss"][-1] < 0.05 * np.var(validation[1])
    assert model.optimizer.learning_rate == np.float32(0.01)
    best = min(history.history["val_loss"])
    score = model.evaluate(*validation, verbose=0)
    assert score == pytest.approx(best, rel=1e-4)


def test_a_function_is_called_anew_for_each_later_training(arrays):
    optimizer = LearningRateOptimizer(build, arrays, seed=0)
    searched = optimizer.model
    first, one = optimizer.train_optimized(0.01, 2, verbose=0)
    second, other = optimizer.train_optimized(0.01, 2, verbose=0)
    assert first is searched and second is not first and optimizer.model is second
    assert one.history["loss"] == pytest.approx(other.history["loss"])


def test_choices_reach_the_training(arrays, validation, tmp_path):
    optimizer = LearningRateOptimizer(build(), arrays, validation, seed=0)
    path = tmp_path / "best.keras"
    model, history = optimizer.train_optimized(
        1e-9, 9, verbose=0, checkpoint=path, schedule=None,
        early_stopping={"patience": 2, "min_delta": 1.0},
    )  # fmt: skip
    assert len(history.epoch) == 3
    saved = keras.models.load_model(path)
    for one, other in zip(saved.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-7)


def test_no_rate_is_an_error_that_says_what_to_do(arrays):
    x, _ = arrays
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", lambda y, forecast: 0.0 * forecast + 1.0)
    optimizer = LearningRateOptimizer(model, (x, x[:, :1]), seed=0)
    with pytest.raises(SuggestionError, match="between 1e-05 and 0.1") as caught:
        optimizer.find_optimal_rate()
    assert "find_optimal_rate(start_lr=1e-07, end_lr=10)" in str(caught.value)
    assert caught.value.reason == "never_descended"
    assert optimizer.result is not None and optimizer.suggestion is None
    with pytest.raises(SuggestionError, match="more `num_epochs`"):
        optimizer.find_optimal_rate(start_lr=1e-7, end_lr=10.0)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"num_epochs": 0}, "num_epochs=0"),
        ({"start_lr": 0.1, "end_lr": 0.01}, "`start_lr` must be less"),
        ({"start_lr": 0.0}, "start_lr=0.0"),
        ({"method": "magic"}, "method='magic'"),
        ({"judge": "validation"}, "validation_data"),
        ({"judge": "luck"}, "judge='luck'"),
        ({"budget_steps": 0}, "budget_steps=0"),
    ],
)
def test_bad_arguments_of_the_search_are_refused(arrays, options, message):
    optimizer = LearningRateOptimizer(build(), arrays, seed=0)
    with pytest.raises(InputError, match=message):
        optimizer.find_optimal_rate(**options)


def test_bad_arguments_of_the_making_are_refused(arrays):
    with pytest.raises(InputError, match="`model` must be a compiled.*'dense'"):
        LearningRateOptimizer("dense", arrays)
    with pytest.raises(ModelError, match="must return a compiled.*NoneType"):
        LearningRateOptimizer(lambda: None, arrays)
    with pytest.raises(InputError, match="batch_size=0"):
        LearningRateOptimizer(build(), arrays, batch_size=0)
    with pytest.raises(InputError, match="empty"):
        LearningRateOptimizer(build(), (arrays[0][:0], arrays[1][:0]))


@pytest.mark.slow
def test_a_training_goes_on_from_the_best_short_one_at_its_rate(arrays, validation):
    search = LearningRateOptimizer(build, arrays, validation, seed=0)
    with pytest.raises(InputError, match="find_optimal_rate.keep_winner=True."):
        search.train_optimized(0.01, continue_from_verification=True)
    search.find_optimal_rate(1e-5, 1.0, budget_steps=400, keep_winner=True)
    winner, model = search.verified.winner, search.model
    with pytest.raises(
        InputError, match="Give learning_rate=optimizer.verified.winner"
    ):
        search.train_optimized(1.01 * winner, continue_from_verification=True)
    made = len(search.verified.losses[winner])
    epochs = 400 // search._batches
    trained, history = search.train_optimized(
        winner, epochs, continue_from_verification=True, verbose=0
    )
    assert trained is model
    assert history.epoch[0] == made // search._batches >= 1
    with pytest.raises(InputError, match="before each such training"):
        search.train_optimized(winner, continue_from_verification=True)


def test_a_training_follows_a_schedule(arrays, validation):
    optimizer = LearningRateOptimizer(build(), arrays, validation, seed=0)
    tracker = LearningRateTracker()
    options = {"verbose": 0, "callbacks": [tracker]}
    optimizer.train_optimized(0.01, 5, **options)
    steps = len(tracker.learning_rates)
    np.testing.assert_allclose(
        tracker.learning_rates, wsd(0.01, steps)(range(steps)), rtol=1e-5
    )
    optimizer.train_optimized(0.01, 5, schedule=linear(2.0, 0.0, steps), **options)
    np.testing.assert_allclose(
        tracker.learning_rates, linear(0.01, 0.0, steps)(range(steps)), rtol=1e-5
    )
    optimizer.train_optimized(0.01, 5, schedule=None, guard=False, **options)
    np.testing.assert_allclose(tracker.learning_rates, 0.01, rtol=1e-6)
    with pytest.raises(InputError, match="`schedule` and `reduce_on_plateau`"):
        optimizer.train_optimized(0.01, 5, schedule="wsd", reduce_on_plateau=True)

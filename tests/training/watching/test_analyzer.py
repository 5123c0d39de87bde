"""A watched training: the same training, and true values of what was watched."""

import keras
import numpy as np
import pytest

from lr_finder.analysis.training.patterns import recognize_patterns
from lr_finder.errors import InputError, ModelError
from lr_finder.training.watching.analyzer import TrainingDynamicsAnalyzer

from ..conftest import (
    assert_same_outcome,
    make_data,
    make_model,
    outcome_of_fit,
)

pytestmark = pytest.mark.training
X, Y = make_data()
OPTIONS = {"epochs": 2, "verbose": 0}


def analyzer(**options):
    options = {"batch_size": 16, "validation_data": (X[:32], Y[:32])} | options
    return TrainingDynamicsAnalyzer((X, Y), **options)


def plain(model, lr=None, seed=None, **options):
    if lr is not None:
        model.optimizer.learning_rate = lr
    if seed is not None:
        keras.utils.set_random_seed(seed)
    options = {"batch_size": 16, "validation_data": (X[:32], Y[:32])} | options
    return model.fit(X, Y, **OPTIONS, **options)


@pytest.mark.parametrize("every", [None, 1, 3])
@pytest.mark.parametrize("inputs", [True, False], ids=["built", "unbuilt"])
@pytest.mark.few(1)
def test_the_training_is_that_of_a_plain_fit_to_the_last_bit(every, inputs):
    """History, weights, slots and seeds, and those of the next `fit` as well."""
    watched, alone = make_model(inputs), make_model(inputs)
    history, _ = analyzer().analyze_training_progression(
        watched, 3e-3, seed=5, gradients_every=every, **OPTIONS
    )
    outcome = outcome_of_fit(watched)
    assert history.history == plain(alone, 3e-3, seed=5).history
    assert_same_outcome(outcome, outcome_of_fit(alone))


def test_it_is_so_with_weights_of_classes_and_without_shuffling():
    weights = {0: 1.0, 1: 2.0, 2: 0.5, 3: 1.0}
    watched, alone = make_model(), make_model()
    history, _ = analyzer(
        class_weight=weights, shuffle=False
    ).analyze_training_progression(watched, 3e-3, seed=5, **OPTIONS)
    expected = plain(alone, 3e-3, seed=5, class_weight=weights, shuffle=False)
    assert history.history == expected.history


def test_gradients_are_measured_on_every_nth_step_over_all_epochs(model):
    _, tracker = analyzer().analyze_training_progression(
        model, 1e-3, gradients_every=4, **OPTIONS
    )
    assert tracker.record().layers.batches.tolist() == [0, 4, 8, 12]
    _, tracker = analyzer().analyze_training_progression(
        model, 1e-3, gradients_every=None, **OPTIONS
    )
    assert tracker.record().layers is None


def test_the_record_holds_epochs_batches_and_classes(model):
    history, tracker = analyzer().analyze_training_progression(model, 1e-3, **OPTIONS)
    record = tracker.record()
    assert record.epochs == history.history
    assert len(record.losses) == 14
    labels = record.distributions[1]
    totals = {c: counts.sum() for c, counts in labels.class_counts.items()}
    assert totals == {c: 2 * int(np.sum(Y == c)) for c in range(4)}
    assert set(record.batches["learning_rate"]) == {1e-3}


def test_several_inputs_are_told_apart():
    one, two = keras.Input((2,), name="one"), keras.Input((3,), name="two")
    out = keras.layers.Dense(1)(keras.layers.Concatenate()([one, two]))
    model = keras.Model({"one": one, "two": two}, out)
    model.compile("sgd", "mse")
    data = ({"one": X[:, :2], "two": X[:, :3]}, X[:, 0])
    _, tracker = TrainingDynamicsAnalyzer(data).analyze_training_progression(
        model, gradients_every=1, **OPTIONS
    )
    shapes = {d.name: d.means.shape[1] for d in tracker.record().distributions}
    assert shapes == {"x.one": 2, "x.two": 3, "y": 1}


def test_rates_are_compared_from_the_same_weights_which_stay(model):
    weights = model.get_weights()
    records = analyzer().compare_rates(model, [1e-4, 1e-2], epochs=2)
    assert list(records) == [1e-4, 1e-2]
    starts = [record.losses[0] for record in records.values()]
    assert starts[0] == starts[1]
    ends = [record.epochs["val_loss"][-1] for record in records.values()]
    assert ends[1] < ends[0]
    for one, other in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_cannot_be_watched_is_refused_by_name(model):
    with pytest.raises(InputError, match="`optimal_lr` must be positive"):
        analyzer().analyze_training_progression(model, -1.0)
    with pytest.raises(InputError, match="`optimal_lr` must be positive.*'fast'"):
        analyzer().analyze_training_progression(model, "fast")
    with pytest.raises(InputError, match="`train_data` must hold a batch"):
        TrainingDynamicsAnalyzer((X[:0], Y[:0])).analyze_training_progression(
            model, 1e-3, verbose=0
        )
    with pytest.raises(InputError, match="gradients_every"):
        analyzer().analyze_training_progression(model, 1e-3, gradients_every=0)
    with pytest.raises(InputError, match="batch_size"):
        analyzer(batch_size=0)
    with pytest.raises(InputError, match="what `fit` takes"):
        TrainingDynamicsAnalyzer("text").analyze_training_progression(model)
    model.steps_per_execution = 4
    with pytest.raises(ModelError, match="steps_per_execution"):
        analyzer().analyze_training_progression(model)
    with pytest.raises(ModelError, match="compile"):
        analyzer().analyze_training_progression(keras.Sequential())


@pytest.mark.slow
def test_what_real_trainings_show_follows_their_rates():
    """Too low, right, too high; labels of chance stand still as a low rate does."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1024, 8)).astype("float32")
    y = np.argmax(x @ rng.normal(size=(8, 4)), axis=1)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([
        keras.Input((8,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(4, activation="softmax"),
    ])  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy")

    def shown(labels, rates):
        watched = TrainingDynamicsAnalyzer((x, labels), batch_size=64)
        records = watched.compare_rates(model, rates, epochs=8)
        return {
            rate: {p.name for p in recognize_patterns(record.losses)}
            for rate, record in records.items()
        }

    found = shown(y, [1e-7, 1e-3, 1e-2, 10.0])
    assert found[1e-7] == {"rate too low"}
    assert found[1e-3] == {"rate too low"}  # a straight line: it could go faster
    assert found[1e-2] <= {"converging", "plateau"} and found[1e-2]
    assert "rate too high" in found[10.0]
    assert shown(rng.permutation(y), [1e-7])[1e-7] == {"rate too low"}

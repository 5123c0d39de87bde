"""Single trials: what is built and trained, against Keras itself, and what it costs."""

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError, ModelError
from lr_finder.experiments.tuning.search_space import as_space
from lr_finder.experiments.tuning.trial_models import TrialSettings
from lr_finder.experiments.tuning.trial_training import Trainer

from ..conftest import three_parts

pytestmark = pytest.mark.training
ROWS = 160  # to train on
SPACE = {"learning_rate": (1e-4, 1.0), "batch_size": [16, 40], "units": [2, 8]}


def build(input_shape, n_outputs, units=4):
    layers = [keras.layers.Dense(units, "relu"), keras.layers.Dropout(0.1)]
    layers += [keras.layers.Dense(n_outputs, "softmax")]
    model = keras.Sequential([keras.Input(input_shape), *layers])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def trainer(settings=None, space=SPACE, builder=build):
    settings = settings or TrialSettings(epochs=3, batch_size=32)
    return Trainer(builder, three_parts(), as_space(space), settings)


def never(epoch, loss):
    return False


def test_a_trial_is_the_same_on_a_fresh_model_and_on_one_that_serves_again():
    made, values = trainer(), {"learning_rate": 0.01, "batch_size": 40, "units": 8}
    first = made.train(made.model_for(values, 0), values, 0, never)
    other = values | {"learning_rate": 0.5, "batch_size": 16}
    made.train(made.model_for(other, 0), other, 0, never)
    assert made.model_for(other, 0) is made.model_for(values, 0)
    again = made.train(made.model_for(values, 0), values, 0, never)
    fresh = made.train(made.build(values, 0), values, 0, never)
    for row in (again, fresh):
        assert row | {"seconds": 0} == first | {"seconds": 0}


def test_the_scores_are_those_of_the_best_epoch():
    made, values = trainer(TrialSettings(epochs=4)), {"learning_rate": 0.3, "units": 8}
    model, seen = made.model_for(values, 1), []
    row = made.train(model, values, 1, lambda epoch, loss: seen.append(loss))
    data = made.data
    assert row["loss"] == min(seen) and row["best_epoch"] == int(np.argmin(seen)) + 1
    of_validation = data.dataset.x_validation, data.dataset.y_validation
    assert model.evaluate(*of_validation, verbose=0) == pytest.approx(row["loss"])
    tested = model.evaluate(data.x_test, data.y_test, verbose=0)
    assert row["test_loss"] == pytest.approx(tested)


def test_an_epoch_costs_the_same_with_every_batch_size():
    made = trainer()
    assert made.training_steps == 3 * ROWS // 32
    for batch_size in (16, 40, 160):
        values = {"learning_rate": 0.01, "batch_size": batch_size, "units": 2}
        row = made.train(made.model_for(values, 0), values, 0, never)
        assert row["steps"] == pytest.approx(made.training_steps)
    values = {"learning_rate": 0.01, "units": 2}
    row = made.train(made.model_for(values, 0), values, 0, lambda epoch, _: epoch == 1)
    assert (row["status"], row["steps"]) == ("pruned", made.training_steps / 3)


def test_a_search_is_counted_and_leaves_the_model_as_it_was():
    made, values = trainer(TrialSettings(epochs=12)), {"units": 8, "batch_size": 16}
    model = made.model_for(values, 0)
    before = [v.numpy().copy() for v in model.variables]
    found = made.search(model, values, 0, verified=True)
    assert all(
        np.array_equal(a, v.numpy())
        for a, v in zip(before, model.variables, strict=True)
    )
    assert 0 < found.steps <= made.search_cost(values, verified=True)
    assert found.suggestion.low < found.suggestion.lr < found.suggestion.high
    swept = made.search(model, values, 0, verified=False)
    assert swept.steps < found.steps


def test_a_training_that_diverges_has_no_loss():
    made = trainer(TrialSettings(epochs=3, optimizer="sgd"))
    values = {"learning_rate": 1e30, "units": 2}
    row = made.train(made.model_for(values, 0), values, 0, never)
    assert row["status"] == "diverged" and row["steps"] < made.training_steps


def test_weight_decay_is_that_of_the_optimizer():
    space = {"weight_decay": (0.0, 0.5)}
    made = trainer(TrialSettings(epochs=1, optimizer="sgd"), space)
    values = {"weight_decay": 0.25}
    model = made.model_for(values, 0)
    assert model.optimizer.weight_decay == 0.25
    start = model.get_weights()[0]
    model.optimizer.learning_rate = 0.1
    zeros = [np.zeros(v.shape, "float32") for v in model.trainable_variables]
    model.optimizer.apply([keras.ops.convert_to_tensor(each) for each in zeros])
    # decoupled: w - lr * decay * w
    np.testing.assert_allclose(model.get_weights()[0], start * (1 - 0.1 * 0.25), 1e-6)


@pytest.mark.parametrize(
    ("space", "builder", "words"),
    [
        ({"depth": [1, 2]}, build, "argument of the function"),
        ({"units": [1, 2]}, "mlp", "known by name"),
        ({"units": [1, 2]}, keras.Sequential(), "build_model"),
    ],
)
def test_what_nobody_knows_is_refused(space, builder, words):
    with pytest.raises(InputError, match=words):
        trainer(space=space, builder=builder)


def test_a_model_that_does_not_fit_is_refused():
    def wrong():
        model = keras.Sequential([keras.Input((7,)), keras.layers.Dense(3)])
        model.compile("adam", "mse")
        return model

    made = trainer(space={"learning_rate": (0.1, 1.0)}, builder=wrong)
    with pytest.raises((ModelError, InputError)):
        made.build({}, 0)

"""Data without targets, and in other forms than (x, y): all functions take it alike."""

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.lr_optimizer import LearningRateOptimizer
from lr_finder.training.fitting import train
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.sweep import sweep
from lr_finder.training.systematic import systematic_lr_testing
from lr_finder.training.validation import ValidationLoss
from lr_finder.training.verification import verify

from .own_steps import BACKEND, FunctionalOwnStep, X, compiled, make_functional

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:.*shuffle=True.*"),
    pytest.mark.filterwarnings("ignore:.*ran out of data.*"),
]
STILL = {"start_lr": 1e-12, "end_lr": 2e-12, "stop": False, "verbose": 0}


def dataset(*parts, size=16):
    tf = pytest.importorskip("tensorflow")
    data = parts[0] if len(parts) == 1 else parts
    return tf.data.Dataset.from_tensor_slices(data).batch(size)


def generated(*parts, is_alone=False, size=16):
    for first in range(0, len(X), size):
        batch = tuple(p if p is None else p[first : first + size] for p in parts)
        yield batch[0] if is_alone else batch


class Batched(keras.utils.PyDataset):
    def __init__(self, batches):
        super().__init__()
        self.batches = list(batches)

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]


# ------------------------------------------- what a step is given is what fit gives


class Recorder(FunctionalOwnStep):
    """Writes down what its steps are given."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.given = set()

    def loss_of_batch(self, data):
        self.given.add(described(data))
        return sum(keras.ops.mean(v**2) for v in self.trainable_variables)

    def test_step(self, *args):
        self.given.add(described(args[-1]))
        logs = {"loss": keras.ops.zeros(())}
        return (logs, args[0]) if BACKEND == "jax" else logs


def described(data):
    if data is None or isinstance(data, tuple | list):
        return data and (type(data).__name__, *map(described, data))
    if isinstance(data, dict):
        return tuple((name, described(part)) for name, part in sorted(data.items()))
    return f"rank {len(data.shape)}"


FORMS = {
    "array": lambda: X,
    "dict": lambda: {"a": X, "b": X},
    "tuple": lambda: (X, X),
    "dataset of x": lambda: dataset(X),
    "dataset of dicts": lambda: dataset({"a": X}),
    "dataset of (x,)": lambda: dataset((X,)),
    "dataset of three": lambda: dataset(X, X, X[:, 0]),
    "dataset of four": lambda: dataset(X, X, X, X),
    "generator of (x,)": lambda: generated(X),
    "generator of (x, None)": lambda: generated(X, None),
    "generator of four": lambda: generated(X, X, X, X[:, 0]),
    "PyDataset of x": lambda: Batched(generated(X, is_alone=True)),
    "PyDataset of dicts": lambda: Batched({"a": x} for (x,) in generated(X)),
    "PyDataset of (x, y, w)": lambda: Batched(generated(X, X, X[:, 0])),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.few(3)
def test_a_step_of_ones_own_gets_what_fit_gives_it(form):
    fitted, swept = make_functional(Recorder), make_functional(Recorder)
    fitted.fit(FORMS[form](), verbose=0)
    sweep(swept, FORMS[form](), steps=4, seed=0, verbose=0)
    verify(swept, FORMS[form](), None, 1e-3, budget_steps=60, seed=0)
    assert swept.given == fitted.given and len(fitted.given) == 1


@pytest.mark.parametrize("form", [form for form in FORMS if form != "tuple"])
def test_a_test_step_of_ones_own_too(form):
    evaluated, judged = make_functional(Recorder), make_functional(Recorder)
    evaluated.evaluate(FORMS[form](), verbose=0)
    validation = ValidationLoss(FORMS[form](), samples=20)
    assert validation.of(judged) == 0
    given, expected = (set(map(str, each.given)) for each in (judged, evaluated))
    if BACKEND == "torch":  # its loader makes lists of tuples, which may stay tuples
        given, expected = (
            {each.replace("'list'", "'tuple'") for each in told}
            for told in (given, expected)
        )
    assert given == expected and validation.samples == 20


def test_what_a_step_of_ones_own_makes_of_a_batch_is_its_own_affair():
    """Larger inputs than the model's, of which it takes a part."""

    class Cropping(FunctionalOwnStep):
        def loss_of_batch(self, data):
            return keras.ops.mean(self(data[:, 2:8]) ** 2)

    wide = np.hstack([X, X])
    model = make_functional(Cropping)
    result = sweep(model, wide, batch_size=48, steps=3, **STILL)
    kernel, bias = model.get_weights()
    expected = np.mean((wide[:, 2:8] @ kernel + bias) ** 2)
    np.testing.assert_allclose(result.losses, expected, rtol=1e-5)


# ----------------------------------------------------- a model that needs no targets


class Pull(keras.layers.Layer):
    """Pulls what passes towards 1, by a loss of its own."""

    def call(self, inputs):
        self.add_loss(keras.ops.mean((inputs - 1.0) ** 2))
        return inputs


def pulling():
    keras.utils.set_random_seed(3)
    inputs = keras.Input((6,))
    model = keras.Model(inputs, Pull()(keras.layers.Dense(1)(inputs)))
    return compiled(model, keras.optimizers.SGD(0.01), loss=None)


def loss_of(model):
    kernel, bias = model.get_weights()
    return np.mean((X @ kernel + bias - 1.0) ** 2)


WHOLE = {  # each gives all of x in one batch
    "x": lambda: X,
    "(x,)": lambda: (X,),
    "[x]": lambda: [X],
    "(x, None)": lambda: (X, None),
    "dataset": lambda: dataset(X, size=48),
    "dataset of (x,)": lambda: dataset((X,), size=48),
    "generator of x": lambda: generated(X, size=48, is_alone=True),
    "generator of (x,)": lambda: generated(X, size=48),
    "generator of (x, None)": lambda: generated(X, None, size=48),
    "PyDataset": lambda: Batched(generated(X, size=48)),
}
AS_ONE_ARGUMENT = {"batch_size": 48, "seed": 0}


@pytest.mark.parametrize("form", WHOLE)
@pytest.mark.few(2)
def test_every_function_takes_inputs_alone(form):
    """All measure the loss in closed form."""
    data, model = WHOLE[form], pulling()
    expected = loss_of(model)
    if form[0] not in "([":  # those of `sweep` are two arguments
        result = sweep(model, data(), batch_size=48, steps=3, **STILL)
        np.testing.assert_allclose(result.losses, expected, rtol=1e-5)
    validated = sweep(model, X, batch_size=48, steps=3, validation_data=data(), **STILL)
    np.testing.assert_allclose(validated.validation.losses, expected, rtol=1e-5)
    _, losses = systematic_lr_testing(model, data(), (1e-12, 2e-12), 2, steps=3,
                                      **AS_ONE_ARGUMENT)  # fmt: skip
    np.testing.assert_allclose(losses, expected, rtol=1e-5)


@pytest.mark.parametrize("form", WHOLE)
@pytest.mark.few(1)
def test_from_search_to_training_on_inputs_alone(form):
    optimizer = LearningRateOptimizer(
        pulling(), WHOLE[form](), WHOLE[form](), **AS_ONE_ARGUMENT
    )
    expected = LearningRateOptimizer(pulling(), X, X, **AS_ONE_ARGUMENT)
    rates = [each.find_optimal_rate(1e-4, 1.0) for each in (optimizer, expected)]
    assert rates[0] == pytest.approx(rates[1], rel=1e-3)
    model, history = optimizer.train_optimized(rates[0], epochs=3, verbose=0)
    assert len(history.history["loss"]) == len(history.history["val_loss"]) == 3
    assert history.history["val_loss"][-1] < loss_of(pulling())
    again = train(pulling(), WHOLE[form](), WHOLE[form](), learning_rate=rates[0],
                  epochs=3, verbose=0, **AS_ONE_ARGUMENT)  # fmt: skip
    np.testing.assert_allclose(
        again.history["val_loss"], history.history["val_loss"], rtol=1e-4
    )


def test_the_callback_validates_on_inputs_alone():
    model, callback = pulling(), LRSweep(1e-12, 2e-12, 3, validation_data=(X,))
    model.fit(X, batch_size=16, verbose=0, callbacks=[callback])
    np.testing.assert_allclose(
        callback.result.validation.losses, loss_of(model), rtol=1e-5
    )


def test_arrays_without_the_targets_of_a_loss_are_refused_by_every_function():
    inputs = keras.Input((6,))
    model = compiled(keras.Model(inputs, keras.layers.Dense(1)(inputs)), loss="mse")
    y = X[:, :1]
    for name, run in {
        "y": lambda: sweep(model, X, verbose=0),
        "y`": lambda: verify(model, {"a": X}, None, 1e-3, budget_steps=60),
        "train_dataset": lambda: LearningRateOptimizer(model, (X,)),
        "validation_dataset": lambda: LearningRateOptimizer(model, (X, y), X),
        "train_data": lambda: train(model, X, learning_rate=0.1, epochs=1),
        "dataset": lambda: systematic_lr_testing(model, X, steps=3),
    }.items():
        with pytest.raises(InputError, match=f"`{name}.*targets.*Received"):
            run()
    assert not model.optimizer.built

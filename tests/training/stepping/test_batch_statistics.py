"""Moving statistics against NumPy's of the same rows; nothing else is changed."""

import os
import signal

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError, ModelError
from lr_finder.training.stepping.batch_statistics import reestimate_batch_statistics

from ..fingerprints import fingerprint
from ..own_models import BACKEND, network

pytestmark = pytest.mark.training
BatchNorm = keras.layers.BatchNormalization
X = np.random.default_rng(0).normal(2, [1, 2, 3, 4], size=(30, 4)).astype("float32")
EVERY_CASE = pytest.mark.few(9)


def statistics(model):
    """Mean and variance of each layer, in order."""
    return [
        tuple(keras.ops.convert_to_numpy(v) for v in (e.moving_mean, e.moving_variance))
        for e in model._flatten_layers()
        if isinstance(e, BatchNorm)
    ]


def assert_close(found, expected):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=1e-6)


def stack():
    """Two layers of each kind, the second norm behind the first."""
    return keras.Sequential([
        keras.Input((4,)), BatchNorm(name="one"), keras.layers.Dense(3),
        keras.layers.ReLU(), BatchNorm(name="two"), keras.layers.Dense(1),
    ])  # fmt: skip


def expected_of_stack(model, batches):
    """What both norms are given, batch by batch in float64, and its moments."""
    weights = [w.astype(float) for w in model.layers[1].get_weights()]
    epsilon, rows, given = model.layers[0].epsilon, [], []
    for batch in batches:
        x = batch.astype(float)
        x = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + epsilon)
        given.append(np.maximum(x @ weights[0] + weights[1], 0))
        rows.append(batch)
    parts = [np.concatenate(each) for each in (rows, given)]
    return [(part.mean(axis=0), part.var(axis=0)) for part in parts]


@pytest.mark.parametrize("batch_size", [30, 10, 7, 1])
@EVERY_CASE
def test_a_first_norm_has_the_moments_of_all_rows_whatever_the_batches(batch_size):
    model = keras.Sequential([keras.Input((4,)), BatchNorm()])
    reestimate_batch_statistics(model, X, batch_size=batch_size)
    assert_close(statistics(model)[0], (X.mean(axis=0), X.var(axis=0)))


def test_images_are_averaged_over_places_too():
    x = np.random.default_rng(1).normal(size=(12, 5, 3, 2)).astype("float32")
    model = keras.Sequential([keras.Input((5, 3, 2)), BatchNorm()])
    reestimate_batch_statistics(model, (x, np.zeros(12)), batch_size=5)
    expected = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
    assert_close(statistics(model)[0], expected)


def test_a_second_norm_is_exact_for_what_the_batches_give_it():
    model = stack()
    batches = [X[:12], X[12:20], X[20:]]
    found = reestimate_batch_statistics(model, (batch for batch in batches))
    assert [path.split("/")[-1] for path in found] == ["one", "two"]
    expected = expected_of_stack(model, batches)
    for one, other in zip(statistics(model), expected, strict=True):
        assert_close(one, other)


def test_with_one_batch_evaluation_is_what_training_saw():
    model = stack()
    model.compile("sgd", "mse")
    in_training = keras.ops.convert_to_numpy(model(X, training=True))
    reestimate_batch_statistics(model, X, batch_size=len(X))
    evaluated = keras.ops.convert_to_numpy(model(X))
    np.testing.assert_allclose(evaluated, in_training, rtol=1e-4, atol=1e-5)


def as_dataset():
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((X, X)).batch(7)


class Pairs(keras.utils.PyDataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        rows = slice(7 * index, 7 * index + 7)
        return X[rows], X[rows]


def as_loader():
    torch = pytest.importorskip("torch")
    rows = torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(X))
    return torch.utils.data.DataLoader(rows, batch_size=7)


SOURCES = {
    "array": lambda: X, "pair": lambda: (X, X), "PyDataset": Pairs,
    "generator": lambda: ((X[i : i + 7], X[i : i + 7]) for i in range(0, 30, 7)),
    "tf.data": as_dataset, "DataLoader": as_loader,
}  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
@EVERY_CASE
def test_every_form_of_data_gives_the_same(source):
    if source == "tf.data":
        pytest.importorskip("tensorflow")
    model = keras.Sequential([keras.Input((4,)), BatchNorm()])
    reestimate_batch_statistics(model, SOURCES[source](), batch_size=7)
    assert_close(statistics(model)[0], (X.mean(axis=0), X.var(axis=0)))


def test_dicts_of_inputs_are_batched():
    one, two = keras.Input((4,), name="one"), keras.Input((4,), name="two")
    model = keras.Model({"one": one, "two": two}, BatchNorm()(one + two))
    reestimate_batch_statistics(model, {"one": X, "two": 2 * X}, batch_size=8)
    assert_close(statistics(model)[0], (3 * X.mean(axis=0), 9 * X.var(axis=0)))


def test_nested_models_and_shared_layers_are_measured():
    shared = BatchNorm(name="shared")
    inner = keras.Sequential([keras.Input((4,)), BatchNorm(name="inner")])
    inputs = keras.Input((4,))
    outputs = keras.layers.Concatenate()([shared(inputs), shared(3 * inputs)])
    model = keras.Model(inputs, [inner(inputs), outputs])
    found = reestimate_batch_statistics(model, X, batch_size=7)
    assert sorted(path.split("/")[-1] for path in found) == ["inner", "shared"]
    both = np.concatenate([X, 3 * X])
    held = {e.name: e for e in model._flatten_layers() if isinstance(e, BatchNorm)}
    for name, rows in (("inner", X), ("shared", both)):
        told = held[name].moving_mean, held[name].moving_variance
        told = [keras.ops.convert_to_numpy(each) for each in told]
        assert_close(told, (rows.mean(axis=0), rows.var(axis=0)))


def test_masked_steps_do_not_count():
    x = np.random.default_rng(2).normal(size=(9, 5, 2)).astype("float32")
    x[:4, 3:] = 0.0
    layers = [keras.Input((5, 2)), keras.layers.Masking(), BatchNorm()]
    model = keras.Sequential(layers)
    reestimate_batch_statistics(model, x, batch_size=2)
    rows = x[(x != 0).any(axis=-1)]
    assert_close(statistics(model)[0], (rows.mean(axis=0), rows.var(axis=0)))


def test_a_frozen_layer_keeps_its_statistics():
    model = stack()
    model.get_layer("one").trainable = False
    before = statistics(model)[0]
    found = reestimate_batch_statistics(model, X, batch_size=30)
    assert [path.split("/")[-1] for path in found] == ["two"]
    assert_close(statistics(model)[0], before)


def without_statistics(told):
    """A fingerprint without the values that are meant to change."""
    return {name: value for name, value in told.items() if name != "values"}


def trained(make):
    model = make()
    model.fit(X, X[:, :1], epochs=2, verbose=0)
    return model


def test_all_else_is_left_as_it_was():
    """Dropout's seed, metrics, the optimizer, penalties, and the random states."""
    model = trained(network)
    before = fingerprint(model)
    np.random.seed(5)  # noqa: NPY002
    reestimate_batch_statistics(model, X)
    drawn = np.random.random()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    assert drawn == np.random.random()  # noqa: NPY002
    after = fingerprint(model)
    assert without_statistics(after) == without_statistics(before)
    changed = [a != b for a, b in zip(before["values"], after["values"], strict=True)]
    assert sum(changed) == 2


def test_a_fit_afterwards_is_that_of_a_fit_without():
    """But for the moving statistics, which training does not read."""
    losses = []
    for is_measured in (True, False):
        keras.utils.set_random_seed(0)
        model = trained(network)
        if is_measured:
            reestimate_batch_statistics(model, X)
        history = model.fit(X, X[:, :1], epochs=2, verbose=0, shuffle=False)
        losses.append(history.history["loss"])
    assert losses[0] == losses[1]


def interrupted():
    for batch in (X[:10], X[10:]):
        yield batch
        os.kill(os.getpid(), signal.SIGINT)


def broken():
    yield X[:10]
    raise OSError("gone")


@pytest.mark.parametrize(
    ("data", "error"),
    [(interrupted, KeyboardInterrupt), (broken, OSError),
     (lambda: np.full((8, 4), np.nan), InputError), (lambda: X[:, :2], ValueError),
     (lambda: iter([]), InputError)],
)  # fmt: skip
@EVERY_CASE
def test_after_an_error_the_model_is_as_it_was(data, error):
    model = trained(network)
    before = fingerprint(model)
    with pytest.raises(error):
        reestimate_batch_statistics(model, data())
    assert fingerprint(model) == before


def test_models_with_nothing_to_measure_are_refused():
    plain = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    frozen = stack()
    frozen.trainable = False
    unbuilt = keras.Sequential([BatchNorm()])
    for model, told in (
        (plain, "without one"), (frozen, "2 frozen"), (unbuilt, "not built"),
        ("model", "builtins.str"),
    ):  # fmt: skip
        with pytest.raises(ModelError, match=told):
            reestimate_batch_statistics(model, X)
    if BACKEND == "tensorflow":
        renormed = keras.Sequential([keras.Input((4,)), BatchNorm(renorm=True)])
        with pytest.raises(ModelError, match="renorm"):
            reestimate_batch_statistics(renormed, X)


def test_bad_arguments_are_named():
    with pytest.raises(InputError, match="batch_size"):
        reestimate_batch_statistics(stack(), X, batch_size=0)
    with pytest.raises(InputError, match="seed"):
        reestimate_batch_statistics(stack(), X, seed=-1)
    with pytest.raises(InputError, match="`data`"):
        reestimate_batch_statistics(stack(), 3)


def test_inputs_that_the_model_cannot_take_are_refused_in_a_line():
    model = keras.Sequential([keras.Input((4,)), BatchNorm()])
    before = statistics(model)
    with pytest.raises(InputError, match="must hold inputs that the model") as refused:
        reestimate_batch_statistics(model, X[:, :2])
    assert not set("\n\x1b") & set(str(refused.value))
    np.testing.assert_array_equal(statistics(model), before)

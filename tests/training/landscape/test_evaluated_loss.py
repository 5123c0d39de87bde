"""The loss measured is the loss of `evaluate`, for all that `evaluate` takes."""

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError, ModelError
from lr_finder.training.landscape.evaluated_loss import EvaluatedLoss

pytestmark = pytest.mark.training
RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 6)).astype("float32")
Y = RNG.integers(0, 4, 50)
WEIGHTS = RNG.uniform(0, 2, 50).astype("float32")


def make_model(loss="sparse_categorical_crossentropy", **options):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(8, "relu", kernel_regularizer="l2"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(4, "softmax"),
        ]
    )
    model.compile("sgd", loss, metrics=["accuracy"], **options)
    return model


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 4

    def __getitem__(self, place):
        part = slice(13 * place, 13 * place + 13)
        return X[part], Y[part], WEIGHTS[part]


def tf_dataset():
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_tensor_slices((X, Y, WEIGHTS)).batch(13)


def loader():
    torch = pytest.importorskip("torch")
    data = torch.utils.data.TensorDataset(*map(torch.as_tensor, (X, Y, WEIGHTS)))
    return torch.utils.data.DataLoader(data, batch_size=13)


def generator():
    return (Batches()[place] for place in range(4))


@pytest.mark.parametrize("source", [Batches, tf_dataset, generator, loader])
def test_any_source_gives_the_loss_of_evaluate_again_and_again(source):
    model = make_model()
    data = source()
    loss = EvaluatedLoss(model, data)
    first = loss.of(model)
    model.layers[0].kernel.assign(2 * model.layers[0].kernel)
    second = loss.of(model)
    expected = model.evaluate(Batches(), verbose=0)[0]  # each has the same
    assert second == pytest.approx(expected, rel=1e-6)
    assert first != pytest.approx(second, rel=1e-3)


@pytest.mark.parametrize(
    "parts, batch_size",
    [((X, Y, WEIGHTS), 16), ((X, Y), 50), ((X, Y), 32), ((X, Y, WEIGHTS), 7)],
)
def test_arrays_give_the_loss_of_evaluate(parts, batch_size):
    model = make_model()
    x, y, weight = (*parts, None)[:3]
    loss = EvaluatedLoss(model, x, y, weight, batch_size).of(model)
    expected = model.evaluate(
        x, y, sample_weight=weight, batch_size=batch_size, verbose=0
    )
    assert loss == pytest.approx(expected[0], rel=1e-6)


def test_a_sum_over_the_batch_is_one_over_batches_of_that_size():
    model = make_model(keras.losses.SparseCategoricalCrossentropy(reduction="sum"))
    for size in (10, 25):
        loss = EvaluatedLoss(model, X, Y, batch_size=size).of(model)
        expected = model.evaluate(X, Y, batch_size=size, verbose=0)[0]
        assert loss == pytest.approx(expected, rel=1e-6)


def test_several_inputs_and_outputs():
    one, two = keras.Input((6,)), keras.Input((6,))
    outputs = [keras.layers.Dense(1)(one), keras.layers.Dense(2)(two)]
    model = keras.Model([one, two], outputs)
    model.compile("sgd", ["mse", "mae"], loss_weights=[0.5, 2.0])
    data = [X, X], [X[:, :1], X[:, :2]]
    loss = EvaluatedLoss(model, *data).of(model)
    assert loss == pytest.approx(
        model.evaluate(*data, verbose=0, return_dict=True)["loss"]
    )


def test_sparse_rows():
    scipy_sparse = pytest.importorskip("scipy.sparse")
    model = make_model()
    loss = EvaluatedLoss(model, scipy_sparse.csr_array(X), Y).of(model)
    assert loss == pytest.approx(model.evaluate(X, Y, verbose=0)[0], rel=1e-6)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ((X,), InputError, "`y` must hold the targets"),
        ((X, Y[:-1]), InputError, "same number of samples"),
        ((X, Y, None, 0), InputError, "`batch_size` must be a whole number"),
        ((Batches(), Y), InputError, "`y` must be None if `x` is a keras"),
        ((iter(()),), InputError, "`x`"),
        ((X[:, :5], Y), InputError, "the shape of the model's input"),
    ],
)
def test_bad_data_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        EvaluatedLoss(make_model(), *arguments)


def test_a_model_that_is_not_compiled_is_refused():
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
    with pytest.raises(ModelError, match="must be compiled"):
        EvaluatedLoss(model, X, Y)

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from lr_finder.data import Dataset  # noqa: E402
from lr_finder.errors import InputError, ModelError  # noqa: E402
from lr_finder.models.checks import check_fits, one_line  # noqa: E402
from lr_finder.models.defaults import build_default  # noqa: E402

from ..conftest import make_dataset  # noqa: E402

# NumPy 2 warns inside TensorFlow's variables when Keras makes arrays of them.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")

RNG = np.random.default_rng(0)


def texts(vocabulary_size=50, length=12):
    x = RNG.integers(0, vocabulary_size, size=(64, length)).astype("int32")
    y = (np.arange(64) % 2).astype("int32")
    return Dataset(
        x, y, x[:8], y[:8], "classification", classes=("ham", "spam"), kind="text",
        vocabulary_size=vocabulary_size,
    )  # fmt: skip


def compiled(*layers, loss="mse"):
    model = keras.Sequential(layers)
    model.compile("sgd", loss)
    return model


@pytest.mark.parametrize(
    "data, model, message",
    [
        (make_dataset(), compiled(keras.Input((3,)), keras.layers.Dense(1)),
         r"input of shape \(None, 8\).*model for \(None, 3\)"),
        (make_dataset(), compiled(keras.Input((8,)), keras.layers.Dense(2)),
         r"output of shape \(None, 1\).*Received: \(None, 2\)"),
        (make_dataset(7), compiled(keras.Input((8,)), keras.layers.Dense(1)),
         r"output of shape \(None, 7\), for the classification.*\(None, 1\)"),
        (make_dataset(2), compiled(keras.Input((8,)), keras.layers.Dense(3)),
         r"\(None, 2\) or \(None, 1\)"),
        (make_dataset(outputs=(3,)), compiled(keras.Input((8,)), keras.layers.Dense(1)),
         r"output of shape \(None, 3\)"),
        (make_dataset(), compiled(keras.layers.LSTM(4), keras.layers.Dense(1)),
         "Received: .*ndim"),
    ],
)  # fmt: skip
def test_model_that_does_not_fit_is_refused_in_one_line(data, model, message):
    with pytest.raises(ModelError, match=message) as caught:
        check_fits(model, data, "mine")
    assert "\n" not in str(caught.value) and "mine" in str(caught.value)


def text_model(tokens, length=12, **settings):
    return compiled(
        keras.Input((length,), **settings), keras.layers.Embedding(tokens, 4),
        keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
    )  # fmt: skip


@pytest.mark.training
@pytest.mark.parametrize("dtype", ["int32", "float32"])
def test_models_of_text_pass_and_train(dtype):
    model = text_model(50, dtype=dtype)
    check_fits(model, texts(), "mine")
    model.fit(texts().x_train, texts().y_train, verbose=0)
    unbuilt = compiled(
        keras.layers.Embedding(50, 4), keras.layers.Flatten(), keras.layers.Dense(1),
        loss="hinge",
    )  # fmt: skip
    check_fits(unbuilt, texts(), "mine")
    assert unbuilt.count_params() == 50 * 4 + 12 * 4 + 1


def test_embedding_that_lacks_tokens_is_refused():
    with pytest.raises(ModelError, match=r"the 50 tokens.*an Embedding of 49"):
        check_fits(text_model(49), texts(), "mine")
    inputs = keras.Input((12,), dtype="int32")
    embedded = keras.layers.Embedding(40, 4)(inputs)
    outputs = keras.layers.Dense(1)(keras.layers.Flatten()(embedded))
    model = keras.Model(inputs, outputs)
    model.compile("sgd", "mse")
    with pytest.raises(ModelError, match="an Embedding of 40"):
        check_fits(model, texts(), "mine")


def test_embedding_of_positions_may_be_smaller_than_the_vocabulary():
    inputs = keras.Input((12,), dtype="int32")
    words = keras.layers.Embedding(50, 4)(inputs)
    places = keras.layers.Embedding(12, 4)(keras.ops.arange(12))
    outputs = keras.layers.Dense(1)(keras.layers.Flatten()(words + places))
    model = keras.Model(inputs, outputs)
    model.compile("sgd", "mse")
    check_fits(model, texts(), "mine")


@pytest.mark.parametrize("size", [(16, 12), (None, None)])
def test_model_of_images_passes_and_must_have_the_channels(size):
    model = compiled(
        keras.Input((*size, 3)), keras.layers.Conv2D(4, 3),
        keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1),
    )  # fmt: skip
    check_fits(model, make_dataset(input_shape=(16, 12, 3)), "mine")
    with pytest.raises(ModelError, match=r"input of shape \(None, 16, 12, 1\)"):
        check_fits(model, make_dataset(input_shape=(16, 12, 1)), "mine")


def test_model_of_two_outputs_is_refused():
    inputs = keras.Input((8,))
    outputs = [keras.layers.Dense(1)(inputs), keras.layers.Dense(1)(inputs)]
    model = keras.Model(inputs, outputs)
    model.compile("sgd", ["mse", "mse"])
    with pytest.raises(ModelError, match="one output. Received: list of 2"):
        check_fits(model, make_dataset(), "mine")


def test_model_with_a_loss_that_does_not_fit_is_refused():
    softmax = keras.layers.Dense(2, activation="softmax")
    with pytest.raises(InputError, match="Use sparse_categorical_crossentropy"):
        check_fits(compiled(keras.Input((8,)), softmax), make_dataset(2), "mine")


def test_unbuilt_models_are_built_for_the_data():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.layer = keras.layers.Dense(1)

        def call(self, x, training=False):
            return self.layer(x)

    own = Own()
    own.compile("sgd", "mse")
    for model in (own, compiled(keras.layers.Dense(1))):
        check_fits(model, make_dataset(), "mine")
        assert model.built and model.count_params() == 9
        with pytest.raises(ModelError, match=r"input of shape \(None, 5\)"):
            check_fits(model, make_dataset(input_shape=(5,)), "mine")


def test_check_leaves_the_weights_as_they_are():
    model = build_default(make_dataset())
    before = [keras.ops.convert_to_numpy(v).copy() for v in model.variables]
    check_fits(model, make_dataset(), "mine")
    for variable, value in zip(model.variables, before, strict=True):
        assert np.array_equal(keras.ops.convert_to_numpy(variable), value)


@pytest.mark.parametrize(
    "text, line",
    [
        ("no file.", "no file"),
        ("", "ValueError"),
        ("Exception encountered when calling X.call().\n\n\x1b[1mInput 0 is bad\x1b[0m"
         "\n\nArguments received by X", "Input 0 is bad"),
    ],
)  # fmt: skip
def test_one_line(text, line):
    assert one_line(ValueError(text)) == line

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from lr_finder.data import Dataset  # noqa: E402
from lr_finder.errors import InputError, ModelError  # noqa: E402
from lr_finder.models import (  # noqa: E402
    build_mlp,
    check_fits,
    one_line,
    resolve_loss,
    resolve_optimizer,
)

# NumPy 2 warns inside TensorFlow's variables when Keras makes arrays of them.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")

RNG = np.random.default_rng(0)


def dataset(n_classes=0, input_shape=(8,), outputs=()):
    x = RNG.normal(size=(64, *input_shape)).astype("float32")
    if n_classes:
        y = (np.arange(64) % n_classes).astype("int32")
        classes = tuple(range(n_classes))
        return Dataset(x, y, x[:8], y[:8], "classification", classes=classes)
    y = RNG.normal(size=(64, *outputs)).astype("float32")
    return Dataset(x, y, x[:8], y[:8], "regression")


def compiled(*layers, loss="mse"):
    model = keras.Sequential(layers)
    model.compile("sgd", loss)
    return model


@pytest.mark.parametrize(
    "data, units, activation, loss",
    [
        (dataset(), 1, "linear", "mse"),
        (dataset(outputs=(3,)), 3, "linear", "mse"),
        (dataset(2), 1, "sigmoid", "binary_crossentropy"),
        (dataset(7), 7, "softmax", "sparse_categorical_crossentropy"),
    ],
)
def test_mlp_fits_its_task(data, units, activation, loss):
    model = build_mlp(data)
    assert [layer.units for layer in model.layers] == [64, 64, units]
    assert model.layers[-1].activation.__name__ == activation
    assert model.loss == loss and isinstance(model.optimizer, keras.optimizers.Adam)
    # weights and biases of 8-64-64-units
    assert model.count_params() == 8 * 64 + 64 + 64 * 64 + 64 + 64 * units + units
    check_fits(model, data, "default")


def test_mlp_flattens_rows_of_several_axes():
    model = build_mlp(dataset(input_shape=(4, 2)))
    assert model.input_shape == (None, 4, 2) and model.output_shape == (None, 1)


@pytest.mark.training
@pytest.mark.parametrize("n_classes", [0, 2, 3])
def test_mlp_trains_at_the_loss_that_chance_gives(n_classes):
    """The first loss of balanced classes is about ln(n), of unit variance about 1."""
    keras.utils.set_random_seed(0)
    data = dataset(n_classes)
    history = build_mlp(data).fit(data.x_train, data.y_train, verbose=0)
    expected = np.log(n_classes) if n_classes else 1.0
    assert history.history["loss"][0] == pytest.approx(expected, rel=0.5)


@pytest.mark.parametrize("name", ["adam", "Adam", "SGD", "rmsprop", "AdamW", "lion"])
def test_known_optimizers(name):
    assert type(resolve_optimizer(name)).__name__.lower() == name.lower()


def test_optimizer_and_loss_objects_pass():
    optimizer = keras.optimizers.SGD(0.5)
    loss = keras.losses.Huber(2.0)
    model = build_mlp(dataset(), optimizer=optimizer, loss=loss)
    assert model.optimizer is optimizer and model.loss is loss


@pytest.mark.parametrize(
    "function, value, message",
    [
        (resolve_optimizer, "adm", "`optimizer`.*optimizer='adm'. Did you mean adam"),
        (resolve_optimizer, "RMSporp", "Did you mean rmsprop"),
        (resolve_optimizer, "qqq", "Use adadelta, .*, sgd"),
        (resolve_optimizer, 3, "Received: optimizer=3"),
        (resolve_loss, "mean_square_error", "Did you mean mean_squared_error"),
        (resolve_loss, "mes", "`loss`.*Did you mean mse"),
        (resolve_loss, "get", "`loss`"),
        (resolve_loss, "", "`loss`"),
        (resolve_loss, 3.5, "Received: loss=3.5"),
    ],
)
def test_unknown_names_are_refused_in_one_line(function, value, message):
    with pytest.raises(InputError, match=message) as caught:
        function(value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "data, loss",
    [
        (dataset(), "binary_crossentropy"),
        (dataset(), "sparse_categorical_crossentropy"),
        (dataset(2), "categorical_crossentropy"),
        (dataset(2), "SparseCategoricalCrossentropy"),
        (dataset(7), "mse"),
        (dataset(7), "categorical_crossentropy"),
        (dataset(7), keras.losses.MeanSquaredError()),
        (dataset(7), keras.losses.mean_squared_error),
    ],
)
def test_loss_that_does_not_fit_the_task_is_refused(data, loss):
    with pytest.raises(InputError, match="`loss` must fit a .* Use "):
        build_mlp(data, loss=loss)


@pytest.mark.parametrize(
    "data, loss",
    [
        (dataset(), "mae"),
        (dataset(), "LogCosh"),
        (dataset(2), "mse"),
        (dataset(2), "hinge"),
        (dataset(7), keras.losses.SparseCategoricalCrossentropy()),
        (dataset(7), lambda y, prediction: keras.ops.mean(prediction)),
    ],
)
def test_loss_that_fits_passes(data, loss):
    assert build_mlp(data, loss=loss).loss is loss


@pytest.mark.parametrize(
    "data, model, message",
    [
        (dataset(), compiled(keras.Input((3,)), keras.layers.Dense(1)),
         r"input of shape \(None, 8\).*model for \(None, 3\)"),
        (dataset(), compiled(keras.Input((8,)), keras.layers.Dense(2)),
         r"output of shape \(None, 1\).*Received: \(None, 2\)"),
        (dataset(7), compiled(keras.Input((8,)), keras.layers.Dense(1)),
         r"output of shape \(None, 7\), for the classification.*\(None, 1\)"),
        (dataset(2), compiled(keras.Input((8,)), keras.layers.Dense(3)),
         r"\(None, 2\) or \(None, 1\)"),
        (dataset(outputs=(3,)), compiled(keras.Input((8,)), keras.layers.Dense(1)),
         r"output of shape \(None, 3\)"),
        (dataset(), compiled(keras.layers.LSTM(4), keras.layers.Dense(1)),
         "Received: .*ndim"),
    ],
)  # fmt: skip
def test_model_that_does_not_fit_is_refused_in_one_line(data, model, message):
    with pytest.raises(ModelError, match=message) as caught:
        check_fits(model, data, "mine")
    assert "\n" not in str(caught.value) and "mine" in str(caught.value)


def test_model_of_two_outputs_is_refused():
    inputs = keras.Input((8,))
    outputs = [keras.layers.Dense(1)(inputs), keras.layers.Dense(1)(inputs)]
    model = keras.Model(inputs, outputs)
    model.compile("sgd", ["mse", "mse"])
    with pytest.raises(ModelError, match="one output. Received: list of 2"):
        check_fits(model, dataset(), "mine")


def test_model_with_a_loss_that_does_not_fit_is_refused():
    softmax = keras.layers.Dense(2, activation="softmax")
    with pytest.raises(InputError, match="Use sparse_categorical_crossentropy"):
        check_fits(compiled(keras.Input((8,)), softmax), dataset(2), "mine")


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
        check_fits(model, dataset(), "mine")
        assert model.built and model.count_params() == 9
        with pytest.raises(ModelError, match=r"input of shape \(None, 5\)"):
            check_fits(model, dataset(input_shape=(5,)), "mine")


def test_check_leaves_the_weights_as_they_are():
    model = build_mlp(dataset())
    before = [keras.ops.convert_to_numpy(v).copy() for v in model.variables]
    check_fits(model, dataset(), "mine")
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

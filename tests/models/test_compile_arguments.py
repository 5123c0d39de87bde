import numpy as np
import pytest

keras = pytest.importorskip("keras")

from lr_finder.errors import InputError  # noqa: E402
from lr_finder.models.compile_arguments import (  # noqa: E402
    default_metrics,
    resolve_initializer,
    resolve_loss,
    resolve_optimizer,
)
from lr_finder.models.defaults import build_default  # noqa: E402

from ..conftest import make_dataset  # noqa: E402

# NumPy 2 warns inside TensorFlow's variables when Keras makes arrays of them.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("name", ["adam", "Adam", "SGD", "rmsprop", "AdamW", "lion"])
def test_known_optimizers(name):
    assert type(resolve_optimizer(name)).__name__.lower() == name.lower()


def test_optimizer_and_loss_objects_pass():
    optimizer = keras.optimizers.SGD(0.5)
    loss = keras.losses.Huber(2.0)
    model = build_default(make_dataset(), optimizer=optimizer, loss=loss)
    assert model.optimizer is optimizer and model.loss is loss


@pytest.mark.parametrize("name", ["he_normal", "HeNormal", "HE_NORMAL", "zeros"])
def test_known_initializers(name):
    found = resolve_initializer(name)
    assert type(found).__name__.lower() == name.lower().replace("_", "")
    assert resolve_initializer(found) is found


@pytest.mark.parametrize(
    "function, value, message",
    [
        (resolve_optimizer, "adm", "`optimizer`.*optimizer='adm'. Did you mean adam"),
        (resolve_optimizer, "sgd(momentom=1)", "arguments of SGD.*momentom"),
        (resolve_optimizer, "RMSporp", "Did you mean rmsprop"),
        (resolve_optimizer, "qqq", "Use adadelta, .*, sgd"),
        (resolve_optimizer, 3, "Received: optimizer=3"),
        (resolve_loss, "mean_square_error", "Did you mean mean_squared_error"),
        (resolve_loss, "mes", "`loss`.*Did you mean mse"),
        (resolve_loss, "get", "`loss`"),
        (resolve_loss, "", "`loss`"),
        (resolve_loss, 3.5, "Received: loss=3.5"),
        (resolve_initializer, "he_norml", "`initializer`.*Did you mean he_normal"),
        (resolve_initializer, "GlorotUnifrom", "Did you mean glorot_uniform"),
        (resolve_initializer, "xavier", "Use constant, glorot_normal, .*, zeros"),
        (resolve_initializer, "Initializer", "Received: initializer='Initializer'"),
        (resolve_initializer, "stft", "`initializer`"),
        (resolve_initializer, "", "`initializer`"),
        (resolve_initializer, None, "`initializer`"),
    ],
)
def test_unknown_names_are_refused_in_one_line(function, value, message):
    with pytest.raises(InputError, match=message) as caught:
        function(value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "data, loss",
    [
        (make_dataset(), "binary_crossentropy"),
        (make_dataset(), "sparse_categorical_crossentropy"),
        (make_dataset(2), "categorical_crossentropy"),
        (make_dataset(2), "SparseCategoricalCrossentropy"),
        (make_dataset(7), "mse"),
        (make_dataset(7), "categorical_crossentropy"),
        (make_dataset(7), keras.losses.MeanSquaredError()),
        (make_dataset(7), keras.losses.mean_squared_error),
    ],
)
def test_loss_that_does_not_fit_the_task_is_refused(data, loss):
    with pytest.raises(InputError, match="`loss` must fit a .* Use "):
        build_default(data, loss=loss)


@pytest.mark.parametrize(
    "data, loss",
    [
        (make_dataset(), "mae"),
        (make_dataset(), "LogCosh"),
        (make_dataset(2), "mse"),
        (make_dataset(2), "hinge"),
        (make_dataset(7), keras.losses.SparseCategoricalCrossentropy()),
        (make_dataset(7), lambda y, prediction: keras.ops.mean(prediction)),
    ],
)
def test_loss_that_fits_passes(data, loss):
    assert build_default(data, loss=loss).loss is loss


def test_accuracy_is_reported_of_classes_only():
    assert default_metrics(make_dataset()) == []
    assert default_metrics(make_dataset(2)) == ["accuracy"]

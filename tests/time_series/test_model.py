import subprocess
import sys

import numpy as np
import pytest

from lr_finder.errors import InputError

keras = pytest.importorskip("keras")


def test_layers_shapes_and_compilation():
    from time_series import create_model

    model = create_model(window_size=20)
    assert model.input_shape == (None, 20) and model.output_shape == (None, 1)
    assert [layer.units for layer in model.layers] == [128, 64, 32, 1]
    names = [layer.activation.__name__ for layer in model.layers]
    assert names == ["relu", "relu", "relu", "linear"]
    # weights and biases: 20*128+128 + 128*64+64 + 64*32+32 + 32+1
    assert model.count_params() == 2688 + 8256 + 2080 + 33
    assert model.compiled and model.loss == "mse"
    assert isinstance(model.optimizer, keras.optimizers.Adam)


@pytest.mark.parametrize("window_size", [0, -1, 2.0, True, "20"])
def test_bad_window_size_is_refused(window_size):
    from time_series import create_model

    with pytest.raises(InputError, match="`window_size`.*Received"):
        create_model(window_size=window_size)


def test_import_of_the_package_leaves_keras_out():
    code = "import sys, time_series; print('keras' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "False"


def test_unknown_name_is_an_attribute_error():
    import time_series

    with pytest.raises(AttributeError, match="no_such_name"):
        time_series.no_such_name  # noqa: B018
    assert set(time_series.__all__) <= set(dir(time_series))


BUILDERS = ("create_model", "create_lstm_model", "create_conv_model")


def build(name, **options):
    import time_series

    return getattr(time_series, name)(**options)


@pytest.mark.training
@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("window_size, columns, horizon", [(20, 1, 1), (1, 3, 2)])
def test_shapes_of_every_model(name, window_size, columns, horizon):
    model = build(name, window_size=window_size, columns=columns, horizon=horizon)
    axis = () if columns == 1 else (columns,)
    assert model.input_shape == (None, window_size, *axis)
    assert model.output_shape == (None, horizon)
    assert model.compiled and model.loss == "mse"
    assert model.optimizer.learning_rate == np.float32(1e-3)


def test_sizes_of_the_recurrent_and_the_convolutional_model():
    # LSTM: 4 gates of 32 units over 1 input, 32 states and a bias; then 32 + 1
    assert build("create_lstm_model").count_params() == 4 * 32 * (1 + 32 + 1) + 33
    # kernels of 5 over 1, then 32 channels; 20 * 32 to 32 to 1
    convolutions = (5 * 1 * 32 + 32) + (5 * 32 * 32 + 32)
    dense = (20 * 32 * 32 + 32) + 33
    assert build("create_conv_model").count_params() == convolutions + dense


def test_convolutions_see_no_later_point():
    model = build("create_conv_model", window_size=12)
    layers = [each for each in model.layers if "conv" in each.name]
    assert [layer.padding for layer in layers] == ["causal", "causal"]


@pytest.mark.training
@pytest.mark.filterwarnings("ignore:__array__ implementation")
@pytest.mark.parametrize("name", BUILDERS)
def test_every_model_learns_the_mean_of_its_window(name):
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(512, 8)).astype("float32")
    y = x.mean(axis=1, keepdims=True)
    model = build(name, window_size=8, learning_rate=5e-3)
    model.fit(x[:384], y[:384], epochs=15, verbose=0)
    assert model.evaluate(x[384:], y[384:], verbose=0) < 0.15 * y.var()


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize(
    "options", [{"window_size": 0}, {"columns": 0}, {"horizon": 1.5}]
)
def test_bad_sizes_are_refused(name, options):
    with pytest.raises(InputError, match=f"`{next(iter(options))}`.*whole number"):
        build(name, **options)

import subprocess
import sys

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

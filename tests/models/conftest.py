"""The code of a person who builds models of all kinds."""

import sys

import numpy as np
import pytest

SOURCE = """
import keras

def plain():
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.5), "mae")
    return model

def shaped(input_shape, n_outputs, units=4, **rest):
    model = keras.Sequential([
        keras.Input(input_shape), keras.layers.Dense(units),
        keras.layers.Dense(n_outputs)])
    model.compile("sgd", "mse")
    return model

def sized(window_size=3, vocabulary_size=5):
    model = keras.Sequential([
        keras.Input((8,)), keras.layers.Dense(window_size),
        keras.layers.Dense(vocabulary_size), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model

def whole(dataset):
    assert dataset.task == "regression"
    return shaped(dataset.input_shape, dataset.n_outputs)

def uncompiled():
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])

def beside():
    import own_layers
    return own_layers.build()

def initialized(input_shape, initializer):
    return keras.Sequential([
        keras.Input(input_shape),
        keras.layers.Dense(4, kernel_initializer=initializer), keras.layers.Dense(1)])

def with_default(input_shape, initializer="ones"):
    return initialized(input_shape, initializer)

def open_ended(**rest): return plain()
def nothing(): pass
def needy(width, depth=2): return plain()
def failing(): raise RuntimeError("no such layer.\\nSecond line.")
def leaving(): raise SystemExit(3)
def narrow(): return shaped((3,), 1)

number = 3
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("own_model_source.py").write_text(SOURCE)
    tmp_path.joinpath("own_layers.py").write_text(
        "from own_model_source import plain as build\n"
    )
    package = tmp_path / "own_package"
    package.mkdir()
    package.joinpath("__init__.py").write_text("")
    package.joinpath("models.py").write_text(SOURCE)
    package.joinpath("broken.py").write_text("import no_such_dependency\n")
    tmp_path.joinpath("typo.py").write_text("def build(:\n")
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("own_")]:
        del sys.modules[name]


def dataset(**about):
    from lr_finder.data import Dataset

    x, y = np.zeros((16, 8), "float32"), np.zeros(16, "float32")
    return Dataset(x, y, x, y, "regression", **about)


def first_kernel(model):
    import keras

    return keras.ops.convert_to_numpy(model.layers[0].kernel)

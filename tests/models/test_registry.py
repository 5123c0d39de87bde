import pickle
import subprocess
import sys

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from lr_finder.data import Dataset  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402
from lr_finder.models.defaults import BUILDERS  # noqa: E402
from lr_finder.models.registry import MODELS, make_builder  # noqa: E402

# NumPy 2 warns inside TensorFlow's variables when Keras makes arrays of them.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")

SOURCE = """
import keras

def build(input_shape, initializer=None):
    return keras.Sequential([
        keras.Input(input_shape),
        keras.layers.Dense(1, kernel_initializer=initializer or "glorot_uniform")])
"""


def images(side=32, n_classes=10):
    x = np.random.default_rng(0).uniform(size=(20, side, side, 3)).astype("float32")
    y = (np.arange(20) % n_classes).astype("int32")
    about = {"classes": tuple(range(n_classes)), "kind": "images"}
    return Dataset(x, y, x[:4], y[:4], "classification", **about)


def rows():
    x, y = np.zeros((6, 3), "float32"), np.zeros(6, "float32")
    return Dataset(x, y, x, y, "regression")


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("own_named_model.py").write_text(SOURCE)
    return tmp_path


@pytest.mark.parametrize("name", MODELS)
def test_every_name_builds_a_network_with_and_without_initializer(name):
    builder = make_builder(name)
    for initializer in (None, "he_normal"):
        model = builder(images(), initializer)
        assert model.output_shape == (None, 10) and not model.compiled


def test_default_is_the_network_of_the_kind():
    default = make_builder("default")
    by_hand = {"images": images(), "tabular": rows()}
    for kind, data in by_hand.items():
        expected = BUILDERS[kind](data).count_params()
        assert default(data).count_params() == expected


@pytest.mark.parametrize(
    "spec", ["own_named_model.py:build", "own_named_model:build", "cnn"]
)
def test_a_builder_travels_by_its_names(own, spec, tmp_path_factory, monkeypatch):
    content = pickle.dumps(make_builder(spec))
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    builder = pickle.loads(content)
    data = images() if spec == "cnn" else rows()
    model = builder(data, initializer=keras.initializers.Constant(3.0))
    kernel = next(layer.kernel for layer in model.layers if hasattr(layer, "kernel"))
    assert (keras.ops.convert_to_numpy(kernel) == 3).all()


def test_a_process_that_gets_a_builder_loads_no_keras(own):
    content = pickle.dumps(make_builder("own_named_model.py:build"))
    code = (
        f"import pickle, sys; builder = pickle.loads({content!r}); "
        "print(builder.spec, *({'keras', 'tensorflow'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == "own_named_model.py:build", run.stderr


def test_a_saved_model_is_a_source(own):
    saved = make_builder("own_named_model.py:build")(rows())
    saved.save("own.keras")
    builder = make_builder("own.keras")
    found, expected = builder(rows()).get_weights(), saved.get_weights()
    np.testing.assert_array_equal(found[0], expected[0])
    with pytest.raises(InputError, match="takes no initializer"):
        builder(rows(), "he_normal")


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("resnet", "or be one of default, cnn, mlp, 3c3d, resnet20. .* mean resnet20"),
        ("CNN", "Did you mean cnn"),
        ("vgg", r"must have the form .* Received: model='vgg'\.$"),
        ("none.py:build", "none.py does not exist"),
        ("none.keras", "none.keras does not exist"),
    ],
)
def test_what_is_no_source_is_refused_before_keras_is_needed(spec, message):
    with pytest.raises(InputError, match=message):
        make_builder(spec)

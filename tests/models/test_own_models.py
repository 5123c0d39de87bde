import sys
import zipfile

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from lr_finder.data import Dataset  # noqa: E402
from lr_finder.errors import InputError, ModelError  # noqa: E402
from lr_finder.models.own_models import build_model, load_model  # noqa: E402

# NumPy 2 warns inside TensorFlow's variables when Keras writes them to a file.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")

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
    x, y = np.zeros((16, 8), "float32"), np.zeros(16, "float32")
    return Dataset(x, y, x, y, "regression", **about)


@pytest.mark.parametrize(
    "spec, parameters",
    [
        ("own_model_source.py:plain", 9),
        ("./own_model_source.py:shaped", 8 * 4 + 4 + 5),
        ("own_model_source.py:whole", 8 * 4 + 4 + 5),
        ("own_model_source.py:beside", 9),
        ("own_model_source:plain", 9),
        ("own_package.models:shaped", 8 * 4 + 4 + 5),
    ],
)
def test_functions_are_called_with_what_they_name(folder, spec, parameters):
    path = list(sys.path)
    model = load_model(spec, dataset())
    assert model.count_params() == parameters and model.compiled
    assert sys.path == path


@pytest.mark.parametrize(
    "about, hidden",
    [
        ({}, [3, 5]),
        ({"kind": "series"}, [8, 5]),
        ({"kind": "text", "vocabulary_size": 40}, [3, 40]),
    ],
    ids=["tabular", "series", "text"],
)
def test_sizes_of_a_kind_are_offered_for_that_kind(folder, about, hidden):
    model = load_model("own_model_source.py:sized", dataset(**about))
    assert [layer.units for layer in model.layers] == [*hidden, 1]


def test_file_in_another_folder(folder, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    spec = f"{folder / 'own_model_source.py'}:beside"
    assert load_model(spec, dataset()).count_params() == 9


def test_saved_model_comes_back_with_its_weights(folder):
    saved = load_model("own_model_source.py:plain", dataset())
    saved.save("own.keras")
    model = load_model("own.keras", dataset())
    assert model.loss == "mae" and float(model.optimizer.learning_rate) == 0.5
    for one, other in zip(saved.weights, model.weights, strict=True):
        assert np.array_equal(*map(keras.ops.convert_to_numpy, (one, other)))


def test_optimizer_and_loss_override_what_was_compiled(folder):
    spec = "own_model_source.py:plain"
    model = load_model(spec, dataset(), optimizer="adam")
    assert isinstance(model.optimizer, keras.optimizers.Adam) and model.loss == "mae"
    model = load_model(spec, dataset(), loss="huber")
    assert float(model.optimizer.learning_rate) == 0.5 and model.loss == "huber"


def test_uncompiled_model_needs_both(folder):
    spec = "own_model_source.py:uncompiled"
    for given in ({}, {"optimizer": "adam"}, {"loss": "mse"}):
        with pytest.raises(ModelError, match="must be compiled.*both an optimizer"):
            load_model(spec, dataset(), **given)
    assert load_model(spec, dataset(), optimizer="adam", loss="mse").compiled


@pytest.mark.parametrize(
    "spec, error, message",
    [
        ("own_model_source", InputError, "must have the form"),
        ("own_model_source.py", InputError, "must have the form"),
        ("own_model_source.py:", InputError, "must have the form"),
        ("saved.h5", InputError, "must have the form"),
        ("none.py:build", InputError, "none.py does not exist"),
        ("none.keras", InputError, "none.keras does not exist"),
        ("no_such_module:build", InputError, "no module of that name"),
        ("own_package.nowhere:build", InputError, "no module of that name"),
        ("own_package.broken:build", ModelError, "No module named 'no_such_depend"),
        (
            "typo.py:build",
            ModelError,
            r"run. Received: SyntaxError: .* \(at typo.py:1\)",
        ),
        ("own_model_source.py:build", InputError, "function 'build'. .*only plain, sh"),
        ("own_model_source.py:number", InputError, "function 'number'"),
        ("own_layers.py:missing", InputError, "no function at all"),
        ("own_model_source.py:nothing", ModelError, "Received: builtins.NoneType"),
        ("own_model_source.py:needy", InputError, "one that needs width"),
        ("own_model_source.py:failing", ModelError, "RuntimeError: no such layer "),
        ("own_model_source.py:leaving", ModelError, "SystemExit: 3"),
        ("own_model_source.py:narrow", ModelError, r"\(None, 8\).*\(None, 3\)"),
    ],
)
def test_bad_sources_are_refused_in_one_line(folder, spec, error, message):
    with pytest.raises(error, match=message) as caught:
        load_model(spec, dataset())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "function, marked",
    [
        ("failing", "def failing"),
        ("leaving", "def leaving"),
        ("narrow_by_two", "(sizes), reshaped"),
    ],
)
def test_an_error_names_the_line_of_the_file(folder, function, marked):
    path = folder / "own_model_source.py"
    path.write_text(
        SOURCE + "def narrow_by_two():\n    sizes = (8,)\n"
        "    reshaped = keras.layers.Reshape((3, 4))\n"
        "    return keras.Sequential([keras.Input(sizes), reshaped])\n"
    )
    lines = path.read_text().splitlines()
    number = next(i for i, line in enumerate(lines, 1) if marked in line)
    place = rf"\(at own_model_source.py:{number}\)\. Correct"
    with pytest.raises(ModelError, match=place):
        load_model(f"own_model_source.py:{function}", dataset())


def test_an_error_in_a_file_beside_names_that_file(folder):
    folder.joinpath("own_beside.py").write_text("\n\nimport no_such_thing\n")
    folder.joinpath("own_first.py").write_text("import own_beside\n")
    with pytest.raises(ModelError, match=r"\(at own_beside.py:3\)"):
        load_model("own_first.py:build", dataset())


def test_unknown_optimizer_is_refused_before_any_code_runs(folder):
    with pytest.raises(InputError, match="Did you mean adam"):
        load_model("own_model_source.py:failing", dataset(), optimizer="adm")


def test_broken_saved_models_are_refused_in_one_line(folder):
    folder.joinpath("junk.keras").write_bytes(b"junk")
    with zipfile.ZipFile(folder / "empty.keras", "w"):
        pass
    unsafe = keras.Sequential([keras.Input((8,)), keras.layers.Lambda(lambda x: x[:1])])
    unsafe.save("unsafe.keras")
    folder.joinpath("folder.keras").mkdir()
    for name in ("junk", "empty", "unsafe"):
        with pytest.raises(ModelError, match=f"{name}.keras must be a model") as caught:
            load_model(f"{name}.keras", dataset())
        assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="Received: a folder"):
        load_model("folder.keras", dataset())


def first_kernel(model):
    return keras.ops.convert_to_numpy(model.layers[0].kernel)


def test_a_model_may_be_built_uncompiled(folder):
    assert not build_model("own_model_source.py:uncompiled", dataset()).compiled
    assert build_model("own_model_source.py:plain", dataset()).loss == "mae"


@pytest.mark.parametrize("function", ["initialized", "with_default"])
def test_an_initializer_is_handed_on(folder, function):
    spec = f"own_model_source.py:{function}"
    zeros = build_model(spec, dataset(), initializer="zeros")
    assert (first_kernel(zeros) == 0).all()
    own = first_kernel(build_model(spec, dataset()))
    if function == "with_default":
        assert (own == 1).all()
    else:  # None, for which Keras draws from glorot_uniform
        assert 0 < np.abs(own).max() <= np.sqrt(6 / (8 + 4))


@pytest.mark.parametrize("function", ["plain", "open_ended"])
def test_a_function_without_initializer_is_refused_one(folder, function):
    spec = f"own_model_source.py:{function}"
    with pytest.raises(InputError, match="`initializer` to be given one. .* Add the"):
        build_model(spec, dataset(), initializer="he_normal")
    assert build_model(spec, dataset()).count_params() == 9


def test_an_unknown_initializer_is_refused_before_any_code_runs(folder):
    with pytest.raises(InputError, match="Did you mean he_normal"):
        build_model("own_model_source.py:failing", dataset(), initializer="he_norml")


def test_a_saved_model_has_its_weights_and_takes_no_initializer(folder):
    saved = build_model("own_model_source.py:plain", dataset())
    saved.save("own.keras")
    model = build_model("own.keras", dataset())
    np.testing.assert_array_equal(*map(first_kernel, (saved, model)))
    with pytest.raises(InputError, match="holds weights and takes no initializer"):
        build_model("own.keras", dataset(), initializer="he_normal")


def test_a_model_that_does_not_fit_is_refused_uncompiled(folder):
    with pytest.raises(ModelError, match=r"\(None, 8\).*\(None, 3\)"):
        build_model("own_model_source.py:narrow", dataset())


def test_paths_and_modules_start_in_the_folder_named(
    folder, tmp_path_factory, monkeypatch
):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    place = str(folder)
    spec = "own_model_source.py:beside"
    build_model(spec, dataset(), folder=place).save(folder / "own.keras")
    for spec in ("own.keras", "own_package.models:plain"):
        assert build_model(spec, dataset(), folder=place).count_params() == 9
    with pytest.raises(InputError, match="does not exist"):
        build_model("own.keras", dataset())

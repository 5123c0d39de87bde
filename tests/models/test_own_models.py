import zipfile

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from lr_finder.errors import InputError, ModelError  # noqa: E402
from lr_finder.models.own_models import build_model, load_model  # noqa: E402

from .conftest import dataset, first_kernel  # noqa: E402

# NumPy 2 warns inside TensorFlow's variables when Keras writes them to a file.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")


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
        ("own_package.nowhere:build", InputError, "own_package/nowhere.py:function"),
        ("mine.pi:build", InputError, "For a file write `mine.py:function`"),
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


def test_a_model_may_be_built_uncompiled(folder):
    assert not build_model("own_model_source.py:uncompiled", dataset()).compiled
    assert build_model("own_model_source.py:plain", dataset()).loss == "mae"


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

import sys

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from lr_finder.errors import InputError, ModelError  # noqa: E402
from lr_finder.models.builders import build_from  # noqa: E402

from .conftest import SOURCE, dataset, first_kernel  # noqa: E402


def build(spec, given, initializer=None):
    return build_from(*spec.rsplit(":", 1), given, initializer, "")


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
    model = build(spec, dataset())
    assert model.count_params() == parameters
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
    model = build("own_model_source.py:sized", dataset(**about))
    assert [layer.units for layer in model.layers] == [*hidden, 1]


def test_file_in_another_folder(folder, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    spec = f"{folder / 'own_model_source.py'}:beside"
    assert build(spec, dataset()).count_params() == 9


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
        build(f"own_model_source.py:{function}", dataset())


def test_an_error_in_a_file_beside_names_that_file(folder):
    folder.joinpath("own_beside.py").write_text("\n\nimport no_such_thing\n")
    folder.joinpath("own_first.py").write_text("import own_beside\n")
    with pytest.raises(ModelError, match=r"\(at own_beside.py:3\)"):
        build("own_first.py:build", dataset())


@pytest.mark.parametrize("function", ["initialized", "with_default"])
def test_an_initializer_is_handed_on(folder, function):
    spec = f"own_model_source.py:{function}"
    zeros = build(spec, dataset(), initializer="zeros")
    assert (first_kernel(zeros) == 0).all()
    own = first_kernel(build(spec, dataset()))
    if function == "with_default":
        assert (own == 1).all()
    else:  # None, for which Keras draws from glorot_uniform
        assert 0 < np.abs(own).max() <= np.sqrt(6 / (8 + 4))


@pytest.mark.parametrize("function", ["plain", "open_ended"])
def test_a_function_without_initializer_is_refused_one(folder, function):
    spec = f"own_model_source.py:{function}"
    with pytest.raises(InputError, match="`initializer` to be given one. .* Add the"):
        build(spec, dataset(), initializer="he_normal")
    assert build(spec, dataset()).count_params() == 9

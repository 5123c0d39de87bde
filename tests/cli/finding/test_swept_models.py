import numpy as np
import pytest

from lr_finder.cli.finding.swept_models import label_models, load_models
from lr_finder.cli.shared.sources import DataOptions, load_source
from lr_finder.errors import InputError, ModelError

SETTINGS = {
    "optimizer": None, "loss": None, "batch_size": 8, "is_trained": False, "seed": 3,
}  # fmt: skip

OWN = """
import keras

def build(input_shape, units=1):
    model = keras.Sequential([keras.Input(input_shape), keras.layers.Dense(units)])
    model.compile("sgd", "mse")
    return model

def wide(input_shape):
    return build(input_shape, units=4)

def scheduled(input_shape):
    model = build(input_shape)
    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    model.compile(keras.optimizers.SGD(rate), "mse")
    return model
"""


@pytest.fixture
def own(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    return f"{tmp_path / 'own.py'}:"


@pytest.fixture(scope="module")
def data(files):
    return load_source(DataOptions(str(files.prices)), seed=0)


@pytest.mark.parametrize(
    ("specs", "labels"),
    [
        (["anything"], [""]),
        (["a.py:build", "a.py:build"], ["1-build", "2-build"]),
        (["a.b:net", "saved/my net.keras"], ["1-net", "2-my-net"]),
        (["default", "no form", ""], ["1-default", "2-no-form", "3-run"]),
    ],
)
def test_labels_are_names_of_folders_that_differ(specs, labels):
    assert label_models(specs) == labels


@pytest.mark.training
def test_models_come_in_order_each_as_if_alone(data, own):
    both = load_models(data, ["default", own + "build"], **SETTINGS)
    assert [each.label for each in both] == ["1-default", "2-build"]
    for each in both:
        (alone,) = load_models(data, [each.spec], **SETTINGS)
        assert alone.label == ""
        for one, other in zip(
            each.model.get_weights(), alone.model.get_weights(), strict=True
        ):
            np.testing.assert_array_equal(one, other)


@pytest.mark.training
@pytest.mark.parametrize("specs", [None, []])
def test_without_a_model_the_default_is_taken(data, specs):
    (only,) = load_models(data, specs, **SETTINGS)
    assert (only.spec, only.label) == ("default", "")


@pytest.mark.training
def test_refuses_what_would_fail_after_a_sweep(data, own):
    with pytest.raises(InputError, match="at most the 128 training rows"):
        load_models(data, None, **SETTINGS | {"batch_size": 129})
    with pytest.raises(ModelError, match="wide must give output"):
        load_models(data, ["default", own + "wide"], **SETTINGS)
    load_models(data, [own + "scheduled"], **SETTINGS)
    with pytest.raises(ModelError, match="LearningRateSchedule"):
        load_models(data, [own + "scheduled"], **SETTINGS | {"is_trained": True})


@pytest.mark.training
@pytest.mark.parametrize("specs", [None, ["default"]])
def test_the_built_in_series_has_a_model_of_its_own(specs):
    source = load_source(DataOptions(window=7), seed=0)
    (only,) = load_models(source, specs, **SETTINGS)
    assert only.model.input_shape == (None, 7)
    # the dense 128-64-32 forecaster
    assert only.model.count_params() == 8 * 128 + 129 * 64 + 65 * 32 + 33

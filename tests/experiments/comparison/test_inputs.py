"""What a comparison is given: taken in each form, refused by name in any other."""

import keras
import numpy as np
import pytest

from lr_finder.data.dataset import Dataset
from lr_finder.errors import InputError, ModelError
from lr_finder.experiments.comparison.inputs import (
    as_source,
    check_models,
    checked_conditions,
    checked_data,
    checked_seeds,
    model_identity,
    source_name,
)
from lr_finder.experiments.comparison.plan import Plan
from lr_finder.experiments.comparison.settings import Conditions


def network(input_shape, n_outputs, initializer="glorot_uniform"):
    hidden = keras.layers.Dense(4, "relu", kernel_initializer=initializer)
    head = keras.layers.Dense(n_outputs, "softmax")
    return keras.Sequential([keras.Input(input_shape), hidden, head])


def test_seeds_are_counted_or_named():
    assert checked_seeds(2) == [0, 1]
    assert checked_seeds(range(3, 6)) == [3, 4, 5]
    for wrong in (0, -1, 1.5, [], [1, 1], [-1], ["a"], "ab"):
        with pytest.raises(InputError, match="seeds"):
            checked_seeds(wrong)


def test_conditions_are_known_by_name():
    assert checked_conditions({"epochs": 2, "verify": True}).verify
    with pytest.raises(InputError, match=r"epoch.*epochs"):
        checked_conditions({"epoch": 2})


def test_data_of_two_parts_gives_three(parts):
    data = parts.dataset
    made = checked_data(data, None, 0, [32])
    np.testing.assert_array_equal(made.x_test, data.x_validation)
    assert len(made.dataset.x_train) == 144 and len(made.dataset.x_validation) == 16
    assert checked_data(parts, None, 0, [32]) is parts


@pytest.mark.parametrize(
    ("data", "limit", "sizes", "word"),
    [
        (None, 10, [8], "limit"),
        (None, None, [8, 200], "200"),
        (np.zeros((4, 2)), None, [2], "ndarray"),
        ("no_such_file.csv", None, [2], "no_such_file"),
    ],
)
def test_data_that_does_not_fit_is_refused(parts, data, limit, sizes, word):
    with pytest.raises(InputError, match=word):
        checked_data(parts if data is None else data, limit, 0, sizes)


def test_models_are_names_places_and_functions(parts, tmp_path, monkeypatch):
    assert as_source("mlp")(parts.dataset, "he_normal").output_shape == (None, 3)
    assert as_source(network)(parts.dataset, None).output_shape == (None, 3)
    assert source_name(network) == "network"
    for wrong in (3, None, keras.Sequential()):
        with pytest.raises(InputError):
            as_source(wrong)(parts.dataset, None)


def test_every_model_is_built_before_the_first_training(parts):
    sources = {"a": as_source(network), "b": as_source(lambda dataset: 3)}
    plan = Plan("adam", 0.1, 8, None, ("a",))
    assert set(check_models(plan, Conditions(), sources, parts)) == {"a"}
    with pytest.raises(ModelError, match="int"):
        check_models(Plan("adam", 0.1, 8, None, ("a", "b")), Conditions(), sources,
                     parts)  # fmt: skip
    with pytest.raises(InputError, match="initializer"):
        fixed = {"a": as_source(lambda n_outputs: network((2,), n_outputs))}
        check_models(Plan("adam", 0.1, 8, "zeros", ("a",)), Conditions(), fixed, parts)
    with pytest.raises(InputError, match="zeroes"):
        check_models(Plan("adam", 0.1, 8, "zeroes", ("a",)), Conditions(), sources,
                     parts)  # fmt: skip


def test_a_check_leaves_the_random_states_alone(parts):
    keras.utils.set_random_seed(5)
    expected = np.random.random()  # noqa: NPY002
    keras.utils.set_random_seed(5)
    check_models(Plan("adam", 0.1, 8, None, ("a",)), Conditions(),
                 {"a": as_source(network)}, parts)  # fmt: skip
    assert np.random.random() == expected  # noqa: NPY002


def test_an_identity_knows_architecture_and_nothing_else():
    first = model_identity(network((2,), 3))
    keras.utils.set_random_seed(9)
    assert model_identity(network((2,), 3)) == first
    others = [
        network((3,), 3),
        network((2,), 4),
        keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, "tanh"),
                          keras.layers.Dense(3, "softmax")]),
    ]  # fmt: skip
    assert first not in {model_identity(each) for each in others}


class Unwritten(keras.Model):
    """A model that cannot be written down."""

    def __init__(self, units):
        super().__init__()
        self.dense = keras.layers.Dense(units)

    def call(self, x):
        return self.dense(x)


def test_a_model_that_cannot_be_written_down_has_an_identity_too():
    identities = []
    for units in (2, 2, 3):
        model = Unwritten(units)
        model(np.zeros((1, 2), "float32"))
        identities.append(model_identity(model))
    assert identities[0] == identities[1] != identities[2]


def test_data_as_a_source_is_read(tmp_path):
    path = tmp_path / "rents.csv"
    path.write_text("rooms,rent\n" + "\n".join(f"{i},{i / 4}" for i in range(60)))
    parts = checked_data(str(path), 50, 0, [8])
    assert isinstance(parts.dataset, Dataset)
    assert len(parts.dataset.x_train) == 36 and len(parts.x_test) == 10

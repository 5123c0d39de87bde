import itertools

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from lr_finder.errors import InputError  # noqa: E402
from lr_finder.models.initializers import fresh_initializers  # noqa: E402


def weights(initializer, n=3):
    kernels = itertools.islice(fresh_initializers(initializer), n)
    return [keras.ops.convert_to_numpy(kernel((4, 4))) for kernel in kernels]


@pytest.mark.parametrize(
    "initializer",
    ["he_normal", keras.initializers.HeNormal(), keras.initializers.HeNormal(seed=3),
     keras.initializers.Orthogonal(seed=1),
     keras.initializers.HeNormal(seed=keras.random.SeedGenerator(3))],
    ids=["name", "no seed", "seed", "orthogonal", "generator"],
)  # fmt: skip
def test_layers_of_one_shape_start_with_different_weights(initializer):
    keras.utils.set_random_seed(0)
    for one, other in itertools.combinations(weights(initializer), 2):
        assert not np.isclose(one, other).any()


def test_a_seed_gives_the_same_weights_again():
    one = keras.initializers.VarianceScaling(3.0, seed=7)
    np.testing.assert_array_equal(weights(one), weights(one))
    by_hand = keras.initializers.VarianceScaling(3.0, seed=8)((4, 4))
    np.testing.assert_array_equal(weights(one)[1], keras.ops.convert_to_numpy(by_hand))


def test_names_follow_the_seed_of_keras():
    found = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        found.append(weights("he_normal"))
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.isclose(found[0], found[2]).all()


def test_settings_are_kept():
    one = keras.initializers.Constant(0.25)
    assert all((kernel == 0.25).all() for kernel in weights(one))


def test_none_is_the_default_itself():
    assert list(itertools.islice(fresh_initializers(None), 2)) == ["glorot_uniform"] * 2
    assert next(fresh_initializers(None, "lecun_normal")) == "lecun_normal"


def test_what_cannot_be_is_refused_before_any_layer_is_made():
    with pytest.raises(InputError, match="Did you mean he_normal"):
        fresh_initializers("he_norml")
    with pytest.raises(InputError, match="kernels of 4 axes. Received: .*identity"):
        fresh_initializers("identity", axes=4)
    assert next(fresh_initializers("identity", axes=2))((2, 2)).shape == (2, 2)

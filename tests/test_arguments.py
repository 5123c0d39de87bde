import inspect

import numpy as np
import pytest

from lr_finder._arguments import (
    LARGEST,
    check_count,
    check_fraction,
    check_range,
    check_seed,
    names_checked,
)
from lr_finder.errors import InputError


@pytest.mark.parametrize("value", [1, 20, np.int64(3)])
def test_whole_numbers_pass(value):
    check_count("points", value, least=1)


@pytest.mark.parametrize("value", [0, -1, 1.0, True, "3", None, np.nan])
def test_others_are_refused_by_name(value):
    with pytest.raises(InputError, match=f"`points`.*at least 1.*points={value!r}"):
        check_count("points", value, least=1)


@pytest.mark.parametrize("value", [0, 1, -0.2, 1.5, np.nan, "0.2", None])
def test_a_fraction_lies_between_its_ends(value):
    check_fraction("share", 0.5, usual=0.2)
    with pytest.raises(InputError, match=f"`share`.*between 0 and 1.*share={value!r}"):
        check_fraction("share", value, usual=0.2)


@pytest.mark.parametrize("value", [-1, 2**32, 1.5, "1", None])
def test_a_seed_is_one_that_numpy_takes(value):
    for seed in (0, 2**32 - 1):
        check_seed(seed)
        np.random.RandomState(seed)
    with pytest.raises(InputError, match=f"`seed`.*seed={value!r}"):
        check_seed(value)


def test_the_largest_rate_is_the_largest_float32():
    assert np.float32(LARGEST) == np.finfo(np.float32).max
    check_range(1.0, LARGEST, 2)
    with pytest.raises(InputError, match="`end_lr`"):
        check_range(1.0, 2 * LARGEST, 2)


@pytest.mark.parametrize(
    ("value", "way_out"),
    [
        (625.0, "Give steps=625."),
        (624.6, "Give steps=625."),
        ("9", None),
        (np.nan, None),
    ],
)
def test_a_number_that_is_not_whole_has_a_way_out(value, way_out):
    with pytest.raises(InputError) as caught:
        check_count("steps", value, least=1)
    assert way_out is None or str(caught.value).endswith(way_out)
    assert way_out or "Give" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "way_out"),
    [
        ("batchsize", "Did you mean `batch_size`?"),
        ("moddel", "Did you mean `model`?"),
        ("epochs", "See help(lr_finder.swept)."),
    ],
)
def test_a_misspelt_argument_names_the_nearest(name, way_out):
    def swept(model, *, batch_size=32):
        """Sweep."""
        return model, batch_size

    checked = names_checked(swept)
    assert checked(1, batch_size=2) == (1, 2)
    assert inspect.signature(checked) == inspect.signature(swept)
    assert checked.__doc__ == "Sweep."
    with pytest.raises(TypeError) as error:
        checked(1, **{name: 3})
    assert str(error.value) == f"swept() has no argument `{name}`. {way_out}"
    with pytest.raises(TypeError, match="missing 1 required"):
        checked()

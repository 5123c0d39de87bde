import numpy as np
import pytest

pytest.importorskip("sklearn")

from lr_finder.data.prepare.arrays import (  # noqa: E402
    array_kind,
    image_dataset,
    load_arrays,
    table_dataset,
)
from lr_finder.data.request import Request  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

REQUEST = Request("a.npz")
Y = np.arange(20) % 2
RNG = np.random.default_rng(0)
SEQUENCES = np.linspace(-2, 3, 400).reshape(20, 5, 4)
BYTES = RNG.integers(0, 256, (20, 4, 5, 3), dtype=np.uint8)


def pixels(x, **options):
    """All pixels of the dataset in the order of `x`."""
    dataset = image_dataset(x, np.arange(20.0) + 0.5, Request("a", **options))
    y = np.concatenate([dataset.y_train, dataset.y_validation])
    found = np.concatenate([dataset.x_train, dataset.x_validation])
    return found[np.argsort(y)], dataset.notes


@pytest.mark.parametrize(
    ("x", "expected", "note"),
    [
        (BYTES, BYTES / 255, None),
        (BYTES[..., 0], BYTES[..., :1] / 255, None),
        (BYTES / 255, BYTES / 255, None),
        (BYTES * 257.0, BYTES / BYTES.max(), "scaled to 0 … 1"),
        (BYTES / 255 - 0.5, None, "pixels from -0.5 to 0.5 scaled to 0 … 1"),
        (np.moveaxis(BYTES, 3, 1), BYTES / 255, "channels came first"),
        (BYTES > 99, BYTES > 99, None),
    ],
    ids=["bytes", "grey", "unit", "16 bits", "signed", "channels first", "bools"],
)
def test_pixels_are_from_0_to_1(x, expected, note):
    found, notes = pixels(x)
    expected = BYTES / 255 if expected is None else expected
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert note is None or any(note in each for each in notes)


def test_tables_are_standardised_by_the_training_part():
    x = RNG.normal(3, 2, (50, 4))
    x[:, 1], x[0, 2], x[1, 2] = 7, np.nan, np.inf
    dataset = table_dataset(x, np.arange(50) / 7, REQUEST)
    assert dataset.x_train.shape == (40, 3)
    np.testing.assert_allclose(dataset.x_train.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(dataset.x_train.std(axis=0), 1, atol=1e-6)
    deep = table_dataset(x.reshape(50, 2, 2), np.arange(50) / 7, REQUEST)
    np.testing.assert_array_equal(deep.x_train, dataset.x_train)


@pytest.mark.parametrize(
    ("x", "answers", "options", "kind"),
    [
        (np.zeros((9, 4)), True, {}, "tabular"),
        (np.zeros((9, 4, 4)), True, {}, "images"),
        (np.zeros((9, 4, 4, 3)), True, {}, "images"),
        (np.zeros((9, 4, 4, 3)), True, {"kind": "tabular"}, "tabular"),
        (np.zeros(9), False, {}, "series"),
        (np.zeros(9), True, {}, "tabular"),
        (np.zeros(9), True, {"window": 3}, "series"),
        (np.array(["a", "b"]), True, {}, "text"),
    ],
)
def test_the_kind_follows_from_the_shape(x, answers, options, kind):
    assert array_kind(x, answers, Request("a", **options))[0] == kind


@pytest.mark.parametrize("x", [SEQUENCES, SEQUENCES * np.nan, SEQUENCES.clip(0)])
def test_floats_of_three_axes_are_images_from_0_to_1_only(x):
    with pytest.raises(InputError, match=r"must be images.*\(20, 5, 4\).*overrules"):
        array_kind(x, True, REQUEST)
    for kind in ("images", "tabular"):
        assert array_kind(x, True, Request("a.npz", kind=kind))[0] == kind
    for images in (BYTES[..., 0], BYTES[..., 0] / 255, x[..., None]):
        assert array_kind(images, True, REQUEST)[0] == "images"


@pytest.mark.parametrize(
    ("x", "kind"),
    [
        (np.zeros((9, 4)), "images"),
        (np.zeros((9, 4)), "series"),
        (np.zeros((9, 4)), "text"),
        (np.array(["a"]), "tabular"),
        (np.array([["a"]]), None),
        (np.zeros(9, "datetime64[s]"), None),
        (np.zeros((9, 2), complex), None),
        (np.float64(3), None),
    ],
)
def test_arrays_that_do_not_suit_the_kind_are_refused(x, kind):
    with pytest.raises(InputError, match="do not suit kind .*Received: "):
        array_kind(x, True, Request("a.npz", kind=kind))


def test_bad_pixels_and_constant_tables_are_refused():
    with pytest.raises(InputError, match="must be finite"):
        image_dataset(np.full((20, 2, 2), np.nan), Y, REQUEST)
    with pytest.raises(InputError, match="at most 16 channels"):
        image_dataset(np.zeros((20, 5, 5, 40)), Y, REQUEST)
    with pytest.raises(InputError, match="at least one pixel"):
        image_dataset(np.zeros((20, 0, 5)), Y, REQUEST)
    with pytest.raises(InputError, match="tells rows apart.*3 columns"):
        table_dataset(np.ones((20, 3)), Y, REQUEST)


@pytest.mark.parametrize("kind", ["tabular", "images", "text"])
def test_all_but_a_series_need_answers(kind):
    with pytest.raises(InputError, match="must come with answers"):
        load_arrays(np.zeros((4, 2)), None, kind, REQUEST)

"""Labels with noise: as many as asked for, each another class, the rest untouched."""

import numpy as np
import pytest

from lr_finder.data.dataset import Dataset
from lr_finder.data.label_noise import with_label_noise
from lr_finder.data.parts import ThreeParts
from lr_finder.errors import InputError


def parts(n=1000, classes=4):
    x = np.arange(n, dtype="float32")[:, None]
    y = (np.arange(n) % classes).astype("int32")
    dataset = Dataset(x, y, x, y, "classification", classes=tuple(range(classes)))
    return ThreeParts(dataset, x, y, "numbers")


@pytest.mark.parametrize("share", [0.001, 0.4, 0.999])
def test_the_share_is_exact_and_the_rest_stays(share):
    clean = parts()
    noisy = with_label_noise(clean, share)
    assert (noisy.dataset.y_train != clean.dataset.y_train).sum() == 1000 * share
    assert noisy.dataset.x_train is clean.dataset.x_train
    np.testing.assert_array_equal(noisy.y_test, clean.y_test)
    np.testing.assert_array_equal(
        noisy.dataset.y_validation, clean.dataset.y_validation
    )
    assert noisy.fingerprint != clean.fingerprint


def test_the_given_labels_are_not_written_to():
    clean = parts()
    before = clean.dataset.y_train.copy()
    with_label_noise(clean, 0.5)
    np.testing.assert_array_equal(clean.dataset.y_train, before)


def test_each_other_class_is_equally_likely():
    clean = parts(n=40_000)
    noisy = with_label_noise(clean, 0.5, seed=3)
    moved = (noisy.dataset.y_train - clean.dataset.y_train) % 4
    counts = np.bincount(moved)[1:]
    assert counts.sum() == 20_000
    np.testing.assert_allclose(counts, 20_000 / 3, rtol=0.05)


def test_the_seed_decides():
    one, same, other = (with_label_noise(parts(), 0.3, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.dataset.y_train, same.dataset.y_train)
    assert (one.dataset.y_train != other.dataset.y_train).any()


def test_what_has_no_other_class_is_refused():
    for share in (0.0, 1.0, -0.1, "half"):
        with pytest.raises(InputError, match="label_noise"):
            with_label_noise(parts(), share)
    x, y = np.zeros((4, 1), "float32"), np.zeros(4, "float32")
    regression = ThreeParts(Dataset(x, y, x, y, "regression"), x, y, "zeros")
    with pytest.raises(InputError, match="two classes"):
        with_label_noise(regression, 0.4)
    with pytest.raises(InputError, match="two classes"):
        with_label_noise(parts(classes=1), 0.4)

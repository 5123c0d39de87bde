"""What drifts, against what it should have become."""

import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.experiments.drift.changes import (
    CHANGES,
    changed,
    changed_meaning,
    check_change,
)

IMAGES = np.random.default_rng(0).random((20, 8, 8, 3)).astype("float32")


def test_classes_change_names_in_a_circle():
    y = np.random.default_rng(0).integers(0, 5, 400)
    new = changed_meaning(y, task="classification", size=1.0, seed=0)
    names = {(int(a), int(b)) for a, b in zip(y, new, strict=True)}
    assert len(names) == 5 and all(a != b for a, b in names)  # one for one, none kept
    assert {b for _, b in names} == set(range(5))


def test_a_share_of_the_classes_changes():
    y = np.arange(10)
    new = changed_meaning(y, task="classification", size=0.4, seed=1)
    assert (new != y).sum() == 4 and sorted(new) == sorted(y)


@pytest.mark.parametrize(("size", "correlation"), [(1.0, -1.0), (0.25, 1.0)])
def test_amounts_are_reflected_about_their_mean(size, correlation):
    y = np.random.default_rng(0).normal(3, 2, 500)
    new = changed_meaning(y, task="regression", size=size, seed=0)
    assert new.mean() == pytest.approx(y.mean())
    assert np.corrcoef(y, new)[0, 1] == pytest.approx(correlation)
    assert new.std() == pytest.approx(abs(1 - 2 * size) * y.std())


def test_half_of_the_columns_move_by_the_size():
    x = np.random.default_rng(0).normal(size=(300, 6))
    moved = (CHANGES["columns"](x, 1.5, 0) - x).mean(axis=0) / x.std(axis=0)
    assert sorted(moved.round(6)) == [0.0] * 3 + [1.5] * 3


def test_corruptions_do_what_their_names_say():
    noisy, blurred, flat = (CHANGES[n](IMAGES, 1.0, 0) for n in
                            ("noise", "blur", "contrast"))  # fmt: skip
    assert noisy.min() >= IMAGES.min() and noisy.max() <= IMAGES.max()
    assert (noisy - IMAGES).std() > 0.05
    assert blurred.std() < IMAGES.std() < noisy.std()
    np.testing.assert_allclose(blurred.mean(), IMAGES.mean(), rtol=0.02)
    spread = IMAGES.std(axis=(1, 2, 3))
    np.testing.assert_allclose(flat.std(axis=(1, 2, 3)), 0.3 * spread, rtol=1e-4)
    np.testing.assert_allclose(flat.mean(axis=(1, 2, 3)), IMAGES.mean(axis=(1, 2, 3)),
                               rtol=1e-4)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_only_the_rows_asked_for_change(change):
    is_new = np.arange(20) >= 12
    y = np.arange(20.0)
    x, same = changed(IMAGES, y, is_new, change=change, size=1.0, task="regression",
                      seed=0)  # fmt: skip
    assert (x[:12] == IMAGES[:12]).all() and (x[12:] != IMAGES[12:]).any()
    assert (same == y).all()


@pytest.mark.parametrize(
    ("change", "size", "words"),
    [
        ("concept", 1.0, "one of labels, columns"),
        ("noise", 1.0, "that are no images"),
        ("labels", 0.0, "positive"),
        ("labels", np.nan, "positive"),
        ("labels", "big", "positive"),
    ],
)
def test_what_changes_nothing_is_refused(change, size, words):
    with pytest.raises(InputError, match=words):
        check_change(change, size, np.zeros((4, 2)))

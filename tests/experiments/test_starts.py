"""What runs begin with, beside Keras' own evaluation of the same weights."""

import random

import keras
import numpy as np
import pytest

from lr_finder.experiments.comparison.optimizers import choose_optimizer
from lr_finder.experiments.comparison.settings import Conditions, Setting, Task
from lr_finder.experiments.journal import read_rows
from lr_finder.experiments.starts import measure_starts

from .conftest import three_parts

pytestmark = pytest.mark.training


def build(dataset, initializer):
    layer = keras.layers.Dense(3, "softmax", kernel_initializer=initializer or "zeros")
    return keras.Sequential([keras.Input((2,)), layer])


def tasks(seeds=(0, 1), initializer="glorot_uniform"):
    return [
        Task(Setting(choose_optimizer(name), 0.1, 16, initializer, "net"), Conditions(),
             seed) for seed in seeds for name in ("sgd", "adam")
    ]  # fmt: skip


def measured(path, given, **options):
    options = {"curvature": False} | options
    return measure_starts(given, three_parts(), {"net": build}, path, **options)


def test_it_is_the_loss_of_the_weights_that_the_seed_gives(tmp_path):
    parts = three_parts()
    starts = measured(tmp_path / "starts.jsonl", tasks())
    assert sorted(starts) == [("net", "glorot_uniform", seed) for seed in (0, 1)]
    keras.utils.set_random_seed(1)
    model = build(None, "glorot_uniform")
    model.compile("sgd", "sparse_categorical_crossentropy")
    loss = model.evaluate(
        parts.dataset.x_validation, parts.dataset.y_validation, verbose=0
    )
    row = starts["net", "glorot_uniform", 1]
    assert row["start_loss"] == pytest.approx(loss, rel=1e-5)
    shares = np.bincount(parts.dataset.y_validation) / len(parts.dataset.y_validation)
    assert row["guess_loss"] == pytest.approx(-(shares * np.log(shares)).sum())
    assert np.isnan(row["curvature"])


def test_what_is_known_is_not_measured_again(tmp_path):
    path = tmp_path / "starts.jsonl"
    first = measured(path, tasks())
    again = measured(path, tasks())
    assert {place: repr(row) for place, row in again.items()} == {
        place: repr(row) for place, row in first.items()
    }
    assert len(read_rows(path)) == 2
    measured(path, tasks(initializer=None))  # zeros: the same for both seeds
    assert len(read_rows(path)) == 3


def test_the_curvature_of_zeros_is_known(tmp_path):
    """Softmax at equal scores: the Hessian is kron(I/k - 11'/k², X'X/n)."""
    parts = three_parts()
    row = measured(tmp_path / "s.jsonl", tasks((0,), None), curvature=True)
    x = parts.dataset.x_validation.astype(float)
    x = np.hstack([x, np.ones((len(x), 1))])
    expected = np.linalg.eigvalsh(x.T @ x / len(x)).max() / 3
    (start,) = row.values()
    assert start["curvature"] == pytest.approx(expected, rel=0.02)
    assert start["start_loss"] == pytest.approx(np.log(3), rel=1e-5)


def test_the_state_of_randomness_is_as_it_was(tmp_path):
    random.seed(5)
    before = random.getstate()
    measured(tmp_path / "starts.jsonl", tasks((0,)))
    assert random.getstate() == before

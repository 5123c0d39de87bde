"""Small data of three parts, on which a network learns within a second."""

import numpy as np
import pytest

from lr_finder.data.dataset import Dataset
from lr_finder.data.parts import ThreeParts
from lr_finder.experiments.comparison.optimizers import choose_optimizer
from lr_finder.experiments.comparison.settings import Conditions, Setting, Task


def three_parts(n=160, seed=0, task="classification"):
    """Points in a plane, told apart by a line, or a linear function of them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n + 80, 2)).astype("float32")
    if task == "classification":
        y = (x @ [1.0, -2.0] > 0).astype("int32") + (x[:, 0] > 1)
        y, classes = y.astype("int32"), ("a", "b", "c")
    else:
        y, classes = (x @ [1.0, -2.0]).astype("float32"), ()
    dataset = Dataset(x[:n], y[:n], x[n : n + 40], y[n : n + 40], task, classes=classes)
    return ThreeParts(dataset, x[n + 40 :], y[n + 40 :], "points")


def task_of(model="network", seed=0, epochs=2):
    """A run of Adam."""
    setting = Setting(choose_optimizer("adam"), 0.1, 32, None, model)
    return Task(setting, Conditions(epochs=epochs), seed)


@pytest.fixture
def parts():
    return three_parts()

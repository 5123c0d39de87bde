"""What all tests share. Nothing here loads Keras: the core part runs without it."""

import os
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data, which a fresh machine lacks."""
    folder = os.environ.get("LR_FINDER_DATA")
    if not folder:
        pytest.skip("needs real data: set LR_FINDER_DATA to its folder")
    return Path(folder)


def make_dataset(n_classes=0, input_shape=(8,), outputs=()):
    """64 random rows to train on, of which 8 validate."""
    from lr_finder.data import Dataset

    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, *input_shape)).astype("float32")
    if n_classes:
        y = (np.arange(64) % n_classes).astype("int32")
        classes = tuple(range(n_classes))
        return Dataset(x, y, x[:8], y[:8], "classification", classes=classes)
    y = rng.normal(size=(64, *outputs)).astype("float32")
    return Dataset(x, y, x[:8], y[:8], "regression")

"""What all tests share. Nothing here loads Keras: the core part runs without it."""

import os
from pathlib import Path

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

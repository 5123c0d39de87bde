"""The data of the tasks, each split once and for all into training and validation.

Every function returns a `Split`. Those of `PUBLIC` read the folder that the
environment variable LR_FINDER_DATA names; all others need no files.
"""

from __future__ import annotations

import importlib.util
import os
import re
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn import datasets as bundled


class Split(NamedTuple):
    """Inputs and targets, `(samples, …)`, of the training and the validation set."""

    x: np.ndarray
    y: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray


def split(x, y, train: int, validation: int, seed: int = 0, shuffle=True) -> Split:
    """The first `train` and the next `validation` samples, in an order drawn once.

    Args:
        x: array (n, …), inputs; integers stay integers, the rest becomes float32.
        y: array (n,) or (n, k), targets; real ones and pairs of classes get an axis.
        train: int, samples to train on.
        validation: int, samples to validate on; both together at most n.
        seed: int, from which the order is drawn.
        shuffle: bool; a series in the order of time is not shuffled.

    Returns:
        Split.
    """
    x, y = np.asarray(x), np.asarray(y)
    if train + validation > len(x):
        raise ValueError(f"{train} + {validation} samples wanted of {len(x)}.")
    order = np.arange(len(x))
    if shuffle:
        order = np.random.default_rng(seed).permutation(len(x))
    x = x.astype("int32" if np.issubdtype(x.dtype, np.integer) else "float32")
    y = y.astype("int32" if np.issubdtype(y.dtype, np.integer) else "float32")
    if y.ndim == 1 and y.dtype == np.float32:
        y = y[:, None]
    first, second = order[:train], order[train : train + validation]
    return Split(x[first], y[first], x[second], y[second])


def standardize(parts: Split, *, targets: bool = False) -> Split:
    """Inputs (and targets) less their training mean, over their training sd."""
    x, y, x_validation, y_validation = parts
    center, scale = x.mean(0), x.std(0)
    scale = np.where(scale > 0, scale, 1)  # a category that no training sample has
    x, x_validation = (x - center) / scale, (x_validation - center) / scale
    if targets:
        center, scale = y.mean(0), y.std(0)
        y, y_validation = (y - center) / scale, (y_validation - center) / scale
    return Split(x, y, x_validation, y_validation)


def _digits() -> tuple[np.ndarray, np.ndarray]:
    x, y = bundled.load_digits(return_X_y=True)
    return x / 16, y


def digits() -> Split:
    """8 x 8 images of digits as rows of 64 numbers in [0, 1]."""
    return split(*_digits(), 1200, 400)


def digit_images() -> Split:
    """The same as images with one channel, another split."""
    x, y = _digits()
    return split(x.reshape(-1, 8, 8, 1), y, 1200, 400, seed=1)


def digit_copies() -> Split:
    """Digits as inputs and as targets, for an autoencoder."""
    x, _ = _digits()
    return split(x, x, 1200, 400, seed=2)


def late_digits() -> Split:
    """The digits 5 to 9 as classes 0 to 4; few of them, to fine-tune on."""
    x, y = _digits()
    return split(x[y > 4], y[y > 4] - 5, 200, 400, seed=3)


def early_digits() -> tuple[np.ndarray, np.ndarray]:
    """The digits 0 to 4, to pretrain on."""
    x, y = _digits()
    return x[y < 5], y[y < 5]


def iris() -> Split:
    """60 flowers to train on."""
    return standardize(split(*bundled.load_iris(return_X_y=True), 60, 90))


def cancer() -> Split:
    """Thirty measurements of a tumour as they are: some below 0.1, some above 1000."""
    x, y = bundled.load_breast_cancer(return_X_y=True)
    return split(x, y.astype(float), 400, 169)


def diabetes() -> Split:
    """Ten measurements; the target as it is, 25 to 346."""
    return split(*bundled.load_diabetes(return_X_y=True), 300, 142)


def friedman() -> Split:
    """Friedman's first function of 10 inputs, noise of sd 1, target standardized."""
    x, y = bundled.make_friedman1(1400, noise=1.0, random_state=0)
    return standardize(split(x, y, 1000, 400), targets=True)


def noisy_classes() -> Split:
    """Four classes in 20 dimensions; a quarter of the labels is drawn at random."""
    x, y = bundled.make_classification(
        1500, 20, n_informative=8, n_classes=4, class_sep=1.5, flip_y=0.25,
        random_state=0,
    )  # fmt: skip
    return standardize(split(x, y, 1100, 400))


def adding() -> Split:
    """Ten numbers, two of them marked: the target is the sum of those two."""
    rng = np.random.default_rng(0)
    numbers = rng.uniform(-1, 1, size=(2400, 10))
    marks = np.argsort(rng.random((2400, 10)), axis=1) < 2
    return split(np.stack([numbers, marks], -1), (numbers * marks).sum(1), 2000, 400)


def counting() -> Split:
    """Twelve tokens of eight: how often does the first one come again, 0 to 4?"""
    rng = np.random.default_rng(0)
    tokens = rng.integers(8, size=(3400, 12))
    copied = rng.random((3400, 12)) < rng.uniform(0, 0.35, size=(3400, 1))
    tokens = np.where(copied, tokens[:, :1], tokens)
    again = (tokens[:, 1:] == tokens[:, :1]).sum(1)
    return split(tokens, np.minimum(again, 4), 3000, 400)


def ratings() -> Split:
    """Pairs (user, item) and a rating of rank 3 with noise; centered."""
    rng = np.random.default_rng(0)
    users, items = rng.normal(size=(120, 3)), rng.normal(size=(80, 3))
    pairs = np.stack([rng.integers(120, size=5000), rng.integers(80, size=5000)], 1)
    values = (users[pairs[:, 0]] * items[pairs[:, 1]]).sum(1)
    values += rng.normal(size=120)[pairs[:, 0]] + 0.5 * rng.normal(size=5000)
    return split(pairs, values / values.std(), 4200, 800)


def _folder() -> Path:
    """The folder of public data."""
    folder = os.environ.get("LR_FINDER_DATA")
    if not folder:
        raise FileNotFoundError("Set LR_FINDER_DATA to the folder of public data.")
    return Path(folder)


def california() -> Split:
    """House values of 1990, everything standardized."""
    table = pd.read_csv(_folder() / "tabular/california_housing.csv").dropna()
    table = pd.get_dummies(table, columns=["ocean_proximity"], dtype=float)
    y = table.pop("median_house_value").to_numpy(float)
    parts = split(table.to_numpy(float), y, 4000, 500)
    return standardize(parts, targets=True)


def adult() -> Split:
    """Who earns more than 50,000 dollars? Categories as dummies."""
    table = pd.read_csv(
        _folder() / "tabular/adult-train.csv", header=None, skipinitialspace=True,
        nrows=6000,
    )  # fmt: skip
    y = (table.pop(14) == ">50K").to_numpy(float)
    return standardize(split(pd.get_dummies(table, dtype=float), y, 5000, 500))


def wine() -> Split:
    """White wines, of low, middle and high quality."""
    path = _folder() / "tabular/winequality-white.csv"
    table = pd.read_csv(path, header=None, sep=None, engine="python").to_numpy(float)
    y = np.digitize(table[:, -1], [5.5, 6.5])
    return standardize(split(table[:, :-1], y, 3000, 500))


def cifar_images(count: int) -> tuple[np.ndarray, np.ndarray]:
    """The first images of CIFAR-10 in 16 x 16 pixels, numbers in [-1, 1], and labels.

    Args:
        count: int, at most 10,000.

    Returns:
        `(x, y)`: float array (count, 16, 16, 3), int array (count,).
    """
    folder = _folder() / "cifar-10"
    spec = importlib.util.spec_from_file_location("r", folder / "restore_cifar10.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    x, y = module.load(folder / "data_batch_1.med.xz")[:2]
    x = np.asarray(x[:count], "float32").reshape(-1, 3, 16, 2, 16, 2).mean((3, 5))
    return x.transpose(0, 2, 3, 1) / 127.5 - 1, y[:count].astype(int)


def cifar() -> Split:
    """CIFAR-10 in 16 x 16 pixels, 3000 images; numbers in [-1, 1]."""
    return split(*cifar_images(3400), 3000, 400)


def consumption() -> Split:
    """24 hours of electric load; the target is the next hour. The past comes first."""
    table = pd.read_csv(_folder() / "series/AEP_hourly.csv")
    table.columns = ["date", "load"]
    load = table.sort_values("date")["load"].to_numpy(float)[-5000:]
    load = (load - load[:4000].mean()) / load[:4000].std()
    windows = np.lib.stride_tricks.sliding_window_view(load, 25)[::2]
    return split(windows[:, :24, None], windows[:, 24], 2000, 400, shuffle=False)


def messages() -> Split:
    """Short messages as 30 hashed words each: spam or not?"""
    path = _folder() / "text/SMSSpamCollection"
    lines = [line.split("\t", 1) for line in path.read_text("utf-8").splitlines()]
    x = np.zeros((len(lines), 30), int)
    for row, (_, text) in enumerate(lines):
        words = re.findall(r"\w+", text.lower())[:30]
        x[row, : len(words)] = [1 + zlib.crc32(w.encode()) % 999 for w in words]
    y = np.array([float(label == "spam") for label, _ in lines])
    some = x[:, 0] > 0  # without a word there is no mean of word vectors
    return split(x[some], y[some], 3500, 800)


PUBLIC = {adult, california, cifar, consumption, messages, wine}

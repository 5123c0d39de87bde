"""Small datasets in the forms in which known ones are published."""

import gzip
import pickle
from types import SimpleNamespace

import numpy as np
import pytest

RNG = np.random.default_rng(0)


@pytest.fixture
def published():
    """Functions that write such datasets and return what they hold."""
    return SimpleNamespace(
        write_cifar=write_cifar,
        write_cifar_test=write_cifar_test,
        write_idx=write_idx,
        write_reviews=write_reviews,
        idx=idx,
    )


def write_cifar(folder, batches=2, n=10):
    """CIFAR-10's form, small; returns what it holds."""
    folder.mkdir(parents=True, exist_ok=True)
    x = RNG.integers(0, 256, (batches, n, 3, 32, 32), dtype=np.uint8)
    y = np.tile(np.arange(n) % 2, (batches, 1))
    for i in range(batches):
        batch = {b"data": x[i].reshape(n, -1), b"labels": y[i].tolist()}
        content = pickle.dumps(batch, 2)
        (folder / f"data_batch_{i + 1}").write_bytes(content)
    (folder / "test_batch").write_bytes(b"must not be read")
    meta = pickle.dumps({b"label_names": [b"cat", b"dog"]}, 2)
    (folder / "batches.meta").write_bytes(meta)
    return x.reshape(-1, 3, 32, 32), y.reshape(-1)


def write_cifar_test(folder, n=6, file="test_batch", key=b"labels"):
    """A test part beside the training part; returns what it holds."""
    x = RNG.integers(0, 256, (n, 3, 32, 32), dtype=np.uint8)
    y = np.arange(n) % 2
    batch = {b"data": x.reshape(n, -1), key: y.tolist()}
    (folder / file).write_bytes(pickle.dumps(batch, 2))
    return x, y


def idx(array):
    shape = np.array(array.shape, ">u4").tobytes()
    return bytes([0, 0, 8, array.ndim]) + shape + array.astype(np.uint8).tobytes()


def write_idx(folder, n=20, compress=gzip.compress, suffix=".gz", part="train"):
    folder.mkdir(parents=True, exist_ok=True)
    x = RNG.integers(0, 256, (n, 5, 4), dtype=np.uint8)
    y = np.arange(n) % 3
    images = folder / f"{part}-images-idx3-ubyte{suffix}"
    images.write_bytes(compress(idx(x)))
    (folder / f"{part}-labels-idx1-ubyte{suffix}").write_bytes(compress(idx(y)))
    return images, x, y


def write_reviews(path, n=20):
    reviews = np.empty(n, dtype=object)
    reviews[:] = [[i, 9_990, 20_000] for i in range(n)]
    y = np.arange(n) % 2
    np.savez(path, x_train=reviews, y_train=y, x_test=reviews, y_test=y)
    return reviews, y

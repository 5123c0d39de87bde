import gzip
import pickle

import numpy as np
import pytest

pytest.importorskip("sklearn")

from lr_finder.data.sources import published_files  # noqa: E402
from lr_finder.data.sources.published_files import FileError  # noqa: E402

RNG = np.random.default_rng(0)


def test_cifar_is_read_as_images_channels_last(published, tmp_path):
    x, y = published.write_cifar(tmp_path)
    found, labels, names = published_files.read_cifar(tmp_path)
    np.testing.assert_array_equal(found, np.moveaxis(x, 1, 3))
    assert labels.tolist() == y.tolist() and names == ("cat", "dog")


def test_cifar_100_has_fine_labels(tmp_path):
    rows = RNG.integers(0, 256, (6, 3072), dtype=np.uint8)
    batch = {b"data": rows, b"fine_labels": list(range(6)), b"coarse_labels": [0] * 6}
    (tmp_path / "train").write_bytes(pickle.dumps(batch, 2))
    found, labels, names = published_files.read_cifar(tmp_path)
    assert found.shape == (6, 32, 32, 3) and labels.tolist() == list(range(6))
    assert names == ()


@pytest.mark.parametrize("raw", [False, True])
def test_idx_files_are_read_compressed_or_not(published, tmp_path, raw):
    options = {"compress": bytes, "suffix": ""} if raw else {}
    images, x, y = published.write_idx(tmp_path, **options)
    found, labels, _ = published_files.read_idx_pair(images)
    np.testing.assert_array_equal(found, x)
    np.testing.assert_array_equal(labels, y)


def test_reviews_are_numbered_as_keras_numbers_them(published, tmp_path):
    """1 starts a text, words move up by 3, 2 stands for the rare ones."""
    published.write_reviews(tmp_path / "imdb.npz")
    found, labels, _ = published_files.read_reviews(tmp_path / "imdb.npz")
    assert found[5].tolist() == [1, 8, 9_993, 2]
    assert labels.tolist() == [0, 1] * 10


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is damaged"),
        (pickle.dumps({b"data": [1]}, 2), "data_batch_1 is damaged"),
        (pickle.dumps([1], 2), "data_batch_1 is damaged"),
        (pickle.dumps({b"data": np.zeros((2, 7), "u1"), b"labels": [1, 0]}, 2),
         "damaged"),
        (pickle.dumps({b"data": np.zeros((2, 3072)), b"labels": [1, 0]}, 2), "float64"),
        (pickle.dumps(print), "is refused: it asks for builtins.print"),
    ],
)  # fmt: skip
def test_damaged_batches_are_named(tmp_path, content, message):
    (tmp_path / "data_batch_1").write_bytes(content)
    with pytest.raises(FileError, match=message):
        published_files.read_cifar(tmp_path)


def test_missing_and_damaged_files_are_named(published, tmp_path):
    with pytest.raises(FileError, match="no file data_batch_1"):
        published_files.read_cifar(tmp_path)
    images, x, _ = published.write_idx(tmp_path)
    for content, message in [
        (gzip.compress(published.idx(x))[:50], "damaged|cut short"),
        (gzip.compress(published.idx(x)[:99]), "cut short"),
        (gzip.compress(published.idx(x[0])), "no IDX file of 3 axes"),
        (gzip.compress(b"\0\0\x08\x03" + b"\xff" * 12), "says that it is of shape"),
        (published.idx(x), "damaged"),
    ]:
        images.write_bytes(content)
        with pytest.raises(FileError, match=message):
            published_files.read_idx_pair(images)
    images.write_bytes(gzip.compress(published.idx(x[:9])))
    with pytest.raises(FileError, match="9 images and 20 labels"):
        published_files.read_idx_pair(images)
    images.with_name("train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileError, match="no file train-labels-idx1-ubyte.gz"):
        published_files.read_idx_pair(images)


def test_harmful_reviews_are_refused(tmp_path):
    class Harmful:
        def __reduce__(self):
            return (tmp_path / "made").mkdir, ()

    path = tmp_path / "imdb.npz"
    reviews = np.array([Harmful(), Harmful()], dtype=object)
    np.savez(path, x_train=reviews, y_train=np.arange(2))
    with pytest.raises(FileError, match="imdb.npz is refused: it asks for"):
        published_files.read_reviews(path)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("names", [[b"cat", 3], 7, [None, b"dog"]])
def test_class_names_that_are_no_text_are_named(published, tmp_path, names):
    published.write_cifar(tmp_path)
    meta = pickle.dumps({b"label_names": names}, 2)
    (tmp_path / "batches.meta").write_bytes(meta)
    with pytest.raises(FileError, match="batches.meta"):
        published_files.read_cifar(tmp_path)

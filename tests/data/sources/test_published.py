import pickle
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("sklearn")

from lr_finder.data.loading import KNOWN_NAMES, load_data  # noqa: E402
from lr_finder.data.sources.published import EXPECTED  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402


@pytest.fixture
def no_download(monkeypatch):
    """Keras without the net: each download fails as Keras tells it."""
    keras = pytest.importorskip("keras")

    def fail(**_):
        raise Exception("URL fetch failure on https://example.org: None -- no net")

    for name in KNOWN_NAMES:
        monkeypatch.setattr(f"{keras.datasets.__name__}.{name}.load_data", fail)
    monkeypatch.delenv("LR_FINDER_DATA", raising=False)


@pytest.mark.parametrize("place", ["", "images", "images/small"])
def test_a_folder_of_data_is_searched_two_levels_deep(published, tmp_path, place):
    x, y = published.write_cifar(tmp_path / place / "cifar-10-batches-py")
    dataset = load_data("cifar10", data_dir=tmp_path)
    assert (dataset.kind, dataset.classes) == ("images", ("cat", "dog"))
    assert len(dataset.x_train) == 16 and len(dataset.x_validation) == 4
    found = np.concatenate([dataset.x_train, dataset.x_validation])
    expected = np.moveaxis(x, 1, 3) / np.float32(255)
    np.testing.assert_allclose(np.sort(found, axis=0), np.sort(expected, axis=0))
    assert any("its test part is left untouched" in note for note in dataset.notes)
    assert dataset.kind_reason == "a dataset known by its name"


def test_the_folder_itself_may_be_named(published, tmp_path):
    published.write_cifar(tmp_path / "cifar-10-batches-py")
    assert (
        load_data("cifar10", data_dir=tmp_path / "cifar-10-batches-py").n_classes == 2
    )


@pytest.mark.parametrize(
    ("name", "folder"),
    [("fashion_mnist", "fashion-mnist"), ("fashion_mnist", "FashionMNIST/raw"),
     ("mnist", "MNIST/raw"), ("mnist", "mnist")],
)  # fmt: skip
def test_idx_files_belong_to_the_folder_they_lie_in(published, tmp_path, name, folder):
    published.write_idx(tmp_path / folder)
    dataset = load_data(name, data_dir=tmp_path)
    assert dataset.input_shape == (5, 4, 1) and dataset.n_classes == 3
    first = {"mnist": 0, "fashion_mnist": "T-shirt/top"}[name]
    assert dataset.classes[0] == first


def test_mnist_npz(tmp_path):
    x, y = np.zeros((60, 6, 6), np.uint8), np.arange(60) % 10
    np.savez(tmp_path / "mnist.npz", x_train=x, y_train=y, x_test=x[:5], y_test=y[:5])
    dataset = load_data("mnist", data_dir=tmp_path)
    assert len(dataset.x_train) + len(dataset.x_validation) == 60
    assert dataset.n_classes == 10


def test_imdb(published, tmp_path):
    published.write_reviews(tmp_path / "imdb.npz")
    dataset = load_data("imdb", data_dir=tmp_path)
    assert (dataset.kind, dataset.classes) == ("text", ("negative", "positive"))
    assert dataset.x_train.shape == (16, 4) and dataset.vocabulary_size == 9_994


def test_more_than_twenty_classes_are_classes_all_the_same(tmp_path):
    rows = np.zeros((600, 3072), np.uint8)
    batch = {b"data": rows, b"fine_labels": [i % 100 for i in range(600)]}
    folder = tmp_path / "cifar-100-python"
    folder.mkdir()
    (folder / "train").write_bytes(pickle.dumps(batch, 2))
    dataset = load_data("cifar100", data_dir=tmp_path)
    assert dataset.task == "classification" and dataset.n_classes == 100


@pytest.mark.parametrize("form", ["csv", "npz"])
def test_housing(tmp_path, form):
    x, y = np.random.default_rng(0).normal(size=(50, 2)), np.arange(50) / 7
    if form == "npz":
        np.savez(tmp_path / "california_housing.npz", x=x, y=y)
    else:
        rows = np.column_stack([y, x])
        np.savetxt(tmp_path / "california_housing.csv", rows, delimiter=",",
                   header="median_house_value,a,b", comments="")  # fmt: skip
    dataset = load_data("california_housing", data_dir=tmp_path)
    assert (dataset.task, dataset.target) == ("regression", "median_house_value")
    assert dataset.x_train.shape == (40, 2)


@pytest.mark.parametrize("name", KNOWN_NAMES)
def test_what_is_nowhere_says_where_to_put_it(no_download, tmp_path, name):
    for options in ({}, {"data_dir": tmp_path}):
        with pytest.raises(InputError) as caught:
            load_data(name, **options)
        told = str(caught.value)
        assert EXPECTED[name] in told and "--data-dir" in told
        assert "URL fetch failure" in told and "\n" not in told


def test_keras_downloads_what_is_not_there(tmp_path, monkeypatch):
    keras = pytest.importorskip("keras")
    x, y = np.zeros((60, 32, 32, 3), np.uint8), np.arange(60)[:, None] % 10
    monkeypatch.setattr(
        f"{keras.datasets.__name__}.cifar10.load_data", lambda: ((x, y), (x[:2], y[:2]))
    )
    dataset = load_data("cifar10", data_dir=tmp_path)
    assert dataset.classes[9] == "truck" and "downloaded by Keras" in dataset.notes
    assert len(dataset.x_train) == 48


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "tabular"}, "`kind` must be images for cifar10"),
        ({"task": "regression"}, "`task` must be classification for cifar10"),
        ({"target": "label"}, "`target` does not go with the dataset cifar10"),
        ({"window": 5}, "`window` does not go with the dataset cifar10"),
    ],
)
def test_options_that_do_not_go_are_refused(published, tmp_path, options, message):
    published.write_cifar(tmp_path / "cifar-10-batches-py")
    with pytest.raises(InputError, match=message):
        load_data("cifar10", data_dir=tmp_path, **options)


def test_a_damaged_dataset_is_named(tmp_path):
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    (folder / "data_batch_1").write_bytes(b"no pickle")
    with pytest.raises(InputError, match="data_batch_1 is refused.*Download it anew"):
        load_data("cifar10", data_dir=tmp_path)


@pytest.mark.slow
def test_the_published_cifar_10(data_dir, tmp_path_factory):
    script = data_dir / "cifar-10" / "restore_cifar10.py"
    if not script.exists():
        pytest.skip("needs CIFAR-10 in the folder of real data")
    folder = tmp_path_factory.mktemp("cifar")
    subprocess.run([sys.executable, script, folder], check=True, capture_output=True)
    dataset = load_data("cifar10", data_dir=folder)
    assert dataset.x_train.shape == (40_000, 32, 32, 3)
    assert np.bincount(dataset.y_train).tolist() == [4_000] * 10
    assert dataset.classes[:3] == ("airplane", "automobile", "bird")
    mean = dataset.x_train.mean(axis=(0, 1, 2), dtype=np.float64)
    # The means that many papers normalise by, here of four fifths of the images.
    np.testing.assert_allclose(mean, [0.4914, 0.4822, 0.4465], atol=1e-3)

import dataclasses
import pickle
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("sklearn")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from lr_finder.data.dataset import Dataset  # noqa: E402
from lr_finder.data.loading import load_data  # noqa: E402
from lr_finder.data.parts import (  # noqa: E402
    ThreeParts,
    load_three_parts,
    split_off_test,
)
from lr_finder.data.series.windows import make_windows  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

X, Y = np.arange(12, dtype="float32").reshape(6, 2), np.array([0, 1] * 3, "int32")


def classes(x=X, y=Y, n_validation=2):
    return Dataset(
        x, y, x[:n_validation], y[:n_validation], "classification", classes=("a", "b")
    )


def numbered(n, n_validation=10, **fields):
    """Rows that bear their numbers; those to validate with go on counting."""
    x = np.arange(n + n_validation, dtype="float32")[:, None]
    y = x[:, 0]
    about = {"task": "regression", **fields}
    return Dataset(x[:n], y[:n], x[n:], y[n:], **about)


def as_rows(images):
    return sorted(map(bytes, images.reshape(len(images), -1)))


@pytest.mark.parametrize(
    ("x_test", "y_test", "message"),
    [
        (X[:0], Y[:0], "one or more"),
        (X[:2], Y[:3], "pair row by row"),
        (X[:2, :1], Y[:2], r"rows of shape \(2,\)"),
        (X[:2], Y[:2, None], r"targets of shape \(\)"),
        (X[:2], Y[:2] + 1, r"class indices from 0 to 1. Received: 1 to 2"),
        (X[:2], Y[:2] - 1, "Received: -1 to 0"),
    ],
)
def test_a_test_part_must_fit(x_test, y_test, message):
    with pytest.raises(InputError, match=message):
        ThreeParts(classes(), x_test, y_test, "letters")


def test_fingerprint_is_that_of_the_content_alone():
    parts = ThreeParts(classes(), X[:2], Y[:2], "letters")
    again = ThreeParts(classes(X.copy()), X[:2].copy(), Y[:2].copy(), "other name")
    strided = ThreeParts(classes(np.asfortranarray(X)), X[:2], Y[:2], "letters")
    assert parts.fingerprint == again.fingerprint == strided.fingerprint
    assert len(parts.fingerprint) == 16 and int(parts.fingerprint, 16) >= 0
    assert pickle.loads(pickle.dumps(parts)).fingerprint == parts.fingerprint


@pytest.mark.parametrize(
    "field", ["x_train", "y_train", "x_validation", "y_validation", "x_test", "y_test"]
)
def test_fingerprint_changes_with_every_array(field):
    parts = ThreeParts(classes(), X[:2].copy(), Y[:2].copy(), "letters")
    home = parts.dataset if hasattr(parts.dataset, field) else parts
    array = getattr(home, field).copy()
    array.flat[-1] = 1 - array.flat[-1]
    changed = dataclasses.replace(home, **{field: array})
    if home is parts.dataset:
        changed = dataclasses.replace(parts, dataset=changed)
    assert changed.fingerprint != parts.fingerprint


def test_fingerprint_changes_with_the_kind_and_with_where_a_part_ends():
    parts = ThreeParts(classes(), X[:2], Y[:2], "letters")
    series = dataclasses.replace(parts.dataset, kind="series")
    longer = classes(n_validation=3)
    others = [dataclasses.replace(parts, dataset=data) for data in (series, longer)]
    others.append(ThreeParts(classes(n_validation=1), X[:3], Y[:3], "letters"))
    assert len({p.fingerprint for p in [parts, *others]}) == 4


def test_a_published_test_part_is_kept_whole_and_scaled_alike(published, tmp_path):
    folder = tmp_path / "cifar-10-batches-py"
    x, _ = published.write_cifar(folder)
    x_test, y_test = published.write_cifar_test(folder)
    parts = load_three_parts("CIFAR10", data_dir=tmp_path)
    data = parts.dataset
    assert (parts.name, data.kind, data.classes) == (
        "cifar10",
        "images",
        ("cat", "dog"),
    )
    assert data.kind_reason == "a dataset known by its name"
    assert any("test part of 6 rows is scored alone" in note for note in data.notes)
    np.testing.assert_array_equal(
        parts.x_test, np.moveaxis(x_test, 1, 3) / np.float32(255)
    )
    assert parts.x_test.dtype == np.float32 and parts.y_test.tolist() == y_test.tolist()
    rest = np.concatenate([data.x_train, data.x_validation])
    assert (len(data.x_train), len(data.x_validation)) == (18, 2)
    assert as_rows(rest) == as_rows(np.moveaxis(x, 1, 3) / np.float32(255))
    assert np.bincount(data.y_validation).tolist() == [1, 1]


def test_a_limit_leaves_the_published_test_part_whole(published, tmp_path):
    folder = tmp_path / "cifar-10-batches-py"
    published.write_cifar(folder, n=50)
    _, y_test = published.write_cifar_test(folder, n=7)
    parts = load_three_parts("cifar10", data_dir=tmp_path, limit=40)
    assert len(parts.dataset.x_train) == 36 and len(parts.dataset.x_validation) == 4
    assert parts.y_test.tolist() == y_test.tolist()


def test_the_same_rows_train_as_load_data_trains_on(published, tmp_path):
    """The test part changes nothing about the others."""
    folder = tmp_path / "cifar-10-batches-py"
    published.write_cifar(folder)
    published.write_cifar_test(folder)
    options = {"limit": 16, "seed": 3, "validation_fraction": 0.25}
    parts = load_three_parts("cifar10", data_dir=tmp_path, **options)
    plain = load_data("cifar10", data_dir=tmp_path, **options)
    for name in ("x_train", "y_train", "x_validation", "y_validation"):
        found = getattr(parts.dataset, name)
        np.testing.assert_array_equal(found, getattr(plain, name))


def test_cifar_100_has_a_file_for_its_test_part(published, tmp_path):
    folder = tmp_path / "cifar-100-python"
    folder.mkdir()
    fine = {"key": b"fine_labels"}
    published.write_cifar_test(folder, 20, file="train", **fine)
    _, y_test = published.write_cifar_test(folder, 5, file="test", **fine)
    parts = load_three_parts("cifar100", data_dir=tmp_path)
    assert parts.y_test.tolist() == y_test.tolist()


def test_idx_files_of_the_test_part_lie_beside(published, tmp_path):
    folder = tmp_path / "fashion-mnist"
    published.write_idx(folder, n=30)
    _, x_test, y_test = published.write_idx(folder, n=9, part="t10k")
    parts = load_three_parts("fashion_mnist", data_dir=tmp_path)
    np.testing.assert_array_equal(parts.x_test[..., 0], x_test / np.float32(255))
    assert parts.y_test.tolist() == y_test.tolist()
    assert parts.dataset.classes[0] == "T-shirt/top"


def test_mnist_npz_holds_both_parts(tmp_path):
    x, y = np.zeros((60, 6, 6), np.uint8), np.arange(60) % 10
    file = tmp_path / "mnist.npz"
    np.savez(file, x_train=x, y_train=y, x_test=x[:13] + 51, y_test=y[:13])
    parts = load_three_parts("mnist", data_dir=tmp_path)
    assert parts.x_test.shape == (13, 6, 6, 1) and np.ptp(parts.x_test) == 0
    assert parts.x_test.max() == np.float32(0.2)
    np.savez(file, x_train=x, y_train=y)
    with pytest.raises(InputError, match="arrays named x_test and y_test"):
        load_three_parts("mnist", data_dir=tmp_path)


def test_words_that_no_review_to_train_on_holds_are_unknown(tmp_path):
    def reviews(first, n):
        texts = np.empty(n, dtype=object)
        texts[:] = [[first, 7] for _ in range(n)]
        return texts

    y = np.arange(20) % 2
    np.savez(
        tmp_path / "imdb.npz", x_train=reviews(4, 20), y_train=y,
        x_test=reviews(5, 6), y_test=y[:6],
    )  # fmt: skip
    parts = load_three_parts("imdb", data_dir=tmp_path)
    # words move up by 3; 1 starts a text, 2 is unknown
    assert np.unique(parts.dataset.x_train, axis=0).tolist() == [[1, 7, 10]]
    assert np.unique(parts.x_test, axis=0).tolist() == [[1, 2, 10]]
    assert parts.dataset.vocabulary_size == 11 and len(parts.x_test) == 6


def test_keras_downloads_both_parts(tmp_path, monkeypatch):
    keras = pytest.importorskip("keras")
    x, y = np.zeros((60, 32, 32, 3), np.uint8), np.arange(60)[:, None] % 10
    both = ((x, y), (x[:20], y[:20]))
    monkeypatch.setattr(f"{keras.datasets.__name__}.cifar10.load_data", lambda: both)
    parts = load_three_parts("cifar10", data_dir=tmp_path)
    assert parts.y_test.tolist() == y[:20, 0].tolist()
    assert len(parts.dataset.x_train) == 54 and parts.dataset.classes[9] == "truck"


def test_a_missing_test_part_is_named(published, tmp_path):
    folder = tmp_path / "cifar-10-batches-py"
    published.write_cifar(folder)
    (folder / "test_batch").unlink()
    with pytest.raises(InputError, match="no file test_batch. Download it anew"):
        load_three_parts("cifar10", data_dir=tmp_path)


def test_a_limit_that_loses_a_class_of_the_test_part_is_refused(tmp_path):
    x, y = np.zeros((100, 6, 6), np.uint8), np.r_[np.arange(98) % 2, 2, 2]
    np.savez(tmp_path / "mnist.npz", x_train=x, y_train=y, x_test=x[:3],
             y_test=np.arange(3))  # fmt: skip
    with pytest.raises(InputError, match=r"1 of 3 classes without one, limit=10\. Rai"):
        load_three_parts("mnist", data_dir=tmp_path, limit=10)


def test_other_sources_give_a_fifth_to_test_and_a_tenth_of_the_rest(tmp_path):
    path = tmp_path / "ages.csv"
    lines = ["height,age", *(f"{i},{i * 1.5}" for i in range(200))]
    path.write_text("\n".join(lines))
    parts = load_three_parts(path, seed=4)
    plain = load_data(path, seed=4)
    data = parts.dataset
    sizes = len(data.x_train), len(data.x_validation), len(parts.x_test)
    assert parts.name == "ages.csv" and sizes == (144, 16, 40)
    np.testing.assert_array_equal(parts.x_test, plain.x_validation)
    # in the unit of the file, whose every row is in one part
    found = np.concatenate([data.y_train, data.y_validation, parts.y_test])
    ages = np.sort(found * data.target_scale + data.target_mean)
    np.testing.assert_allclose(ages, np.arange(200) * 1.5, atol=1e-3)
    other = load_three_parts(path, validation_fraction=0.5, test_fraction=0.5)
    assert len(other.dataset.x_train) == 50 and len(other.x_test) == 100


@given(n=st.integers(20, 300), seed=st.integers(0, 9), part=st.floats(0.05, 0.5))
def test_every_row_is_in_one_part(n, seed, part):
    parts = split_off_test(numbered(n), seed, validation_fraction=part)
    data = parts.dataset
    found = [data.x_train[:, 0], data.x_validation[:, 0], parts.x_test[:, 0]]
    assert sorted(np.concatenate(found)) == list(range(n + 10))
    assert len(data.x_validation) == max(round(part * n), 1)
    np.testing.assert_array_equal(data.x_validation[:, 0], data.y_validation)
    np.testing.assert_array_equal(data.x_train[:, 0], data.y_train)


def test_classes_validate_in_equal_shares():
    y = np.repeat(np.arange(3), (200, 60, 40)).astype("int32")
    x = np.arange(300, dtype="float32")[:, None]
    data = Dataset(x, y, x[:5], y[:5], "classification", classes=("a", "b", "c"))
    first, other = split_off_test(data, 0).dataset, split_off_test(data, 1).dataset
    assert np.bincount(first.y_validation).tolist() == [20, 6, 4]
    assert first.x_validation.tolist() != other.x_validation.tolist()


@given(
    window=st.integers(1, 12), horizon=st.integers(1, 5), stride=st.integers(1, 3),
    columns=st.integers(0, 2), n=st.integers(150, 250),
)  # fmt: skip
def test_no_point_of_a_series_is_in_two_parts(window, horizon, stride, columns, n):
    """The windows bear the numbers of the points that they hold."""
    points = np.arange(n, dtype="float32")
    if columns:
        points = np.repeat(points[:, None], columns, axis=1)
    x, y = make_windows(points, window, horizon=horizon, stride=stride)
    data = Dataset(x, y, x[-1:] + n, y[-1:] + n, "regression", kind="series")
    parts = split_off_test(data)
    train, validation = (
        np.concatenate([x.ravel(), y.ravel()])
        for x, y in ((parts.dataset.x_train, parts.dataset.y_train),
                     (parts.dataset.x_validation, parts.dataset.y_validation))
    )  # fmt: skip
    assert train.max() < validation.min() and validation.max() < parts.x_test.min()
    assert len(parts.dataset.x_validation) == round(0.1 * len(x))
    if stride == 1:  # and no more is left out than must be
        assert validation.min() == train.max() + 1


def test_too_few_rows_are_refused():
    x, y = make_windows(np.arange(30.0), 10)
    data = Dataset(x, y, x[:1], y[:1], "regression", kind="series")
    with pytest.raises(InputError, match="10 windows between. Received: 20. Give"):
        split_off_test(data, validation_fraction=0.5)
    with pytest.raises(InputError, match="Received: 1"):
        split_off_test(numbered(1))
    lonely = classes(X[:2], Y[:2])
    with pytest.raises(InputError, match="beside 1 to validate with"):
        split_off_test(lonely)


@pytest.mark.parametrize(
    "options", [{"validation_fraction": 1}, {"seed": -1}], ids=lambda o: next(iter(o))
)
def test_arguments_are_checked(options):
    with pytest.raises(InputError, match=f"`{next(iter(options))}` must"):
        split_off_test(numbered(30), **options)


@pytest.mark.slow
def test_the_published_cifar_10(data_dir, tmp_path_factory):
    script = data_dir / "cifar-10" / "restore_cifar10.py"
    if not script.exists():
        pytest.skip("needs CIFAR-10 in the folder of real data")
    folder = tmp_path_factory.mktemp("cifar")
    subprocess.run([sys.executable, script, folder], check=True, capture_output=True)
    parts = load_three_parts("cifar10", data_dir=folder)
    for y, n in ((parts.dataset.y_train, 4_500), (parts.dataset.y_validation, 500),
                 (parts.y_test, 1_000)):  # fmt: skip
        assert np.bincount(y).tolist() == [n] * 10
    # the first test images as everybody knows them: a cat, two ships, a plane, a frog
    named = [parts.dataset.classes[label] for label in parts.y_test[:5]]
    assert named == ["cat", "ship", "ship", "airplane", "frog"]
    few = load_three_parts("cifar10", data_dir=folder, limit=10_000)
    assert (len(few.dataset.x_train), len(few.dataset.x_validation)) == (9_000, 1_000)
    np.testing.assert_array_equal(few.x_test, parts.x_test)
    assert few.fingerprint != parts.fingerprint

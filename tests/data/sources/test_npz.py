import io
import zipfile

import numpy as np
import pytest

pytest.importorskip("sklearn")

from lr_finder.data.loading import load_data  # noqa: E402
from lr_finder.data.sources import npz  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

X, Y = np.arange(60, dtype=np.uint8).reshape(20, 3), np.arange(20) % 2


@pytest.fixture
def save(tmp_path):
    def save(**arrays):
        path = tmp_path / "a.npz"
        np.savez_compressed(path, **arrays)
        return path

    return save


@pytest.mark.parametrize(
    "names",
    [("x", "y"), ("X", "Y"), ("x_train", "y_train"), ("images", "labels"),
     ("data", "target"), ("data", "targets"), ("features", "labels")],
)  # fmt: skip
def test_inputs_and_answers_are_found_by_name(save, names):
    x, y, notes = npz.read_arrays(save(**dict(zip(names, (X, Y), strict=True))))
    assert np.array_equal(x, X) and np.array_equal(y, Y) and notes == ()


def test_the_test_part_is_left_and_other_arrays_are_told(save):
    path = save(x_train=X, y_train=Y, x_test=X[:2], y_test=Y[:2], extra=Y)
    x, _, notes = npz.read_arrays(path)
    assert len(x) == 20
    assert notes == (
        "the test arrays in the file are left untouched",
        "arrays not used: 'extra'",
    )


def test_target_names_the_answers(save):
    path = save(x=X, y=Y, other=Y + 5)
    assert npz.read_arrays(path, "other")[1].tolist() == (Y + 5).tolist()
    x, y, _ = npz.read_arrays(save(a=X, b=Y), "b")
    assert np.array_equal(x, X) and np.array_equal(y, Y)
    with pytest.raises(InputError, match="`target` must name.*'c'. Arrays: a, b"):
        npz.read_arrays(path, "c")


@pytest.mark.parametrize(
    ("arrays", "options", "kind"),
    [
        ({"x": X, "y": Y}, {}, "tabular"),
        ({"x": X.reshape(20, 3, 1), "y": Y}, {}, "images"),
        ({"load": np.arange(200.0) % 7}, {}, "series"),
        ({"a": Y, "load": np.arange(200.0)}, {"kind": "series", "target": "load"},
         "series"),
    ],
)  # fmt: skip
def test_arrays_become_data_of_their_kind(save, arrays, options, kind):
    dataset = load_data(save(**arrays), **options)
    assert dataset.kind == kind and dataset.kind_reason
    if kind == "series":
        assert len(dataset.x_train) == 160 - 20


def test_texts_become_tokens(save):
    pytest.importorskip("tensorflow")
    texts = np.array([f"we saw {i} birds" for i in range(20)])
    dataset = load_data(save(text=texts, label=np.array(["a", "b"])[Y]))
    assert dataset.kind == "text" and dataset.classes == ("a", "b")
    assert dataset.x_train.shape == (16, 4)


def test_objects_are_refused_and_never_loaded(save, tmp_path):
    class Harmful:
        def __reduce__(self):
            return (tmp_path / "made").mkdir, ()

    path = save(x=np.array([Harmful()] * 20, dtype=object), y=Y)
    with pytest.raises(InputError, match="can run code. Save it with one dtype"):
        load_data(path)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": X, "y": Y[:9]}, r"\(20, 3\) and 'y' of shape \(9,\)"),
        ({"x": X, "z": Y}, "Received: 'x', 'z'. Rename them"),
        ({"x": X}, "must hold answers beside the inputs"),
        ({}, "no array"),
        ({"x": X.astype(complex), "y": Y}, "complex128"),
    ],
)
def test_arrays_that_do_not_fit_are_refused_in_one_line(save, arrays, message):
    with pytest.raises(InputError, match=message) as caught:
        load_data(save(**arrays))
    assert "\n" not in str(caught.value) and "a.npz" in str(caught.value)


def lying(shape, content=b"\0" * 60):
    """An NPZ file whose array x claims a shape."""
    file = io.BytesIO()
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    y = io.BytesIO()
    np.save(y, Y)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("x.npy", file.getvalue() + content)
        members.writestr("y.npy", y.getvalue())
    return archive.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "must be a readable NPZ file"),
        (b"x,y\n1,2\n", "not a zip file"),
        (lying((20, 3))[:-40], "must be a readable NPZ file"),
        (lying((10**6, 10**6)), "at most 4 GiB.*931.3 GiB"),
        (lying((20, 4)), "as long as its header says"),
        (lying((-20, -3)), "as long as its header says|readable"),
    ],
)
def test_damaged_and_lying_files_are_refused(tmp_path, content, message):
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        load_data(path)


def test_options_of_columns_are_refused(save):
    with pytest.raises(InputError, match="`time_column` does not go with an NPZ file"):
        load_data(save(load=np.arange(90.0)), time_column="day")

import numpy as np
import pytest

pytest.importorskip("sklearn")

from lr_finder.data.prepare.answers import as_column, is_one_hot, prepare_answers  # noqa: E402
from lr_finder.data.request import Request  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

REQUEST = Request("a.npz")
LABELS = np.arange(60) % 3


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (LABELS, (0, 1, 2)),
        (LABELS[:, None], (0, 1, 2)),
        (LABELS.astype("u1"), (0, 1, 2)),
        (np.eye(3)[LABELS], (0, 1, 2)),
        (LABELS > 0, (0, 1)),
        (np.array(["cat", "dog", "owl"])[LABELS], ("cat", "dog", "owl")),
        (np.array([b"cat", b"dog", b"owl"])[LABELS], ("cat", "dog", "owl")),
    ],
)
def test_labels_in_any_form_become_class_indices(y, classes):
    parts = prepare_answers(y, REQUEST, "rows")
    fields = parts.fields
    assert (fields["task"], fields["classes"]) == ("classification", classes)
    expected = LABELS if len(classes) == 3 else LABELS > 0
    np.testing.assert_array_equal(fields["y_train"], expected[parts.train])


def test_several_numbers_a_row_share_one_mean_and_spread():
    y = np.random.default_rng(0).normal(5, 3, size=(50, 4))
    parts = prepare_answers(y, REQUEST, "rows")
    fields, train = parts.fields, y[parts.train]
    assert fields["target_mean"] == pytest.approx(train.mean())
    assert fields["target_scale"] == pytest.approx(train.std())
    back = fields["y_validation"] * fields["target_scale"] + fields["target_mean"]
    np.testing.assert_allclose(back, y[parts.validation], rtol=1e-5)
    assert fields["y_train"].dtype == np.float32


@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        (np.zeros((9, 2, 2)), {}, r"Received: float64 of shape \(9, 2, 2\)"),
        (np.zeros((9, 0)), {}, "an array"),
        (np.zeros(9, complex), {}, "complex128"),
        (np.full(9, np.nan), {}, "must be known in every row"),
        (np.array([[1, np.inf]] * 9), {}, "must be finite. Received: 9 of 9"),
        (np.arange(18.0).reshape(9, 2), {"task": "classification"}, "one-hot"),
        (np.array(["a", "b"] * 5), {"task": "regression"}, "must hold numbers"),
    ],
)
def test_bad_answers_are_refused_in_one_line(y, options, message):
    with pytest.raises(InputError, match=message) as caught:
        prepare_answers(y, Request("a.npz", **options), "rows")
    assert "\n" not in str(caught.value)


def test_one_hot_is_told_from_several_numbers():
    assert is_one_hot(np.eye(4)) and not is_one_hot(np.eye(4) * 2)
    assert not is_one_hot(np.array([["1", "0"]]))


def test_text_that_no_encoding_holds_is_mended():
    broken = np.frombuffer(b"a\0\0\0\x00\xd8\0\0" * 2, dtype="<U1").copy()
    assert as_column(broken).tolist() == ["a", "?", "a", "?"]

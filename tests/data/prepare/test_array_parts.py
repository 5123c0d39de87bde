import numpy as np
import pytest

pytest.importorskip("sklearn")

from lr_finder.data.prepare.array_parts import three_parts_of  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (60, 8, 8, 3), dtype=np.uint8)
LABELS = np.arange(60) % 3


def test_images_as_keras_gives_them():
    labels = LABELS[:, None]
    parts = three_parts_of(
        IMAGES[:40], labels[:40], IMAGES[40:], labels[40:], name="stripes"
    )
    data = parts.dataset
    assert (parts.name, data.kind, data.classes) == ("stripes", "images", (0, 1, 2))
    assert (len(data.x_train), len(data.x_validation)) == (36, 4)
    np.testing.assert_array_equal(parts.x_test, IMAGES[40:] / np.float32(255))
    assert parts.y_test.tolist() == LABELS[40:].tolist()


def test_labels_get_one_number_in_all_parts():
    words = np.array(["dog", "cat", "owl"])[LABELS]
    parts = three_parts_of(IMAGES[:40], words[:40], IMAGES[40:], words[40:], limit=20)
    assert parts.dataset.classes == ("cat", "dog", "owl")
    found = [parts.dataset.classes[label] for label in parts.y_test]
    assert found == words[40:].tolist() and len(parts.dataset.x_train) == 18


@pytest.mark.parametrize("outputs", [(), (2,)])
def test_tables_are_standardised_by_the_rows_to_train_on(outputs):
    x, y = RNG.normal(5, 3, (80, 4)), RNG.normal(100, 20, (80, *outputs))
    parts = three_parts_of(x[:50], y[:50], x[50:] + 1e3, y[50:])
    data = parts.dataset
    np.testing.assert_allclose(data.x_train.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(data.x_train.std(axis=0), 1, rtol=1e-5)
    spread = (x[50:, :1] - x[50:51, :1])[:, 0]  # a line maps the raw column to ours
    ours = parts.x_test[:, 0] - parts.x_test[0, 0]
    np.testing.assert_allclose(ours / ours[1], spread / spread[1], rtol=1e-3)
    assert parts.x_test.min() > 100
    in_own_unit = parts.y_test * data.target_scale + data.target_mean
    np.testing.assert_allclose(in_own_unit, y[50:], rtol=1e-4)


def test_a_single_row_may_be_the_test_part():
    x, y = RNG.normal(size=(20, 3)), RNG.normal(size=20)
    parts = three_parts_of(x[:19], y[:19], x[19:], y[19:])
    assert parts.x_test.shape == (1, 3)


@pytest.mark.parametrize(
    ("arrays", "options", "message"),
    [
        ((IMAGES, LABELS, IMAGES[:0], LABELS[:0]), {}, "`x_test` and `y_test` must"),
        ((IMAGES, LABELS[1:], IMAGES, LABELS), {}, "`x_train` and `y_train` must pair"),
        ((IMAGES, LABELS, IMAGES[:, :4], LABELS), {}, "`x_train` and `x_test` must"),
        ((IMAGES, LABELS, IMAGES / 255, LABELS), {}, "uint8 .* float64"),
        ((IMAGES, LABELS, IMAGES, LABELS.astype(str)), {}, "`y_train` and `y_test`"),
        ((IMAGES, LABELS, IMAGES, LABELS + 1), {}, "1 of 3 classes without one"),
        ((LABELS, LABELS, LABELS, LABELS), {"kind": "series"}, "make_windows"),
        ((IMAGES[:1], LABELS[:1], IMAGES, LABELS), {}, "at least 2 images"),
        ((np.array(["a b c d"] * 60), LABELS, np.array(["a b c", " "]), LABELS[:2]), {},
         "a text in each row"),
    ],
)  # fmt: skip
def test_arrays_that_do_not_fit_are_refused(arrays, options, message):
    with pytest.raises(InputError, match=message):
        three_parts_of(*arrays, **options)


def test_texts_have_the_words_of_the_training_part():
    pytest.importorskip("tensorflow")
    texts = np.array([f"so it goes on number {i % 7}" for i in range(40)])
    tests = np.array(["so it goes", "never heard words"])
    parts = three_parts_of(texts, np.arange(40) % 2, tests, np.array([0, 1]))
    assert parts.dataset.kind == "text"
    assert (parts.x_test[1, :3] == 1).all()  # what Keras calls an unknown word
    assert (parts.x_test[0, :3] > 1).all() and (parts.x_test[:, 3:] == 0).all()

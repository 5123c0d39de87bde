import itertools

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from lr_finder.data import Dataset  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402
from lr_finder.models.augmentation import (  # noqa: E402
    standard_augmentation,
    with_augmentation,
)
from lr_finder.models.published import build_3c3d  # noqa: E402

# NumPy 2 warns inside TensorFlow's variables when Keras makes arrays of them.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")


def images(shape=(32, 32, 3), rows=64):
    x = np.random.default_rng(0).uniform(0.1, 1, size=(rows, *shape)).astype("float32")
    y = np.zeros(rows, "float32")
    return Dataset(x, y, x[:4], y[:4], "regression", kind="images")


def augmented(x, layers=None, training=True):
    for layer in layers or standard_augmentation(images(x.shape[1:])):
        x = layer(x, training=training)
    return keras.ops.convert_to_numpy(x)


def shifts_of(x):
    """Where a single bright pixel in the middle of each image went."""
    rows, columns = x.shape[1] // 2, x.shape[2] // 2
    x[:, rows, columns] = 1
    found = augmented(x, standard_augmentation(images(x.shape[1:]))[1:])
    assert (found.sum(axis=(1, 2, 3)) == 1).all()  # moved whole, neither lost nor cut
    return np.argwhere(found[..., 0])[:, 1:] - [rows, columns]


@pytest.mark.training
def test_shifts_are_whole_pixels_and_equally_likely():
    keras.utils.set_random_seed(0)
    n = 4_000
    shifts = shifts_of(np.zeros((n, 32, 32, 1), "float32"))
    table = np.zeros((9, 9))
    np.add.at(table, tuple((shifts + 4).T), 1)
    # Pearson's chi-squared over the 81 shifts: 80 expected, sd sqrt(2 · 80)
    expected = n / 81
    assert ((table - expected) ** 2 / expected).sum() < 80 + 4 * np.sqrt(160)


@pytest.mark.training
def test_shifts_are_an_eighth_of_each_side():
    shifts = shifts_of(np.zeros((500, 16, 8, 1), "float32"))
    assert np.unique(shifts[:, 0]).tolist() == [-2, -1, 0, 1, 2]
    assert np.unique(shifts[:, 1]).tolist() == [-1, 0, 1]


@pytest.mark.training
def test_every_image_is_a_crop_of_the_padded_one_flipped_or_not():
    """Pad with zeros and cut out, written out for all that can be."""
    x = images((16, 16, 3)).x_train
    found = augmented(x)
    n_flipped = 0
    for image, one in zip(x, found, strict=True):
        padded = np.pad(image, ((2, 2), (2, 2), (0, 0)))
        crops = {
            (top, left, flip): padded[top : top + 16, left : left + 16][:, ::flip]
            for top, left, flip in itertools.product(range(5), range(5), (1, -1))
        }
        (match,) = [key for key, crop in crops.items() if np.array_equal(crop, one)]
        n_flipped += match[2] == -1
    assert 16 < n_flipped < 48  # of 64: four standard deviations


@pytest.mark.training
def test_inference_is_that_of_the_plain_model():
    data = images()
    plain = build_3c3d(data)
    model = with_augmentation(plain, data)
    assert not model.compiled
    same = [m.predict(data.x_train, verbose=0) for m in (plain, model)]
    np.testing.assert_array_equal(*same)
    called = keras.ops.convert_to_numpy(model(data.x_train, training=False))
    np.testing.assert_allclose(called, same[0], rtol=1e-5)
    np.testing.assert_array_equal(augmented(data.x_train, training=False), data.x_train)
    assert len(model.trainable_weights) == len(plain.trainable_weights)
    assert all(a is b for a, b in zip(model.trainable_weights, plain.trainable_weights,
                                      strict=True))  # fmt: skip
    one, other = (
        sum(map(float, map(keras.ops.convert_to_numpy, each.losses)))
        for each in (model, plain)
    )
    assert one == pytest.approx(other)


def mean_of_pixels():
    """A network that says how bright an image is, on average."""
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(1, kernel_initializer="ones", use_bias=False),
        ]
    )


@pytest.mark.training
def test_fit_sees_shifted_images_and_evaluate_does_not():
    """Of white images a shift by s leaves 1 - |s| / 32; |s| is 20 / 9 on average."""
    keras.utils.set_random_seed(0)
    white = np.ones((1024, 32, 32, 1), "float32")
    data = images((32, 32, 1))
    model = with_augmentation(mean_of_pixels(), data)
    model.compile(keras.optimizers.SGD(0.0), "mae")
    zeros = np.zeros(1024, "float32")
    loss = model.fit(white, zeros, batch_size=256, verbose=0).history["loss"][0]
    assert loss == pytest.approx((1 - 20 / 9 / 32) ** 2, abs=0.01)
    assert model.evaluate(white, zeros, verbose=0) == pytest.approx(1, rel=1e-6)
    if keras.config.backend() == "jax":  # else each operation would run alone
        assert model.jit_compile


@pytest.mark.training
def test_the_seed_of_keras_draws_the_changes():
    x = images((16, 16, 1)).x_train
    found = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        found.append(augmented(x))
    np.testing.assert_array_equal(found[0], found[1])
    assert (found[0] != found[2]).any()


@pytest.mark.training
def test_a_file_keeps_the_model(tmp_path):
    model = with_augmentation(mean_of_pixels(), images((32, 32, 1)))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    x = images((32, 32, 1)).x_train
    np.testing.assert_array_equal(*(m.predict(x, verbose=0) for m in (model, again)))
    shifts = again.layers[2].get_config()
    assert shifts["height_factor"] == 4.5 / 32 and shifts["fill_mode"] == "constant"


def test_rows_without_pixels_are_refused():
    x, y = np.zeros((4, 3), "float32"), np.zeros(4, "float32")
    data = Dataset(x, y, x, y, "regression")
    with pytest.raises(InputError, match="must be images .*'tabular'.*Leave the augm"):
        with_augmentation(keras.Sequential([keras.Input((3,))]), data)

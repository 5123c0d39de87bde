import numpy as np
import pytest

keras = pytest.importorskip("keras")

from lr_finder.data import Dataset  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402
from lr_finder.models.checks import check_fits  # noqa: E402
from lr_finder.models.defaults import (  # noqa: E402
    BUILDERS,
    build_default,
    build_for_kind,
    pixel_normalization,
)

# NumPy 2 warns inside TensorFlow's variables when Keras makes arrays of them.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")

ROWS = 96


def dataset(n_classes=0, input_shape=(8,), outputs=(), kind="tabular"):
    """Random data of a form; nothing can be learnt from it."""
    rng = np.random.default_rng(0)
    tokens = 20 if kind == "text" else 0
    if kind == "text":
        x = rng.integers(0, tokens, size=(ROWS, *input_shape)).astype("int32")
    else:
        x = rng.uniform(size=(ROWS, *input_shape)).astype("float32")
    if n_classes:
        y = (np.arange(ROWS) % n_classes).astype("int32")
    else:
        y = rng.normal(size=(ROWS, *outputs)).astype("float32")
    return Dataset(
        x, y, x[:8], y[:8], "classification" if n_classes else "regression",
        classes=tuple(range(n_classes)), kind=kind, vocabulary_size=tokens,
    )  # fmt: skip


def learnable(kind, n_classes):
    """Data whose target is in its inputs, as each kind would have it."""
    rng = np.random.default_rng(1)
    label = rng.integers(0, n_classes or 2, size=ROWS)
    if kind == "text":  # one of the telling words among others, then padding
        x = rng.integers(5, 20, size=(ROWS, 12))
        x[:, 8:] = 0
        x[np.arange(ROWS), rng.integers(0, 8, size=ROWS)] = label + 1
        x = x.astype("int32")
    elif kind == "images":  # stripes that lie in another direction
        x = 0.2 * rng.uniform(size=(ROWS, 8, 8, 3)).astype("float32")
        x[:, ::2] += 0.5 * (label == 0)[:, None, None, None]
        x[:, :, ::2] += 0.5 * (label == 1)[:, None, None, None]
    else:
        x = rng.normal(size=(ROWS, 8)).astype("float32")
        x[:, 0] += 3 * label
    y = label.astype("int32" if n_classes else "float32")
    return Dataset(
        x, y, x, y, "classification" if n_classes else "regression",
        classes=tuple(range(n_classes)), kind=kind,
        vocabulary_size=20 if kind == "text" else 0,
    )  # fmt: skip


SHAPES = {"tabular": (8,), "series": (20,), "images": (12, 10, 3), "text": (15,)}


@pytest.mark.parametrize("kind", BUILDERS)
@pytest.mark.parametrize(
    "task, units, activation, loss",
    [
        ({}, 1, "linear", "mse"),
        ({"outputs": (3,)}, 3, "linear", "mse"),
        ({"n_classes": 2}, 1, "sigmoid", "binary_crossentropy"),
        ({"n_classes": 7}, 7, "softmax", "sparse_categorical_crossentropy"),
    ],
)
def test_head_loss_and_optimizer_fit_the_task(kind, task, units, activation, loss):
    data = dataset(input_shape=SHAPES[kind], kind=kind, **task)
    model = build_default(data)
    assert model.output_shape == (None, units)
    assert model.layers[-1].activation.__name__ == activation
    assert model.loss == loss and isinstance(model.optimizer, keras.optimizers.Adam)
    check_fits(model, data, "default")


def test_mlp_has_two_hidden_layers():
    for kind in ("tabular", "series"):
        model = build_default(dataset(kind=kind, outputs=(5,)))
        assert [layer.units for layer in model.layers] == [64, 64, 5]
        # weights and biases of 8-64-64-5
        assert model.count_params() == 8 * 64 + 64 + 64 * 64 + 64 + 64 * 5 + 5


def test_mlp_flattens_rows_of_several_axes():
    model = build_default(dataset(input_shape=(4, 2)))
    assert model.input_shape == (None, 4, 2) and model.output_shape == (None, 1)


@pytest.mark.training
@pytest.mark.parametrize("n_classes", [0, 2, 3])
@pytest.mark.few(1)
def test_mlp_trains_at_the_loss_that_chance_gives(n_classes):
    """The first loss of balanced classes is about ln(n), of unit variance about 1."""
    keras.utils.set_random_seed(0)
    data = dataset(n_classes)
    history = build_default(data).fit(data.x_train, data.y_train, verbose=0)
    expected = np.log(n_classes) if n_classes else 1.0
    assert history.history["loss"][0] == pytest.approx(expected, rel=0.5)


@pytest.mark.training
@pytest.mark.parametrize("n_classes", [0, 2, 3])
@pytest.mark.parametrize("kind", BUILDERS)
@pytest.mark.few(1)
def test_learns_what_is_there_and_comes_back_from_a_file(kind, n_classes, tmp_path):
    data = learnable(kind, n_classes)
    keras.utils.set_random_seed(0)
    optimizer = keras.optimizers.Adam(0.01)
    model = build_default(data, optimizer=optimizer)
    history = model.fit(
        data.x_train, data.y_train, batch_size=16, epochs=25, verbose=0
    ).history
    if n_classes:
        assert history["accuracy"][-1] > 0.9
    else:
        assert history["loss"][-1] < 0.5 * np.var(data.y_train)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    x = data.x_validation
    np.testing.assert_array_equal(
        again.predict(x, verbose=0), model.predict(x, verbose=0)
    )


@pytest.mark.training
@pytest.mark.parametrize("n_classes", [2, 7])
def test_cnn_starts_at_the_loss_that_chance_gives(n_classes):
    data = dataset(n_classes, (8, 8, 1), kind="images")
    loss = build_default(data).evaluate(data.x_train, data.y_train, verbose=0)[0]
    assert loss == pytest.approx(np.log(n_classes), rel=1e-5)


@pytest.mark.parametrize(
    "shape, blocks",
    [
        ((3, 3, 1), 1), ((8, 8, 1), 1), ((16, 9, 2), 1), ((28, 28, 1), 3),
        ((32, 32, 3), 3), ((64, 64, 3), 4), ((96, 96, 3), 4), ((40, 200, 4), 3),
    ],
)  # fmt: skip
def test_cnn_takes_images_of_any_size(shape, blocks):
    model = build_default(dataset(3, shape, kind="images"))
    assert model.input_shape == (None, *shape) and model.output_shape == (None, 3)
    for layer in (keras.layers.BatchNormalization, keras.layers.MaxPooling2D):
        assert sum(isinstance(each, layer) for each in model.layers) == blocks


def test_cnn_standardises_each_channel_as_the_training_part_is():
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(50, 8, 8, 3)).astype("float32") * [1.0, 0.1, 0.0] + 0.3
    x = x.astype("float32")
    y = np.zeros(50, "float32")
    data = Dataset(x, y, x[:5] + 9, y[:5], "regression", kind="images")
    normal = build_default(data).layers[0]
    out = keras.ops.convert_to_numpy(normal(x))
    np.testing.assert_allclose(out.mean(axis=(0, 1, 2)), 0, atol=1e-4)
    np.testing.assert_allclose(out.std(axis=(0, 1, 2)), [1, 1, 0], atol=1e-3)
    # A channel that never changed is shifted only: a new value must not explode.
    assert np.abs(keras.ops.convert_to_numpy(normal(data.x_validation))).max() < 500


def test_text_is_read_without_its_padding():
    data = dataset(2, (15,), kind="text")
    model = build_default(data)
    tokens = np.array([[4, 7, 2, 9] + [0] * 11], "int32")
    spread = np.array([[0, 4, 0, 7, 0, 0, 2, 9] + [0] * 7], "int32")
    one, same, other = (
        model.predict(x, verbose=0) for x in (tokens, spread, np.full_like(tokens, 4))
    )
    np.testing.assert_allclose(one, same, rtol=1e-5)
    assert not np.allclose(one, other)


@pytest.mark.training
def test_text_without_a_token_is_no_nan():
    """Keras' GlobalAveragePooling1D divides by zero there."""
    data = dataset(2, (15,), kind="text")
    data.x_train[:5] = 0
    loss = (
        build_default(data).fit(data.x_train, data.y_train, verbose=0).history["loss"]
    )
    assert np.isfinite(loss).all()


def kernels_of(model):
    """Kernels of the hidden layers, first to last, and that of the last layer."""
    weights = [
        keras.ops.convert_to_numpy(layer.kernel)
        for layer in model.layers
        if hasattr(layer, "kernel")
    ]
    return weights[:-1], weights[-1]


@pytest.mark.parametrize("kind", BUILDERS)
def test_initializer_fills_the_hidden_kernels_alone(kind):
    data = dataset(3, input_shape=SHAPES[kind], kind=kind)
    keras.utils.set_random_seed(0)
    hidden, last = kernels_of(BUILDERS[kind](data))
    keras.utils.set_random_seed(0)
    model = BUILDERS[kind](data, initializer=keras.initializers.Constant(7.0))
    filled, kept = kernels_of(model)
    assert len(filled) == len(hidden) >= 1
    assert all((kernel == 7).all() for kernel in filled)
    assert not any((kernel == 7).all() for kernel in hidden)
    assert (kept == 7).sum() == 0 and (kept == 0).all() == (kind == "images")


@pytest.mark.parametrize("kind", BUILDERS)
@pytest.mark.parametrize("name", ["he_normal", "LecunUniform"])
def test_spread_of_kernels_is_that_of_their_initializer(kind, name):
    """He: 2 / fan_in; LeCun: 1 / fan_in."""
    keras.utils.set_random_seed(0)
    shape = (32, 32, 16) if kind == "images" else (100,)
    data = dataset(3, input_shape=shape, kind=kind)
    hidden, _ = kernels_of(BUILDERS[kind](data, initializer=name))
    factor = {"he_normal": 2, "LecunUniform": 1}[name]
    for kernel in hidden:
        fan_in = np.prod(kernel.shape[:-1])
        assert kernel.var() * fan_in == pytest.approx(factor, rel=0.1)


@pytest.mark.parametrize("seed", [None, 5])
def test_no_two_layers_get_equal_weights_from_one_initializer(seed):
    one = keras.initializers.HeNormal(seed=seed)
    data = dataset(3, input_shape=(64,))  # both hidden layers are 64 × 64
    keras.utils.set_random_seed(1)
    (first, second), _ = kernels_of(BUILDERS["tabular"](data, initializer=one))
    assert np.isclose(first, second).mean() < 0.01
    keras.utils.set_random_seed(1 if seed is None else 2)
    (again, _), _ = kernels_of(BUILDERS["tabular"](data, initializer=one))
    np.testing.assert_array_equal(first, again)


def test_default_builder_is_that_of_the_kind():
    data = dataset(3, input_shape=SHAPES["text"], kind="text")
    model = build_for_kind(data, initializer="ones")
    assert (kernels_of(model)[0][0] == 1).all()
    assert model.count_params() == BUILDERS["text"](data).count_params()


def test_initializers_that_cannot_fill_a_kernel_are_refused():
    images = dataset(3, input_shape=SHAPES["images"], kind="images")
    with pytest.raises(InputError, match="kernels of 4 axes. .*'identity'"):
        BUILDERS["images"](images, initializer="identity")
    BUILDERS["tabular"](dataset(), initializer="identity")  # fills matrices
    with pytest.raises(InputError, match="Did you mean he_normal"):
        BUILDERS["text"](dataset(input_shape=(9,), kind="text"), initializer="he_norm")


def test_what_is_no_image_is_refused_by_convolutions():
    with pytest.raises(
        InputError, match=r"'tabular', rows of shape \(8,\). Use the mo"
    ):
        BUILDERS["images"](dataset())


def test_pixels_are_standardised_channel_by_channel():
    rng = np.random.default_rng(2)
    x = rng.normal((1, 2, 3), (0.1, 0.5, 2), size=(ROWS, 5, 4, 3)).astype("float32")
    data = dataset(2, input_shape=(5, 4, 3), kind="images")
    data = Dataset(x, data.y_train, x[:1], data.y_train[:1], "classification",
                   classes=(0, 1), kind="images")  # fmt: skip
    found = keras.ops.convert_to_numpy(pixel_normalization(data)(x))
    np.testing.assert_allclose(found.mean(axis=(0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(found.std(axis=(0, 1, 2)), 1, rtol=1e-4)

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from lr_finder.data import Dataset  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402
from lr_finder.models.published import build_3c3d, build_resnet20  # noqa: E402

# NumPy 2 warns inside TensorFlow's variables when Keras makes arrays of them.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")

BOTH = pytest.mark.parametrize("build", [build_3c3d, build_resnet20])


def images(shape=(32, 32, 3), n_classes=10, rows=20):
    x = np.random.default_rng(0).uniform(size=(rows, *shape)).astype("float32")
    y = (np.arange(rows) % n_classes).astype("int32")
    about = {"classes": tuple(range(n_classes)), "kind": "images"}
    return Dataset(x, y, x[:4], y[:4], "classification", **about)


def arrays(weights):
    return [keras.ops.convert_to_numpy(weight) for weight in weights]


def layers(model, kind):
    return [layer for layer in model.layers if isinstance(layer, kind)]


def half(n):
    return -(-n // 2)


@pytest.mark.parametrize(
    ("shape", "n_classes"),
    [((32, 32, 3), 10), ((32, 32, 3), 100), ((28, 28, 1), 10), ((9, 14, 3), 2)],
)
def test_3c3d_has_the_parameters_of_its_layers(shape, n_classes):
    height, width = (half(half(half(n - 4) - 2)) for n in shape[:2])
    units = n_classes if n_classes > 2 else 1
    expected = 5 * 5 * shape[2] * 64 + 64
    expected += 3 * 3 * 64 * 96 + 96 + 3 * 3 * 96 * 128 + 128
    expected += height * width * 128 * 512 + 512 + 512 * 256 + 256 + 256 * units + units
    model = build_3c3d(images(shape, n_classes))
    assert model.count_params() == expected and model.output_shape == (None, units)
    if (shape, n_classes) == ((32, 32, 3), 10):  # as published with BackPACK, 2020
        assert expected == 895_210


def test_3c3d_shrinks_images_as_deepobs_does():
    model = build_3c3d(images())
    sizes = [layer.output.shape[1:3] for layer in model.layers[1:7]]
    assert sizes == [(28, 28), (14, 14), (12, 12), (6, 6), (6, 6), (3, 3)]


def test_3c3d_adds_a_thousandth_of_the_squared_kernels_to_the_loss():
    """DeepOBS: 0.002 times half the sum of squares, of kernels and not of biases."""
    model = build_3c3d(images())
    for layer in layers(model, (keras.layers.Conv2D, keras.layers.Dense)):
        layer.bias.assign(np.ones(layer.bias.shape))
    kernels = [array for array in arrays(model.trainable_weights) if array.ndim > 1]
    assert len(kernels) == 6
    expected = 0.002 * sum((kernel**2).sum() / 2 for kernel in kernels)
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


def test_3c3d_starts_as_deepobs_does():
    """Glorot: variance 2 / (fan in + fan out); of convolutions normal, else uniform."""
    keras.utils.set_random_seed(0)
    model = build_3c3d(images())
    for layer in layers(model, (keras.layers.Conv2D, keras.layers.Dense)):
        kernel, bias = arrays((layer.kernel, layer.bias))
        field = np.prod(kernel.shape[:-2], dtype=int)
        variance = 2 / (field * (kernel.shape[-2] + kernel.shape[-1]))
        assert (bias == 0).all() and kernel.var() == pytest.approx(variance, rel=0.15)
        # a uniform distribution ends at sqrt(3) of its own spread
        is_uniform = np.abs(kernel).max() <= np.sqrt(3 * variance) * 1.0001
        assert is_uniform == isinstance(layer, keras.layers.Dense)


@pytest.mark.parametrize("shape", [(8, 32, 3), (32, 8, 3), (1, 1, 1)])
def test_3c3d_refuses_images_that_are_too_small(shape):
    with pytest.raises(InputError, match="9 pixels a side .*Use the model cnn"):
        build_3c3d(images(shape))


def test_resnet20_has_the_parameters_of_its_layers():
    """He et al., table 6: 0.27 million."""
    convolutions = 9 * (3 * 16 + 6 * 16 * 16 + 16 * 32 + 5 * 32 * 32)
    convolutions += 9 * (32 * 64 + 5 * 64 * 64)
    normalised = 7 * 16 + 6 * 32 + 6 * 64  # channels
    dense = 64 * 10 + 10
    model = build_resnet20(images())
    trainable = sum(array.size for array in arrays(model.trainable_weights))
    assert trainable == convolutions + 2 * normalised + dense == 269_722
    assert model.count_params() == trainable + 2 * normalised  # moving mean, variance
    weighted = layers(model, (keras.layers.Conv2D, keras.layers.Dense))
    assert len(weighted) == 20 and model.losses == []


def test_resnet20_halves_the_pixels_twice():
    for side, sizes in ((32, {32, 16, 8}), (7, {7, 4, 2}), (1, {1})):
        model = build_resnet20(images((side, side, 3)))
        found = {tuple(layer.output.shape[1:3])
                 for layer in layers(model, keras.layers.Add)}  # fmt: skip
        assert found == {(size, size) for size in sizes}


def test_blocks_of_zeros_pass_their_input_on_subsampled():
    """With all later convolutions at zero the shortcuts are all there is."""
    model = build_resnet20(images())
    first, *others = layers(model, keras.layers.Conv2D)
    for layer in others:
        layer.kernel.assign(np.zeros(layer.kernel.shape))
    start = layers(model, keras.layers.ReLU)[0].output
    end = layers(model, keras.layers.GlobalAveragePooling2D)[0].input
    x = images().x_train[:2]
    before, after = arrays(keras.Model(model.inputs[0], [start, end])(x))
    assert after.shape == (2, 8, 8, 64) and before.std() > 0
    np.testing.assert_allclose(after[..., 24:40], before[:, ::4, ::4], rtol=1e-6)
    assert (after[..., :24] == 0).all() and (after[..., 40:] == 0).all()


def test_resnet20_starts_as_he_et_al_do():
    keras.utils.set_random_seed(0)
    for layer in layers(build_resnet20(images()), keras.layers.Conv2D):
        (kernel,) = arrays([layer.kernel])
        fan_in = np.prod(kernel.shape[:-1])
        assert kernel.var() * fan_in == pytest.approx(2, rel=0.25)


@BOTH
def test_initializer_fills_the_hidden_kernels_alone(build):
    model = build(images((9, 9, 1)), initializer=keras.initializers.Constant(0.5))
    *hidden, last = layers(model, (keras.layers.Conv2D, keras.layers.Dense))
    for (kernel,) in (arrays([layer.kernel]) for layer in hidden):
        assert (kernel == 0.5).all()
    assert not np.isin(0.5, arrays([last.kernel])[0])


@BOTH
def test_one_seeded_initializer_gives_each_layer_its_own_weights(build):
    seeded = keras.initializers.HeNormal(seed=1)
    model = build(images((9, 9, 1)), initializer=seeded)
    kernels = layers(model, (keras.layers.Conv2D, keras.layers.Dense))[:-1]
    starts = [arrays([layer.kernel])[0].ravel()[:9] for layer in kernels]
    scaled = {tuple(np.round(start / start[0], 4)) for start in starts}
    assert len(scaled) == len(starts)


@BOTH
def test_pixels_are_standardised_by_those_to_train_on(build):
    """Brighter and of more contrast: the network sees the same."""
    data = images((9, 9, 3))
    x = 5 * data.x_train + np.array([1, 2, 3], "float32")
    other = Dataset(x, data.y_train, x[:4], data.y_train[:4], "classification",
                    classes=data.classes, kind="images")  # fmt: skip
    one, two = build(data), build(other)
    two.set_weights(one.get_weights())
    np.testing.assert_allclose(*arrays([one(data.x_train), two(x)]), atol=1e-4)


@BOTH
def test_rows_without_pixels_are_refused(build):
    x, y = np.zeros((4, 3), "float32"), np.zeros(4, "float32")
    with pytest.raises(InputError, match="must be images"):
        build(Dataset(x, y, x, y, "regression"))


@pytest.mark.slow
@pytest.mark.training
@BOTH
def test_steps_down_the_gradient_lower_the_loss_and_a_file_keeps_the_model(
    build, tmp_path
):
    keras.utils.set_random_seed(0)
    data = images((9, 9, 3), n_classes=2, rows=16)
    data.x_train[data.y_train == 1, :6] += 1
    model = build(data)
    model.compile(keras.optimizers.SGD(0.003), "binary_crossentropy")
    losses = [float(model.train_on_batch(data.x_train, data.y_train)) for _ in "abcd"]
    assert (np.diff(losses) < 0).all()
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(*arrays([m(data.x_train) for m in (model, again)]),
                               rtol=1e-5)  # fmt: skip

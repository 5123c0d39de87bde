import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image")

from lr_finder.data.sources import image_files  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)


@pytest.fixture
def save(tmp_path):
    def save(image, name="a.png", **options):
        path = tmp_path / name
        image.save(path, **options)
        return path

    return save


@pytest.mark.parametrize("suffix", ["png", "bmp"])
def test_lossless_files_give_back_their_pixels(save, suffix):
    path = save(Image.fromarray(PIXELS), f"a.{suffix}")
    assert image_files.measure_image(path) == (8, 6, False)
    assert np.array_equal(image_files.read_image(path, (8, 6), False), PIXELS)


@pytest.mark.parametrize("suffix", ["jpg", "jpeg", "gif", "webp"])
def test_other_files_come_near(save, suffix):
    grey = Image.new("RGB", (8, 6), (40, 120, 200))
    found = image_files.read_image(save(grey, f"a.{suffix}"), (4, 3), False)
    assert found.shape == (3, 4, 3)
    assert np.abs(found.astype(int) - [40, 120, 200]).max() <= 4


def test_grey_images_keep_one_channel_and_16_bits_their_shades(save):
    path = save(Image.fromarray(PIXELS[..., 0]))
    assert image_files.measure_image(path) == (8, 6, True)
    assert np.array_equal(image_files.read_image(path, (8, 6), True), PIXELS[..., :1])
    deep = Image.fromarray(PIXELS[..., 0].astype(np.uint16) * 257)
    found = image_files.read_image(save(deep), (8, 6), True)
    assert np.array_equal(found, PIXELS[..., :1])


def test_a_uniform_image_stays_so_at_any_size(save):
    path = save(Image.new("RGB", (300, 200), "red"))
    found = image_files.read_image(path, (96, 64), False)
    assert np.array_equal(found, np.full((64, 96, 3), [255, 0, 0]))


def test_damaged_files_are_named(save, tmp_path):
    path = save(Image.fromarray(PIXELS))
    content = path.read_bytes()
    for broken in (b"", b"no image", content[:60], content[:20] + b"\xff" * 40):
        path.write_bytes(broken)
        with pytest.raises(InputError, match=r"a\.png must be a readable") as caught:
            image_files.read_image(path, (8, 6), False)
        assert "\n" not in str(caught.value)
    path.write_bytes(b"no image")
    with pytest.raises(InputError, match="no image that can be decoded. Replace"):
        image_files.read_image(path, (8, 6), False)
    with pytest.raises(InputError, match="No such file"):
        image_files.measure_image(tmp_path / "none.png")


def test_giant_images_are_refused_before_they_are_decoded(save, monkeypatch):
    path = save(Image.new("1", (9000, 9000)))
    with pytest.raises(InputError, match="64,000,000 pixels. Received: 9,000×9,000"):
        image_files.read_image(path, (8, 6), False)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(InputError, match="must be a readable image.*decompression"):
        image_files.measure_image(path)

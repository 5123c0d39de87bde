import numpy as np
import pytest

pytest.importorskip("sklearn")
Image = pytest.importorskip("PIL.Image")

from lr_finder.data import sampling  # noqa: E402
from lr_finder.data.features.doubts import row_doubts  # noqa: E402
from lr_finder.data.loading import load_data  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402


def draw(path, shade, size=(8, 6), mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, shade).convert(mode).save(path)


@pytest.fixture
def folder(tmp_path):
    """Ten images of each class, each in a shade of its own: 100 + 10 class + i."""
    for place, name in enumerate(("owl", "cat")):
        for i in range(10):
            draw(tmp_path / "pets" / name / f"{i}.png", 100 + 10 * place + i)
    return tmp_path / "pets"


def test_each_image_has_its_class_and_its_pixels(folder):
    dataset = load_data(folder)
    assert (dataset.kind, dataset.classes) == ("images", ("cat", "owl"))
    assert dataset.x_train.shape == (16, 6, 8, 3)
    assert dataset.x_validation.shape == (4, 6, 8, 3)
    assert dataset.x_train.dtype == np.float32
    x = np.concatenate([dataset.x_train, dataset.x_validation])
    y = np.concatenate([dataset.y_train, dataset.y_validation])
    shades = np.rint(x[:, 0, 0, 0] * 255).astype(int)
    assert sorted(shades) == list(range(100, 120))
    np.testing.assert_array_equal(y == 0, shades >= 110)
    assert np.bincount(dataset.y_validation).tolist() == [2, 2]
    assert dataset.description.startswith("16 images to train, 4 to validate, 6×8×3;")
    assert (
        dataset.notes == row_doubts(16, "images") and dataset.kind_reason == "a folder"
    )


def test_grey_images_stay_grey_unless_one_has_colours(folder):
    for path in folder.glob("*/*.png"):
        draw(path, 50, mode="L")
    assert load_data(folder).input_shape == (6, 8, 1)
    draw(folder / "cat" / "red.png", 50, mode="RGB")
    assert load_data(folder).input_shape == (6, 8, 3)


def test_the_commonest_size_counts_and_the_others_are_told(folder):
    draw(folder / "cat" / "wide.png", 7, size=(20, 6))
    dataset = load_data(folder)
    assert dataset.input_shape == (6, 8, 3)
    assert "1 image of another size resized" in dataset.notes


def test_large_images_are_scaled_down(folder):
    for path in folder.glob("*/*.png"):
        draw(path, 50, size=(400, 200))
    dataset = load_data(folder)
    assert dataset.input_shape == (48, 96, 3)
    scaled = "scaled from 400×200 to 96×48 pixels (at most 96 a side)"
    assert dataset.notes == (scaled, *row_doubts(16, "images"))


def test_hidden_and_other_files_are_passed_over(folder):
    (folder / ".cache").mkdir()
    (folder / "cat" / ".hidden.png").write_bytes(b"no image")
    (folder / "cat" / "notes.txt").write_text("no image")
    (folder / "empty").mkdir()
    assert load_data(folder).n_classes == 2


def test_limit_and_memory_draw_images_at_random(folder, monkeypatch):
    dataset = load_data(folder, limit=10)
    assert len(dataset.x_train) + len(dataset.x_validation) == 10
    assert "10 of 20 images, drawn at random (seed 0)" in dataset.notes
    monkeypatch.setattr(sampling, "MEMORY_BUDGET", 12 * 6 * 8 * 3 * 4)
    dataset = load_data(folder)
    assert len(dataset.x_train) + len(dataset.x_validation) == 12
    assert any("limited to 12 images" in note for note in dataset.notes)


def test_images_that_do_not_fit_are_not_decoded(folder, monkeypatch):
    from lr_finder.data.sources import image_folder

    decoded = []
    read = image_folder.read_image
    monkeypatch.setattr(
        image_folder, "read_image", lambda *a: decoded.append(a[0]) or read(*a)
    )
    monkeypatch.setattr(sampling, "MEMORY_BUDGET", 12 * 6 * 8 * 3 * 4)
    load_data(folder)
    assert len(decoded) == len(set(decoded)) == 12


def test_a_corrupt_image_is_named(folder):
    (folder / "cat" / "bad.png").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"cat/bad\.png must be a readable image"):
        load_data(folder)


def test_folders_of_another_layout_are_refused_and_shown_the_right_one(tmp_path):
    root = tmp_path / "pets"
    root.mkdir()
    shown = "one folder per class, e.g. pets/cat/1.png and pets/dog/1.png"
    with pytest.raises(InputError, match=f"{shown}.*Received: no images. Sort"):
        load_data(root)
    draw(root / "1.png", 5)
    with pytest.raises(InputError, match=r"1 image in the folder itself \('1.png'\)"):
        load_data(root)
    draw(root / "cat" / "1.png", 5)
    with pytest.raises(InputError, match="Received: one class only, 'cat'"):
        load_data(root)


def test_parts_are_not_taken_for_classes(tmp_path):
    for name in ("train", "test"):
        draw(tmp_path / name / "1.png", 5)
    with pytest.raises(InputError, match="directly in test and train, which are no"):
        load_data(tmp_path)


def test_a_folder_one_level_too_high_is_told(folder):
    with pytest.raises(InputError, match="no images. Did you mean .*pets"):
        load_data(folder.parent)


def test_of_several_parts_that_to_train_on_is_proposed(tmp_path):
    for part in ("test", "train", "a"):
        for name in ("cat", "dog"):
            draw(tmp_path / part / name / "1.png", 5)
    with pytest.raises(InputError, match=r"Did you mean .*/train\?"):
        load_data(tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "cat"}, "`target` does not go with a folder of images"),
        ({"time_column": "day"}, "`time_column` does not go"),
        ({"task": "regression"}, "`task` does not go"),
        ({"kind": "tabular"}, "`kind` must be images for a folder"),
        ({"limit": 3}, "`limit` must leave"),
    ],
)
def test_options_that_do_not_go_with_images_are_refused(folder, options, message):
    with pytest.raises(InputError, match=message):
        load_data(folder, **options)

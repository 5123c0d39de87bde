"""Runs in TensorBoard's files, read back by its own reader."""

import io

import numpy as np
import pytest

pytest.importorskip("tensorboard")

from PIL import Image  # noqa: E402

from lr_finder.integrations.tensorboard import check, start  # noqa: E402


def read(folder):
    """`(scalars, accumulator)` of a run: name -> (steps, values)."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util import tensor_util

    events = EventAccumulator(str(folder), size_guidance={"tensors": 0})
    events.Reload()
    scalars = {}
    for tag in events.Tags()["tensors"]:
        about = events.SummaryMetadata(tag).plugin_data.plugin_name
        if about == "scalars":
            points = events.Tensors(tag)
            values = [tensor_util.make_ndarray(each.tensor_proto) for each in points]
            scalars[tag] = [each.step for each in points], np.array(values)
    return scalars, events


@pytest.fixture(scope="module")
def folder(finding, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tensorboard") / "runs"
    return finding.log_to("tensorboard", folder, name="hostile / name")


def test_curves_over_steps_and_over_the_rate(folder, finding):
    scalars, _ = read(folder)
    steps, losses = scalars["sweep/loss"]
    assert steps == list(range(120))
    np.testing.assert_allclose(losses, finding.sweep.losses, rtol=1e-6)
    places, again = scalars["sweep_over_rate/loss"]
    np.testing.assert_allclose(np.array(places) / 1000, np.log10(finding.sweep.lrs),
                               atol=5e-4)  # fmt: skip
    np.testing.assert_array_equal(again, losses)
    batches = finding.training.record.batches["loss"]
    np.testing.assert_allclose(scalars["batch/loss"][1], batches)
    assert scalars["epoch/top-5 %"][0] == [1, 2]


def test_what_was_found_and_said(folder, finding):
    scalars, events = read(folder)
    for name in ("lr", "low", "high"):
        _, (value,) = scalars[f"suggestion/{name}"]
        assert value == np.float32(getattr(finding.suggestion, name))
    texts = {
        tag: events.Tensors(tag)[0].tensor_proto.string_val[0].decode()
        for tag in events.Tags()["tensors"] if tag.endswith("/text")
    }  # fmt: skip
    assert finding.suggestion.warnings[0] in texts["warnings/text"]
    assert texts["suggestion/text"] == str(finding)
    assert "| optimizer | Adam |" in texts["parameters/text"]
    assert r"../préis\|<b>.csv" in texts["parameters/text"]


def test_parameters_are_compared_among_runs(folder):
    from tensorboard.plugins.hparams import metadata

    _, events = read(folder)
    about = events.SummaryMetadata(metadata.SESSION_START_INFO_TAG)
    begun = metadata.parse_session_start_info_plugin_data(about.plugin_data.content)
    assert begun.hparams["batch_size"].number_value == 32
    assert begun.hparams["optimizer"].string_value == "Adam"


def test_pictures_and_files(folder, finding, tmp_path):
    from pathlib import Path

    _, events = read(folder)
    tensor = events.Tensors("figures/sweep")[0].tensor_proto
    width, height, png = tensor.string_val
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.size == (int(width), int(height))
    assert png == Path(folder, "sweep.png").read_bytes()
    assert Path(folder, "suggestion.json").exists()


def test_nested_runs_are_folders(folder, finding):
    from pathlib import Path

    nested = {path.name for path in Path(folder).iterdir() if path.is_dir()}
    assert nested == {
        "candidate-1e-3", "candidate-3e-3", "training-at-the-compiled-rate-1e-3",
    }  # fmt: skip
    scalars, _ = read(Path(folder, "candidate-3e-3"))
    losses = finding.verification.losses[3e-3]
    np.testing.assert_allclose(scalars["trial/loss"][1], losses, rtol=1e-6)


def test_a_second_run_of_the_same_name_has_a_folder_of_its_own(tmp_path):
    first, second = start(str(tmp_path), "a/../b"), start(str(tmp_path), "a/../b")
    first.close()
    second.close(is_whole=False)
    assert first.place != second.place
    assert {path.parent for path in tmp_path.glob("*/events*")} == {
        tmp_path / "a-..-b", tmp_path / "a-..-b-2",
    }  # fmt: skip
    _, events = read(second.place)
    assert "status/text" in events.Tags()["tensors"]


def test_the_usual_folder():
    assert check(None) == "runs"

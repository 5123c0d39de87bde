"""`lr_finder landscape`: files, forms of the answer, and refusals in one line."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lr_finder import LossLandscape

MODEL = """
import keras

def build(input_shape, n_outputs):
    model = keras.Sequential([keras.Input(input_shape), keras.layers.Dense(n_outputs)])
    model.compile("sgd", "mse")
    return model
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "own.py"
    path.write_text(MODEL)
    return f"{path}:build"


@pytest.mark.training
def test_a_training_and_its_plane(command, files, model, tmp_path):
    out, page = tmp_path / "run", tmp_path / "page.html"
    run = command(
        "landscape", files.prices, "--model", model, "--train", 3, "--points", 5,
        "--out", out, "--report", page, "--samples", 50,
    )  # fmt: skip
    assert run.code == 0, run.err
    names = sorted(path.name for path in out.iterdir())
    assert names == ["landscape.csv", "landscape.json", "landscape.npz",
                     "landscape.png", "path.csv"]  # fmt: skip
    found = LossLandscape.load(out / "landscape.npz")
    assert found.kind == "principal" and found.metadata["samples"] == 50
    assert " ".join(str(found).split())[:60] in " ".join(run.out.split())
    np.testing.assert_allclose(
        pd.read_csv(out / "landscape.csv")["loss"], found.losses.ravel()
    )
    assert pd.read_csv(out / "path.csv")["step"].iloc[-1] == 12  # 128 rows, 3 epochs
    assert page.exists()
    again = command("report", out, "--json")
    assert again.json["answer"] == found.to_dict()["says"][0]


@pytest.mark.training
def test_json_and_quiet(command, files, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = ("landscape", files.prices, "--model", model, "--directions", 1,
             "--points", 3)  # fmt: skip
    run = command(*given, "--json")
    assert run.code == 0, run.err
    told = run.json["landscape"]
    assert told["kind"] == "random" and told["points"] == [3]
    assert run.json["kind"] == "tabular" and run.json["loss"] == "mse"
    assert any("weights are initial ones" in note for note in run.json["notes"])
    kept = Path(run.json["files"]["landscape.json"]).read_text()
    assert json.loads(kept) == {
        name: value for name, value in run.json.items() if name != "files"
    }
    assert command(*given, "--quiet").out == told["says"][0] + "\n"


@pytest.mark.training
def test_the_line_to_another_solution(command, files, tmp_path):
    import keras

    for seed in (0, 1):
        keras.utils.set_random_seed(seed)
        network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        network.compile("sgd", "mse")
        network.save(tmp_path / f"{seed}.keras")
    run = command(
        "landscape", files.prices, "--model", tmp_path / "0.keras",
        "--to", tmp_path / "1.keras", "--points", 3, "--out", tmp_path / "run",
    )  # fmt: skip
    assert run.code == 0, run.err
    assert "no barrier" in run.out  # the loss is convex
    assert "initial ones" not in run.out
    assert (tmp_path / "0.keras").exists()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("--points", 101), "Give --points 49 or fewer, or add --yes."),
        (
            ("--points", 101, "--directions", 1, "--yes", "--train", 0),
            "--train must be",
        ),
        (("--points", 24), "Option --points must be odd"),
        (("--distance", 0), "Option --distance must be a positive"),
        (("--distance", 1, "--train", 3), "whose way says how far"),
        (("--to", "a.keras", "--train", 3), "--to and --train must not come together"),
        (("--to", "a.keras", "--directions", 2), "--directions must be 1 with --to"),
        (("--directions", 3), "less than or equal to 2"),
        (("--samples", 0), "Option --samples must be at least 1"),
        (("--batch-size", 0), "Option --batch-size must be at least 1"),
        (("--seed", -1), "Option --seed must be a whole number"),
        (("--report", "a.doc"), "Option --report must end in"),
    ],
)
def test_bad_options_are_refused_before_keras_is_needed(
    command, files, arguments, message
):
    run = command("landscape", files.prices, *arguments)
    assert run.code == 2
    assert message in run.err and run.err.count("\n") == 1 and not run.out


@pytest.mark.parametrize("name", ["landscape", "stability", "tune"])
def test_a_folder_with_the_result_of_find_is_refused(command, files, tmp_path, name):
    (tmp_path / "sweep.npz").touch()
    run = command(name, files.prices, "--out", tmp_path)
    assert run.code == 2 and "sweep.npz, which `lr_finder find` wrote" in run.err
    assert run.err.count("\n") == 1 and not run.out
    assert [each.name for each in tmp_path.iterdir()] == ["sweep.npz"]


@pytest.mark.training
def test_a_model_without_weights_is_refused(command, files, tmp_path):
    path = tmp_path / "flat.py"
    path.write_text(
        "import keras\ndef build():\n"
        "    x = keras.Input((3,))\n"
        "    model = keras.Model(x, keras.layers.Lambda(lambda v: v[:, :1])(x))\n"
        '    model.compile("sgd", "mse")\n    return model\n'
    )
    run = command("landscape", files.prices, "--model", f"{path}:build", "--points", 3)
    assert (run.code, "must have trainable weights" in run.err) == (2, True)

"""Several models in one run of `lr_finder find`."""

import json

import pandas as pd
import pytest

from lr_finder._text import format_rate
from lr_finder.cli.finding.several import deliver_comparison
from lr_finder.results.sweep import SweepResult

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]

SMALL = ("--batch-size", 16, "--steps", 60, "--start-lr", 1e-5, "--end-lr", 100)
SWEEP_FILES = {"sweep.csv", "sweep.npz", "sweep.png", "suggestion.json"}

OWN = """
import keras

def linear(input_shape, trainable=True):
    dense = keras.layers.Dense(1, trainable=trainable)
    model = keras.Sequential([keras.Input(input_shape), dense])
    model.compile("sgd", "mse")
    return model

def frozen(input_shape):
    return linear(input_shape, trainable=False)
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "own.py"
    path.write_text(OWN)
    return f"{path}:"


@pytest.fixture(scope="module")
def both(command, files, own, tmp_path_factory):
    """The default and a linear model, swept and trained."""
    out = tmp_path_factory.mktemp("runs") / "out"
    run = command(
        "find", files.prices, *SMALL, "--model", "default", "--model", own + "linear",
        "--seed", 3, "--train", 2, "--out", out, "--json",
    )  # fmt: skip
    assert run.code == 0, run.err
    run.folder = out
    return run


def test_report_has_one_for_each_in_order(both, own):
    report = both.json
    assert set(report) == {
        "source", "kind", "kind_reason", "task", "target", "data", "notes", "command",
        "models", "files",
    }  # fmt: skip
    first, second = report["models"]
    assert (first["name"], first["spec"]) == ("1-default", "default")
    assert (second["name"], second["spec"]) == ("2-linear", own + "linear")
    # 3-64-64-1, and 3 weights with a bias
    assert first["parameters"] == 4 * 64 + 65 * 64 + 65
    assert (second["parameters"], second["optimizer"], second["loss"]) == (
        4, "SGD", "mse",
    )  # fmt: skip
    for model in report["models"]:
        assert model["kind"] == report["kind"] == "tabular"
        assert model["suggestion"]["lr"] > 0


def test_each_is_swept_and_trained_as_if_alone(both, command, files, tmp_path):
    for model in both.json["models"]:
        alone = command(
            "find", files.prices, *SMALL, "--model", model["spec"], "--seed", 3,
            "--train", 2, "--out", tmp_path / model["name"], "--json",
        ).json  # fmt: skip
        assert alone["suggestion"] == model["suggestion"]
        assert alone["training"] == model["training"]
        assert model["training"]["learning_rate"] == model["suggestion"]["lr"]


def test_each_has_a_folder_of_its_own(both):
    names = {path.name for path in both.folder.iterdir()}
    assert names == {"1-default", "2-linear", "models.csv", "sweeps.png"}
    for model in both.json["models"]:
        folder = both.folder / model["name"]
        written = {path.name: str(path) for path in folder.iterdir()}
        assert written == model["files"]
        assert set(written) == SWEEP_FILES | {
            "model.keras", "preprocessing.json", "history.csv", "batches.csv",
        }  # fmt: skip
        saved = json.loads((folder / "suggestion.json").read_text())
        assert saved == {k: v for k, v in model.items() if k != "files"}
        assert (
            SweepResult.load(folder / "sweep.npz").suggest().lr
            == (model["suggestion"]["lr"])
        )
    assert set(both.json["files"].values()) == {
        str(path) for path in both.folder.rglob("*") if path.is_file()
    }


def test_table_says_which_rate_each_wants(both):
    table = pd.read_csv(both.folder / "models.csv")
    assert list(table["name"]) == ["1-default", "2-linear"]
    for row, model in zip(table.itertuples(), both.json["models"], strict=True):
        assert row.lr == model["suggestion"]["lr"]
        assert row.stop_reason == model["stop_reason"]
        assert row.best_val_loss == model["training"]["best_val_loss"]
        assert row.warnings == len(model["suggestion"]["warnings"])
    assert (both.folder / "sweeps.png").read_bytes().startswith(b"\x89PNG")


def test_table_for_people(both, capsys):
    deliver_comparison(both.json, as_json=False, quiet=False)
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    head = "model optimizer parameters rate interval ended warnings"
    assert head + " best validation loss" in lines
    second = both.json["models"][1]
    rate, loss = second["suggestion"], second["training"]["best_val_loss"]
    lr, low, high = (format_rate(rate[name]) for name in ("lr", "low", "high"))
    start = f"2-linear SGD 4 {lr} {low} to {high}"
    (row,) = [line for line in lines if line.startswith("2-linear ")]
    assert row.startswith(f"{start} {second['stop_reason']}")
    assert row.endswith(f"{loss:.4g}")
    assert str(both.folder / "models.csv") in lines
    assert str(both.folder / "2-linear") in lines


@pytest.fixture(scope="module")
def partly(command, files, own, tmp_path_factory):
    """Of three models, two of one name, the second cannot be swept."""
    out = tmp_path_factory.mktemp("partly") / "out"
    run = command(
        "find", files.prices, *SMALL, "--model", own + "linear", "--model",
        own + "frozen", "--model", own + "linear", "--seed", 3, "--out", out, "--quiet",
    )  # fmt: skip
    run.folder = out
    return run


def test_one_that_fails_leaves_the_others(partly):
    assert partly.code == 1
    first, second, third = partly.out.splitlines()
    assert second == "nan"
    assert float(first) == float(third) > 0
    errors = [line for line in partly.err.splitlines() if line.startswith("Error")]
    assert len(errors) == 1 and "2-frozen: " in errors[0]
    assert "trainable weights" in errors[0]
    names = {path.name for path in partly.folder.iterdir()}
    assert names == {"1-linear", "3-linear", "models.csv", "sweeps.png"}
    table = pd.read_csv(partly.folder / "models.csv")
    assert table["lr"].isna().tolist() == [False, True, False]
    assert "trainable weights" in table["error"][1]


def test_without_a_suggestion_the_exit_code_is_1(command, files, own, tmp_path):
    """Rates near zero: no loss falls, and all is kept."""
    run = command(
        "find", files.prices, "--batch-size", 128, "--steps", 20, "--start-lr", 1e-12,
        "--end-lr", 1e-11, "--model", own + "linear", "--model", "default", "--json",
        "--out", tmp_path / "out",
    )  # fmt: skip
    assert run.code == 1
    assert run.err.count("Error") == run.err.count("\n") == 2
    for model in run.json["models"]:
        assert model["error"]["type"] == "SuggestionError"
        assert "suggestion" not in model
        assert set(model["files"]) == SWEEP_FILES


def test_ctrl_c_in_a_later_model_keeps_the_earlier(
    command, files, own, tmp_path, monkeypatch
):
    from lr_finder.training import sweep

    original, calls = sweep.sweep, []

    def sweep(*arguments, **settings):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return original(*arguments, **settings)

    monkeypatch.setattr("lr_finder.training.searching.sweep", sweep)
    run = command(
        "find", files.prices, *SMALL, "--model", own + "linear", "--model", "default",
        "--out", tmp_path / "out",
    )  # fmt: skip
    assert run.code == 130
    assert run.err.count("\n") == 1
    assert f"the complete files in {tmp_path / 'out'} are kept" in run.err
    written = {path.name for path in (tmp_path / "out/1-linear").iterdir()}
    assert written == SWEEP_FILES
    assert len(pd.read_csv(tmp_path / "out/models.csv")) == 1


@pytest.mark.slow
def test_files_of_the_other_form_are_removed(command, files, own, tmp_path):
    """A folder used again never mixes one model's answer with that of several."""
    out, linear = tmp_path / "out", ("--model", own + "linear")
    command("find", files.prices, *SMALL, *linear, "--train", 1, "--out", out)
    command("find", files.prices, *SMALL, *linear, *linear, "--out", out)
    names = {path.name for path in out.iterdir()}
    assert names == {"1-linear", "2-linear", "models.csv", "sweeps.png"}
    command("find", files.prices, *SMALL, *linear, "--out", out)
    names = {path.name for path in out.iterdir() if path.is_file()}
    assert names == SWEEP_FILES


@pytest.mark.slow
def test_a_saved_model_in_use_is_kept(command, files, own, tmp_path):
    out = tmp_path / "out"
    command(
        "find", files.prices, *SMALL, "--model", own + "linear", "--train", 1, "--out",
        out,
    )  # fmt: skip
    run = command(
        "find", files.prices, *SMALL, "--model", out / "model.keras", "--model",
        "default", "--out", out, "--json",
    )  # fmt: skip
    assert run.json["models"][0]["name"] == "1-model"
    assert (out / "model.keras").exists()
    assert not (out / "history.csv").exists()


def test_debug_shows_where_a_model_failed(command, files, own, tmp_path):
    run = command(
        "find", files.prices, *SMALL, "--model", own + "frozen", "--model",
        own + "linear", "--debug", "--quiet", "--out", tmp_path / "out",
    )  # fmt: skip
    assert run.code == 1
    assert run.err.startswith("Traceback")

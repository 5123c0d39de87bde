"""`lr_finder find`, from its options to its files."""

import json
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from lr_finder.analysis.sweep.suggestion import suggest
from lr_finder.results.sweep import SweepResult

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]

SMALL = ("--batch-size", 16, "--steps", 60, "--start-lr", 1e-5, "--end-lr", 100)
TRAINED = ["model.keras", "preprocessing.json", "history.csv", "batches.csv"]
SWEEP_FILES = ["sweep.csv", "sweep.npz", "sweep.png", "suggestion.json"]


@pytest.fixture(scope="module")
def found(command, files, tmp_path_factory):
    """One run with everything: two repeats, JSON, training."""
    out = tmp_path_factory.mktemp("runs") / "out"
    run = command(
        "find", files.prices, *SMALL, "--repeats", 2, "--seed", 3, "--train", 3,
        "--out", out, "--json",
    )  # fmt: skip
    assert run.code == 0, run.err
    run.folder = out
    return run


def test_json_alone_on_stdout(found):
    assert found.err == ""
    assert set(found.json["suggestion"]) == {
        "lr", "low", "high", "method", "warnings",
        "why", "decided_by", "window", "usual", "compiled",
    }  # fmt: skip
    assert found.json["task"] == "regression"
    assert found.json["target"] == "price"
    assert found.json["kind"] == "tabular"
    assert "models" not in found.json
    assert "128 rows to train, 32 to validate" in found.json["data"]


def test_writes_its_files_and_names_them(found):
    written = {path.name: str(path) for path in found.folder.iterdir()}
    assert written == found.json["files"]
    assert set(written) == {*SWEEP_FILES, *TRAINED}
    assert (found.folder / "sweep.png").read_bytes().startswith(b"\x89PNG")


def test_sweep_files_hold_what_was_measured(found):
    result = SweepResult.load(found.folder / "sweep.npz")
    frame = pd.read_csv(found.folder / "sweep.csv")
    pd.testing.assert_frame_equal(frame, result.to_frame())
    assert len(result.curves) == found.json["repeats"] == 2
    assert result.lrs[0] == pytest.approx(1e-5)
    about = result.metadata
    assert (about["seed"], about["batch_size"], about["steps"]) == (3, 16, 60)
    assert (about["task"], about["target"]) == ("regression", "price")
    assert about["source"].endswith("prices.csv")


def test_suggestion_is_the_one_of_the_saved_sweep(found, command):
    result = SweepResult.load(found.folder / "sweep.npz")
    assert found.json["suggestion"] == suggest(result).to_dict()
    again = command("suggest", found.folder / "sweep.npz", "--json").json
    assert again["suggestion"] == found.json["suggestion"]
    assert again["other_rules"] == found.json["other_rules"]


def test_suggestion_file_is_the_report(found):
    report = json.loads((found.folder / "suggestion.json").read_text())
    assert report == {k: v for k, v in found.json.items() if k != "files"}


def test_training_starts_at_the_suggestion_and_keeps_the_best(found):
    history = pd.read_csv(found.folder / "history.csv")
    training = found.json["training"]
    assert list(history["epoch"]) == [1, 2, 3]
    assert training["epochs"] == 3
    lowest = history["val_loss"].min()
    assert training["best_val_loss"] == pytest.approx(lowest, rel=1e-9)
    assert training["best_epoch"] == history["val_loss"].idxmin() + 1
    lr = found.json["suggestion"]["lr"]
    assert training["learning_rate"] == lr
    assert history["learning_rate"][0] == pytest.approx(lr, rel=1e-6)
    assert history["val_loss"].iloc[-1] < 1.0  # of the mean as the answer
    model = keras.models.load_model(found.folder / "model.keras")
    assert model.input_shape == (None, 3)


def test_seed_fixes_everything(found, command, files, tmp_path):
    run = command(
        "find", files.prices, *SMALL, "--repeats", 2, "--seed", 3, "--train", 3,
        "--out", tmp_path / "out", "--json",
    )  # fmt: skip
    # Keras numbers the models of a process; the folder was typed.
    other = {"files": None, "model": None, "command": None}
    assert run.json | other == found.json | other
    for name in ("sweep.csv", "history.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (
            found.folder / name
        ).read_bytes()


def write_images(folder):
    """Dark and light pictures of 10 by 8 pixels, a folder for each."""
    from PIL import Image

    rng = np.random.default_rng(0)
    for name, least in (("dark", 0), ("light", 150)):
        (folder / name).mkdir(parents=True)
        for number in range(24):
            pixels = rng.integers(least, least + 100, size=(8, 10, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")


def write_texts(path):
    """Lines of `label TAB text`; a word tells the label."""
    rng = np.random.default_rng(0)
    words = np.array("the a of see you there tomorrow morning please call".split())
    lines = []
    for number in range(60):
        said = [*rng.choice(words, 5), "prize" if number % 3 == 0 else "dinner"]
        lines.append(("spam" if number % 3 == 0 else "ham") + "\t" + " ".join(said))
    path.write_text("\n".join(lines) + "\n")


def write_series(path):
    days = pd.date_range("2024-01-01", periods=150)
    values = np.sin(np.arange(150) / 5)
    frame = pd.DataFrame({"day": days.strftime("%Y-%m-%d"), "sold": values})
    frame.sample(frac=1, random_state=0).to_csv(path, index=False)


KINDS = {  # writer, name, options, shape of the kept model's input and output
    "images": (write_images, "photos", [], (None, 8, 10, 3), (None, 1)),
    "text": (write_texts, "messages.txt", [], None, (None, 1)),
    "series": (
        write_series,
        "sales.csv",
        "--target sold --time-column day --window 6 --horizon 2".split(),
        (None, 6),
        (None, 2),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.few(2)
def test_each_kind_of_data_is_swept_and_trained(command, tmp_path, kind):
    write, name, options, inputs, outputs = KINDS[kind]
    write(tmp_path / name)
    run = command(
        "find", tmp_path / name, "--kind", kind, *options, "--batch-size", 16,
        "--steps", 60, "--start-lr", 1e-6, "--train", 1, "--out", tmp_path / "out",
        "--json",
    )  # fmt: skip
    assert run.code == 0, run.err
    assert run.json["kind"] == kind
    assert SweepResult.load(tmp_path / "out/sweep.npz").metadata["kind"] == kind
    model = keras.models.load_model(tmp_path / "out/model.keras", safe_mode=True)
    assert inputs is None or model.input_shape == inputs
    assert model.output_shape == outputs


def test_window_of_the_built_in_series(command, tmp_path):
    run = command(
        "find", "--window", 7, "--steps", 20, "--out", tmp_path / "out", "--json"
    )
    parameters = 8 * 128 + 129 * 64 + 65 * 32 + 33  # of 7-128-64-32-1
    assert f"{parameters:,} parameters" in run.json["model"]
    assert run.json["kind"] == "series"


def test_built_in_series_needs_nothing(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = command("find", "--steps", 60, "--seed", 0)
    assert run.code == 0, run.err
    assert "built-in series" in run.out
    assert "Suggested learning rate:" in run.out
    (folder,) = Path("lr_finder_runs").iterdir()
    assert folder.name.startswith("built-in-series-")
    assert sorted(path.name for path in folder.iterdir()) == sorted(SWEEP_FILES)
    for name in SWEEP_FILES:
        assert name in run.out


def test_a_model_of_ones_own_with_other_optimizer_and_loss(command, files, tmp_path):
    source = tmp_path / "own.py"
    source.write_text(
        "import keras\n"
        "def build(input_shape):\n"
        "    dense = keras.layers.Dense(1)\n"
        "    return keras.Sequential([keras.Input(input_shape), dense], name='own')\n"
    )
    run = command(
        "find", files.prices, *SMALL, "--model", f"{source}:build", "--optimizer",
        "sgd", "--loss", "huber", "--seed", 0, "--out", tmp_path / "out", "--quiet",
    )  # fmt: skip
    assert run.code == 0
    assert all(line.startswith("Warning: ") for line in run.err.splitlines())
    report = json.loads((tmp_path / "out" / "suggestion.json").read_text())
    assert float(run.out) == pytest.approx(report["suggestion"]["lr"], rel=1e-5)
    assert report["model"] == "own, 4 parameters; SGD on huber"


SCHEDULED = """
import keras
print("loading")
def build(input_shape):
    print("building")
    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    dense = keras.layers.Dense(1)
    model = keras.Sequential([keras.Input(input_shape), dense])
    model.compile(keras.optimizers.SGD(rate), "mse")
    return model
"""


@pytest.fixture
def scheduled(tmp_path):
    (tmp_path / "own.py").write_text(SCHEDULED)
    return f"{tmp_path / 'own.py'}:build"


def test_a_schedule_is_refused_before_the_sweep(command, files, scheduled, tmp_path):
    run = command(
        "find", files.prices, *SMALL, "--model", scheduled, "--train", 2,
        "--out", tmp_path / "out",
    )  # fmt: skip
    assert run.code == 2
    assert "LearningRateSchedule. Compile the model with a number" in run.err
    assert not (tmp_path / "out").exists()


def test_what_a_model_prints_stays_off_stdout_and_old_training_goes(
    command, files, scheduled, tmp_path
):
    out = tmp_path / "out"
    out.mkdir()
    for name in ("model.keras", "history.csv", "mine.txt"):
        (out / name).write_text("old")
    run = command(
        "find", files.prices, *SMALL, "--model", scheduled, "--out", out, "--json"
    )
    assert run.json["source"].endswith("prices.csv")
    assert run.err.startswith("loading\nbuilding\n")
    assert {path.name for path in out.iterdir()} == {*SWEEP_FILES, "mine.txt"}


@pytest.fixture
def flat(command, files, tmp_path):
    """A run whose loss cannot fall: rates near zero, every row in each batch."""

    def run(*arguments):
        return command(
            "find", files.prices, "--batch-size", 128, "--steps", 20, "--start-lr",
            1e-12, "--end-lr", 1e-11, "--seed", 0, "--out", tmp_path / "out",
            *arguments,
        )  # fmt: skip

    return run


def test_no_suggestion_keeps_the_sweep_and_says_why(flat, tmp_path):
    run = flat("--train", 2, "--json")
    assert run.code == 1
    assert run.err.startswith("Error: ")
    assert run.err.count("\n") == 1
    error = run.json["error"]
    assert error["type"] == "SuggestionError"
    assert error["reason"]
    assert error["counts"]
    assert "suggestion" not in run.json
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == sorted(SWEEP_FILES)
    report = json.loads((tmp_path / "out" / "suggestion.json").read_text())
    assert report["error"] == error
    assert len(SweepResult.load(tmp_path / "out" / "sweep.npz").lrs) == 20


def test_no_suggestion_for_people(flat):
    run = flat()
    assert run.code == 1
    assert "Suggested" not in run.out
    assert "sweep.png" in run.out
    assert run.err.startswith("Error: ")


def test_interrupted_sweep_writes_nothing(command, files, tmp_path, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("lr_finder.training.searching.sweep", interrupt)
    run = command("find", files.prices, *SMALL, "--out", tmp_path / "out")
    assert (run.code, run.err.count("\n")) == (130, 1)
    assert list(tmp_path.iterdir()) == []


def test_disk_that_fills_up_is_a_failure(command, files, tmp_path, monkeypatch):
    def fill(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lr_finder.results.sweep.write_atomically", fill)
    run = command("find", files.prices, *SMALL, "--out", tmp_path / "out")
    assert run.code == 1
    assert run.err == "Error: Cannot read or write: No space left on device.\n"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["sweep.csv"]


@pytest.mark.slow
def test_training_that_only_diverges_is_a_failure(
    command, files, tmp_path, monkeypatch
):
    def diverge(*_, callbacks, **__):
        (history,) = (x for x in callbacks if isinstance(x, keras.callbacks.History))
        history.epoch = [0]
        history.history = {"loss": [np.nan], "val_loss": [np.nan]}
        return history

    monkeypatch.setattr("lr_finder.training.fitting.train", diverge)
    run = command(
        "find", files.prices, *SMALL, "--train", 5, "--out", tmp_path / "out", "--json"
    )
    assert run.code == 1
    assert "finite validation loss" in run.json["error"]["message"]
    assert "suggestion" in json.loads((tmp_path / "out/suggestion.json").read_text())


@pytest.mark.parametrize(
    ("name", "options", "task"),
    [
        ("california_housing", ["--target", "median_house_value"], "regression"),
        ("adult-train", [], "classification"),
        ("winequality-white", [], "classification"),
        ("bike_sharing_hour", ["--target", "cnt"], "regression"),
    ],
)
@pytest.mark.few(1)
def test_real_tables(command, data_dir, tmp_path, name, options, task):
    run = command(
        "find", data_dir / "tabular" / f"{name}.csv", *options, "--seed", 0,
        "--out", tmp_path / "out", "--json",
    )  # fmt: skip
    assert run.code == 0, run.err
    assert run.json["task"] == task
    assert 1e-4 < run.json["suggestion"]["lr"] < 1e-1  # of Adam on scaled columns

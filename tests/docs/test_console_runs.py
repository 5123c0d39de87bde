"""The commands on the pages run, in one folder, on files that a reader would have.

Only those are left out that need a published data set or another backend. Comparisons
are made with one seed and one epoch.
"""

import contextlib
import io
import shlex
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from .test_console_blocks import commands_of

pytestmark = [pytest.mark.training, pytest.mark.slow, pytest.mark.timeout(1800)]
MODEL = """
import keras

def build(input_shape, n_outputs):
    layers = [keras.Input(input_shape), keras.layers.Flatten()]
    model = keras.Sequential([*layers, keras.layers.Dense(n_outputs)])
    if n_outputs > 1:
        model.add(keras.layers.Softmax())
    loss = "mse" if n_outputs == 1 else "sparse_categorical_crossentropy"
    model.compile("adam", loss)
    return model
"""
SMALL = {  # of what trains often
    "compare": ["--seeds", "1", "--epochs", "1"],
    "drift": ["--epochs", "2"],
    "tune": ["--seeds", "1", "--epochs", "3", "--steps", "20", "--budget", "20"],
}
KEPT_RUN = "lr_finder_runs/prices-20250101-120000"  # that the pages report
# Words that begin so need data, a package or a cluster that a fresh machine lacks, or
# never end.
LEFT_OUT = ("cifar10", "--version", "serve", "mlflow", "wandb", "--cluster")


@pytest.fixture
def files(tmp_path, monkeypatch):
    """The folder in which the commands are typed."""
    import keras

    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    area = 20 + 1.5 * np.arange(200)
    price = 100 + 5 * area + rng.normal(0, 3, 200)
    prices = pd.DataFrame({"area": area, "price": price.round(1)})
    prices.to_csv("prices.csv", index=False)
    prices.sample(20, random_state=0).to_csv("new.csv", index=False)
    for shade, name in enumerate(("cats", "dogs")):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(80):
            pixels = rng.integers(100 * shade, 100 * shade + 100, (12, 12, 3))
            image = Image.fromarray(pixels.astype("uint8"))
            image.save(tmp_path / "photos" / name / f"{i}.png")
    (tmp_path / "my_package").mkdir()
    for path in ("my_model.py", "my_package/models.py", "my_package/__init__.py"):
        (tmp_path / path).write_text("" if "__init__" in path else MODEL)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.save("saved.keras")
    rates = np.geomspace(1e-6, 10, 100)
    losses = 1 / (1 + rates / 1e-3) + rates**2
    pd.DataFrame({"eta": rates, "lr": rates, "loss": losses}).to_csv("curve.csv")
    days = pd.date_range("2020-01-01", periods=500, freq="D")
    demand = 50 + 9 * np.sin(np.arange(500) * 2 * np.pi / 7) + rng.normal(0, 1, 500)
    series = pd.DataFrame({"Date": days, "Consumption": demand.round(2)})
    series.to_csv("electricity.csv", index=False)
    heat = rng.normal(size=1200)
    rented = np.where(np.arange(1200) < 900, 3, -3) * heat + 20
    days = pd.date_range("2020-01-01", periods=1200)
    rentals = pd.DataFrame({"day": days, "heat": heat, "rented": rented})
    rentals.round({"heat": 3, "rented": 3}).to_csv("rentals.csv", index=False)
    return tmp_path


def typed(documents):
    """Each command once, in the order of the pages; `find` before its `predict`."""
    lines = {}
    for text in documents.values():
        for words in commands_of(text):
            is_ours = words[0] == "lr_finder" or words[1:3] == ["-m", "time_series"]
            if is_ours and not any(word.startswith(LEFT_OUT) for word in words):
                lines[shlex.join(words)] = words
    return sorted(lines.values(), key=lambda words: "predict" in words)


def run_time_series(words):
    from time_series.command import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(words)
        except SystemExit as end:
            return end.code or 0, err.getvalue()
    return 0, err.getvalue()


def test_every_command_of_the_pages_runs(documents, files, command):
    commands = typed(documents)
    assert len(commands) > 15
    kept = command("find", "prices.csv", "--target", "price", "--out", KEPT_RUN)
    assert kept.code == 0
    for words in commands:
        if words[0] == "python":
            code, told = run_time_series(words[3:])
        else:
            small = SMALL.get(words[1], [])
            run = command(*words[1:], *small)
            code, told = run.code, run.err
        assert code == 0, f"{shlex.join(words)}: {told}"
        for name in [name for name in sys.modules if name.startswith("my_package")]:
            del sys.modules[name]
    assert len(pd.read_csv("answers.csv")) == 20
    assert (files / "run" / "model.keras").exists()

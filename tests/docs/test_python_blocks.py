"""The Python on the pages runs, in one session for each, and prints what is shown."""

import contextlib
import importlib.util
import io
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def _conftest():
    spec = importlib.util.spec_from_file_location("pages", HERE / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGES = _conftest().PAGES
PAGES["README.md"] = Path(HERE.parents[1], "README.md").read_text()
CALLS = {name: text for name, text in PAGES.items() if "```python" in text}
QUICK = {"guide/reading_a_sweep.md", "guide/what_is_put_back.md", "guide/data.md"}
# What a page needs besides: modules, a backend of Keras.
TRACKERS = ("tensorboard", "mlflow", "sqlalchemy", "alembic", "wandb")
NEEDS = {"guide/tracking.md": TRACKERS}
BACKENDS = {"guide/pytorch.md": "torch"}
OF_OTHERS = {"optuna", "keras_tuner", "ray", "scikeras"}  # else a block is left out
# Pages on which other tools warn of themselves.
WITH_OTHERS = {*NEEDS, "guide/other_tools.md"}
# Pages that begin with a model of the reader's.
GIVEN = {"index.md"}
PART = re.compile(
    r"^```python\n(?P<code>.*?)^```\n(?:\n```text\n(?P<shown>.*?)^```)?",
    re.DOTALL | re.MULTILINE,
)
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e-?\d+)?")
NEAR = 1.6  # times: a sweep is not the same to the last digit on every machine


def has_form(printed, shown):
    """Whether a text says the same as another in the same words, numbers apart."""
    if "".join(NUMBER.sub("#", printed).split()) != "".join(
        NUMBER.sub("#", shown).split()
    ):
        return False
    pairs = zip(NUMBER.findall(printed), NUMBER.findall(shown), strict=True)
    return all(near(float(one), float(other)) for one, other in pairs)


def near(one, other):
    low, high = sorted([one, other])
    return low == high or (low > 0 and high / low < NEAR)


@pytest.mark.parametrize(
    ("printed", "is_so"),
    [("rate 3e-3", True), ("rate 2.5e-3", True), ("rate 3e-2", False), ("3e-3", False)],
)
def test_what_counts_as_the_same_output(printed, is_so):
    assert has_form(printed, "rate 3e-3\n") is is_so


def session(name, text, names):
    """Run the blocks of a page in order; each that shows an output prints it."""
    for part in PART.finditer(text):
        imported = re.findall(r"^(?:import|from) (\w+)", part["code"], re.MULTILINE)
        wanted = OF_OTHERS & set(imported)
        if any(importlib.util.find_spec(each) is None for each in wanted):
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(part["code"], name, "exec"), names)
        if part["shown"] is not None:
            assert has_form(printed.getvalue(), part["shown"]), printed.getvalue()
    return names


def readers_own():
    """A compiled model with data, as a reader has one."""
    import keras
    import numpy as np

    import lr_finder

    rng = np.random.default_rng(0)
    x = rng.normal(size=(1000, 8))
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((8,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(1)]
    )
    model.compile("adam", "mse")
    y = x @ rng.normal(size=8)
    return {"model": model, "x": x, "y": y, "lr_finder": lr_finder}


def check_quick_start(names):
    """What its last sentence on training says too: the same at Keras' default."""
    assert names["suggestion"].low < names["suggestion"].lr < names["suggestion"].high
    text = PAGES["start/quick_start.md"]
    told = re.search(r"reaches (\d+) % at Keras' default of 0.001", text).group(1)
    fresh = {}
    exec(PART.search(text)["code"], fresh)
    assert float(fresh["model"].optimizer.learning_rate) == pytest.approx(0.001)
    held_out = fresh["x_test"], fresh["y_test"]
    history = fresh["model"].fit(
        fresh["x_train"],
        fresh["y_train"],
        epochs=5,
        validation_data=held_out,
        verbose=0,
    )
    score = history.history["val_accuracy"][-1]
    assert score == pytest.approx(int(told) / 100, abs=0.06)


def check_train(names):
    finding = names["finding"]
    assert finding.training.learning_rate == finding.lr
    assert Path("run/model.keras").exists()
    assert names["rate"] == names["optimizer"].verified.lr


def check_watch(names):
    import numpy as np

    assert len(names["tracker"].losses) == 16
    assert np.isfinite(names["record"].losses).all()
    assert len(names["figure"].axes) >= 4


def check_verify(names):
    told = re.findall(r"^\| `(\w+)` \|", PAGES["guide/verify.md"], re.MULTILINE)
    assert set(names["table"]["status"]) <= set(told)
    assert names["verified"].low < names["verified"].lr < names["verified"].high


def check_readme(names):
    """A rate that is not the usual one, a training with it, and the files."""
    assert names["suggestion"].decided_by == "moved_up"
    assert names["suggestion"].lr == pytest.approx(
        float(names["model"].optimizer.learning_rate)
    )
    assert names["verified"].low < names["verified"].lr < names["verified"].high
    assert names["finding"].training.learning_rate == names["finding"].lr
    assert Path("run/model.keras").exists()


def check_home(names):
    assert float(names["model"].optimizer.learning_rate) == pytest.approx(
        names["suggestion"].lr
    )


def check_compare(names):
    assert names["trained"].status == "finished"
    assert len(names["comparison"].runs) == 6


def check_other_tools(names):
    suggestion = names["suggestion"]
    if "results" in names:  # of Ray
        rates = [result.config["learning_rate"] for result in names["results"]]
        assert names["results"].num_errors == 0
        assert rates[0] == suggestion.lr
        assert all(suggestion.low <= rate <= suggestion.high for rate in rates)


CHECKS = {
    "guide/other_tools.md": check_other_tools,
    "README.md": check_readme,
    "index.md": check_home,
    "start/quick_start.md": check_quick_start,
    "guide/train.md": check_train,
    "guide/verify.md": check_verify,
    "guide/watch.md": check_watch,
    "guide/compare.md": check_compare,
}


def marks_of(name):
    ignored = [pytest.mark.filterwarnings("ignore")] * (name in WITH_OTHERS)
    return [*ignored, *[pytest.mark.slow] * (name not in QUICK)]


@pytest.mark.training
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=marks_of(name)) for name in CALLS],
)
def test_the_python_of_a_page_runs(name, tmp_path, monkeypatch):
    for module in NEEDS.get(name, ()):
        pytest.importorskip(module)
    backend = pytest.importorskip("keras").backend.backend()
    if BACKENDS.get(name, backend) != backend:
        pytest.skip(f"needs KERAS_BACKEND={BACKENDS[name]}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("WANDB_MODE", "offline")
    rows = [f"{20 + 1.5 * i:.1f},{100 + 7.5 * i + i % 3}" for i in range(80)]
    Path("prices.csv").write_text("\n".join(["area,price", *rows]))
    names = session(name, CALLS[name], readers_own() if name in GIVEN else {})
    CHECKS.get(name, lambda names: None)(names)

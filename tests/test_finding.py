"""`lr_finder.find`: the command's answer as a call, from any source, for any model."""

import ast
import json
import re
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

import lr_finder
from lr_finder import schedules
from lr_finder.cli.shared.wording import report_in_options, words_of
from lr_finder.data.loading import load_data
from lr_finder.errors import InputError, LRFinderError, SuggestionError
from lr_finder.finding_data import describe_model
from lr_finder.results.sweep import SweepResult

from .conftest import make_dataset

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]

ROOT = Path(__file__).parents[1]
SMALL = {"batch_size": 16, "steps": 60, "start_lr": 1e-5, "end_lr": 100.0}
OPTIONS = ("--batch-size", 16, "--steps", 60, "--start-lr", 1e-5, "--end-lr", 100)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(96, 3)).astype("float32")
Y = (X @ [3.0, -1.0, 0.5]).astype("float32")[:, None]


def linear(optimizer="sgd"):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(optimizer, "mse")
    return model


@pytest.fixture(scope="module")
def prices(tmp_path_factory):
    path = tmp_path_factory.mktemp("tables") / "prices.csv"
    frame = pd.DataFrame(X, columns=["area", "age", "rooms"]).assign(price=Y[:, 0])
    frame.to_csv(path, index=False)
    return path


def without_paths(report):
    """A report without paths, what was typed, and the number of Keras' network."""
    model = re.sub(r"_\d+", "", report["model"])
    own = ("files", "command")
    report = {name: value for name, value in report.items() if name not in own}
    return report | {"model": model}


CASES = {
    "swept": ({}, ()),
    "gone on with": (
        {
            "verify": True,
            "budget_steps": 200,
            "train": 30,
            "continue_from_verification": True,
        },
        (
            "--verify",
            "--budget-steps",
            200,
            "--train",
            30,
            "--continue-from-verification",
        ),
    ),
    "verified and trained": (
        {"verify": True, "budget_steps": 200, "train": 2, "against_default": True},
        ("--verify", "--budget-steps", 200, "--train", 2, "--against-default"),
    ),
    "by another rule": ({"method": "steepest"}, ("--method", "steepest")),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.few(1)
def test_it_is_what_the_command_prints(command, prices, tmp_path, case):
    from lr_finder.cli import app

    settings, options = CASES[case]
    run = command(
        "find", prices, *OPTIONS, *options, "--seed", 3, "--json",
        "--out", tmp_path / "run",
    )  # fmt: skip
    assert run.code == 0, run.err
    finding = lr_finder.find(prices, **SMALL, **settings, seed=3, out=tmp_path / "call")
    with words_of(app, ["find"]):
        told = report_in_options(json.loads(json.dumps(finding.to_dict())))
    assert without_paths(told) == without_paths(run.json)
    assert set(told["files"]) == set(run.json["files"])
    assert finding.lr == run.json["suggestion"]["lr"]
    saved = finding.save(tmp_path / "saved")
    assert set(saved) == set(finding.files)
    for name in saved:
        if name.endswith(".csv"):
            written = Path(finding.files[name]).read_text()
            assert Path(saved[name]).read_text() == written, name


def test_a_model_given_is_trained_only_if_that_is_asked_for():
    model = linear(keras.optimizers.Adam(1e-3))
    model.fit(X, Y, epochs=1, verbose=0)
    variables = [*model.variables, *model.optimizer.variables]
    before = [np.array(variable) for variable in variables]
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - what Keras draws from
    finding = lr_finder.find(
        (X, Y), model=model, **SMALL, verify=True, budget_steps=200
    )
    assert finding.model is model
    for variable, value in zip(variables, before, strict=True):
        np.testing.assert_array_equal(np.array(variable), value)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    trained = lr_finder.find((X, Y), model=model, **SMALL, train=3)
    assert trained.model is model
    assert not np.array_equal(np.array(variables[0]), before[0])
    assert trained.training.watched == "loss"
    assert "best_loss" in trained.to_dict()["training"]


def test_a_search_is_sweep_suggest_verify_and_train_of_its_own():
    model, given = linear(), {"batch_size": 16, "seed": 5, "verbose": 0}
    swept = lr_finder.sweep(model, X, Y, steps=60, start_lr=1e-5, end_lr=100.0, **given)
    verified = lr_finder.verify(model, X, Y, swept.suggest(), budget_steps=200, **given)
    finding = lr_finder.find(
        (X, Y), model=model, validation_data=(X, Y), seed=5, **SMALL, verify=True,
        budget_steps=200, train=2,
    )  # fmt: skip
    np.testing.assert_array_equal(finding.sweep.losses, swept.losses)
    assert finding.swept.lr == swept.suggest().lr
    assert finding.verification.table == verified.table
    assert finding.training.learning_rate == verified.lr == finding.lr
    assert finding.training.watched == "val_loss"


def test_a_training_may_go_on_from_the_best_short_one():
    finding = lr_finder.find(
        (X, Y), model=linear(), validation_data=(X, Y), seed=5, **SMALL, verify=True,
        budget_steps=400, train=70, continue_from_verification=True,
    )  # fmt: skip
    verified, training = finding.verification, finding.training
    made = len(verified.losses[verified.winner])
    batches = len(X) // SMALL["batch_size"]
    assert training.learning_rate == verified.winner
    assert training.head_start == made >= batches
    assert training.history["epoch"].iloc[0] == made // batches + 1
    assert training.epochs == training.history["epoch"].iloc[-1] <= 70
    assert f"from the {made} batches of the best short training on" in str(training)
    first = verified.losses[verified.winner][:3]
    assert training.record.batches["loss"][0] < min(first)


def test_to_go_on_there_must_be_both(prices):
    with pytest.raises(InputError, match="must come with `verify` and `train`"):
        lr_finder.find(prices, verify=True, continue_from_verification=True)


def test_sources_of_all_forms(prices):
    dataset = load_data(prices, validation_fraction=0.2, seed=0)
    by_name = lr_finder.find(prices, **SMALL)
    by_dataset = lr_finder.find(dataset, **SMALL)
    assert by_name.lr == by_dataset.lr
    assert by_dataset.about["source"] == "Dataset"
    arrays = lr_finder.find((X, Y[:, 0]), **SMALL)
    assert arrays.about["kind"] == "tabular" and arrays.about["source"] == "arrays"
    batches = [(X[i : i + 16], Y[i : i + 16]) for i in range(0, 96, 16)]
    generated = lr_finder.find((each for each in batches), model=linear(), **SMALL)
    assert np.isfinite(generated.lr) and "kind" not in generated.about
    assert "<Finding for generator" in repr(generated)


def test_a_training_too_short_to_verify_for_is_told_of_and_nothing_claimed():
    finding = lr_finder.find((X, Y), model=linear(), **SMALL, verify=True, train=3)
    report = finding.to_dict()["verification"]
    assert (report["coming_steps"], report["budget_steps"]) == (3 * 96 // 16, 55)
    stability = finding.verification.stability
    assert stability is None or stability.has_diverged or "too few" in str(stability)


def test_files_are_kept_of_what_fails_later(tmp_path, monkeypatch):
    """A training that fails loses neither the sweep nor the suggestion."""
    from lr_finder.training import fitting

    def fails(*arguments, **settings):
        raise LRFinderError("no training")

    monkeypatch.setattr(fitting, "train", fails)
    with pytest.raises(LRFinderError, match="no training") as caught:
        lr_finder.find((X, Y), model=linear(), **SMALL, train=2, out=tmp_path)
    found = caught.value.finding
    report = json.loads((tmp_path / "suggestion.json").read_text())
    assert found.lr == report["suggestion"]["lr"]
    assert SweepResult.load(tmp_path / "sweep.npz").suggest().lr == found.lr


@pytest.mark.few(1)
@pytest.mark.parametrize("beside", [False, True])
def test_after_a_training_the_optimizer_holds_the_rate_found(tmp_path, beside):
    model = linear(keras.optimizers.Adam(1e-3))
    finding = lr_finder.find(
        (X, Y), model=model, **SMALL, train=2, against_default=beside,
        out=tmp_path / "run",
    )  # fmt: skip
    saved = finding.save(tmp_path / "saved")
    kept = [keras.models.load_model(files["model.keras"])
            for files in (finding.files, saved)]  # fmt: skip
    for each in (model, *kept):
        rate = float(np.array(each.optimizer.learning_rate))
        assert rate == np.float32(finding.lr) != np.float32(1e-3)


@pytest.mark.few(1)
@pytest.mark.parametrize(
    "schedule, expected",
    [
        ("default", schedules.wsd),
        ("linear", lambda lr, n: schedules.linear(lr, 0.0, n)),
    ],
)
def test_the_training_follows_a_schedule(tmp_path, schedule, expected):
    finding = lr_finder.find(
        (X, Y), model=linear(), **SMALL, train=5, schedule=schedule, out=tmp_path
    )
    rates = np.array(finding.training.record.batches["learning_rate"])
    shape = expected(finding.lr, len(rates))
    np.testing.assert_allclose(rates, shape(range(len(rates))), rtol=1e-5)
    report = json.loads((tmp_path / "suggestion.json").read_text())["training"]
    assert report["schedule"] == ("wsd" if schedule == "default" else schedule)
    assert report["cuts"] == [] and report["lowered_to"] is None
    history = pd.read_csv(tmp_path / "history.csv")
    assert history["learning_rate"].iloc[-1] == pytest.approx(rates[-1], rel=1e-5)


@pytest.mark.few(1)
@pytest.mark.parametrize("stage", ["verification", "training"])
def test_ctrl_c_hands_on_what_was_found(tmp_path, stage):
    import signal

    def press(progress):
        if progress.stage == stage and progress.done == 2 and not progress.is_over:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as caught:
        lr_finder.find(
            (X, Y),
            model=linear(),
            **SMALL,
            verify=True,
            train=30,
            out=tmp_path,
            progress=press,
        )
    found = caught.value.finding
    assert found.sweep.suggest().lr == found.swept.lr
    assert (found.verification is None) == (stage == "verification")
    if stage == "training":
        history = pd.read_csv(tmp_path / "history.csv")
        assert history["epoch"].tolist() == [1, 2]
        assert found.training.history["epoch"].tolist() == [1, 2]
    else:
        assert found.training is None and "history.csv" not in found.files


def test_a_saved_model_in_use_survives_a_search_in_its_folder(tmp_path):
    path = tmp_path / "model.keras"
    linear().save(path)
    before = path.read_bytes()
    dataset = make_dataset(input_shape=(3,))
    finding = lr_finder.find(dataset, model=str(path), **SMALL, out=tmp_path)
    assert path.read_bytes() == before and "sweep.npz" in finding.files


def test_without_a_suggestion_the_sweep_is_there_and_the_rate_says_why(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", lambda y, forecast: 0.0 * forecast + 1.0)
    finding = lr_finder.find((X, Y), model=model, **SMALL, train=2, out=tmp_path)
    assert finding.suggestion is None and finding.training is None
    with pytest.raises(SuggestionError):
        finding.lr  # noqa: B018
    assert finding.to_dict()["error"]["reason"] == finding.error.reason
    assert len(finding.sweep.lrs) == 60 and "No suggestion" in str(finding)
    assert set(finding.files) == {
        "sweep.csv", "sweep.npz", "sweep.png", "suggestion.json",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "best"}, "`method`.*'best'"),
        ({"train": 0}, "`train`.*at least 1"),
        ({"against_default": True}, "`against_default` must come with `train`"),
        ({"schedule": "cosine"}, "`schedule` must come with `train`"),
        ({"train": 2, "schedule": "cosin"}, "`schedule` must be one of"),
        ({"budget_steps": 500}, "`budget_steps` must come with `verify`"),
        ({"seed": -1}, "`seed`"),
        ({"optimizer": "adam"}, "`optimizer`.*Compile the model"),
        ({"target": "price"}, "'target'"),
        ({"source": 3}, "`source` must give batches"),
        ({"source": X}, r"`source` must.*Call find\(\(x, y\), model=model\)"),
        ({"model": None, "source": (X, Y[:5])}, "a target for each row"),
        ({"model": None, "validation_data": (X, Y)}, "`validation_data` is for"),
    ],
)
def test_what_makes_no_sense_is_refused_before_a_sweep(arguments, message):
    told = []
    given = {"source": (X, Y), "model": linear(), "progress": told.append} | arguments
    with pytest.raises(InputError, match=message):
        lr_finder.find(given.pop("source"), **given)
    assert told == []


def test_what_was_swept_is_in_the_result(prices):
    finding = lr_finder.find(prices, **SMALL)
    about = finding.sweep.metadata
    assert (about["kind"], about["task"]) == ("tabular", "regression")
    assert (about["source"], about["target"]) == (str(prices), "price")


@pytest.mark.parametrize(
    ("loss", "name"),
    [
        ("mse", "mse"),
        (keras.losses.Huber(), "Huber"),
        (keras.losses.mean_squared_error, "mean_squared_error"),
    ],
)
def test_a_loss_is_called_as_a_person_calls_it(loss, name):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(keras.optimizers.RMSprop(), loss)
    assert describe_model(model) == {
        "parameters": 8, "optimizer": "RMSprop", "loss": name,
    }  # fmt: skip


def test_nobody_else_follows_a_sweep_by_a_verification():
    """The one place is `training/searching.py`; all others call it."""
    calling = set()
    for path in [*ROOT.glob("lr_finder/**/*.py"), *ROOT.glob("time_series/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            called = getattr(node, "func", None)
            name = getattr(called, "id", None) or getattr(called, "attr", None)
            if isinstance(node, ast.Call) and name == "verify":
                calling.add(path.relative_to(ROOT).as_posix())
    assert calling == {"lr_finder/training/searching.py"}

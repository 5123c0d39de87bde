"""`lr_finder find --verify`: what it finds, writes, prints and refuses."""

import json

import pandas as pd
import pytest

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]

SMALL = ("--batch-size", 16, "--steps", 60, "--start-lr", 1e-5, "--end-lr", 100)
FILES = {"verification.csv", "verification.png", "verification_losses.csv"}


@pytest.fixture(scope="module")
def found(command, files, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "out"
    run = command(
        "find", files.prices, *SMALL, "--verify", "--budget-steps", 200, "--train", 2,
        "--out", out, "--json",
    )  # fmt: skip
    assert run.code == 0, run.err
    run.folder = out
    return run


def test_the_suggestion_is_the_verified_one(found):
    verification = found.json["verification"]
    suggestion = found.json["suggestion"]
    rates = [r["lr"] for r in verification["table"] if r["status"] != "diverged"]
    assert min(rates) <= suggestion["lr"] <= max(rates)
    statuses = [row["status"] for row in verification["table"]]
    assert statuses.count("winner") == 1
    assert suggestion["method"] == "window, verified"
    assert verification["swept"]["method"] == "window"
    tried = {row["lr"] for row in verification["table"]}
    assert verification["swept"]["lr"] in tried
    assert verification["budget_steps"] == 200
    assert verification["steps"] <= 120


def test_training_takes_the_verified_rate(found):
    assert found.json["training"]["learning_rate"] == found.json["suggestion"]["lr"]


def test_writes_table_and_picture(found):
    assert FILES < set(found.json["files"])
    frame = pd.read_csv(found.folder / "verification.csv")
    table = pd.DataFrame(found.json["verification"]["table"]).astype(frame.dtypes)
    pd.testing.assert_frame_equal(frame, table)
    assert (found.folder / "verification.png").read_bytes().startswith(b"\x89PNG")
    report = json.loads((found.folder / "suggestion.json").read_text())
    assert report == {k: v for k, v in found.json.items() if k != "files"}


@pytest.mark.slow
def test_an_earlier_verification_is_removed_by_a_run_without(command, files, tmp_path):
    for option in ["--verify", "--quiet"]:
        run = command("find", files.prices, *SMALL, option, "--out", tmp_path)
        assert run.code == 0, run.err
        assert (FILES < {path.name for path in tmp_path.iterdir()}) == (
            option == "--verify"
        )
        if option == "--verify":
            assert "rates tried" in run.out and "winner" in run.out
            assert "twice the rate: " in run.out


@pytest.mark.slow
def test_each_of_several_models_is_verified(command, files, tmp_path):
    path = tmp_path / "own.py"
    path.write_text(
        "import keras\n"
        "def linear(input_shape, n_outputs):\n"
        "    model = keras.Sequential([keras.Input(input_shape),"
        " keras.layers.Dense(n_outputs)])\n"
        "    model.compile('sgd', 'mse')\n"
        "    return model\n"
    )
    run = command(
        "find", files.prices, *SMALL, "--verify", "--budget-steps", 100,
        "--model", "default", "--model", f"{path}:linear", "--out", tmp_path / "out",
        "--json",
    )  # fmt: skip
    assert run.code == 0, run.err
    for model in run.json["models"]:
        assert FILES < set(model["files"])
        assert model["suggestion"]["method"] == "window, verified"
    rates = pd.read_csv(tmp_path / "out" / "models.csv")["lr"]
    assert rates.tolist() == [m["suggestion"]["lr"] for m in run.json["models"]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--budget-steps", 500), "must come with --verify"),
        (("--verify", "--budget-steps", 54), "must be at least 55"),
        (("--continue-from-verification", "--verify"), "with --verify and --train"),
        (("--continue-from-verification", "--train", 3), "with --verify and --train"),
    ],
)
def test_bad_options_are_refused_at_once(command, files, options, message):
    run = command("find", files.prices, *options)
    assert run.code == 2
    assert message in run.err and run.err.count("\n") == 1

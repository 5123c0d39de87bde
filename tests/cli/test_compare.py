"""`lr_finder compare`: one real comparison, and all that it refuses."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]
SHORT = "--optimizers sgd,adam --lr 0.1,found --batch-size 16 --seeds 2 --epochs 2"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("compare")


@pytest.fixture(scope="module")
def made(command, files, folder):
    arguments = f"--initializer default --threads 1 {SHORT}".split()
    return command("compare", files.prices, *arguments, "--out", folder / "run")


def test_it_ranks_and_says_what_can_be_said(made, folder):
    assert made.code == 0, made.err
    assert "test loss" in made.out and "p (Holm)" in made.out
    assert "8 runs of 2 optimizers" in made.out
    assert "with 2 seeds" in made.out
    assert "2 seeds cannot tell; run at least 3" in made.out
    assert made.err.count("validation loss") == 8  # a line for each run
    assert made.err.startswith(
        "Plan: 2 optimizers (sgd, adam) × 2 rates (0.1, found) × 2 seeds = 8 runs, with"
        " batch size 16, initializer default.\nCallbacks of each run: early stopping.\n"
    )
    assert "already there" not in made.err
    assert "callbacks: early stopping" in made.out
    told = " ".join(made.out.split())
    assert "found rate test loss, found best fixed rate test loss, fixed" in told
    assert made.out.count("better by") + made.out.count("worse by") == 2


def test_it_writes_tables_and_a_figure(made, folder):
    run = folder / "run"
    runs, epochs = pd.read_csv(run / "runs.csv"), pd.read_csv(run / "epochs.csv")
    assert len(runs) == 8 and len(epochs) == 16
    assert set(runs["callbacks"]) == {"early stopping"}
    assert epochs.groupby("key")["epoch"].max().eq(2).all()
    ranking = pd.read_csv(run / "ranking.csv")
    best = ranking.iloc[0]
    of_best = runs[
        (runs["optimizer"] == best["optimizer"]) & (runs["rate"] == best["rate"])
    ]
    assert best["mean"] == pytest.approx(of_best["test_loss"].mean())
    assert len(pd.read_csv(run / "found_rates.csv")) == 2
    picture = np.asarray(Image.open(run / "comparison.png").convert("L"))
    assert picture.std() > 5
    assert not (run / "comparison.work").exists()


def test_called_again_it_makes_nothing_anew(made, command, files, folder):
    arguments = f"--initializer default --threads 1 {SHORT}".split()
    again = ["compare", files.prices, *arguments, "--out", folder / "run"]
    told = command(*again, "--json")
    assert told.code == 0 and "validation loss" not in told.err
    assert told.err.endswith("8 of 8 runs were already there\n")
    assert told.json["callbacks"] == "early stopping"
    assert told.json["runs"] == 8 and told.json["metric"] == "loss"
    assert len(told.json["ranking"]) == 2 and told.json["failures"] == []
    assert [row["p_holm"] for row in told.json["ranking"]] == [None, None]
    assert told.json["test_rows"] == len(pd.read_csv(files.prices)) // 5
    assert set(told.json["files"]) >= {"runs.csv", "comparison.png"}
    ranking = pd.read_csv(io.StringIO(command(*again, "--quiet").out))
    assert ranking["rank"].tolist() == [1, 2]


@pytest.mark.slow
def test_naming_optimizers_and_rates_runs_just_these(command, files, folder):
    run = command(
        "compare", files.prices, *"--optimizers adam --lr 0.1 --seeds 1 --epochs 1 "
        "--no-early-stopping --reduce-on-plateau --threads 1 --json".split(),
        "--out", folder / "named",
    )  # fmt: skip
    assert run.code == 0 and run.json["runs"] == 1
    assert run.json["callbacks"] == "reduce-on-plateau"
    assert "= 1 run, with batch size 64, initializer glorot_uniform" in run.err
    # The callbacks decide a run: with others it is made anew, in the same folder.
    assert not any("other plans" in note for note in run.json["notes"])
    other = command(
        "compare", files.prices, *"--optimizers adam --lr 0.1 --seeds 1 --epochs 1 "
        "--no-early-stopping --no-reduce-on-plateau --threads 1 --json".split(),
        "--out", folder / "named",
    )  # fmt: skip
    assert other.json["notes"][-1].startswith(
        "1 run of other plans in this folder is kept in comparison.sqlite, but not in"
    )
    again = command(
        "compare", files.prices, *"--target area --optimizers adam --lr 0.1 --seeds 1 "
        "--epochs 1 --threads 1 --json".split(), "--out", folder / "named",
    )  # fmt: skip
    assert again.code == 2 and "target 'area' in place of 'price'" in again.err
    assert other.json["callbacks"] == "none" and other.json["runs"] == 1
    assert "already there" not in other.err


@pytest.mark.slow
def test_a_schedule_is_told_and_its_runs_are_others(command, files, folder):
    def compared(*options):
        return command(
            "compare", files.prices, *"--optimizers adam --lr 0.1 --seeds 1 --epochs 4 "
            "--threads 1 --json".split(), *options, "--out", folder / "scheduled",
        )  # fmt: skip

    constant, falling = compared(), compared("--schedule", "linear")
    assert (constant.code, falling.code) == (0, 0), falling.err
    assert constant.json["callbacks"] == "early stopping"
    assert falling.json["callbacks"] == "early stopping, schedule linear"
    assert "Callbacks of each run: early stopping, schedule linear." in falling.err
    assert "already there" not in falling.err
    assert any("1 run of other plans" in note for note in falling.json["notes"])
    epochs = pd.read_csv(folder / "scheduled" / "epochs.csv")
    expected = [0.1, 0.075, 0.05, 0.025]
    np.testing.assert_allclose(epochs["epoch_rate"], expected, rtol=1e-5)
    again = compared("--schedule", "linear")
    assert again.err.endswith("1 of 1 runs was already there\n")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--optimizers adm", ["adm", "adam"]),
        ("--optimizers adam,adam", ["adam", "twice"]),
        ("--optimizers sgd(learning_rate=0.1)", ["learning_rate"]),
        ("--schedule cosin", ["--schedule cosin", "cosine"]),
        (
            "--schedule wsd --reduce-on-plateau",
            ["--schedule and --reduce-on-plateau", "Leave one"],
        ),
        ("--lr 0", ["lr"]),
        ("--lr fond", ["fond", "found"]),
        ("--batch-size 0", ["--batch-size 0"]),
        ("--batch-size 500", ["500"]),
        ("--initializer he_norml", ["he_norml", "he_normal"]),
        ("--epochs 0", ["--epochs"]),
        ("--seeds 0", ["--seeds"]),
        ("--seed -1", ["--seed"]),
        ("--workers 0", ["--workers"]),
        ("--threads 0", ["--threads"]),
        ("--steps 3", ["--steps"]),
        ("--method magic", ["magic"]),
        ("--loss sparse_categorical_crossentropy", ["loss"]),
        ("--model resnet", ["resnet20"]),
        ("--model nowhere.py:build", ["nowhere.py"]),
        ("--model resnet20", ["images"]),
        ("--target prize", ["price"]),
        ("--augmentation", ["augment"]),
    ],
)
def test_what_it_cannot_do_is_one_line_and_nothing_written(
    command, files, tmp_path, options, words
):
    out = tmp_path / "out"
    run = command("compare", files.prices, *options.split(), "--out", out)
    assert run.code == 2, (run.out, run.err)
    line = run.err.strip().splitlines()[-1]
    assert line.startswith("Error: ") and "Traceback" not in run.err
    for word in words:
        assert word in line
    assert not out.exists() or not any(out.iterdir())


def test_runs_that_all_fail_are_a_failure_with_their_reason(command, files, tmp_path):
    source = tmp_path / "own.py"
    source.write_text(
        "import keras\n"
        "class Broken(keras.layers.Layer):\n"
        "    def call(self, x, training=False):\n"
        "        if training:\n"
        "            raise RuntimeError('not today')\n"
        "        return x\n"
        "def build(input_shape):\n"
        "    layers = [keras.Input(input_shape), Broken(), keras.layers.Dense(1)]\n"
        "    return keras.Sequential(layers)\n"
    )
    run = command(
        "compare", files.prices, "--model", f"{source}:build", "--optimizers", "adam",
        "--lr", "0.1", "--batch-size", "16", "--seeds", "1", "--epochs", "1",
        "--out", tmp_path / "out",
    )  # fmt: skip
    assert run.code == 1 and "not today" in run.err
    assert f"(at {source}:5)" in run.err
    assert pd.read_csv(tmp_path / "out" / "runs.csv")["status"].tolist() == ["failed"]

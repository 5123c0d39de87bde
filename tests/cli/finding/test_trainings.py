"""Trainings with the rate found and at the model's own: what each is, and its files."""

import numpy as np
import pandas as pd
import pytest

keras = pytest.importorskip("keras")

from lr_finder.cli.finding.trainings import Trainings, compared  # noqa: E402
from lr_finder.cli.shared.output import OutputFolder  # noqa: E402
from lr_finder.cli.shared.sources import DataOptions, load_source  # noqa: E402
from lr_finder.training import fitting  # noqa: E402

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]

OWN, FOUND, SEED = 2e-3, 3e-2, 5
SMALL = ("--batch-size", 16, "--steps", 60, "--start-lr", 1e-5, "--end-lr", 100)


@pytest.fixture(scope="module")
def dataset(files):
    return load_source(DataOptions(str(files.prices)), seed=0).dataset


def network():
    """With dropout: its random numbers must be the same in both trainings."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((3,)), layers.Dense(8, "relu"), layers.Dropout(0.2),
         layers.Dense(1)]
    )  # fmt: skip
    model.compile(keras.optimizers.Adam(OWN), "mse")
    return model


def alone(dataset, rate, **settings):
    """The history of an ordinary training, nothing else done before it."""
    model = network()
    history = fitting.train(
        model, (dataset.x_train, dataset.y_train),
        (dataset.x_validation, dataset.y_validation), learning_rate=rate, epochs=4,
        batch_size=16, seed=SEED, verbose=0, **settings,
    )  # fmt: skip
    return model, pd.DataFrame(history.history)


@pytest.fixture(scope="module")
def trained(dataset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trainings")
    trainings = Trainings(
        network(), dataset, OutputFolder(folder), epochs=4, batch_size=16, seed=SEED,
        is_shown=False,
    )  # fmt: skip
    return trainings.both(FOUND), folder


@pytest.mark.parametrize(
    ("rate", "name"), [(FOUND, "history.csv"), (OWN, "history_default.csv")]
)
def test_each_training_is_the_one_that_it_would_be_alone(trained, dataset, rate, name):
    history = pd.read_csv(trained[1] / name)
    expected = alone(dataset, rate)[1]
    for column in ("loss", "val_loss", "learning_rate"):
        np.testing.assert_allclose(history[column], expected[column], rtol=1e-6)


def test_the_model_kept_is_that_of_the_rate_found(trained, dataset, tmp_path):
    path = tmp_path / "alone.keras"
    alone(dataset, FOUND, checkpoint=path)
    kept = keras.models.load_model(trained[1] / "model.keras")
    expected = keras.models.load_model(path)
    for one, other in zip(kept.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def test_the_report_tells_of_both(trained):
    report, folder = trained
    own = report["against_default"]
    assert (report["learning_rate"], own["learning_rate"]) == (
        FOUND,
        pytest.approx(OWN),
    )
    for told, name in ((report, "history.csv"), (own, "history_default.csv")):
        losses = pd.read_csv(folder / name)["val_loss"]
        assert told["best_val_loss"] == losses.min()
        assert told["best_epoch"] == losses.idxmin() + 1
    assert f"{own['best_val_loss']:.4g} at 2e-3" in compared(report)
    assert (folder / "training.png").read_bytes().startswith(b"\x89PNG")


def test_a_rate_found_that_is_the_models_own_is_trained_with_once(dataset, tmp_path):
    output = OutputFolder(tmp_path)
    trainings = Trainings(
        network(), dataset, output, epochs=2, batch_size=16, seed=0, is_shown=False
    )
    report = trainings.both(OWN)
    assert report["against_default"]["is_same"]
    assert set(output.files) == {"model.keras", "preprocessing.json", "history.csv"}


def test_an_own_rate_that_explodes_is_told_and_fails_nothing(dataset, tmp_path):
    model = network()
    model.compile(keras.optimizers.SGD(1e30), "mse")
    trainings = Trainings(
        model, dataset, OutputFolder(tmp_path), epochs=2, batch_size=16, seed=0,
        is_shown=False,
    )  # fmt: skip
    report = trainings.both(1e-2)
    assert report["against_default"]["best_val_loss"] is None
    assert np.isfinite(report["best_val_loss"])
    assert "none finite at 1e30" in compared(report)


def test_ctrl_c_ends_the_first_training_and_leaves_the_weights(dataset, tmp_path):
    """A preserved state holds Ctrl-C back: it must be let through at a batch."""
    import signal

    model = network()
    before = model.get_weights()

    class Press(keras.callbacks.Callback):
        n = 0

        def on_train_batch_begin(self, batch, logs=None):
            Press.n += 1
            if Press.n == 3:
                signal.raise_signal(signal.SIGINT)

    original = fitting.train

    def train(*arguments, callbacks, **settings):
        return original(*arguments, callbacks=[*callbacks, Press()], **settings)

    trainings = Trainings(
        model, dataset, OutputFolder(tmp_path), epochs=50, batch_size=16, seed=0,
        is_shown=False,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "train", train)
        with pytest.raises(KeyboardInterrupt):
            trainings.both(FOUND)
    assert Press.n == 3
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_command_shows_both(command, files, tmp_path):
    run = command(
        "find", files.prices, *SMALL, "--train", 2, "--against-default",
        "--out", tmp_path / "out",
    )  # fmt: skip
    assert run.code == 0, run.err
    assert "at 1e-3, which the model was compiled with: " in run.out
    assert "model.keras is the model trained with the rate found" in run.out
    assert {"history_default.csv", "training.png"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }
    again = command("find", files.prices, *SMALL, "--out", tmp_path / "out")
    assert again.code == 0
    left = {path.name for path in (tmp_path / "out").iterdir()}
    assert not left & {"history_default.csv", "training.png", "model.keras"}


def test_several_models_have_a_column_of_it(command, files, tmp_path):
    run = command(
        "find", files.prices, *SMALL, "--train", 1, "--against-default", "--model",
        "default", "--model", "default", "--out", tmp_path / "out",
    )  # fmt: skip
    assert run.code == 0, run.err
    assert "at its own rate" in run.out
    frame = pd.read_csv(tmp_path / "out" / "models.csv")
    assert frame["best_val_loss_default"].notna().all()


def test_alone_it_is_wrong_usage(command, files):
    run = command("find", files.prices, "--against-default")
    assert run.code == 2
    assert "--against-default must come with --train" in run.err

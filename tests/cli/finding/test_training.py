"""`lr_finder find --train`: the files, the report and the words of its trainings."""

import pandas as pd
import pytest

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]

SMALL = ("--batch-size", 16, "--steps", 60, "--start-lr", 1e-5, "--end-lr", 100)


def test_the_command_shows_both(command, files, tmp_path):
    run = command(
        "find", files.prices, *SMALL, "--train", 2, "--against-default",
        "--out", tmp_path / "out",
    )  # fmt: skip
    assert run.code == 0, run.err
    assert "at the compiled rate, 1e-3: " in run.out
    assert "model.keras is the model trained with the rate found" in run.out
    assert {"history_default.csv", "training.png"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }
    again = command("find", files.prices, *SMALL, "--out", tmp_path / "out")
    assert again.code == 0
    lost = tmp_path / "out" / "model.keras"
    assert f"Note: {lost} is of an earlier run and will be removed." in again.err
    assert "Note: " not in run.err
    left = {path.name for path in (tmp_path / "out").iterdir()}
    assert not left & {"history_default.csv", "training.png", "model.keras"}


@pytest.mark.slow
def test_several_models_have_a_column_of_it(command, files, tmp_path):
    run = command(
        "find", files.prices, *SMALL, "--train", 1, "--against-default", "--model",
        "default", "--model", "default", "--out", tmp_path / "out",
    )  # fmt: skip
    assert run.code == 0, run.err
    assert "compiled" in run.out  # the heading may be broken into lines
    frame = pd.read_csv(tmp_path / "out" / "models.csv")
    assert frame["best_val_loss_default"].notna().all()


def test_ctrl_c_in_the_training_writes_the_report_of_what_there_is(
    command, files, tmp_path, monkeypatch
):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("lr_finder.training.fitting.train", interrupt)
    page = tmp_path / "page.html"
    run = command(
        "find", files.prices, *SMALL, "--train", 2, "--out", tmp_path / "out",
        "--report", page,
    )  # fmt: skip
    assert run.code == 130
    assert run.err.endswith(f"out are kept, and {page} is a report of them.\n")
    text = page.read_text("utf-8")
    assert "Train with a learning rate of" in text
    assert not (tmp_path / "out" / "history.csv").exists()


def test_ctrl_c_after_an_epoch_tells_rate_epochs_and_why(
    command, files, tmp_path, monkeypatch
):
    from lr_finder.training.watching.trackers import BatchMetricsTracker

    begin = BatchMetricsTracker.on_epoch_begin

    def press(self, epoch, logs=None):
        begin(self, epoch, logs)
        if epoch == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(BatchMetricsTracker, "on_epoch_begin", press)
    page = tmp_path / "page.html"
    run = command(
        "find", files.prices, *SMALL, "--train", 200, "--out", tmp_path / "out",
        "--report", page,
    )  # fmt: skip
    assert run.code == 130
    assert "Suggested learning rate: " in run.out
    assert "stopped by Ctrl-C in epoch" in run.out and "of 200" in run.out
    assert run.err.endswith(f"out are kept, and {page} is a report of them.\n")
    text = page.read_text("utf-8")
    assert "2 of 200" in text and "Stopped by Ctrl-C in epoch" in text
    assert "The training then changed the model, until it was stopped" in text


def test_alone_it_is_wrong_usage(command, files):
    run = command("find", files.prices, "--against-default")
    assert run.code == 2
    assert "--against-default must come with --train" in run.err


@pytest.mark.slow
def test_the_schedule_is_told(command, files, tmp_path):
    run = command(
        "find", files.prices, *SMALL, "--train", 4, "--schedule", "linear", "--out",
        tmp_path / "out",
    )  # fmt: skip
    assert run.code == 0, run.err
    assert "with schedule linear" in " ".join(run.out.split())
    rates = pd.read_csv(tmp_path / "out" / "history.csv")["learning_rate"]
    assert (rates.diff().dropna() < 0).all()
    run = command(
        "find", files.prices, *SMALL, "--train", 4, "--schedule", "constant", "--json"
    )
    assert run.json["training"]["schedule"] is None
    assert run.json["training"]["lowered_to"] is None


@pytest.mark.parametrize(
    "options, said",
    [
        (["--schedule", "cosine"], "--schedule must come with --train"),
        (
            ["--train", 2, "--schedule", "cosin"],
            "--schedule cosin. Did you mean cosine",
        ),
    ],
)
def test_a_schedule_that_cannot_be_is_wrong_usage(command, files, options, said):
    run = command("find", files.prices, *options)
    assert run.code == 2 and said in run.err and run.err.count("\n") == 1

"""What the bars say, on a terminal that is a string."""

import io

import keras
import numpy as np
import pytest
from rich.console import Console
from rich.text import Text

from lr_finder.cli.shared.progress import SweepProgress, TrainingProgress
from lr_finder.training.fitting import train
from lr_finder.training.sweep import sweep

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]

X = np.linspace(-1, 1, 48, dtype="float32")[:, None]


@pytest.fixture
def model():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.fixture
def terminal():
    return Console(file=io.StringIO(), force_terminal=True, width=100)


def last_line(console):
    return Text.from_ansi(console.file.getvalue()).plain.splitlines()[-1]


def test_sweep_shows_step_rate_and_smoothed_loss(model, terminal):
    with SweepProgress("Sweeping", 12, console=terminal) as progress:
        result = sweep(
            model, X, 2 * X, batch_size=16, steps=12, start_lr=1e-4, end_lr=1e-2,
            seed=0, callbacks=[progress], verbose=0,
        )  # fmt: skip
    shown = last_line(terminal)
    weights = 0.95 ** np.arange(12)[::-1]
    average = np.sum(weights * result.losses) / np.sum(weights)
    assert shown.startswith("Sweeping")
    assert "12/12" in shown
    assert "lr 1e-2" in shown
    assert f"loss {average:.4g}" in shown


def test_training_shows_both_losses(model, terminal):
    with TrainingProgress("Training", 2, console=terminal) as progress:
        history = train(
            model, (X, 2 * X), (X, 2 * X), learning_rate=0.1, epochs=2,
            callbacks=[progress], verbose=0,
        )  # fmt: skip
    shown, losses = last_line(terminal), history.history
    assert "2/2" in shown
    assert f"loss {losses['loss'][-1]:.4g}" in shown
    assert f"validation loss {losses['val_loss'][-1]:.4g}" in shown


@pytest.mark.parametrize("is_terminal", [False, True])
def test_shows_nothing_elsewhere_or_when_told(model, is_terminal):
    console = Console(file=io.StringIO(), force_terminal=is_terminal)
    shown = not is_terminal  # asked for where it cannot be, not asked for where it can
    with SweepProgress("Sweeping", 5, is_shown=shown, console=console) as progress:
        sweep(model, X, 2 * X, batch_size=16, steps=5, callbacks=[progress], verbose=0)
    assert console.file.getvalue() == ""


def test_bar_ends_when_fit_raises(terminal):
    with pytest.raises(RuntimeError), SweepProgress("Sweep", 5, console=terminal):
        raise RuntimeError
    assert terminal.file.getvalue().endswith("\x1b[?25h")  # the cursor is back

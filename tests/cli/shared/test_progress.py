"""What the bars say, on a terminal that is a string."""

import io

import keras
import numpy as np
import pytest
from rich.console import Console
from rich.text import Text

from lr_finder._text import format_rate
from lr_finder.cli.shared.progress import Bars
from lr_finder.training.found_rate import FoundRateTraining
from lr_finder.training.progress import telling
from lr_finder.training.searching import SearchListeners, SearchSettings, search

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]

X = np.linspace(-1, 1, 48, dtype="float32")[:, None]
SWEEP = {"steps": 40, "start_lr": 1e-4, "end_lr": 1.0}


@pytest.fixture
def model():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.fixture
def terminal():
    return Console(file=io.StringIO(), force_terminal=True, width=100)


def lines(console, title):
    """What the bars with a title said, line by line."""
    said = Text.from_ansi(console.file.getvalue()).plain.splitlines()
    return [line for line in said if line.startswith(title)]


def search_shown(model, bars, budget=None):
    settings = SearchSettings("window", budget, batch_size=16, seed=0, sweep=SWEEP)
    listeners = SearchListeners(progress=bars)
    return search(model, (X, 2 * X), settings=settings, listeners=listeners)


def test_sweep_shows_step_rate_and_smoothed_loss(model, terminal):
    result = search_shown(model, Bars("of mine", console=terminal)).result
    made = len(result.lrs)
    weights = 0.95 ** np.arange(made)[::-1]
    average = np.sum(weights * result.losses) / np.sum(weights)
    shown = lines(terminal, "Sweeping of mine")[-1]
    assert f"{made}/40" in shown
    assert f"lr {format_rate(result.lrs[-1])}" in shown
    assert f"loss {average:.4g}" in shown


def test_short_trainings_are_one_bar_of_all_their_steps(model, terminal):
    verified = search_shown(model, Bars(console=terminal), budget=200).verified
    assert f"{verified.steps}/120" in lines(terminal, "Verifying")[-1]


def test_training_shows_both_losses_and_the_rate_of_the_second(model, terminal):
    training = FoundRateTraining(
        model, (X, 2 * X), (X, 2 * X), epochs=2, progress=Bars(console=terminal)
    )
    outcome = training.both(0.1)
    said = lines(terminal, "Training ━")
    shown, history = said[-1], outcome.history
    assert "2/2" in shown
    assert f"loss {history['loss'].iloc[-1]:.4g}" in shown
    assert f"validation loss {history['val_loss'].iloc[-1]:.4g}" in shown
    assert "2/2" in lines(terminal, "Training at 1e-2")[-1]


@pytest.mark.parametrize("is_terminal", [False, True])
def test_shows_nothing_elsewhere_or_when_told(model, is_terminal):
    console = Console(file=io.StringIO(), force_terminal=is_terminal)
    shown = not is_terminal  # asked for where it cannot be, not asked for where it can
    search_shown(model, Bars(is_shown=shown, console=console))
    assert console.file.getvalue() == ""


def test_bar_ends_when_fit_raises(terminal):
    bars = Bars(console=terminal)
    with pytest.raises(RuntimeError), telling(bars, "sweep", 5):
        raise RuntimeError
    assert terminal.file.getvalue().endswith("\x1b[?25h")  # the cursor is back

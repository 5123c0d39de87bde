"""What a live view shows of a training, which it leaves as it is."""

import io
import warnings

import keras
import numpy as np
import pytest
from rich.console import Console
from rich.text import Text

from lr_finder._text import format_rate
from lr_finder.analysis.training.patterns import recognize_patterns
from lr_finder.errors import InputError
from lr_finder.integrations.live.monitor import LiveMonitor
from lr_finder.training.found_rate import FoundRateTraining
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.progress import Progress, telling
from lr_finder.training.searching import SearchListeners, SearchSettings, search
from lr_finder.training.watching.analyzer import TrainingDynamicsAnalyzer
from lr_finder.training.watching.trackers import BatchMetricsTracker

from ...training.conftest import assert_same_outcome, make_model, outcome_of_fit
from ...training.own_models import OwnStep

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]

X = np.linspace(-1, 1, 48, dtype="float32")[:, None]
SWEEP = {"steps": 40, "start_lr": 1e-4, "end_lr": 1.0}
ALL = ("loss", "learning_rate", "update_ratio", "gradient_norm")


def small_model(**options):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", **options)
    return model


@pytest.fixture
def model():
    return small_model()


@pytest.fixture
def terminal():
    return Console(file=io.StringIO(), force_terminal=True, width=100)


@pytest.fixture
def paper():
    """Where nothing can be drawn anew."""
    return Console(file=io.StringIO(), force_terminal=False)


def lines(console):
    return Text.from_ansi(console.file.getvalue()).plain.splitlines()


def row(console, name):
    """What the last panel said beside a name."""
    found = [line for line in lines(console) if line.startswith(f"│ {name}  ")]
    return found[-1].strip("│ ").removeprefix(name).strip()


@pytest.mark.parametrize("place", ["terminal", "lines"])
@pytest.mark.few(1)
def test_the_training_is_that_without_the_view_to_the_last_bit(place, terminal):
    """History, weights, slots, seeds and metrics, and those of the next `fit`."""
    watched, alone = make_model(), make_model()
    x = np.random.default_rng(0).normal(size=(100, 6))
    y, outcomes = np.arange(100) % 4, []
    monitor = LiveMonitor(ALL, every=2, place=place, console=terminal)
    for model, callbacks in ((watched, [monitor]), (alone, [])):
        keras.utils.set_random_seed(5)  # the order of the batches
        history = model.fit(
            x, y, batch_size=16, epochs=2, validation_data=(x[:20], y[:20]),
            verbose=0, callbacks=callbacks,
        ).history  # fmt: skip
        outcomes.append((history, outcome_of_fit(model)))
    assert outcomes[0][0] == outcomes[1][0]
    assert_same_outcome(outcomes[0][1], outcomes[1][1])
    assert terminal.file.getvalue()


def test_a_panel_shows_epoch_losses_rate_and_instruments(model, terminal):
    tracker = BatchMetricsTracker()
    monitor = LiveMonitor(ALL, every=1, place="terminal", console=terminal)
    weights = model.get_weights()
    history = model.fit(
        X, 2 * X, batch_size=16, epochs=20, verbose=0, callbacks=[tracker, monitor],
        validation_data=(X, 2 * X),
    ).history  # fmt: skip
    losses = np.array(tracker.losses)
    shown, median = row(terminal, "loss").split("   median of 50: ")
    assert float(shown) == pytest.approx(losses[-1], rel=1e-3)
    assert float(median) == pytest.approx(np.median(losses[-50:]), rel=1e-3)
    assert row(terminal, "validation loss") == f"{history['val_loss'][-1]:.4g}"
    assert row(terminal, "learning rate") == "1e-2"
    assert row(terminal, "epoch").endswith("20/20")
    pattern, *_ = recognize_patterns(monitor._state.losses, history["val_loss"])
    assert row(terminal, "pattern so far") == pattern.name
    # Plain SGD: the update is the gradient times the rate.
    size = np.linalg.norm(np.concatenate([w.ravel() for w in model.get_weights()]))
    ratio, norm = (float(row(terminal, n)) for n in ("update ratio", "gradient norm"))
    assert ratio * size == pytest.approx(0.01 * norm, rel=0.1)  # two digits each
    assert not np.array_equal(weights[0], model.get_weights()[0])


def test_a_line_for_each_epoch_where_nothing_can_be_drawn_anew(model, paper):
    history = model.fit(
        X, 2 * X, epochs=3, callbacks=[LiveMonitor(console=paper)], verbose=0
    ).history
    said = paper.file.getvalue().splitlines()
    assert [line.split("  ")[0] for line in said] == [f"epoch {i}/3" for i in (1, 2, 3)]
    assert all("learning rate 1e-2" in line for line in said)
    assert len(history["loss"]) == 3


def test_it_takes_the_place_of_keras_own_bar(model, paper, capsys):
    fit = {"batch_size": 16, "epochs": 2, "verbose": 1}
    model.fit(X, X, callbacks=[LiveMonitor(console=paper)], **fit)
    assert capsys.readouterr().out == ""
    bar = keras.callbacks.ProgbarLogger()
    model.fit(X, X, callbacks=[bar, LiveMonitor(console=paper)], **fit)
    assert capsys.readouterr().out == "" and bar.verbose == 1  # as it was
    model.fit(X, X, **fit)
    assert "Epoch 2/2" in capsys.readouterr().out


class Broken(io.StringIO):
    def write(self, text):
        raise OSError("disk full")


@pytest.mark.parametrize("place", ["terminal", "lines"])
def test_a_view_that_fails_says_so_once_and_training_goes_on(place):
    monitor = LiveMonitor(
        place=place, console=Console(file=Broken(), force_terminal=True)
    )
    with pytest.warns(UserWarning, match="view has failed: OSError: disk full") as told:
        history = small_model().fit(
            X, X, epochs=3, verbose=0, callbacks=[monitor]
        ).history  # fmt: skip
    assert len([w for w in told if "live view" in str(w.message)]) == 1
    assert history == small_model().fit(X, X, epochs=3, verbose=0).history


def test_not_even_a_warning_that_is_an_error_ends_the_training(model, capsys):
    monitor = LiveMonitor(place="lines", console=Console(file=Broken()))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        model.fit(X, X, epochs=2, verbose=0, callbacks=[monitor])
    assert capsys.readouterr().err.count("disk full") == 1


class OwnModel(OwnStep, keras.Model):
    """Reports the loss of the batch alone, under a name of its own."""

    def __init__(self):
        super().__init__()
        self.layer = keras.layers.Dense(1)

    def call(self, x):
        return self.layer(x)

    def loss_of(self, data):
        x, y = data
        return keras.ops.mean((self(x) - y) ** 2)

    def report(self, loss):
        return {"batch_loss": loss}


def test_a_step_of_ones_own_that_reports_each_batch(paper):
    model = OwnModel()
    model.compile("sgd")
    model(X[:1])
    tracker, monitor = BatchMetricsTracker(), LiveMonitor(console=paper)
    model.fit(X, 2 * X, batch_size=16, epochs=2, verbose=0,
              callbacks=[tracker, monitor])  # fmt: skip
    assert monitor._state.losses[2:] == pytest.approx(tracker.losses[2:], rel=1e-5)


def test_an_optimizer_that_tells_no_gradient_is_shown_without(terminal):
    model = small_model()
    model.compile(keras.optimizers.Adadelta(), "mse")
    monitor = LiveMonitor(ALL, place="terminal", console=terminal)
    with pytest.warns(UserWarning, match="no gradient norm: The optimizer must be one"):
        model.fit(X, X, epochs=2, verbose=0, callbacks=[monitor])
    assert row(terminal, "update ratio")
    assert "gradient norm" not in terminal.file.getvalue()


def test_it_shows_what_an_analyzer_reads(model, terminal):
    monitor = LiveMonitor(place="terminal", console=terminal)
    _, tracker = TrainingDynamicsAnalyzer(
        (X, 2 * X), batch_size=16, instruments=["gradient_norm", "dead_units"]
    ).analyze_training_progression(
        model, epochs=2, gradients_every=1, callbacks=[monitor], verbose=0
    )
    # A callback before the tracker sees what that had read one step before.
    before_last = tracker.readings["gradient_norm"][-2:]
    shown = float(row(terminal, "gradient norm"))
    assert any(shown == float(format_rate(norm)) for norm in before_last)
    assert "dead units" not in terminal.file.getvalue()  # there is no ReLU


def test_a_sweep_in_an_ordinary_fit_shows_losses_of_batches(model, paper):
    sweep, monitor = LRSweep(**SWEEP), LiveMonitor(console=paper)
    model.fit(X, 2 * X, batch_size=16, epochs=20, verbose=0,
              callbacks=[sweep, monitor])  # fmt: skip
    losses = sweep.result.curves[0].losses
    assert monitor._state.losses[: len(losses)] == pytest.approx(losses, rel=1e-5)


def search_shown(model, view, budget=None):
    settings = SearchSettings("window", budget, batch_size=16, seed=0, sweep=SWEEP)
    listeners = SearchListeners(progress=view)
    return search(model, (X, 2 * X), settings=settings, listeners=listeners)


def test_a_search_shows_sweep_and_short_trainings(model, terminal, paper):
    monitor = LiveMonitor(label="of mine", place="terminal", console=terminal)
    found = search_shown(model, monitor, budget=200)
    said = lines(terminal)
    assert any(line.startswith("╭─ Sweeping of mine ─") for line in said)
    assert any(line.startswith("╭─ Verifying of mine ─") for line in said)
    assert f"{found.verified.steps}/75" in row(terminal, "batch")
    result = search_shown(small_model(), LiveMonitor(console=paper)).result
    made, median = len(result.lrs), np.median(result.losses[-50:])
    (line,) = paper.file.getvalue().splitlines()
    assert line.startswith(f"Sweeping: {made} of at most 40 batches  loss ")
    assert f"median {median:.4g}" in line
    assert f"learning rate {format_rate(result.lrs[-1])}" in line


def test_both_trainings_with_their_losses_and_the_rate_of_the_second(model, paper):
    training = FoundRateTraining(
        model, (X, 2 * X), (X, 2 * X), epochs=2, progress=LiveMonitor(console=paper)
    )
    outcome = training.both(0.1)
    first, second, title, *others = paper.file.getvalue().splitlines()
    assert (first[:9], second[:9], title) == (
        "epoch 1/2", "epoch 2/2", "Training at 1e-2"
    )  # fmt: skip
    last = outcome.history.iloc[-1]
    assert f"validation loss {last['val_loss']:.4g}" in second
    assert len(others) == 2


def test_a_training_that_is_only_told_of(paper):
    monitor = LiveMonitor(console=paper)
    monitor(Progress("training", 0, 2, 0.1))
    monitor(Progress("training", 1, 2, 0.1, {"loss": 1.0, "val_loss": 2.0}))
    monitor(Progress("training", 1, 2, 0.1, {"loss": 1.0}, is_over=True))
    assert paper.file.getvalue().splitlines() == [
        "epoch 1/2  loss 1  validation loss 2  learning rate 0.1"
    ]


def test_the_cursor_is_back_when_fit_raises(terminal):
    monitor = LiveMonitor(place="terminal", console=terminal)
    with pytest.raises(RuntimeError), telling(monitor, "sweep", 5):
        raise RuntimeError
    assert terminal.file.getvalue().rstrip("\n").endswith("\x1b[?25h")

    class Raises(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise RuntimeError

    written = len(terminal.file.getvalue())
    with pytest.raises(RuntimeError):
        small_model().fit(X, X, verbose=0, callbacks=[monitor, Raises()])
    after = terminal.file.getvalue()[written:]
    assert after.rfind("\x1b[?25h") > after.rfind("\x1b[?25l")


@pytest.mark.parametrize(
    "options, text",
    [
        ({"instruments": "all"}, "`instruments` must be \"basic\", or a .*'all'"),
        ({"instruments": ["noise_scale"]}, "names among loss, learning_rate, up"),
        ({"instruments": 3}, "instruments=3"),
        ({"instruments": []}, r"names among .*Received: instruments=\[\]"),
        ({"every": 0}, "`every` must be a whole number, at least 1"),
        ({"every": 2.5}, "`every` must be a whole number"),
        ({"place": "page"}, '`place` must be "auto" or one of "terminal"'),
    ],
)
def test_bad_arguments_are_named(options, text):
    with pytest.raises(InputError, match=text):
        LiveMonitor(**options)

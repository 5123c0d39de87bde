"""Progress on stderr while Keras trains: Rich bars, fed by what is told of it."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from lr_finder._text import format_rate
from lr_finder.training.progress import TRAINING
from lr_finder.training.progress import Progress as Told

TITLES = {"sweep": "Sweeping", "verification": "Verifying", "training": "Training"}
SMOOTHING = 0.95  # of the loss shown: steady enough to be read
NAMES = {"loss": "loss", "val_loss": "validation loss"}


class Bars:
    """A bar for each stage, shown on a terminal and only there.

    Args:
        label: str, shown after what is done: the name of a model.
        is_shown: bool, False for no bar at all.
        console: rich Console; by default standard error.

    Example:
    >>> bars = Bars(console=Console(file=None, force_terminal=False))
    >>> bars(Told("sweep", 0, 200))
    >>> bars(Told("sweep", 1, 200, 1e-7, {"loss": 2.0}))
    >>> bars(Told("sweep", 1, 200, 1e-7, {"loss": 2.0}, is_over=True))
    """

    def __init__(
        self, label: str = "", *, is_shown: bool = True, console: Console | None = None
    ):
        self._label = label
        self._console = console or Console(stderr=True)
        self._is_shown = is_shown and self._console.is_terminal
        self._bar: Progress | None = None
        self._trainings = 0

    def __call__(self, told: Told) -> None:
        """Show how far a stage is."""
        if self._bar is None:
            self._bar = self._started(told)
        if told.is_over:
            self._bar.stop()
            self._bar = None
        elif told.losses:
            self._bar.update(self._task, completed=told.done, news=self._news(told))

    def _started(self, told: Told) -> Progress:
        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total}"),
            TextColumn("{task.fields[news]}"),
            TimeElapsedColumn(),
            console=self._console,
            disable=not self._is_shown,
        )
        title = f"{TITLES[told.stage]} {self._label}".rstrip()
        self._trainings += told.stage == TRAINING
        if self._trainings > 1 and told.learning_rate is not None:
            title += f" at {format_rate(told.learning_rate)}"  # the model's own rate
        self._task = bar.add_task(title, total=told.total, news="starting")
        self._average, self._weight = 0.0, 0.0
        bar.start()
        return bar

    def _news(self, told: Told) -> str:
        """The losses; of a sweep and of short trainings the rate too."""
        if told.stage == TRAINING:
            return "  ".join(
                f"{NAMES[k]} {loss:.4g}" for k, loss in told.losses.items()
            )
        loss = told.losses["loss"]
        if told.stage == "sweep":
            self._average = SMOOTHING * self._average + (1 - SMOOTHING) * loss
            self._weight = SMOOTHING * self._weight + (1 - SMOOTHING)
            loss = self._average / self._weight
        rate = told.learning_rate
        return f"{'' if rate is None else f'lr {format_rate(rate)}  '}loss {loss:.4g}"

"""Figures of the guide, drawn from what is stored in the repository.

Each is drawn by the package itself, so it shows what a reader of today would see.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.axes import Axes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/_figures"
DEPLOYMENTS = ROOT / "benchmarks/drift_rows/policies.jsonl"
SWEEPS = ROOT / "benchmarks/suggestion_quality/sweeps.npz"
LANDSCAPES = ROOT / "benchmarks/landscape_rows"
STUDY = ROOT / "benchmarks/stability/studies/depth.json"
GAPS = ROOT / "benchmarks/generalization/studies/noisy_decay.json"
# Made-up runs in the order of their dates: suggested, verified. A suggestion is drawn
# with an interval of a factor 3 to each side, a verification with one of 1.7.
ADAM_RUNS = (
    (2e-3, 1.2e-3), (8e-4, 8e-4), (3e-3, 1.6e-3), (1.5e-3, 1.1e-3), (3e-3, 2e-3),
    (9e-4, 9e-4), (2e-3, 1.3e-3), (3e-3, 1.2e-3), (1e-3, 1e-3), (2e-3, 1.2e-3),
    (3e-3, 1.8e-3), (1.5e-3, 1e-3),
)  # fmt: skip
SGD_RUNS = ((5e-3, None), (5e-3, 9e-3), (8e-3, None), (5e-3, 1.2e-2))
LANDSCAPE_KINDS = ("random", "between", "principal")
STEPS = 200
SIZE = (4.9, 4.7)  # inches: words stay legible on a page of 375 pixels
# Name -> task and optimizer of the benchmark whose first stored sweep shows it.
STORED = {
    "confirmed": ("friedman_deep", "adam"),
    "moved_up": ("digits_autoencoder", "adam"),
    "moved_down": ("wine_dropout", "sgd"),
    "could_not_tell": ("ratings_embedding", "sgd"),
    "narrow": ("digits_linear", "sgd"),
    "never_diverged": ("digits_autoencoder", "adam"),
    "barely_descended": ("counting_attention", "sgd"),
    "large_loss": ("diabetes_raw_target", "sgd"),
}
CUT = {"never_diverged": 2e-2}  # as if the sweep had ended at this rate
PARTS = ("digits_finetune", "adamw")  # of the curve, labelled


def stored_sweep(case: tuple[str, str]):
    """The first stored sweep of a task and an optimizer.

    Args:
        case: tuple of two str, task and optimizer.

    Returns:
        SweepResult, as `lr_finder.sweep` would have ended it.
    """
    if str(ROOT) not in sys.path:  # the benchmarks are no part of the package
        sys.path.insert(0, str(ROOT))
    from benchmarks.suggestion_quality.sweeps import load_sweeps
    from lr_finder import SweepResult

    sweep = load_sweeps()[*case, STEPS][0][0]
    return SweepResult([sweep.stopped()], sweep.metadata)


def draw_parts(ax: Axes) -> None:
    """A sweep with its three parts labelled: flat, falling, climbing."""
    result = stored_sweep(PARTS)
    window = result.suggest().window
    result.plot(ax=ax)
    ax.get_legend().remove()
    ax.set_title(
        "Three parts: a good rate lies where the loss falls", pad=20, fontsize=10
    )
    begins = window.falls_at / 4  # the loss has fallen by 30 % at `falls_at`
    low, high = result.lrs[0], result.lrs[-1]
    ends = [low, begins, window.climbs_at, high]
    parts = [("flat", "0.9"), ("falling", "#d9ecd9"), ("climbing", "#f6dada")]
    for (name, color), left, right in zip(parts, ends, ends[1:], strict=False):
        ax.axvspan(left, right, color=color, alpha=0.7, linewidth=0, zorder=0)
        middle = (left * min(right, window.low)) ** 0.5
        middle = middle if name == "falling" else (left * right) ** 0.5
        ax.annotate(
            name, (middle, 0.08), xycoords=("data", "axes fraction"), ha="center",
            fontsize=9, weight="bold",
        )  # fmt: skip
    ax.set_xlim(low, high)


def shown_sweep(name: str):
    """The sweep of a figure.

    Args:
        name: str, a key of `STORED`.

    Returns:
        SweepResult.
    """
    result = stored_sweep(STORED[name])
    if name not in CUT:
        return result
    from lr_finder import Curve, SweepResult

    kept = result.lrs <= CUT[name]
    curve = Curve(result.lrs[kept], result.losses[kept], "completed")
    return SweepResult([curve], result.metadata)


def _draw_stored(name: str) -> Callable[[Axes], None]:
    return lambda ax: shown_sweep(name).plot(ax=ax)


def _draw_deployment(stream: str, *shown: str) -> Callable[[Axes], None]:
    """A deployment that `python -m benchmarks.drift policies` stored."""

    def draw(ax: Axes) -> None:
        if str(ROOT) not in sys.path:
            sys.path.insert(0, str(ROOT))
        from benchmarks.drift.policies import stored_report

        stored_report(stream, shown=shown).plot(ax)

    return draw


def _draw_landscape(name: str) -> Callable[[Axes], None]:
    """A landscape that `python benchmarks/landscapes.py --draw` stored."""

    def draw(ax: Axes) -> None:
        from lr_finder import LossLandscape

        LossLandscape.load(LANDSCAPES / f"{name}.npz").plot(ax)

    return draw


def draw_depth(ax: Axes) -> None:
    """Lost runs by rate and depth, as `python -m benchmarks.stability` stored them."""
    from lr_finder import StabilityResult

    StabilityResult.load(STUDY).plot(ax)


def draw_gaps(ax: Axes) -> None:
    """Gaps by rate and decay, as `python -m benchmarks.generalization` stored them."""
    from lr_finder import GeneralizationResult

    GeneralizationResult.load(GAPS).plot(ax)


def example_runs() -> list[dict]:
    """Runs that nobody made: the twelve of Adam that the guide quotes, four of SGD.

    Returns:
        list of dict, as `History.runs` gives them, as far as the picture needs.
    """
    runs = []
    for number, adam in enumerate(ADAM_RUNS):
        runs.append(_example("Adam", None, adam))
        if number % 3 == 1:
            runs.append(_example("SGD", 0.9, SGD_RUNS[number // 3]))
    return runs


def _example(optimizer: str, momentum: float | None, rates: tuple) -> dict:
    run = {"optimizer": optimizer, "momentum": momentum, "kind": "images"}
    for column, rate, factor in zip(
        ("suggested", "verified"), rates, (3, 1.7), strict=True
    ):
        if rate:
            run |= {column: rate, f"{column}_low": rate / factor,
                    f"{column}_high": rate * factor}  # fmt: skip
    return run


def draw_history(ax: Axes) -> None:
    """The rates of `example_runs`."""
    from lr_finder.plots.history.rates_of_runs import plot_rates_of_runs

    plot_rates_of_runs(example_runs(), ax=ax)


FIGURES: dict[str, Callable[[Axes], None]] = (
    {"parts": draw_parts}
    | {name: _draw_stored(name) for name in STORED}
    | {"stability_depth": draw_depth, "gaps": draw_gaps}
    | {"history_rates": draw_history}
    | {f"landscape_{kind}": _draw_landscape(kind) for kind in LANDSCAPE_KINDS}
    | {
        "drift_bikes": _draw_deployment("bikes", "never", "calendar", "alarm"),
        "drift_census": _draw_deployment("census", "never", "alarm, from scratch"),
    }
)


def draw() -> None:
    """Draw those that are missing, or older than what they are drawn by."""
    from lr_finder.plots.style import new_figure

    stored = [SWEEPS, STUDY, GAPS, DEPLOYMENTS, *LANDSCAPES.glob("*.npz")]
    sources = [*stored, Path(__file__), *ROOT.glob("lr_finder/**/*.py")]
    newest = max(path.stat().st_mtime for path in sources)
    FOLDER.mkdir(exist_ok=True)
    for name, make in FIGURES.items():
        path = FOLDER / f"{name}.png"
        if path.exists() and path.stat().st_mtime > newest:
            continue
        figure = new_figure(*SIZE)
        make(figure.subplots())
        figure.savefig(path, dpi=145)


def setup(app: Sphinx):
    """Draw before the pages are read."""
    app.connect("config-inited", lambda app, config: draw())
    return {"parallel_read_safe": True, "parallel_write_safe": True}

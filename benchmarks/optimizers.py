"""Optimizers on CIFAR-10: each at fixed rates and at the rate found for it.

`run` trains the default plan on 10,000 images, five seeds for optimizers and rates and
two for batch sizes and initializers, 8 epochs, with early stopping and
reduce-on-plateau; `whole` trains each optimizer at its found rate on all 45,000 images,
10 epochs. Both go on where they were stopped. What
they gave lies in `benchmarks/optimizers_rows`; `stored` prints its tables, without the
images and without training. The other commands measure the engine itself.
"""

import contextlib
import os
import statistics
import time
from pathlib import Path
from typing import Annotated

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cloudpickle
import joblib
import keras
import numpy as np
import pandas as pd
import typer
from rich.console import Console

from lr_finder.analysis.comparison.ranking import rank_ways
from lr_finder.cli.comparing.view import ComparisonView
from lr_finder.data.parts import load_three_parts
from lr_finder.experiments.comparison.api import compare
from lr_finder.experiments.comparison.inputs import as_source
from lr_finder.experiments.comparison.kept_runs import read_comparison
from lr_finder.experiments.comparison.optimizers import choose_optimizer
from lr_finder.experiments.comparison.plan import OPTIMIZERS, Plan
from lr_finder.experiments.comparison.run_store import RunStore
from lr_finder.experiments.comparison.settings import Conditions, Setting, Task
from lr_finder.experiments.engines import started_engine
from lr_finder.experiments.pool import run_tasks
from lr_finder.experiments.workers import WorkDir

STORED = Path(__file__).parent / "optimizers_rows"
RUNS = Path("lr_finder_runs/optimizers")
MAIN_SEEDS, FURTHER_SEEDS = 5, 2
IMAGES, EPOCHS, WHOLE_EPOCHS = 10_000, 8, 10
BATCH_SIZES, INITIALIZERS = (64, 32, 128), ("glorot_uniform", "he_normal")
# The rate that DeepOBS chose among 36 by full trainings of 3c3d with batches of 128,
# and the test accuracy after 100 epochs (Schneider et al., DeepOBS, ICLR 2019).
ANCHORS = {
    "sgd": (0.063, 83.7),
    "sgd(momentum=0.99)": (4e-4, 84.4),
    "adam": (4e-4, 84.8),
}

app = typer.Typer(help=__doc__.splitlines()[0], pretty_exceptions_enable=False)
Workers = Annotated[int, typer.Option(help="Processes at a time.")]
Out = Annotated[Path, typer.Option(help="Folder of the runs.")]


@app.command()
def run(workers: Workers = 2, out: Out = RUNS / "10000"):
    """Train the default plan on 10,000 images."""
    varied = Plan(batch_sizes=BATCH_SIZES, initializers=INITIALIZERS)
    for plan, seeds in ((Plan(), MAIN_SEEDS), (varied, FURTHER_SEEDS)):
        with ComparisonView("accuracy") as view:
            compare(
                data="cifar10", plan=plan, seeds=seeds, limit=IMAGES, epochs=EPOCHS,
                workers=workers, out=out, watch=view, reduce_on_plateau=True,
            )  # fmt: skip
    show(out)


@app.command()
def whole(workers: Workers = 2, out: Out = RUNS / "45000", seeds: int = 1):
    """Train each optimizer at its found rate on all images."""
    plan = Plan(OPTIMIZERS, "found", 64, "glorot_uniform")
    with ComparisonView("accuracy") as view:
        compare(
            data="cifar10", plan=plan, seeds=seeds, epochs=WHOLE_EPOCHS,
            reduce_on_plateau=True, workers=workers, out=out, watch=view,
        )  # fmt: skip
    show(out)


@app.command()
def stored():
    """Print the tables of what is stored."""
    for folder in sorted(filter(Path.is_dir, STORED.iterdir())):
        show(folder)


def show(folder):
    """Print what a folder of runs says."""
    console = Console(width=240)
    comparison = read_comparison(folder)
    console.print(f"\n[bold]{folder.name}[/]")
    for by in ("optimizer", "rate", "batch_size", "initializer"):
        if comparison.runs[by].nunique() > 1 or by == "optimizer":
            console.print(f"\n{by}")
            console.print(comparison.table(by).round(4).to_string())
    if comparison.runs["rate"].nunique() > 1:
        console.print("\nrates, mean over all optimizers")
        console.print(comparison.main_effect("rate").round(4).to_string())
    console.print("\nfound against fixed")
    console.print(comparison.found_against_fixed().round(4).to_string())
    for sentence in comparison.sentences():
        console.print(sentence)


@app.command()
def anchors(
    seeds: int = 3, out: Annotated[Path | None, typer.Option(help="CSV.")] = None
):
    """Print the rates found for 3c3d beside those that DeepOBS tuned."""
    from lr_finder import suggest, sweep
    from lr_finder.experiments.comparison.run import build_model

    parts = load_three_parts("cifar10")
    data, build, rows = parts.dataset, as_source("3c3d"), []
    for name, (tuned, accuracy) in ANCHORS.items():
        for seed in range(seeds):
            setting = Setting(choose_optimizer(name), "found", 128)
            model = build_model(Task(setting, Conditions(), seed), data, build)
            found = suggest(sweep(
                model, data.x_train, data.y_train, batch_size=128, seed=seed, verbose=0
            ))  # fmt: skip
            rows.append({
                "optimizer": name, "seed": seed, "found": float(f"{found.lr:.2g}"),
                "low": float(f"{found.low:.2g}"), "high": float(f"{found.high:.2g}"),
                "tuned": tuned, "test accuracy when tuned (%)": accuracy,
            })  # fmt: skip
            print(*rows[-1].values())
    frame = pd.DataFrame(rows)
    print(frame.to_string(index=False))
    if out is not None:
        frame.to_csv(out, index=False)


def small_tasks(n, epochs=3):
    """Runs of the default network, some seconds each."""
    setting = Setting(choose_optimizer("adam"), 0.001, 64, None)
    return [Task(setting, Conditions(epochs=epochs), seed) for seed in range(n)]


@contextlib.contextmanager
def engine_and_store(folder, threads, parts, workers):
    """Workers of the default network, and an empty store."""
    pickled = cloudpickle.dumps({"default": as_source("default")})
    work_dir = WorkDir(folder / "work", threads, pickled, keras.backend.backend())
    work_dir.folder.mkdir(parents=True, exist_ok=True)
    with (
        RunStore(folder / f"{time.time()}.sqlite", {"data": "cifar10"}) as store,
        started_engine(work_dir, parts, workers) as engine,
    ):
        yield engine, store


@app.command()
def overhead(rounds: int = 5, limit: int = 3000, out: Out = RUNS / "overhead"):
    """Print how much longer a run takes by the engine than by Keras alone."""
    parts = load_three_parts("cifar10", limit=limit)
    ratios = []
    with engine_and_store(out, joblib.cpu_count(), parts, 1) as (engine, store):
        for task in small_tasks(rounds + 1):
            start = time.perf_counter()
            run_tasks([task], engine, store)
            middle = time.perf_counter()
            bare(task, parts)
            ratios.append((middle - start) / (time.perf_counter() - middle))
    print("engine / bare, of which the first, which starts a process, is left out:")
    ratios = ratios[1:]
    print(f"{statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")


def bare(task, parts):
    """The same training as a person would write it, with Keras' own callbacks."""
    data = parts.dataset
    keras.utils.clear_session()
    keras.utils.set_random_seed(task.seed)
    model = as_source("default")(data, None)
    model.compile(
        keras.optimizers.Adam(task.setting.rate), "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )  # fmt: skip
    model.fit(
        data.x_train, data.y_train, batch_size=task.setting.batch_size, verbose=0,
        epochs=task.conditions.epochs,
        validation_data=(data.x_validation, data.y_validation),
        callbacks=[
            keras.callbacks.TerminateOnNaN(),
            keras.callbacks.ReduceLROnPlateau(patience=4),
            keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True),
        ],
    )  # fmt: skip
    for x, y in ((data.x_validation, data.y_validation), (parts.x_test, parts.y_test)):
        model.evaluate(x, y, batch_size=256, verbose=0)


@app.command()
def speedup(rounds: int = 2, n: int = 6, limit: int = 3000, out: Out = RUNS / "speed"):
    """Print how much faster two workers are than one, with one thread and with two."""
    parts = load_three_parts("cifar10", limit=limit)
    ways = {"1 worker, 1 thread": (1, 1), "1 worker, 2 threads": (1, 2),
            "2 workers, 1 thread each": (2, 1)}  # fmt: skip
    seconds = {name: [] for name in ways}
    for _ in range(rounds):
        for name, (workers, threads) in ways.items():
            with engine_and_store(out, threads, parts, workers) as (engine, store):
                start = time.perf_counter()
                run_tasks(small_tasks(n), engine, store)
                seconds[name].append(time.perf_counter() - start)
    *ones, two = seconds.values()
    for name, times in zip(ways, ones, strict=False):
        ratios = ", ".join(f"{a / b:.2f}" for a, b in zip(times, two, strict=True))
        print(
            f"2 workers over {name}: {ratios} times as fast, {n} runs, start included"
        )


@app.command()
def false_alarms(seeds: int = 5, tables: int = 5000):
    """Print how often one of several equal optimizers is called worse than the best."""
    rng = np.random.default_rng(0)
    for n in (2, 4, 10):
        alarms = 0
        for values in rng.normal(size=(tables, n, seeds)):
            ways = {str(i): dict(enumerate(of_one)) for i, of_one in enumerate(values)}
            alarms += any(row.p_holm < 0.05 for row in rank_ways(ways))
        print(f"{n} equal optimizers, {seeds} seeds: {100 * alarms / tables:.1f} %")


if __name__ == "__main__":
    app()

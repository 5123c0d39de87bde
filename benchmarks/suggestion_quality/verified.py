"""What short trainings make of a suggestion: replayed from records, and for real."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.suggestion_quality import peers, scores
from benchmarks.suggestion_quality.methods import (
    DEFAULT,
    NO_SWEEP,
    ask_lr_finder,
    best_fixed_rates,
)
from benchmarks.suggestion_quality.sweeps import SEEDS, load_sweeps
from benchmarks.suggestion_quality.tasks import DEFAULT_RATES, TASKS, make_optimizer
from benchmarks.suggestion_quality.trials import Recorded, load_trials
from benchmarks.suggestion_quality.truth import Truth
from lr_finder.analysis.halving import (
    STABILITY_SHARE,
    candidates_around,
    halve,
    plan_steps,
)
from lr_finder.analysis.trial_losses import blend
from lr_finder.errors import SuggestionError

FILE = Path(__file__).with_name("verified.csv")
STEPS = 200  # of the sweep before
PEER = "fastai valley"
KEYS = ["task", "optimizer", "seed"]
COLUMNS = [*KEYS, "suggested", "suggested_low", "suggested_high", "lr", "low", "high",
           "steps"]  # fmt: skip
Truths = dict[tuple[str, str], Truth]


def replay(recorded: Recorded, lr: float, budget: int) -> dict:
    """What a verification would have said, had it trained what is recorded.

    Args:
        recorded: Recorded.
        lr: float, the suggestion; the nearest recorded rate stands for it.
        budget: int, steps of the coming training.

    Returns:
        dict with `lr`, `low`, `high` and `cost`, the steps made. The twice-the-answer
        check is counted in full, and changes nothing.
    """
    ends = recorded.rates[0], recorded.rates[-1]
    center = recorded.nearest(float(np.clip(lr, *ends)))
    steps, _ = plan_steps(budget)
    answer, cost = (None, None, None), steps
    try:
        found = halve(recorded, candidates_around(center), steps)
        answer, cost = blend(found.lost), found.steps
    except SuggestionError:
        pass
    named = dict(zip(("lr", "low", "high"), answer, strict=True))
    return named | {"cost": cost + int(STABILITY_SHARE * budget)}


def centers(truths: Truths) -> Iterator[tuple[str, tuple[str, str], int, float, int]]:
    """The rates that a verification may start from.

    Where `lr_finder` finds nothing in a sweep, or a peer does, it is the optimizer's
    Keras default.

    Args:
        truths: mapping of (task, optimizer) to Truth.

    Yields:
        (method, case, number of the sweep, rate, steps made for it).
    """
    fixed = best_fixed_rates(truths)
    for (task, optimizer, steps), seeds in load_sweeps().items():
        case = task, optimizer
        if steps != STEPS or case not in truths:
            continue
        usual = DEFAULT_RATES[optimizer]
        for number, group in enumerate(seeds):
            ours = ask_lr_finder(group[:1])
            yield DEFAULT, case, number, ours["lr"] or usual, ours["cost"]
            rate, cost = peers.ask(PEER, group[0])
            yield PEER, case, number, rate or usual, cost
            for name, rate in zip(NO_SWEEP, (usual, fixed[case]), strict=True):
                yield name, case, number, rate, 0


def replayed(truths: Truths) -> pd.DataFrame:
    """Every center with and without a verification, from the recorded trainings.

    Args:
        truths: mapping of (task, optimizer) to Truth.

    Returns:
        DataFrame as of `methods.answers`, with `share`: the cost over the budget; no
        rows where nothing is recorded.
    """
    trials, rows = load_trials(), []
    for method, case, number, rate, cost in centers(truths) if trials else ():
        if case not in trials:
            continue
        budget = TASKS[case[0]].budget
        answer = replay(trials[case][number], rate, budget)
        place = {"task": case[0], "optimizer": case[1], "sweep": number}
        alone = {"lr": rate, "low": np.nan, "high": np.nan, "cost": 0}
        for label, found in ((method, alone), (f"{method}, verified", answer)):
            steps = cost + found["cost"]
            rows.append(place | found | {"method": label, "steps": STEPS, "cost": steps,
                                         "share": steps / budget})  # fmt: skip
    return pd.DataFrame(rows)


def verify_case(task_name: str, optimizer: str, seed: int) -> dict:
    """Sweep, suggest and verify one case by `lr_finder` itself.

    Where the sweep gives no suggestion, the optimizer's Keras default is verified.

    Args:
        task_name: str, a key of `TASKS`.
        optimizer: str, of `OPTIMIZERS`.
        seed: int, of `sweeps.SEEDS`: decides weights and batches.

    Returns:
        dict with `COLUMNS`, a row of the file.
    """
    import lr_finder

    task = TASKS[task_name]
    x, y = task.load()[:2]
    model = task.build(seed)
    model.compile(make_optimizer(optimizer, 1e-3), task.keras_loss())
    settings = {"batch_size": task.batch_size, "verbose": 0}
    swept = lr_finder.sweep(model, x, y, steps=STEPS, seed=seed, **settings)
    row = dict(zip(KEYS, (task_name, optimizer, seed), strict=True))
    given = DEFAULT_RATES[optimizer]
    try:
        given = swept.suggest()
        row |= {"suggested": given.lr, "suggested_low": given.low,
                "suggested_high": given.high}  # fmt: skip
    except SuggestionError:
        pass
    steps = len(swept.lrs)
    try:
        found = lr_finder.verify(
            model, x, y, given, budget_steps=task.budget, seed=seed + 1000, **settings
        )
        row |= {"lr": found.lr, "low": found.low, "high": found.high}
        steps += found.steps
    except SuggestionError:
        steps += plan_steps(task.budget)[1]
    return row | {"steps": steps}


def read_rows(path: Path = FILE) -> pd.DataFrame:
    """The rows of the file, each verification once; none without a file."""
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS)
    return pd.read_csv(path).drop_duplicates(KEYS, ignore_index=True)


def extend(
    wanted: Iterable[tuple[str, str]], seeds: Iterable[int] = SEEDS[:1],
    path: Path = FILE, run=verify_case,
) -> Iterator[tuple[str, str, int]]:  # fmt: skip
    """Verify in the cases that the file lacks, and append each once it is done.

    Args:
        wanted: pairs of a task and an optimizer.
        seeds: of the sweeps.
        path: Path of the CSV file.
        run: callable as `verify_case`.

    Yields:
        Each case and seed that was run.
    """
    there = set(read_rows(path)[KEYS].itertuples(index=False, name=None))
    for seed in seeds:
        for task, optimizer in wanted:
            if (task, optimizer, seed) in there:
                continue
            row = pd.DataFrame([run(task, optimizer, seed)], columns=COLUMNS)
            row.to_csv(path, mode="a", header=not path.exists(), index=False,
                       float_format="%.6g")  # fmt: skip
            yield task, optimizer, seed


def real(truths: Truths, path: Path = FILE) -> pd.DataFrame:
    """What `lr_finder` itself suggested and verified, as `replayed` gives it."""
    rows = read_rows(path)
    known = [key in truths for key in rows[KEYS[:2]].itertuples(index=False, name=None)]
    rows = rows[known]
    budgets = rows["task"].map({name: task.budget for name, task in TASKS.items()})
    rows = rows.assign(
        method=f"{DEFAULT}, verified", cost=rows["steps"], sweep=rows["seed"],
        share=rows["steps"] / budgets, steps=STEPS,
    )  # fmt: skip
    before = rows.assign(
        method=DEFAULT, lr=rows["suggested"], low=rows["suggested_low"],
        high=rows["suggested_high"], cost=np.nan, share=np.nan,
    )  # fmt: skip
    return pd.concat([before, rows], ignore_index=True)


def summarize(answers: pd.DataFrame, truths: Truths) -> pd.DataFrame:
    """`scores.summarize`, with `share`: the mean cost as a share of the training."""
    judged = scores.judge(answers, truths)
    shares = judged.groupby("method")["share"].mean()
    summary = scores.summarize(judged)
    return summary.assign(share=summary["method"].map(shares))

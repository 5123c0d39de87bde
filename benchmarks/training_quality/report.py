"""From rows to tables: excess over the best constant rate, and what follows from it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.suggestion_quality.scores import CATASTROPHIC, GOOD, clustered_error
from benchmarks.suggestion_quality.tasks import TASKS
from benchmarks.suggestion_quality.truth import Truth, load_truth
from benchmarks.training_quality.arms import (
    EXPLORED,
    FACTORS,
    FINAL,
    GRID,
    LONGER,
    STORE,
    Arm,
)
from benchmarks.training_quality.rows import FOLDER
from benchmarks.training_quality.shipped import STORE as SHIPPED
from lr_finder.analysis.verification.effort import AFTER_SWEEP, CANDIDATES, Effort
from lr_finder.analysis.verification.halving import KEPT

RESULTS = FOLDER / "RESULTS.md"
PRODUCT = "**verified, default schedule, guard** (`train_optimized`)"
RECIPES = ("fastai valley, one_cycle", "fastai minimum / 10, one_cycle")
INTRODUCTION = """# How good is the model that is trained?

Printed by `python -m benchmarks.training_quality report`. **Excess** is by how much the
best of twenty validation losses of a training lies above that of the best constant rate
of a grid of 19 (median of three seeds), in percent: 0 is as good as 19 trainings.
**Regret** is the same as a share of what can be learnt at all; a training with a regret
above .5 is a **catastrophe**. Cost is in trainings, without the sweep, which takes 200
steps or {sweep:.2f} of a training here.
"""


def judge(rows: pd.DataFrame, truths: dict[tuple[str, str], Truth]) -> pd.DataFrame:
    """Add what rows with `task`, `optimizer` and `best` are worth.

    A training that never beat the best constant guess counts as that guess.

    Args:
        rows: DataFrame.
        truths: dict of (task, optimizer) to Truth.

    Returns:
        DataFrame, with `best` at most `base`, the loss of that guess; `lowest`, that of
        the best constant rate; `excess` and `regret`.
    """
    known = [truths[key] for key in zip(rows["task"], rows["optimizer"], strict=True)]
    lowest = np.array([truth.lowest for truth in known])
    base = np.array([truth.base for truth in known])
    best = np.minimum(rows["best"].to_numpy(float), base)
    regret = np.clip((best - lowest) / (base - lowest), 0, 1)
    return rows.assign(
        best=best, base=base, lowest=lowest, excess=best / lowest - 1, regret=regret
    )


def everything(truths: dict[tuple[str, str], Truth]) -> pd.DataFrame:
    """The runs of the product and of all arms with its seeds, judged, with `cost`."""
    product, arms = SHIPPED.read(), STORE.read()
    budgets = product["task"].map({name: task.budget for name, task in TASKS.items()})
    product = product.assign(
        arm=PRODUCT, lr=product["verified"], verify=product["verify_steps"] / budgets
    )
    keys = ["task", "optimizer", "seed"]
    arms = arms.merge(product[[*keys, "verify"]], on=keys)
    columns = [*keys, "arm", "lr", "best", "verify"]
    both = pd.concat([product[[*columns, "cuts"]], arms[columns]], ignore_index=True)
    costs = [_cost(*row) for row in zip(both["arm"], both["verify"], strict=True)]
    return judge(both, truths).assign(cost=costs)


def _cost(arm: str, verify: float) -> float:
    """Trainings that an arm takes, the sweep left out."""
    if arm.startswith("best candidate"):
        return 1 + verify - _winners_share(AFTER_SWEEP)
    return 1 + verify * ("verified" in arm)


def _winners_share(effort: Effort) -> float:
    """What share of a training the best candidate has made: it is in both rungs."""
    shares = CANDIDATES + effort.growth * math.ceil(KEPT * CANDIDATES)
    return effort.trial_share * (1 + effort.growth) / shares


def table(runs: pd.DataFrame) -> pd.DataFrame:
    """One row for each arm, the least mean excess first.

    Args:
        runs: DataFrame with `arm`, `task`, `excess`, `regret` and `cost`.

    Returns:
        DataFrame, indexed by arm: numbers of the excess in percent.
    """
    rows = {}
    for arm, part in runs.groupby("arm"):
        excess = 100 * part["excess"]
        rows[arm] = {
            "runs": len(part),
            "median": excess.median(),
            "mean": excess.mean(),
            "± error": clustered_error(excess, part["task"]),
            "p90": excess.quantile(0.9),
            "≤ 0": (excess <= 0).mean(),
            "regret": part["regret"].mean(),
            "catastrophes": (part["regret"] > CATASTROPHIC).mean(),
            "cost": part["cost"].mean(),
        }
    return pd.DataFrame(rows).T.sort_values("mean")


def paired(
    runs: pd.DataFrame, one: str, other: str, of: str = "excess"
) -> tuple[float, float, float]:
    """How much more excess one arm has than another on the same cases and seeds.

    Args:
        runs: DataFrame of `everything`.
        one: str, an arm.
        other: str, an arm.
        of: `"excess"` or `"regret"`.

    Returns:
        (mean, low, high) in percent: the interval of 95 % is clustered by task.
    """
    wide = runs.pivot_table(of, ["task", "optimizer", "seed"], "arm")
    differences = 100 * (wide[one] - wide[other]).dropna().rename("by").reset_index()
    error = clustered_error(differences["by"], differences["task"])
    mean = float(differences["by"].mean())
    degrees = max(differences["task"].nunique() - 1, 1)
    half = float(stats.t.ppf(0.975, degrees)) * error
    return mean, mean - half, mean + half


def ceilings(grid: pd.DataFrame, truths: dict[tuple[str, str], Truth]) -> pd.DataFrame:
    """What each schedule comes to at the best rate of the grid.

    Args:
        grid: DataFrame, the rows of `grid.csv`.
        truths: dict of (task, optimizer) to Truth.

    Returns:
        DataFrame, indexed by schedule: `median`, `mean`, `p90` in percent, `≤ 0`, and
        `peak`, the median of the best rate over the best constant one.
    """
    judged = judge(grid, truths)
    keys = ["task", "optimizer", "schedule"]
    losses = judged.groupby([*keys, "lr"])["best"].median().reset_index()
    best = judge(losses.loc[losses.groupby(keys)["best"].idxmin()], truths)
    cases = zip(best["task"], best["optimizer"], strict=True)
    own = [truths[case].best_rate for case in cases]
    best = best.assign(excess=100 * best["excess"], peak=best["lr"] / own)
    by = best.groupby("schedule")
    return pd.DataFrame(
        {
            "median": by["excess"].median(), "mean": by["excess"].mean(),
            "p90": by["excess"].quantile(0.9),
            "≤ 0": by["excess"].apply(lambda part: (part <= 0).mean()),
            "peak": by["peak"].median(),
        }
    )  # fmt: skip


def alarms(grid: pd.DataFrame, truths: dict[tuple[str, str], Truth]) -> pd.DataFrame:
    """How often the guard would have gone back, in trainings that were well or lost.

    Args:
        grid: DataFrame, the rows of `grid.csv`.
        truths: dict of (task, optimizer) to Truth.

    Returns:
        DataFrame, indexed by what the guard knows: `good` runs, of which so many are
        `false alarms`; `lost` runs, which had learnt and whose last loss is that of a
        constant guess again, of which so many are `caught`.
    """
    judged = judge(grid.dropna(subset=["fires"]), truths)
    base, lowest = judged["base"], judged["lowest"]
    last = judged["last"].where(np.isfinite(judged["last"]), np.inf)
    ends_well = (last - lowest) / (base - lowest) <= GOOD
    is_lost = (judged["best"] < 0.95 * base) & (last > 0.97 * base)
    rows = {}
    for name, column in (("nothing", "fires"), ("the constant guess", "fires_knowing")):
        fires = judged[column] >= 0
        rows[name] = {
            "good": ends_well.sum(), "false alarms": (fires & ends_well).sum(),
            "lost": is_lost.sum(), "caught": (fires & is_lost).sum(),
        }  # fmt: skip
    return pd.DataFrame(rows).T


def explored(runs: pd.DataFrame) -> pd.DataFrame:
    """Median and mean excess by schedule and factor, of the arms that were explored."""
    known: dict[str, Arm] = {arm.name: arm for arm in EXPLORED}
    part = runs[runs["arm"].isin(known)]
    rows = []
    for name, values in part.groupby("arm")["excess"]:
        arm = known[str(name)]
        text = f"{100 * values.median():+.1f}, {100 * values.mean():+.1f}"
        rows.append((arm.name.split(" x ")[0], arm.schedule, f"x {arm.factor:g}", text))
    frame = pd.DataFrame(rows, columns=["rate", "schedule", "factor", "excess"])
    wide = frame.pivot(index=["rate", "schedule"], columns="factor", values="excess")
    return wide.reindex(columns=[f"x {factor:g}" for factor in FACTORS])


def markdown() -> str:
    """All tables as a page."""
    truths = load_truth()
    runs = everything(truths)
    tried = {arm.name for arm in EXPLORED} - {arm.name for arm in FINAL}
    final = runs[~runs["arm"].isin(tried)]
    product = SHIPPED.read()
    budgets = product["task"].map({name: task.budget for name, task in TASKS.items()})
    parts = [INTRODUCTION.format(sweep=(product["sweep_steps"] / budgets).mean())]
    cases = product.groupby(["task", "optimizer"]).ngroups
    parts.append(
        f"## Every case\n\n{len(product)} runs of the product, of {cases} cases and "
        f"{product['seed'].nunique()} seeds. `wsd`: constant, then linear to 0 "
        "over the last 30 %.\n"
    )
    parts.append(_as_text(table(final)))
    parts.append(
        "\nThe product's excess, and its regret in percent, minus those of others, on "
        "the same cases and seeds, with 95 % intervals clustered by task:\n"
    )
    for arm in sorted(set(final["arm"]) - {PRODUCT}):
        both = [
            "{:+.1f} ({:+.1f} to {:+.1f})".format(*paired(final, PRODUCT, arm, of))
            for of in ("excess", "regret")
        ]
        parts.append(f"- {arm}: excess {both[0]}, regret {both[1]}")
    goes_on = paired(final, "best candidate goes on, wsd", "verified, wsd")
    difference = "{:+.1f} ({:+.1f} to {:+.1f})".format(*goes_on)
    parts.append(
        "- the best candidate that goes on, minus a training that starts anew at the "
        f"verified rate: excess {difference}"
    )
    own = final[final["arm"] == PRODUCT]
    worst = own.groupby("task")["excess"].mean().idxmax()
    others = 100 * own.loc[own["task"] != worst, "excess"].mean()
    parts.append(f"\nWithout {worst} the product's mean excess is {others:+.1f} %.")
    cut = (product["cuts"] > 0).sum()
    parts.append(f"\nThe guard went back in {cut} of {len(product)} runs.\n")
    if len(grid := GRID.read()):
        parts += ["## What the best rate of the grid allows\n",
                  _as_text(ceilings(grid, truths)),
                  "\n## What the guard would have done on the grid\n",
                  _as_text(alarms(grid, truths), digits=0)]  # fmt: skip
    if runs["arm"].isin([arm.name for arm in EXPLORED if arm not in FINAL]).any():
        parts += ["\n## Rates and schedules, median and mean excess in percent\n",
                  _as_text(explored(runs))]  # fmt: skip
    if len(longer := LONGER.read()):
        judged = judge(longer, truths).assign(cost=np.nan)
        parts += ["\n## Trainings four times as long\n",
                  "Against the best constant rate at the usual length.\n",
                  _as_text(table(judged).drop(columns="cost"))]  # fmt: skip
    return "\n".join(parts) + "\n"


def _as_text(frame: pd.DataFrame, digits: int = 2) -> str:
    """A table in Markdown."""
    names = [name or "" for name in frame.index.names]
    lines = [
        " | ".join(["", *names, *map(str, frame.columns), ""]).strip(),
        "|" + " --- |" * len(names) + " ---: |" * len(frame.columns),
    ]
    for index, row in frame.iterrows():
        place = index if isinstance(index, tuple) else (index,)
        cells = [
            f"{value:.{0 if name == 'runs' else digits}f}"
            if isinstance(value, float)
            else str(value)
            for name, value in row.items()
        ]
        lines.append(" | ".join(["", *map(str, place), *cells, ""]).strip())
    return "\n".join(lines)

"""What a person's own runs would add: simulated on the tasks of one domain.

The prior is learnt from the tasks of all *other* domains. The person's runs are what a
verification said of other tasks of the same domain; none is of the task that is asked.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmarks.prior.cases import DOMAIN, Cases, load_verified
from benchmarks.prior.forms import as_the_rule, fit_of, looked_up, placed
from benchmarks.suggestion_quality.tasks import TASKS

COUNTS = (0, 5, 20)
DRAWS = 10


def regrets_with(cases: Cases, count: int, seed: int) -> np.ndarray:
    """The regret of each sweep if a person has made so many runs in its domain.

    Args:
        cases: Cases.
        count: int, own runs; fewer if the domain has fewer.
        seed: int, draws them.

    Returns:
        float array (n,); nan for a task that is alone in its domain.
    """
    verified, rng = load_verified(), np.random.default_rng(seed)
    domains = cases.frame["task"].map(lambda name: TASKS[name].domain)
    theirs = verified["task"].map(lambda name: TASKS[name].domain)
    found = np.full(len(cases.frame), np.nan)
    for task in cases.frame["task"].unique():
        domain = TASKS[task].domain
        own = verified[(theirs == domain) & (verified["task"] != task)]
        if own.empty:
            continue
        own = own.iloc[rng.permutation(len(own))[:count]]
        asked = (cases.frame["task"] == task).to_numpy()
        learnt = cases.part((domains != domain).to_numpy())
        part = cases.part(asked)
        usual = as_the_rule(learnt, part)
        if count:
            usual = usual + _shift(learnt.frame, own, domain)
        found[asked] = looked_up(part.regrets, placed(usual, part.frame))
    return np.where(cases.frame["silent"] & np.isfinite(found), 1.0, found)


def _shift(shipped: pd.DataFrame, own: pd.DataFrame, domain: str) -> float:
    """What the hierarchical model says of the domain, in decades."""
    frame = pd.concat([shipped[list(own.columns)], own], ignore_index=True)
    model = fit_of(frame, DOMAIN)
    here = np.array([[float(name == domain) for name in DOMAIN]])
    return float(model.shifts(here)[0])


def gains(cases: Cases) -> pd.DataFrame:
    """The mean regret with each number of own runs, over draws of them.

    Args:
        cases: Cases.

    Returns:
        DataFrame with `own_runs`, `regret` and `error`, and of the difference to none
        `change` and `change_error`; errors are clustered by task.
    """
    from benchmarks.prior.forms import mean_and_error

    rows, without = [], None
    for count in COUNTS:
        draws = range(DRAWS if 0 < count else 1)
        values = np.mean([regrets_with(cases, count, seed) for seed in draws], axis=0)
        is_known = np.isfinite(values)
        tasks = cases.frame["task"][is_known].reset_index(drop=True)
        values = values[is_known]
        without = values if without is None else without
        mean, error = mean_and_error(values, tasks)
        change, change_error = mean_and_error(values - without, tasks)
        rows.append((count, mean, error, change, change_error))
    names = ["own_runs", "regret", "error", "change", "change_error"]
    return pd.DataFrame(rows, columns=names)

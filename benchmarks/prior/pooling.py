r"""A small hierarchical model of best rates: traits and tasks shift them together.

The log of the best rate of optimizer group $g$ on task $t$ with traits $z_t$ is

$$ y = \mu_g + z_t^\top b + u_t + e, \quad
   b_k \sim N(0, \tau^2), \; u_t \sim N(0, \omega^2), \; e \sim N(0, \sigma^2) $$

1. Each optimizer group has a rate of its own, on average over the tasks.
2. A trait shifts it by the same factor for all optimizers; few cases, a small shift.
3. A task shifts it too, so its five optimizers count little more than one.
4. How large such shifts are ($\tau, \omega, \sigma$) is what makes the cases likeliest.
5. A new task is expected at its group's rate, shifted by its traits.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

START = np.log([0.3, 0.5, 0.3])  # decades: tau, omega, sigma
BOUNDS = [(np.log(1e-3), np.log(10.0))] * 3


@dataclasses.dataclass(frozen=True)
class Pooled:
    """The model, fitted.

    Args:
        means: float array (groups,), of each optimizer group, in log10(lr).
        effects: float array (traits,), what each trait adds.
        scales: float array (3,), sd of effects, tasks and single cases, in decades.
        shift: float array (traits,), subtracted from traits.
    """

    means: np.ndarray
    effects: np.ndarray
    scales: np.ndarray
    shift: np.ndarray

    def shifts(self, traits: np.ndarray) -> np.ndarray:
        """What traits (n, k) add to the rate of the group, in decades: (n,)."""
        return (traits - self.shift) @ self.effects

    def expected(self, groups: np.ndarray, traits: np.ndarray) -> np.ndarray:
        """log10 of the rate expected of new tasks: float array (n,)."""
        return self.means[groups] + self.shifts(traits)


def fit_pooled(
    y: np.ndarray, groups: np.ndarray, tasks: np.ndarray, traits: np.ndarray
) -> Pooled:
    """Fit by maximum likelihood; the rest follows in closed form.

    Args:
        y: float array (n,), log10 of best rates.
        groups: int array (n,), from 0.
        tasks: array (n,), which task each is of.
        traits: float array (n, k).

    Returns:
        Pooled.
    """
    shift = traits.mean(axis=0)
    traits = traits - shift
    same_task = (tasks[:, None] == tasks[None, :]).astype(float)
    alike = traits @ traits.T
    groups_of = np.eye(groups.max() + 1)[groups]

    def covariance(logs: np.ndarray) -> np.ndarray:
        tau, omega, sigma = np.exp(2 * logs)
        return tau * alike + omega * same_task + sigma * np.eye(len(y))

    def solve(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        factor = cho_factor(covariance(logs), lower=True)
        weighted = cho_solve(factor, groups_of)
        means = np.linalg.lstsq(groups_of.T @ weighted, weighted.T @ y, rcond=None)[0]
        left = cho_solve(factor, y - groups_of @ means)
        log_det = 2 * np.log(np.diag(factor[0])).sum()
        return means, left, float((y - groups_of @ means) @ left + log_det)

    logs = minimize(lambda x: solve(x)[2], START, bounds=BOUNDS).x
    means, left, _ = solve(logs)
    effects = np.exp(2 * logs[0]) * traits.T @ left
    return Pooled(means, effects, np.exp(logs), shift)

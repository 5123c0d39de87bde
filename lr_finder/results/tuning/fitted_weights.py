"""Weights fitted as one flat vector, and what that cost."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder.analysis.tuning.best_so_far import best_so_far

if TYPE_CHECKING:
    import pandas as pd


@dataclasses.dataclass(frozen=True, eq=False)
class FittedWeights:
    """Where a fit of flat weights ended.

    Args:
        method: str, `"evolution"`, `"lbfgs"` or `"newton-cg"`.
        weights: float array (n,), those of the lowest loss.
        losses: float array (m,), each that was computed, in order.
        costs: float array (m,), paid by then, in gradients of the whole data: a loss
            alone is a third of one, a product with the second derivatives two.
        stopped_by: str, `"converged"`, `"budget"` or `"line search"`.
        parameters: dict of arrays, the same weights as a NumPy model takes them; None
            for a Keras model, which has them already.

    Example:
    >>> fitted = FittedWeights("lbfgs", np.zeros(2), np.array([3.0, 1.0, 2.0]),
    ...                        np.array([1.0, 2.0, 3.0]), "converged")
    >>> fitted.loss, print(fitted)
    lbfgs: loss 1 with 2 weights after 3 gradients, converged
    (1.0, None)
    """

    method: str
    weights: np.ndarray
    losses: np.ndarray
    costs: np.ndarray
    stopped_by: str
    parameters: dict[str, Any] | None = dataclasses.field(default=None, repr=False)

    @property
    def loss(self) -> float:
        """The lowest loss."""
        return float(best_so_far(self.losses)[-1])

    def to_frame(self) -> pd.DataFrame:
        """A tidy table, one row for each loss that was computed.

        Returns:
            DataFrame with `cost` (in gradients), `loss` and `best` (the lowest so far).
        """
        import pandas as pd

        best = best_so_far(self.losses)
        return pd.DataFrame({"cost": self.costs, "loss": self.losses, "best": best})

    def __str__(self) -> str:
        end = {"budget": "out of budget", "line search": "in a failed line search"}
        return (
            f"{self.method}: loss {self.loss:.4g} with {len(self.weights):,} weights "
            f"after {self.costs[-1]:,.0f} gradients, "
            f"{end.get(self.stopped_by, self.stopped_by)}"
        )

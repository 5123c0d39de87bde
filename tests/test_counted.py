"""Messages that count something say "1 step" and "2 steps"."""

import dataclasses

import numpy as np
import pytest

from lr_finder.analysis.sweep.nonfinite import not_finite_error
from lr_finder.analysis.training.record import TrainingRecord
from lr_finder.errors import InputError
from lr_finder.results.sweep import Curve, SweepResult
from lr_finder.results.verification import Stability


@pytest.mark.parametrize(("n", "s", "es"), [(1, "", ""), (2, "s", "es")])
def test_one_is_in_the_singular(n, s, es):
    lrs = np.geomspace(1e-3, 1e-2, n)
    assert f"of {n} step{s}," in repr(Curve(lrs, np.ones(n)))
    told = repr(TrainingRecord({"loss": [1.0] * n, "epoch": list(range(n))}))
    assert told == f"<TrainingRecord of {n} batch{es} in {n} epoch{s}>"
    stability = Stability(0.2, n, True)
    assert str(stability).endswith(f"within {n} step{s}")
    calm = dataclasses.replace(stability, has_diverged=False)
    assert str(calm).startswith(f"only {n} step{s} left")
    assert f"after {n} step{s}," in str(not_finite_error(n, 1e-7, 1))
    with pytest.raises(InputError, match=rf"{n} rate{s} and 3 losses\."):
        SweepResult([Curve(lrs, np.ones(3))])

"""Every rule from scratch makes the steps of Keras' optimizer."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lr_finder.reference import UPDATE_RULES

pytestmark = pytest.mark.training
ROOT = Path(__file__).parents[2]
NOT_IN_KERAS = {"schedule_free_sgd"}
CASES = [*UPDATE_RULES.keys() - NOT_IN_KERAS, "rmsprop, centered"]
FLOAT32, FLOAT64 = 1e-5, 1e-12
# Keras divides the matrix by its norm, for Muon, in float32.
FLOAT64_MUON = 1e-6
# Under torch Keras multiplies the weights by 1 - rate * decay, rounded to float32.
FLOAT32_OF_TORCH = {"adamw": 1e-4, "nadam": 2e-5}


@pytest.mark.few(15)
@pytest.mark.parametrize("case", sorted(CASES))
def test_in_float32(case):
    keras = pytest.importorskip("keras")
    from benchmarks import reference_rules

    assert set(reference_rules.CASES) == set(CASES)
    is_torch = keras.backend.backend() == "torch"
    bound = FLOAT32_OF_TORCH.get(case, FLOAT32) if is_torch else FLOAT32
    assert reference_rules.error(case, seed=7) < bound


def test_in_float64():
    """JAX computes in it if it is told before it is loaded."""
    keras = pytest.importorskip("keras")
    if keras.backend.backend() != "jax":
        pytest.skip("TensorFlow and torch round Keras' numbers to float32 first")
    run = subprocess.run(
        [sys.executable, "benchmarks/reference_rules.py", "--float64", "--json"],
        cwd=ROOT, capture_output=True, text=True, check=True,
        env=os.environ | {"JAX_ENABLE_X64": "1", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    found = json.loads(run.stdout)
    assert set(found) == set(CASES)
    assert found.pop("muon") < FLOAT64_MUON
    assert max(found.values()) < FLOAT64, found


def test_the_error_would_show_another_place_of_epsilon():
    """A rule with the paper's epsilon instead of Keras' does not pass."""
    import numpy as np

    from benchmarks import reference_rules
    from lr_finder import reference

    def papers(parameters, gradients, state, *, learning_rate):
        v, s = reference.initialize_adam(parameters) if state is None else state[:2]
        t = 1 if state is None else state[2] + 1
        grads = {f"d{key}": value for key, value in gradients.items()}
        parameters, v, s, *_ = reference.update_parameters_with_adam(
            parameters, grads, v, s, t, learning_rate, epsilon=np.float32(1e-7)
        )
        return parameters, (v, s, t)

    kept = UPDATE_RULES["adam"]
    try:
        UPDATE_RULES["adam"] = papers
        assert reference_rules.error("adam", seed=7) > FLOAT32
    finally:
        UPDATE_RULES["adam"] = kept

"""The engine against softmax regression with momentum, written out in NumPy."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.suggestion_quality.tasks import TASKS
from lr_finder.schedules import cosine, wsd

STEPS, RATES, SEEDS, AVERAGE = 40, (0.5, 0.1), (1, 2), 0.8
SHAPES = np.stack(
    [cosine(1.0, 0.0, STEPS)(range(STEPS)), wsd(1.0, STEPS)(range(STEPS))]
)
PROGRAM = f"""
import dataclasses, sys
import numpy as np
from benchmarks.suggestion_quality import engine
from benchmarks.suggestion_quality.tasks import TASKS

task = dataclasses.replace(TASKS["digits_linear"], budget={STEPS})
shapes = np.load(sys.argv[1] + "/shapes.npy")
found = dict(orders=[engine.batch_order(task, seed) for seed in {SEEDS}])
for seed in {SEEDS}:
    found["kernel%d" % seed], found["bias%d" % seed] = task.build(seed).get_weights()
for name, options in dict(
    constant=dict(), shaped=dict(shape=shapes), one_shape=dict(shape=shapes[1]),
    averaged=dict(shape=shapes, average={AVERAGE}),
).items():
    found[name] = engine.train(task, "momentum", {RATES}, {SEEDS}, **options)
found["losses"], _ = engine.record(task, "momentum", {RATES}, {SEEDS}, shape=shapes)
np.savez(sys.argv[1] + "/found.npz", **found)
"""


def softmax_regression(kernel, bias, order, rates, average):
    """Validation loss after every second step; with weights or their average."""
    x, y, x_validation, y_validation = TASKS["digits_linear"].load()
    weights = np.vstack([kernel, bias]).astype(float)
    x, x_validation = (np.column_stack([a, np.ones(len(a))]) for a in (x, x_validation))
    speed, mean, found = np.zeros_like(weights), np.zeros_like(weights), []
    for step, (batch, rate) in enumerate(zip(order, rates, strict=True)):
        shares = np.exp(x[batch] @ weights)
        shares /= shares.sum(1, keepdims=True)
        shares[np.arange(len(batch)), y[batch]] -= 1
        speed = 0.9 * speed - rate * x[batch].T @ shares / len(batch)
        weights = weights + speed
        mean = average * mean + (1 - average) * weights if step else weights
        if step % 2:
            logits = x_validation @ (mean if average else weights)
            logits -= np.log(np.exp(logits).sum(1, keepdims=True))
            found.append(-logits[np.arange(len(logits)), y_validation].mean())
    return found


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    pytest.importorskip("jax")
    folder = tmp_path_factory.mktemp("engine")
    np.save(folder / "shapes.npy", SHAPES)
    subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)], cwd=Path(__file__).parents[2],
        env=os.environ | {"KERAS_BACKEND": "jax"}, check=True, capture_output=True,
    )  # fmt: skip
    return dict(np.load(folder / "found.npz"))


@pytest.mark.slow  # JAX starts and compiles
@pytest.mark.parametrize(
    ("name", "shapes", "average"),
    [
        ("constant", np.ones_like(SHAPES), 0),
        ("shaped", SHAPES, 0),
        ("one_shape", SHAPES[[1, 1]], 0),
        ("averaged", SHAPES, AVERAGE),
    ],
)
def test_every_training_has_its_rates_and_judges_its_weights(
    found, name, shapes, average
):
    assert found[name].shape == (len(SEEDS), len(RATES), 20)
    for place, seed in enumerate(SEEDS):
        start = found[f"kernel{seed}"], found[f"bias{seed}"], found["orders"][place]
        for number, (rate, shape) in enumerate(zip(RATES, shapes, strict=True)):
            expected = softmax_regression(*start, rate * shape, average)
            np.testing.assert_allclose(found[name][place, number], expected, rtol=1e-4)


@pytest.mark.slow
def test_the_first_training_loss_is_that_of_the_first_weights(found):
    assert found["losses"].shape == (len(SEEDS), len(RATES), STEPS)
    np.testing.assert_array_equal(found["losses"][:, 0, 0], found["losses"][:, 1, 0])

"""Records of trainings, and what every figure of them must keep."""

import numpy as np
import pytest

from lr_finder.analysis.training.distributions import Distribution, summarise
from lr_finder.analysis.training.record import LayerNorms, TrainingRecord

BATCHES, PER_EPOCH = 60, 20


def make_record(losses=None, layers=3, **batches):
    """Three epochs of twenty batches that fall from 2 to about 0.3."""
    rng = np.random.default_rng(0)
    if losses is None:
        losses = 0.3 + 1.7 * np.exp(-np.arange(BATCHES) / 10)
    n = len(losses)
    epoch = np.arange(n) // PER_EPOCH
    batches = {
        "loss": list(losses),
        "epoch": list(epoch),
        "learning_rate": [0.1] * n,
        "seconds": [0.5] * n,
    } | batches
    steps = np.arange(0, n, 10)
    scale = 10.0 ** -np.arange(layers)
    norms = LayerNorms(
        steps,
        [f"model/layer_{i}" for i in range(layers)],
        scale * np.ones((len(steps), 1)),
        1e-3 * scale * np.ones((len(steps), 1)),
    )
    x = [summarise(rng.normal(size=(16, 4))) for _ in range(n)]
    y = [summarise(rng.integers(0, 3, 16), is_target=True) for _ in range(n)]
    epochs = {"loss": [1.0, 0.5, 0.4], "val_loss": [0.9, 0.6, 0.5]}
    distributions = (Distribution("x", x), Distribution("y", y))
    return TrainingRecord(batches, epochs, norms if layers else None, distributions)


@pytest.fixture
def record():
    return make_record()


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def line(ax, label):
    return next(each for each in ax.lines if str(each.get_label()).startswith(label))


def assert_legend_is_outside(ax):
    ax.figure.draw_without_rendering()
    legend = ax.get_legend().get_window_extent()
    assert legend.y1 < ax.xaxis.label.get_window_extent().y0
    assert legend.y0 >= 0 and legend.x0 >= 0
    assert legend.x1 <= ax.figure.bbox.width

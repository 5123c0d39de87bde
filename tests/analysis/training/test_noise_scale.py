"""The noise scale of gradients whose law is known."""

import math

import numpy as np
import pytest

from lr_finder.analysis.training.noise_scale import simple_noise_scale
from lr_finder.errors import InputError


def test_the_mean_gradient_and_its_noise_are_told_apart():
    """Gradients g + N(0, S): norms of means of b and B samples tell tr(S) / |g|²."""
    rng = np.random.default_rng(0)
    gradient, deviations = rng.normal(size=20), rng.uniform(0.5, 4.0, size=20)
    samples = gradient + deviations * rng.normal(size=(4000, 32, 20))
    halves = samples.reshape(4000, 2, 16, 20).mean(axis=2)
    small = np.sum(halves**2, axis=2).mean(axis=1)
    big = np.sum(samples.mean(axis=1) ** 2, axis=1)
    expected = np.sum(deviations**2) / np.sum(gradient**2)
    assert simple_noise_scale(small, big, 16, 32) == pytest.approx(expected, rel=0.03)


def test_the_expected_norms_give_it_exactly():
    squared, trace = 3.0, 12.0
    for b, big in ((1, 2), (16, 32), (7, 100)):
        found = simple_noise_scale(
            [squared + trace / b], [squared + trace / big], b, big
        )  # fmt: skip
        assert found == pytest.approx(4.0)


def test_without_noise_without_gradient_and_without_steps():
    assert simple_noise_scale([2.0], [2.0], 4, 8) == 0.0
    assert simple_noise_scale([2.0], [0.5], 4, 8) == math.inf
    assert math.isnan(simple_noise_scale([], [], 4, 8))
    assert math.isnan(simple_noise_scale([np.inf], [1.0], 4, 8))


@pytest.mark.parametrize("sizes", [(0, 4), (4, 4), (8, 4)])
def test_sizes_must_differ(sizes):
    with pytest.raises(InputError, match="`big_size` must be greater"):
        simple_noise_scale([1.0], [1.0], *sizes)

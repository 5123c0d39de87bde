"""Runs to keep, made without a training."""

import uuid

import numpy as np
import pytest

from lr_finder.history.kept_columns import checked_run
from lr_finder.results.finding import Finding
from lr_finder.results.sweep import Curve, SweepResult


@pytest.fixture
def make_run():
    """A run with the values given and an id of its own."""

    def make(**values):
        usual = {
            "id": uuid.uuid4().hex, "date": "2026-11-30T12:00:00", "command": "find",
            "optimizer": "Adam", "kind": "images", "origin": "own", "suggested": 3e-3,
        }  # fmt: skip
        return checked_run(usual | values)

    return make


@pytest.fixture
def make_finding():
    """A finding of a curve that falls from 1e-4 on and climbs from 1 on."""

    def make(optimizer="Adam", model=None, **about):
        lrs = np.logspace(-6, 1, 100)
        losses = 1.2 - np.tanh(np.log10(lrs) + 3) + lrs**2
        metadata = {"optimizer": optimizer, "batch_size": 16, "loss": "mse"}
        sweep = SweepResult([Curve(lrs, losses)], metadata | {"parameters": 7})
        about = {"source": "ada/secret.csv", "target": "salary"} | about
        return Finding(about, sweep, "window", sweep.suggest(), model=model)

    return make

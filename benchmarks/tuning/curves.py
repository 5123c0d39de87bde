"""Validation losses over whole trainings, which giving trainings up needs.

The stored truth has only the best loss of each training. These are the same trainings
of seven small tasks, with all 20 evaluations.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.suggestion_quality.tasks import TASKS
from benchmarks.suggestion_quality.truth import RATES, SEEDS
from lr_finder._files import write_atomically

FILE = Path(__file__).with_name("curves.npz")
NAMES = ("iris_tiny", "cancer_unscaled", "diabetes_raw_target", "wine_dropout",
         "digits_linear", "noisy_labels", "friedman_deep")  # fmt: skip
OPTIMIZERS = ("momentum", "adam")
Case = tuple[str, str]


def extend(run: Callable[..., np.ndarray], path: Path = FILE) -> Iterator[Case]:
    """Train the cases that the file lacks; it is written anew after each.

    Losses are stored as half floats relative to that of the best constant prediction,
    which they do not exceed.

    Args:
        run: callable `(task, optimizer, rates, seeds) -> losses`, as `engine.train`.
        path: Path of the NPZ file.

    Yields:
        Each case that was trained.
    """
    arrays = _read(path)
    for case in [(task, optimizer) for task in NAMES for optimizer in OPTIMIZERS]:
        if "/".join(case) in arrays:
            continue
        task = TASKS[case[0]]
        losses = run(task, case[1], list(RATES), list(SEEDS)) / task.base_loss()
        losses = np.minimum(np.where(np.isfinite(losses), losses, 1.0), 1.0)
        arrays["/".join(case)] = losses.astype("float16")
        write_atomically(path, lambda file: np.savez_compressed(file, **arrays))
        yield case


def _read(path: Path) -> dict[str, np.ndarray]:
    if not path.exists():
        return {}
    with np.load(path) as arrays:
        return dict(arrays)


@functools.cache
def load_curves(path: Path = FILE) -> dict[Case, np.ndarray]:
    """Relative validation losses (seeds, rates, evaluations) of each case.

    Args:
        path: Path of the NPZ file.

    Returns:
        dict of (task, optimizer) to float array.
    """
    return {
        (key.split("/")[0], key.split("/")[1]): array.astype(float)
        for key, array in _read(path).items()
    }

"""Records the trainings, and reads what was recorded."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.training_patterns.settings import FRESH, OPTIMIZERS, SETTINGS, Setting

FILE = Path(__file__).with_name("trainings.npz")
SEED = 0


class Training(NamedTuple):
    """The losses of one training at a constant rate.

    Args:
        batches: float array (steps,), the loss of each batch.
        validation: float array (epochs,), at the end of each epoch.
    """

    batches: np.ndarray
    validation: np.ndarray

    @property
    def epochs(self) -> np.ndarray:
        """The mean of the losses of the batches of each epoch, as Keras reports it."""
        with np.errstate(over="ignore", invalid="ignore"):
            parts = self.batches.reshape(len(self.validation), -1)
            return parts.astype(float).mean(axis=1)


def record(setting: Setting) -> dict[str, Training]:
    """Train at each rate of a setting; needs KERAS_BACKEND=jax.

    Args:
        setting: Setting.

    Returns:
        dict of `setting.name@rate` to Training.
    """
    import jax
    import jax.numpy as jnp
    import keras

    from benchmarks.suggestion_quality.engine import _training, batch_order

    task = setting.task()
    model = task.build(SEED)
    kind, options = OPTIMIZERS[setting.optimizer]
    optimizer = getattr(keras.optimizers, kind)(1e-3, **options)
    one = _training(task, model, optimizer)
    weights = [[v.value for v in model.trainable_variables]]
    weights += [[v.value for v in model.non_trainable_variables]]
    order = batch_order(task, SEED).reshape(setting.epochs, -1, setting.batch_size)
    run = jax.jit(jax.vmap(one, (None, None, 0)))
    losses, validation = run(weights, jnp.asarray(order), jnp.float32(setting.rates))
    return {
        f"{setting.name}@{rate:g}": Training(*map(np.asarray, parts))
        for rate, *parts in zip(
            setting.rates, losses.reshape(len(losses), -1), validation, strict=True
        )
    }


def extend(path: Path = FILE) -> Iterator[str]:
    """Record what the file lacks; each setting is written as soon as it is trained.

    Args:
        path: Path of the file.

    Yields:
        str, the name of a setting, after it was trained.
    """
    there = set(load(path)) if path.exists() else set()
    for setting in (*SETTINGS, *FRESH):
        if f"{setting.name}@{setting.rates[0]:g}" in there:
            continue
        recorded = record(setting)
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
            for name, training in recorded.items():
                for part, values in training._asdict().items():
                    stored = io.BytesIO()
                    np.save(stored, values.astype("float32"))
                    file.writestr(f"{name}/{part}.npy", stored.getvalue())
        yield setting.name


def load(path: Path = FILE) -> dict[str, Training]:
    """What was recorded.

    Args:
        path: Path of the file.

    Returns:
        dict of name to Training, in the order of `SETTINGS` and `FRESH`.
    """
    with np.load(path) as file:
        names = dict.fromkeys(key.rsplit("/", 1)[0] for key in file.files)
        return {
            name: Training(file[f"{name}/batches"], file[f"{name}/validation"])
            for name in names
        }

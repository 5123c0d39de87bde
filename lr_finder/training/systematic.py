"""The exhaustive way: a short training at each of many rates."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np

from lr_finder._arguments import check_count, check_range, names_checked
from lr_finder.analysis.sweep.nonfinite import not_finite_trials
from lr_finder.analysis.verification.candidates import Stretch
from lr_finder.analysis.verification.trial_losses import level
from lr_finder.errors import InputError
from lr_finder.training.checking.preconditions import (
    check_targets,
    check_training,
    drawn_seed,
    open_data,
)
from lr_finder.training.checking.spoilt import check_finite, named_cause
from lr_finder.training.feeding.batches import Batches
from lr_finder.training.feeding.passes import batches_of, parts_of, passed_over_again
from lr_finder.training.feeding.replay import Replay
from lr_finder.training.optimizer_rates import accumulation_of, check_accumulation
from lr_finder.training.preserving.limits import limits_lifted
from lr_finder.training.state import ModelState, preserve_state
from lr_finder.training.stepping.refusals import check_compiled
from lr_finder.training.trials import KerasTrials

RATES = 20  # five a decade of the default range
FEWEST_STEPS = 50  # of a training on small data


@names_checked
def systematic_lr_testing(
    model: keras.Model,
    dataset: Any,
    lr_range: tuple[float, float] = (1e-5, 1e-1),
    num: int = RATES,
    *,
    steps: int | None = None,
    batch_size: int = 32,
    seed: int | None = None,
    verbose: int | str = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Train briefly at each of many rates, from the same weights on the same batches.

    Each rate gives the same result as with a fresh clone of the model and its weights.
    One model is used for all rates: its variables are put back in between and at the
    end, to the last bit. The best rate is `learning_rates[losses.argmin()]`. All
    trainings cost `num * steps` steps; `lr_finder.sweep` takes a fraction of that.

    Args:
        model: keras.Model, compiled.
        dataset: batched tf.data.Dataset, keras.utils.PyDataset, Python generator or
            PyTorch DataLoader that ends; or a tuple `(x, y)` or
            `(x, y, sample_weight)` of arrays; or `x` alone for a model that needs no
            targets. Batches of a generator are kept in memory, up to 1 GiB.
        lr_range: (float, float), lowest and highest rate, 0 < lowest < highest.
        num: int >= 2, how many rates, spaced by equal factors.
        steps: int >= 1, steps of each training; None for one epoch, or 50 steps if that
            is more.
        batch_size: int >= 1, samples in a batch (of arrays only).
        seed: int or None, from which the order of the batches is drawn (of arrays).
        verbose: Keras' progress bar, one for each rate: 0, 1, 2 or `"auto"`.

    Returns:
        `(learning_rates, losses)`, float64 arrays (num,): `losses[i]` is the median
        loss of a batch in the last third of the training; inf if it diverged.

    Raises:
        InputError: If an argument breaks its rule.
        ModelError: If the model cannot be trained; nothing has been touched then.
        SuggestionError: If data or loss function make the loss NaN at every rate.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.linspace(-1.0, 1.0, 64, dtype="float32")[:, None]
    >>> rates, losses = systematic_lr_testing(model, (x, 2 * x), num=5, seed=0)
    >>> rates.round(5).tolist(), int(losses.argmin())
    ([1e-05, 0.0001, 0.001, 0.01, 0.1], 4)
    """
    rates = _rates(lr_range, num)
    check_count("batch_size", batch_size, least=1)
    if steps is None:
        dataset = passed_over_again(dataset, "dataset")
        steps = max(batches_of(dataset, batch_size, "dataset"), FEWEST_STEPS)
    check_count("steps", steps, least=1)
    x, y, weight = parts_of(dataset, "dataset")
    check_compiled(model)
    check_targets(model, x, y, "dataset", "Give dataset=(x, y).")
    check_training(model, x, y, batch_size=batch_size, group=None, callbacks=None)
    seed, count = drawn_seed(seed), accumulation_of(model.optimizer)
    batches, _ = open_data(
        model, x, y, sample_weight=weight, class_weight=None, validation_data=None,
        validation_samples=None, batch_size=batch_size, steps=steps * count,
        repeats=1, seed=seed,
    )  # fmt: skip
    made = {}
    with limits_lifted(), preserve_state(model, batches.element) as (state, interrupt):
        check_finite(model, state, batches)
        check_accumulation(model.optimizer, count)
        trials = KerasTrials(
            model, state, interrupt, Replay(batches), seed=seed,
            fitting={"verbose": verbose},
        )  # fmt: skip
        for rate in rates:
            made[rate] = trials.run(float(rate), 0, steps, is_kept=False)
        _check_some_trained(made, model, state, batches)
    losses = [
        math.inf if stretch.has_diverged else level(stretch.losses)
        for stretch in made.values()
    ]
    return rates, np.array(losses)


def _check_some_trained(
    made: dict[float, Stretch], model: keras.Model, state: ModelState, batches: Batches
) -> None:
    """Raise `SuggestionError` if no rate can be why all trainings ended with NaN."""
    if all(stretch.has_diverged for stretch in made.values()):
        losses = {rate: stretch.losses for rate, stretch in made.items()}
        error = not_finite_trials(losses)
        if error is not None:
            with named_cause(model, state, batches):
                raise error


def _rates(lr_range: Any, num: int) -> np.ndarray:
    """The rates asked for, in equal factors."""
    check_count("num", num, least=2)
    try:
        lowest, highest = lr_range
    except (TypeError, ValueError):
        raise InputError(
            "Argument `lr_range` must be (lowest, highest). Received: "
            f"{lr_range!r:.50}. The default is (1e-5, 1e-1)."
        ) from None
    check_range(lowest, highest, num)
    return np.geomspace(lowest, highest, num)

"""Many trainings at once: every rate and seed of a case in one compiled program.

Keras' own layers, losses and optimizers are run in their stateless form under
`jax.vmap`, so a training is what `fit` would do with the same batches; `check` in
`__main__` measures the difference. Needs KERAS_BACKEND=jax.
"""

from __future__ import annotations

import numpy as np

from benchmarks.suggestion_quality.tasks import Task, make_optimizer

EVALUATIONS = 20  # of the validation loss, evenly over the budget
MOVING_AVERAGE = "_model_variables_moving_average"  # of an optimizer with `use_ema`


def batch_order(task: Task, seed: int) -> np.ndarray:
    """Which samples each batch holds: permutation after permutation.

    Args:
        task: Task.
        seed: int, decides the order.

    Returns:
        int array (budget, batch_size), indices into the training set.
    """
    rng = np.random.default_rng([seed, 1])
    samples, wanted = len(task.load().x), task.budget * task.batch_size
    passes = [rng.permutation(samples) for _ in range(-(-wanted // samples))]
    return np.concatenate(passes)[:wanted].reshape(task.budget, task.batch_size)


def train(
    task: Task, optimizer: str, rates: list[float], seeds: list[int],
    shape: np.ndarray | None = None, average: float | None = None,
) -> np.ndarray:  # fmt: skip
    """Train once for each seed and rate, at a constant rate or by a schedule.

    Args:
        task: Task.
        optimizer: str, of `OPTIMIZERS`; or a Keras optimizer.
        rates: list of float; or float array (seeds, rates), others for each seed.
        seeds: list of int, for the weights, dropout and the order of batches.
        shape: float array (budget,), what the rate of each step is multiplied by; or
            (rates, budget), another one for each rate; None for a constant rate.
        average: float in [0, 1), the momentum of Keras' moving average of the weights
            (`use_ema`), which is validated in place of the weights; None without one.

    Returns:
        float array (seeds, rates, EVALUATIONS), the validation loss; not finite from
        where a training was lost.
    """
    return record(task, optimizer, rates, seeds, shape=shape, average=average)[1]


def record(
    task: Task, optimizer: str, rates: list[float], seeds: list[int],
    evaluations: int = EVALUATIONS, shape: np.ndarray | None = None,
    average: float | None = None,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """As `train`, with the training losses, and not always to the end.

    Args:
        task: Task.
        optimizer: str, of `OPTIMIZERS`.
        rates: list of float, or float array (seeds, rates).
        seeds: list of int.
        evaluations: int, after how many of `EVALUATIONS` to end.
        shape: float array (budget,) or (rates, budget), as in `train`.
        average: float, as in `train`.

    Returns:
        (losses, validation): float arrays (seeds, rates, steps), the training loss of
        each step, and (seeds, rates, evaluations).
    """
    import jax

    models = [task.build(seed) for seed in seeds]
    weights = [_stacked(models, "trainable_variables")]
    weights += [_stacked(models, "non_trainable_variables")]
    orders = np.stack([batch_order(task, seed) for seed in seeds])
    orders = orders.reshape(len(seeds), EVALUATIONS, -1, task.batch_size)
    orders = orders[:, :evaluations]
    rates = np.broadcast_to(
        np.asarray(rates, "float32"), (len(seeds), np.shape(rates)[-1])
    )
    factors = _factors(task, rates.shape[1], shape)[:, :evaluations]
    if isinstance(optimizer, str):
        optimizer = make_optimizer(optimizer, 1e-3)
    if average is not None:
        optimizer.use_ema, optimizer.ema_momentum = True, average
    one = _training(task, models[-1], optimizer)
    if task.vectorize:
        over_rates = jax.vmap(one, (None, None, 0, 0))
        run = jax.jit(jax.vmap(over_rates, (0, 0, 0, None)))
        found = run(weights, orders, rates, factors)
    else:
        run = jax.jit(one)
        found = zip(
            *(
                run(_of_seed(weights, number), orders[number], rate, own)
                for number in range(len(seeds))
                for rate, own in zip(rates[number], factors, strict=True)
            ),
            strict=True,
        )
    losses, validation = (np.array(part).reshape(*rates.shape, -1) for part in found)
    return losses, validation


def _stacked(models, attribute: str) -> list:
    """The variables of several models of one kind, one array (models, …) for each."""
    import jax.numpy as jnp

    columns = zip(*(getattr(model, attribute) for model in models), strict=True)
    return [jnp.stack([variable.value for variable in column]) for column in columns]


def _of_seed(weights: list, number: int) -> list:
    return [[stack[number] for stack in part] for part in weights]


def _factors(task: Task, rates: int, shape: np.ndarray | None) -> np.ndarray:
    """What each step's rate is multiplied by: (rates, EVALUATIONS, steps)."""
    shape = np.ones(task.budget) if shape is None else np.asarray(shape)
    factors = np.broadcast_to(shape.astype("float32"), (rates, task.budget))
    return factors.reshape(rates, EVALUATIONS, -1)


def _training(task: Task, model, optimizer):
    """The function of weights, batches, rate, factors: losses and validation losses.

    The factors (evaluations, steps) are what the rate of each step is multiplied by.
    """
    import jax
    import jax.numpy as jnp

    optimizer.build(model.trainable_variables)
    slots = [variable.value for variable in optimizer.variables]
    rate_index = optimizer.variables.index(optimizer._learning_rate)
    kept = {id(each) for each in getattr(optimizer, MOVING_AVERAGE, ())}
    averages = [i for i, each in enumerate(optimizer.variables) if id(each) in kept]
    x, y, x_validation, y_validation = map(jnp.asarray, task.load())
    loss = task.keras_loss()

    def batch_loss(weights, fixed, batch):
        outputs, fixed = model.stateless_call(weights, fixed, x[batch], training=True)
        return loss(y[batch], outputs), fixed

    def step(state, given):
        batch, factor = given
        weights, fixed, slots, rate = state
        slots = [*slots]
        slots[rate_index] = rate * factor
        gradient = jax.value_and_grad(batch_loss, has_aux=True)
        (before, fixed), gradients = gradient(weights, fixed, batch)
        weights, slots = optimizer.stateless_apply(slots, gradients, weights)
        return (weights, fixed, slots, rate), before

    def stretch(state, given):
        state, losses = jax.lax.scan(step, state, given)
        weights, fixed, slots, _ = state
        judged = [slots[index] for index in averages]
        judged = judged or _judged_weights(optimizer, weights, slots)
        outputs, _ = model.stateless_call(judged, fixed, x_validation, training=False)
        return state, (losses, loss(y_validation, outputs))

    def whole(weights, batches, rate, factors):
        return jax.lax.scan(stretch, (*weights, slots, rate), (batches, factors))[1]

    return whole


def _judged_weights(optimizer, weights: list, slots: list) -> list:
    """The weights to judge a training by: its own, or their average.

    ScheduleFreeAdamW of Keras trains at y = (1 - beta_1) z + beta_1 x and never puts
    the average x in its place (3.15): x is taken from y and its slots z here.
    """
    if type(optimizer).__name__ != "ScheduleFreeAdamW":
        return weights
    numbers = {id(each): number for number, each in enumerate(optimizer.variables)}
    places = [numbers[id(each)] for each in optimizer._momentums]
    beta = optimizer.beta_1
    return [
        (y - (1 - beta) * slots[place]) / beta
        for y, place in zip(weights, places, strict=True)
    ]

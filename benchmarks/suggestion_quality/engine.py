"""Many trainings at once: every rate and seed of a case in one compiled program.

Keras' own layers, losses and optimizers are run in their stateless form under
`jax.vmap`, so a training is what `fit` would do with the same batches; `check` in
`__main__` measures the difference. Needs KERAS_BACKEND=jax.
"""

from __future__ import annotations

import numpy as np

from benchmarks.suggestion_quality.tasks import Task, make_optimizer

EVALUATIONS = 20  # of the validation loss, evenly over the budget


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
    task: Task, optimizer: str, rates: list[float], seeds: list[int]
) -> np.ndarray:
    """Train once for each seed and rate, at a constant rate.

    Args:
        task: Task.
        optimizer: str, of `OPTIMIZERS`.
        rates: list of float.
        seeds: list of int, for the weights, dropout and the order of batches.

    Returns:
        float array (seeds, rates, EVALUATIONS), the validation loss; not finite from
        where a training was lost.
    """
    return record(task, optimizer, rates, seeds)[1]


def record(
    task: Task, optimizer: str, rates: list[float], seeds: list[int],
    evaluations: int = EVALUATIONS,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """As `train`, with the training losses, and not always to the end.

    Args:
        task: Task.
        optimizer: str, of `OPTIMIZERS`.
        rates: list of float.
        seeds: list of int.
        evaluations: int, after how many of `EVALUATIONS` to end.

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
    one = _training(task, models[-1], make_optimizer(optimizer, 1e-3))
    rates = np.asarray(rates, "float32")
    if task.vectorize:
        over_rates = jax.vmap(one, (None, None, 0))
        run = jax.jit(jax.vmap(over_rates, (0, 0, None)))
        found = run(weights, orders, rates)
    else:
        run = jax.jit(one)
        found = zip(
            *(
                run(_of_seed(weights, number), orders[number], rate)
                for number in range(len(seeds))
                for rate in rates
            ),
            strict=True,
        )
    shape = len(seeds), len(rates), -1
    losses, validation = (np.array(part).reshape(shape) for part in found)
    return losses, validation


def _stacked(models, attribute: str) -> list:
    """The variables of several models of one kind, one array (models, …) for each."""
    import jax.numpy as jnp

    columns = zip(*(getattr(model, attribute) for model in models), strict=True)
    return [jnp.stack([variable.value for variable in column]) for column in columns]


def _of_seed(weights: list, number: int) -> list:
    return [[stack[number] for stack in part] for part in weights]


def _training(task: Task, model, optimizer):
    """The function of weights, batches and a rate: losses and validation losses."""
    import jax
    import jax.numpy as jnp

    optimizer.build(model.trainable_variables)
    slots = [variable.value for variable in optimizer.variables]
    rate_index = optimizer.variables.index(optimizer._learning_rate)
    x, y, x_validation, y_validation = map(jnp.asarray, task.load())
    loss = task.keras_loss()

    def batch_loss(weights, fixed, batch):
        outputs, fixed = model.stateless_call(weights, fixed, x[batch], training=True)
        return loss(y[batch], outputs), fixed

    def step(state, batch):
        weights, fixed, slots = state
        gradient = jax.value_and_grad(batch_loss, has_aux=True)
        (before, fixed), gradients = gradient(weights, fixed, batch)
        weights, slots = optimizer.stateless_apply(slots, gradients, weights)
        return (weights, fixed, slots), before

    def stretch(state, batches):
        state, losses = jax.lax.scan(step, state, batches)
        outputs, _ = model.stateless_call(*state[:2], x_validation, training=False)
        return state, (losses, loss(y_validation, outputs))

    def whole(weights, batches, rate):
        first = [*slots]
        first[rate_index] = rate
        return jax.lax.scan(stretch, (*weights, first), batches)[1]

    return whole

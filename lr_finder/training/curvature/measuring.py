"""The largest curvature of a model's loss on data, and curvature along a vector."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from scipy.sparse.linalg import LinearOperator, lobpcg

from lr_finder._arguments import check_count, check_fraction, check_seed
from lr_finder.results.curvature import Curvature
from lr_finder.training.curvature.hessian import Hessian, open_hessian
from lr_finder.training.curvature.second_derivatives import Arrays

WARM_UP = 2  # products that tell how large the eigenvalue is, before the search


def hessian_vector_product(
    model: keras.Model,
    x: Any,
    y: Any = None,
    vector: Sequence[Any] | None = None,
    *,
    sample_weight: Any = None,
    batch_size: int = 256,
) -> Arrays:
    r"""The second derivatives of a model's loss, times a vector.

    $$ H v = \nabla_w (v^\top \nabla_w L(w)) $$

    where $w$ are the trainable weights and $L$ is the loss that `model.evaluate` gives
    on the data: the compiled loss with sample weights, penalties of layers and
    regularizers, BatchNorm and Dropout in inference. Batches are averaged by their
    samples, as in `evaluate`. It costs about two gradients, and no matrix is formed.
    The model comes back as it was. A model that is spread over devices is
    differentiated on one.

    Args:
        model: keras.Model, compiled.
        x: array or structure of arrays (samples, …), or batches that end: a
            tf.data.Dataset, keras.utils.PyDataset, Python generator or PyTorch
            DataLoader, which are read once and kept in memory.
        y: targets, like `x`; None if `x` gives batches.
        vector: sequence of arrays, one of the shape of each of
            `model.trainable_variables`.
        sample_weight: array (samples,), weight of each sample in the loss, or None.
        batch_size: int >= 1, samples at once (of arrays only).

    Returns:
        list of float64 arrays, of the shapes of `vector`.

    Raises:
        InputError: If an argument breaks its rule, or a derivative is not finite.
        ModelError: If the loss cannot be differentiated twice: computed in float16 or
            bfloat16, measured by a `test_step` of the model's own, or by an operation
            without a second derivative.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.array([[1.0], [3.0]])
    >>> product = hessian_vector_product(model, x, x, [np.ones((1, 1)), np.zeros(1)])
    >>> [part.ravel().tolist() for part in product]  # 2 (1 + 9) / 2 and 2 (1 + 3) / 2
    [[10.0], [4.0]]
    """
    with open_hessian(model, x, y, sample_weight, batch_size) as hessian:
        return hessian.parts(hessian.times(hessian.flat(vector)))


def largest_curvature(
    model: keras.Model,
    x: Any,
    y: Any = None,
    *,
    sample_weight: Any = None,
    batch_size: int = 256,
    iterations: int = 20,
    tolerance: float = 0.01,
    seed: int = 0,
) -> Curvature:
    r"""The largest eigenvalue $\lambda$ of the second derivatives of a model's loss.

    $$ \lambda = \max_{\lVert v \rVert = 1} v^\top H v $$

    with $H$ and the loss as in `hessian_vector_product`. Gradient descent at a rate
    above $2 / \lambda$ diverges along $v$: see `Curvature.stable_rate`. The search is
    SciPy's LOBPCG from a random direction, with one vector: it keeps as little in
    memory as power iteration, needs about half the products, and finds the largest
    eigenvalue even if a negative one is larger in size. The model comes back as it was.

    Args:
        model: keras.Model, compiled.
        x: as in `hessian_vector_product`; a few hundred samples are enough.
        y: targets, like `x`; None if `x` gives batches.
        sample_weight: array (samples,), weight of each sample in the loss, or None.
        batch_size: int >= 1, samples at once (of arrays only).
        iterations: int >= 1, the most steps of the search; each takes one product,
            and the start and the end take five more.
        tolerance: float in (0, 1), the `residual` at which the search ends early.
        seed: int, from which the first direction is drawn.

    Returns:
        Curvature. Its `residual` says how exact it is.

    Raises:
        InputError: If an argument breaks its rule, or a derivative is not finite.
        ModelError: As `hessian_vector_product`.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.array([[-1.0], [1.0]])
    >>> found = largest_curvature(model, 3 * x, x)
    >>> round(found.value, 3), round(found.stable_rate(), 3)  # 2 · 3²
    (18.0, 0.111)

    References:
        Knyazev, Toward the Optimal Preconditioned Eigensolver, SIAM Journal on
        Scientific Computing 23, 2001 (LOBPCG); LeCun, Simard and Pearlmutter,
        Automatic Learning Rate Maximization by On-Line Estimation of the Hessian's
        Eigenvectors, NIPS 1992.
    """
    check_count("iterations", iterations, least=1)
    check_fraction("tolerance", tolerance, usual=0.01)
    check_seed(seed)
    with open_hessian(model, x, y, sample_weight, batch_size) as hessian:
        start = np.random.default_rng(seed).normal(size=hessian.size)
        vector = _top_direction(hessian, start, iterations, tolerance)
        product = hessian.times(vector)
        value = float(vector @ product)
        off = float(np.linalg.norm(product - value * vector))
        residual = off / abs(value) if off else 0.0
        return Curvature(
            value, tuple(hessian.parts(vector)), residual, hessian.products,
            hessian.samples,
        )  # fmt: skip


def _top_direction(
    hessian: Hessian, start: np.ndarray, iterations: int, tolerance: float
) -> np.ndarray:
    """The direction of the largest eigenvalue, of length 1."""
    vector = start / np.linalg.norm(start)
    for _ in range(WARM_UP):
        product = hessian.times(vector)
        scale = float(np.linalg.norm(product))
        if scale == 0:  # a loss that is linear in the weights, or a rare chance
            return vector
        vector = product / scale

    def times(columns: np.ndarray) -> np.ndarray:
        return np.stack([hessian.times(column) for column in columns.T], axis=-1)

    shape = (hessian.size, hessian.size)
    operator = LinearOperator(
        shape, matvec=hessian.times, matmat=times, dtype=np.float64
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no convergence: the residual says so
        _, found = lobpcg(
            operator, vector[:, None], largest=True, maxiter=iterations,
            tol=tolerance * scale,
        )  # fmt: skip
    return found[:, 0] / np.linalg.norm(found[:, 0])

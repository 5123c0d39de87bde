"""The batches of a `fit`, seen on their way into the training and not changed."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np
from keras.src.trainers.data_adapters import get_data_adapter
from keras.src.trainers.data_adapters.data_adapter import DataAdapter

from lr_finder.errors import InputError
from lr_finder.training.feeding.batch_sources import source_kind


class WatchedBatches(DataAdapter):
    """What `fit` is given in place of its data, to be told which batches it trains on.

    `fit` makes an adapter of whatever data it is given, which shuffles and batches.
    This one holds the adapter that it would make itself, and copies each batch that
    passes through: order, random draws and values are those of a `fit` without it.
    (Adapters have no public name.)

    Args:
        x: array or structure of arrays (samples, …), or a source of batches.
        y: the same, or None.
        sample_weight: array (samples,) or None.
        batch_size: int >= 1, of arrays only.
        class_weight: dict of class to weight, or None.
        shuffle: bool, whether `fit` shuffles, as its argument of that name.
        every: int >= 1, of every so many batches one is copied, the first of each
            epoch to begin with; None copies none.

    Attributes:
        spec: structure of tf.TensorSpec, what a step under TensorFlow is given; None
            before `fit` has opened the batches, and under other backends.

    Example:
    >>> x = np.arange(6.0)[:, None]
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> batches = WatchedBatches(x, x, batch_size=4, shuffle=False)
    >>> _ = model.fit(batches, verbose=0)
    >>> batches.take()[0].ravel().tolist()
    [0.0, 1.0, 2.0, 3.0]
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        batch_size: int | None = 32,
        class_weight: dict[int, float] | None = None,
        shuffle: bool = True,
        every: int | None = 1,
    ):
        options = {"batch_size": batch_size, "shuffle": shuffle}
        kind = source_kind(x)
        if kind is not None:  # only a PyDataset lets itself be shuffled
            options = {"shuffle": shuffle and kind == "keras.utils.PyDataset"}
        try:
            self._adapter = get_data_adapter(
                x, y, sample_weight, class_weight=class_weight, **options
            )
        except ValueError as error:
            raise InputError(
                f"The training data must be what `fit` takes. Received: "
                f"{type(x).__name__}, of which Keras says: {error}"
            ) from error
        self.spec: Any = None
        self._every = every
        self._passed: collections.deque[Any] = collections.deque()

    def take(self) -> Any:
        """The batch copied that was trained on next after the last one taken.

        Returns:
            structure of arrays, as `train_step` was given it: most often a tuple
            `(x,)`, `(x, y)` or `(x, y, sample_weight)`.
        """
        return self._passed.popleft()

    def share_of(self, batch: int) -> float:
        """The samples of a batch of an epoch, as a share of a whole batch.

        Args:
            batch: int, counted from 0.

        Returns:
            float in (0, 1]; 1 if the sizes are not known.
        """
        is_last = self.num_batches is not None and batch + 1 == self.num_batches
        if is_last and self.has_partial_batch and self.batch_size:
            return (self.partial_batch_size or self.batch_size) / self.batch_size
        return 1.0

    def _see(self, batch: Any) -> Any:
        """Keep a copy of a batch that passes."""
        self._passed.append(keras.tree.map_structure(_on_host, batch))
        return batch

    def _watched(self, batches: Iterable[Any]) -> Iterable[Any]:
        """The same batches, some of them copied; a loader draws as it is opened."""
        if self._every is None:
            return batches
        every = self._every

        def pass_on(number: int, batch: Any) -> Any:
            return batch if number % every else self._see(batch)

        return map(pass_on, itertools.count(), batches)

    def get_numpy_iterator(self) -> Iterable[Any]:
        """Batches as arrays."""
        return self._watched(self._adapter.get_numpy_iterator())

    def get_jax_iterator(self) -> Iterable[Any]:
        """Batches for JAX."""
        return self._watched(self._adapter.get_jax_iterator())

    def get_torch_dataloader(self) -> Iterable[Any]:
        """Batches for torch; its loader draws as it is opened, and so it is here."""
        return self._watched(self._adapter.get_torch_dataloader())

    def get_tf_dataset(self) -> Any:
        """Batches for TensorFlow: the same pipeline, with one look at its end."""
        import tensorflow as tf

        dataset = self._adapter.get_tf_dataset()
        if self._every is None:
            return dataset
        every, spec = self._every, dataset.element_spec
        leaves = tf.nest.flatten(spec)
        if not all(
            isinstance(leaf, tf.TensorSpec | tf.OptionalSpec) for leaf in leaves
        ):
            raise InputError(
                "The training data must hold dense tensors to be watched. Received: "
                f"{[type(leaf).__name__ for leaf in leaves]}. Make them dense first, "
                "e.g. by dataset.map(tf.sparse.to_dense)."
            )
        # For a None, such as the targets of `(x, None)`, Keras has an Optional.
        is_given = [isinstance(leaf, tf.TensorSpec) for leaf in leaves]
        self.spec = _packed(spec, is_given, itertools.compress(leaves, is_given))

        def see(*arrays: np.ndarray) -> None:
            self._see(_packed(spec, is_given, arrays))

        def look(*batch: Any) -> Any:
            batch = batch if isinstance(spec, tuple) else batch[0]
            given = itertools.compress(tf.nest.flatten(batch), is_given)
            tf.numpy_function(see, list(given), [])
            return batch

        if every == 1:
            return dataset.map(look)

        def look_at_some(number: Any, batch: Any) -> Any:
            parts = batch if isinstance(spec, tuple) else (batch,)
            tf.cond(number % every == 0, lambda: (look(*parts), True)[1], lambda: True)
            return batch

        return dataset.enumerate().map(look_at_some)

    @property
    def num_batches(self) -> int | None:
        """How many batches an epoch has; None if that is not known."""
        return self._adapter.num_batches

    @property
    def batch_size(self) -> int | None:
        """Samples of a batch."""
        return self._adapter.batch_size

    @property
    def has_partial_batch(self) -> bool:
        """Whether the last batch is smaller."""
        return self._adapter.has_partial_batch

    @property
    def partial_batch_size(self) -> int | None:
        """Samples of that one."""
        return self._adapter.partial_batch_size

    def on_epoch_begin(self) -> None:
        """Forget what was read for another purpose, such as building the model."""
        self._passed.clear()
        self._adapter.on_epoch_begin()

    def on_epoch_end(self) -> None:
        """Tell the adapter within."""
        self._adapter.on_epoch_end()


def _packed(spec: Any, is_given: Sequence[bool], leaves: Iterable[Any]) -> Any:
    """A structure as that of the spec, with None in place of what is not given."""
    import tensorflow as tf

    leaves = iter(leaves)
    return tf.nest.pack_sequence_as(
        spec, [next(leaves) if given else None for given in is_given]
    )


def _on_host(leaf: Any) -> Any:
    """A tensor or array as an array of its own; None as it is."""
    if leaf is None:
        return None
    if hasattr(leaf, "detach"):  # torch
        leaf = leaf.detach().cpu().numpy()
    return np.array(leaf)

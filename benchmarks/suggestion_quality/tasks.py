"""The tasks and optimizers that suggestions are judged on."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.suggestion_quality import datasets
from benchmarks.suggestion_quality.datasets import Split
from lr_finder.analysis.training.constant_guess import GUESSES

if TYPE_CHECKING:
    import keras


@dataclasses.dataclass(frozen=True)
class Task:
    """Data, a network, a loss, a batch size and a budget.

    Args:
        name: str, unique.
        data: callable that gives the `Split`.
        network: name of a function of `networks`.
        arguments: tuple, its arguments.
        loss: `"mse"`, `"mae"`, `"binary"` or `"classes"`, a key of `CONSTANT_LOSSES`.
        batch_size: int, samples in a batch.
        budget: int, steps of one training; a multiple of 20.
        architecture: str, the kind of network, for break-downs.
        domain: str, the kind of data, for break-downs.
        vectorize: bool, whether many trainings fit into one batched operation;
            grouped convolutions are slower than one after the other.
    """

    name: str
    data: Callable[[], Split]
    network: str
    arguments: tuple
    loss: str
    batch_size: int
    budget: int
    architecture: str
    domain: str
    vectorize: bool = True

    @property
    def needs_data(self) -> bool:
        """Whether the task reads the folder of public data."""
        return self.data in datasets.PUBLIC

    def load(self) -> Split:
        """The data; read once."""
        return _load(self.data)

    def build(self, seed: int) -> keras.Model:
        """The network, not compiled, its weights drawn from `seed`."""
        import keras

        from benchmarks.suggestion_quality import networks

        keras.utils.set_random_seed(seed)
        return getattr(networks, self.network)(*self.arguments)

    def keras_loss(self) -> keras.losses.Loss:
        """The loss as Keras has it; classifiers give logits."""
        import keras

        return {
            "mse": keras.losses.MeanSquaredError,
            "mae": keras.losses.MeanAbsoluteError,
            "binary": lambda: keras.losses.BinaryCrossentropy(from_logits=True),
            "classes": lambda: keras.losses.SparseCategoricalCrossentropy(
                from_logits=True
            ),
        }[self.loss]()

    def base_loss(self) -> float:
        """Validation loss of the best constant prediction: `L_base`."""
        return CONSTANT_LOSSES[self.loss](self.load().y_validation)


@functools.cache
def _load(data: Callable[[], Split]) -> Split:
    return data()


CONSTANT_LOSSES: dict[str, Callable[[np.ndarray], float]] = {
    name: GUESSES[loss]
    for name, loss in {
        "mse": "mean_squared_error", "mae": "mean_absolute_error",
        "binary": "sparse_categorical_crossentropy",  # of 0 and 1: the same entropy
        "classes": "sparse_categorical_crossentropy",
    }.items()
}  # fmt: skip

D = datasets
# fmt: off
_TASKS = (
    Task("digits_linear", D.digits, "linear", (64, 10), "classes", 32, 800,
         "linear", "image"),
    Task("adult_linear", D.adult, "linear", (106, 1), "binary", 64, 800,
         "linear", "tabular"),
    Task("california_dense", D.california, "dense", (13, [64, 32], 1), "mse", 32, 800,
         "dense", "tabular"),
    Task("friedman_deep", D.friedman, "dense", (10, [32, 32, 32, 32], 1, "tanh"),
         "mae", 16, 1000, "dense", "synthetic"),
    Task("wine_dropout", D.wine, "dense", (11, [64, 64], 3, "relu", 0.4), "classes",
         32, 700, "dense", "tabular"),
    Task("noisy_labels", D.noisy_classes, "dense", (20, [64], 4), "classes", 32, 800,
         "dense", "synthetic"),
    Task("cancer_unscaled", D.cancer, "dense", (30, [16], 1), "binary", 32, 700,
         "dense", "tabular"),
    Task("diabetes_raw_target", D.diabetes, "dense", (10, [32], 1), "mse", 16, 800,
         "dense", "tabular"),
    Task("iris_tiny", D.iris, "dense", (4, [16], 3, "tanh"), "classes", 8, 700,
         "dense", "tabular"),
    Task("digits_finetune", D.late_digits, "fine_tuned", (), "classes", 16, 700,
         "dense", "image"),
    Task("digits_autoencoder", D.digit_copies, "dense", (64, [32, 8, 32], 64, "elu"),
         "mse", 32, 1000, "dense", "image"),
    Task("digits_convolution", D.digit_images, "convolution", ((8, 8, 1), [8, 16]),
         "classes", 16, 700, "convolutional", "image", False),
    Task("cifar_convolution", D.cifar, "convolution", ((16, 16, 3), [8, 16, 32]),
         "classes", 16, 800, "convolutional", "image", False),
    Task("consumption_gru", D.consumption, "recurrent", (24, 1, "GRU"), "mse", 32, 700,
         "recurrent", "series"),
    Task("adding_lstm", D.adding, "recurrent", (10, 2, "LSTM"), "mse", 32, 1000,
         "recurrent", "synthetic"),
    Task("counting_attention", D.counting, "transformer", (), "classes", 16, 1000,
         "attention", "synthetic"),
    Task("ratings_embedding", D.ratings, "recommender", (), "mse", 64, 1000,
         "embedding", "ratings"),
    Task("messages_embedding", D.messages, "bag_of_words", (), "binary", 32, 800,
         "embedding", "text"),
)
# fmt: on
TASKS: dict[str, Task] = {task.name: task for task in _TASKS}

OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adam", "adamw")
DEFAULT_RATES = {
    "sgd": 1e-2, "momentum": 1e-2, "rmsprop": 1e-3, "adam": 1e-3, "adamw": 1e-3
}  # fmt: skip


def make_optimizer(name: str, rate: float) -> keras.optimizers.Optimizer:
    """An optimizer of `OPTIMIZERS`, or `"schedule_free"`, all else as Keras has it."""
    import keras

    if name == "momentum":
        return keras.optimizers.SGD(rate, momentum=0.9)
    kinds = {
        "sgd": "SGD", "rmsprop": "RMSprop", "adam": "Adam", "adamw": "AdamW",
        "schedule_free": "ScheduleFreeAdamW",
    }  # fmt: skip
    return getattr(keras.optimizers, kinds[name])(rate)

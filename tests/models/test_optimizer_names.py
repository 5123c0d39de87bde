"""Optimizers as they are typed: Keras takes what is read."""

import pytest

from lr_finder.errors import InputError
from lr_finder.models.optimizer_names import (
    KERAS_NAMES,
    describe_optimizer,
    read_optimizer,
)


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("adam", "adam", {}),
        (" SGD(momentum=0.9) ", "sgd", {"momentum": 0.9}),
        ("momentum(nesterov=True)", "sgd", {"momentum": 0.9, "nesterov": True}),
        ("momentum(momentum=0.5)", "sgd", {"momentum": 0.5}),
    ],
)
def test_names_and_arguments(text, name, arguments):
    assert read_optimizer(text) == (name, arguments)


@pytest.mark.parametrize("text", ["", "sgd(0.9)", "sgd(", "1", "a.b", "sgd(**{})"])
def test_other_forms_are_refused(text):
    with pytest.raises(InputError, match=r"`optimizer` must be .*Received"):
        read_optimizer(text)


def test_the_names_are_those_of_keras():
    keras = pytest.importorskip("keras")
    base = keras.optimizers.Optimizer
    wrappers = {"LossScaleOptimizer", "MultiOptimizer", "Optimizer"}
    own = {
        name
        for name, value in vars(keras.optimizers).items()
        if isinstance(value, type) and issubclass(value, base)
    }
    assert own - wrappers == set(KERAS_NAMES)


def test_what_a_sweep_would_note():
    assert describe_optimizer("nesterov") == {"optimizer": "SGD", "momentum": 0.9}
    assert describe_optimizer("RMSprop") == {"optimizer": "RMSprop"}
    with pytest.raises(InputError, match="must be one of adadelta"):
        describe_optimizer("adm")

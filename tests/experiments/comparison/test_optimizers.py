"""Optimizers named by text, class or instance: the same thing by each of the three."""

import keras
import pytest

from lr_finder.errors import InputError
from lr_finder.experiments.comparison.optimizers import (
    OptimizerChoice,
    choose_optimizer,
)

KNOWN = "sgd momentum nesterov adagrad rmsprop adam adamw nadam lion muon".split()


@pytest.mark.parametrize("name", KNOWN)
def test_every_known_name_builds_what_keras_calls_so(name):
    optimizer = choose_optimizer(name).build(0.02)
    own = {"momentum": keras.optimizers.SGD, "nesterov": keras.optimizers.SGD}
    expected = own.get(name) or type(keras.optimizers.get(name))
    assert type(optimizer) is expected
    assert float(optimizer.learning_rate) == pytest.approx(0.02)
    assert choose_optimizer(name).label == name


def test_momentum_and_nesterov_are_sgd_with_their_arguments():
    momentum = choose_optimizer("momentum").build(0.1)
    nesterov = choose_optimizer("nesterov").build(0.1)
    assert (momentum.momentum, momentum.nesterov) == (0.9, False)
    assert (nesterov.momentum, nesterov.nesterov) == (0.9, True)


def test_text_class_and_instance_of_one_optimizer_are_the_same():
    by_class = choose_optimizer(keras.optimizers.Adam)
    assert by_class.identity == choose_optimizer("adam").identity
    assert by_class.identity == choose_optimizer("Adam").identity
    instance = keras.optimizers.SGD(learning_rate=0.5, momentum=0.9)
    built = choose_optimizer(instance).build(0.1)
    assert built.momentum == 0.9
    assert float(built.learning_rate) == pytest.approx(0.1)


def test_arguments_in_text_replace_those_of_a_spoken_name():
    choice = choose_optimizer("momentum(momentum=0.99, nesterov=True)")
    built = choice.build(0.1)
    assert (built.momentum, built.nesterov) == (0.99, True)
    assert choice.label == "momentum(momentum=0.99, nesterov=true)"


def test_identity_knows_arguments_and_not_the_label():
    one = OptimizerChoice("a", "sgd", {"nesterov": True, "momentum": 0.9})
    same = OptimizerChoice("b", "sgd", {"momentum": 0.9, "nesterov": True})
    other = OptimizerChoice("a", "sgd", {"momentum": 0.8, "nesterov": True})
    assert one.identity == same.identity != other.identity


class Halved(keras.optimizers.SGD):
    """A person's own optimizer."""


def test_a_class_of_ones_own_is_built_and_named():
    choice = choose_optimizer(Halved)
    assert isinstance(choice.build(0.1), Halved)
    assert choice.label == "halved"
    assert choice.identity[0].endswith("test_optimizers.Halved")


@pytest.mark.parametrize(
    ("optimizer", "words"),
    [
        ("adm", ["adm", "adam"]),
        ("", ["a name"]),
        ("sgd(0.9)", ["a name"]),
        ("sgd(**{})", ["a name"]),
        ("sgd(momentum=)", ["a name"]),
        ("import os", ["a name"]),
        ("sgd(momentum=__import__('os'))", ["a name"]),
        ("sgd(learning_rate=0.1)", ["learning_rate"]),
        ("sgd(heat=3)", ["heat"]),
        (3, ["instance", "3"]),
        (keras.optimizers, ["instance"]),
        (keras.layers.Dense, ["instance"]),
    ],
)
def test_what_is_no_optimizer_is_refused_by_name(optimizer, words):
    with pytest.raises(InputError) as caught:
        choose_optimizer(optimizer).build(0.1)
    for word in words:
        assert word in str(caught.value)

"""The rules by name."""

import inspect

import pytest

from lr_finder import InputError, reference


def test_every_rule_of_the_table_is_public_and_bears_its_name():
    assert len(reference.UPDATE_RULES) == 14
    for name, rule in reference.UPDATE_RULES.items():
        assert getattr(reference, name) is rule is reference.rule(name.upper())
        first = list(inspect.signature(rule).parameters)[:4]
        assert first == ["parameters", "gradients", "state", "learning_rate"]
        assert "Keras" in rule.__doc__ and "References:" in rule.__doc__


@pytest.mark.parametrize("name", ["adem", "", None, 3])
def test_an_unknown_name_is_refused_with_those_known(name):
    with pytest.raises(InputError, match="must be one of sgd, momentum, .*Received"):
        reference.rule(name)

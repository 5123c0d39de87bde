"""Trees, and what every rule refuses."""

import numpy as np
import pytest

from lr_finder import InputError
from lr_finder.reference import UPDATE_RULES, trees

RULES = pytest.mark.parametrize("name", UPDATE_RULES)
NESTED = {"first": {"W": (3, 2), "b": (2,)}, "scale": ()}


def random_tree(rng, dtype=np.float64):
    return {
        "first": {name: rng.normal(size=shape).astype(dtype)
                  for name, shape in NESTED["first"].items()},
        "scale": np.asarray(rng.normal(), dtype),
    }  # fmt: skip


def test_leaves_and_norm_agree_with_one_long_vector():
    tree = random_tree(np.random.default_rng(0))
    names, arrays = zip(*trees.leaves(tree), strict=True)
    assert names == ("first/W", "first/b", "scale")
    vector = np.concatenate([array.ravel() for array in arrays])
    assert trees.norm(tree) == pytest.approx(np.linalg.norm(vector))


def test_a_norm_that_is_too_large_is_infinite_without_a_warning():
    assert trees.norm({"w": np.array([1e300])}) == np.inf


@RULES
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_rule_keeps_shapes_and_types_and_changes_no_input(name, dtype):
    rng = np.random.default_rng(0)
    parameters, state = random_tree(rng, dtype), None
    for _ in range(3):
        gradients = random_tree(rng)  # float64
        copies = [trees.tree_map(np.copy, tree) for tree in (parameters, gradients)]
        kept = parameters
        parameters, state = UPDATE_RULES[name](
            parameters, gradients, state, learning_rate=np.float64(0.1)
        )
        for copy, tree in zip(copies, (kept, gradients), strict=True):
            for (_, one), (_, other) in zip(
                trees.leaves(copy), trees.leaves(tree), strict=True
            ):
                np.testing.assert_array_equal(one, other)
        moved = trees.tree_map(np.subtract, parameters, kept)
        assert trees.norm(moved) > 0
        for tree in (parameters, *(v for v in state.values() if isinstance(v, dict))):
            for (_, array), (_, first) in zip(
                trees.leaves(tree), trees.leaves(kept), strict=True
            ):
                assert (array.shape, array.dtype) == (first.shape, dtype)


@RULES
def test_a_state_goes_on_as_if_nothing_had_been_between(name):
    """The rules hold no memory of their own: two trainings may take turns."""
    rng = np.random.default_rng(1)
    start, gradients = random_tree(rng), [random_tree(rng) for _ in range(4)]
    ends = []
    for _ in range(2):
        parameters, state, other = start, None, None
        for each in gradients:
            parameters, state = UPDATE_RULES[name](parameters, each, state)
            _, other = UPDATE_RULES[name](start, each, other, learning_rate=1.0)
        ends.append(parameters)
    assert trees.norm(trees.tree_map(np.subtract, *ends)) == 0


@RULES
def test_at_a_rate_of_0_nothing_moves(name):
    start = {"w": np.array([1.0, -2.0])}
    moved, _ = UPDATE_RULES[name](start, {"w": np.ones(2)}, learning_rate=0)
    np.testing.assert_allclose(moved["w"], start["w"], rtol=1e-15)


PARAMETERS, GRADIENTS = {"W1": np.ones((2, 3))}, {"W1": np.ones((2, 3))}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"gradients": {"W1": np.ones((3, 2))}}, r"\(3, 2\) for 'W1'.*\(2, 3\)"),
        ({"gradients": {"b1": np.ones(3)}}, "keys of the parameters: 'W1'.*'b1'"),
        ({"gradients": [1.0]}, "`gradients` must be a dict of arrays.*list"),
        ({"parameters": {"W1": np.ones((2, 3), int)}}, "floats.*int64.*astype"),
        ({"gradients": {"W1": np.full((2, 3), np.nan)}}, "NaN in 'W1'.*6 of 6.*lower"),
        ({"gradients": {"W1": np.full((2, 3), np.inf)}}, "infinite in 'W1'"),
        ({"momentum": 1.0}, r"`momentum` must lie in \[0, 1\).*momentum=1.0"),
        ({"momentum": -0.1}, "momentum=-0.1"),
        ({"momentum": np.nan}, "momentum=nan"),
        ({"learning_rate": -1.0}, "`learning_rate` must be a finite learning rate"),
        ({"beta": 0.9}, "no hyperparameter `beta`. It has 'learning_rate', 'momentum'"),
        ({"state": 3}, "`state` must be None at first.*int"),
        ({"state": {"mean": {"W1": np.ones((2, 3))}}}, "without 'velocity'"),
        ({"state": {"velocity": {"W1": np.ones(3)}}}, r"state\['velocity'\].*\(3,\)"),
    ],
)
def test_what_a_rule_refuses(given, words):
    arguments = {"parameters": PARAMETERS, "gradients": GRADIENTS, "state": None}
    with pytest.raises(InputError, match=words):
        UPDATE_RULES["momentum"](**(arguments | given))


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("adam", {"beta_1": 1.0}), ("adam", {"beta_2": -0.1}),
        ("rmsprop", {"rho": 1.5}), ("schedule_free_sgd", {"beta": 1}),
        ("adam", {"epsilon": -1e-7}),
        ("adamw", {"weight_decay": np.inf}),
        ("adagrad", {"initial_accumulator_value": -1}),
        ("lion", {"beta_2": "0.9"}),
    ],
)  # fmt: skip
def test_every_hyperparameter_has_its_range(name, given):
    (argument,) = given
    with pytest.raises(InputError, match=f"`{argument}` must"):
        UPDATE_RULES[name](PARAMETERS, GRADIENTS, **given)

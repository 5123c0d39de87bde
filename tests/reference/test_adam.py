"""Adam's equations by hand, its bias correction, and what AMSGrad keeps."""

import numpy as np
import pytest

from lr_finder import InputError
from lr_finder.reference import (
    adam,
    amsgrad,
    initialize_adam,
    update_parameters_with_adam,
)
from lr_finder.reference.adam import corrected_rate

SHAPES = {"W1": (4, 3), "b1": (3,), "W2": (3, 1), "b2": (1,)}


def given(seed=0, dtype=float):
    rng = np.random.default_rng(seed)
    parameters = {
        k: rng.normal(size=shape).astype(dtype) for k, shape in SHAPES.items()
    }
    grads = {f"d{k}": rng.normal(size=s).astype(dtype) for k, s in SHAPES.items()}
    return parameters, grads


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_zeros_to_begin_with(dtype):
    parameters, _ = given(dtype=dtype)
    for moment in initialize_adam(parameters):
        assert list(moment) == ["dW1", "db1", "dW2", "db2"]
        for name, shape in SHAPES.items():
            array = moment[f"d{name}"]
            assert (array.shape, array.dtype, array.any()) == (shape, dtype, False)
    v, s = initialize_adam(parameters)
    assert not any(np.shares_memory(v[key], s[key]) for key in v)


def test_two_steps_by_hand():
    parameters = {"W1": np.array([[1.0]])}
    v, s = initialize_adam(parameters)
    g1, g2, settings = 3.0, -1.0, (0.1, 0.5, 0.75, 1e-3)
    parameters, v, s, *_ = update_parameters_with_adam(
        parameters, {"dW1": np.array([[g1]])}, v, s, 1, *settings
    )
    # v = 1.5, s = 2.25; corrected by 1 - 0.5 and 1 - 0.75: 3 and 9.
    at = 1 - 0.1 * 3 / (3 + 1e-3)
    assert (v["dW1"], s["dW1"]) == (1.5, 2.25)
    assert parameters["W1"] == pytest.approx(at)
    parameters, v, s, v_corrected, s_corrected = update_parameters_with_adam(
        parameters, {"dW1": np.array([[g2]])}, v, s, 2, *settings
    )
    # v = 0.25, s = 1.9375; corrected by 1 - 0.25 and 1 - 0.5625.
    assert (v["dW1"], s["dW1"]) == (0.25, 1.9375)
    assert v_corrected["dW1"] == pytest.approx(0.25 / 0.75)
    assert s_corrected["dW1"] == pytest.approx(1.9375 / 0.4375)
    at -= 0.1 * (0.25 / 0.75) / (np.sqrt(1.9375 / 0.4375) + 1e-3)
    assert parameters["W1"] == pytest.approx(at)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shapes_and_types_stay_and_inputs_too(dtype):
    parameters, grads = given(dtype=dtype)
    v, s = initialize_adam(parameters)
    inputs = parameters, grads, v, s
    copies = [{k: each.copy() for k, each in tree.items()} for tree in inputs]
    results = update_parameters_with_adam(
        *inputs, t=np.int64(1), learning_rate=np.float64(0.01)
    )
    for tree, copy in zip(inputs, copies, strict=True):
        for key in tree:
            np.testing.assert_array_equal(tree[key], copy[key])
    assert list(results[0]) == list(SHAPES)
    for tree in results:
        for key, array in tree.items():
            name = key.removeprefix("d")
            assert (array.shape, array.dtype) == (SHAPES[name], dtype)


@pytest.mark.parametrize("gradient", [1e-4, 1.0, 1e6])
def test_under_a_constant_gradient_every_step_is_as_long_as_the_rate(gradient):
    parameters = {"W1": np.array([0.0])}
    v, s = initialize_adam(parameters)
    for t in range(1, 101):
        grads, before = {"dW1": np.array([gradient])}, parameters["W1"]
        parameters, v, s, v_corrected, s_corrected = update_parameters_with_adam(
            parameters, grads, v, s, t, epsilon=0.0
        )
        assert before - parameters["W1"] == pytest.approx(0.01)
        assert v_corrected["dW1"] == pytest.approx(gradient)
        assert s_corrected["dW1"] == pytest.approx(gradient**2)


def test_without_correction_the_first_steps_would_be_three_to_seven_times_too_long():
    state = {"mean": {"w": np.ones(1)}}
    rates = [corrected_rate(1, 0.9, 0.999, state | {"t": t}) for t in range(1, 5000)]
    too_long = 1 / np.array(rates)
    assert too_long[0] == pytest.approx(3.16, abs=0.01)
    assert too_long[:100].min() > 3.1 and too_long.max() == pytest.approx(
        6.57, abs=0.01
    )
    assert np.argmax(too_long) + 1 == 12
    assert too_long[-1] == pytest.approx(1, abs=0.01)


def test_both_forms_differ_by_the_place_of_epsilon_alone():
    parameters, grads = given(3)
    v, s = initialize_adam(parameters)
    ours, state = parameters, None
    for t in range(1, 20):
        settings = {"learning_rate": 0.1, "epsilon": 0.0}
        parameters, v, s, *_ = update_parameters_with_adam(
            parameters, grads, v, s, t, **settings
        )
        gradients = {key.removeprefix("d"): array for key, array in grads.items()}
        ours, state = adam(ours, gradients, state, **settings)
        for key in ours:
            np.testing.assert_allclose(ours[key], parameters[key], rtol=1e-12)


def test_the_first_step_of_keras_form_has_the_larger_epsilon():
    """1 / √(1 − β₂) times as large: 0.1 counts like 3.16."""
    one = {"w": np.array([1.0])}
    moved, _ = adam(one, one, learning_rate=1.0, epsilon=0.1)
    assert 1 - moved["w"] == pytest.approx(1 / (1 + 0.1 / np.sqrt(0.001)))


def test_amsgrad_never_forgets_the_largest_gradient():
    gradients = [1.0, 10.0, *[0.1] * 500]
    w, state, kept = {"w": np.array(0.0)}, None, []
    for gradient in gradients:
        w, state = amsgrad(w, {"w": np.array(gradient)}, state, beta_2=0.9)
        kept.append(float(state["largest"]["w"]))
    assert kept == sorted(kept)
    assert kept[-1] == kept[1] == pytest.approx(0.9 * 0.1 + 0.1 * 100)


def test_if_gradients_grow_amsgrad_is_adam():
    rng = np.random.default_rng(0)
    ours = theirs = {"w": rng.normal(size=5)}
    state = other = None
    for size in np.geomspace(1, 1e6, 30):
        gradients = {"w": size * np.sign(rng.normal(size=5))}
        ours, state = amsgrad(ours, gradients, state)
        theirs, other = adam(theirs, gradients, other)
        np.testing.assert_array_equal(ours["w"], theirs["w"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"t": 0}, "`t` must be a whole number, at least 1. Received: t=0"),
        ({"t": 1.5}, "`t` must be a whole number"),
        ({"beta1": 1.0}, r"`beta1` must lie in \[0, 1\)"),
        ({"beta2": -0.5}, "`beta2` must lie"),
        ({"learning_rate": -0.1}, "`learning_rate` must be"),
        ({"epsilon": np.nan}, "`epsilon` must be"),
        ({"v": {}}, "`v` must have the keys"),
        ({"s": {"dW1": np.ones((2, 2))}}, "`s` must have"),
        ({"grads": {"W1": np.ones((1, 1))}}, "`grads` must have the keys.*'dW1'"),
        ({"grads": {"dW1": np.array([[np.nan]])}}, "NaN in 'dW1'"),
    ],
)
def test_what_is_refused(change, words):
    parameters = {"W1": np.ones((1, 1))}
    v, s = initialize_adam(parameters)
    arguments = {"grads": {"dW1": np.ones((1, 1))}, "v": v, "s": s, "t": 1}
    with pytest.raises(InputError, match=words):
        update_parameters_with_adam(parameters, **(arguments | change))

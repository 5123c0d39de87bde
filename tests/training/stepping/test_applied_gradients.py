"""What an optimizer is given: as given, once, and it is left as it was."""

import keras
import numpy as np
import pytest

from lr_finder.training.stepping.applied_gradients import AppliedGradients

from ..own_models import BACKEND, compiled, dense, half_precision

pytestmark = pytest.mark.training
KERNEL, BIAS = np.full((4, 1), 6.0, "float32"), np.full(1, 2.0, "float32")


def given(model):
    """The tensors of `KERNEL` and `BIAS`."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return [keras.ops.convert_to_tensor(KERNEL), keras.ops.convert_to_tensor(BIAS)]


def heard(model, applied):
    return [
        keras.ops.convert_to_numpy(g) for g in applied.of(model.trainable_variables)
    ]


def moved(model, before):
    now = model.get_weights()
    return [b - a for a, b in zip(before, now, strict=True)]


@pytest.mark.parametrize("way", ["apply", "apply_gradients", "without variables"])
def test_it_hears_every_way_and_the_optimizer_goes_on(way):
    model = compiled(dense(), optimizer=keras.optimizers.SGD(0.5))
    gradients, variables = given(model), model.trainable_variables
    before = model.get_weights()
    with AppliedGradients(model) as applied:
        if way == "apply":
            model.optimizer.apply(gradients, variables)
        elif way == "apply_gradients":
            model.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        else:
            model.optimizer.apply(gradients)
    assert applied.calls == 1
    for a, b in zip(heard(model, applied), (KERNEL, BIAS), strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(moved(model, before), (KERNEL, BIAS), strict=True):
        np.testing.assert_allclose(a, -0.5 * b, rtol=1e-6)


@pytest.mark.skipif(BACKEND != "jax", reason="of JAX alone")
@pytest.mark.parametrize("make", [lambda: compiled(dense()), half_precision])
def test_it_hears_what_is_applied_without_state(make):
    model = make()
    gradients = given(model)
    slots = [v.value for v in model.optimizer.variables]
    values = [v.value for v in model.trainable_variables]
    expected = model.optimizer.stateless_apply(slots, gradients, values)
    with AppliedGradients(model) as applied:
        found = model.optimizer.stateless_apply(slots, gradients, values)
    scale = 2.0**8 if make is half_precision else 1.0
    for a, b in zip(heard(model, applied), (KERNEL, BIAS), strict=True):
        np.testing.assert_allclose(a, b / scale, rtol=1e-6)
    assert applied.calls == 1
    for one, other in zip(found, expected, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_scale_of_the_loss_is_divided_out():
    fixed = keras.optimizers.SGD(0.5, loss_scale_factor=4.0)
    dynamic = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.5), 4.0)
    # Under JAX, Keras' own apply of a dynamic scale fails outside of a training.
    for optimizer in (fixed,) if BACKEND == "jax" else (fixed, dynamic):
        model = compiled(dense(), optimizer=optimizer)
        with AppliedGradients(model) as applied:
            optimizer.apply(given(model), model.trainable_variables)
        for a, b in zip(heard(model, applied), (KERNEL, BIAS), strict=True):
            np.testing.assert_allclose(a, b / 4, rtol=1e-6)


def test_parts_are_added_and_what_is_given_nothing_has_none():
    model = compiled(dense())
    kernel, _ = given(model)
    with AppliedGradients(model) as applied:
        for _ in range(2):
            model.optimizer.apply([kernel], model.trainable_variables[:1])
    found = applied.of(model.trainable_variables)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(found[0]), 2 * KERNEL)
    assert found[1] is None and applied.calls == 2


def test_the_optimizer_is_left_as_it_was_after_an_error_too():
    model = compiled(dense())
    own = dict(vars(model.optimizer))
    with pytest.raises(ZeroDivisionError):
        with AppliedGradients(model):
            assert "apply" in vars(model.optimizer)
            raise ZeroDivisionError
    assert vars(model.optimizer) == own

    def mine(*arguments):
        return None

    vars(model.optimizer)["apply"] = mine
    with AppliedGradients(model) as applied:
        model.optimizer.apply(given(model), model.trainable_variables)
    assert vars(model.optimizer)["apply"] is mine and applied.calls == 1

"""Batch size, schedules under noise and ReduceLROnPlateau, against closed forms."""

import numpy as np
import pytest

PLATEAU = """
const {reduceOnPlateau} = modules["schedules/plateau.js"];
const rule = reduceOnPlateau(1, {factor: 0.5, patience});
return values.map((value) => { rule.look(value); return rule.rate; });
"""


def test_expected_losses_are_the_mean_of_many_trainings(engine):
    code = """
    const n = modules["training/noisy_descent.js"];
    const schedule = modules["schedules/decays.js"].cosine(0.5, 0, 60);
    const all = Array.from({length: 200}, (_, seed) =>
      n.train(schedule, 60, 0.3, {seed}).losses);
    const mean = (i) => all.reduce((sum, each) => sum + each[i], 0) / all.length;
    const means = all[0].map((_, i) => mean(i));
    return [[...n.expectedLosses(schedule, 60, 0.3)], [...means]];
    """
    expected, measured = engine(code)
    assert measured[0] == pytest.approx(expected[0], rel=1e-12)
    np.testing.assert_allclose(measured, expected, rtol=0.08)


def test_without_noise_a_schedule_is_the_product_of_its_factors(engine):
    code = """
    const n = modules["training/noisy_descent.js"];
    const schedule = modules["schedules/decays.js"].linear(0.8, 0.1, 20);
    return [n.CURVATURES, [...n.expectedLosses(schedule, 20, 0)]];
    """
    curvatures, losses = engine(code)
    h = np.array(curvatures)
    rates = 0.8 - 0.7 * np.arange(20) / 20
    weights = 1.5 * np.prod(1 - rates[:, None] * h, axis=0)
    assert losses[-1] == pytest.approx((h * weights**2).sum() / 2, rel=1e-9)


def test_the_floor_is_where_the_expected_loss_settles(engine):
    code = """
    const {expectedAfter} = modules["panels/batch_size/pictures.js"];
    const {noiseFloor} = modules["reference/quadratics.js"];
    return [0.05, 0.5, 1.5].map((rate) =>
      [expectedAfter({rate, sigma: 2}, 8, 4000), noiseFloor(rate, 1, 4, 8)]);
    """
    for settled, floor in engine(code):
        assert settled == pytest.approx(floor, rel=1e-9)


def test_plateau_lowers_the_rate_as_keras_does(engine):
    """A look counts as better if it is below the best by more than `min_delta`."""
    values = [3, 2, 2, 2, 1.99995, 1, 1.5, 1.4, 1.3, 1.2]
    expected = [1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125]
    assert engine(PLATEAU, values=values, patience=2) == expected


@pytest.mark.training
@pytest.mark.parametrize("patience", [1, 2, 3])
def test_plateau_equals_the_callback_of_keras(engine, patience):
    import keras

    values = np.random.default_rng(patience).normal(1, 0.1, 40).round(4).tolist()
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    callback = keras.callbacks.ReduceLROnPlateau(
        "loss", factor=0.5, patience=patience, verbose=0
    )
    callback.set_model(model)
    callback.on_train_begin()
    expected = []
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {"loss": value})
        expected.append(float(model.optimizer.learning_rate))
    found = engine(PLATEAU, values=values, patience=patience)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_steps_to_a_hundredth_are_counted_right(engine):
    code = (
        'return rates.map((r) => modules["reference/quadratics.js"].stepsToShare(r, 2))'
    )
    rates = [0.05, 0.3, 0.5, 0.9, 0.99]
    for rate, steps in zip(rates, engine(code, rates=rates), strict=True):
        factor = abs(1 - 2 * rate)
        assert factor**steps <= 0.01
        assert steps == 1 or factor ** (steps - 1) > 0.01
    never = engine(code, rates=[1.0, 1.2])
    assert never == [None, None]  # JSON has no Infinity

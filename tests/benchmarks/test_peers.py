"""The pipelines of the peers do what theirs do, mistakes included."""

import numpy as np
import pytest

from benchmarks.suggestion_quality import peers
from benchmarks.suggestion_quality.peers import PEERS, ask
from lr_finder.analysis.sweep.smoothing import ema


def test_the_averages_are_the_usual_ones():
    losses = np.random.default_rng(0).uniform(1, 2, 50)
    np.testing.assert_allclose(peers.debiased_ema(losses), ema(losses, 0.98))
    expected = [losses[0]]
    for loss in losses[1:]:
        expected.append(0.05 * loss + 0.95 * expected[-1])
    np.testing.assert_allclose(peers.plain_ema(losses, 0.05), expected)


def test_a_stopping_rule_records_the_step_that_breaks_it():
    assert peers.steps_until(np.array([2.0, 1.0, 3.9, 4.1, 1.0]), 4) == 4
    assert peers.steps_until(np.array([2.0, 1.0, 3.0]), 4) == 3


def test_no_stopping_rule_stops_at_nan():
    assert peers.steps_until(np.array([2.0, np.nan, np.nan]), 4) == 3


@pytest.mark.parametrize("name", PEERS)
def test_every_peer_answers_a_clean_descent(make_sweep, name):
    rate, cost = ask(name, make_sweep())
    assert 1e-7 <= rate <= 10 and cost == 100


@pytest.mark.parametrize("name", PEERS)
def test_a_sweep_that_explodes_costs_less(make_sweep, name):
    losses = make_sweep().losses.copy()
    losses[70:] = 1e30
    _, cost = ask(name, make_sweep(losses))
    assert cost < 80 or name.startswith("textbook")


@pytest.mark.parametrize("name", PEERS)
def test_too_few_losses_are_no_answer_but_no_error(make_sweep, name):
    rate, _ = ask(name, make_sweep([2.0, 1.0]))
    assert rate is None or rate < 1e-5


def test_valley_by_hand():
    # All 12 fall: k = 12 ends at 11, so 11 - 12 + 4 + 2.
    assert peers.valley_index(np.arange(12.0)[::-1]) == 5


def test_fastai_trims_a_tenth_and_five(make_sweep):
    sweep = make_sweep(np.arange(100.0, 0, -1))
    # Indices 10 to 94 all fall: k = 85 ends at 84 of those, 84 - 85 + 28 + 14.
    assert ask("fastai valley", sweep) == (sweep.lrs[10 + 41], 100)
    assert ask("fastai minimum / 10", sweep) == (sweep.lrs[94] / 10, 100)


def test_fastai_slide_by_hand(make_sweep, monkeypatch):
    lrs = np.arange(1.0, 41.0)
    slopes = np.where(lrs < 15, -1.0, 0.0)  # flat from index 14 on
    losses = np.cumsum(slopes)
    # The left end passes index 13, where np.gradient is -0.5, as the last that differs
    # while the right one stays on the flat part.
    assert peers._slide(lrs, losses, 40) == lrs[-16]  # both ends flat: at once
    losses[-1] = 99.0  # the right end differs once: one step down
    assert peers._slide(lrs, losses, 40) == lrs[-16 - 1]


def test_lightning_since_2_5_3_picks_the_low_end(make_sweep):
    sweep = make_sweep(noise=0.02)
    old, new = (ask(f"Lightning {version} 2.5.3", sweep)[0] for version in ("<", ">="))
    assert 1e-4 < old < 1e-1
    assert new < 1e-5


def test_ktrain_is_32_steps_too_low(make_sweep):
    sweep = make_sweep(noise=0.02)
    smoothed = ema(np.cumsum(sweep.losses) / np.arange(1, 101), 0.98)
    steepest = 32 + np.argmin(np.gradient(smoothed[32 : np.argmin(smoothed)]))
    assert ask("ktrain minimum gradient", sweep)[0] == sweep.lrs[steepest - 32]


def test_torch_lr_finder_suggests_the_neighbour_of_nan(make_sweep):
    sweep = make_sweep(make_sweep().losses[:59])
    rate, cost = ask("pytorch-lr-finder steepest", sweep)
    assert (rate, cost) == (sweep.lrs[58], 100)


def test_the_usual_callback_lags(make_sweep):
    """The running mean of a long epoch moves the steepest point up."""
    sweep = make_sweep()
    rate = ask("usual Keras callback", sweep)[0]
    batches = ask("usual Keras callback", make_sweep(per_epoch=1))[0]
    assert 0.5e-3 < batches < 2e-3
    assert rate > 1.5 * batches


def test_the_running_mean_starts_anew_each_epoch(make_sweep):
    sweep = make_sweep([4.0, 2.0, 9.0, 1.0, 5.0], per_epoch=2)
    np.testing.assert_allclose(sweep.running_means[:5], [4, 3, 9, 5, 5])
    assert np.isnan(sweep.running_means[5:]).all()


@pytest.mark.training
def test_the_running_mean_is_what_keras_reports():
    import keras

    from benchmarks.suggestion_quality.sweeps import Sweep

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 3)), rng.normal(size=(40, 1))
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse")  # weights stay: losses are known
    said = []
    record = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: said.append(logs["loss"])
    )
    model.fit(
        x, y, batch_size=8, epochs=2, shuffle=False, verbose=0, callbacks=[record]
    )
    residuals = (model.predict(x, verbose=0) - y) ** 2
    losses = np.tile(residuals.reshape(5, 8).mean(1), 2)
    expected = Sweep(np.arange(1.0, 11.0), losses, per_epoch=5).running_means
    np.testing.assert_allclose(said, expected, rtol=1e-5)


@pytest.mark.training
def test_a_sweep_cut_afterwards_is_a_sweep_that_stopped():
    import keras

    import lr_finder
    from benchmarks.suggestion_quality.sweeps import Sweep, rates

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 3)), rng.normal(size=(200, 1))
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    whole, stopped = (
        lr_finder.sweep(
            model, x, y, batch_size=8, steps=100, seed=3, stop=stop, verbose=0
        )
        for stop in (False, True)
    )
    losses = np.full(100, np.nan)
    losses[: len(whole.losses)] = whole.losses
    curve = Sweep(rates(100), losses, per_epoch=25).stopped()
    np.testing.assert_array_equal(curve.losses, stopped.losses)
    np.testing.assert_allclose(curve.lrs, stopped.lrs)
    assert curve.stop_reason == stopped.stop_reason == "diverged"

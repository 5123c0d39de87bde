"""`Cooldown`: the rate of each step by hand, when it ends, what others see of it."""

import keras
import numpy as np
import pytest

from lr_finder import schedules as s
from lr_finder.errors import InputError
from lr_finder.training.scheduling.apply_schedule import ApplySchedule
from lr_finder.training.scheduling.cooldown import Cooldown
from lr_finder.training.watching.guard import DivergenceGuard

from .conftest import BATCHES, assert_same, fit, make_eager, tracked, weights
from .test_apply_schedule import ENDS, Stop, once, several

pytestmark = pytest.mark.training

o = keras.optimizers
EPOCHS = 30
PEAK = 0.08


def stop_after(epochs, **options):
    """An EarlyStopping that fires when so many epochs have ended, and ever after."""
    return keras.callbacks.EarlyStopping(
        "loss", patience=epochs - 1, min_delta=1e9, **options
    )


def rates_of(schedule, stop, *others, share=0.3, optimizer=None, **options):
    model = make_eager(optimizer or o.SGD(0.5))
    cooldown = Cooldown(share)
    callbacks = [ApplySchedule(schedule), stop, *others, cooldown]
    rates = tracked(model, *callbacks, **{"epochs": EPOCHS} | options)
    return rates, cooldown, model


def falling(peak, epochs):
    steps = epochs * BATCHES
    return [peak * (steps - i) / steps for i in range(steps)]


@pytest.mark.parametrize(
    "stopped, share, length", [(10, 0.3, 3), (2, 0.3, 1), (5, 0.5, 2), (28, 0.3, 2)]
)
def test_the_rate_of_each_step(stopped, share, length):
    """Constant until the stop, a line to 0 over the share, at most what is left."""
    rates, cooldown, _ = rates_of(s.constant(PEAK), stop_after(stopped), share=share)
    expected = [PEAK] * (stopped * BATCHES) + falling(PEAK, length)
    np.testing.assert_allclose(rates, expected, rtol=1e-6)
    assert cooldown.begun == (stopped - 1, length)


def test_groups_keep_their_proportion():
    rates, _, model = rates_of(
        s.constant(PEAK), stop_after(4), optimizer=several(0.7, 0.14)
    )
    expected = [PEAK] * (4 * BATCHES) + falling(PEAK, 1)
    np.testing.assert_allclose(rates, expected, rtol=1e-6)
    slow = model.optimizer._optimizer_map.default_optimizer
    fast = [each for each in model.optimizer.optimizers if each is not slow]
    assert [float(each.learning_rate) for each in fast] == [np.float32(0.14)]


def test_without_an_early_stop_nothing_is_changed():
    schedule = s.wsd(PEAK, 4 * BATCHES)
    rates, cooldown, model = rates_of(schedule, stop_after(9), epochs=4)
    plain = make_eager(o.SGD(0.5))
    assert_same([rates], [tracked(plain, ApplySchedule(schedule), epochs=4)])
    assert_same(weights(model), weights(plain))
    assert cooldown.begun is None


@pytest.mark.few(1)
@pytest.mark.parametrize("stopped, length", [(24, 6), (22, 7), (30, 0)])
def test_in_the_decay_of_the_schedule_the_rate_falls_from_where_it_is(stopped, length):
    """Late in the decay that is the schedule's own line; it never ends after it."""
    schedule = s.wsd(PEAK, EPOCHS * BATCHES)
    rates, _, _ = rates_of(schedule, stop_after(stopped))
    begin = stopped * BATCHES
    expected = [*schedule(range(begin)), *falling(schedule(begin), length or 1)]
    expected = expected[: begin + length * BATCHES]
    np.testing.assert_allclose(rates, expected, rtol=1e-6)
    if length == EPOCHS - stopped:
        whole = schedule(range(EPOCHS * BATCHES))
        np.testing.assert_allclose(rates, whole, rtol=1e-6)


def test_at_a_rate_of_0_the_training_ends_at_once():
    schedule = s.linear(PEAK, 0.0, 5 * BATCHES)
    with pytest.warns(UserWarning, match="ends after 20 steps"):
        rates, cooldown, _ = rates_of(schedule, stop_after(6))
    assert len(rates) == 6 * BATCHES and cooldown.begun is None


def test_a_schedule_of_epochs_cools_down_by_batches():
    model = make_eager(o.SGD(0.5))
    callbacks = [ApplySchedule(lambda epoch: 0.1 - 0.01 * epoch, per="epoch")]
    rates = tracked(model, *callbacks, stop_after(4), Cooldown(0.5), epochs=EPOCHS)
    flat = np.repeat([0.1, 0.09, 0.08, 0.07], BATCHES)
    np.testing.assert_allclose(rates, [*flat, *falling(0.06, 2)], rtol=1e-6)


@ENDS
def test_batches_of_data_of_unknown_length_are_those_counted():
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("tf.data is TensorFlow's")
    data = tf.data.Dataset.from_generator(
        once, output_signature=(tf.TensorSpec((4, 3)), tf.TensorSpec((4, 1)))
    )
    rates, _, _ = rates_of(s.constant(PEAK), stop_after(4), x=data)
    expected = [PEAK] * (4 * BATCHES) + falling(PEAK, 1)
    np.testing.assert_allclose(rates, expected, rtol=1e-6)


# ------------------------------------------------------------------ what others see


def test_the_best_weights_of_all_epochs_come_back_once(capsys):
    """The best epoch lies in the cooldown: 0.9 times the rate there, for a while."""
    kept = {}
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: kept.__setitem__(epoch, weights(model))
    )
    model = make_eager(o.SGD(0.5))
    stop = keras.callbacks.EarlyStopping(
        "fake", mode="min", patience=3, restore_best_weights=True, verbose=1
    )
    losses = [5.0, 6.0, 6.0, 6.0, 4.0, 4.5]
    fake = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: logs.__setitem__("fake", losses[epoch])
    )
    callbacks = [fake, ApplySchedule(PEAK), stop, Cooldown(0.5, verbose=1), keep]
    history = fit(model, *callbacks, epochs=EPOCHS)
    assert history["fake"] == losses
    assert_same(weights(model), kept[4])
    told = capsys.readouterr().out
    assert "Epoch 4: early stopping; first the rate falls to 0 over 2 epochs." in told
    assert "Epoch 6: early stopping" in told  # Keras' own
    assert told.count("Restoring model weights") == 1


@pytest.mark.parametrize("at", [1, 3, 5])
@pytest.mark.parametrize("first", [True, False])
def test_another_callback_ends_the_training_at_once(at, first):
    def end(epoch, logs):
        if epoch == at:
            model.stop_training = True

    model = make_eager(o.SGD(0.5))
    other = keras.callbacks.LambdaCallback(on_epoch_end=end)
    both = [other, stop_after(4)] if first else [stop_after(4), other]
    callbacks = [ApplySchedule(PEAK), *both, Cooldown(0.9)]
    assert len(fit(model, *callbacks, epochs=EPOCHS)["loss"]) == at + 1


@pytest.mark.parametrize("at", [1, 4])
def test_a_loss_that_is_nan_ends_the_training_at_once(at):
    def spoil(epoch):
        if epoch == at:
            for weight in model.trainable_variables:
                weight.assign(weight * np.nan)

    model = make_eager(o.SGD(0.5))
    other = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: spoil(epoch)
    )
    nan = keras.callbacks.TerminateOnNaN()
    callbacks = [ApplySchedule(PEAK), nan, other, stop_after(4), Cooldown(0.9)]
    assert len(tracked(model, *callbacks, epochs=EPOCHS)) == at * BATCHES + 1


def test_a_guard_lowers_a_rate_that_falls():
    class Cut(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 4:
                apply.lower(0.5)

    apply = ApplySchedule(PEAK)
    callbacks = [apply, DivergenceGuard(verbose=0), Cut(), stop_after(4)]
    rates = tracked(make_eager(o.SGD(0.5)), *callbacks, Cooldown(0.5), epochs=EPOCHS)
    line = falling(PEAK, 2)
    line[BATCHES:] = [rate / 2 for rate in line[BATCHES:]]
    np.testing.assert_allclose(rates, [PEAK] * (4 * BATCHES) + line, rtol=1e-6)


# ------------------------------------------------------------------ used again, resumed


def test_the_same_object_serves_a_second_fit():
    model, callbacks = make_eager(o.SGD(0.5)), [ApplySchedule(PEAK), stop_after(4)]
    callbacks.append(Cooldown(0.5))
    runs = [tracked(model, *callbacks, epochs=EPOCHS) for _ in range(2)]
    assert_same([runs[0]], [runs[1]])
    later = tracked(model, *callbacks, initial_epoch=6, epochs=8)
    np.testing.assert_allclose(later, [PEAK] * (2 * BATCHES), rtol=1e-6)


@pytest.mark.few(1)
@pytest.mark.filterwarnings("ignore:Skipping variable loading")
@pytest.mark.parametrize("at", [3, 5, 7])
def test_a_training_resumed_in_its_cooldown_goes_on_there(tmp_path, at):
    """`EarlyStopping` has forgotten by then what it had seen; `begun` knows."""

    def callbacks():
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
        return [backup, ApplySchedule(PEAK), stop_after(5), Cooldown(0.6)]

    def make():
        return make_eager(o.SGD(0.5, momentum=0.9))

    whole = make()
    rates = tracked(whole, *callbacks()[1:], epochs=EPOCHS)
    assert len(rates) == (5 + 3) * BATCHES
    first = callbacks()
    with pytest.raises(OSError, match="machine is gone"):
        fit(make(), *first, Stop(at, 1), epochs=EPOCHS)
    second, model = callbacks(), make()
    second[-1].begun = first[-1].begun
    if at == 3:  # before the cooldown: an EarlyStopping would count anew
        assert first[-1].begun is None
        return
    again = tracked(model, *second, epochs=EPOCHS)
    assert_same([again], [rates[at * BATCHES :]])
    assert_same(weights(model), weights(whole))


@ENDS
def test_resumed_data_of_unknown_length_is_refused():
    cooldown = Cooldown()
    cooldown.begun = (3, 2)
    callbacks = [ApplySchedule(PEAK, per="epoch"), cooldown]
    with pytest.raises(InputError, match="batches in an epoch to begin in epoch 4"):
        fit(make_eager("sgd"), *callbacks, x=once(), initial_epoch=4, epochs=5)


# ------------------------------------------------------------------------- refused


def test_before_an_early_stopping_it_is_refused():
    model = make_eager("sgd")
    with pytest.raises(InputError, match="Cooldown after EarlyStopping. Received it b"):
        fit(model, ApplySchedule(PEAK), Cooldown(), stop_after(3))


def test_without_a_schedule_to_move_it_is_refused():
    with pytest.raises(InputError, match="ApplySchedule beside Cooldown.*Received: no"):
        fit(make_eager("sgd"), stop_after(3), Cooldown())


@pytest.mark.parametrize("share", [0, 1, -0.5, "half", None])
def test_the_share_is_a_fraction(share):
    with pytest.raises(InputError, match=f"`share`.*{share!r}"):
        Cooldown(share)

"""`ApplySchedule`: against a table in the optimizer, resumed, refused, put back."""

import signal

import keras
import numpy as np
import pytest

from lr_finder import schedules as s
from lr_finder.errors import InputError, ModelError
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.optimizer_rates import Rates, current_rate
from lr_finder.training.scheduling.apply_schedule import ApplySchedule
from lr_finder.training.scheduling.keras_schedules import TabulatedSchedule, to_keras

from ..own_models import BACKEND
from .conftest import (
    BATCHES,
    X,
    Y,
    assert_same,
    fit,
    make_eager,
    make_model,
    tracked,
    weights,
)

pytestmark = pytest.mark.training

o = keras.optimizers
EPOCHS = 3
TOTAL = EPOCHS * BATCHES
SCHEDULES = {
    "wsd": s.wsd(0.3, TOTAL, warmup_steps=4),
    "one_cycle": s.one_cycle(0.1, TOTAL),
    "restarts": s.cosine_restarts(0.1, 0.0, 7),
    "keras": o.schedules.ExponentialDecay(0.1, 5, 0.5),
    "function": lambda step: 0.1 / (1 + step),
}


class Stop(keras.callbacks.Callback):
    """Ends a training in its midst, by an error or as Ctrl-C does."""

    def __init__(self, epoch, batch, by=None):
        super().__init__()
        self.at, self.by = (epoch, batch), by

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == self.at:
            if self.by is None:
                raise OSError("the machine is gone")
            signal.raise_signal(self.by)


def several(slow, fast):
    return o.MultiOptimizer(o.OptimizerMap(o.SGD(slow), {"body/.*": o.Adam(fast)}))


# ---------------------------------------------------------------- against the table


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_rate_of_each_step_is_that_of_the_table_to_the_last_bit(name):
    schedule = SCHEDULES[name]
    rates = tracked(make_eager(o.SGD(0.5)), ApplySchedule(schedule))
    np.testing.assert_array_equal(rates, to_keras(schedule, TOTAL).rates[:TOTAL])


def test_the_rate_of_each_epoch_is_that_of_the_schedule():
    schedule = s.exponential(0.4, 0.1, EPOCHS)
    rates = tracked(make_eager(o.SGD(0.5)), ApplySchedule(schedule, per="epoch"))
    expected = np.repeat(schedule(range(EPOCHS)), BATCHES).astype("float32")
    np.testing.assert_array_equal(rates, expected)


OPTIMIZERS = {
    "momentum": lambda rate, _: o.SGD(rate, momentum=0.9),
    "adam": lambda rate, _: o.Adam(rate),
    "accumulation": lambda rate, _: o.Adam(rate, gradient_accumulation_steps=4),
    "groups": several,
}


@pytest.mark.parametrize(
    "name, per", [*((name, "step") for name in OPTIMIZERS), ("groups", "epoch")]
)
def test_weights_and_history_are_those_of_a_table_to_the_last_bit(name, per):
    schedule = s.wsd(0.3, TOTAL if per == "step" else EPOCHS, cooldown_share=0.6)
    rates = schedule(range(TOTAL if per == "step" else EPOCHS))
    rates = np.repeat(rates, TOTAL // len(rates))
    in_optimizer = make_model(
        OPTIMIZERS[name](TabulatedSchedule(rates), TabulatedSchedule(rates * 0.5))
    )
    by_callback = make_model(OPTIMIZERS[name](0.2, 0.1))
    history = fit(by_callback, ApplySchedule(schedule, per=per))
    assert history == fit(in_optimizer)
    assert_same(weights(by_callback), weights(in_optimizer))


def test_history_and_the_next_training_are_as_without():
    """At the compiled rate throughout, nothing tells that the callback was there."""
    outcomes = []
    for callbacks in ([], [ApplySchedule(0.1)]):
        model = make_eager(o.SGD(0.1, momentum=0.9))
        histories = [fit(model, *callbacks, epochs=1), fit(model, epochs=1)]
        outcomes.append((histories, weights(model)))
    assert outcomes[0][0] == outcomes[1][0]
    assert_same(outcomes[0][1], outcomes[1][1])


def test_the_rate_is_assigned_when_it_changes_and_as_an_epoch_begins(monkeypatch):
    assigned = []
    set_rate = Rates.set
    monkeypatch.setattr(
        Rates, "set", lambda self, rate: (assigned.append(rate), set_rate(self, rate))
    )
    schedule = s.wsd(0.2, TOTAL, cooldown_share=0.25)
    fit(make_eager(o.SGD(0.5)), ApplySchedule(schedule))
    rates = [schedule(step) for step in range(TOTAL)]
    assert assigned == [
        rate
        for step, rate in enumerate(rates)
        if step % BATCHES == 0 or rate != rates[step - 1]
    ]


# ------------------------------------------------------------------------- resumed


@pytest.mark.parametrize("per", ["step", "epoch"])
def test_a_later_epoch_enters_the_schedule_where_it_belongs(per):
    schedule = s.cosine(0.3, 0.0, TOTAL if per == "step" else EPOCHS)
    rates = schedule(range(schedule.steps))
    rates = np.repeat(rates, TOTAL // len(rates)).astype("float32")
    model, callback = make_eager(o.SGD(0.5)), ApplySchedule(schedule, per)
    for first, end in ((0, 1), (1, 3)):
        found = tracked(model, callback, initial_epoch=first, epochs=end)
        np.testing.assert_array_equal(found, rates[first * BATCHES : end * BATCHES])
        assert current_rate(model.optimizer) == 0.5


@pytest.mark.few(1)
@pytest.mark.filterwarnings("ignore:Skipping variable loading")
@pytest.mark.parametrize("backup_first, groups", [(True, False), (False, True)])
def test_a_restored_backup_goes_on_at_its_step(tmp_path, backup_first, groups):
    schedule = s.wsd(0.3, TOTAL, cooldown_share=0.8)

    def make():
        return make_eager(several(0.7, 0.1) if groups else o.SGD(0.7, momentum=0.9))

    def callbacks():
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
        both = [backup, ApplySchedule(schedule)]
        return both if backup_first else both[::-1]

    whole = make()
    fit(whole, ApplySchedule(schedule))
    with pytest.raises(OSError, match="machine is gone"):
        fit(make(), *callbacks(), Stop(2, 3))
    again = make()  # as a new process has it
    rates = tracked(again, *callbacks())
    np.testing.assert_array_equal(rates, to_keras(schedule).rates[2 * BATCHES : TOTAL])
    assert_same(weights(again), weights(whole))
    assert current_rate(again.optimizer) == 0.7  # not what the backup holds


def test_a_backup_with_an_earlier_rate_is_not_taken_for_the_rate_set_last(tmp_path):
    """The callback that met the error goes on itself, and had set that rate already."""
    schedule = s.exponential(0.4, 0.1, EPOCHS)
    model = make_eager(o.SGD(0.7))
    callbacks = [
        ApplySchedule(schedule, per="epoch"),
        keras.callbacks.BackupAndRestore(tmp_path / "backup"),
    ]
    with pytest.raises(OSError, match="machine is gone"):
        fit(model, *callbacks, Stop(1, 1))
    rates = tracked(model, *callbacks)
    expected = np.repeat(schedule([1, 2]), BATCHES).astype("float32")
    np.testing.assert_array_equal(rates, expected)
    assert current_rate(model.optimizer) == 0.7


def test_a_backup_in_the_midst_of_an_epoch_repeats_the_epoch_with_its_rates(tmp_path):
    """Keras repeats the epoch, while the optimizer's own count is two batches on."""

    def callbacks():
        return [
            keras.callbacks.BackupAndRestore(tmp_path / "backup", save_freq=2),
            ApplySchedule(s.linear(0.3, 0.0, TOTAL)),
        ]

    with pytest.raises(OSError, match="machine is gone"):
        fit(make_eager(o.SGD(0.7)), *callbacks(), Stop(1, 3))
    rates = tracked(make_eager(o.SGD(0.7)), *callbacks())
    expected = s.linear(0.3, 0.0, TOTAL)(range(BATCHES, TOTAL)).astype("float32")
    np.testing.assert_array_equal(rates, expected)


ENDS = pytest.mark.filterwarnings("ignore:Your input ran out of data")


def generator():
    while True:
        for place in range(0, len(X), 4):
            yield X[place : place + 4], Y[place : place + 4]


def once():
    """A generator that ends: one epoch of unknown length."""
    for place in range(0, len(X), 4):
        yield X[place : place + 4], Y[place : place + 4]


@ENDS
def test_steps_of_data_of_unknown_length_are_counted():
    schedule = s.linear(0.3, 0.0, BATCHES)
    rates = tracked(make_eager(o.SGD(0.5)), ApplySchedule(schedule), x=once(), epochs=1)
    np.testing.assert_array_equal(rates, to_keras(schedule).rates[:BATCHES])


def test_a_generator_with_steps_per_epoch_has_a_known_length():
    schedule = s.linear(0.3, 0.0, TOTAL)
    rates = tracked(
        make_eager(o.SGD(0.5)), ApplySchedule(schedule), x=generator(),
        steps_per_epoch=BATCHES,
    )  # fmt: skip
    np.testing.assert_array_equal(rates, to_keras(schedule).rates[:TOTAL])


@ENDS
def test_several_epochs_of_unknown_length_are_counted_one_after_another():
    """Of each, one batch more is begun than trained: JAX forgets its rate."""
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_generator(
        once, output_signature=(tf.TensorSpec((4, 3)), tf.TensorSpec((4, 1)))
    )
    schedule = s.linear(0.3, 0.0, TOTAL)
    rates = tracked(make_eager(o.SGD(0.5)), ApplySchedule(schedule), x=data)
    np.testing.assert_array_equal(rates, to_keras(schedule).rates[:TOTAL])
    with pytest.warns(UserWarning, match="ends after 8 steps, the training after 12"):
        fit(make_eager("sgd"), ApplySchedule(s.linear(0.3, 0.1, 8)), x=data)
    with pytest.raises(InputError, match='per="step" with .* number of epochs'):
        fit(make_eager("sgd"), ApplySchedule(s.linear(0.3, 0.1, EPOCHS)), x=data)


@ENDS
def test_a_later_epoch_of_unknown_length_is_refused():
    model = make_eager(o.SGD(0.5))
    before = weights(model)
    with pytest.raises(InputError, match="begin in epoch 1. Received:.*steps_per_ep"):
        fit(model, ApplySchedule(0.1), x=once(), initial_epoch=1, epochs=2)
    assert_same(weights(model), before)
    fit(model, ApplySchedule(0.1, per="epoch"), x=once(), initial_epoch=1, epochs=2)


# ------------------------------------------------------------------------ put back


def test_after_training_the_rates_are_what_they_were():
    model = make_eager(several(0.7, 0.14))
    callback = ApplySchedule(s.wsd(0.3, TOTAL))
    first = tracked(model, callback)
    assert rates_of(model) == [0.14, 0.7]
    np.testing.assert_array_equal(first, tracked(model, callback))  # used again


def test_a_rate_that_someone_else_has_set_stays():
    def set_rate(epoch, logs):
        model.optimizer.learning_rate = 0.25

    model = make_eager(o.SGD(0.7))
    other = keras.callbacks.LambdaCallback(on_train_end=lambda logs: set_rate(0, logs))
    fit(model, other, ApplySchedule(s.wsd(0.3, TOTAL)))
    assert current_rate(model.optimizer) == 0.25


def test_after_ctrl_c_the_rates_are_put_back_on_request():
    model = make_eager(several(0.7, 0.14))
    callback = ApplySchedule(s.linear(0.3, 0.0, TOTAL))
    with pytest.raises(KeyboardInterrupt):
        fit(model, callback, Stop(1, 2, signal.SIGINT))
    reached = np.float32(callback.schedule(BATCHES + 2))
    assert np.float32(current_rate(model.optimizer)) == reached
    for _ in range(2):  # the second time changes nothing
        callback.restore()
        assert rates_of(model) == [0.14, 0.7]


@pytest.mark.few(1)
@pytest.mark.parametrize("by", [None, signal.SIGINT])
def test_after_an_error_or_ctrl_c_the_next_fit_begins_anew_and_puts_back(by):
    model = make_eager(several(0.7, 0.14))
    callback = ApplySchedule(s.linear(0.3, 0.0, TOTAL))
    with pytest.raises(OSError if by is None else KeyboardInterrupt):
        fit(model, callback, Stop(1, 2, by))
    rates = tracked(model, callback)
    np.testing.assert_array_equal(rates, to_keras(callback.schedule).rates[:TOTAL])
    assert rates_of(model) == [0.14, 0.7]


def test_another_model_has_rates_of_its_own():
    """What an error left of one model is not put back into the next."""
    callback = ApplySchedule(s.linear(0.3, 0.0, TOTAL))
    with pytest.raises(OSError, match="machine is gone"):
        fit(make_eager(o.SGD(0.7)), callback, Stop(0, 1))
    model = make_eager(o.SGD(0.4))
    fit(model, callback)
    assert current_rate(model.optimizer) == 0.4


def test_another_callback_can_lower_all_rates_that_follow():
    """A guard, say, whose lower rate the schedule would set anew; in one `fit` only."""

    def cut(epoch, logs):
        if epoch == 0:
            model.optimizer.learning_rate = 1e-9
            callback.lower(0.5)

    model = make_eager(o.SGD(0.7))
    callback = ApplySchedule(s.wsd(0.3, TOTAL))
    guard = keras.callbacks.LambdaCallback(on_epoch_end=cut)
    rates = tracked(model, guard, callback)
    whole = s.wsd(0.3, TOTAL)(range(TOTAL))
    whole[BATCHES:] *= 0.5
    np.testing.assert_array_equal(rates, whole.astype("float32"))
    assert current_rate(model.optimizer) == 0.7
    assert tracked(model, callback)[-1] == to_keras(callback.schedule).rates[TOTAL - 1]
    with pytest.raises(InputError, match="`factor`.*between 0 and 1.*factor=2"):
        callback.lower(2)


def rates_of(model):
    return [current_rate(each) for each in model.optimizer.optimizers]


# ------------------------------------------------------------------------- refused


def refused(model, *callbacks, error=InputError, match="", **options):
    before = weights(model)
    with pytest.raises(error, match=match):
        fit(model, *callbacks, **options)
    assert_same(weights(model), before)


@pytest.mark.parametrize("rate", [o.schedules.CosineDecay(0.1, 9), lambda: 0.1])
def test_an_optimizer_with_a_schedule_of_its_own_is_refused(rate):
    for optimizer in (o.SGD(rate), several(rate, 0.1), several(0.1, rate)):
        refused(
            make_model(optimizer), ApplySchedule(s.constant(0.1)), error=ModelError,
            match="compiled with a number.*Received: .* with a schedule of its own",
        )  # fmt: skip


def test_groups_made_by_a_function_are_known_once_they_are_built():
    slow, fast = o.SGD(0.1), o.Adam(0.2)
    model = make_eager(o.MultiOptimizer(lambda v: fast if "body" in v.path else slow))
    callback = ApplySchedule(s.linear(0.4, 0.0, TOTAL))
    if BACKEND == "tensorflow":  # the others have built it when callbacks come
        refused(model, callback, error=ModelError, match="optimizer.build")
        model.optimizer.build(model.trainable_variables)
    fit(model, callback)
    assert sorted(rates_of(model)) == [0.1, 0.2]


@pytest.mark.parametrize(
    "other",
    [
        lambda: keras.callbacks.LearningRateScheduler(lambda epoch: 0.1),
        lambda: keras.callbacks.ReduceLROnPlateau("loss"),
        lambda: LRSweep(steps=3),
        lambda: ApplySchedule(0.2),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_another_that_sets_the_rate_is_refused(other, first):
    both = [ApplySchedule(0.1), other()]
    name = type(both[1]).__name__
    refused(
        make_model("sgd"), *(both if first else both[::-1]),
        match=f"`callbacks` must hold no {name} beside ApplySchedule.*Leave one",
    )  # fmt: skip


@pytest.mark.skipif(BACKEND == "torch", reason="Keras refuses several steps at once")
def test_several_steps_at_once_are_refused_for_steps_and_right_for_epochs():
    model = make_model(o.SGD(0.5), steps_per_execution=2)
    refused(
        model, ApplySchedule(s.wsd(0.1, TOTAL)), error=ModelError,
        match="`steps_per_execution` must be 1 for Apply.*Received: 2.*to_keras",
    )  # fmt: skip
    plain = make_model(o.SGD(0.5))
    for each in (model, plain):
        fit(each, ApplySchedule(s.linear(0.2, 0.05, EPOCHS), per="epoch"))
    assert_same(weights(model), weights(plain))


def test_epochs_and_steps_mixed_up_are_refused():
    refused(
        make_model("sgd"), ApplySchedule(s.wsd(0.1, EPOCHS)),
        match=f'per="step" with wsd.*number of epochs.*{TOTAL} steps. Give per="epoch"',
    )  # fmt: skip
    refused(
        make_model("sgd"), ApplySchedule(s.wsd(0.1, TOTAL), per="epoch"),
        match=f'per="epoch" with wsd.*number of steps.*{EPOCHS} epochs. Give per="step',
    )  # fmt: skip


@pytest.mark.parametrize("per, length, total", [("step", 9, TOTAL), ("epoch", 1, 3)])
def test_a_shorter_schedule_holds_its_last_value_and_says_so_once(per, length, total):
    callback = ApplySchedule(s.linear(0.3, 0.1, length), per)
    model = make_eager(o.SGD(0.5))
    with pytest.warns(UserWarning) as told:
        rates = tracked(model, callback)
    (text,) = (t for each in told if "ends" in (t := str(each.message)))
    assert f"ends after {length} {per}" in text and f"training after {total}" in text
    assert rates[-1] == np.float32(0.1)


@pytest.mark.parametrize("per", ["batch", "steps", None, 1])
def test_what_a_step_is_has_two_names(per):
    with pytest.raises(InputError, match=f'`per` must be "step" or.*per={per!r}'):
        ApplySchedule(0.1, per=per)


@pytest.mark.parametrize("schedule", ["cosine", None, 0.0, [0.1]])
def test_what_is_no_schedule_is_refused(schedule):
    with pytest.raises(InputError, match="`schedule` must be.*Received: schedule="):
        ApplySchedule(schedule)

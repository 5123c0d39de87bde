"""The guard: it leaves a healthy training alone, and saves one that drifts."""

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError, ModelError
from lr_finder.schedules import constant
from lr_finder.training.optimizer_rates import current_rate
from lr_finder.training.scheduling.apply_schedule import ApplySchedule
from lr_finder.training.watching.guard import UNKNOWN, Cut, DivergenceGuard
from lr_finder.training.watching.trackers import LearningRateTracker

from ..conftest import assert_same_outcome, make_data, make_model, outcome_of_fit
from ..own_models import OwnStep

pytestmark = pytest.mark.training

# On mean((x * w)^2) with x = 1 and 0.1 a rate of 2.1 shrinks the flat direction and
# doubles the steep one every seven steps: the loss falls, then climbs back.
STEEP, FLAT, RATE = 1.0, 0.1, 2.1
START = np.array([[1e-3], [1.0]], "float32")
X = np.diag([STEEP, FLAT]).astype("float32")
EPOCHS, STEPS = 3, 100  # each step sees both rows
STRETCH = EPOCHS * STEPS // 20


def quadratic(optimizer=None):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([START])
    model.compile(optimizer or keras.optimizers.SGD(RATE), "mse")
    return model


def losses_of(model, *callbacks):
    """The loss of each step."""
    tracker = LearningRateTracker()
    x = np.tile(X, (STEPS, 1))
    model.fit(x, np.zeros((len(x), 1)), batch_size=2, epochs=EPOCHS, verbose=0,
              shuffle=False, callbacks=[*callbacks, tracker])  # fmt: skip
    return np.array(tracker.losses)


def closed_form(rates):
    """Losses of gradient descent on mean((x * w)^2), one rate for each step."""
    weights, losses = START[:, 0].astype(float), []
    for rate in rates:
        losses.append(np.mean((np.diag(X) * weights) ** 2))
        weights = weights * (1 - rate * np.diag(X) ** 2)
    return losses


def test_without_a_guard_it_falls_and_climbs_back():
    losses = losses_of(quadratic())
    np.testing.assert_allclose(losses, closed_form([RATE] * len(losses)), rtol=2e-3)
    assert losses.min() < 0.5 * losses[0] < losses[-1]


def test_a_training_that_drifts_goes_on_from_before_at_a_third(capsys):
    model, guard = quadratic(), DivergenceGuard()
    losses = losses_of(model, guard)
    (cut,) = guard.cuts
    assert (cut.lr, cut.new_lr) == pytest.approx((RATE, RATE / 3))
    assert current_rate(model.optimizer) == pytest.approx(RATE / 3)
    assert capsys.readouterr().out.strip() == str(cut)
    # From before the best stretch on it is the closed form.
    medians = np.median(losses[: cut.step].reshape(-1, STRETCH), axis=1)
    kept = int(medians.argmin()) * STRETCH
    rates = [RATE] * kept + [RATE / 3] * (len(losses) - cut.step)
    expected = closed_form(rates)[kept:]
    np.testing.assert_allclose(losses[cut.step :], expected, rtol=2e-2)
    assert losses[-1] < losses[: cut.step].min()


@pytest.mark.few(1)
@pytest.mark.parametrize("inputs", [True, False])
def test_a_healthy_training_is_not_touched(inputs):
    expected = outcome_of_fit(make_model(inputs))
    model, guard = make_model(inputs), DivergenceGuard()
    x, y = make_data()
    history = model.fit(x, y, batch_size=16, epochs=2, verbose=0, callbacks=[guard])
    assert guard.cuts == [] and history.history == expected[0]
    again = make_model(inputs)
    actual = _outcome_with(again, DivergenceGuard())
    assert_same_outcome(actual, expected)


def _outcome_with(model, guard):
    fit_of = model.fit
    model.fit = lambda *args, **options: fit_of(*args, **options, callbacks=[guard])
    try:
        return outcome_of_fit(model)
    finally:
        del model.fit


def test_a_loss_that_is_not_finite_goes_back_at_once():
    for most in (3, 1):
        model = quadratic(keras.optimizers.SGD(1e25))
        guard = DivergenceGuard(most=most, verbose=0)
        losses_of(model, guard)
        assert len(guard.cuts) == most
        assert guard.cuts[0].step < STRETCH


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # Keras, then
@pytest.mark.parametrize("is_counted", [True, False])
@pytest.mark.parametrize("batches", [1, 2, 5])
def test_an_epoch_that_ends_with_it_has_no_loss_rather_than_0(batches, is_counted):
    """A mean of no batches is 0, the best loss there is: for EarlyStopping as well."""
    model = quadratic(keras.optimizers.SGD(1e25))
    guard = DivergenceGuard(verbose=0)
    stop = keras.callbacks.EarlyStopping("loss", 9, restore_best_weights=True)
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensors((X, np.zeros((2, 1), "float32")))
    data = data.repeat(batches)
    data = data if is_counted else data.filter(lambda x, y: True)
    history = model.fit(
        data, epochs=12, verbose=0, shuffle=False, callbacks=[guard, stop]
    )
    assert guard.cuts and not any(cut.is_finite for cut in guard.cuts)
    losses = np.array(history.history["loss"])
    assert not (losses == 0).any()
    assert np.isfinite(model.get_weights()[0]).all()


def test_what_is_left_of_a_training_that_is_ended_are_good_weights():
    model = quadratic(keras.optimizers.SGD(1e30))
    guard = DivergenceGuard(most=1, verbose=0)
    losses_of(model, guard)
    assert len(guard.cuts) == 1
    np.testing.assert_array_equal(model.get_weights()[0], START)


def test_slots_and_iterations_go_back_with_the_weights():
    model = quadratic(keras.optimizers.SGD(2.3, momentum=0.1))
    guard = DivergenceGuard(verbose=0)
    losses_of(model, guard)
    assert len(guard.cuts) == 1
    assert int(model.optimizer.iterations) <= EPOCHS * STEPS - STRETCH


def test_a_schedule_beside_it_goes_on_at_a_third():
    model, guard = quadratic(), DivergenceGuard(verbose=0)
    tracker = LearningRateTracker()
    losses_of(model, guard, ApplySchedule(constant(RATE)), tracker)
    (cut,) = guard.cuts
    rates = np.array(tracker.learning_rates)
    np.testing.assert_allclose(rates[: cut.step], RATE, rtol=1e-6)
    np.testing.assert_allclose(rates[cut.step :], RATE / 3, rtol=1e-6)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # Keras, then
def test_the_number_of_steps_may_be_unknown():
    """Then stretches are short until the first epoch has ended."""
    import tensorflow as tf

    data = tf.data.Dataset.from_tensors((X, np.zeros((2, 1), "float32")))
    data = data.repeat(STEPS).filter(lambda x, y: True)
    assert data.cardinality() == tf.data.UNKNOWN_CARDINALITY
    model, guard = quadratic(), DivergenceGuard(verbose=0)
    model.fit(data, epochs=EPOCHS, verbose=0, shuffle=False, callbacks=[guard])
    (cut,) = guard.cuts
    assert cut.step == 3 * UNKNOWN and current_rate(model.optimizer) < RATE


class ReportsBatches(OwnStep, keras.Model):
    """Its step reports the loss of the batch; that of `OwnStep` a running mean."""

    def __init__(self):
        super().__init__()
        self.inner = quadratic()
        self.compile(keras.optimizers.SGD(RATE), "mse")
        self.build((None, 2))

    def call(self, x):
        return self.inner(x)

    def loss_of(self, data):
        x, y = data[:2]
        return keras.ops.mean((self(x) - y) ** 2)


class ReportsMeans(ReportsBatches):
    pass


def report(self, loss):
    return {"loss": loss}


ReportsBatches.report = report
ReportsMeans.report = OwnStep.report


@pytest.mark.parametrize("kind", [ReportsBatches, ReportsMeans])
def test_a_step_of_ones_own_may_report_means_or_batches(kind):
    ours, keras_own = DivergenceGuard(verbose=0), DivergenceGuard(verbose=0)
    losses_of(kind(), ours)
    losses_of(quadratic(), keras_own)
    assert ours.cuts == keras_own.cuts


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"factor": 1.5}, "factor=1.5"),
        ({"factor": 0}, "factor=0"),
        ({"constant_loss": -1.0}, "constant_loss=-1.0"),
    ],
)
def test_bad_arguments_are_named(options, message):
    with pytest.raises(InputError, match=f"Received: {message}"):
        DivergenceGuard(**options)


def test_a_schedule_is_refused_before_anything_is_trained():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    model = quadratic(keras.optimizers.SGD(schedule))
    with pytest.raises(ModelError, match="SGD with a schedule"):
        losses_of(model, DivergenceGuard())
    np.testing.assert_array_equal(model.get_weights()[0], START)


def test_a_cut_reads_as_a_sentence():
    assert str(Cut(2, 30, 0.3, 0.1)).startswith("epoch 2, step 30: the loss drifted")


def test_a_loss_that_is_not_finite_after_the_last_cut_ends_the_training(capsys):
    for most in (2, 0):
        model = quadratic(keras.optimizers.SGD(1e30))
        guard = DivergenceGuard(most=most)
        losses = losses_of(model, guard)
        assert len(guard.cuts) == most
        assert len(losses) < EPOCHS * STEPS and not np.isfinite(losses[-1])
        assert np.count_nonzero(~np.isfinite(losses)) == most + 1
        told = capsys.readouterr().out.strip().splitlines()[-1]
        assert told.endswith("training ends") and f"step {len(losses)}" in told


def test_a_drift_after_the_last_cut_ends_nothing():
    losses = losses_of(quadratic(), DivergenceGuard(most=0))
    np.testing.assert_array_equal(losses, losses_of(quadratic()))

"""The callbacks of a training, and the rates before and after it."""

import keras
import pytest

from lr_finder.training.one_call.arguments import FitArguments
from lr_finder.training.one_call.resuming import KeepsRate, Kept
from lr_finder.training.one_call.scheduled_training import ScheduledTraining
from lr_finder.training.one_call.spanning_schedule import SpanningSchedule
from lr_finder.training.optimizer_rates import current_rate
from lr_finder.training.scheduling.cooldown import Cooldown
from lr_finder.training.watching.guard import DivergenceGuard

from ..scheduling.conftest import X, Y, make_eager
from ..scheduling.test_apply_schedule import several

pytestmark = pytest.mark.training
c = keras.callbacks


def kinds_of(callbacks, schedule="wsd", kept=None, **options):
    """The classes of the callbacks of a training, in their order."""
    seen = []

    class Model(keras.Sequential):
        def fit(self, callbacks, **options):
            seen.extend(callbacks)
            return super().fit(callbacks=callbacks, **options)

    model = Model([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    given = FitArguments(X, Y, verbose=0, **options)
    ScheduledTraining(model, given, callbacks, schedule, {None: 0.1}, kept).run()
    return [type(each) for each in seen]


STOP, OTHER = c.EarlyStopping("loss"), c.TerminateOnNaN()


@pytest.mark.parametrize(
    "callbacks, schedule, first, after",
    [
        ([], "wsd", [SpanningSchedule], [DivergenceGuard]),
        ([OTHER], None, [], [DivergenceGuard]),
        ([STOP, OTHER], "wsd", [SpanningSchedule], [DivergenceGuard, Cooldown]),
        ([STOP], None, [], [DivergenceGuard]),
        ([DivergenceGuard()], "wsd", [SpanningSchedule], []),
        ([STOP, Cooldown()], "wsd", [SpanningSchedule], [DivergenceGuard]),
    ],
)
def test_the_schedule_comes_first_and_what_watches_last(
    callbacks, schedule, first, after
):
    given = [type(each) for each in callbacks]
    assert kinds_of(callbacks, schedule) == [*first, *given, *after]


def test_beside_a_backup_the_rate_is_kept(tmp_path):
    backup = c.BackupAndRestore(tmp_path / "backup")
    assert kinds_of([backup])[-1] is KeepsRate
    assert kinds_of([backup], kept=Kept((0.1,), factor=0.5))[1].__name__ == "_Lowered"


def test_a_training_without_epochs_has_no_schedule():
    assert SpanningSchedule not in kinds_of([], epochs=2, initial_epoch=2)


def test_groups_of_ones_own_keep_their_proportion():
    model = make_eager(several(0.7, 0.14))
    given = FitArguments(X, Y, batch_size=4, epochs=2, verbose=0)
    ScheduledTraining(model, given, [], "wsd", {None: 0.1}).run()
    rates = sorted(current_rate(each) for each in model.optimizer.optimizers)
    assert rates == pytest.approx([0.02, 0.1])


def test_arguments_that_are_not_given_are_not_handed_on():
    """A `fit` of one's own need not know them."""

    class Model(keras.Sequential):
        def fit(self, x, y, callbacks, verbose):
            return super().fit(x, y, callbacks=callbacks, verbose=verbose)

    model = Model([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    given = FitArguments(X, Y, verbose=0)
    assert ScheduledTraining(model, given, [], "wsd", {None: 0.1}).run().epoch == [0]

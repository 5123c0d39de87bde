"""A training that breaks off and goes on in another process, at the rate found."""

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.schedules.named import spanning
from lr_finder.training.one_call.resuming import FILE, Kept, folders_of, kept_before
from lr_finder.training.optimizer_rates import current_rate
from lr_finder.training.watching.guard import DivergenceGuard
from lr_finder.training.watching.trackers import LearningRateTracker

from ..scheduling.conftest import assert_same, weights
from .conftest import (
    BATCHES,
    EPOCHS,
    STEPS,
    by_keras,
    make_model,
    once,
    trained,
)

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:Skipping variable loading"),
]

LR = 0.05


class Stop(keras.callbacks.Callback):
    """The machine is gone in this epoch."""

    def __init__(self, epoch):
        super().__init__()
        self.at = epoch

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == (self.at, 2):
            raise OSError("the machine is gone")


def broken_off(at, folder, *callbacks, model=None, **options):
    backup = keras.callbacks.BackupAndRestore(folder)
    with pytest.raises(OSError, match="machine is gone"):
        trained(
            model or make_model(), callbacks=[backup, *callbacks, Stop(at)], **options
        )


def resumed(folder, *callbacks, model=None, **options):
    """Rates of the batches and the model, as a new process has it."""
    model, tracker = model or make_model(), LearningRateTracker()
    backup = keras.callbacks.BackupAndRestore(folder)
    history = trained(model, callbacks=[backup, *callbacks, tracker], **options)
    return tracker.learning_rates, model, history


@pytest.mark.few(1)
@pytest.mark.parametrize("at", [3, 8])
def test_a_backup_enters_the_schedule_with_the_rate_found_before(tmp_path, at):
    """Nothing is swept again; the weights are those of a training without a break."""
    options = {"seed": 0, "shuffle": False}
    broken_off(at, tmp_path / "backup", **options)
    rates, model, history = resumed(tmp_path / "backup", **options)
    finding = history.finding
    assert len(finding.sweep.lrs) == 0 and "found before" in str(finding)
    line = spanning("wsd", finding.lr, STEPS)(range(at * BATCHES, STEPS))
    np.testing.assert_allclose(rates, line, rtol=1e-6)
    assert current_rate(model.optimizer) == pytest.approx(finding.lr)
    assert not (tmp_path / "backup").exists()


def test_the_weights_are_those_of_a_training_without_a_break(tmp_path):
    def make():
        return make_model(drop=0)  # whose draws a backup does not hold

    options = {"learning_rate": LR, "shuffle": False}
    broken_off(6, tmp_path / "backup", model=make(), **options)
    _, model, _ = resumed(tmp_path / "backup", model=make(), shuffle=False)
    plain = make()
    by_keras(plain, LR, shuffle=False)
    assert_same(weights(model), weights(plain))


@pytest.mark.slow
def test_a_backup_before_the_first_epoch_begins_anew(tmp_path):
    """Without a backup there is a search, whatever lies in the folder."""
    broken_off(0, tmp_path / "backup", seed=0)
    assert (tmp_path / "backup" / FILE).exists()
    rates, _, history = resumed(tmp_path / "backup", seed=0)
    assert len(history.finding.sweep.lrs) > 40 and len(rates) == STEPS


def test_a_cooldown_and_a_guard_go_on(tmp_path):
    class Cut(DivergenceGuard):
        """Cuts once, after the second epoch."""

        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            if epoch == 1:
                self._go_back()

    stop = keras.callbacks.EarlyStopping("loss", patience=3, min_delta=1e9)
    options = {"epochs": 30, "learning_rate": LR, "shuffle": False}
    broken_off(4, tmp_path / "backup", Cut(verbose=0), stop, **options)
    del options["learning_rate"]
    rates, model, history = resumed(
        tmp_path / "backup", keras.callbacks.EarlyStopping("loss", patience=99),
        **options,
    )  # fmt: skip
    # Four epochs, then 0.3 * 4 = 1 of cooldown, which is trained anew.
    assert history.epoch == [4]
    line = LR / 3 * (1 - np.arange(BATCHES) / BATCHES)
    np.testing.assert_allclose(rates, line, rtol=1e-6)
    assert current_rate(model.optimizer) == pytest.approx(LR / 3)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.filterwarnings("ignore:.*`shuffle=True` was passed")
def test_batches_that_were_counted_are_known(tmp_path):
    """A generator of one epoch: the second process knows how long an epoch is."""
    kept = Kept((LR,), batches=BATCHES)
    folder = tmp_path / "backup"
    broken_off(2, folder, learning_rate=LR, shuffle=False)
    (folder / FILE).write_text(kept.text(), "utf-8")
    rates, _, _ = resumed(folder, data={"x": once()}, epochs=3, schedule="linear")
    line = spanning("linear", LR, 3 * BATCHES)(range(2 * BATCHES, 3 * BATCHES))
    np.testing.assert_allclose(rates, line, rtol=1e-6)


def test_a_later_epoch_enters_with_the_rate_of_the_model():
    model, tracker = make_model(), LearningRateTracker()
    history = trained(model, seed=0, epochs=EPOCHS)
    first = history.finding.lr
    history = trained(model, epochs=15, initial_epoch=EPOCHS, callbacks=[tracker])
    assert history.finding.lr == pytest.approx(first)
    assert len(history.finding.sweep.lrs) == 0
    whole = spanning("wsd", first, 15 * BATCHES)
    expected = whole(range(STEPS, 15 * BATCHES))
    np.testing.assert_allclose(tracker.learning_rates, expected, rtol=1e-6)


def test_a_later_fit_begins_at_its_own_first_epoch(tmp_path):
    """Keras has a resumed model begin later for ever."""
    broken_off(3, tmp_path / "backup", learning_rate=LR)
    _, model, _ = resumed(tmp_path / "backup")
    assert trained(model, epochs=2, learning_rate=LR).epoch == [0, 1]


def test_a_backup_of_another_training_is_refused(tmp_path):
    folder = tmp_path / "backup"
    callbacks = [keras.callbacks.BackupAndRestore(folder), Stop(2)]
    with pytest.raises(OSError, match="machine is gone"):
        by_keras(make_model(), LR, callbacks=callbacks)
    model = make_model()
    before = weights(model)
    with pytest.raises(InputError, match=f"without {FILE}.*learning_rate="):
        trained(model, callbacks=callbacks[:1])
    assert_same(weights(model), before)
    rates, _, _ = resumed(folder, learning_rate=LR)
    assert len(rates) == STEPS - 2 * BATCHES


def test_other_groups_are_refused():
    with pytest.raises(InputError, match="`groups` must be that of.*2 rates"):
        Kept((0.1,)).rates_of(["body", "head"])


def test_a_remote_folder_is_refused():
    remote = keras.callbacks.BackupAndRestore("gs://bucket/backup")
    with pytest.raises(InputError, match="remote folder.*gs://bucket"):
        folders_of([remote])


@pytest.mark.parametrize("cooldown", [None, (3, 2)])
def test_what_is_kept_comes_back(tmp_path, cooldown):
    kept = Kept((0.1, 0.2), 12, 1 / 3, cooldown)
    assert Kept.read(kept.text()) == kept
    (tmp_path / FILE).write_text(kept.text(), "utf-8")
    backup = keras.callbacks.BackupAndRestore(tmp_path)
    assert kept_before([backup], False) is None  # no backup yet
    (tmp_path / "training_metadata.json").write_text("{}")
    assert kept_before([backup], False) == kept

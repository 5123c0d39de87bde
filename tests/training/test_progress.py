"""What is told while a model trains: every batch and epoch, the start and the end."""

import keras
import pytest

from lr_finder.training.progress import telling
from lr_finder.training.searching import SearchListeners, SearchSettings, search

from .conftest import make_data, make_model

pytestmark = pytest.mark.training


def test_a_search_tells_of_every_batch_of_both_stages():
    told = []
    settings = SearchSettings(
        budget_steps=100, batch_size=16, seed=0, sweep={"steps": 60, "repeats": 2}
    )
    found = search(
        make_model(), make_data(), settings=settings,
        listeners=SearchListeners(progress=told.append),
    )  # fmt: skip
    for stage, made in (
        ("sweep", sum(map(len, found.result.curves))),
        ("verification", found.verified.steps),
    ):
        mine = [each for each in told if each.stage == stage]
        assert [each.done for each in mine] == [*range(made + 1), made]
        assert [each.is_over for each in mine] == [False] * (made + 1) + [True]
        assert made <= mine[0].total
    swept = [each for each in told if each.stage == "sweep"][1:-1]
    first = found.result.curves[0]
    for event, rate, loss in zip(swept, first.lrs, first.losses, strict=False):
        assert event.learning_rate == pytest.approx(rate, rel=1e-5)
        assert event.losses["loss"] == pytest.approx(loss, rel=1e-5)


def test_a_batch_is_told_of_whose_loss_has_another_name():
    told = []
    with telling(told.append, "sweep", 1) as (callback,):
        callback.set_model(make_model())
        callback.on_train_batch_begin(0)
        callback.on_train_batch_end(0, {"accuracy": 0.5, "total_loss": 2.0})
    assert told[1].losses == {"loss": 2.0}


def test_the_end_is_told_of_a_stage_that_fails():
    told = []
    with pytest.raises(ValueError), telling(told.append, "training", 5, 0.1):
        raise ValueError
    assert [(each.done, each.learning_rate, each.is_over) for each in told] == [
        (0, 0.1, False), (0, 0.1, True)
    ]  # fmt: skip


def test_epochs_are_told_of_with_the_losses_that_there_are():
    told, model, (x, y) = [], make_model(), make_data()
    for validation, names in ((None, {"loss"}), ((x, y), {"loss", "val_loss"})):
        told.clear()
        with telling(told.append, "training", 2) as callbacks:
            history = model.fit(
                x, y, epochs=2, verbose=0, callbacks=callbacks,
                validation_data=validation,
            ).history  # fmt: skip
        assert [each.done for each in told] == [0, 1, 2, 2]
        assert set(told[1].losses) == names
        assert told[2].losses["loss"] == history["loss"][1]


def test_nobody_costs_nothing():
    with telling(None, "sweep", 5) as callbacks:
        assert callbacks == []
    assert isinstance(keras.callbacks.Callback(), keras.callbacks.Callback)

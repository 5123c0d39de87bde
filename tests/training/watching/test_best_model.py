"""The file of the best model: whole, and with the rates given."""

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.training.optimizer_rates import HeldRates, current_rate
from lr_finder.training.watching.best_model import keeping_best

pytestmark = pytest.mark.training


def test_the_file_has_the_best_weights_and_the_rates_held(tmp_path):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.5), "mse")
    rates, path = HeldRates(model.optimizer), tmp_path / "best.keras"
    callbacks, partial = keeping_best(path, "val_loss", rates)
    seen = []
    with rates:
        for each in callbacks:
            each.set_model(model)
        for epoch, loss in enumerate([float("nan"), 2.0, 1.0, 3.0]):
            model.set_weights([np.full((1, 1), float(epoch)), np.zeros(1)])
            model.optimizer.learning_rate = 0.1
            for each in callbacks:
                each.on_epoch_end(epoch, {"val_loss": loss})
            seen.append((path.exists(), current_rate(model.optimizer)))
    assert seen == [(False, 0.1), (True, 0.1), (True, 0.1), (True, 0.1)]
    kept = keras.models.load_model(path)
    assert kept.get_weights()[0] == 2.0 and current_rate(kept.optimizer) == 0.5
    assert not partial.exists()


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(InputError, match="must end in .keras.*model.h5"):
        keeping_best(tmp_path / "model.h5", "loss", HeldRates(keras.optimizers.SGD()))

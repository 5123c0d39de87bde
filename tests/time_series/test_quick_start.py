"""The quick start, letter for letter."""

import keras
import numpy as np
import pytest

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),
]

QUICK_START = """\
from lr_finder import LearningRateOptimizer, plot_learning_rate_analysis
from time_series import create_model, create_windowed_dataset, generate_time_series

TIME, SERIES = generate_time_series()
train_dataset = create_windowed_dataset(SERIES)
model = create_model(window_size=20)
lr_optimizer = LearningRateOptimizer(model, train_dataset)
optimal_lr = lr_optimizer.find_optimal_rate()
optimized_model, history = lr_optimizer.train_optimized(optimal_lr)
"""


@pytest.mark.slow  # run with the documents: `make test-documents`
def test_the_quick_start_runs():
    keras.utils.set_random_seed(0)
    names = {}
    exec(compile(QUICK_START, "quick start", "exec"), names)
    assert type(names["optimal_lr"]) is float
    assert 1e-5 < names["optimal_lr"] < 1e-1
    assert isinstance(names["optimized_model"], keras.Model)
    losses = names["history"].history["loss"]
    # Not below most of the noise that was drawn, far below the series' own variance.
    assert 10 < min(losses) < 0.05 * np.var(names["SERIES"])
    result = names["lr_optimizer"].result
    ax = names["plot_learning_rate_analysis"](
        result.lrs, result.losses, names["optimal_lr"]
    )
    assert ax.lines[0].get_xdata().tolist() == result.lrs.tolist()

"""What a worker makes of a task, called in this process."""

import sys

import cloudpickle
import joblib
import keras
import pytest

from lr_finder.errors import InputError
from lr_finder.experiments.comparison.run import run_task
from lr_finder.experiments.workers import WorkDir, work

from .conftest import task_of, three_parts

pytestmark = pytest.mark.training


def network(dataset, initializer=None):
    head = keras.layers.Dense(dataset.n_outputs, "softmax")
    return keras.Sequential([keras.Input(dataset.input_shape), head])


def raises(dataset, initializer=None):
    raise RuntimeError("no such thing")


def refuses(dataset, initializer=None):
    raise InputError("Argument `x` must be y.")


@pytest.fixture
def work_dir(tmp_path):
    builders = {"network": network, "raises": raises, "refuses": refuses}
    # The tests are no module that could be imported again by its name.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    try:
        pickled = cloudpickle.dumps(builders)
    finally:
        cloudpickle.unregister_pickle_by_value(sys.modules[__name__])
    return WorkDir(tmp_path, 1, pickled, keras.backend.backend())


def test_a_task_gives_the_record_of_one_process_and_leaves_no_file(work_dir):
    joblib.dump(three_parts(), work_dir.data)
    before = sorted(work_dir.folder.iterdir())
    record = work(task_of("network"), work_dir, work_dir.data)
    expected, _ = run_task(task_of("network"), three_parts(), network)
    assert record.values["status"] == "finished" and len(record.epochs) == 2
    assert record.values["test_loss"] == pytest.approx(expected.values["test_loss"])
    assert sorted(work_dir.folder.iterdir()) == before


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("raises", "RuntimeError: no such thing (at "),
        ("refuses", "Argument `x` must be y."),
    ],
)
def test_what_a_model_raises_is_a_row(work_dir, model, message):
    record = work(task_of(model), work_dir, three_parts())
    assert record.values["status"] == "failed"
    assert record.values["message"].startswith(message)

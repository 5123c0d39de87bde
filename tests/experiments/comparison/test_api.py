"""A whole comparison: planned, made once, read again; and one training by name."""

import keras
import numpy as np
import pytest

import lr_finder
from lr_finder.errors import InputError
from lr_finder.experiments.comparison.api import compare, train_model
from lr_finder.experiments.comparison.kept_runs import read_comparison
from lr_finder.experiments.comparison.plan import Plan

from ..conftest import three_parts

pytestmark = pytest.mark.training
PLAN = Plan(["sgd", "adam"], [0.1, "found"], [32, 16], None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("comparison")


@pytest.fixture(scope="module")
def made(folder):
    """Seven settings, two epochs each, in one worker."""
    return compare("mlp", three_parts(), PLAN, 1, out=folder, epochs=2, threads=1)


@pytest.mark.slow
def test_all_of_the_plan_is_made(made):
    runs = made.runs
    assert len(runs) == 2 * 2 + 2  # then the other batch size, at the best rate of each
    assert set(runs["status"]) == {"finished"}
    assert made.epochs.groupby("key")["epoch"].max().eq(2).all()
    assert (made.metric, made.name) == ("accuracy", "points")
    y = three_parts().y_test
    assert made.chance == max(np.bincount(y)) / len(y)


def test_what_follows_is_at_the_rate_that_validated_best(made):
    runs = made.runs
    for name, of_optimizer in runs.groupby("optimizer"):
        main = of_optimizer[of_optimizer["batch_size"] == 32]
        (later,) = of_optimizer[of_optimizer["batch_size"] == 16].itertuples()
        assert later.rate == main.loc[main["val_accuracy"].idxmax(), "rate"], name


def test_called_again_nothing_is_made_anew(made, folder):
    seen = []
    again = compare("mlp", three_parts(), PLAN, 1, out=folder, epochs=2, threads=1,
                    watch=seen.append)  # fmt: skip
    assert not [each for progress in seen for each in progress.latest]
    assert seen[-1].ended == seen[-1].total == 6
    assert again.runs.equals(made.runs) and again.epochs.equals(made.epochs)


def test_a_folder_is_read_as_it_was_made(made, folder):
    read = read_comparison(folder)
    assert read.runs.equals(made.runs) and read.epochs.equals(made.epochs)
    assert (read.metric, read.chance) == (made.metric, made.chance)
    rows = len(three_parts().y_test)
    assert read.test_rows == made.test_rows == rows and made.resolution == 1 / rows
    with pytest.raises(InputError, match="no such file"):
        read_comparison(folder / "elsewhere")


def test_other_data_in_the_same_folder_is_refused(made, folder):
    before = read_comparison(folder).runs
    with pytest.raises(InputError, match="folder"):
        compare("mlp", three_parts(seed=1), PLAN, 1, out=folder, epochs=2)
    assert read_comparison(folder).runs.equals(before)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"workers": 0}, "workers"),
        ({"threads": -1}, "threads"),
        ({"seeds": 0}, "seeds"),
        ({"epoch": 3}, "epochs"),
        ({"cluster": "local"}, "out"),
        ({"build_model": "no_such_model"}, "no_such_model"),
        ({"limit": 5}, "limit"),
        ({"plan": Plan("adam", 0.1, 1000)}, "1000"),
        ({"plan": Plan("adam", 0.1, 8, "zeroes")}, "zeroes"),
        ({"loss": "mse", "plan": Plan("adam", 0.1, 8, None)}, "loss"),
    ],
)
def test_what_cannot_be_compared_is_refused_first(arguments, word, tmp_path):
    out = None if "cluster" in arguments else tmp_path / "out"
    given = {"build_model": "mlp", "data": three_parts(), "out": out, **arguments}
    with pytest.raises(InputError, match=word):
        compare(**given)
    assert not (tmp_path / "out").exists()


def test_one_training_is_asked_for_as_the_field_does():
    trained = train_model(
        keras.optimizers.Adam, lr=0.05, batch_size=16, initializer="he_normal",
        data=three_parts(), epochs=4,
    )  # fmt: skip
    assert trained.status == "finished" and trained.epochs_run == 4
    assert trained.learning_rate == 0.05 and trained.seconds > 0
    assert trained.test_accuracy > 0.5
    assert trained.history["epoch"] == [1, 2, 3, 4]
    assert trained.history["val_accuracy"][-1] == pytest.approx(
        trained.record.epochs[-1]["val_accuracy"]
    )
    loss, accuracy = trained.model.evaluate(
        three_parts().x_test, three_parts().y_test, verbose=0
    )
    assert (loss, accuracy) == pytest.approx(
        (trained.test_loss, trained.test_accuracy), rel=1e-5
    )
    with pytest.raises(AttributeError):
        trained.magic  # noqa: B018


def test_one_training_leaves_the_random_states_alone():
    keras.utils.set_random_seed(3)
    expected = np.random.random()  # noqa: NPY002
    keras.utils.set_random_seed(3)
    train_model("adam", data=three_parts(), epochs=1)
    assert np.random.random() == expected  # noqa: NPY002


def test_the_public_names_are_these():
    assert lr_finder.compare is compare and lr_finder.train_model is train_model
    assert lr_finder.Plan is Plan

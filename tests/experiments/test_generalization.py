"""Studies of a line, whose training is known step by step."""

import keras
import numpy as np
import pandas as pd
import pytest

from lr_finder.data.dataset import Dataset
from lr_finder.data.parts import ThreeParts
from lr_finder.errors import InputError
from lr_finder.experiments.comparison.plan import Plan
from lr_finder.experiments.generalization import (
    Arms,
    PairedPlan,
    default_plan,
    run_generalization,
)
from lr_finder.experiments.regularization import Regularization

from .conftest import three_parts

pytestmark = pytest.mark.training
ROWS, EPOCHS, RATE = 24, 12, 0.05
L2, DECAY = Regularization(l2=0.5), Regularization(weight_decay=0.5)
BOTH = [Regularization(), L2, DECAY]


def linear_parts():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS + 20, 3)).astype("float32")
    y = (x @ [1.0, -1.0, 2.0] + 0.5 * rng.normal(size=len(x))).astype("float32")
    dataset = Dataset(
        x[:ROWS], y[:ROWS], x[ROWS : ROWS + 10], y[ROWS : ROWS + 10], "regression"
    )
    return ThreeParts(dataset, x[ROWS + 10 :], y[ROWS + 10 :], "line")


def line():
    layer = keras.layers.Dense(1, use_bias=False)
    return keras.Sequential([keras.Input((3,)), layer])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("study")


def study(folder, **options):
    plan = Plan("sgd", RATE, ROWS, None)
    return run_generalization(
        line, linear_parts(), BOTH, plan, seeds=1, epochs=EPOCHS, out=folder, threads=1,
        **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(folder):
    return study(folder)


def descent(strength):
    """Mean squared errors of training, validation and test rows after each epoch."""
    parts = linear_parts()
    data = parts.dataset
    keras.utils.set_random_seed(0)
    w = line().get_weights()[0].astype(float)
    rows = []
    for _ in range(EPOCHS):
        residual = data.x_train @ w - data.y_train[:, None]
        w = w - RATE * (2 * data.x_train.T @ residual / ROWS + strength * w)
        rows.append([
            np.mean((x @ w - y[:, None]) ** 2)
            for x, y in ((data.x_train, data.y_train),
                         (data.x_validation, data.y_validation),
                         (parts.x_test, parts.y_test))
        ])  # fmt: skip
    return np.array(rows)


def test_losses_of_each_epoch_are_those_of_descent_without_the_penalty(made):
    """Plain SGD: the penalty and the decay are the same descent."""
    names = ["train_loss", "val_loss", "test_loss"]
    for label, strength in (("none", 0.0), ("L2 0.5", 0.5), ("decay 0.5", 0.5)):
        run = made.runs.set_index("regularization").loc[label]
        told = made.epochs[made.epochs["key"] == run["key"]][names].to_numpy()
        np.testing.assert_allclose(told, descent(strength), rtol=1e-4)
        np.testing.assert_allclose(run[names].astype(float), told[-1])
        assert run["epoch"] == EPOCHS and run["steps_per_epoch"] == 1


def test_the_columns_say_what_each_run_had(made):
    runs = made.runs.set_index("regularization")
    assert runs["l2"].to_dict() == {"none": 0, "L2 0.5": 0.5, "decay 0.5": 0}
    assert runs["weight_decay"].to_dict() == {"none": 0, "L2 0.5": 0, "decay 0.5": 0.5}
    assert runs["optimizer"].eq("sgd").all() and runs["model"].eq("line").all()
    assert made.variants == ("none", "L2 0.5", "decay 0.5")
    assert runs["train_accuracy"].isna().all()


def test_the_gap_at_an_equal_loss_is_read_off_the_curves(made):
    """Half-way between two losses, the gap is half-way between two gaps."""
    for label, strength in (("none", 0.0), ("L2 0.5", 0.5)):
        train, _, test = descent(strength)[4:6].T
        gap = made.gaps(float(train.mean())).set_index("regularization")["gap"]
        assert gap[label] == pytest.approx((test - train).mean(), rel=1e-3)


def test_called_again_it_makes_nothing_anew(made, folder):
    seen = []
    again = study(folder, watch=seen.append)
    assert not [each for progress in seen for each in progress.latest]
    pd.testing.assert_frame_equal(again.runs, made.runs)


def network(dataset, dropout=0.0):
    layers = [keras.Input((2,)), keras.layers.Dense(32, "relu")]
    layers += [keras.layers.Dropout(dropout)] if dropout else []
    return keras.Sequential([*layers, keras.layers.Dense(3, "softmax")])


@pytest.fixture(scope="module")
def noisy():
    return run_generalization(
        network, three_parts(n=60),
        [Regularization(dropout=0.3), Regularization(early_stopping=True)],
        Plan("adam", 0.03, 16, None), seeds=1, epochs=14, label_noise=0.4, threads=1,
    )  # fmt: skip


def test_early_stopping_is_scored_at_the_weights_it_kept(noisy):
    run = noisy.runs.set_index("regularization").loc["early stopping"]
    curve = noisy.epochs[noisy.epochs["key"] == run["key"]]
    best = curve.loc[curve["val_loss"].idxmin()]
    assert run["epoch"] == best["epoch"]
    assert run["test_loss"] == best["test_loss"]
    assert noisy.runs.iloc[0]["epoch"] == 14


def test_noise_hides_in_the_training_labels_only(noisy):
    assert noisy.runs["label_noise"].eq(0.4).all()
    run = noisy.runs.iloc[0]
    assert run["train_accuracy"] < run["test_accuracy"]
    assert noisy.about["fingerprint"] != three_parts(n=60).fingerprint


def test_the_arms_are_trained_as_pairs():
    plan = Plan(["sgd", "adamw"], [0.1, 0.2], 32, None, is_full_grid=True)
    arms = Arms({"net": network}, plan, [*BOTH, Regularization(dropout=0.5)])
    assert sorted(arms.sources) == ["net", "net, L2 0.5", "net, dropout 0.5"]
    settings = arms.plan.main_settings()
    assert len(settings) == 4 * 2 * 2
    told = {(each.model, each.optimizer.label) for each in settings}
    assert ("net", "sgd, decay 0.5") in told
    assert ("net, L2 0.5", "sgd, decay 0.5") not in told
    assert isinstance(arms.plan, PairedPlan) and arms.plan.n_further == 0


def test_the_default_plan_is_a_grid_of_adam():
    settings = default_plan().main_settings()
    assert {each.optimizer.label for each in settings} == {"adam"}
    assert settings[0].rate == 1e-4 and settings[-1].rate == 0.1


@pytest.mark.parametrize(
    ("options", "told"),
    [({"early_stopping": True}, "Regularization\\(early_stopping=True\\)"),
     ({"reduce_on_plateau": True}, "is decided by"), ({"patience": 3}, "patience"),
     ({"regularizations": []}, "`regularizations`"),
     ({"regularizations": [L2, L2]}, "each once"),
     ({"regularizations": ["L2"]}, "lr_finder.Regularization"),
     ({"label_noise": 1.5}, "label_noise"), ({"label_noise": 0.4}, "two classes"),
     ({"workers": 0}, "workers"), ({"seeds": 0}, "seeds"), ({"data": 3}, "`data`")],
)  # fmt: skip
@pytest.mark.few(11)
def test_bad_arguments_are_named_before_a_run(options, told):
    given = {"build_model": line, "data": linear_parts(), "seeds": 1,
             "plan": Plan("sgd", RATE, ROWS, None)}  # fmt: skip
    with pytest.raises(InputError, match=told):
        run_generalization(**(given | options))

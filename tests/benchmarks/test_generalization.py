"""The stored studies of generalization: that they are whole, and what they claim."""

import keras
import numpy as np
import pandas as pd
import pytest

from benchmarks.generalization import jump, report, studies
from lr_finder.data.dataset import Dataset

STORED = [name for name in studies.STUDIES if studies.stored_file(name).is_file()]


@pytest.mark.parametrize("name", STORED)
def test_a_stored_study_is_the_whole_of_its_plan(name):
    study, result = studies.STUDIES[name], studies.stored(name)
    n = len(study.plan.main_settings()) * len(study.models)
    runs = result.runs
    assert len(runs) == n * len(study.regularizations) * study.seeds
    assert runs["seed"].nunique() == study.seeds and not runs["key"].duplicated().any()
    counts = result.epochs.groupby("key")["epoch"].max()
    assert counts.reindex(runs["key"]).eq(runs["epochs_run"].to_numpy()).all()
    report.readable(result.gaps(result.common_loss), report.GAPS)


def test_the_parts_of_the_digits_share_no_row():
    parts = studies.digits()
    rows = np.concatenate([
        parts.dataset.x_train, parts.dataset.x_validation, parts.x_test
    ])  # fmt: skip
    assert len(rows) == 1797 and rows.min() == 0 and rows.max() == 1
    assert len(parts.dataset.x_train) == studies.TRAINED


def test_the_same_strength_is_another_regularization():
    """Adam with an L2 of 0.1 learns little; with a decay of 0.1 it does not notice."""
    best = studies.stored("decay").best().set_index("variant")
    assert best.loc["L2 0.1", "difference_low"] > 0.9
    assert abs(best.loc["decay 0.1", "difference"]) < 0.01


def test_known_by_heart_is_not_understood():
    gaps = studies.stored("noise").gaps().set_index(["variant", "rate"])
    row = gaps.loc["none", "0.003"]
    assert row["train_accuracy"] > 0.99 and row["test_accuracy_high"] < 0.7


def test_the_table_of_optimizers_has_a_row_for_each():
    table = report.optimizer_table()
    assert list(table["optimizer"]) == [
        "sgd", "momentum", "adam", "adamw(weight_decay=0.1)", "rmsprop"
    ]  # fmt: skip
    assert table["n_reached"].eq(3).all() and (table["decades"] > 0).all()


def row(arm, epoch, loss, reestimated, seed=0):
    return {"seed": seed, "arm": arm, "epoch": epoch, "val_loss": loss,
            "val_loss_reestimated": reestimated}  # fmt: skip


def test_the_share_of_the_jump():
    """From 2 to 1.2 by the statistics, from 2 to 1 by the lower rate: 80 %."""
    rows = pd.DataFrame([
        row(jump.HIGHER, 1, 9.0, 9.0), row(jump.HIGHER, 2, 2.0, 1.2),
        row(jump.SAME, 3, 2.1, 1.3), row(jump.LOWER, 3, 1.0, 0.9),
    ])  # fmt: skip
    (told,) = jump.shares(rows).to_dict("records")
    assert told["share"] == pytest.approx(0.8)
    assert (told["before"], told["same"], told["lower_reestimated"]) == (2.0, 2.1, 0.9)


def test_the_stored_jump_is_whole():
    rows = jump.stored()
    for name, case in jump.CASES.items():
        own = rows[rows["case"] == name]
        per_seed = case.epochs - case.scored_from + 3
        assert own.groupby("seed").size().tolist() == [per_seed] * case.seeds


@pytest.mark.training
def test_the_jump_is_measured_at_fixed_weights():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 4, 4, 1)), rng.integers(0, 2, 40)
    x, y = x.astype("float32"), y.astype("int32")
    data = Dataset(x, y, x[:8], y[:8], "classification", kind="images", classes=(0, 1))

    def build(dataset):
        return keras.Sequential([
            keras.Input((4, 4, 1)), keras.layers.Flatten(),
            keras.layers.BatchNormalization(), keras.layers.Dense(2, "softmax"),
        ])  # fmt: skip

    case = jump.Case(40, 8, 0.1, 0.01, 2, 1)
    rows = list(jump.rows_of_seed(data, case, 0, build))
    assert [each["arm"] for each in rows] == [
        jump.HIGHER, jump.HIGHER, jump.SAME, jump.LOWER
    ]  # fmt: skip
    model = build(data)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    before = model.get_weights()
    jump.scores(model, data)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)

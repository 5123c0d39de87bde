"""A comparison's tables, against SciPy's tests on the rows that they were made of."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lr_finder.analysis.comparison.paired_tests import holm
from lr_finder.errors import InputError
from lr_finder.results.comparison import Comparison
from lr_finder.results.comparison_runs import SETTING

from ..conftest import make_comparison_frames


def scores(runs, **setting):
    """Test accuracies by seed of one setting."""
    for name, value in setting.items():
        runs = runs[runs[name] == value]
    return runs.set_index("seed")["test_accuracy"].sort_index().to_numpy()


def setting_of(row):
    return {name: row[name] for name in SETTING}


def test_optimizers_are_ranked_at_their_best_settings(comparison):
    table = comparison.table()
    assert table["rank"].tolist() == [1, 2, 3, 4]
    best = comparison.best_settings().set_index("optimizer")
    values = {}
    for row in table.to_dict("records"):
        assert row["rate"] == best.loc[row["optimizer"], "rate"]
        values[row["optimizer"]] = scores(comparison.runs, **setting_of(row))
        assert row["mean"] == pytest.approx(values[row["optimizer"]].mean())
    first, *others = table["optimizer"]
    tests = [stats.ttest_rel(values[name], values[first]) for name in others]
    expected = holm([test.pvalue for test in tests])
    assert table["p_holm"].tolist()[1:] == pytest.approx(expected.tolist())
    interval = tests[0].confidence_interval(0.95)
    row = table.iloc[1]
    assert (row["difference_low"], row["difference_high"]) == pytest.approx(
        (interval.low, interval.high)
    )


def test_a_rate_at_which_runs_diverged_is_last_and_untested(comparison):
    table = comparison.table("rate")
    assert len(table) == 12 and table["optimizer"].nunique() == 4
    row = table[(table["optimizer"] == "rmsprop") & (table["rate"] == "0.01")].iloc[0]
    assert (row["rank"], row["n"], row["diverged"], row["unscored"]) == (3, 0, 5, 5)
    assert row["reason"] == "5 of 5 runs diverged"
    assert np.isnan(row["p_holm"])


@pytest.mark.parametrize("by, levels", [("batch_size", 3), ("initializer", 2)])
def test_one_factor_is_ranked_within_each_optimizer(comparison, by, levels):
    table = comparison.table(by)
    for _, rows in table.groupby("optimizer"):
        assert rows["rank"].tolist() == list(range(1, levels + 1))
        assert rows["mean"].is_monotonic_decreasing
        for row in rows.to_dict("records"):
            own = scores(comparison.runs, **setting_of(row))
            assert row["mean"] == pytest.approx(own.mean())


def test_found_rates_are_tested_against_fixed_ones_all_together(comparison):
    table = comparison.found_against_fixed()
    assert len(table) == 8
    expected, runs = [], comparison.runs
    for row in table.to_dict("records"):
        base = {"optimizer": row["optimizer"], "batch_size": 64,
                "initializer": "he_normal"}  # fmt: skip
        found = scores(runs, **base, rate="found")
        fixed = scores(runs, **base, rate=row["rate"])
        if row["reason"]:
            assert np.isnan(fixed).all()
            assert row["reason"] == "fixed rate: 5 of 5 runs diverged"
            continue
        test = stats.ttest_rel(found, fixed)
        expected.append(test.pvalue)
        interval = test.confidence_interval(0.95)
        assert (row["difference"], row["difference_low"], row["difference_high"]) == (
            pytest.approx(((found - fixed).mean(), interval.low, interval.high))
        )
        keys = f"cnn-{row['optimizer']}-found-64-he_normal-"
        rates = runs[runs["key"].str.startswith(keys)]["learning_rate"]
        assert row["found_rate"] == np.median(rates)
        assert (row["found_low"], row["found_high"]) == (min(rates), max(rates))
    tested = table["p_holm"].dropna()
    assert tested.tolist() == pytest.approx(holm(expected).tolist())
    assert len(tested) == 7


def test_without_found_rates_there_is_nothing_to_compare_them_with():
    comparison = Comparison(*make_comparison_frames(rates=("0.01", "0.001")))
    assert comparison.found_against_fixed().empty
    with pytest.raises(InputError, match=r"Use table\('model'\)"):
        comparison.models()


def test_too_few_seeds_are_named_as_the_reason():
    for seeds, reason in ((1, "1 seed cannot"), (2, "2 seeds cannot")):
        comparison = Comparison(*make_comparison_frames(seeds=seeds))
        table = comparison.found_against_fixed()
        told = table["reason"].value_counts()
        assert told[f"{reason} tell; run at least 3"] == 7
        assert table["p_holm"].isna().all()
        assert (
            table.loc[table["reason"].str.contains("tell"), "difference"].notna().all()
        )
        assert comparison.table()["p_holm"].isna().all()
        assert any("run at least 3" in each for each in comparison.sentences())


def of_one_row(seeds, test_rows=80):
    """Two optimizers that differ by one test row with each seed."""
    runs, epochs = make_comparison_frames(
        ("sgd", "adam"), ("0.01",), seeds=seeds, diverged=()
    )
    runs = runs[(runs["batch_size"] == 64) & (runs["initializer"] == "he_normal")]
    right = 72 - (runs["optimizer"] == "sgd") - runs["seed"] % 2
    return Comparison(
        runs.assign(test_accuracy=right / 80), epochs, test_rows=test_rows
    )


def test_the_rows_of_the_test_part_go_into_every_test():
    # One row more with each of three seeds: t = sqrt(18) with 2 degrees of freedom.
    comparison = of_one_row(3)
    p = 1 - math.sqrt(18 / 20)
    assert comparison.resolution == 1 / 80
    assert comparison.table()["p_holm"][1] == pytest.approx(p)
    assert "adam and sgd cannot be told apart with 3 seeds" in comparison.sentences()
    models = pd.concat(
        each.runs.assign(model=name, rate="found",
                         test_accuracy=each.runs["test_accuracy"] - (name == "b") / 80)
        for name, each in (("a", comparison), ("b", comparison))
    )  # fmt: skip
    two = Comparison(models, comparison.epochs, test_rows=80)
    assert two.models()["p_holm"][1] == pytest.approx(p)
    # The mean over two optimizers has half the variance of a step: t = sqrt(36).
    crossed = pd.concat(
        comparison.runs.assign(
            rate=rate, test_accuracy=comparison.runs["test_accuracy"] - i / 80
        )
        for i, rate in enumerate(["found", "0.1"])
    )
    crossed = Comparison(crossed, comparison.epochs, test_rows=80)
    effect = crossed.main_effect("rate")
    assert effect["p_holm"][1] == pytest.approx(1 - math.sqrt(36 / 38))
    against = crossed.found_against_fixed()
    assert against["p_holm"].tolist() == pytest.approx([2 * p, 2 * p])


def test_no_accuracy_and_no_difference_of_accuracies_lies_beyond_what_there_can_be():
    accuracies = {
        ("sgd", "0.01"): [0.02, 0.9, 0.99],
        ("sgd", "found"): [0.99, 0.9, 0.97],
        ("adam", "0.01"): [0.99, 0.1, 1.0],
        ("adam", "found"): [0.01, 1, 0.9],
    }
    runs, epochs = make_comparison_frames(
        ("sgd", "adam"), ("0.01", "found"), seeds=3, diverged=()
    )
    runs = runs[(runs["batch_size"] == 64) & (runs["initializer"] == "he_normal")]
    runs = runs.sort_values(["optimizer", "rate", "seed"])
    keys = zip(runs["optimizer"], runs["rate"], strict=True)
    places = runs.groupby(["optimizer", "rate"]).cumcount()
    scores = [accuracies[key][i] for key, i in zip(keys, places, strict=True)]
    comparison = Comparison(runs.assign(test_accuracy=scores), epochs)
    ranked = [
        comparison.table(),
        comparison.table("rate"),
        comparison.main_effect("rate"),
    ]
    for table in ranked:
        assert table["low"].dropna().between(0, 1).all()
        assert table["high"].dropna().between(0, 1).all()
    assert (comparison.table()["high"] == 1).any()  # there was something to cut
    for table in [*ranked, comparison.found_against_fixed()]:
        ends = table[["difference_low", "difference_high"]].stack().dropna()
        assert len(ends) and ends.between(-1, 1).all()
    shown = " ".join(comparison.summary()["95 % interval"])
    assert "-" not in shown and max(map(float, shown.replace("to", "").split())) <= 100
    loss = Comparison(runs.assign(test_loss=scores), epochs, metric="loss")
    assert (loss.table()["high"] > 1).any()  # a loss has no upper bound


def test_without_the_number_of_rows_equal_differences_have_no_p_value():
    comparison = of_one_row(3, test_rows=None)
    assert comparison.resolution is None
    assert comparison.table()["p_holm"].isna().all()
    assert comparison.summary()["p (Holm)"].tolist() == ["", "no spread"]
    assert any("no spread to judge by" in each for each in comparison.sentences())


def test_losses_have_no_steps():
    frames = make_comparison_frames(is_regression=True)
    assert Comparison(*frames, metric="loss", test_rows=80).resolution is None
    with pytest.raises(InputError, match="`test_rows` must be a whole number"):
        Comparison(*frames, metric="loss", test_rows=0)


@pytest.fixture
def two_models():
    parts = [make_comparison_frames(seeds=3, model=model) for model in ("cnn", "net")]
    runs, epochs = (pd.concat(each, ignore_index=True)
                    for each in zip(*parts, strict=True))  # fmt: skip
    runs["test_accuracy"] -= 0.1 * (runs["model"] == "net")
    return Comparison(runs, epochs)


def test_models_are_ranked_each_at_its_own_found_rate(two_models):
    table = two_models.models()
    assert table["model"].tolist() == ["cnn", "net"]
    assert set(table["rate"]) == {"found"}
    first, second = (
        scores(two_models.runs, **setting_of(row)) for row in table.to_dict("records")
    )
    assert table["difference"][1] == pytest.approx((second - first).mean())
    # At any rate a model may stand at another setting: at that which validated best.
    best = two_models.best_settings(["model"]).set_index("model")
    for row in two_models.table("model").to_dict("records"):
        assert row["rate"] == best.loc[row["model"], "rate"]


def test_optimizers_are_ranked_within_each_model(two_models):
    table = two_models.table()
    assert table["model"].tolist() == ["cnn"] * 4 + ["net"] * 4
    assert table["rank"].tolist() == [1, 2, 3, 4] * 2
    assert two_models.main_effect("batch_size")["model"].tolist() == (
        ["cnn"] * 3 + ["net"] * 3
    )


def test_a_main_effect_of_optimizers_is_their_mean_over_rates(comparison):
    table = comparison.main_effect("optimizer").set_index("optimizer")
    base = {"optimizer": "adam", "batch_size": 64, "initializer": "he_normal"}
    by_seed = np.mean(
        [scores(comparison.runs, **base, rate=rate)
         for rate in ("0.01", "0.001", "found")], axis=0,
    )  # fmt: skip
    assert table.loc["adam", "mean"] == pytest.approx(by_seed.mean())
    assert table.loc["adam", "sd"] == pytest.approx(by_seed.std(ddof=1))
    assert table.loc["rmsprop", "rank"] == 4
    assert table.loc["rmsprop", "reason"] == "5 of 15 runs diverged"


def test_the_tidy_table_has_every_run_and_epoch(comparison_frames):
    runs, epochs = comparison_frames
    lost = runs["key"].iloc[0]
    comparison = Comparison(runs, epochs[epochs["key"] != lost])
    frame = comparison.to_frame()
    assert len(frame) == len(epochs) - 8 + 1
    assert frame[frame["key"] == lost]["epoch"].isna().all()
    row = frame[(frame["key"] == runs["key"].iloc[7]) & (frame["epoch"] == 3)].iloc[0]
    expected = epochs[(epochs["key"] == runs["key"].iloc[7]) & (epochs["epoch"] == 3)]
    assert row["val_loss"] == expected["val_loss"].iloc[0]
    assert row["kept_val_loss"] == runs["val_loss"].iloc[7]


def test_a_comparison_in_progress_has_all_its_tables(comparison_frames):
    runs, epochs = comparison_frames
    for n in (1, 7, 61):
        comparison = Comparison(runs[:n], epochs)
        for by in SETTING:
            table = comparison.table(by)
            assert len(table) == len(table.drop_duplicates(SETTING)) >= 1
        comparison.found_against_fixed()
        comparison.main_effect("rate")
        assert comparison.sentences()
    assert not Comparison(runs[:7], epochs).is_complete
    assert Comparison(runs, epochs).is_complete


def test_sentences_say_the_answer_first(comparison):
    sentences = comparison.sentences()
    row = comparison.table().iloc[0]
    assert sentences[0].startswith("constructed: 120 runs of 4 optimizers")
    assert sentences[1].startswith(f"{row['optimizer']} comes first")
    assert any("cannot be told apart" in sentence for sentence in sentences)
    assert any("5 of 5 runs diverged" in sentence for sentence in sentences)


def test_sentences_of_several_models_name_them(two_models):
    sentences = two_models.sentences()
    assert any(s.startswith("net is worse than cnn: ") for s in sentences)
    assert any(s.startswith("net, sgd: ") for s in sentences)


def test_bad_arguments_are_refused(comparison_frames):
    runs, epochs = comparison_frames
    with pytest.raises(InputError, match="Received: 'f1'"):
        Comparison(runs, epochs, metric="f1")
    with pytest.raises(InputError, match="`epochs` must have the columns"):
        Comparison(runs, epochs.drop(columns="epoch"))
    comparison = Comparison(runs, epochs)
    for call in (comparison.table, comparison.main_effect):
        with pytest.raises(InputError, match="Received: 'device'"):
            call("device")
    with pytest.raises(InputError, match="Argument `by`"):
        comparison.best_settings(["seed"])


def test_its_repr_is_short():
    told = repr(Comparison(*make_comparison_frames()))
    assert told.endswith("runs by accuracy: sgd, momentum, rmsprop, adam>")
    assert len(told) < 100

"""What a study says, word by word."""

import numpy as np

from lr_finder.results.generalization import generalization_text as words
from lr_finder.results.generalization.generalization import GeneralizationResult

from ...conftest import make_gap_frames


def said(frames=None, **changed):
    runs, epochs = frames or make_gap_frames()
    return GeneralizationResult(runs.assign(**changed), epochs, "digits").sentences()


def test_the_counts_come_first():
    assert said()[0] == (
        "18 runs of digits with 3 seeds; 2 ended without a finite loss"
    )
    assert said(label_noise=0.4)[0] == (
        "18 runs of digits with 3 seeds, 40 % of the training labels replaced; 2 ended "
        "without a finite loss"
    )


def test_the_best_variant_and_its_gap():
    assert said()[1] == (
        "L2 0.1 has the lowest test loss: 0.311 (0.309 to 0.313) at 1e-3, with a gap "
        "of 0.061 (0.0585 to 0.0635)"
    )


def noisy_frames():
    """Differences from seed to seed that are not all the same."""
    runs, epochs = make_gap_frames()
    is_other = (runs["regularization"] != "none") & (runs["seed"] == 0)
    runs.loc[is_other, "test_loss"] += 0.001
    return runs, epochs


def test_a_difference_is_told_with_its_interval_and_p():
    told = said(noisy_frames())[2]
    assert told.startswith(
        "L2 0.1 has a lower test loss than without: by 0.0397 (0.0382 to 0.0411), p = "
    )


def test_what_chance_explains_is_not_called_a_difference():
    runs, epochs = make_gap_frames()
    rng = np.random.default_rng(0)
    runs["test_loss"] = runs["train_loss"] + rng.normal(0.3, 0.1, len(runs))
    told = said((runs, epochs))
    assert (
        "By their test losses, these cannot be told from the variant without "
        "regularization: L2 0.1" in told
    )


def test_two_seeds_are_not_tested():
    assert "Not tested, which takes 3 seeds: L2 0.1" in said(make_gap_frames(seeds=2))


def test_gaps_at_an_equal_loss():
    assert said()[-1] == (
        "When the training loss first reaches 0.25, the gap is between 0.061 (0.0585 "
        "to 0.0635) (L2 0.1 at 1e-3) and 0.201 (0.199 to 0.203) (none at 1e-2), among "
        "settings that reach it with 3 seeds or more; 2 settings with fewer left out"
    )


def test_knowing_labels_by_heart_is_said():
    told = said(train_accuracy=1.0, test_accuracy=0.6)
    assert told[2] == (
        "Even so it knows 100 % of its training labels by heart and gets 60 % of the "
        "test labels right"
    )
    assert not any("by heart" in each for each in said())


def test_nothing_is_claimed_of_lost_runs():
    told = said(test_loss=np.nan)
    assert told[1:] == ["No variant has a run that ended with a finite loss"]


def test_a_mean_without_an_interval():
    row = {"gap": 0.5, "gap_low": np.nan, "gap_high": np.nan}
    assert words.with_interval(row, "gap") == "0.5"
    assert words.with_interval(row | {"gap": np.nan}, "gap") == ""


def test_a_best_rate_at_the_end_of_those_tried_is_told():
    runs, epochs = make_gap_frames()
    ends = runs.groupby("regularization")["rate"].agg(["first", "last"])
    assert (ends.nunique() == 1).all()  # all variants have the same rates
    middle = sorted(set(runs["rate"]), key=float)[1]
    highest = max(runs["rate"], key=float)
    at_middle = said(
        (runs.assign(val_loss=runs["rate"].ne(middle).astype(float)), epochs)
    )
    assert not [sentence for sentence in at_middle if "beyond" in sentence]
    at_end = said(
        (runs.assign(val_loss=runs["rate"].ne(highest).astype(float)), epochs)
    )
    told = [sentence for sentence in at_end if "beyond" in sentence]
    assert told[0].startswith("The best rate is the lowest or the highest one tried")
    assert told[0].count(" at ") == runs["regularization"].nunique()

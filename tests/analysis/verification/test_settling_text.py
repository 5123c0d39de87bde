"""The sentence that says how a verified rate was come by."""

import pytest

from lr_finder.analysis.verification.settling_text import why_confirmed
from lr_finder.analysis.verification.trial_losses import blend, weigh

LOST = {2.9e-4: 3.0, 2.9e-3: 0.0, 2.9e-2: 0.4}


def why(lost=LOST, **changes):
    winner = min(lost, key=lost.__getitem__)
    mean = blend(lost)[0]
    told = {"lr": mean, "mean": mean, "winner": winner, "weights": weigh(lost)}
    return why_confirmed(**told | changes)


def test_a_mean_names_the_rates_that_count_the_best_first():
    assert why() == (
        "Short trainings point at 4e-3, the mean of 2.9e-3 (best) and 2.9e-2, weighted "
        "by how well each trained."
    )
    assert why(is_swept=True).endswith("each trained and by what the sweep says.")
    three = why({1e-3: 0.1, 1e-2: 0.0, 1e-1: 0.05})
    assert "the mean of 1e-2 (best), 0.1 and 1e-3, weighted" in three


def test_where_the_others_hardly_count_it_is_close_to_the_best():
    assert why({1e-3: 9.0, 1e-2: 0.0, 1e-1: 9.0}) == (
        "Short trainings point at 1e-2, close to 1e-2, which trained best by far."
    )


def test_a_mean_that_diverged_is_told():
    assert why(lr=2.9e-3) == (
        "Short trainings point at 2.9e-3, which trained best; the weighted mean of the "
        "rates tried, 4e-3, diverged."
    )


@pytest.mark.parametrize("winner, told", [(1e-2, "trained best"), (1e-3, "one of")])
def test_a_mean_that_a_candidate_stands_for_is_that_candidate(winner, told):
    text = why_confirmed(1e-2, mean=1.01e-2, winner=winner, weights={})
    assert told in text and "weighted mean" in text and "worse" not in text


def test_a_raised_rate_says_from_where():
    assert why(lr=4 * 3.8e-3, raised_from=3.8e-3) == (
        "Short trainings point at 1.5e-2, 4 times 3.8e-3: each doubling more than "
        "halved the loss."
    )

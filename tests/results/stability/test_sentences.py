"""What a study says, word by word."""

import pytest

from lr_finder.results.stability.result import StabilityResult

from ...conftest import make_study_frames


def said(**options):
    return StabilityResult(*make_study_frames(**options), "digits").sentences()


def test_the_counts_come_first_then_the_best_then_the_limits():
    counts, best, test, shallow, deep = said()
    assert (
        counts
        == "40 runs of digits with 5 seeds: 24 converged, 11 got stuck, 5 diverged"
    )
    assert best.startswith("shallow ends lowest: a loss of 0.32 at 1 (")
    assert test.startswith("deep is worse than shallow: 0.952 more")
    assert shallow == (
        "shallow converges up to 1; at 10, 5 of 5 runs were lost (5 diverged, 95 % "
        "interval 57 to 100 %); by the curvature at the start it is stable up to 1"
    )
    assert deep == (
        "deep converges up to 0.1 (median seed; 1e-2 to 0.1); at 0.1, 1 of 5 runs was "
        "lost (1 got stuck, 95 % interval 4 to 62 %); by the curvature at the start it "
        "is stable up to 0.67"
    )


def test_if_nothing_is_lost_it_says_how_far_was_tried():
    text = said(models=["shallow"], rates=[0.01, 0.1, 1.0])[2]  # 1.0 is lost
    assert "converges up to 0.1; at 1, 5 of 5" in text
    runs, epochs = make_study_frames(models=["shallow"], rates=[0.01, 0.1])
    kept = runs[runs["learning_rate"] < 0.1].assign(stable_rate=float("nan"))
    only = StabilityResult(kept, epochs).sentences()[-1]
    assert only == "sgd converges up to 1e-2, the highest rate tried"


def test_if_all_is_lost_it_says_so():
    runs, epochs = make_study_frames(models=["deep"], rates=[1.0])
    told = StabilityResult(runs, epochs).sentences()
    assert told[1] == "No variant has a rate at which it does not diverge"
    assert (
        "converges at no rate for half of its seeds: 5 of 5 runs were lost" in told[2]
    )


@pytest.mark.parametrize("seeds", [1, 2])
def test_few_seeds_cannot_tell(seeds):
    told = " ".join(said(seeds=seeds))
    assert "run at least 3" in told and "p =" not in told

"""Streams made to drift at a known time, and streams that are refused."""

import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.experiments.drift.streams import (
    DriftStream,
    make_stream,
    rows_trained_on,
)

X = np.random.default_rng(0).normal(size=(1000, 3))
Y = (X[:, 0] > 0).astype(int)


def truth(stream):
    """Which rows' labels still mean what they did."""
    return stream.y == (stream.x[:, 0] > 0)


def test_a_sudden_drift_starts_where_it_says():
    stream = make_stream(X, Y, at=0.3, train_share=0.6)
    (span,) = stream.drifts
    assert stream.n_before == 600 and span.start == 600 + 120
    assert truth(stream)[: span.start].all() and not truth(stream)[span.start :].any()


def test_a_gradual_drift_grows_over_its_width():
    stream = make_stream(X, Y, shape="gradual", at=0.2, width=0.5)
    (span,) = stream.drifts
    assert (span.start, span.end) == (600, 850)
    is_old = truth(stream)
    assert is_old[: span.start].all() and not is_old[span.end :].any()
    middle = (span.start + span.end) // 2
    first, second = is_old[span.start : middle], is_old[middle : span.end]
    assert first.mean() > 0.6 and second.mean() < 0.4


def test_a_recurring_drift_comes_and_goes():
    stream = make_stream(X, Y, shape="recurring")
    ends = [500, *(span.start for span in stream.drifts), 1000]
    assert ends == [500, 625, 750, 875, 1000]
    means = [truth(stream)[a:b].mean() for a, b in zip(ends, ends[1:], strict=False)]
    assert means == [1, 0, 1, 0]


def test_without_a_drift_nothing_changes_but_the_order():
    stream = make_stream(X, Y, shape="none")
    assert stream.drifts == () and truth(stream).all()
    np.testing.assert_allclose(np.sort(stream.x[:, 0]), np.sort(X[:, 0]), rtol=1e-6)


def test_a_seed_gives_the_same_stream_again():
    one, same, other = (make_stream(X, Y, seed=seed) for seed in (4, 4, 5))
    assert (one.x == same.x).all() and (one.y == same.y).all()
    assert (one.x != other.x).any()


def test_the_held_out_rows_are_the_last_before_deployment():
    stream = make_stream(X, Y)
    assert stream.n_trained == rows_trained_on(500) == 400 and stream.n_after == 500


def test_the_task_is_told_from_the_targets():
    assert make_stream(X, Y).task == "classification"
    assert make_stream(X, X[:, 0]).task == "regression"
    assert make_stream(X, Y, task="regression").y.dtype == np.float32


@pytest.mark.parametrize("labels", [("no", "yes"), (-1, 1), (3, 9), (False, True)])
def test_labels_of_any_kind_become_class_indices(labels):
    stream = make_stream(X, np.array(labels)[Y], shape="none")
    assert stream.classes == labels and truth(stream).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: make_stream(X, Y, shape="slow"), "sudden, gradual"),
        (lambda: make_stream(X, Y, at=1.0), "between 0 and 1"),
        (lambda: make_stream(X, Y, train_share=0), "between 0 and 1"),
        (lambda: make_stream(X, Y[:-1]), "pair row by row"),
        (lambda: make_stream(X, Y, train_share=0.99), "at least 20 rows"),
        (lambda: make_stream(X[:30], Y[:30]), "at least 20 rows"),
        (lambda: DriftStream(X, Y, 500, "ranking"), "`task`"),
        (lambda: DriftStream(X, Y, 500, "classification", times=[1]), "1 times"),
        (
            lambda: DriftStream(
                X, Y, 500, "classification", times=np.arange(1000)[::-1]
            ),
            "out of order",
        ),
        (lambda: DriftStream(X, Y, 1200, "classification"), "at least 20 rows"),
        (
            lambda: DriftStream(X, np.arange(1000) // 500, 500, "classification"),
            "a class that the model is trained on",
        ),
    ],
)
def test_what_is_no_stream_is_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_ties_in_time_are_fine():
    stream = DriftStream(X, Y, 500, "classification", times=np.arange(1000) // 10)
    assert stream.time_of(505) == "50"

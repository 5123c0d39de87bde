"""A generator whose first batches are looked at, and given again."""

import types

import numpy as np
import pytest
import scipy.sparse

from lr_finder.errors import InputError
from lr_finder.training.one_call.kept_batches import ReplayedGenerator


def numbers(count, read=None):
    """A generator that fills the same array anew for each batch, as many do."""
    array = np.zeros((2, 1))
    for number in range(count):
        array[:] = number
        if read is not None:
            read.append(number)
        yield array, number * np.ones(2)


def firsts(batches):
    return [int(batch[0][0, 0]) for batch in batches]


@pytest.mark.parametrize("looked_at", [1, 3, 8])
def test_every_batch_is_given_once_more_in_its_turn(looked_at):
    replayed = ReplayedGenerator(numbers(5))
    kept = replayed.kept(looked_at)
    assert firsts(kept[i] for i in range(len(kept))) == list(range(min(5, looked_at)))
    whole = replayed.whole()
    assert isinstance(whole, types.GeneratorType)
    assert firsts(whole) == [0, 1, 2, 3, 4]


def test_no_more_is_read_than_is_needed():
    read = []
    replayed = ReplayedGenerator(numbers(9, read))
    assert replayed.available(3) == 3 and read == [0, 1, 2]
    assert replayed.available(2) == 2 and len(replayed.kept(3)) == 3
    assert read == [0, 1, 2]
    assert replayed.available(20) == 9


def test_what_will_not_fit_is_refused_after_the_first_batch():
    read = []
    replayed = ReplayedGenerator(numbers(99, read), limit=10 * 32)
    with pytest.raises(InputError, match="11 batches of a Python gen.*learning_rate="):
        replayed.available(11)
    assert read == [0]
    assert ReplayedGenerator(numbers(99), limit=10 * 32).available(10) == 10


def test_batches_that_grow_are_refused_as_soon_as_that_shows():
    growing = (np.zeros((10**n, 1)) for n in range(9))
    with pytest.raises(InputError, match="judged by the first 4"):
        ReplayedGenerator(((x,) for x in growing), limit=3_000).available(5)


def test_an_empty_one_is_refused():
    with pytest.raises(InputError, match="empty Python generator"):
        ReplayedGenerator(iter(())).available(1)


def test_sparse_batches_stay_sparse_for_the_training():
    made = ((scipy.sparse.eye_array(3, format="csr"), np.ones(3)) for _ in range(2))
    replayed = ReplayedGenerator(made)
    assert replayed.kept(2)[0][0].shape == (3, 3)  # dense for the search
    assert all(scipy.sparse.issparse(x) for x, _ in replayed.whole())

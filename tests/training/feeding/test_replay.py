"""Batches asked for again are the same, and not more than memory is there for."""

import keras
import numpy as np
import pytest

from lr_finder.training.feeding import replay as module
from lr_finder.training.feeding.batches import make_batches
from lr_finder.training.feeding.replay import Replay

from ..conftest import make_data
from .test_batch_sources import SOURCES

pytestmark = pytest.mark.training


def values(data):
    """The inputs of all batches, as plain lists."""
    if isinstance(data, keras.utils.PyDataset):
        data = [data[i] for i in range(data.num_batches)]
    return [np.asarray(batch[0]).tolist() for batch in data]


def replayed(source, steps=20):
    return Replay(
        make_batches(source, None, None, batch_size=16, steps=steps, repeats=1, seed=0)
    )


@pytest.mark.parametrize("source", SOURCES)
def test_a_part_is_the_same_each_time_and_parts_join(source):
    replay = replayed(SOURCES[source]())
    whole = values(replay.part(0, 20))
    assert len(whole) == 20
    assert values(replay.part(0, 5)) + values(replay.part(5, 20)) == whole
    assert len({str(batch) for batch in whole[:7]}) == 7


def test_arrays_are_read_in_the_order_of_a_sweep():
    batches = make_batches(
        *make_data(), None, batch_size=16, steps=20, repeats=1, seed=0
    )
    replay = Replay(batches)
    whole = values(batches.data)
    assert values(replay.part(0, 20)) == whole
    assert values(replay.part(3, 9)) == whole[3:9]


def test_a_generator_that_fills_one_array_again_and_again_is_copied():
    def generate():
        x = np.zeros((4, 1))
        while True:
            x += 1
            yield x, x

    parts = values(replayed(generate()).part(0, 3))
    assert [part[0][0] for part in parts] == [1, 2, 3]


def test_a_shuffling_dataset_is_replayed_as_first_read():
    tf = pytest.importorskip("tensorflow")
    dataset = tf.data.Dataset.range(32).shuffle(32).map(lambda i: (i, i)).batch(4)
    replay = replayed(dataset)
    assert values(replay.part(0, 16)) == values(replay.part(0, 16))
    spec = replay.part(0, 3).element_spec
    assert spec == replay.part(3, 9).element_spec == dataset.element_spec


def test_beyond_the_memory_those_kept_come_again(monkeypatch):
    batch = np.ones((4, 2))
    monkeypatch.setattr(module, "KEPT_BYTES", 4 * batch.nbytes)
    generator = ((batch * i, batch[:, 0]) for i in range(99))
    replay = replayed(generator)
    first = [part[0][0] for part in values(replay.part(0, 9))]
    assert first == [0, 1, 2, 0, 1, 2, 0, 1, 2]

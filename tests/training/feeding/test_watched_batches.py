"""Batches seen on their way: those trained on, in the order of a plain `fit`."""

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.training.feeding.watched_batches import WatchedBatches
from lr_finder.training.watching.analyzer import TrainingDynamicsAnalyzer
from lr_finder.training.watching.dynamics_tracker import DynamicsTracker

from ..conftest import make_data, still_model

pytestmark = pytest.mark.training
X, Y = make_data()
OPTIONS = {"epochs": 2, "verbose": 0}


class Slices(keras.utils.PyDataset):
    def __len__(self):
        return 7

    def __getitem__(self, i):
        return X[16 * i : 16 * i + 16], Y[16 * i : 16 * i + 16]


def generated():
    slices = Slices()
    return (slices[i % 7] for i in range(14))


def tf_dataset():
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(100).batch(16)


def torch_loader():
    torch = pytest.importorskip("torch")
    torch.manual_seed(1)  # the loader's own, which Keras sets under torch alone
    arrays = (torch.tensor(X, dtype=torch.float32), torch.tensor(Y))
    dataset = torch.utils.data.TensorDataset(*arrays)
    return torch.utils.data.DataLoader(dataset, batch_size=16, shuffle=True)


@pytest.mark.parametrize("make", [Slices, tf_dataset, torch_loader])
def test_sources_of_batches_are_watched_as_they_are_trained_on(make):
    """In the order that they have in a plain `fit`; the last batch is short."""
    watched, alone = still_model(), still_model()
    keras.utils.set_random_seed(1)
    expected = alone.fit(make(), shuffle=make is Slices, **OPTIONS).history
    keras.utils.set_random_seed(1)
    analyzer = TrainingDynamicsAnalyzer(make())
    history, tracker = analyzer.analyze_training_progression(watched, **OPTIONS)
    assert history.history == expected
    counts = tracker.record().distributions[0].counts
    assert sorted(counts[:7]) == sorted(counts[7:]) == [4] + [16] * 6


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_a_generator_is_watched_in_its_order():
    model = still_model()
    _, tracker = TrainingDynamicsAnalyzer(generated()).analyze_training_progression(
        model, epochs=1, verbose=0
    )
    seen = tracker.record().distributions[0]
    slices = [Slices()[i % 7][0] for i in range(14)]
    np.testing.assert_allclose(
        seen.means, [part.mean(axis=0) for part in slices], atol=1e-6
    )


def test_the_batches_watched_are_those_trained_on():
    """Without an update, the loss of a batch is a function of what was watched."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    model.set_weights([np.zeros((1, 1)), np.zeros(1)])
    x = np.random.default_rng(0).normal(size=(50, 1))
    batches = WatchedBatches(x, x, batch_size=16)
    tracker = DynamicsTracker(batches)
    model.fit(batches, callbacks=[tracker], **OPTIONS)
    seen = tracker.record().distributions[1]
    assert seen.counts.tolist() == [16, 16, 16, 2] * 2
    np.testing.assert_allclose(  # mse of 0 is the mean square
        tracker.losses, seen.means[:, 0] ** 2 + seen.sds[:, 0] ** 2, rtol=1e-4
    )


def test_weights_of_classes_become_weights_of_samples():
    batches = WatchedBatches(
        X, Y, batch_size=100, shuffle=False, class_weight={0: 5.0, 1: 1.0, 2: 1, 3: 1}
    )
    still_model().fit(batches, verbose=0)
    x, y, weights = batches.take()
    np.testing.assert_allclose(x, X, atol=1e-6)
    np.testing.assert_array_equal(weights, np.where(y == 0, 5.0, 1.0))


def test_what_fit_does_not_take_is_refused():
    with pytest.raises(InputError, match="what `fit` takes"):
        WatchedBatches("text")
    if keras.backend.backend() == "tensorflow":
        tf = pytest.importorskip("tensorflow")
        sparse = tf.sparse.from_dense(np.eye(4))
        batches = WatchedBatches(tf.data.Dataset.from_tensors((sparse, sparse)))
        with pytest.raises(InputError, match="dense tensors"):
            batches.get_tf_dataset()

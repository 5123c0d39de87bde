"""What is kept of a training, and that the training is as without it."""

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.training.landscape.trajectory_recorder import TrajectoryRecorder

from ..conftest import assert_same_outcome, make_data, make_model, outcome_of_fit

pytestmark = pytest.mark.training


class Copies(keras.callbacks.Callback):
    """The weights after each batch, all of them, kept another way."""

    def __init__(self):
        super().__init__()
        self.kept = []

    def on_train_begin(self, logs=None):
        self.kept.append(self.model.get_weights())

    def on_train_batch_end(self, batch, logs=None):
        self.kept.append(self.model.get_weights())


def trained(recorder, epochs=3, batch_size=10, callbacks=(), **options):
    model = make_model()
    # To trace so small a training takes longer than to run it.
    model.run_eagerly = keras.backend.backend() == "tensorflow"
    x, y = make_data()
    model.fit(
        x, y, batch_size=batch_size, epochs=epochs, verbose=0,
        callbacks=[recorder, *callbacks], **options,
    )  # fmt: skip
    return model


def trainable(model, weights):
    """Of all weights those that are trained."""
    places = {id(v): i for i, v in enumerate(model.weights)}
    return [weights[places[id(v)]] for v in model.trainable_variables]


@pytest.mark.parametrize("points, every", [(100, 1), (8, 1), (100, 7), (9, 2)])
def test_points_are_the_weights_after_those_batches(points, every):
    recorder, copies = TrajectoryRecorder(points, every=every), Copies()
    model = trained(recorder, callbacks=[copies])
    found = recorder.trajectory
    assert found.steps[0] == 0 and found.steps[-1] == 30
    assert len(found) <= points + 1
    gaps = np.diff(found.steps)
    assert len(set(gaps[:-1].tolist())) <= 1 and gaps[-1] <= gaps[0]
    assert len(found) > min(points, 30 // every) / 2 - 1
    for place, step in enumerate(found.steps):
        for kept, expected in zip(
            found.weights, trainable(model, copies.kept[step]), strict=True
        ):
            np.testing.assert_array_equal(kept[place], expected)


def test_a_training_is_the_same_with_it():
    plain = outcome_of_fit(make_model())
    model = make_model()
    fit = model.fit
    model.fit = lambda *given, **options: fit(
        *given, **options, callbacks=[TrajectoryRecorder()]
    )
    assert_same_outcome(outcome_of_fit(model), plain)


def test_it_starts_anew_in_each_training():
    recorder = TrajectoryRecorder()
    trained(recorder)
    first = recorder.trajectory
    trained(recorder, epochs=1)
    assert recorder.trajectory.steps.tolist() == list(range(11))
    np.testing.assert_array_equal(recorder.trajectory.weights[0], first.weights[0][:11])


def test_best_weights_that_are_put_back_are_the_end():
    class Back(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.start = self.model.get_weights()

        def on_train_end(self, logs=None):
            self.model.set_weights(self.start)

    recorder = TrajectoryRecorder()
    model = make_model()
    x, y = make_data()
    model.fit(x, y, epochs=1, verbose=0, callbacks=[Back(), recorder])
    found = recorder.trajectory
    np.testing.assert_array_equal(found.weights[0][-1], found.weights[0][0])


def test_it_keeps_no_more_than_it_may():
    size = sum(int(np.prod(v.shape)) for v in make_model().trainable_variables) * 4
    recorder = TrajectoryRecorder(max_bytes=9 * size)
    trained(recorder)
    kept = sum(each.nbytes for each in recorder.trajectory.weights)
    assert 4 * size <= kept <= 9 * size


def test_a_model_too_large_is_refused_with_its_size():
    with pytest.raises(InputError, match=r"Received: 1,000 bytes.* for each. Give "
                                         r"max_bytes=\d+ or more"):  # fmt: skip
        trained(TrajectoryRecorder(max_bytes=1000))


@pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="Keras takes one step at a time there"
)
def test_steps_per_execution_are_counted_as_batches():
    recorder = TrajectoryRecorder()
    model = make_model()
    model.compile("sgd", "sparse_categorical_crossentropy", steps_per_execution=5)
    x, y = make_data()
    model.fit(x, y, batch_size=10, epochs=2, verbose=0, callbacks=[recorder])
    assert recorder.trajectory.steps.tolist() == [0, 5, 10, 15, 20]


def test_before_a_training_there_is_none():
    with pytest.raises(InputError, match="must have seen a training"):
        TrajectoryRecorder().trajectory  # noqa: B018


def test_a_training_that_diverged_is_named():
    recorder = TrajectoryRecorder()
    model = make_model(optimizer=keras.optimizers.SGD(1e30))
    x, y = make_data()
    model.fit(x, y, epochs=2, verbose=0, callbacks=[recorder])
    with pytest.raises(InputError, match="infinity after . batch.*lower rate"):
        recorder.trajectory  # noqa: B018


@pytest.mark.parametrize("options", [{"points": 3}, {"every": 0}, {"max_bytes": 0}])
def test_bad_options_are_refused(options):
    with pytest.raises(InputError, match="must be a whole number"):
        TrajectoryRecorder(**options)

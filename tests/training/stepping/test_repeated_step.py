"""A step made again beside the training: under TensorFlow it acts on variables."""

import keras
import pytest

from ..own_models import (
    BACKEND,
    HundredErrors,
    OwnStep,
    X,
    Y,
    assert_same,
    compiled,
    dense,
    state_of,
    watched,
)

pytestmark = [
    pytest.mark.training,
    pytest.mark.skipif(
        BACKEND != "tensorflow",
        reason="JAX's steps act on values, and torch's run once",
    ),
]


def test_a_variable_from_elsewhere_is_put_back_too():
    import tensorflow as tf

    outside = tf.Variable(0.0)

    class Counting(HundredErrors):
        def loss_of(self, data):
            outside.assign_add(1.0)
            return super().loss_of(data)

    watched(compiled(dense(Counting)), (X, Y))
    assert float(outside) == 3


def test_draws_that_cannot_be_repeated_are_named():
    import tensorflow as tf

    class Noisy(HundredErrors):
        def loss_of(self, data):
            x, y = data
            return super().loss_of((x + tf.random.normal(tf.shape(x)), y))

    with pytest.warns(UserWarning, match="tf.random .RandomStandardNormal."):
        watched(compiled(dense(Noisy)), (X, Y))


def test_a_model_without_call_is_measured_from_its_first_step():
    """It is built as the step is traced; the training is that of a plain `fit`."""

    class Coder(OwnStep, keras.Model):
        def __init__(self):
            super().__init__()
            self.one, self.two = keras.layers.Dense(2), keras.layers.Dense(4)

        def loss_of(self, data):
            x = data[0] if isinstance(data, tuple) else data
            return keras.ops.mean((self.two(self.one(x)) - x) ** 2)

    keras.utils.set_random_seed(2)
    model = compiled(Coder(), None, keras.optimizers.Adam(0.01))
    _, tracker = watched(model, (X,))
    assert tracker.record().layers.gradient_norms.shape == (3, 2)
    keras.utils.set_random_seed(2)
    alone = compiled(Coder(), None, keras.optimizers.Adam(0.01))
    keras.utils.set_random_seed(5)
    alone.fit(X, batch_size=16, verbose=0)
    assert_same(state_of(model), state_of(alone))

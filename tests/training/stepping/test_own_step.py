"""Gradients of the model's own step, of every kind, against the step itself."""

import keras
import numpy as np
import pytest

from lr_finder.errors import ModelError
from lr_finder.training.preserving.variables import host_copy
from lr_finder.training.stepping.own_step import ListenedStep, own_step
from lr_finder.training.watching.analyzer import TrainingDynamicsAnalyzer

from ..own_models import (
    BACKEND,
    KINDS,
    LR,
    HundredErrors,
    OwnStep,
    X,
    Y,
    assert_same,
    compiled,
    dense,
    pulled,
    state_of,
    watched,
)

pytestmark = pytest.mark.training


class Weights(keras.callbacks.Callback):
    """The trainable variables before each step."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_begin(self, batch, logs=None):
        self.seen.append([host_copy(v) for v in self.model.trainable_variables])


def norm(values):
    return np.sqrt(sum(np.sum(np.square(v.astype(float))) for v in values))


def layer_norms(model, values):
    """By a second route: names of layers, and the norm over each one's variables."""
    layers = {}
    for variable, value in zip(model.trainable_variables, values, strict=True):
        layers.setdefault(variable.path.rpartition("/")[0], []).append(value)
    return [norm(each) for each in layers.values()]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.few(4)
def test_descent_moves_each_layer_by_the_rate_times_its_gradient(kind):
    """And the training is the one of a plain `fit`, to the last bit."""
    build, data, options = KINDS[kind]
    keras.utils.set_random_seed(2)
    model = build()
    before, weights = state_of(model), Weights()
    _, tracker = watched(model, data, callbacks=[weights], **options)
    layers = tracker.record().layers
    assert layers.batches.tolist() == [0, 1, 2]
    for step in range(3):
        sizes = layer_norms(model, weights.seen[step])
        moved = layers.update_ratios[step] * sizes
        still = np.isnan(moved)  # of weights that are zero there is no ratio
        gradients = layers.gradient_norms[step]
        assert (gradients > 0).all()
        np.testing.assert_allclose(
            moved[~still], LR * gradients[~still], rtol=2e-3, atol=1e-7
        )
        assert not still.all()

    keras.utils.set_random_seed(2)
    alone = build()
    assert_same(before, state_of(alone))
    keras.utils.set_random_seed(5)
    alone.fit(*data[:1], **dict(zip(("y", "sample_weight"), data[1:], strict=False)),
              batch_size=16, verbose=0, **options)  # fmt: skip
    assert_same(state_of(model), state_of(alone))


def test_the_loss_of_an_own_step_is_differentiated_not_the_compiled_one():
    """By hand: of 100 mean |y - (x w + b)| it is -100 mean sign(…) (x, 1)."""
    model = compiled(dense(HundredErrors))
    w, b = (host_copy(v) for v in model.trainable_variables)
    sign = np.sign(Y - (X @ w + b))
    by_hand = norm([100 * X.T @ sign / len(X), 100 * sign.mean(axis=0)])
    analyzer = TrainingDynamicsAnalyzer((X, Y), batch_size=48)
    _, tracker = analyzer.analyze_training_progression(model, epochs=1, verbose=0)
    found = tracker.record().layers.gradient_norms
    np.testing.assert_allclose(found, [[by_hand]], rtol=1e-5)


def test_a_loss_added_by_a_layer_is_differentiated():
    """By hand: of mean (x w + b - 1)^2 it is 2 mean (x w + b - 1) (x, 1)."""
    model = pulled()
    w, b = (host_copy(v) for v in model.trainable_variables)
    excess = X @ w + b - 1
    by_hand = norm([2 * X.T @ excess / len(X), 2 * excess.mean(axis=0)])
    analyzer = TrainingDynamicsAnalyzer(X, batch_size=48)
    _, tracker = analyzer.analyze_training_progression(model, epochs=1, verbose=0)
    found = tracker.record().layers.gradient_norms
    np.testing.assert_allclose(found, [[by_hand]], rtol=1e-5)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_targets_that_are_none_can_be_watched():
    """A generator of `(x, None)`, as `fit` takes it, is as the array."""
    batches = ((X[i : i + 16], None) for i in (0, 16, 32))
    keras.utils.set_random_seed(2)
    _, tracker = watched(pulled(), batches)
    keras.utils.set_random_seed(2)
    _, expected = watched(pulled(), X, shuffle=False)
    record, other = tracker.record(), expected.record()
    assert [d.name for d in record.distributions] == ["x"]
    np.testing.assert_allclose(record.losses, other.losses, rtol=1e-5)
    np.testing.assert_allclose(
        record.layers.gradient_norms, other.layers.gradient_norms, rtol=1e-5
    )


def test_what_a_step_applies_in_several_parts_is_added_up():
    class InTwoParts(HundredErrors):
        def apply(self, gradients):
            for _ in range(2):
                super().apply([g / 2 for g in gradients])

    if BACKEND == "jax":
        pytest.skip("stateless_apply takes all at once in these tests")
    model, weights = compiled(dense(InTwoParts)), Weights()
    _, tracker = watched(model, (X, Y), callbacks=[weights])
    layers = tracker.record().layers
    moved = layers.update_ratios[:, 0] * [norm(w) for w in weights.seen]
    np.testing.assert_allclose(moved, LR * layers.gradient_norms[:, 0], rtol=1e-3)


def assert_refused(model, match, data=(X, Y)):
    """By name, and the model is as before; without gradients it can be watched."""
    before = state_of(model)
    with pytest.raises(ModelError, match=match) as refusal:
        watched(model, data, lr=0.3)
    assert "gradients_every=None" in str(refusal.value)
    assert_same(state_of(model), before)
    assert "apply" not in vars(model.optimizer)
    _, tracker = watched(model, data, every=None)
    assert len(tracker.losses) == 3


class ByHand(HundredErrors):
    """Moves its weights without an optimizer."""

    def apply(self, gradients):
        for variable, gradient in zip(self.trainable_variables, gradients, strict=True):
            variable.assign(variable - 0.1 * gradient)


class InCondition(HundredErrors):
    """Gives its optimizer gradients where a condition holds."""

    def apply(self, gradients):
        keras.ops.cond(
            self.optimizer.iterations >= 0,
            lambda: self._given(gradients),
            lambda: keras.ops.zeros(()),
        )

    def _given(self, gradients):
        super().apply(gradients)
        return keras.ops.zeros(())


@pytest.mark.skipif(BACKEND == "jax", reason="steps of JAX assign nothing")
def test_a_step_that_passes_its_optimizer_by_is_refused():
    model = compiled(dense(ByHand))
    model.optimizer.build(model.trainable_variables)
    assert_refused(model, "must give its gradients to `model.optimizer`")


@pytest.mark.skipif(BACKEND == "torch", reason="a condition of torch is Python's")
def test_a_step_that_applies_within_a_condition_is_refused():
    kind = InCondition
    if BACKEND == "jax":

        class kind(HundredErrors):
            def train_step(self, state, data):
                import jax

                return jax.lax.cond(
                    state[2][0] >= 0,
                    lambda: super(kind, self).train_step(state, data),
                    lambda: super(kind, self).train_step(state, data),
                )

    model = compiled(dense(kind))
    model.optimizer.build(model.trainable_variables)
    assert_refused(model, "outside of loops and conditions")


def test_a_second_optimizer_is_refused():
    model = compiled(dense(HundredErrors))
    model.other = keras.optimizers.SGD(0.1)
    model.optimizer.build(model.trainable_variables)
    assert_refused(model, "'other' is a second optimizer")


@pytest.mark.skipif(BACKEND != "torch", reason="of torch alone")
def test_torch_compile_is_refused_before_anything_else(monkeypatch):
    model = compiled(dense(HundredErrors))
    model.jit_compile = True
    with pytest.raises(ModelError, match="jit_compile=False"):
        watched(model, (X, Y))


def test_an_error_of_the_step_itself_is_shown_as_it_is():
    class Faulty(OwnStep, keras.Model):
        def loss_of(self, data):
            raise ZeroDivisionError("mine")

    model = compiled(dense(Faulty))
    before = [host_copy(v) for v in model.variables]
    with pytest.raises(ZeroDivisionError, match="mine"):
        watched(model, (X, Y), lr=0.3)
    assert_same([host_copy(v) for v in model.variables], before)
    assert "apply" not in vars(model.optimizer)


def test_after_the_first_step_nothing_about_gradients_ends_a_training(monkeypatch):
    from lr_finder.training.watching import gradients

    class Failing:
        def __init__(self, model, spec):
            self.step, self.count = own_step(model, spec), 0
            self.before, self.close = self.step.before, self.step.close

        def after(self, batch):
            self.count += 1
            if self.count == 2:
                self.close()
                raise RuntimeError("out of memory")
            return self.step.after(batch)

    monkeypatch.setattr(gradients, "own_step", Failing)
    with pytest.warns(UserWarning, match="could not be measured: out of memory"):
        _, tracker = watched(compiled(dense()), (X, Y))
    norms = tracker.record().layers.gradient_norms[:, 0]
    assert np.isfinite(norms).tolist() == [True, False, True]


def test_the_optimizer_is_left_alone_when_a_training_ends_early():
    class Stopping(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == 1:
                raise KeyboardInterrupt

    model = compiled(dense(), run_eagerly=True)
    with pytest.raises(KeyboardInterrupt):
        watched(model, (X, Y), callbacks=[Stopping()])
    assert "apply" not in vars(model.optimizer)


def test_what_runs_eagerly_runs_once():
    """Side effects of Python included."""

    class Counting(HundredErrors):
        count = 0

        def loss_of(self, data):
            type(self).count += 1
            return super().loss_of(data)

    model = compiled(dense(Counting), run_eagerly=True)
    assert isinstance(own_step(model), ListenedStep)
    watched(model, (X, Y))
    assert Counting.count == 3 if BACKEND != "jax" else Counting.count >= 3

"""What `fit` refuses by name."""

import keras
import pytest

from lr_finder.errors import InputError, ModelError
from lr_finder.training.one_call.arguments import FitArguments
from lr_finder.training.one_call.refusals_of_fit import (
    check_given,
    check_model,
    check_search,
)

from .conftest import BACKEND, make_model

pytestmark = pytest.mark.training
o = keras.optimizers


def test_a_model_that_can_be_trained_passes():
    check_model(make_model())
    check_model(make_model(o.LossScaleOptimizer(o.Adam())))


@pytest.mark.parametrize("rate", [o.schedules.CosineDecay(0.1, 9), lambda: 0.1])
def test_a_schedule_is_refused_with_the_line_to_change(rate):
    for optimizer in (o.Adam(rate), o.MultiOptimizer(o.OptimizerMap(o.Adam(rate)))):
        with pytest.raises(ModelError, match=r"Adam\(learning_rate=0.001\), and give"):
            check_model(make_model(optimizer))


@pytest.mark.parametrize("kind", ["MultiWorkerMirroredStrategy", "ParameterServerS"])
@pytest.mark.skipif(BACKEND != "tensorflow", reason="strategies of TensorFlow")
def test_several_workers_are_refused_by_name(kind):
    model = make_model()
    model._distribute_strategy = type("Own", (type(kind, (), {}),), {})()
    with pytest.raises(ModelError, match=f"in one process.*Received: {kind}"):
        check_model(model)


@pytest.mark.skipif(BACKEND != "jax", reason="processes of JAX")
def test_several_processes_are_refused(monkeypatch):
    import jax

    monkeypatch.setattr(jax, "process_count", lambda: 4)
    with pytest.raises(ModelError, match="Received: 4 processes of JAX"):
        check_model(make_model())


@pytest.mark.parametrize("name, value", [("epochs", -1), ("initial_epoch", 0.5)])
def test_epochs_are_counts(name, value):
    with pytest.raises(InputError, match=f"`{name}`.*{value}"):
        check_given(make_model(), FitArguments(**{name: value}))


@pytest.mark.parametrize("split", [1.5, 1.0, -0.1, "a", float("nan")])
def test_a_share_that_is_none_is_refused_with_a_way_out(split):
    told = f"`validation_split` must be .* below 1. Received: .*{split}.*Give valid"
    with pytest.raises(InputError, match=told):
        check_given(make_model(), FitArguments(validation_split=split))
    # Keras does not look at it beside validation data.
    given = FitArguments(validation_split=split, validation_data=(1, 1))
    check_given(make_model(), given)


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("batch_size", "32", "a whole number"),
        ("batch_size", -1, "at least 1"),
        ("steps_per_epoch", 2.5, "a whole number"),
        ("class_weight", [1, 2], "a dict of class to weight"),
        ("class_weight", {0: "a"}, "finite weights"),
    ],
)
def test_what_keras_would_end_with_a_traceback_is_named(name, value, rule):
    with pytest.raises(InputError, match=f"`{name}` must .*{rule}.*Received: "):
        check_given(make_model(), FitArguments(**{name: value}))
    check_given(make_model(), FitArguments(batch_size=0))  # as None


def test_a_rate_of_0_is_refused():
    with pytest.raises(InputError, match="learning rate > 0.*Received: a rate of 0"):
        check_given(make_model(o.SGD(0.0)), FitArguments())


@pytest.mark.parametrize(
    "options, words",
    [
        ({"verify": None, "seed": 0}, "`verify` must be True or False.*None"),
        ({"verify": False, "seed": 1.5}, "`seed`.*1.5"),
        ({"verify": True, "seed": 0, "is_given": True}, "must not come together"),
    ],
)
def test_arguments_of_a_search_are_checked(options, words):
    with pytest.raises(InputError, match=words):
        check_search(**{"is_given": False} | options)

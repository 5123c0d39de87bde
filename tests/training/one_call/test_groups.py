"""Groups of layers with rates of their own: made, found, put back, trained."""

import keras
import pytest

from lr_finder.errors import InputError, ModelError
from lr_finder.schedules.named import spanning
from lr_finder.training import searching
from lr_finder.training.one_call.groups import GroupedOptimizer, given_rates
from lr_finder.training.optimizer_rates import current_rate, rate_holders
from lr_finder.training.scheduling.apply_schedule import ApplySchedule

from ..scheduling.conftest import assert_same, weights
from .conftest import (
    EPOCHS,
    OWN,
    SIZE,
    STEPS,
    X,
    Y,
    make_model,
    outcome,
    trained,
)

pytestmark = pytest.mark.training
o = keras.optimizers
RATES = {"body": 0.01, "head": 0.08}


def groups_of(model):
    return {"body": model.get_layer("body"), "head": [model.get_layer("head")]}


def rates_of(model):
    return {each.name: current_rate(each) for each in rate_holders(model.optimizer)}


def by_hand(rates=RATES):
    """The same groups as a person writes them."""
    first = o.SGD(rates["body"], momentum=0.9, name="body")
    second = o.SGD(rates["head"], momentum=0.9, name="head")
    return o.MultiOptimizer(o.OptimizerMap(first, {".*head/.*": second}))


def test_each_group_has_an_optimizer_like_that_of_the_model():
    model = make_model(o.Adam(0.03, beta_1=0.7, weight_decay=0.1))
    grouped = GroupedOptimizer(model, groups_of(model))
    grouped.put()
    assert rates_of(model) == {"body": 0.03, "head": 0.03}
    for each in rate_holders(model.optimizer):
        assert type(each) is o.Adam
        assert (each.beta_1, each.weight_decay) == (0.7, 0.1)
    choose = model.optimizer._optimizer_map
    chosen = [choose(v).name for v in model.trainable_variables]
    assert chosen == ["body", "body", "head", "head"]


def test_the_training_is_that_of_the_same_groups_by_hand():
    model, plain = make_model(), make_model(by_hand())
    history = trained(model, learning_rate=RATES, groups=groups_of(model))
    keras.utils.set_random_seed(7)
    rates = ApplySchedule(spanning("wsd", RATES["body"], STEPS))
    expected = plain.fit(
        X, Y, batch_size=SIZE, epochs=EPOCHS, verbose=0, callbacks=[rates]
    )
    assert history.history == expected.history
    assert_same(weights(model), weights(plain))
    assert rates_of(model) == RATES
    assert {name: each.lr for name, each in history.findings.items()} == RATES
    assert history.finding is history.findings["body"]


def test_each_group_is_swept_alone_while_the_others_keep_their_rate(monkeypatch):
    model, seen = make_model(), []
    sweep = searching.sweep

    class Note(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen[-1].append(rates_of(self.model))

    def noting(*given, callbacks=(), **options):
        seen.append([])
        return sweep(*given, callbacks=[*(callbacks or ()), Note()], **options)

    monkeypatch.setattr(searching, "sweep", noting)
    history = trained(model, groups=groups_of(model), seed=0)
    for name, rates in zip(("body", "head"), seen, strict=True):
        (other,) = {"body", "head"} - {name}
        assert {each[other] for each in rates} == {OWN}
        moved = [each[name] for each in rates]
        assert moved == sorted(moved) and moved[0] == pytest.approx(1e-7)
        finding = history.findings[name]
        assert finding.sweep.metadata["group"] == name
        assert rates_of(model)[name] == pytest.approx(finding.lr)


def test_ctrl_c_in_the_search_gives_the_optimizer_back(monkeypatch):
    model, plain = make_model(), make_model()
    for each in (model, plain):
        keras.utils.set_random_seed(7)
        each.fit(X, Y, batch_size=SIZE, verbose=0)
    optimizer, config = model.optimizer, model.get_compile_config()

    def interrupted(*given, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(searching, "sweep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        trained(model, groups=groups_of(model))
    assert model.optimizer is optimizer
    assert model.get_compile_config() == config
    for each in (model, plain):
        keras.utils.set_random_seed(7)
        each.fit(X, Y, batch_size=SIZE, verbose=0)
    assert_same(outcome(model), outcome(plain))


def test_the_same_groups_again_keep_what_their_optimizers_have_gathered():
    model = make_model()
    options = {"learning_rate": RATES, "groups": groups_of(model), "epochs": 1}
    trained(model, **options)
    optimizer = model.optimizer
    trained(model, **options)
    assert model.optimizer is optimizer


def test_a_saved_model_is_one_that_was_compiled_with_its_groups(tmp_path):
    """Keras 3.15 loads no `MultiOptimizer` with its variables, whoever made it."""
    model = make_model()
    trained(model, learning_rate=RATES, groups=groups_of(model), epochs=1)
    config = model.get_compile_config()["optimizer"]
    assert config["class_name"] == "MultiOptimizer"
    kinds = config["config"]["optimizer_map"]["config"]
    assert len(kinds["optimizer_map"]) == 1  # a key for each group but the first
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", compile=False)
    assert_same(weights(loaded), weights(model))


def test_layers_that_share_their_paths_are_refused():
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(3, name="same") for _ in range(2)]
    for layer in layers:
        layer.build((None, 3))
    inputs = keras.Input((3,))
    model = Twice(layers)
    model(inputs)
    model.compile("sgd", "mse")
    with pytest.raises(InputError, match="names of their own.*same/"):
        GroupedOptimizer(model, {"a": layers[0], "b": layers[1]})


class Twice(keras.Model):
    def __init__(self, layers):
        super().__init__()
        self.parts = layers

    def call(self, x):
        return self.parts[1](self.parts[0](x))


def test_a_frozen_layer_needs_no_group():
    model = make_model()
    model.get_layer("body").trainable = False
    model.compile(o.SGD(OWN), "mse")
    with pytest.raises(InputError, match="a weight to train. Received: none in 'body'"):
        GroupedOptimizer(model, groups_of(model))


@pytest.mark.parametrize(
    "groups, words",
    [
        (lambda m: {"all": m.layers}, "at least two names"),
        (lambda m: m.layers, "dict of at least two names"),
        (lambda m: {"body": m.layers[0], "rest": m.layers[1:2]}, "none in 'rest'"),
        (lambda m: {"body": m.layers[:1], "both": m.layers}, "each weight once.*'body"),
        (lambda m: {"a": m.layers[0], "b": "head"}, "list of layers.*'head'"),
        (lambda m: {"a": m.layers[0], 3: m.layers[-1]}, "list of layers"),
    ],
)
def test_groups_that_break_a_rule_are_named(groups, words):
    model = make_model()
    optimizer = model.optimizer
    with pytest.raises(InputError, match=words):
        trained(model, groups=groups(model))
    assert model.optimizer is optimizer


def test_a_weight_without_a_group_is_named():
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(2, name=name) for name in ("one", "two", "three")]
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile("sgd", "mse")
    with pytest.raises(InputError, match="all trainable weights.*three/kernel"):
        GroupedOptimizer(model, {"a": layers[0], "b": layers[1]})


@pytest.mark.parametrize(
    "optimizer", [lambda: by_hand({"body": 0.1, "head": 0.1}), o.SGD]
)
def test_an_optimizer_that_cannot_be_taken_apart_is_refused(optimizer):
    model = make_model(o.LossScaleOptimizer(o.SGD(0.1)))
    if optimizer is not o.SGD:
        model = make_model(optimizer())
    groups = {"torso": model.layers[0], "tip": model.layers[-1]}
    with pytest.raises(ModelError, match="`groups` needs a model with one plain opt"):
        GroupedOptimizer(model, groups)


def test_a_model_without_weights_is_refused():
    layers = [keras.layers.Dense(2), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    model.compile("sgd", "mse")
    with pytest.raises(ModelError, match="must be built for `groups`"):
        GroupedOptimizer(model, {"a": layers[0], "b": layers[1]})


@pytest.mark.parametrize(
    "rates, words",
    [
        (0.1, "each of the `groups` a rate.*0.1"),
        ({"body": 0.1}, "each of the `groups` a rate"),
        ({"body": 0.1, "head": 0.1, "x": 1}, "each of the `groups` a rate"),
        ({"body": 0.1, "head": -1.0}, r"learning_rate\['head'\].*positive"),
    ],
)
def test_rates_of_groups_that_break_a_rule_are_named(rates, words):
    with pytest.raises(InputError, match=words):
        given_rates(["body", "head"], rates)

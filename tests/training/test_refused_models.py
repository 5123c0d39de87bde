"""Every refusal of `sweep`, `verify` and `LRSweep`, met with a model not built yet.

Such a model is built on the way, by the package or by `fit`; afterwards it must be as
it was. Where a refusal is raised is read from the source, so that none is forgotten.
"""

import ast
import importlib
import itertools
import re
import traceback
from pathlib import Path

import keras
import numpy as np
import pytest

from lr_finder.errors import InputError, ModelError
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.state import preserve_state
from lr_finder.training.sweep import sweep
from lr_finder.training.verification import verify

from .fingerprints import fingerprint, random_states
from .own_steps import (
    BACKEND,
    OwnStep,
    batches_of_parts,
    make_autoencoder,
    make_parted,
)

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:.*shuffle=True.*"),
]

X, Y = DATA = np.ones((8, 3), "float32"), np.ones((8, 1), "float32")
WIDE = np.ones((8, 6), "float32")


# ---------------------------------------------------------------------- the models


def cold(optimizer="adam", layers=(), **options):
    """Not built: what is built before a refusal must be taken back."""
    keras.utils.set_random_seed(3)
    layers = layers or [keras.layers.Dropout(0.1), keras.layers.Dense(1)]
    model = keras.Sequential(list(layers))
    model.compile(optimizer, "mse", metrics=["mae"], **options)
    return model


def built(optimizer="adam"):
    return cold(optimizer, [keras.Input((3,)), keras.layers.Dense(1)])


def frozen():
    model = cold()
    model.trainable = False
    return model


def uncompiled():
    return keras.Sequential([keras.layers.Dense(1)])


def with_second_optimizer():
    model = OwnStep()
    model.second = keras.optimizers.Adam()
    model.compile("sgd")
    return model


def grouped(make=cold, default_rate=0.1):
    first = keras.optimizers.SGD(default_rate, name="first")
    others = {"no such path": keras.optimizers.Adam(0.4, name="second")}
    groups = keras.optimizers.OptimizerMap(first, others)
    return make(keras.optimizers.MultiOptimizer(groups))


def grouped_by_a_function():
    optimizer = keras.optimizers.SGD(gradient_accumulation_steps=2)
    return cold(keras.optimizers.MultiOptimizer(lambda variable: optimizer))


class ReadOnlyRate(keras.optimizers.SGD):
    @property
    def learning_rate(self):
        return self._get_current_learning_rate()


def loss_unknown(make=make_autoencoder):
    return make(reported=("kl_loss", "mse_loss"))


# --------------------------------------------------------- what is asked of them


class Nothing(keras.utils.PyDataset):
    def __len__(self):
        return 0


def dataset(*parts):
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_tensor_slices(parts).batch(4)


def forever():
    return (DATA for _ in itertools.count())


def swept(*data, **options):
    """A sweep; of what is made for each call, a function makes it."""

    def run(model, _):
        given = [part() if callable(part) else part for part in data]
        made = {k: v() if callable(v) else v for k, v in options.items()}
        sweep(model, *given, **{"verbose": 0, "steps": 4, "batch_size": 4} | made)

    return run


def verified(**options):
    options = {"suggestion": 1e-3, "budget_steps": 60} | options
    return lambda model, _: verify(model, *DATA, **options)


def fitted(*data, **options):
    def run(model, before):
        callbacks = [before, LRSweep(steps=2, **options)]
        model.fit(*(data or DATA), verbose=0, callbacks=callbacks)

    return run


def entered(model, _):
    with preserve_state(model):
        raise AssertionError("never gets here")


CASES = {  # what makes a model, what is refused, and words of the message
    "model of another kind": (object, swept(*DATA), "must be a keras.Model"),
    "not compiled": (uncompiled, swept(*DATA), "must be compiled"),
    "not built": (cold, entered, "must be built"),
    "frozen": (frozen, swept(*DATA), "must have trainable weights"),
    "frozen, verified": (
        frozen, lambda model, _: verify(model, *DATA, 1e-3, budget_steps=60),
        "must have trainable weights",
    ),
    "frozen, callback": (frozen, fitted(), "must have trainable weights"),
    "second optimizer": (with_second_optimizer, swept(*DATA), "second optimizer"),
    "cannot be built": (
        lambda: cold(layers=[keras.layers.Conv2D(2, 3)]), swept(*DATA), "min_ndim"
    ),
    "loss unknown": (loss_unknown, swept(WIDE), "kl_loss.*mse_loss"),
    "loss unknown, traced": (
        lambda: loss_unknown(make_parted), swept(lambda: batches_of_parts(3)),
        "kl_loss.*mse_loss",
    ),
    "loss unknown, callback": (loss_unknown, fitted(WIDE), "kl_loss.*mse_loss"),
    "no test step": (
        make_autoencoder, swept(WIDE, validation_data=X), "must have a test_step"
    ),
    "steps per execution, callback": (
        lambda: cold(steps_per_execution=2), fitted(), "steps_per_execution"
    ),
    "rate without setter": (
        lambda: cold(ReadOnlyRate()), swept(*DATA), "learning_rate has no setter"
    ),
    "accumulation unknown": (
        grouped_by_a_function, swept(*DATA), "MultiOptimizer made with a function"
    ),
    "default rate 0": (
        lambda: grouped(default_rate=0.0), swept(*DATA), "learning rate > 0"
    ),
    "default rate 0, callback": (
        lambda: grouped(default_rate=0.0), fitted(), "learning rate > 0"
    ),
    "group without groups": (cold, swept(*DATA, group=0), "without groups"),
    "group not known yet": (
        grouped_by_a_function, swept(*DATA, group=0), "group that exists"
    ),
    "no such group": (grouped, swept(*DATA, group="third"), "'third'"),
    "group without variables": (
        lambda: grouped(built), swept(*DATA, group="second"), "variables to train"
    ),
    "start above end": (cold, swept(*DATA, start_lr=1.0, end_lr=0.1), "less than"),
    "negative rate": (cold, swept(*DATA, start_lr=-1.0), "start_lr=-1"),
    "one step": (cold, swept(*DATA, steps=1), "steps=1"),
    "no such mode": (cold, swept(*DATA, mode="cubic"), "mode='cubic'"),
    "no callbacks": (cold, swept(*DATA, callbacks=["x"]), "list of Keras callbacks"),
    "another sweep": (
        cold, swept(*DATA, callbacks=[LRSweep()]), "must hold no other sweep"
    ),
    "no targets": (cold, swept(X), "targets of arrays"),
    "unequal lengths": (cold, swept(X, Y[:3]), "same number of samples"),
    "no array": (cold, swept("text", Y), "must be an array"),
    "labels in words": (cold, swept(X, np.array(["a"] * 8)), "numbers them from 0"),
    "labels of any kind": (cold, swept(X, np.array([{}] * 8)), "Encode text"),
    "four parts": (built, swept(lambda: batches_of_parts(4)), "tuple of 4"),
    "single values": (
        cold, swept(lambda: ((1.0, 2.0) for _ in "ab")), "whole batches"
    ),
    "no array in a batch": (
        cold, swept(lambda: ((None,) for _ in "ab")), "must hold an array"
    ),
    "empty generator": (cold, swept(lambda: (_ for _ in "")), "empty Python gen"),
    "empty dataset": (
        cold, swept(lambda: dataset(*DATA).take(0)), "empty tf.data.Dataset"
    ),
    "empty PyDataset": (cold, swept(Nothing), "empty keras.utils.PyDataset"),
    "targets beside batches": (cold, swept(forever, Y), "`y` must be None"),
    "class weights of a generator": (
        cold, swept(forever, class_weight={0: 1.0}), "`class_weight` must be None"
    ),
    "weights twice": (
        cold, swept(*DATA, sample_weight=np.ones(8), class_weight={0: 1.0, 1: 1.0}),
        "must not come together",
    ),
    "class weights without targets": (
        cold, swept(lambda: dataset(X), class_weight={0: 1.0}), "needs targets"
    ),
    "single samples": (
        built, swept(lambda: dataset(*DATA).unbatch()), "single samples"
    ),
    "another shape": (built, swept(X[:, :2], Y), "shape of the model's input"),
    "validation without targets": (
        cold, swept(*DATA, validation_data=X), "without targets"
    ),
    "validation without targets, callback": (
        cold, fitted(validation_data=X), "without targets"
    ),
    "validation of another kind": (
        cold, swept(*DATA, validation_data="text"), "`validation_data`.*str"
    ),
    "validation without end": (
        cold, swept(*DATA, validation_data=forever, validation_samples=None),
        "may never end",
    ),
    "validation of nothing": (
        cold, swept(*DATA, validation_data=lambda: (_ for _ in "")), "Received: none"
    ),
    "no rate": (cold, verified(suggestion="fast"), "suggestion"),
    "one candidate": (cold, verified(candidates=[1e-3]), "candidates"),
    "no such judge": (cold, verified(judge="luck"), "judge='luck'"),
    "judge without data": (cold, verified(judge="validation"), "validation_data"),
}  # fmt: skip
if BACKEND == "torch":  # Keras refuses it itself there
    del CASES["steps per execution, callback"]


class Before(keras.callbacks.Callback):
    """Takes the fingerprint of a model as `fit` hands it to callbacks."""

    taken = None

    def on_train_begin(self, logs=None):
        self.taken = fingerprint(self.model, functions=False)


@pytest.fixture(scope="module")
def outcomes():
    """Of each case: what the model was before and after, and the error."""
    found = {}
    for name, (make, run, _) in CASES.items():
        model, before = make(), Before()
        is_model, in_fit = isinstance(model, keras.Model), name.endswith(", callback")
        earlier = (is_model and fingerprint(model), random_states())
        with pytest.raises((InputError, ModelError)) as caught:
            run(model, before)
        if in_fit:  # whose `fit` has drawn and built already, as any other would
            earlier, later = before.taken, fingerprint(model, functions=False)
            is_first = name.startswith("loss") and BACKEND == "tensorflow"
            assert model.train_function is None or not is_first
        else:
            later = (is_model and fingerprint(model), random_states())
        found[name] = earlier, later, caught.value
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_refused_model_is_as_it_was(outcomes, name):
    before, after, error = outcomes[name]
    if name == "loss unknown, callback" and BACKEND != "tensorflow":
        pytest.xfail("not solved: LRSweep there leaves a part of what `fit` has built")
    assert after == before
    assert re.search(CASES[name][2], str(error))


# ------------------------------------------------------------------ none forgotten

MODULES = [
    "schedules.sweeps",
    *(
        f"training.{name}"
        for name in (
            "feeding.batch_parts", "feeding.batch_sources", "feeding.batches",
            "stepping.building", "lr_sweep", "stepping.devices",
            "checking.preconditions", "feeding.passes", "optimizer_rates",
            "stepping.refusals", "stepping.steps", "validation", "verification",
        )
    ),
]  # fmt: skip
ELSEWHERE = {
    ("devices", "check_batch_size"): "several devices: see test_distribution",
    (
        "optimizer_rates",
        "_default",
    ): "asked by a tracker of an optimizer that is not built",
    ("passes", "passed_over_again"): "of LearningRateOptimizer: see test_passes",
    ("passes", "batches_of"): "of LearningRateOptimizer: see test_passes",
    ("refusals", "check_no_schedule"): "of ApplySchedule: see test_apply_schedule",
}
if BACKEND == "torch":
    ELSEWHERE["lr_sweep", "on_train_begin"] = "Keras refuses it itself"


def raised_in(module):
    """(function, first line) of each refusal in the source of a module."""
    source = Path(importlib.import_module(f"lr_finder.{module}").__file__).read_text()
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            called = getattr(getattr(node, "exc", None), "func", None)
            names = ("InputError", "ModelError", "empty_source")
            if isinstance(node, ast.Raise) and getattr(called, "id", None) in names:
                yield function.name, node.lineno


def test_every_refusal_of_the_source_has_a_case(outcomes):
    met = set()
    for _, _, error in outcomes.values():
        frame = traceback.extract_tb(error.__traceback__)[-1]
        met.add((Path(frame.filename).stem, frame.lineno))
    wanted = {
        (module.rpartition(".")[2], line)
        for module in MODULES
        for function, line in raised_in(module)
        if (module.rpartition(".")[2], function) not in ELSEWHERE
    }
    assert len(wanted) > 40
    assert wanted - met == set()

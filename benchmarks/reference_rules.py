"""How far the rules of `lr_finder.reference` end from Keras' optimizers.

Both make 100 steps from the same parameters of unit scale with the same random
gradients, at Keras' default rate. The error is the distance between the two ends,
divided by the distance moved. `KERAS_BACKEND` chooses the backend, `--float64` the
precision.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json
from typing import Annotated

import keras
import numpy as np
import typer

from lr_finder import reference
from lr_finder.reference.trees import norm, tree_map

STEPS, SEEDS = 100, 3
# Keras takes the root of a matrix' longer side, for Muon, in float32: here it is whole.
SHAPES = {"W1": (16, 8), "b1": (8,)}
# Rule -> Keras' optimizer, its arguments and those of the rule.
CASES = {
    "sgd": ("SGD", {}, {}),
    "momentum": ("SGD", {"momentum": 0.9}, {}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}, {}),
    "adagrad": ("Adagrad", {}, {}),
    "rmsprop": ("RMSprop", {}, {}),
    "rmsprop, centered": ("RMSprop", {"centered": True}, {"centered": True}),
    "adadelta": ("Adadelta", {}, {}),
    "adam": ("Adam", {}, {}),
    "amsgrad": ("Adam", {"amsgrad": True}, {}),
    "adamax": ("Adamax", {}, {}),
    "nadam": ("Nadam", {}, {}),
    "adamw": ("AdamW", {}, {}),
    "lion": ("Lion", {}, {}),
    "muon": ("Muon", {}, {}),
}


def by_keras(case, parameters, gradients):
    """The parameters after the steps of Keras' optimizer."""
    kind, arguments, _ = CASES[case]
    optimizer = getattr(keras.optimizers, kind)(**arguments)
    # Copies: torch would change the arrays themselves.
    variables = [keras.Variable(value.copy(), dtype=value.dtype, name=name)
                 for name, value in parameters.items()]  # fmt: skip
    for each in gradients:
        given = [keras.ops.convert_to_tensor(value) for value in each.values()]
        optimizer.apply(given, variables)
    values = map(keras.ops.convert_to_numpy, variables)
    return dict(zip(parameters, values, strict=True)), float(optimizer.learning_rate)


def by_rule(case, parameters, gradients, learning_rate):
    """The parameters after the steps of the rule."""
    rule, state = reference.rule(case.partition(",")[0]), None
    for each in gradients:
        parameters, state = rule(
            parameters, each, state, learning_rate=learning_rate, **CASES[case][2]
        )
    return parameters


def error(case, seed, dtype=np.float32):
    """The distance between the two ends / the distance moved."""
    rng = np.random.default_rng(seed)
    start, *gradients = (
        {name: rng.normal(size=shape).astype(dtype) for name, shape in SHAPES.items()}
        for _ in range(STEPS + 1)
    )
    keras.config.set_floatx(np.dtype(dtype).name)  # of the rate, too
    try:
        theirs, rate = by_keras(case, start, gradients)
    finally:
        keras.config.set_floatx("float32")
    # Shorter than float32 holds it: 0.001, not 0.0010000000475.
    ours = by_rule(case, start, gradients, float(f"{rate:.6g}"))
    apart = tree_map(np.subtract, ours, theirs)
    moved = tree_map(np.subtract, ours, start)
    return norm(apart) / norm(moved)


def errors(dtype=np.float32):
    """The largest of each case over the seeds: dict of float."""
    return {case: max(error(case, s, dtype) for s in range(SEEDS)) for case in CASES}


def main(
    float64: Annotated[bool, typer.Option(help="Compare in float64.")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
):
    """Print the table, or JSON."""
    dtype = np.float64 if float64 else np.float32
    found = errors(dtype)
    if as_json:
        print(json.dumps(found))
        return
    print(f"| rule | Keras | {keras.backend.backend()}, {np.dtype(dtype).name} |")
    print("| --- | --- | --- |")
    for case, value in found.items():
        kind, arguments, _ = CASES[case]
        given = ", ".join(f"{name}={value}" for name, value in arguments.items())
        print(f"| `{case}` | `{kind}({given})` | {value:.1g} |")


if __name__ == "__main__":
    typer.run(main)

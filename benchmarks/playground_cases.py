"""Makes the recorded sweeps that the playground asks about: `recorded_cases.json`.

    python benchmarks/playground_cases.py

Of the 90 cases of `suggestion_quality`, those that show something, failures of
`lr_finder` among them: they are no sample, so their mean says nothing. Losses are kept
to five digits, and all answers are read from what is kept.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.suggestion_quality.sweeps import END, START, load_sweeps  # noqa: E402
from benchmarks.suggestion_quality.truth import load_truth  # noqa: E402
from lr_finder._files import write_atomically  # noqa: E402
from lr_finder.playground.readings import (  # noqa: E402
    CASES_FILE,
    DIGITS,
    reading_of,
    sweep_of,
)

STEPS = 200
# Task and optimizer -> what is trained, and what the case shows.
CHOSEN = {
    ("friedman_deep", "adam"): (
        "a network of four layers on a table of 10 columns",
        "A usual curve: flat, falling, climbing. Adam's usual rate 3e-3 lies in the "
        "window, and the sweep confirms it.",
    ),
    ("digits_linear", "adam"): (
        "one layer that reads handwritten digits",
        "A shallow model takes a high rate: Keras' default, 1e-3, is far too low.",
    ),
    ("friedman_deep", "momentum"): (
        "a network of four layers on a table of 10 columns",
        "The steepest single step of a noisy curve may lie anywhere: the textbook rule "
        "falls for noise in the flat part.",
    ),
    ("wine_dropout", "sgd"): (
        "two layers with dropout on chemical measurements of wine",
        "Plain SGD takes rates near 1; the climb decides how near.",
    ),
    ("counting_attention", "adam"): (
        "a small transformer that counts",
        "The steepest part lies next to the climb, and a training there is lost: the "
        "rate is far below.",
    ),
    ("california_dense", "sgd"): (
        "two layers that predict house prices",
        "lr_finder fails here: a rate that is stable for 200 steps diverges later in a "
        "training on outliers. Only a verification shows it.",
    ),
    ("consumption_gru", "adam"): (
        "a recurrent network on a series",
        "A wide plateau: many rates do. Then the exact one does not matter.",
    ),
    ("diabetes_raw_target", "adam"): (
        "one hidden layer; the target is not scaled",
        "The target is in the hundreds, so the loss begins at tens of thousands, and "
        "Adam needs a rate near 1. Scale the target instead.",
    ),
    ("messages_embedding", "sgd"): (
        "word embeddings that find spam",
        "The textbook rule is right here, and lr_finder too careful: rules are judged "
        "by many cases, not by one.",
    ),
    ("ratings_embedding", "momentum"): (
        "embeddings that predict ratings",
        "The loss never falls beyond its noise. The warnings say that the rate is "
        "little more than a guess, and so it is.",
    ),
    ("cifar_convolution", "adam"): (
        "a convolution network on small photographs",
        "The curve never climbs clearly. Adam's usual rate is near the best all the "
        "same.",
    ),
    ("iris_tiny", "adamw"): (
        "a tiny network on 150 flowers",
        "The lowest point of the curve is not the best rate: there the loss is already "
        "about to climb.",
    ),
    ("adding_lstm", "adam"): (
        "an LSTM that adds two numbers of a sequence",
        "Flat for long, then a sudden fall: both rules find it.",
    ),
    ("cancer_unscaled", "sgd"): (
        "one hidden layer on columns that are not scaled",
        "Unscaled columns make the curvature huge, so hardly any rate works. Scale "
        "them first; the warnings say so.",
    ),
    ("digits_convolution", "rmsprop"): (
        "a convolution network that reads digits",
        "A textbook curve on which the textbook rule still takes the edge.",
    ),
}  # fmt: skip


def make_case(task, optimizer, what, lesson):
    """One case as JSON takes it: what was recorded, what is read, what is true."""
    sweep = load_sweeps()[task, optimizer, STEPS][0][0]
    truth = load_truth()[task, optimizer]
    curve = sweep.stopped()
    losses = [float(f"{loss:.{DIGITS}g}") for loss in curve.losses]
    case = {
        "name": task, "optimizer": sweep.metadata["optimizer"], "what": what,
        "lesson": lesson, "metadata": sweep.metadata, "swept": [START, END, STEPS],
        "losses": losses, "stop_reason": str(curve.stop_reason),
    }  # fmt: skip
    if sweep.metadata.get("momentum"):
        case["optimizer"] += f", momentum {sweep.metadata['momentum']}"
    case |= reading_of(sweep_of(case))
    for name in ("lr", "textbook"):
        case[f"regret_{name}"] = round(truth.regret(case[name]), 6)
    case["truth"] = {
        "rates": truth.rates.tolist(),
        "losses": [float(f"{loss:.{DIGITS}g}") for loss in truth.losses],
        "base": truth.base,
        "best": truth.best_rate,
    }
    return case


def make_cases():
    """All of them, in the order in which they are asked."""
    return [make_case(*key, *texts) for key, texts in CHOSEN.items()]


def lowest_points():
    """Of the lowest points of all curves: regret, and decades above the best rate."""
    found = []
    sweeps = load_sweeps()
    for (task, optimizer), truth in load_truth().items():
        curve = sweeps[task, optimizer, STEPS][0][0].stopped()
        logs = np.convolve(np.log(curve.losses), np.ones(9) / 9, "valid")
        rate = curve.lrs[4 + int(np.argmin(logs))]
        found.append((truth.regret(rate), math.log10(rate / truth.best_rate)))
    return np.transpose(found)


def main():
    """Write the file, and print what it says."""
    cases = make_cases()
    text = json.dumps(cases, separators=(",", ":"), allow_nan=False)
    text = text.replace('},{"name"', '},\n{"name"') + "\n"
    write_atomically(CASES_FILE, lambda file: file.write(text.encode()))
    for case in cases:
        rates = [case["truth"]["best"], case["lr"] or math.nan, case["textbook"]]
        shown = " ".join(f"{rate:9.2g}" for rate in rates)
        regrets = f"{case['regret_lr']:.2f} {case['regret_textbook']:.2f}"
        print(f"{case['name']:22}{case['optimizer']:20}{shown}  {regrets}")
    regrets, above = lowest_points()
    print(
        f"lowest point of the curve, {len(above)} cases: mean regret "
        f"{regrets.mean():.2f}, above the best rate in {np.mean(above > 0):.0%}, "
        f"by a factor of "
        f"{10 ** np.median(above):.1f} (median)"
    )
    print(f"{len(cases)} cases, {len(text) / 1000:.0f} kB in {CASES_FILE.name}")


if __name__ == "__main__":
    main()

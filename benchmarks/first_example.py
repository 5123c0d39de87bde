"""The first example of the README: what it prints, what it gains, and its picture.

A network of one layer learns handwritten digits with Adam. Its rate is found by a
sweep, then it is trained from the same weights at Adam's default in Keras and at the
rate found, over five seeds.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from matplotlib.axes import Axes
from sklearn.datasets import load_digits

import lr_finder
from lr_finder._text import format_rate
from lr_finder.analysis.sweep.preparation import prepare
from lr_finder.plots.style import ACCENT, BAND, RAW, SMOOTH, new_figure, save_figure

SEEDS = 5
EPOCHS = 5
TRAINED = 1400  # images; the other 397 validate
LEFT = 1e-5  # the picture leaves out two more flat decades
BEGUN = 0.1  # of the descent: there the second part begins
PICTURE = Path(__file__).parent / "figures" / "three_parts.png"


def build() -> keras.Model:
    """The network, compiled as most tutorials do."""
    model = keras.Sequential(
        [keras.Input((64,)), keras.layers.Dense(10, activation="softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def accuracy(seed: int, rate: float | None, parts: tuple) -> float:
    """The validation accuracy after a short training, in percent."""
    (x, y), (x_validation, y_validation) = parts
    keras.utils.set_random_seed(seed)
    model = build()
    if rate is not None:  # else Keras' default
        model.optimizer.learning_rate = rate
    history = model.fit(
        x, y, epochs=EPOCHS, validation_data=(x_validation, y_validation), verbose=0
    )
    return 100 * history.history["val_accuracy"][-1]


def compare(x: np.ndarray, y: np.ndarray) -> None:
    """Print the suggestion of each seed, and both accuracies."""
    parts = (x[:TRAINED], y[:TRAINED]), (x[TRAINED:], y[TRAINED:])
    scores = []
    for seed in range(SEEDS):
        keras.utils.set_random_seed(seed)
        found = lr_finder.sweep(build(), *parts[0], seed=seed, verbose=0).suggest()
        print(f"seed {seed}: {found}")
        scores.append([accuracy(seed, rate, parts) for rate in (None, found.lr)])
    for name, values in zip(
        ("Keras' default", "the rate found"), zip(*scores, strict=True), strict=True
    ):
        mean, sd = np.mean(values), np.std(values, ddof=1)
        print(f"after {EPOCHS} epochs at {name}: {mean:.1f} ± {sd:.1f} % right")


def draw(x: np.ndarray, y: np.ndarray) -> None:
    """The sweep of the README with its three parts labelled."""
    keras.utils.set_random_seed(0)
    result = lr_finder.sweep(build(), x, y, seed=0, verbose=0)
    suggestion = result.suggest()
    rates, losses = prepare(result.lrs, result.losses).line()
    ax = new_figure(5.6, 3.7).subplots()
    ax.plot(result.lrs, result.losses, ".", color=RAW, ms=4, label="batches")
    ax.plot(rates, losses, color=SMOOTH, lw=2.2, label="smoothed")
    ax.axvspan(suggestion.low, suggestion.high, color=BAND, zorder=0, label="interval")
    begin = losses.max() - BEGUN * np.ptp(losses)
    falls = rates[np.flatnonzero(losses > begin)[-1]]
    top = 1.25 * losses.max()
    ax.set(xscale="log", xlim=(LEFT, 20), ylim=(0, top), ylabel="loss of the batch",
           xlabel="learning rate (log scale)")  # fmt: skip
    climbs = suggestion.window.climbs_at
    _name_parts(ax, (LEFT, falls, climbs, ax.get_xlim()[1]))
    shown = (
        (suggestion.compiled, "Keras' default", "black", ":", 0.45),
        (suggestion.lr, "suggested", ACCENT, "-", 0.03),
    )
    for rate, name, color, dash, height in shown:
        ax.axvline(rate, color=color, lw=2, ls=dash)
        ax.annotate(
            f"{name}\n{format_rate(rate)}", (rate, height), ha="right", color=color,
            xycoords=ax.get_xaxis_transform(), xytext=(-5, 0),
            textcoords="offset points",
        )  # fmt: skip
    ax.set_title(
        f"Keras' default, {format_rate(suggestion.compiled)}, lies where nothing is "
        f"learnt;\n{format_rate(suggestion.lr)} is suggested"
    )
    ax.legend(loc="lower left", frameon=False)
    print(f"Wrote {save_figure(ax.figure, PICTURE)}")


def _name_parts(ax: Axes, borders: tuple[float, ...]) -> None:
    """A number and a name above each part of the curve."""
    names = ("1  too small:\nnothing is learnt", "2  the loss falls",
             "3  too large:\nit climbs")  # fmt: skip
    for left, right, name in zip(borders, borders[1:], names, strict=False):
        ax.annotate(name, (np.sqrt(left * right), 0.97), ha="center", va="top",
                    xycoords=ax.get_xaxis_transform())  # fmt: skip
    for border in borders[1:-1]:
        ax.axvline(border, color=RAW, lw=0.8, ls="--")


def main() -> None:
    """Compare both rates, or draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draw", action="store_true", help="draw the picture only")
    x, y = load_digits(return_X_y=True)
    (draw if parser.parse_args().draw else compare)(x / 16, y)


if __name__ == "__main__":
    main()

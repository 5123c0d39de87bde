"""The cases a prior learns from: what a sweep showed, the best rate, and the traits."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.suggestion_quality.fitting import FINE, GROUPS, landmarks
from benchmarks.suggestion_quality.sweeps import load_sweeps
from benchmarks.suggestion_quality.tasks import TASKS
from benchmarks.suggestion_quality.truth import Truth, load_truth
from benchmarks.suggestion_quality.verified import FILE as VERIFIED

FILE = Path(__file__).with_name("landmarks.csv")
STEPS = (200, 100)
FINE_ENOUGH = 0.05  # regret up to which a rate is good
DEPTHS = {  # layers with weights, if they are not two
    "digits_linear": 1, "adult_linear": 1, "ratings_embedding": 1,
    "california_dense": 3, "wine_dropout": 3, "digits_finetune": 3,
    "digits_convolution": 3, "digits_autoencoder": 4, "cifar_convolution": 4,
    "friedman_deep": 5, "counting_attention": 5,
}  # fmt: skip
UNSCALED = ("cancer_unscaled", "diabetes_raw_target")
ARCHITECTURE = ("convolutional", "attention", "recurrent", "embedding", "linear")
DOMAIN = ("image", "tabular", "synthetic", "series", "text", "ratings")
FURTHER = ("depth", "batch", "unscaled", "classes")  # BatchNorm: all convolutions


def traits(names: pd.Series, wanted: tuple[str, ...]) -> np.ndarray:
    """What is known of tasks before anything is trained.

    Args:
        names: Series (n,) of str, tasks.
        wanted: tuple of str, of `ARCHITECTURE`, `DOMAIN` and `FURTHER`.

    Returns:
        float array (n, len(wanted)): 0 or 1, but for the depth and the batch size,
        which are in doublings from 2 layers and 32 samples.
    """
    rows = []
    for name in names:
        task = TASKS[name]
        known = {
            **{each: task.architecture == each for each in ARCHITECTURE},
            **{each: task.domain == each for each in DOMAIN},
            "depth": np.log2(DEPTHS.get(name, 2) / 2),
            "batch": np.log2(task.batch_size / 32),
            "unscaled": name in UNSCALED,
            "classes": task.loss in ("classes", "binary"),
        }
        rows.append([float(known[each]) for each in wanted])
    return np.array(rows, dtype=float).reshape(len(rows), len(wanted))


def good_rates(truth: Truth) -> tuple[float, float, float]:
    """The middle and the ends of the rates with a small regret.

    Args:
        truth: Truth.

    Returns:
        (middle, low, high): float, log10(lr).
    """
    good = FINE[[truth.regret(10**x) <= FINE_ENOUGH for x in FINE]]
    return float(good.mean()), float(good.min()), float(good.max())


@dataclasses.dataclass(frozen=True)
class Cases:
    """Sweeps of one length, each with the truth of its case.

    Args:
        frame: DataFrame, a row for each sweep: `task`, `optimizer`, `group`, `begun`
            and `climb` in log10(lr), `silent`, and `best`, the middle of the good
            rates.
        regrets: float array (n, len(FINE)), the regret of each rate.
        smooth: float array of that shape, the same as seen through a blurred rate.
    """

    frame: pd.DataFrame
    regrets: np.ndarray
    smooth: np.ndarray

    def part(self, chosen: np.ndarray) -> Cases:
        """Those of the sweeps that a bool array (n,), or one of places, chooses."""
        places = np.arange(len(self.frame))[chosen]
        frame = self.frame.iloc[places].reset_index(drop=True)
        return Cases(frame, self.regrets[chosen], self.smooth[chosen])


def write_landmarks(path: Path = FILE) -> None:
    """Read all stored sweeps: a minute or two."""
    sweeps = load_sweeps()
    parts = [landmarks(sweeps, steps).assign(steps=steps) for steps in STEPS]
    columns = ["steps", "task", "optimizer", "sweep", "begun", "climb", "silent"]
    frame = pd.concat(parts)[columns]
    frame.to_csv(path, index=False, float_format="%.6g")


@functools.cache
def load_cases(steps: int, path: Path = FILE) -> Cases:
    """The stored sweeps of a length.

    Args:
        steps: int, 100 or 200.
        path: Path, as `write_landmarks` wrote it.

    Returns:
        Cases.
    """
    from scipy.ndimage import gaussian_filter1d

    from benchmarks.suggestion_quality.fitting import SCATTER

    truths = load_truth()
    frame = pd.read_csv(path).query("steps == @steps").reset_index(drop=True)
    keys = list(zip(frame["task"], frame["optimizer"], strict=True))
    tables = {k: np.array([truths[k].regret(10**x) for x in FINE]) for k in set(keys)}
    regrets = np.array([tables[key] for key in keys])
    width = SCATTER / (FINE[1] - FINE[0])
    frame["group"] = frame["optimizer"].map(GROUPS)
    best = {key: good_rates(truths[key])[0] for key in tables}
    frame["best"] = [best[key] for key in keys]
    smooth = gaussian_filter1d(regrets, width, mode="nearest")
    return Cases(frame, regrets, smooth)


def load_verified() -> pd.DataFrame:
    """What verification said of each case: as a person's own history would hold it.

    Returns:
        DataFrame with `task`, `optimizer`, `group` and `best`, log10 of the rate.
    """
    frame = pd.read_csv(VERIFIED)
    frame["group"] = frame["optimizer"].map(GROUPS)
    frame["best"] = np.log10(frame["lr"])
    return frame.dropna(subset="best")[["task", "optimizer", "group", "best"]]

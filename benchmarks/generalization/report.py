"""What the stored rows say, as tables with seeds and intervals."""

from __future__ import annotations

import pandas as pd

from benchmarks.generalization import jump, studies
from lr_finder.results.generalization.generalization import GeneralizationResult
from lr_finder.results.generalization.generalization_text import with_interval

LEVEL = 0.1  # training loss at which optimizers are compared by their steps
SPEEDS = ("steps", "test_loss", "test_accuracy", "decades")
GAPS = ("train_loss", "test_loss", "gap", "train_accuracy", "test_accuracy")


def readable(table: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """A table of means with their intervals, as texts.

    Args:
        table: DataFrame, of `gaps`, `best` or `optimizers`.
        names: tuple of str, the means.

    Returns:
        DataFrame.
    """
    plain = ("n", "n_lost", "n_reached", "n_open", "low_rate", "high_rate")
    told = table[["variant", "rate", *(n for n in plain if n in table)]].copy()
    for name in names:
        told[name] = [with_interval(row, name) for row in table.to_dict("records")]
    if "p_holm" in table:
        told["difference"] = [
            with_interval(row, "difference") for row in table.to_dict("records")
        ]
        told["p_holm"] = table["p_holm"].round(4)
    return told


def print_study(name: str) -> None:
    """Print the tables and the sentences of one study."""
    study = studies.stored(name)
    level = study.common_loss
    print(f"\n## {name}: {study!r}, {study.about['backend']}\n")
    for title, table, names in (
        ("after equal epochs", study.gaps(), GAPS),
        (f"at a training loss of {level:.3g}", study.gaps(level), GAPS),
        ("at the best rate by validation loss", study.best(), GAPS),
        (f"speed, to a training loss of {LEVEL}", study.optimizers(LEVEL), SPEEDS),
    ):
        print(f"{title}\n{readable(table, names).to_string(index=False)}\n")
    for sentence in study.sentences():
        print(f"- {sentence}.")


def optimizer_table() -> pd.DataFrame:
    """Speed, final score and width of the good rates, one row for each optimizer."""
    parts = [
        studies.stored(name)
        for name in ("sgd", "optimizers")
        if studies.stored_file(name).is_file()
    ]
    joined = GeneralizationResult(
        pd.concat([part.runs for part in parts], ignore_index=True),
        pd.concat([part.epochs for part in parts], ignore_index=True),
    )
    return joined.optimizers(LEVEL)


def print_all() -> None:
    """Print all that is stored."""
    for name in studies.STUDIES:
        if studies.stored_file(name).is_file():
            print_study(name)
    print("\n## optimizers, one table\n")
    print(readable(optimizer_table(), SPEEDS).to_string(index=False))
    print("\n## the jump\n")
    jump.print_jump()

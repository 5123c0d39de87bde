"""The scores as a table and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.suggestion_quality import figure, replays, scores, verified
from benchmarks.suggestion_quality.fitting import METHOD
from benchmarks.suggestion_quality.methods import DEFAULT, NO_SWEEP, STEPS
from benchmarks.suggestion_quality.peers import PEERS
from benchmarks.suggestion_quality.truth import Truth

RESULTS = Path(__file__).with_name("RESULTS.md")
FORMATS = {  # column of `scores.summarize`: heading and format
    "mean": ("mean regret", "{:.3f}"),
    "error": ("± error", "{:.3f}"),
    "median": ("median", "{:.3f}"),
    "p90": ("p90", "{:.2f}"),
    "worst": ("worst", "{:.2f}"),
    "good": ("good", "{:.2f}"),
    "catastrophic": ("catastrophic", "{:.2f}"),
    "silent": ("none", "{:.2f}"),
    "excess": ("median excess", "{:.0%}"),
    "distance": ("distance", "{:.2f}"),
    "spread": ("spread", "{:.2f}"),
    "cost": ("steps made", "{:.0f}"),
    "held": ("interval holds", "{:.2f}"),
    "width": ("its width", "{:.2f}"),
}
VERIFIED = {  # column: heading and format, of verifications
    **{name: FORMATS[name] for name in ("mean", "error", "median", "worst", "good")},
    **{name: FORMATS[name] for name in ("catastrophic", "silent", "excess")},
    "share": ("of a training", "{:.2f}"),
    **{name: FORMATS[name] for name in ("held", "width")},
}
INTRODUCTION = """# How good is a suggested learning rate?

Made by `python -m benchmarks.suggestion_quality report` from `truth.csv` and
`sweeps.npz`; the [README](../README.md) says how to make both anew.

A **case** is a task with an optimizer: {cases} of {tasks} tasks.{left_out} Its
**truth** L(lr) is the validation loss after training the whole budget at a constant
rate: 19 rates from 1e-5 to 10, the median of 3 seeds, the best of 20 evaluations; a
training that diverged counts as the best constant prediction, L_base. The **regret**
of a rate is (L(lr) - L_min) / (L_base - L_min): 0 is the best rate, 1 is nothing learnt
or no suggestion. **Good** is a regret of at most 0.05, **catastrophic** one above 0.5;
the **excess** is L(lr) / L_min - 1, the **distance** that to the best rate in decades,
the **spread** the sd of log10(lr) over the three sweeps of a case. Standard errors are
clustered by task. An interval **holds** if the best rate, or one with a regret of at
most 0.02, lies in it; widths are in decades. Sweeps run from 1e-7 to 10, from weights
and batches that the truth has not seen.

The best fixed rate of an optimizer is that of the least mean regret on all *other*
tasks. Peers are reimplemented with their own smoothing, stopping and trimming; rules
and `lr_finder` read the sweep as `lr_finder` records and stops it."""

REAL = """`verify` of `lr_finder` as anybody would call it, after a sweep of 200 steps,
on {cases} cases ({rows} sweeps): `python -m benchmarks.suggestion_quality verify` keeps
them in `verified.csv`. The cost, sweep included, is a share of the training's steps. A
sweep without a suggestion counts as regret 1; what is verified then is the Keras
default of the optimizer."""
RECORDED = """Replayed from trainings at 37 rates that were recorded before
(`trials.npz`, by `python -m benchmarks.suggestion_quality trials`), so that any center
and any setting can be scored. The settings were chosen by the mean over centers of all
kinds, not for one of them."""


def _cells(row: pd.Series, columns: list[str]) -> list[str]:
    return [
        "–" if pd.isna(row[name]) else FORMATS[name][1].format(row[name])
        for name in columns
    ]


def title(steps: int) -> str:
    """What a table of methods with so many steps is called."""
    return f"One sweep of {steps} steps" if steps else "Without a sweep"


def print_tables(summary: pd.DataFrame, console: Console | None = None) -> None:
    """Print a table for each number of steps."""
    for steps, part in summary.groupby("steps"):
        table = Table("method", title=title(steps))
        for heading, _ in FORMATS.values():
            table.add_column(heading, justify="right")
        for _, row in part.iterrows():
            table.add_row(row["method"], *_cells(row, list(FORMATS)))
        (console or Console(width=190)).print(table)


def _markdown_table(headings: list[str], rows: list[list[str]]) -> str:
    lines = [headings, ["---", *["---:"] * (len(headings) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _summary_section(summary: pd.DataFrame, steps: int) -> str:
    part = summary[summary["steps"] == steps]
    columns = [name for name in FORMATS if part[name].notna().any()]
    rows = [[row["method"], *_cells(row, columns)] for _, row in part.iterrows()]
    headings = ["method", *(FORMATS[name][0] for name in columns)]
    return f"## {title(steps)}\n\n{_markdown_table(headings, rows)}"


def _break_down(judged: pd.DataFrame, column: str, order: list[str]) -> str:
    table = scores.by(judged[judged["steps"].isin([0, STEPS])], column)
    table = table.droplevel("steps").loc[order]
    counts = judged.groupby(column)["task"].nunique()
    headings = [f"mean regret by {column}"]
    headings += [f"{name} ({counts[name]})" for name in table.columns]
    rows = [[name, *map("{:.3f}".format, row)] for name, row in table.iterrows()]
    return _markdown_table(headings, rows)


def _by_task(judged: pd.DataFrame, summary: pd.DataFrame) -> str:
    """Mean regret by task of methods without a sweep, the best peer and our own."""
    shown = judged[judged["steps"].isin([0, STEPS])]
    best = summary[(summary["steps"] == STEPS) & summary["method"].isin(PEERS)]
    ours = summary[(summary["steps"] == STEPS)]["method"]
    ours = sorted(name for name in ours if name.startswith(DEFAULT))
    methods = [*NO_SWEEP, best["method"].iloc[0], *ours]
    table = shown.pivot_table("regret", "task", "method", sort=False)[methods]
    rows = [[name, *map("{:.3f}".format, row)] for name, row in table.iterrows()]
    return _markdown_table(["mean regret by task", *methods], rows)


def _catastrophes(judged: pd.DataFrame, truths: Mapping[tuple, Truth]) -> str:
    """The cases in which `lr_finder` goes wrong in most sweeps, the worst first."""
    ours = judged[(judged["method"] == DEFAULT) & (judged["steps"] == STEPS)]
    by_case = ours.groupby(["task", "optimizer"], sort=False)
    regrets = by_case["regret"].median().sort_values(ascending=False)
    rows = []
    for case, regret in regrets[regrets > scores.CATASTROPHIC].items():
        rates = by_case.get_group(case)["lr"].dropna()
        said = ", ".join(f"{rate:.0e}" for rate in rates) or "nothing"
        rows.append([*case, f"{regret:.2f}", said, f"{truths[case].best_rate:.0e}"])
    return _markdown_table(
        ["task", "optimizer", "median regret", "suggested", "best"], rows
    )


def _constants(chosen: pd.DataFrame) -> str:
    """The constants chosen without each task, and with all."""
    columns = [name for name in chosen.columns if name != "left_out"]
    groups = chosen.groupby(columns, sort=False)["left_out"].agg(list)
    rows = []
    for (usual, *others), tasks in groups.items():
        named = [name for name in tasks if name != "none"]
        if len(named) > 3:
            named = [f"each of {len(named)} others"]
        named += ["no task"] * ("none" in tasks)
        rates = ", ".join(f"{10**x:.1e}" for x in usual)
        rows.append([", ".join(named), rates, *map("{:.2f}".format, others)])
    return _markdown_table(
        ["left out", "usual rates: sgd, momentum, adaptive", "above the descent",
         "below the climb", "half width", "the same at the top"], rows
    )  # fmt: skip


def _warnings(judged: pd.DataFrame) -> str:
    """How suggestions with a warning fare against those without it."""
    ours = judged[(judged["method"] == DEFAULT) & (judged["steps"] == STEPS)]
    kinds = ours["warnings"].str.split()
    said = {"any of them": kinds.str.len() > 0}
    for kind in sorted(set(kinds.explode().dropna())):
        said[kind] = kinds.map(lambda there, kind=kind: kind in there)
    rows = []
    for name in said:
        row = [name, str(said[name].sum())]
        for part in (ours[said[name]], ours[~said[name]]):
            poor = 1 - part["good"].mean()
            row += [f"{part['regret'].mean():.3f}", f"{poor:.2f}"]
            row += [f"{part['held'].mean():.2f}"]
        rows.append(row)
    return _markdown_table(
        ["warning", "suggestions", "mean regret", "not good", "interval holds",
         "mean regret without it", "not good", "interval holds"], rows
    )  # fmt: skip


def comparisons(judged: pd.DataFrame, summary: pd.DataFrame) -> list[str]:
    """Sentences on `lr_finder` against the best peer, at equal steps, and no sweep."""
    rivals = [(name, 0) for name in NO_SWEEP]
    for steps in sorted(set(summary["steps"]) - {0}):
        peers = summary[(summary["steps"] == steps) & summary["method"].isin(PEERS)]
        rivals.append((peers["method"].iloc[0], steps))
    sentences = []
    for rival, steps in rivals:
        ours = summary[summary["method"].str.startswith(DEFAULT)]
        for method in ours[ours["steps"] == (steps or STEPS)]["method"]:
            key = (method, steps or STEPS)
            mean, low, high = scores.paired(judged, key, (rival, steps))
            sentences.append(
                f"{method} ({key[1]} steps) less {rival} ({steps} steps): "
                f"{mean:+.3f} ({low:+.3f} to {high:+.3f})"
            )
    return sentences


def _verified_table(summary: pd.DataFrame, heading: str) -> str:
    rows = [[row["method"], *_verified_cells(row)] for _, row in summary.iterrows()]
    headings = [heading, *(name for name, _ in VERIFIED.values())]
    return _markdown_table(headings, rows)


def _verified_cells(row: pd.Series) -> list[str]:
    shown = [(row[name], form) for name, (_, form) in VERIFIED.items()]
    return ["–" if pd.isna(value) else form.format(value) for value, form in shown]


def verified_section(
    truths: Mapping[tuple, Truth], path: Path = verified.FILE
) -> list[str]:
    """What short trainings make of suggestions: paragraphs; none without their files.

    Args:
        truths: mapping of (task, optimizer) to Truth.
        path: Path of the CSV file of real verifications.
    """
    real, records = verified.answers(truths, path), replays.replayed(truths)
    paragraphs = []
    if len(real):
        cases = len(real[["task", "optimizer"]].drop_duplicates())
        paragraphs += [
            REAL.format(cases=cases, rows=len(real) // 2),
            _verified_table(replays.summarize(real, truths), "by lr_finder itself"),
        ]
    if len(records):
        varied = replays.summarize(replays.varied(truths), truths)
        paragraphs += [
            RECORDED,
            _verified_table(replays.summarize(records, truths), "verified around"),
            _verified_table(varied, f"settings, around {DEFAULT}"),
        ]
    return ["## Verified by short trainings", *paragraphs] if paragraphs else []


def markdown(
    judged: pd.DataFrame,
    summary: pd.DataFrame,
    truths: Mapping[tuple, Truth],
    constants: pd.DataFrame,
    floor: tuple[float, float],
) -> str:
    """The whole report as Markdown.

    `constants` are those of `fitting.left_out`, `floor` is of `grid_search_regrets`.
    """
    lost = [
        " × ".join(case) for case, truth in truths.items() if not truth.is_learnable
    ]
    left_out = f" Left out, as no rate learns: {', '.join(lost)}." if lost else ""
    cases = len(judged[["task", "optimizer"]].drop_duplicates())
    drawn = summary[summary["steps"].isin([0, STEPS])]["method"].tolist()
    paragraphs = [
        INTRODUCTION.format(
            cases=cases, tasks=judged["task"].nunique(), left_out=left_out
        ),
        f"![Regret by method, one dot a case]({figure.FILE.name})",
        *(_summary_section(summary, steps) for steps in sorted(set(summary["steps"]))),
        *verified_section(truths),
        "## Pairs\n\nDifference in mean regret on the same cases, with its 95 % "
        "interval clustered by task; below 0, the first is better.",
        "\n".join(f"- {sentence}" for sentence in comparisons(judged, summary)),
        "## A full search\n\nOver all rates, each trained once with one seed, the best "
        f"taken: a mean regret of {floor[0]:.3f} judged by all seeds, of "
        f"{floor[1]:.3f} by the other two.",
        "## Constants\n\nOf the default rule, chosen on all tasks but one: the "
        f"suggestions for that one are what `{METHOD}` stands for.",
        _constants(constants),
        f"## Warnings\n\nOf `{DEFAULT}` with one sweep of {STEPS} steps.",
        _warnings(judged),
        f"## Catastrophes\n\nOf `{DEFAULT}` with one sweep of {STEPS} steps.",
        _catastrophes(judged, truths),
        f"## Break-downs\n\nSweeps of {STEPS} steps, or none; tasks in brackets.",
        _by_task(judged, summary),
        *(
            _break_down(judged, column, drawn)
            for column in ("optimizer", "architecture", "domain")
        ),
    ]
    return "\n\n".join(paragraphs) + "\n"

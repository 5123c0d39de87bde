"""A comparison in a report: which variant came first, and what cannot be told apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lr_finder._text import counted
from lr_finder.reports.document import (
    Column,
    Doubts,
    Number,
    Picture,
    Piece,
    Points,
    Section,
    Summary,
    Table,
    number,
    section,
)
from lr_finder.reports.kinds import sweep
from lr_finder.reports.kinds.raw_data import raw_data
from lr_finder.reports.kinds.run_facts import how_it_was_made, range_of
from lr_finder.results.comparison_runs import FOUND, SETTING
from lr_finder.results.comparison_text import seconds_of, told_p
from lr_finder.schedules.named import explained

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.results.comparison import Comparison

HEADINGS = {"batch_size": "Batch size"}
OF_SETTING = {"batch_size"}  # columns of a setting that hold numbers
UNFINISHED = (
    "Not every setting has been run with every seed yet: what follows may change."
)
GUIDE = (
    "Settings were chosen by their validation scores and scored once on test rows. A "
    "difference counts if its p, adjusted for all comparisons (Holm), is below 0.05."
)


def summarize(comparison: Comparison) -> Summary:
    """What a comparison says.

    Args:
        comparison: Comparison.

    Returns:
        Summary.
    """
    told, about = comparison.to_dict(), dict(comparison.about)
    told = {name: about[name] for name in ("source", "notes") if name in about} | told
    runs, *sentences = told["sentences"]
    first, rest = (sentences or ["No run could be scored"])[0], sentences[1:]
    also = (f"{runs}.",) if comparison.is_complete else (f"{runs}.", UNFINISHED)
    return Summary(
        "comparison",
        sweep.title_of("Comparison", {"source": comparison.name} | about),
        (f"{first}.",),
        (
            _ranking(comparison, told),
            section(
                "says", "What the comparison says",
                Points(tuple(f"{each}." for each in rest)) if rest else None,
            ),
            _found(comparison, told),
            _effects(comparison),
            _doubts(told),
            _data(about, comparison),
            how_it_was_made(
                about, about | {"device": told["device"]}, *_settings(comparison, told)
            ),
            raw_data(told, [
                ("runs.csv", "each run", comparison.runs),
                ("epochs.csv", "each epoch of each run", comparison.epochs),
            ]),
        ),
        told,
        also,
    )  # fmt: skip


def draw(comparison: Comparison) -> dict[str, sweep.Draw]:
    """The figures of a comparison, by the names that its summary has for them."""
    from lr_finder.plots.comparison import effects, epochs, scores

    plots: dict[str, Callable[..., Axes]] = {
        "ranking": scores.plot_ranking,
        "found": scores.plot_found_against_fixed,
        "epochs": epochs.plot_validation_loss,
        "rate": effects.plot_rate_effect,
        "batch_size": effects.plot_batch_size_effect,
        "initializer": effects.plot_initializer_effect,
    }
    if comparison.metric == "accuracy":
        plots["epochs"] = epochs.plot_validation_accuracy
    figures = {}
    for place, model in enumerate(_models(comparison)):
        for name, plot in plots.items():
            figures[f"{name}-{place}"] = _drawn(plot, comparison, model)
    return figures


def _drawn(plot: Callable[..., Axes], comparison: Comparison, model: str) -> sweep.Draw:
    return lambda ax: plot(comparison, ax, model=model)


def _models(comparison: Comparison) -> list[str]:
    return list(comparison.runs["model"].unique())


def _pictures(comparison: Comparison, name: str, alt: str) -> list[Picture]:
    """A figure for each model."""
    models = _models(comparison)
    return [
        Picture(f"{name}-{place}", alt if len(models) == 1 else f"{alt}: {model}")
        for place, model in enumerate(models)
    ]


def _ranking(comparison: Comparison, told: Mapping[str, Any]) -> Section:
    """The optimizers ranked: table and figures."""
    rows = told["ranking"]
    names = [
        name
        for name in SETTING
        if name == "optimizer" or len({str(row[name]) for row in rows}) > 1
    ]
    is_share = comparison.metric == "accuracy"
    unit = " (%)" if is_share else ""
    columns = [Column("rank", "Rank", True)]
    columns += [
        Column(name, HEADINGS.get(name, name.capitalize()), name in OF_SETTING)
        for name in names
    ]
    columns += [
        Column("mean", f"Test {comparison.metric}{unit}", True),
        Column("sd", "± sd", True), Column("low", "95 % from", True),
        Column("high", "to", True), Column("p_holm", "p (Holm)", True),
        Column("n", "Seeds", True), Column("seconds", "Seconds", True),
    ]  # fmt: skip
    if any(row["reason"] for row in rows):
        columns.append(Column("reason", "Why no score"))
    cells = tuple(
        tuple(_cell(row, column.key, is_share) for column in columns) for row in rows
    )
    return section(
        "ranking", "The ranking",
        Table("ranking", tuple(columns), cells, GUIDE, marked=0),
        *_pictures(comparison, "ranking", "Test scores of the optimizers"),
        *_pictures(comparison, "epochs", "Validation scores over the epochs"),
    )  # fmt: skip


def _cell(row: Mapping[str, Any], key: str, is_share: bool) -> Piece:
    """A cell of the ranking: the exact number, and how a person reads it."""
    value = row[key]
    if key == "p_holm":
        known = dict(row) | {
            name: float("nan") if row[name] is None else row[name]
            for name in ("p_holm", "difference")
        }
        return Number(value, told_p(known))
    if key in ("mean", "sd", "low", "high"):
        if value is None or not is_share:
            return number(value, 3)
        return Number(value, f"{100 * value:.2f}")
    if key == "rate" and value == FOUND and row.get("lowest_rate") is not None:
        return f"{FOUND} ({range_of(row['lowest_rate'], row['highest_rate'])})"
    if key == "seconds":
        return number(seconds_of(row), 3)
    return number(value) if isinstance(value, int | float) else str(value)


def _found(comparison: Comparison, told: Mapping[str, Any]) -> Section:
    """The found rates beside the best fixed ones."""
    heading = "Found rates against fixed ones"
    shown = comparison.found_summary()
    if shown.empty:
        return section("found", heading)
    columns = tuple(Column("", name.capitalize()) for name in shown.columns)
    rows = tuple(tuple(map(str, row)) for row in shown.itertuples(index=False))
    with_found = {row["model"] for row in told["found_rates"]}
    pictures = [
        picture
        for picture, model in zip(
            _pictures(comparison, "found", "Found rates against fixed ones"),
            _models(comparison), strict=True,
        )
        if model in with_found
    ]  # fmt: skip
    return section("found", heading, Table("found", columns, rows), *pictures)


def _effects(comparison: Comparison) -> Section:
    """What else was varied, drawn."""
    pictures = []
    for name, what in (
        ("rate", "rate"), ("batch_size", "batch size"), ("initializer", "initializer")
    ):  # fmt: skip
        drawn = _pictures(comparison, name, f"Scores over the {what}")
        for picture, model in zip(drawn, _models(comparison), strict=True):
            own = comparison.runs[comparison.runs["model"] == model]
            if own[name].nunique() > 1:
                pictures.append(picture)
    return section("effects", "What was varied", *pictures)


def _doubts(told: Mapping[str, Any]) -> Section:
    """Runs that failed, and doubts about the data."""
    doubts = [("failed", text) for text in told["failures"]]
    doubts += sweep.doubts_of(told)
    found = Doubts(tuple(doubts)) if doubts else None
    return section("warnings", "Warnings, and what to do", found)


def _data(about: Mapping[str, Any], comparison: Comparison) -> Section:
    """The data and the models, described."""
    source = about.get("source") or comparison.name
    described = dict(about) if "source" in about else {"source": source}
    if comparison.test_rows and "source" not in about:
        rows = counted(comparison.test_rows, "row")
        described = described | {"data": f"{rows} to test"}
    return sweep.data_section(described, ", ".join(_models(comparison)))


def _settings(
    comparison: Comparison, told: Mapping[str, Any]
) -> list[tuple[str, Piece]]:
    """What all runs had in common."""
    runs = comparison.runs
    seeds = sorted(set(runs["seed"]))
    epochs = runs["max_epochs"].dropna()
    rows: list[tuple[str, Piece]] = [("Seeds", ", ".join(map(str, seeds)))]
    if len(epochs):
        rows.append(("Epochs", f"at most {int(epochs.max())}"))
    callbacks = explained(told["callbacks"] or "")
    return rows + ([("Callbacks", callbacks)] if callbacks else [])

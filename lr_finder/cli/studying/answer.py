"""A stability study run from the command line, written to files and printed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

from lr_finder._output import REPORT_PAGES, OutputFolder
from lr_finder.cli.comparing.plan_text import format_plan
from lr_finder.cli.comparing.report import print_table
from lr_finder.cli.comparing.view import ComparisonView
from lr_finder.cli.shared.exit_codes import FAILURE, print_failure
from lr_finder.cli.shared.sources import BUILT_IN, BUILT_IN_MODEL
from lr_finder.cli.shared.summary import print_facts, print_files, print_wide
from lr_finder.cli.shared.typed_command import facts_of
from lr_finder.data.parts import ThreeParts
from lr_finder.experiments.comparison.inputs import source_name
from lr_finder.experiments.comparison.kept_runs import STORE_FILE
from lr_finder.experiments.comparison.plan import Plan
from lr_finder.experiments.stability import run_stability
from lr_finder.models.specs import DEFAULT_MODEL
from lr_finder.reports.run_folder import STUDY_FILE
from lr_finder.results.stability.result import StabilityResult

ANSWER_FILE, STUDY_PICTURE = "stability.json", "stability.png"
STUDY_TABLES = ("shares.csv", "limits.csv")


def run_study(
    parts: ThreeParts,
    models: Sequence[str] | None,
    plan: Plan,
    seeds: Sequence[int],
    output: OutputFolder,
    *,
    is_shown: bool,
    curvature: bool,
    options: Mapping[str, Any],
) -> StabilityResult:
    """Run a study, keep its runs in a folder, and show how far it is.

    Args:
        parts: ThreeParts.
        models: sequence of str, the options `--model`, or None.
        plan: Plan.
        seeds: sequence of int.
        output: OutputFolder.
        is_shown: bool, whether plan and progress are shown.
        curvature: bool.
        options: mapping, other arguments of `run_stability`.

    Returns:
        StabilityResult.

    Raises:
        LRFinderError: If it fails.
    """
    default = BUILT_IN_MODEL if parts.name == BUILT_IN else DEFAULT_MODEL
    builds = {
        source_name(spec): default if spec == DEFAULT_MODEL else spec
        for spec in models or [DEFAULT_MODEL]
    }
    store = output.target(STORE_FILE)
    whole = dataclasses.replace(plan, models=tuple(builds))
    schedule = options["schedule"]
    callbacks = f"schedule {schedule}" if schedule else "none"
    opening = format_plan(whole, len(seeds), callbacks)
    with ComparisonView(
        "loss", is_shown=is_shown, opening=opening, of="training"
    ) as view:
        return run_stability(
            builds, parts, plan, seeds, curvature=curvature, out=store.parent,
            watch=view, **options,
        )  # fmt: skip


def write_answer(
    study: StabilityResult, parts: ThreeParts, output: OutputFolder
) -> dict[str, Any]:
    """Write runs, tables, figure and answer.

    Args:
        study: StabilityResult.
        parts: ThreeParts, its data.
        output: OutputFolder.

    Returns:
        dict of JSON values: the data, `shares`, `limits`, `sentences`, `failures`,
        `files`.
    """
    from lr_finder.plots.style import save_figure

    described = facts_of(parts)
    about = {**study.about, **described}
    dataclasses.replace(study, about=about).save(output.target(STUDY_FILE))
    for name, frame in zip(
        STUDY_TABLES, (study.shares(), study.limits()), strict=True
    ):  # fmt: skip
        output.write_table(name, frame)
    save_figure(study.plot().figure, output.target(STUDY_PICTURE))
    answer = described | study.to_dict()
    output.discard(REPORT_PAGES)
    output.write_json(ANSWER_FILE, answer)
    return answer | {"files": output.files}


def deliver(
    answer: dict[str, Any], study: StabilityResult, *, as_json: bool, quiet: bool
) -> None:
    """Print an answer in the form asked for.

    Args:
        answer: dict, as `write_answer` returns it.
        study: StabilityResult.
        as_json: bool, whether to print JSON.
        quiet: bool, whether to print the shares alone, as CSV.

    Raises:
        typer.Exit: With code 1 if every run failed.
    """
    if as_json:
        print(json.dumps(answer, indent=2))
    elif quiet:
        print(study.shares().to_csv(index=False), end="")
    else:
        print_wide(lambda console: _print(console, answer, study))
    for failure in answer["failures"]:
        print_failure(failure, kind="Warning")
    if (study.runs["outcome"] == "failed").all():
        print_failure("No run of the study ended. Look at the warnings above.")
        raise typer.Exit(FAILURE)


def _print(console: Console, answer: dict[str, Any], study: StabilityResult) -> None:
    """The answer for people: the data, the shares, what they say, where it is."""
    print_facts(console, answer)
    print_table(console, study.summary())
    console.print()
    for sentence in answer["sentences"]:
        console.print(f"{escape(sentence)}.", highlight=False)
    print_files(console, answer["files"])

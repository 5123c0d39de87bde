"""`lr_finder compare`: from what was typed to a plan and data, and the runs of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lr_finder._output import OutputFolder
from lr_finder.cli.comparing.options_of_compare import listed, listed_numbers
from lr_finder.cli.comparing.plan_text import format_plan
from lr_finder.cli.comparing.view import ComparisonView
from lr_finder.cli.shared.sources import (
    BUILT_IN,
    BUILT_IN_MODEL,
    DataOptions,
    load_source,
)
from lr_finder.data.opened import OpenedTable
from lr_finder.data.parts import ThreeParts, load_three_parts, split_off_test
from lr_finder.experiments.comparison import api
from lr_finder.experiments.comparison.inputs import (
    checked_conditions,
    source_name,
)
from lr_finder.experiments.comparison.kept_runs import STORE_FILE
from lr_finder.experiments.comparison.optimizers import choose_optimizer
from lr_finder.experiments.comparison.plan import (
    INITIALIZERS,
    Plan,
    usual_batch_size,
)
from lr_finder.experiments.comparison.settings import checked_rate
from lr_finder.models.specs import DEFAULT_MODEL
from lr_finder.results.comparison import Comparison


def make_plan(
    optimizers: str,
    rates: str,
    batch_sizes: str | None,
    initializers: str | None,
    *,
    is_full_grid: bool,
    has_own_initializers: bool,
    rows: int,
) -> Plan:
    """The plan that options name.

    Args:
        optimizers: str, a list as it was typed.
        rates: str, the same.
        batch_sizes: str, the same, or None for the usual one.
        initializers: str, the same, or None for the usual one.
        is_full_grid: bool.
        has_own_initializers: bool, whether a model may have initializers of its own
            that nobody asked to replace.
        rows: int, to train on; the usual batch size has no more.

    Returns:
        Plan.

    Raises:
        InputError: If a value means nothing.

    Example:
    >>> plan = make_plan("adam,momentum", "found", "32", None, is_full_grid=False,
    ...                  has_own_initializers=True, rows=100)
    >>> [str(each) for each in plan.main_settings()]
    ['adam, rate found, batch size 32', 'momentum, rate found, batch size 32']
    """
    usual: tuple[str | None, ...] = (None,) if has_own_initializers else INITIALIZERS
    sizes: tuple[int, ...] = (usual_batch_size(rows),)
    if batch_sizes is not None:
        sizes = tuple(listed_numbers("--batch-size", batch_sizes))
    if initializers is not None:
        usual = tuple(
            None if name == DEFAULT_MODEL else name for name in listed(initializers)
        )
    chosen = [choose_optimizer(each) for each in listed(optimizers)]
    wanted = [checked_rate(each) for each in listed(rates)]
    return Plan(chosen, wanted, sizes, usual, is_full_grid=is_full_grid)


def read_parts(
    wanted: DataOptions, seed: int, opened: OpenedTable | None = None
) -> ThreeParts:
    """The data of a source in three parts.

    Args:
        wanted: DataOptions.
        seed: int, draws the rows.
        opened: OpenedTable of `open_early` for the same options, or None.

    Returns:
        ThreeParts.

    Raises:
        InputError: If the data breaks a rule.
    """
    if wanted.source is None:
        built_in = load_source(wanted, seed=seed)
        return split_off_test(built_in.dataset, seed, name=BUILT_IN)
    if opened is not None:
        return split_off_test(opened.dataset, seed, name=Path(wanted.source).name)
    return load_three_parts(wanted.source, seed=seed, **wanted.arguments())


def run(
    parts: ThreeParts,
    models: Sequence[str] | None,
    plan: Plan,
    seeds: Sequence[int],
    output: OutputFolder,
    *,
    is_shown: bool,
    conditions: Mapping[str, Any],
    **resources: Any,
) -> Comparison:
    """Compare, with plan and progress shown, and keep all runs in a folder.

    Args:
        parts: ThreeParts.
        models: sequence of str, the options `--model`, or None.
        plan: Plan.
        seeds: sequence of int.
        output: OutputFolder.
        is_shown: bool, whether plan and progress are shown.
        conditions: mapping, arguments of `Conditions`.
        resources: other arguments of `lr_finder.compare`.

    Returns:
        Comparison.

    Raises:
        LRFinderError: If it fails.
    """
    default = BUILT_IN_MODEL if parts.name == BUILT_IN else DEFAULT_MODEL
    builds = {
        source_name(spec): default if spec == DEFAULT_MODEL else spec
        for spec in models or [DEFAULT_MODEL]
    }
    metric = api.metric_of(parts)
    store = output.target(STORE_FILE)
    callbacks = checked_conditions(conditions).callbacks
    whole = dataclasses.replace(plan, models=tuple(builds))
    opening = format_plan(whole, len(seeds), callbacks)
    with ComparisonView(metric, is_shown=is_shown, opening=opening) as view:
        return api.compare(
            builds, parts, plan, seeds, out=store.parent, watch=view, **conditions,
            **resources,
        )  # fmt: skip

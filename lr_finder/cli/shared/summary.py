"""A report for people: what was found, how sure it is, and what to do next."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from lr_finder._text import DOUBT, counted, format_rate
from lr_finder.analysis.sweep.rules import RULES
from lr_finder.analysis.sweep.stopping import StopReason
from lr_finder.cli.shared.exit_codes import print_failure
from lr_finder.cli.shared.wording import in_options
from lr_finder.results.training import Cut

PIPED_WIDTH = 120  # characters in a line if there is no terminal
SHORT = {"textbook": "for comparison only"}  # rules not to be chosen need few words


def print_summary(report: dict[str, Any], console: Console | None = None) -> None:
    """Print the report of `find` or `suggest`.

    Args:
        report: dict, as `--json` prints it; keys that are missing are not shown.
        console: rich Console; by default standard output.

    Example:
    >>> print_summary({"source": "curve.csv", "stop_reason": "diverged", "points": 90,
    ...                "suggestion": {"lr": 2e-3, "low": 1e-3, "high": 4e-3,
    ...                               "method": "window", "warnings": []}},
    ...               Console(width=80))
    curve.csv
      sweep  90 batches. The loss diverged.
    <BLANKLINE>
    Suggested learning rate: 2e-3
      between 1e-3 and 4e-3, by the rule window
      To use it: model.optimizer.learning_rate = 2e-3
    """
    if console is None:
        print_wide(lambda console: print_summary(report, console))
        return
    print_facts(console, report)
    if "suggestion" in report:
        _print_suggestion(console, report["suggestion"])
    _print_verification(console, report.get("verification"))
    _print_rules(console, report.get("other_rules", {}))
    _print_training(console, report.get("training"))
    print_files(console, report.get("files", {}))


def print_wide(show: Callable[[Console], None]) -> None:
    """Print on standard output, which may be no terminal.

    A file or a pipe has no width: long lines, and no blanks that fill them up.

    Args:
        show: callable that prints on the rich Console given to it.

    Example:
    >>> print_wide(lambda console: console.print("rate 0.001   "))
    rate 0.001
    """
    if Console().is_terminal:
        show(Console())
        return
    text = io.StringIO()
    show(Console(file=text, width=PIPED_WIDTH))
    print("\n".join(line.rstrip() for line in text.getvalue().splitlines()))


def print_rate(report: dict[str, Any]) -> None:
    """Print the suggested rate and nothing else, for scripts.

    Example:
    >>> print_rate({"suggestion": {"lr": 0.002}})
    0.002
    """
    if "suggestion" in report:
        print(f"{report['suggestion']['lr']:.6g}")


def print_warnings(report: dict[str, Any]) -> None:
    """Print the doubts about the data and a suggested rate on stderr, one on a line.

    Example:
    >>> import contextlib, sys
    >>> with contextlib.redirect_stderr(sys.stdout):
    ...     print_warnings({"suggestion": {"warnings": ["noisy: use larger batches"]}})
    Warning: noisy: use larger batches
    """
    for note in report.get("notes", ()):
        if note.startswith(DOUBT):
            print_failure(note.removeprefix(DOUBT), kind="Warning")
    for warning in report.get("suggestion", {}).get("warnings", ()):
        print_failure(warning, kind="Warning")


def print_facts(console: Console, report: dict[str, Any]) -> None:
    """Print what was swept: data, model, device, and how the sweep ended.

    Args:
        console: rich Console.
        report: dict; keys that are missing are not shown.

    Example:
    >>> print_facts(Console(width=80), {"source": "mnist", "kind": "images"})
    mnist
      kind  images
    """
    console.print(f"[bold]{escape(report['source'])}[/]")
    facts = Table.grid(padding=(0, 2, 0, 0))
    if "kind" in report:
        why = report.get("kind_reason")
        facts.add_row("kind", escape(report["kind"] + (f": {why}" if why else "")))
    for name in ("data", "model", "device", "history"):
        if name in report:
            facts.add_row(name, escape(report[name]))
    for note in report.get("notes", ()):
        is_doubt = note.startswith(DOUBT)
        name = "[yellow]warning[/]" if is_doubt else "note"
        facts.add_row(name, escape(note.removeprefix(DOUBT)))
    if "stop_reason" in report:
        repeats = report.get("repeats", 1)
        times = f" in each of {repeats} repeats" if repeats > 1 else ""
        reason = report["stop_reason"]  # None if it is not known
        ending = f". {StopReason(reason).message}" if reason else ""
        facts.add_row("sweep", f"{counted(report['points'], 'batch')}{times}{ending}")
    console.print(Padding(facts, (0, 0, 0, 2), expand=False))


def _print_suggestion(console: Console, suggestion: dict[str, Any]) -> None:
    """The rate, its interval, why, its doubts, and how to use it."""
    rate = format_rate(suggestion["lr"])
    console.print(f"\n[bold]Suggested learning rate: {rate}[/]")
    console.print(
        f"  between {format_rate(suggestion['low'])} and "
        f"{format_rate(suggestion['high'])}, by the rule {suggestion['method']}"
    )
    compiled = suggestion.get("compiled") or {}
    reasons = (suggestion.get("why"), compiled.get("compared"))
    told = [escape(text) for text in reasons if text]
    told += [f"[yellow]Warning:[/] {escape(w)}" for w in suggestion["warnings"]]
    for text in (*told, f"To use it: model.optimizer.learning_rate = {rate}"):
        console.print(Padding(text, (0, 0, 0, 2), expand=False))


def _print_verification(console: Console, found: dict[str, Any] | None) -> None:
    """What each rate did in short trainings, and what twice the rate did."""
    if found is None:
        return
    from lr_finder.analysis.verification.effort import FEWEST_STEPS
    from lr_finder.results.verification import Stability, steps_spent

    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("rates tried")
    for name in ("steps", "training loss"):
        table.add_column(name, justify="right")
    table.add_column("outcome")
    last = {row["lr"]: row for row in found["table"]}
    for lr, row in sorted(last.items()):
        loss, outcome = row["loss"], row["status"]
        if row["steps"] < FEWEST_STEPS and outcome != "diverged":
            loss, outcome = None, f"{outcome}, too few steps to compare"
        shown = "" if loss is None else f"{loss:.4g}"
        table.add_row(f"  {format_rate(lr)}", str(row["steps"]), shown, outcome)
    console.print()
    console.print(table)
    told = [steps_spent(found)]
    if found["stability"] is not None:
        told.append(
            f"twice the rate: {in_options(str(Stability(**found['stability'])))}"
        )
    for text in told:
        console.print(Padding(text, (0, 0, 0, 2), expand=False))


def _print_rules(console: Console, rates: dict[str, float | None]) -> None:
    """What every other rule reads off the same sweep."""
    if all(rate is None for rate in rates.values()):
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("other rules")
    table.add_column("rate", justify="right")
    table.add_column("what it picks", overflow="fold")
    for name, rate in rates.items():
        shown = "none" if rate is None else format_rate(rate)
        description = SHORT.get(name, RULES[name].description)
        table.add_row(f"  {name}", shown, escape(description))
    console.print()
    console.print(table)


def _print_training(console: Console, training: dict[str, Any] | None) -> None:
    """How the training with the suggestion went."""
    if training is None:
        return
    lowered = training.get("lowered_to")
    told = (
        f"in epoch {training['best_epoch']} of {training['epochs']}, trained from "
        f"learning rate {format_rate(training['learning_rate'])} on"
    )
    if lowered is not None:
        told += f", which was lowered to {format_rate(lowered)} on plateaus"
    if training.get("schedule") is not None:
        told += f", with schedule {training['schedule']}"
    if training.get("head_start") is not None:
        told += f", after {training['head_start']} batches of the best short training"
    best = training["best_val_loss"]
    shown = "none finite" if best is None else f"{best:.4g}"
    console.print(f"\n[bold]Best validation loss: {shown}[/]")
    for text in (told, *format_ending(training), *format_cuts(training)):
        console.print(Padding(escape(text), (0, 0, 0, 2), expand=False))
    own = training.get("against_default")
    if own is not None:
        _print_own_rate(console, own)


def format_ending(training: dict[str, Any]) -> list[str]:
    """Why a training has fewer epochs than were asked for, as at most one line.

    Args:
        training: dict, as `TrainingOutcome.to_dict` gives it.

    Returns:
        list of str.

    Example:
    >>> format_ending({"ending": "stopped by Ctrl-C in epoch 3 of 200"})
    ['stopped by Ctrl-C in epoch 3 of 200']
    >>> format_ending({"ending": None})
    []
    """
    ending = training.get("ending")
    return [] if ending is None else [ending]


def format_cuts(training: dict[str, Any]) -> list[str]:
    """The times that the guard of a training went back, a line each.

    Args:
        training: dict, as `TrainingOutcome.to_dict` gives it.

    Returns:
        list of str.

    Example:
    >>> format_cuts({"cuts": [{"epoch": 3, "step": 120, "lr": 0.3, "new_lr": 0.1}]})
    ['epoch 3, step 120: the loss drifted back; went back and lowered the rate 0.3 to \
0.1']
    """
    return [str(Cut(**cut)) for cut in training.get("cuts", ())]


def _print_own_rate(console: Console, own: dict[str, Any]) -> None:
    """How the training at the rate that the model was compiled with went."""
    rate = format_rate(own["learning_rate"])
    if own["is_same"]:
        told = f"the compiled rate, {rate}, is the rate found"
    elif own["best_val_loss"] is None:
        told = f"at the compiled rate, {rate}: no finite loss"
    else:
        told = (
            f"at the compiled rate, {rate}: {own['best_val_loss']:.4g} in epoch "
            f"{own['best_epoch']} of {own['epochs']}"
        )
    kept = "model.keras is the model trained with the rate found; one training of each"
    others = () if own["is_same"] else (*format_ending(own), *format_cuts(own), kept)
    for text in (told, *others):
        console.print(Padding(text, (0, 0, 0, 2), expand=False))


def print_files(console: Console, files: dict[str, str]) -> None:
    """Print what was written, one path to a line, so that each can be copied.

    Args:
        console: rich Console.
        files: dict of name -> path.

    Example:
    >>> print_files(Console(width=80), {"sweep.png": "out/sweep.png"})
    <BLANKLINE>
    Files
      out/sweep.png
    """
    if not files:
        return
    console.print("\nFiles")
    for path in files.values():
        console.print(f"  {escape(path)}", soft_wrap=True)

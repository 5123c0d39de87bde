"""What the rules say of a sweep: judged, written and delivered."""

from __future__ import annotations

import dataclasses
import functools
import json
from typing import Any

import typer

from lr_finder.analysis.sweep.rules import RULES
from lr_finder.analysis.sweep.suggestion import DEFAULT_METHOD, Suggestion, suggest
from lr_finder.cli.shared.exit_codes import FAILURE, describe_error, print_error
from lr_finder.cli.shared.option_checks import check_choice
from lr_finder.cli.shared.output import OutputFolder
from lr_finder.cli.shared.summary import print_rate, print_summary, print_warnings
from lr_finder.cli.shared.wording import warnings_in_options
from lr_finder.errors import SuggestionError
from lr_finder.results.sweep import SweepResult


def checked_method(method: str | None) -> str:
    """The rule asked for, or the default.

    Raises:
        InputError: If there is no such rule.

    Example:
    >>> checked_method("valley")
    'valley'
    """
    if method is None:
        return DEFAULT_METHOD
    check_choice("--method", method, RULES)
    return method


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What one rule says of a sweep: a suggestion, or why there is none.

    Args:
        result: SweepResult, the sweep judged.
        method: str, the rule, a name in `RULES`.

    Example:
    >>> from lr_finder.results.sweep import Curve
    >>> verdict = Verdict(SweepResult([Curve([0.1, 0.2], [2.0, 1.0])]), "drop")
    >>> verdict.suggestion is None, verdict.error.reason
    (True, 'too_few_points')
    """

    result: SweepResult
    method: str

    @functools.cached_property
    def answer(self) -> Suggestion | SuggestionError:
        """The suggestion, or the error raised in its place."""
        return _answer(self.result, self.method)

    @property
    def suggestion(self) -> Suggestion | None:
        """The suggestion, if there is one."""
        return None if self.error else self.answer

    @property
    def error(self) -> SuggestionError | None:
        """Why there is no suggestion, if there is none."""
        return self.answer if isinstance(self.answer, SuggestionError) else None

    def report(self) -> dict[str, Any]:
        """The verdict as a JSON object, with what the other rules say.

        Returns:
            dict with `suggestion` (or `error`), `stop_reason`, `points`, `repeats`,
            and `other_rules`: name -> rate, None where a rule finds none.
        """
        others = {
            name: _answer(self.result, name) for name in RULES if name != self.method
        }
        if self.error:
            report = {"error": describe_error(self.error)}
        else:
            report = {"suggestion": self.suggestion.to_dict()}
        return report | {
            "stop_reason": str(self.result.stop_reason),
            "points": len(self.result.lrs),
            "repeats": len(self.result.curves),
            "other_rules": {
                name: None if isinstance(other, SuggestionError) else other.lr
                for name, other in others.items()
            },
        }

    def write(
        self,
        output: OutputFolder,
        report: dict[str, Any],
        confirmed: Suggestion | None = None,
    ) -> None:
        """Write `sweep.png`, and the report as `suggestion.json`.

        Args:
            output: OutputFolder.
            report: dict of JSON values.
            confirmed: Suggestion of a verification, drawn in place of the sweep's own.
        """
        from lr_finder.plots.style import save_figure
        from lr_finder.plots.sweep import plot_sweep

        ax = plot_sweep(self.result, suggestion=confirmed or self.answer)
        save_figure(ax.figure, output.target("sweep.png"))
        output.write_json("suggestion.json", report)


def deliver(
    report: dict[str, Any], error: SuggestionError | None, *, as_json: bool, quiet: bool
) -> None:
    """Print a report in the form asked for.

    Args:
        report: dict, as JSON has it.
        error: why there is no suggestion, or None.
        as_json: bool, whether to print JSON.
        quiet: bool, whether to print the rate alone.

    Raises:
        typer.Exit: With code 1 if there is no suggestion.
    """
    if as_json:
        print(json.dumps(report, indent=2))
    elif quiet:
        print_rate(report)
        print_warnings(report)
    else:
        print_summary(report)
    if error is not None:
        print_error(error)
        raise typer.Exit(FAILURE)


def _answer(result: SweepResult, method: str) -> Suggestion | SuggestionError:
    try:
        return warnings_in_options(suggest(result, method=method))
    except SuggestionError as error:
        return error

"""What a command found, delivered in the form asked for; and the rule asked for."""

from __future__ import annotations

import json
from typing import Any

import typer

from lr_finder.analysis.sweep.reading import DEFAULT_METHOD
from lr_finder.analysis.sweep.rules import RULES
from lr_finder.cli.shared.exit_codes import FAILURE, print_error
from lr_finder.cli.shared.option_checks import check_choice
from lr_finder.cli.shared.summary import print_rate, print_summary, print_warnings
from lr_finder.errors import SuggestionError


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

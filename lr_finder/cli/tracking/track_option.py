"""The option `--track`: where a command logs what it found, besides its files."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lr_finder.cli.shared.exit_codes import print_failure
from lr_finder.cli.shared.options import OUTPUT
from lr_finder.errors import InputError, LRFinderError

if TYPE_CHECKING:
    from lr_finder._output import OutputFolder
    from lr_finder.integrations.tracking import Destination
    from lr_finder.results.finding import Finding

Track = Annotated[
    list[str] | None,
    typer.Option(
        help="Log parameters, suggestion, curves, figures and files to a tracker at "
        "the end: tensorboard:FOLDER, mlflow:ADDRESS (such as mlflow:sqlite:///runs.db "
        "or mlflow:http://HOST:PORT) or wandb:PROJECT. The name alone takes the usual "
        "place. You can give the option several times. If a tracker fails, a warning "
        "says so.",
        metavar="TRACKER[:PLACE]",
        show_default=False,
        rich_help_panel=OUTPUT,
    ),
]


def checked_trackers(track: Sequence[str] | None) -> list[Destination]:
    """The trackers asked for, each installed and at a place that can be written.

    Args:
        track: sequence of str, the options `--track`, or None.

    Returns:
        list of Destination.

    Raises:
        InputError: If there is no such tracker, or its place cannot be written.
        LRFinderError: If its library is not installed.

    Example:
    >>> checked_trackers(["mlfow"])
    Traceback (most recent call last):
    lr_finder.errors.InputError: Option --track: a tracker must be one of tensorboard, \
mlflow, wandb. Received: mlfow. Did you mean mlflow?
    """
    if not track:
        return []
    from lr_finder.integrations.tracking import Destination

    try:
        return [Destination.of(each) for each in track]
    except InputError as error:
        text = str(error)
        raise InputError(f"Option --track: {text[0].lower()}{text[1:]}") from None


def run_name(output: OutputFolder) -> str:
    """What a run is called: as its folder.

    Args:
        output: OutputFolder.

    Returns:
        str.
    """
    return output.path.absolute().name or "run"


def log_each(
    result: Any, trackers: Sequence[Destination], name: str, *, is_told: bool = True
) -> None:
    """Log a result to each tracker; one that fails is a line on stderr.

    Args:
        result: Finding or Comparison.
        trackers: sequence of Destination.
        name: str, of the run.
        is_told: bool, whether a line says where it was logged.
    """
    for tracker in trackers:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            place = result.log_to(tracker.tracker, tracker.where, name=name)
        for warning in caught:
            if str(warning.message).startswith("Tracking:"):
                print_failure(str(warning.message), kind="Warning")
        if place is not None and is_told:
            print_failure(f"{tracker.tracker}, {place}", kind="Logged to")


def tracked(
    find: Callable[[], Finding],
    trackers: Sequence[Destination],
    name: str,
    *,
    is_told: bool = True,
) -> Finding:
    """What is found, logged; also what was found before an error or Ctrl-C.

    Args:
        find: callable that finds it.
        trackers: sequence of Destination.
        name: str, of the run.
        is_told: bool, whether a line says where it was logged.

    Returns:
        Finding.
    """
    try:
        finding = find()
    except (LRFinderError, KeyboardInterrupt) as error:
        found = getattr(error, "finding", None)
        if found is not None:
            log_each(found, trackers, name, is_told=is_told)
        raise
    log_each(finding, trackers, name, is_told=is_told)
    return finding

"""A model that is alone: what was found for it, as a report, in files, in trackers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lr_finder._output import MODEL_FILE
from lr_finder.cli.shared.delivery import deliver
from lr_finder.cli.shared.exit_codes import print_failure
from lr_finder.cli.shared.live import shown_live
from lr_finder.cli.shared.wording import report_in_options
from lr_finder.cli.tracking.track_option import run_name, tracked
from lr_finder.finding import find_in
from lr_finder.finding_files import FindingFiles

if TYPE_CHECKING:
    import keras

    from lr_finder._output import OutputFolder
    from lr_finder.errors import SuggestionError
    from lr_finder.finding import FindSettings
    from lr_finder.finding_data import FindingData
    from lr_finder.integrations.tracking import Destination


def find_one(
    model: keras.Model,
    data: FindingData,
    output: OutputFolder,
    settings: FindSettings,
    trackers: Sequence[Destination] = (),
    *,
    is_shown: bool = True,
    is_told: bool = True,
) -> tuple[dict[str, Any], SuggestionError | None]:
    """Find a rate for one model.

    Args:
        model: keras.Model, compiled.
        data: FindingData.
        output: OutputFolder, to which everything is written as it is found.
        settings: FindSettings.
        trackers: sequence of Destination, to which the finding is logged.
        is_shown: bool, whether progress is shown.
        is_told: bool, whether it is told where trackers keep it.

    Returns:
        dict, the report; and why there is no suggestion, or None.
    """
    files = FindingFiles(output, data.preprocessing, report_in_options)
    if is_told and output.will_discard(MODEL_FILE):
        print_failure(
            f"{output.path / MODEL_FILE} is of an earlier run and will be removed.",
            kind="Note",
        )
    progress = shown_live(is_shown=is_shown)
    try:
        finding = tracked(
            lambda: find_in(data, model, settings, files=files, progress=progress),
            trackers, run_name(output), is_told=is_told,
        )  # fmt: skip
    except KeyboardInterrupt as stopped:
        found = getattr(stopped, "finding", None)
        if found is not None and found.suggestion is not None:
            raise _Stopped(report_in_options(found.to_dict())) from None
        raise
    return report_in_options(finding.to_dict()), finding.error


class _Stopped(KeyboardInterrupt):
    """Ctrl-C, with the report of what was found until then."""

    def __init__(self, report: dict[str, Any]):
        super().__init__()
        self.report = report


@contextlib.contextmanager
def delivered_if_stopped(*, as_json: bool, quiet: bool) -> Iterator[None]:
    """Let Ctrl-C print the rate of `find_one`, if one had been found.

    Args:
        as_json: bool: then nothing is printed, as the error is the one JSON object.
        quiet: bool, whether to print the rate alone.

    Raises:
        KeyboardInterrupt: As it comes.
    """
    try:
        yield
    except _Stopped as stopped:
        if not as_json:
            deliver(stopped.report, None, as_json=False, quiet=quiet)
        raise

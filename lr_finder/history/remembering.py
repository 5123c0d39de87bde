"""How a search keeps its result, and what it tells of earlier ones: it never fails."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from lr_finder._text import short_reason
from lr_finder.errors import LRFinderError
from lr_finder.history.kept_history import History
from lr_finder.history.kept_places import is_kept
from lr_finder.history.kept_results import OF_A_PERSON, kind_of, optimizer_of


class Remembering:
    """A history as a search uses it: what fails is one warning, and nothing is lost.

    Args:
        remember: bool, whether results are kept; None for what the environment variable
            LR_FINDER_REMEMBER says.

    Example:
    >>> Remembering(False).earlier({"optimizer": "Adam"}, {"kind": "images"})
    {}
    """

    def __init__(self, remember: bool | None):
        self._is_on = is_kept(remember)

    def earlier(
        self, swept: Mapping[str, Any], about: Mapping[str, Any]
    ) -> dict[str, str]:
        """What earlier runs with the same optimizer and kind of data came to.

        Args:
            swept: mapping, the metadata of a sweep: `optimizer`, `momentum`.
            about: mapping, the facts of the data: `kind`.

        Returns:
            dict with `history`, one sentence; empty if there is nothing to tell.
        """
        if not self._is_on:
            return {}
        optimizer = optimizer_of(swept.get("optimizer"))
        if optimizer == OF_A_PERSON:  # which of theirs is not known
            return {}
        try:
            told = History().tell(
                optimizer,
                kind=kind_of(about),
                momentum=swept.get("momentum"),
            )
        except Exception as error:
            self._give_up(error)
            return {}
        return {"history": told} if told else {}

    def keep(self, result: Any) -> None:
        """Add a result to the history, the first time that it is called.

        Args:
            result: Finding or Comparison.
        """
        if not self._is_on:
            return
        self._is_on = False  # Ctrl-C in a wait for the file keeps it no second time
        try:
            History().add(result)
        except Exception as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        self._is_on = False
        warnings.warn(
            f"History: this run is not kept, because {_reason(error)}. The result "
            "itself is whole.",
            stacklevel=4,
        )


def _reason(error: Exception) -> str:
    """What went wrong on one line; an error of ours says what to do, too."""
    is_ours = isinstance(error, LRFinderError)
    text = " ".join(str(error).split()).rstrip(".") if is_ours else short_reason(error)
    return text[0].lower() + text[1:]

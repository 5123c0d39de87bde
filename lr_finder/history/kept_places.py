"""Where the history lies, and whether this machine keeps one."""

from __future__ import annotations

import os
from pathlib import Path

from lr_finder.errors import InputError

SETTING = "LR_FINDER_REMEMBER"  # 1: every find and compare is kept
PLACE = "LR_FINDER_HISTORY"  # another file than the usual one
ENDING = ".sqlite"
YES, NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")


def is_kept(remember: bool | None) -> bool:
    """Whether a run is to be kept: what was asked for, else what the setting says.

    Args:
        remember: bool, or None if nobody said.

    Returns:
        bool; False by default.

    Raises:
        InputError: If the environment variable LR_FINDER_REMEMBER says something else
            than yes or no.

    Example:
    >>> is_kept(True), is_kept(False)
    (True, False)
    """
    if remember is not None:
        return bool(remember)
    said = os.environ.get(SETTING, "").strip().lower()
    if said not in YES + NO:
        raise InputError(
            f"The environment variable {SETTING} must be 1 or 0. Received: "
            f"{said[:40]!r}. Set it to 1 to keep a history, or unset it."
        )
    return said in YES


def history_file(path: str | os.PathLike[str] | None = None) -> Path:
    """The file of the history.

    Args:
        path: str or Path; None for that of the environment variable LR_FINDER_HISTORY,
            else the usual one in the user's data folder.

    Returns:
        Path; neither the file nor its folder needs to exist.

    Raises:
        InputError: If it has another ending than `.sqlite`, or is a folder.

    Example:
    >>> history_file("rates.sqlite").name
    'rates.sqlite'
    """
    given = path or os.environ.get(PLACE)
    if given is None or given == "":
        import platformdirs

        return Path(platformdirs.user_data_dir("lr_finder", False), f"history{ENDING}")
    file = Path(given).expanduser()
    if file.suffix != ENDING or file.is_dir():
        what = "a folder" if file.is_dir() else "another ending"
        raise InputError(
            f"Argument `path` must name a file that ends in {ENDING}. Received: "
            f"{str(file)!r:.200}, {what}. Give {file.with_suffix(ENDING)}"
            + (f", or unset {PLACE}." if path is None else ".")
        )
    return file

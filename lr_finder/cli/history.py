"""`lr_finder history`: what was found on this machine, listed and exchanged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lr_finder._text import counted
from lr_finder.cli.histories import options_of_history as own
from lr_finder.cli.shared import options
from lr_finder.cli.shared.exit_codes import history_told
from lr_finder.errors import InputError

if TYPE_CHECKING:
    from lr_finder.history.kept_history import History

EXAMPLES = """
**Examples**

`lr_finder history` — the latest 20 runs

`lr_finder history --optimizer adam --kind images --limit 100` — those of Adam on images

`lr_finder history --plot rates.png` — the rates as a picture

`lr_finder history --export runs.csv` — a table for yourself or for others

`lr_finder history --import runs.csv` — the runs of another machine, marked as imported

`lr_finder history --delete --since 2026-11-01` — removes the runs since that day, after
asking; without `--since` all runs
"""


def history(
    optimizer: own.Optimizer = None,
    kind: own.Kind = None,
    since: own.Since = None,
    ids: own.Ids = None,
    limit: own.Limit = 20,
    path: own.Place = None,
    plot: own.Plot = None,
    export: own.Export = None,
    import_file: own.Import = None,
    delete: own.Delete = False,
    yes: own.Yes = False,
    as_json: options.AsJSON = False,
    debug: options.Debug = False,
) -> None:
    """List what was found on this machine; draw, export, import or delete it.

    `lr_finder find` and `lr_finder compare` keep a run if you give `--remember`, or if
    the environment variable LR_FINDER_REMEMBER is 1. Kept are names and numbers, never
    your data.
    """
    del debug  # `main` reads it
    _check_one_action(plot, export, import_file, delete=delete, yes=yes)
    from lr_finder.cli.histories.history_listing import print_runs
    from lr_finder.cli.shared.option_checks import check_at_least
    from lr_finder.history.kept_history import History

    check_at_least("--limit", limit, 1)
    given: dict[str, Any] = {
        "optimizer": optimizer,
        "kind": kind,
        "since": since,
        "ids": ids or None,
    }
    with history_told():
        kept = History(path)
        told = _done(kept, given, plot, export, import_file)
        if delete:
            told = _deleted(kept, given, is_sure=yes)
        if told:
            print(json.dumps(told, indent=2) if as_json else told["told"])
            return
        runs = kept.runs(**given)
        if as_json:
            print(json.dumps({"file": str(kept.path), "runs": runs[-limit:]}, indent=2))
        else:
            print_runs(runs, limit, kept.path, is_filtered=any(given.values()))


def _check_one_action(
    plot: Path | None, export: Path | None, import_file: Path | None, *,
    delete: bool, yes: bool,
) -> None:  # fmt: skip
    """Refuse two actions at once, and `--yes` without a question."""
    given = {
        "--plot": plot, "--export": export, "--import": import_file, "--delete": delete
    }  # fmt: skip
    names = [name for name, value in given.items() if value]
    if len(names) > 1:
        raise InputError(
            f"Options {' and '.join(names)} do not go together. Give one at a time."
        )
    if yes and not delete:
        raise InputError("Option --yes must come with --delete. Leave it out.")


def _done(
    kept: History, given: dict[str, Any], plot: Path | None, export: Path | None,
    import_file: Path | None,
) -> dict[str, Any]:  # fmt: skip
    """Draw, export or import; what was done, or nothing."""
    if plot is not None:
        from lr_finder.cli.histories.history_listing import draw_runs

        return {"files": [str(draw_runs(kept, plot, given))], "told": f"See {plot}"}
    if export is not None:
        kept.export(export, **given)
        return {"files": [str(export)], "told": f"The runs are in {export}"}
    if import_file is not None:
        told = kept.import_runs(import_file)
        return {"added": told.added, "known": told.known,
                "refused": list(told.refused), "told": str(told)}  # fmt: skip
    return {}


def _deleted(kept: History, given: dict[str, Any], *, is_sure: bool) -> dict[str, Any]:
    """Remove the runs, once a person is sure."""
    from lr_finder.cli.histories.history_listing import confirm

    count = len(kept.runs(**given))
    if count and not is_sure:
        confirm(count)
    removed = kept.delete(**given) if count else 0
    return {"deleted": removed, "told": f"{counted(removed, 'run')} removed."}

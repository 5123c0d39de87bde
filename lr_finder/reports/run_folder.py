"""A folder that a command of lr_finder wrote, read back as what it holds."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lr_finder._text import listed, short_reason
from lr_finder._version import __version__
from lr_finder.analysis.sweep.rate_window import RateWindow, UsualRate
from lr_finder.analysis.sweep.rules import RULES
from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.analysis.training.record import TrainingRecord
from lr_finder.analysis.verification.candidates import Row
from lr_finder.errors import InputError, SuggestionError
from lr_finder.experiments.comparison.kept_runs import STORE_FILE, comparison_of
from lr_finder.experiments.comparison.run_store import RunStore
from lr_finder.finding_files import (
    BATCHES_FILE,
    COMPARISON_FILES,
    CURVE_FILE,
    HISTORY_FILE,
    OWN_BATCHES_FILE,
    OWN_HISTORY_FILE,
    REPORT_FILE,
    RESULT_FILE,
    STEPS_FILE,
)
from lr_finder.reports.kinds.found_models import FoundModels
from lr_finder.results.drift.deployment import DriftReport
from lr_finder.results.finding import Finding
from lr_finder.results.landscape import LANDSCAPE_FILES, LossLandscape
from lr_finder.results.stability.result import StabilityResult
from lr_finder.results.sweep import SweepResult
from lr_finder.results.training import Cut, TrainingOutcome
from lr_finder.results.tuning.tuning import Tuning
from lr_finder.results.verification import Stability, VerifiedSuggestion

if TYPE_CHECKING:
    from lr_finder.results.comparison import Comparison

STUDY_FILE, TUNING_FILE = "study.json", "tuning.json"
DEPLOYMENT_FILE = "deployment.json"
InOneFile = LossLandscape | StabilityResult | Tuning | DriftReport
IN_ONE_FILE: dict[str, Callable[[Path], InOneFile]] = {
    LANDSCAPE_FILES[0]: LossLandscape.load,
    STUDY_FILE: StabilityResult.load,
    TUNING_FILE: Tuning.load,
    DEPLOYMENT_FILE: DriftReport.load,
}
COMPARISON_REPORT, COMPARISON_RUNS = "comparison.json", "runs.csv"
RESULTS = {  # names in a report that are no part of what a finding is about
    "suggestion", "error", "stop_reason", "points", "repeats", "other_rules", "device",
    "verification", "training", "files",
}  # fmt: skip
STARTED = (CURVE_FILE, REPORT_FILE, COMPARISON_REPORT)  # never alone in a whole run
OF_VERIFICATION = {"swept", "table", "stability", "steps"}
HALF = "{name}, which a run writes when its sweep has been read, is missing: the run \
was stopped, or still goes on"


def read_run(folder: str | Path) -> Finding | FoundModels | Comparison | InOneFile:
    """What a folder of a run holds.

    Args:
        folder: str or Path, that a command such as `lr_finder find --out` wrote.

    Returns:
        Finding; FoundModels of several models; Comparison; LossLandscape;
        StabilityResult; Tuning; or DriftReport.

    Raises:
        InputError: If it is none, is half-written, or was written by a version that
            this one cannot read.
    """
    folder = Path(folder)
    if folder.is_file():
        raise _none(folder, "a file", f"Give its folder: {folder.parent}")
    if not folder.is_dir():
        raise _none(folder, "which does not exist")
    whole = [name for name in IN_ONE_FILE if (folder / name).is_file()]
    if whole:
        return IN_ONE_FILE[whole[0]](folder / whole[0])
    if (folder / STORE_FILE).is_file():
        return read_comparison_folder(folder)
    if (folder / COMPARISON_FILES[0]).is_file():
        return _read_models(folder)
    if (folder / RESULT_FILE).is_file():
        return read_finding(folder)
    for name in STARTED:
        if (folder / name).exists():
            raise _unfit(folder, f"it holds {name} and no {RESULT_FILE}")
    inside = sorted(each.parent.name for each in folder.glob(f"*/{RESULT_FILE}"))
    if inside:
        way_out = f"Give one of the folders in it: {listed(inside)}"
        raise _none(folder, f"which holds no {COMPARISON_FILES[0]}", way_out)
    is_empty = not any(folder.iterdir())
    raise _none(folder, "which is empty" if is_empty else "which holds other files")


def read_finding(folder: Path) -> Finding:
    """The finding that a folder holds, without model and preprocessing.

    Args:
        folder: Path.

    Returns:
        Finding, whose `to_dict()` is what was written, but for `files`.

    Raises:
        InputError: If it is half-written, or of another version.
    """
    path = folder / REPORT_FILE
    if not path.is_file():
        raise _unfit(folder, HALF.format(name=REPORT_FILE))
    sweep = SweepResult.load(folder / RESULT_FILE)
    told = _read_json(path)
    try:
        return _finding(folder, told, sweep)
    except _HalfRunError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _other_version(path, error, sweep.metadata) from error


def read_comparison_folder(folder: Path) -> Comparison:
    """The comparison that a folder holds; while it still runs, what there is.

    Args:
        folder: Path.

    Returns:
        Comparison, of the plan that ended last if one has.
    """
    path, keys = folder / COMPARISON_REPORT, None
    about: dict[str, Any] = {}
    if path.is_file() and (folder / COMPARISON_RUNS).is_file():
        about = _read_json(path)
        keys = set(_read_table(folder / COMPARISON_RUNS)["key"])
    with RunStore(folder / STORE_FILE) as store:
        if not len(store.runs()):
            raise _unfit(folder, "no run of its comparison has ended yet")
        found = comparison_of(store, keys)
    kept = ("source", "kind", "task", "data", "notes", "command")
    described = {name: about[name] for name in kept if name in about}
    return dataclasses.replace(found, about={**found.about, **described})


def _read_models(folder: Path) -> FoundModels:
    """The findings of several models; those that failed have none."""
    table = _read_table(folder / COMPARISON_FILES[0])
    findings, failed = {}, {}
    for row in table.to_dict("records"):
        name = str(row["name"])
        if (folder / name / RESULT_FILE).is_file():
            findings[name] = read_finding(folder / name)
        else:
            failed[name] = str(row.get("error") or "it has no sweep")
    return FoundModels(findings, failed)


def _finding(folder: Path, told: dict[str, Any], sweep: SweepResult) -> Finding:
    """The parts of a report put together again."""
    about = {name: value for name, value in told.items() if name not in RESULTS}
    error, suggestion = None, None
    if "suggestion" in told:
        suggestion = _suggestion(told["suggestion"])
    else:
        given = told["error"]
        error = SuggestionError(
            given["message"], reason=given.get("reason", ""),
            counts=given.get("counts", {}),
        )  # fmt: skip
    swept, verified = suggestion, None
    if told.get("verification") is not None:
        given = told["verification"]
        swept = None if given["swept"] is None else _suggestion(given["swept"])
        if suggestion is None:
            raise KeyError("suggestion")
        verified = _verification(folder, given, suggestion)
    training = told.get("training")
    method = next((rule for rule in RULES if rule not in told["other_rules"]), "")
    return Finding(
        about, sweep, method, swept, error, verified,
        None if training is None else _outcome(folder, training),
    )  # fmt: skip


def _suggestion(given: Mapping[str, Any]) -> Suggestion:
    window, usual = given.get("window"), given.get("usual")
    names = ("low", "high", "falls_at", "climbs_at", "has_descended")
    return Suggestion(
        given["lr"], given["low"], given["high"], given["method"],
        tuple(given["warnings"]), given.get("why", ""), given.get("decided_by", ""),
        window and RateWindow(**{name: window[name] for name in names}),
        usual and UsualRate(**usual),
        (given.get("compiled") or {}).get("rate"),
    )  # fmt: skip


def _verification(
    folder: Path, given: Mapping[str, Any], suggestion: Suggestion
) -> VerifiedSuggestion:
    losses: dict[float, np.ndarray] = {}
    if (folder / STEPS_FILE).is_file():
        table = _read_table(folder / STEPS_FILE)
        for lr, rows in table.groupby("lr", sort=False):
            losses[float(str(lr))] = rows["loss"].to_numpy(dtype=float)
    stability = given["stability"]
    metadata = {k: v for k, v in given.items() if k not in OF_VERIFICATION}
    return VerifiedSuggestion(
        suggestion,
        tuple(Row(**row) for row in given["table"]),
        losses,
        None if stability is None else Stability(**stability),
        given["steps"],
        metadata,
    )


def _outcome(folder: Path, given: Mapping[str, Any]) -> TrainingOutcome:
    """A training, and the one beside it."""
    found = _training(folder, given, HISTORY_FILE, BATCHES_FILE)
    own = given.get("against_default")
    if own is None:
        return found
    beside = found
    if not own["is_same"]:
        beside = _training(folder, own, OWN_HISTORY_FILE, OWN_BATCHES_FILE)
    return dataclasses.replace(found, against_default=beside)


def _training(
    folder: Path, given: Mapping[str, Any], history: str, batches: str
) -> TrainingOutcome:
    table = _read_table(folder / history)
    of_batches: dict[str, Any] = {"loss": []}
    if (folder / batches).is_file():
        of_batches = _read_table(folder / batches).to_dict("list")
    of_epochs = table.drop(columns="epoch").to_dict("list")
    return TrainingOutcome(
        given["learning_rate"],
        table,
        TrainingRecord(of_batches, {str(k): v for k, v in of_epochs.items()}),
        schedule=given.get("schedule"),
        cuts=[Cut(**cut) for cut in given.get("cuts", ())],
        head_start=given.get("head_start"),
        epochs_asked=given.get("epochs_asked"),
        stopped_in=given.get("stopped_in"),
    )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unfit(
            path.parent, f"{path.name} cannot be read ({short_reason(error)})"
        ) from error
    if not isinstance(told, dict):
        raise _unfit(path.parent, f"{path.name} holds no JSON object")
    return told


def _read_table(path: Path) -> pd.DataFrame:
    """A table that a run wrote, every digit kept."""
    try:
        return pd.read_csv(path, engine="python")
    except (OSError, ValueError) as error:  # pandas' own errors are ValueErrors
        raise _unfit(
            path.parent, f"{path.name} cannot be read ({short_reason(error)})"
        ) from error


def _none(folder: Path, problem: str, way_out: str = "Check the path") -> InputError:
    return InputError(
        "RUN_DIR must be a folder that a command such as `lr_finder find` wrote. "
        f"Received: {folder}, {problem}. {way_out}."
    )


class _HalfRunError(InputError):
    """A file of the run is missing or cannot be read."""


def _unfit(folder: Path, problem: str) -> InputError:
    return _HalfRunError(
        f"RUN_DIR must hold a whole run. Received: {folder}, but {problem}. Run the "
        "command again with the same --out."
    )


def _other_version(
    path: Path, error: Exception, metadata: Mapping[str, Any]
) -> InputError:
    writer = metadata.get("lr_finder", "of a version that is not known")
    reason = f"{type(error).__name__}: {short_reason(error)}"
    if writer == __version__:
        damaged = f"{path.name} or a table beside it is damaged ({reason})"
        return _unfit(path.parent, damaged)
    return InputError(
        f"{path.name} must be as lr_finder {__version__} writes it. Received: {path}, "
        f"written by lr_finder {writer}, which it cannot read ({reason}). Run the "
        "command again."
    )

"""The process of one job: `python -m lr_finder.service.jobs.worker FOLDER PARENT`.

It is limited before it reads what was sent, writes into its own folder, and renames
that folder when all is there. So a result is whole or there is none.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import math
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lr_finder._files import write_atomically
from lr_finder.errors import InputError, LRFinderError
from lr_finder.service.jobs.job_folders import (
    FAULT_FILE,
    FIGURE_FILE,
    LOCK_FILE,
    ORDER_FILE,
    PAGE_FILE,
    PROGRESS_FILE,
    RESULT_FILE,
    SENT,
    TABLE_FILES,
)
from lr_finder.service.jobs.limited import end_with, limit, out_of_memory
from lr_finder.service.refused import UNEXPECTED, content_of, error_content
from lr_finder.service.service_settings import Limits

if TYPE_CHECKING:
    from lr_finder.results.finding import Finding

TOLD_EVERY = 0.5  # s, between two notes of progress
SPARE_SECONDS = 60  # of the processor, after which the system ends what nobody ended
Tell = Callable[[str, int, int], None]


def main() -> None:
    """Do the job that a folder orders."""
    folder, parent = Path(sys.argv[1]), int(sys.argv[2])
    end_with(parent)
    order = json.loads((folder / ORDER_FILE).read_text())
    with _alone(folder.parent / LOCK_FILE):
        limits = Limits(**order["limits"])
        limit(
            memory=limits.memory, written=limits.stored,
            processor=(limits.seconds + SPARE_SECONDS) * (os.cpu_count() or 1),
        )  # fmt: skip
        os.chdir(folder.parent / SENT)
        try:
            _work(order, folder, limits)
        except LRFinderError as error:
            _write(folder / FAULT_FILE, content_of(error))
        except MemoryError:
            _write(folder / FAULT_FILE, out_of_memory(limits.memory))
        except Exception as error:  # told in the log, not to the sender
            traceback.print_exc()
            _write(folder / FAULT_FILE, _unexpected(error, limits))
        else:
            os.rename(folder, folder.parent / order["result"])


def _unexpected(error: Exception, limits: Limits) -> dict[str, Any]:
    text = f"{type(error).__name__}: {error}"
    if "ResourceExhausted" in text or "OOM" in text or "alloc" in text:
        return out_of_memory(limits.memory)
    return error_content(
        UNEXPECTED, "The job ended by an error that nobody planned for "
        f"({type(error).__name__}). Its traceback is in the log of the service.",
    )  # fmt: skip


def _work(order: dict[str, Any], folder: Path, limits: Limits) -> None:
    """Find or compare, and write what was found."""
    from lr_finder.service.jobs.content_checks import checked_source

    source = checked_source(Path(), folder / "work", limits)
    tell = _teller(folder / PROGRESS_FILE)
    do = {"finding": _find, "comparison": _compare}[order["kind"]]
    os.environ["KERAS_HOME"] = str(folder / "work")  # nothing is read from elsewhere
    result, table, told = do(source, order, folder / "work", tell)
    from lr_finder.plots.style import save_figure
    from lr_finder.reports.report import report

    _write(folder / RESULT_FILE, _finite(told))
    report(result, folder / PAGE_FILE)
    drawn = result.plot()
    save_figure(getattr(drawn, "figure", drawn), folder / FIGURE_FILE)
    text = table.to_csv(index=False).encode()
    name = TABLE_FILES[order["kind"]]
    write_atomically(folder / name, lambda file: file.write(text))
    _remove(folder / "work")


def _find(source: Path, order: dict[str, Any], work: Path, tell: Tell) -> Any:
    import lr_finder
    from lr_finder.service.jobs.content_checks import model_of

    given = {name: value for name, value in order["options"].items()
             if value is not None}  # fmt: skip
    finding = lr_finder.find(
        str(source), model=model_of(Path()), **given,
        progress=lambda told: tell(told.stage, told.done, told.total),
    )  # fmt: skip
    finding = _named(finding, order["name"])
    return finding, finding.sweep.to_frame(), finding.to_dict()


def _named(finding: Finding, name: str) -> Finding:
    """The finding of data that is called so, and not as its file here."""
    about = {**finding.about, "source": name}
    about.pop("command", None)

    def named(part: Any) -> Any:
        metadata = {**part.metadata, "source": name}
        return dataclasses.replace(part, metadata=metadata)

    verification = finding.verification
    return dataclasses.replace(
        finding, about=about, sweep=named(finding.sweep),
        verification=None if verification is None else named(verification),
    )  # fmt: skip


def _compare(source: Path, order: dict[str, Any], work: Path, tell: Tell) -> Any:
    import lr_finder
    from lr_finder.data.parts import load_three_parts
    from lr_finder.experiments.comparison.plan import (
        INITIALIZERS,
        Plan,
        usual_batch_size,
    )
    from lr_finder.models.specs import DEFAULT_MODEL
    from lr_finder.service.schemas import data_options

    options = dict(order["options"])
    reading, seed = data_options(options), options.pop("seed")
    parts = load_three_parts(source, seed=seed, **reading)
    parts = dataclasses.replace(parts, name=order["name"])
    models = options.pop("models")
    initializers = options.pop("initializers")
    if initializers is None:
        usual = models == [DEFAULT_MODEL]
        initializers = INITIALIZERS if usual else (None,)
    sizes = options.pop("batch_sizes")
    plan = Plan(
        options.pop("optimizers"), options.pop("rates"),
        sizes or [usual_batch_size(len(parts.dataset.x_train))],
        [None if each == DEFAULT_MODEL else each for each in initializers],
        is_full_grid=options.pop("full_grid"),
    )  # fmt: skip
    seeds = range(seed, seed + options.pop("seeds"))
    found = lr_finder.compare(
        {name: name for name in models}, parts, plan, seeds, out=work,
        watch=lambda told: tell("comparison", told.ended, told.total), **options,
    )  # fmt: skip
    about = {**found.about, **parts.facts()}
    found = dataclasses.replace(found, about=about)
    told = parts.facts() | found.to_dict()
    if not any(row["mean"] is not None for row in told["ranking"]):
        raise InputError(
            "At least one run of the comparison must be scored. Received: none. Try "
            "smaller `rates`. " + " ".join(told["failures"][:1])
        )
    return found, found.runs, told


def _teller(path: Path) -> Tell:
    """What notes the progress, at most twice a second."""
    latest = 0.0

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal latest
        now = time.monotonic()
        if now - latest >= TOLD_EVERY:
            latest = now
            _write(path, {"stage": stage, "done": done, "total": total})

    return tell


def _write(path: Path, document: dict[str, Any]) -> None:
    text = json.dumps(document, allow_nan=False, indent=2).encode()
    write_atomically(path, lambda file: file.write(text))


def _finite(value: Any) -> Any:
    """JSON values with null for what JSON cannot say."""
    if isinstance(value, dict):
        return {str(name): _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other process does this job; the system lets go of a dead one."""
    with open(path, "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    main()

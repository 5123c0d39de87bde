"""The command on corrupted files: an honest answer, or one line that says why not.

Valid small files of each kind are corrupted at random: bytes flipped, cut out, cut
off or repeated, lines shuffled, numbers made huge, text written in another encoding.
`lr_finder find` (for curves: `suggest`) runs on each. Expected is exit code 0 with a
rate that is finite and inside its interval, or 1 or 2 with one `Error:` line that is no
unexpected exception. Whatever else happens is counted as a fault, and its file kept.
With `--reading`, files are read and nothing is swept: 0 then is data that is finite.
"""

import argparse
import collections
import contextlib
import io
import json
import math
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import numpy as np
from corrupt_files import KINDS, corrupt

SECONDS = 300  # longer, and a run counts as hanging: it takes 2, on a quiet machine
DEFAULT_NETWORK = 5  # of so many runs one, which costs its tracing
NETWORK = f"{Path(__file__).with_name('networks.py')}:linear"  # of the others
QUICK = ("--steps", "10", "--batch-size", "8", "--quiet")


# ---------------------------------------------------------------- running


class Hanging(BaseException):
    """Raised by the alarm: nothing in the command catches it."""


@contextlib.contextmanager
def time_limit(seconds):
    """Raise `Hanging` inside when the time is up."""

    def ring(number, frame):
        raise Hanging

    previous = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


def run(arguments):
    """Exit code, standard output and standard error of the command."""
    from lr_finder.cli import main

    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            with time_limit(SECONDS):
                main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code or 0
        except Hanging:
            code = "hangs"
        except BaseException as error:  # noqa: BLE001 - the very thing looked for
            code = f"{type(error).__name__}: {error}"
    return code, out.getvalue(), err.getvalue()


def fault_of(code, out, err, report):
    """What is wrong with how a run ended; None if nothing is."""
    errors = [line for line in err.splitlines() if line.startswith("Error:")]
    if code == 0:
        found = json.loads(report.read_text())["suggestion"]
        rates = [found["low"], found["lr"], found["high"]]
        if (
            not all(map(math.isfinite, rates))
            or rates != sorted(rates)
            or rates[0] <= 0
        ):
            return f"dishonest answer: {rates}"
        return None if out.strip() else "no answer printed"
    if code not in (1, 2):
        return str(code)
    if "Traceback" in err or "(unexpected:" in err:
        return err.strip().splitlines()[-1]
    return None if len(errors) == 1 else f"{len(errors)} lines of error: {err.strip()}"


def try_variant(kind, seed, keep=None):
    """Run one corrupted variant: exit code, how it was corrupted, fault or None.

    Args:
        kind: str, a key of KINDS.
        seed: int, of the corruption.
        keep: Path, where the files of a faulty run are kept, or None.
    """
    make, options = KINDS[kind]
    with tempfile.TemporaryDirectory() as name:
        folder, out = Path(name, "data"), Path(name, "out")
        folder.mkdir()
        source = make(folder)
        how = corrupt(folder, np.random.default_rng([seed, *kind.encode()]))
        if options is None:
            arguments = ["suggest", source, "--quiet", "--out", out]
        else:
            folder_of_data = [folder] * (options == ("--data-dir",))
            arguments = ["find", source, *QUICK, *options, *folder_of_data]
            arguments += ["--out", out]
            arguments += ["--model", NETWORK] * (seed % DEFAULT_NETWORK > 0)
        code, printed, err = run(arguments)
        fault = fault_of(code, printed, err, out / "suggestion.json")
        if fault and keep is not None:
            shutil.copytree(folder, keep / f"{kind}-{seed}", dirs_exist_ok=True)
    return code, how, fault


def read_variant(kind, seed, keep=None):
    """As `try_variant`, but the file is read and no more; 2 is an InputError."""
    from lr_finder.data import load_data
    from lr_finder.errors import InputError

    make, options = KINDS[kind]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = make(folder)
        how = corrupt(folder, np.random.default_rng([seed, *kind.encode()]))
        of_kind = {"kind": options[1]} if "--kind" in options else {}
        code, fault = 0, None
        try:
            with time_limit(SECONDS):
                data = load_data(source, **of_kind)
            if not (
                np.isfinite(data.x_train).all() and np.isfinite(data.y_train).all()
            ):
                fault = "data that is not finite"
        except InputError as error:
            code, fault = 2, "several lines" if "\n" in str(error) else None
        except Hanging:
            fault = "hangs"
        except BaseException as error:  # noqa: BLE001 - the very thing looked for
            fault = f"{type(error).__name__}: {error}"
        if fault and keep is not None:
            shutil.copytree(folder, keep / f"{kind}-{seed}", dirs_exist_ok=True)
    return code, how, fault


def main():
    """Print a table of how the runs ended, and every fault."""
    from rich.console import Console
    from rich.table import Table

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variants", type=int, default=1000, help="of each kind")
    parser.add_argument("--kinds", default=",".join(KINDS), help="separated by commas")
    parser.add_argument("--keep", type=Path, help="folder for files that cause faults")
    parser.add_argument("--reading", action="store_true", help="read, do not sweep")
    options = parser.parse_args()
    run_one = read_variant if options.reading else try_variant
    shown = Table(title=f"{options.variants} corrupted variants of each kind")
    for column in ("kind", "exit 0", "exit 1", "exit 2", "faults"):
        shown.add_column(column, justify="left" if column == "kind" else "right")
    n_faults = 0
    for kind in options.kinds.split(","):
        codes = collections.Counter()
        faults = 0
        for seed in range(options.variants):
            code, how, fault = run_one(kind, seed, options.keep)
            codes[code] += not fault
            faults += bool(fault)
            if fault:
                print(f"{kind} {seed} ({how}): {fault:.300}", file=sys.stderr)
        shown.add_row(kind, *(str(codes[code]) for code in (0, 1, 2)), str(faults))
        n_faults += faults
    Console().print(shown)
    sys.exit(n_faults > 0)


if __name__ == "__main__":
    main()

"""`lr_finder suggest`: read a learning rate off a curve that is already there."""

from __future__ import annotations

import dataclasses

from lr_finder.cli.shared import options
from lr_finder.cli.shared.output import OutputFolder
from lr_finder.errors import InputError

EXAMPLES = """
**Examples**

`lr_finder suggest lr_finder_runs/prices-20250101-120000/sweep.npz --method valley`

`lr_finder suggest curve.csv --lr-column eta --out judged` — a curve of another
program, with a plot

`lr_finder suggest curve.csv --optimizer adam` — a curve that does not tell which
optimizer made it
"""


def suggest(
    file: options.CurveFile,
    lr_column: options.LRColumn = None,
    loss_column: options.LossColumn = None,
    encoding: options.Encoding = None,
    sep: options.Sep = None,
    decimal: options.Decimal = None,
    method: options.Method = None,
    optimizer: options.SweptOptimizer = None,
    out: options.OutOfSuggest = None,
    as_json: options.AsJSON = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Suggest a learning rate from a saved sweep, or from any table of rate and loss.

    Nothing is trained. Rows may come in any order; a column `repeat` tells several
    sweeps apart.
    """
    del debug  # `main` reads it
    if not file.is_file():
        problem = "a folder" if file.is_dir() else "which does not exist"
        raise InputError(
            f"FILE must be a saved sweep, or a table in a file. Received: {file}, "
            f"{problem}. Check the path."
        )
    output = None if out is None else OutputFolder(out)
    from lr_finder.analysis.sweep.stopping import StopReason
    from lr_finder.cli.finding.verdict import Verdict, checked_method, deliver
    from lr_finder.cli.shared.curves import read_curve
    from lr_finder.data.readers.text_formats import TextFormat
    from lr_finder.models.optimizer_names import describe_optimizer

    method = checked_method(method)
    form = TextFormat(encoding, sep, decimal)
    result, notes = read_curve(file, lr_column, loss_column, form)
    if optimizer is not None:
        about = result.metadata | describe_optimizer(optimizer)
        result = dataclasses.replace(result, metadata=about)
    verdict = Verdict(result, method)
    report = {"source": str(file), "notes": list(notes)} | verdict.report()
    if file.suffix.lower() != ".npz" and result.stop_reason == StopReason.COMPLETED:
        report["stop_reason"] = None  # a table does not tell why it ends
    if output is not None:
        verdict.write(output, report)
        report["files"] = output.files
    deliver(report, verdict.error, as_json=as_json, quiet=quiet)

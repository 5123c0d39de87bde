"""`lr_finder suggest`: read a learning rate from a curve that exists already."""

from __future__ import annotations

from lr_finder._output import OutputFolder
from lr_finder.cli.shared import options
from lr_finder.errors import InputError

EXAMPLES = """
**Examples**

`lr_finder suggest lr_finder_runs/prices-20250101-120000/sweep.npz --method valley`

`lr_finder suggest curve.csv --lr-column eta --out judged` — the curve of another
program, with a plot

`lr_finder suggest curve.csv --optimizer adam` — a curve whose file does not say
which optimizer made it
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

    Nothing is trained. Rows may come in any order. If the table holds several
    sweeps, a column `repeat` numbers them.
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
    from lr_finder.cli.shared.delivery import checked_method, deliver
    from lr_finder.cli.shared.wording import in_options, report_in_options
    from lr_finder.data.readers.loss_curves import read_curve
    from lr_finder.data.readers.text_formats import TextFormat
    from lr_finder.finding_files import FindingFiles
    from lr_finder.models.optimizer_names import swept_with
    from lr_finder.results.finding import judged_curve

    method = checked_method(method)
    form = TextFormat(encoding, sep, decimal)
    result, notes = read_curve(file, lr_column, loss_column, form)
    result = swept_with(result, optimizer)
    finding = judged_curve(result, method, source=str(file), notes=notes)
    if output is not None:
        FindingFiles(output, words=report_in_options).judged(finding)
    report = report_in_options(finding.to_dict())
    report["notes"] = [in_options(note) for note in report["notes"]]
    if report["stop_reason"] == StopReason.UNKNOWN:
        report["stop_reason"] = None
    if output is not None:
        output.write_json("suggestion.json", report)
        report["files"] = output.files
    deliver(report, finding.error, as_json=as_json, quiet=quiet)

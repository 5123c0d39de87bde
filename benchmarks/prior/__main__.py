"""Would a prior learnt from earlier cases help? Measured on tasks it has not seen."""

import pandas as pd
import typer

MISSED = 0.75  # decades
app = typer.Typer(help=__doc__, no_args_is_help=True)


def as_markdown(frame: pd.DataFrame) -> str:
    """A table of text as Markdown has it."""
    rows = [list(frame.columns), ["---"] * len(frame.columns)]
    rows += frame.astype(str).to_numpy().tolist()
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


@app.command()
def landmarks() -> None:
    """Read the stored sweeps again: what `landmarks.csv` holds. A minute or two."""
    from benchmarks.prior.cases import write_landmarks

    write_landmarks()


@app.command()
def report() -> None:
    """Score every form, leaving one task out at a time. A minute or two."""
    from benchmarks.prior.cases import STEPS, load_cases
    from benchmarks.prior.forms import FORMS, left_out, mean_and_error
    from benchmarks.prior.own_runs import gains

    rows = []
    all_cases = {steps: load_cases(steps) for steps in STEPS}
    rule: dict[int, object] = {}
    for name, form in FORMS.items():
        row = {"usual rate by": name}
        for steps, cases in all_cases.items():
            regrets, tasks = left_out(cases, form), cases.frame["task"]
            rule.setdefault(steps, regrets)
            mean, error = mean_and_error(regrets, tasks)
            change, change_error = mean_and_error(regrets - rule[steps], tasks)
            row[f"{steps} steps"] = f"{mean:.3f} ± {error:.3f}"
            row[f"change, {steps}"] = f"{change:+.3f} ± {change_error:.3f}"
        rows.append(row)
    print(as_markdown(pd.DataFrame(rows)), "\n")
    for steps, cases in all_cases.items():
        frame = gains(cases).round(4)
        print(f"own runs in a domain that the prior has not seen, {steps} steps")
        print(as_markdown(frame), "\n")


@app.command()
def rates() -> None:
    """Print the best rates by kind of data and by kind of network."""
    from benchmarks.prior.best_rates import best_rates, missed_by, table_by
    from benchmarks.prior.cases import ARCHITECTURE, DOMAIN, load_cases
    from benchmarks.prior.forms import fit_of

    found = best_rates()
    for column in ("domain", "architecture"):
        print(as_markdown(table_by(column, found)), "\n")
    print(f"mean regret {MISSED} decades off the middle")
    print(as_markdown(missed_by(MISSED)), "\n")
    print("sd in decades: of kinds, of tasks of a kind, of optimizers on a task")
    for name, wanted in (("data", DOMAIN), ("network", ARCHITECTURE)):
        scales = fit_of(load_cases(200).frame, wanted).scales
        print(f"kinds of {name}:", *(f"{each:.2f}" for each in scales))


if __name__ == "__main__":
    app()

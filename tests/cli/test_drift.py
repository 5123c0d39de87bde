"""`lr_finder drift`: one real walk through a table, and all that it refuses."""

import io

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

pytest.importorskip("river")
pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]
COLUMNS = ["--time-column", "day", "--target", "sold"]
SHORT = [*COLUMNS, "--epochs", "3", "--learning-rate", "0.01"]
POLICIES = ["--policy", "never,calendar=200,alarm", "--learn-from", "100"]


def table(n=1200, turn=840):
    """What is sold follows visits, until it suddenly does not."""
    rng = np.random.default_rng(0)
    visits = rng.normal(10, 2, n).round(3)
    sign = np.where(np.arange(n) < turn, 1, -1)
    sold = (sign * 3 * (visits - 10) + rng.normal(0, 0.3, n)).round(3)
    days = pd.date_range("2020-01-01", periods=n).strftime("%Y-%m-%d")
    return pd.DataFrame({"day": days, "visits": visits, "sold": sold})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drift")
    table().to_csv(folder / "sales.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def made(command, folder):
    return command(
        "drift", folder / "sales.csv", *SHORT, *POLICIES, "--out", folder / "run",
        "--report", folder / "page.html", "--json",
    )  # fmt: skip


def test_it_says_when_the_model_failed_and_who_told(made, folder):
    assert made.code == 0, made.err
    told = made.json
    assert told["failing_since"] == pytest.approx(240, abs=told["block"])
    never, calendar, alarm = told["summary"]
    assert 0 <= never["delay"] <= 60 and never["trainings"] == 0
    assert calendar["trainings"] == 2 and alarm["trainings"] >= 1
    failing, warned, costs, _ = told["sentences"]
    assert failing.startswith("the model began to fail at 2022-")
    assert warned.startswith("the monitor raised an alarm")
    assert "never, " in costs and "times the cost" in costs
    assert made.err.count("of 600 rows") == 3  # a line for each policy


def test_its_files_hold_the_rest(made, folder, command):
    run = folder / "run"
    names = {"rows.csv", "trainings.csv", "deployment.png", "deployment.json"}
    assert names <= {path.name for path in run.iterdir()}
    assert len(pd.read_csv(run / "rows.csv")) == 3 * 600
    answer = made.json["sentences"][0][1:]
    assert answer in (folder / "page.html").read_text()
    page = command("report", run, "--json")
    assert page.code == 0 and answer in page.json["answer"]


def test_people_read_a_table_and_sentences(made, folder, command):
    from lr_finder.cli.drifting.delivery_of_drift import deliver_deployment
    from lr_finder.results.drift.deployment import DriftReport

    report = DriftReport.load(folder / "run" / "deployment.json")
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out)
        deliver_deployment(made.json, report, as_json=False, quiet=False)
    assert "trained again" in out.getvalue() and "The model began" in out.getvalue()
    quiet = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", quiet)
        deliver_deployment(made.json, report, as_json=False, quiet=True)
    assert quiet.getvalue().startswith("policy,error,error_after")


def test_the_view_is_live_on_a_terminal():
    from lr_finder.cli.drifting.drift_view import DriftView
    from lr_finder.experiments.drift.deployment import DeploymentProgress

    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    with DriftView(console=console) as view:
        view(DeploymentProgress("alarm", 300, 600, 1, 0))
        view(DeploymentProgress("alarm", 600, 600, 2, 1))
    assert "alarm: 600 of 600 rows, 2 alarms, 1 training" in console.file.getvalue()


@pytest.mark.few(12)
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--policy weekly", "--policy"),
        ("--policy calendar=0", "--policy"),
        ("--monitor spc", "--monitor"),
        ("--monitor ddm", "right or wrong"),
        ("--train-share 1.2", "--train-share"),
        ("--train-share 0.999", "at least 20 rows"),
        ("--epochs 0", "--epochs"),
        ("--wait -1", "--wait"),
        ("--learn-from 1", "--learn-from"),
        ("--learning-rate 0", "--learning-rate"),
        ("--limit 50", "at least 80 errors"),
        ("--report page.doc", ".html or .pdf"),
        ("--start cold", "--start"),
        ("--date-format %d", "--date-format"),
        ("--drop sold", "other columns"),
    ],
)
def test_bad_options_are_told_in_a_line(command, folder, words, told, tmp_path):
    run = command("drift", folder / "sales.csv", *SHORT, *words.split(), "--out",
                  tmp_path / "run")  # fmt: skip
    assert run.code == 2 and told in run.err, run.err
    assert "Traceback" not in run.err and not (tmp_path / "run").exists()


@pytest.mark.few(4)
@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (table(n=30), "at least 20 rows"),
        (table().assign(day="soon"), "dates or numbers"),
        (table().rename(columns={"day": "when"}), "day"),
        (table().assign(sold=np.repeat(["a", "b"], 600)), "trained on"),
    ],
)
def test_bad_tables_are_told_in_a_line(command, frame, told, tmp_path):
    frame.to_csv(tmp_path / "bad.csv", index=False)
    run = command("drift", tmp_path / "bad.csv", *SHORT, "--out", tmp_path / "run")
    assert run.code == 2 and told in run.err, run.err
    assert "Traceback" not in run.err

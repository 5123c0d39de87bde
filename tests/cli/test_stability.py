"""`lr_finder stability`: one real study, and all that it refuses."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

pytestmark = pytest.mark.training
SMALL = (
    "--optimizers sgd --lr-range 0.1,100 --in-decade 1 --batch-size 16 --seeds 1 "
    "--epochs 2 --threads 1"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("stability")


@pytest.fixture(scope="module")
def made(command, files, folder):
    return command(
        "stability", files.prices, *SMALL.split(), "--out", folder / "run",
        "--report", folder / "page.html",
    )  # fmt: skip


def test_it_says_which_runs_are_lost(made):
    assert made.code == 0, made.err
    told = " ".join(made.out.split())
    assert "4 runs of prices.csv with 1 seed:" in told
    assert "ends lowest: a loss of" in told and "converges up to" in told
    assert "by the curvature at the start it is stable up to" in told
    assert made.err.startswith(
        "Plan: 1 optimizer (sgd) × 4 rates (0.1, 1, 10, 100) × 1 batch size (16) × "
        "1 initializer (default) × 1 seed = 4 runs.\n"
    )
    assert made.err.count("training loss") + made.err.count(": diverged") == 4


def test_it_writes_tables_a_picture_and_a_report(made, folder):
    run = folder / "run"
    shares = pd.read_csv(run / "shares.csv")
    assert len(shares) == 4 and (shares["n"] == 1).all()
    assert shares["lost"].iloc[-1] == 1  # at 100
    assert len(pd.read_csv(run / "limits.csv")) == 1
    picture = np.asarray(Image.open(run / "stability.png").convert("L"))
    assert picture.std() > 5
    page = (folder / "page.html").read_text()
    assert "Up to which rate" in page and "prices.csv" in page


@pytest.mark.slow
def test_called_again_it_trains_nothing_and_prints_csv_or_json(
    command, files, folder, made
):
    again = command(
        "stability", files.prices, *SMALL.split(), "--out", folder / "run", "--json"
    )
    assert again.code == 0 and "4 of 4 runs were already there" in again.err
    assert {row["n"] for row in again.json["shares"]} == {1}
    assert again.json["command"].startswith("lr_finder stability")
    quiet = command(
        "stability", files.prices, *SMALL.split(), "--out", folder / "run", "--quiet"
    )
    table = pd.read_csv(io.StringIO(quiet.out))
    assert len(table) == 4 and quiet.err == ""
    page = command("report", folder / "run", "--quiet")
    assert page.code == 0 and page.out.strip().endswith("report.html")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ("--lr-range 1,0.1", "--lr-range"),
        ("--lr-range 1", "--lr-range"),
        ("--lr-range 0,1", "--lr-range"),
        ("--lr-range a,b", "--lr-range"),
        ("--in-decade 0", "--in-decade"),
        ("--seeds 0", "--seeds"),
        ("--epochs 0", "--epochs"),
        ("--workers 0", "--workers"),
        ("--schedule sometimes", "--schedule"),
        ("--report page.doc", "--report"),
        ("--optimizers adm", "adm"),
        ("--batch-size 0", "--batch-size"),
    ],
)
@pytest.mark.few(12)
def test_what_cannot_be_done_is_refused(command, files, options, word, tmp_path):
    run = command(
        "stability", files.prices, *options.split(), "--out", tmp_path / "run"
    )
    assert run.code == 2 and word in run.err, run.err
    assert "Traceback" not in run.err and not (tmp_path / "run").exists()

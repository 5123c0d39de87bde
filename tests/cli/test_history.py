"""`lr_finder history`, and `--remember`."""

import json
import uuid

import pytest

from lr_finder import History
from lr_finder.history.kept_columns import checked_run


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("LR_FINDER_HISTORY", str(tmp_path / "history.sqlite"))
    monkeypatch.chdir(tmp_path)
    return History()


@pytest.fixture
def filled(kept):
    for day, optimizer in enumerate(["Adam", "Adam", "SGD"], start=1):
        date = f"2026-11-0{day}T12:00:00"
        run = {"id": f"{day}" * 32, "date": date, "kind": "images",
               "optimizer": optimizer, "command": "find", "origin": "own",
               "verified": day / 1e3, "parameters": 1234}  # fmt: skip
        kept._store.add([checked_run(run)])
    return kept


def test_an_empty_history_says_how_to_keep_runs(command, kept):
    run = command("history")
    assert run.code == 0 and "lr_finder find --remember" in run.out
    assert "that you chose" in command("history", "--kind", "text").out
    assert not kept.path.exists()


def test_the_latest_runs_are_listed(command, filled):
    lines = command("history", "--limit", "2").out.splitlines()
    assert [line.split()[:5] for line in lines[1:3]] == [
        ["22222222", "2026-11-02", "12:00", "find", "images"],
        ["33333333", "2026-11-03", "12:00", "find", "images"],
    ]
    told = " ".join(lines[3:])  # broken into lines if the path is long
    assert told.endswith("history.sqlite; the latest 2 are shown")
    found = command("history", "--optimizer", "sgd", "--json").json["runs"]
    assert [run["id"] for run in found] == ["3" * 32]


def test_a_picture_and_an_export_are_written(command, filled, tmp_path):
    assert command("history", "--plot", "rates.png").out == "See rates.png\n"
    assert (tmp_path / "rates.png").read_bytes()[:4] == b"\x89PNG"
    run = command("history", "--export", "runs.csv", "--kind", "images", "--json")
    assert run.json["files"] == ["runs.csv"]
    assert len((tmp_path / "runs.csv").read_text().splitlines()) == 4


def test_an_import_tells_what_it_left_out(command, filled, tmp_path):
    command("history", "--export", "runs.csv")
    lines = (tmp_path / "runs.csv").read_text().splitlines()
    lines[1] = lines[1].replace("1" * 32, "9" * 32)
    (tmp_path / "runs.csv").write_text("\n".join([*lines, "=cmd(),,"]))
    run = command("history", "--import", "runs.csv")
    assert run.out == (
        "1 run imported, 2 were known; 1 row is left out: row 4: id must be 32 "
        "hexadecimal digits\n"
    )
    assert filled.runs(ids=["9999"])[0]["origin"] == "imported"


def test_nothing_is_deleted_without_a_word(command, filled):
    run = command("history", "--delete", "--optimizer", "adam")
    assert run.code == 2 and "Add --yes" in run.err and len(filled) == 3
    run = command("history", "--delete", "--optimizer", "adam", "--yes")
    assert (run.code, run.out) == (0, "2 runs removed.\n")
    assert [run["optimizer"] for run in filled.runs()] == ["SGD"]
    assert command("history", "--delete", "--id", "abcd", "--yes").out == (
        "0 runs removed.\n"
    )


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["--plot", "a.png", "--delete"], "--plot and --delete do not go together"),
        (["--yes"], "--yes must come with --delete"),
        (["--limit", "0"], "--limit must be at least 1"),
        (["--since", "soon"], "--since must be a day"),
        (["--kind", "photos"], "--kind must be one of"),
        (["--optimizer", "adamm"], "--optimizer must be a name of Keras"),
        (["--id", "1"], "--id must hold ids"),
        (["--file", "a.txt"], "--file must name a file that ends in .sqlite"),
        (["--plot", "a.gif"], "--plot must name a file that ends in .png"),
        (["--plot", "no/a.png"], "--plot must lie in a folder that exists"),
        (["--plot", "a.png"], "at least one run with a rate"),
        (["--export", "a.json"], "must end in .csv"),
        (["--import", "none.csv"], "no such file"),
    ],
)
def test_bad_input_is_one_line(command, kept, arguments, told):
    run = command("history", *arguments)
    assert run.code == 2 and run.out == ""
    assert run.err.startswith("Error: ") and run.err.count("\n") == 1
    assert told in run.err


def test_a_damaged_history_is_told_on_one_line(command, kept):
    kept.path.write_bytes(b"no database")
    run = command("history")
    assert run.code == 0 and run.err.count("\n") == 1
    assert run.err.startswith("Warning: History: ") and "damaged-" in run.err


@pytest.mark.training
@pytest.mark.parametrize("harm", ["none", "newer"])
def test_find_keeps_its_result_and_tells_earlier_ones(
    command, kept, files, tmp_path, harm
):
    first = ["find", files.prices, "--steps", "30", "--out", tmp_path / "run", "--json"]
    if harm == "newer":
        kept._store.add([checked_run(
            {"id": uuid.uuid4().hex, "date": "2026-11-01T12:00:00", "optimizer": "Adam"}
        )])  # fmt: skip
        import contextlib
        import sqlite3

        with contextlib.closing(sqlite3.connect(kept.path)) as connection:
            connection.execute("PRAGMA user_version = 9")
        before = kept.path.read_bytes()
        run = command(*first, "--remember")
        assert run.code == 0 and "suggestion" in run.json
        warned = [line for line in run.err.splitlines() if "History:" in line]
        assert kept.path.read_bytes() == before
        assert len(warned) == 1 and warned[0].startswith(
            "Warning: History: this run is"
        )
        return
    assert "history" not in command(*first, "--no-remember").json
    assert not kept.path.exists()
    assert command(*first, "--remember").code == 0
    told = command(*first, "--remember").json
    assert told["history"].startswith("A sweep suggested ")
    assert told["history"].endswith(" for your Adam run on tables.")
    kept_told = json.loads((tmp_path / "run/suggestion.json").read_text())
    assert kept_told["history"] == told["history"]
    assert len(kept) == 2 and kept.runs()[0]["layers"]


@pytest.mark.slow
def test_compare_keeps_the_best_setting_of_each_optimizer(
    command, kept, files, tmp_path
):
    run = command(
        "compare", files.prices, "--optimizers", "adam,sgd(momentum=0.99)", "--lr",
        "0.01,found", "--seeds", "1", "--epochs", "1", "--steps", "30", "--remember",
        "--json", "--out", tmp_path / "run",
    )  # fmt: skip
    assert run.code == 0
    adam, sgd = kept.runs()
    assert {adam["optimizer"], sgd["optimizer"]} == {"Adam", "SGD"}
    for row in (adam, sgd):
        assert (row["command"], row["kind"], row["epochs"]) == ("compare", "tabular", 1)
        assert row["trained"] > 0 and row["best_val_loss"] > 0 and row["suggested"] > 0
    assert {adam["momentum"], sgd["momentum"]} == {None, 0.99}


@pytest.mark.slow
def test_what_was_found_before_ctrl_c_is_kept(kept):
    import numpy as np

    import lr_finder

    def press(progress):
        if progress.stage == "training":
            raise KeyboardInterrupt

    x = np.random.default_rng(0).normal(size=(200, 3)).astype("float32")
    with pytest.raises(KeyboardInterrupt):
        lr_finder.find(
            (x, x @ [1.0, -2.0, 0.5]), steps=30, train=3, remember=True, progress=press
        )
    (run,) = kept.runs()
    assert run["suggested"] and run["optimizer"] == "Adam"

"""A run read from its folder is the run that was written; half a run is refused."""

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lr_finder._output import OutputFolder
from lr_finder.errors import InputError
from lr_finder.experiments.comparison.kept_runs import STORE_FILE
from lr_finder.experiments.comparison.records import RunRecord
from lr_finder.experiments.comparison.run_store import RunStore
from lr_finder.finding_files import FindingFiles
from lr_finder.reports import run_folder
from lr_finder.reports.kinds.found_models import FoundModels
from lr_finder.reports.run_folder import read_run


def write(finding, folder):
    """What `find --out` writes, but for the model."""
    files = FindingFiles(OutputFolder(folder))
    files.swept(finding)
    (files.judged if finding.verification is None else files.verified)(finding)
    if finding.training is not None:
        files.trained(finding.training)
    files.reported(finding)


@pytest.fixture(autouse=True, scope="module")
def no_pictures():
    """Nobody looks at them here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lr_finder.plots.style.save_figure", lambda *_: None)
        yield


@pytest.fixture(scope="module")
def run_dir(finding, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    write(finding, folder)
    return folder


@pytest.fixture
def copied(run_dir, tmp_path):
    return Path(shutil.copytree(run_dir, tmp_path / "run"))


def test_a_finding_comes_back_with_every_digit(finding, run_dir):
    found = read_run(run_dir)
    assert found.to_dict() == finding.to_dict()
    assert found.method == finding.method
    for lr, losses in finding.verification.losses.items():
        np.testing.assert_array_equal(found.verification.losses[lr], losses)
    for mine, theirs in (
        (found.training, finding.training),
        (found.training.against_default, finding.training.against_default),
    ):
        pd.testing.assert_frame_equal(mine.history, theirs.history, check_exact=True)
        pd.testing.assert_frame_equal(
            mine.record.to_frame(), theirs.record.to_frame(), check_exact=True
        )
        assert mine.record.epochs == theirs.record.epochs
        assert list(mine.cuts) == list(theirs.cuts)


def test_a_run_without_a_suggestion_comes_back(no_finding, tmp_path):
    write(no_finding, tmp_path)
    found = read_run(tmp_path)
    assert found.to_dict() == no_finding.to_dict()
    assert str(found.error) == str(no_finding.error)


def test_an_earlier_version_kept_no_losses_of_steps(copied, tmp_path, read):
    for name in ("verification_losses.csv", "batches.csv", "batches_default.csv"):
        (copied / name).unlink()
    path = read_run(copied).report(tmp_path / "report.html")
    text = read(path.read_text("utf-8")).text
    assert "losses of single steps were not kept" in text
    assert "losses of single batches were not kept" in text


def test_several_models_come_back_in_their_order(finding, no_finding, tmp_path):
    for name, each in (("1-b", finding), ("2-a", no_finding)):
        (tmp_path / name).mkdir()
        write(each, tmp_path / name)
    table = pd.DataFrame(
        {"name": ["1-b", "2-a", "3-c"], "error": [None, None, "broke"]}
    )
    table.to_csv(tmp_path / "models.csv", index=False)
    found = read_run(tmp_path)
    assert isinstance(found, FoundModels) and list(found.findings) == ["1-b", "2-a"]
    assert found.findings["1-b"].lr == finding.lr and found.failed == {"3-c": "broke"}


def test_a_comparison_comes_back_also_while_it_runs(comparison, tmp_path):
    about = {"data": "digits", "metric": "accuracy", "chance": 0.1, "keras": "3.15"}
    with RunStore(tmp_path / STORE_FILE, about) as store:
        for run in comparison.runs.to_dict("records"):
            store.add(RunRecord(run))
    found = read_run(tmp_path)
    assert found.table()["mean"].tolist() == comparison.table()["mean"].tolist()
    assert found.about["keras"] == "3.15"
    # A plan that has ended: its runs alone, and what is known of its data.
    comparison.runs.head(6).to_csv(tmp_path / "runs.csv", index=False)
    told = {"source": "digits.csv", "command": "lr_finder compare digits.csv"}
    (tmp_path / "comparison.json").write_text(json.dumps(told))
    found = read_run(tmp_path)
    assert len(found.runs) == 6 and found.about["source"] == "digits.csv"
    assert found.about["command"] == told["command"]


def test_a_comparison_without_a_run_is_refused(tmp_path):
    about = {"data": "digits", "metric": "accuracy", "chance": 0.1}
    RunStore(tmp_path / STORE_FILE, about).close()
    with pytest.raises(InputError, match="no run of its comparison has ended yet"):
        read_run(tmp_path)


def spoil(folder, name, change):
    path = folder / name
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))


@pytest.mark.parametrize(
    "spoilt, message",
    [
        (lambda run: (run / "suggestion.json").unlink(), "json, .* is missing"),
        (
            lambda run: (run / "suggestion.json").write_text('{"suggestion": {'),
            "suggestion.json cannot be read",
        ),
        (lambda run: (run / "suggestion.json").write_text("[]"), "holds no JSON"),
        (
            lambda run: (run / "sweep.npz").write_bytes(b"PK"),
            "must be a sweep saved by lr_finder",
        ),
        (
            lambda run: (run / "history.csv").unlink(),
            "^RUN_DIR must hold a whole run.*history.csv cannot be read",
        ),
        (lambda run: (run / "history.csv").write_text(""), "history.csv cannot"),
        (
            lambda run: spoil(
                run, "suggestion.json", lambda told: told["suggestion"].pop("low")
            ),
            "written by lr_finder 0.0.9, which it cannot read .*Run the command again",
        ),
        (
            lambda run: spoil(
                run, "suggestion.json",
                lambda told: told["verification"]["table"][0].update(colour="red"),
            ),
            "written by lr_finder 0.0.9",
        ),
    ],
)  # fmt: skip
def test_half_a_run_or_another_version_is_one_clear_error(copied, spoilt, message):
    spoilt(copied)
    with pytest.raises(InputError, match=message):
        read_run(copied)


def test_a_file_of_this_version_that_lacks_something_is_damaged(copied, monkeypatch):
    monkeypatch.setattr(run_folder, "__version__", "0.0.9")
    (copied / "suggestion.json").write_text("{}")
    with pytest.raises(InputError, match="hold a whole run.*is damaged .KeyError"):
        read_run(copied)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("none", "none, which does not exist. Check the path."),
        ("run/sweep.npz", "sweep.npz, a file. Give its folder: {0}/run."),
        ("empty", "empty, which is empty. Check the path."),
        ("photos", "photos, which holds other files. Check the path."),
        (
            "above",
            "above, which holds no models.csv. Give one of the folders in it: '1-cnn'.",
        ),
    ],
)
def test_what_is_no_run_is_refused_for_what_it_is(name, problem, tmp_path):
    for file in ("run/sweep.npz", "photos/a.png", "above/1-cnn/sweep.npz"):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_text("")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as error:
        read_run(tmp_path / name)
    told = str(error.value)
    assert told.startswith("RUN_DIR must be a folder that a command such as ")
    assert told.endswith(problem.format(tmp_path))


def test_a_run_that_wrote_its_first_file_alone_is_half_a_run(tmp_path):
    (tmp_path / "sweep.csv").write_text("")
    told = "must hold a whole run.*it holds sweep.csv and no sweep.npz"
    with pytest.raises(InputError, match=told):
        read_run(tmp_path)


def test_what_is_newer_says_so(copied, sweep, monkeypatch):
    import lr_finder.results.sweep as module

    monkeypatch.setattr(module, "FORMAT", 99)
    dataclasses.replace(sweep).save(copied / "sweep.npz")
    monkeypatch.undo()
    with pytest.raises(InputError, match="written by a newer lr_finder .*upgrade"):
        read_run(copied)

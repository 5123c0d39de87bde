"""One file, whole or not at all; wrong places are refused before any work."""

import base64
import gzip
import importlib.util
import io
import json
import os

import numpy as np
import pandas as pd
import pytest

from lr_finder.errors import InputError
from lr_finder.reports.kinds.found_models import FoundModels
from lr_finder.reports.report import check_path, report
from lr_finder.results.sweep import Curve, SweepResult


def unpacked(address):
    content = base64.b64decode(address.split(",", 1)[1])
    return (
        gzip.decompress(content)
        if address.startswith("data:application/gz")
        else content
    )


def test_the_same_result_gives_the_same_bytes(finding, written, tmp_path):
    first = written(finding).read_bytes()
    assert finding.report(tmp_path / "again.html").read_bytes() == first
    assert len(first) < 1_000_000


def test_what_is_embedded_is_what_was_measured(finding, page_of):
    files = page_of(finding).files
    sweep = pd.read_csv(io.BytesIO(unpacked(files["sweep.csv"])), engine="python")
    pd.testing.assert_frame_equal(sweep, finding.sweep.to_frame(), check_exact=True)
    told = json.loads(unpacked(files["report.json"]))
    metadata = told.pop("metadata")
    assert metadata == finding.sweep.metadata
    assert told == json.loads(json.dumps(finding.to_dict()))


@pytest.mark.slow
def test_many_points_still_fit(tmp_path, read):
    """A sweep of 40,000 points: dots in place of lines, files compressed or named."""
    lrs = np.geomspace(1e-6, 1, 10_000)
    rng = np.random.default_rng(1)
    curves = [
        Curve(lrs, 1 / (1 + lrs / 1e-3) + lrs**2 + 0.01 * rng.normal(size=10_000))
        for _ in range(4)
    ]
    path = SweepResult(curves).report(tmp_path / "large.html")
    page = read(path.read_text("utf-8"))
    assert path.stat().st_size < 1_000_000
    assert "Too large for this file and left out: 'sweep.csv'" in page.text
    assert any("image/png" in each for each in page.addresses)


@pytest.mark.slow
def test_a_comparison_of_84_runs_fits(compared, tmp_path):
    large = compared(optimizers=4, rates=7, seeds=3, epochs=10)
    assert len(large.runs) == 84
    assert large.report(tmp_path / "large.html").stat().st_size < 1_000_000


def test_a_file_that_is_there_is_replaced(training, tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    assert training.report(str(path)) == path
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize(
    "name, message",
    [
        ("report.docx", "must end in .html or .pdf. Received: .*report.docx. Name it"),
        ("report", "must end in .html or .pdf"),
        ("none/report.html", "there is no folder .*none. Name another"),
        ("folder.html", "a folder. Name another"),
    ],
)
def test_a_wrong_place_is_refused_and_nothing_is_written(
    sweep, tmp_path, name, message
):
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(InputError, match=message):
        sweep.report(tmp_path / name)
    assert [each.name for each in tmp_path.iterdir()] == ["folder.html"]


@pytest.mark.parametrize("path", [None, 3, b"report.html"])
def test_what_is_no_path_is_refused(sweep, path):
    with pytest.raises(InputError, match="`path` must be a str or Path. Received: "):
        sweep.report(path)


def test_a_folder_that_may_not_be_written_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match="may not be written to. Name another"):
        check_path(tmp_path / "report.html")


def test_a_disk_that_is_full_is_told_in_one_line(tmp_path, monkeypatch, training):
    import lr_finder.reports.report as module

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_atomically", fail)
    monkeypatch.setattr("lr_finder.reports.pictures.pictures", lambda *_, **__: {})
    with pytest.raises(InputError, match="No space left on device"):
        training.report(tmp_path / "report.html")


def test_a_missing_extra_is_one_line_with_the_command(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r'pip install "lr_finder\[pdf\]"'):
        check_path(tmp_path / "report.pdf")
    check_path(tmp_path / "report.html")


def test_what_is_no_result_is_refused(tmp_path):
    with pytest.raises(InputError, match="Received: dict"):
        report({}, tmp_path / "report.html")


def test_a_record_and_several_models_have_reports(
    training, finding, no_finding, tmp_path, read
):
    record = training.record.report(tmp_path / "record.html").read_text("utf-8")
    assert "30 batches in 3 epochs: the training loss ends at 0.1" in read(record).text
    found = FoundModels({"1-a": finding, "2-b": no_finding}, {"3-<c>": "it broke"})
    page = read(report(found, tmp_path / "models.html").read_text("utf-8"))
    rows = page.table("models")
    assert [row["lr"] for row in rows] == [finding.lr, "none", "none"]
    assert "3-<c>: it broke" in page.text

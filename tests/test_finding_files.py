"""Files of a finding: each stage writes its own, and an earlier run leaves none."""

import numpy as np
import pandas as pd
import pytest

from lr_finder._output import OutputFolder
from lr_finder.errors import SuggestionError
from lr_finder.finding_files import TRAINING_FILES, VERIFICATION_FILES, FindingFiles
from lr_finder.results.finding import Finding
from lr_finder.results.sweep import Curve, SweepResult

LRS = np.geomspace(1e-6, 1, 120)
GOOD = SweepResult([Curve(LRS, 1 / (1 + LRS / 1e-3) + LRS**2)])
FLAT = SweepResult([Curve(LRS, np.ones(120))])


def judged(result):
    try:
        return Finding({"source": "a"}, result, "window", result.suggest())
    except SuggestionError as error:
        return Finding({"source": "a"}, result, "window", error=error)


@pytest.mark.parametrize("result", [GOOD, FLAT], ids=["suggestion", "none"])
def test_curve_picture_and_report(result, tmp_path):
    files, finding = FindingFiles(OutputFolder(tmp_path / "out")), judged(result)
    files.swept(finding)
    files.judged(finding)
    frame = pd.read_csv(tmp_path / "out/sweep.csv")
    np.testing.assert_allclose(frame["loss"], result.losses)
    report = pd.read_json(tmp_path / "out/suggestion.json", typ="series")
    assert report["points"] == 120
    assert (tmp_path / "out/sweep.png").read_bytes().startswith(b"\x89PNG")


def test_files_of_an_earlier_run_go_and_those_in_use_stay(tmp_path):
    for name in (*TRAINING_FILES, *VERIFICATION_FILES, "models.csv", "notes.txt"):
        (tmp_path / name).write_text("")
    files = FindingFiles(OutputFolder(tmp_path, kept=[tmp_path / "model.keras"]))
    files.swept(judged(GOOD))
    assert {path.name for path in tmp_path.iterdir()} == {
        "model.keras", "notes.txt", "sweep.csv", "sweep.npz",
    }  # fmt: skip


def test_words_change_what_is_written_and_nothing_else(tmp_path):
    finding = judged(GOOD)
    before = finding.to_dict()

    def shout(told):
        return told if not isinstance(told, dict) else {"said": "loudly"}

    files = FindingFiles(OutputFolder(tmp_path), words=shout)
    files.judged(finding)
    assert "loudly" in (tmp_path / "suggestion.json").read_text()
    assert finding.to_dict() == before

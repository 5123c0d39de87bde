"""`lr_finder suggest`: saved and foreign curves judged."""

import dataclasses
import gzip
import json

import numpy as np
import pytest

from lr_finder.analysis.sweep.suggestion import suggest
from lr_finder.data.readers.loss_curves import read_curve
from lr_finder.results.finding import NO_OPTIMIZER as OF_LIBRARY
from lr_finder.results.sweep import Curve, SweepResult

LRS = np.geomspace(1e-6, 1.0, 120)
LOSSES = 2.0 / (1 + LRS / 1e-3) + 5 * LRS**2 + 0.1
RESULT = SweepResult([Curve(LRS, LOSSES)])
NO_OPTIMIZER = OF_LIBRARY.replace("`optimizer`", "--optimizer")


@pytest.fixture
def curve(tmp_path):
    """The same curve as a saved sweep and as another program's table, unsorted."""
    RESULT.save(tmp_path / "sweep.npz")
    rows = [f"{lr!r},{loss!r}" for lr, loss in zip(LRS.tolist(), LOSSES, strict=True)]
    np.random.default_rng(0).shuffle(rows)
    (tmp_path / "curve.csv").write_text(
        "\n".join(["learning_rate,loss", *rows])
        .replace("np.float64(", "")
        .replace(")", "")
    )
    return tmp_path


@pytest.mark.parametrize("name", ["sweep.npz", "curve.csv"])
@pytest.mark.parametrize("method", ["drop", "valley"])
def test_says_what_the_library_says(command, curve, name, method):
    run = command("suggest", curve / name, "--method", method, "--json")
    assert (run.code, run.err) == (0, "")
    found, expected = run.json["suggestion"], suggest(RESULT, method)
    assert (found["method"], found["warnings"]) == (method, list(expected.warnings))
    for field in ("lr", "low", "high"):
        assert found[field] == pytest.approx(getattr(expected, field), rel=1e-9)
    assert run.json["source"] == str(curve / name)


def test_a_table_may_be_written_in_any_form(command, curve):
    """Decimal commas, another encoding and compression change nothing."""
    text = (curve / "curve.csv").read_text().replace(",", ";").replace(".", ",")
    (curve / "curve.csv.gz").write_bytes(gzip.compress(text.encode("utf-16")))
    plain = command("suggest", curve / "curve.csv", "--json").json
    other = command("suggest", curve / "curve.csv.gz", "--json")
    assert (other.code, other.err) == (0, "")
    assert other.json["suggestion"] == plain["suggestion"]
    assert any("read as numbers" in note for note in other.json["notes"])
    told = command(
        "suggest", curve / "curve.csv.gz", "--sep", ";", "--decimal", ",", "--json"
    )
    assert told.json["suggestion"] == plain["suggestion"]


def test_for_people_and_for_scripts(command, curve):
    run = command("suggest", curve / "sweep.npz")
    assert "Suggested learning rate:" in run.out
    assert "steepest" in run.out
    quiet = command("suggest", curve / "sweep.npz", "--quiet")
    assert float(quiet.out) == pytest.approx(suggest(RESULT).lr, rel=1e-5)


def test_writes_only_where_it_is_told(command, curve, monkeypatch):
    monkeypatch.chdir(curve)
    before = sorted(curve.iterdir())
    command("suggest", "curve.csv")
    assert sorted(curve.iterdir()) == before
    run = command("suggest", "curve.csv", "--out", "judged", "--json")
    assert set(run.json["files"]) == {"sweep.png", "suggestion.json"}
    assert (curve / "judged/sweep.png").read_bytes().startswith(b"\x89PNG")
    report = json.loads((curve / "judged/suggestion.json").read_text())
    assert report["suggestion"] == run.json["suggestion"]


def test_losses_left_out_are_mentioned(command, curve):
    with (curve / "curve.csv").open("a") as file:
        file.write("\n2.0,nan\n")
    run = command("suggest", curve / "curve.csv", "--json")
    assert run.json["notes"] == ["1 of 121 losses left out: not finite", NO_OPTIMIZER]
    assert run.json["stop_reason"] == "nonfinite"
    assert run.json["suggestion"]["lr"] == pytest.approx(suggest(RESULT).lr, rel=0.5)


def test_no_suggestion_is_an_answer_with_code_1(command, tmp_path):
    path = tmp_path / "flat.csv"
    path.write_text("lr,loss\n" + "".join(f"{lr},1.0\n" for lr in LRS))
    run = command("suggest", path, "--json", "--out", tmp_path / "out")
    assert run.code == 1
    assert run.json["error"]["reason"]
    assert run.err.count("\n") == 1
    written = json.loads((tmp_path / "out/suggestion.json").read_text())
    assert written["error"] == run.json["error"]
    assert (tmp_path / "out/sweep.png").exists()


def test_a_table_does_not_tell_why_it_ends(command, tmp_path):
    """Of a sweep that diverged, the table alone does not know."""
    lrs = np.geomspace(1e-5, 1e-1, 60)
    rows = np.column_stack([lrs, 1 / (1 + lrs / 1e-3)])
    path = tmp_path / "curve.csv"
    np.savetxt(path, rows, delimiter=",", header="lr,loss", comments="")
    run = command("suggest", path)
    assert "60 batches" in run.out
    assert "reached its last" not in run.out
    assert "the losses given show no divergence up to 0.1" in " ".join(run.out.split())
    found = command("suggest", path, "--json", "--out", tmp_path / "out").json
    assert found["stop_reason"] is None
    result, _ = read_curve(path)
    title = result.plot().get_title()
    assert title.endswith("curve.csv: the sweep has no note of why it ended")


def test_only_if_no_optimizer_is_known_its_option_is_named(command, curve, tmp_path):
    """Else a table, and the file that the table was made of, answer differently."""
    told = "give --optimizer, such as adam, if you know it"
    blind = command("suggest", curve / "curve.csv")
    assert told in " ".join(blind.out.replace("│", "").split())
    known = dataclasses.replace(RESULT, metadata={"optimizer": "Adam"})
    known.save(tmp_path / "known.npz")
    answers = []
    for arguments in (
        [tmp_path / "known.npz"],
        [curve / "curve.csv", "--optimizer", "adam"],
    ):
        found = command("suggest", *arguments, "--json").json
        assert NO_OPTIMIZER not in found["notes"]
        answers.append(found["suggestion"]["lr"])
    assert answers[0] == pytest.approx(answers[1])
    other = command("suggest", curve / "curve.csv", "--method", "valley", "--json")
    assert NO_OPTIMIZER not in other.json["notes"]  # which asks for no usual rate


def test_the_optimizer_of_a_foreign_curve_can_be_told(command, curve):
    blind = command("suggest", curve / "curve.csv", "--json").json["suggestion"]
    assert blind["decided_by"] == "middle_of_window" and blind["usual"] is None
    told = command("suggest", curve / "curve.csv", "--optimizer", "adam", "--json")
    assert told.json["suggestion"]["usual"]["rate"] == 3e-3
    assert "Adam's usual rate 3e-3" in told.json["suggestion"]["why"]
    wrong = command("suggest", curve / "curve.csv", "--optimizer", "adm")
    assert wrong.code == 2 and "adam" in wrong.err

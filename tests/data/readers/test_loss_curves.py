"""Curves of other programs, as tables of every shape."""

import numpy as np
import pytest

from lr_finder.data.readers.loss_curves import read_curve
from lr_finder.errors import InputError
from lr_finder.results.sweep import Curve, SweepResult

LRS = [1e-3, 1e-2, 1e-1, 1.0]
LOSSES = [4.0, 3.0, 2.0, 5.0]


@pytest.fixture
def read(tmp_path):
    def write_and_read(text, *columns, name="curve.csv"):
        path = tmp_path / name
        path.write_text(text)
        return read_curve(path, *columns)

    return write_and_read


def table(header="lr,loss", rows=(), separator=","):
    lines = [header] if header else []
    return "\n".join(lines + [separator.join(map(str, row)) for row in rows])


ROWS = list(zip(LRS, LOSSES, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(table("lr,loss", ROWS), id="plain"),
        pytest.param(table("Learning Rate,Train-Loss", ROWS), id="spelling"),
        pytest.param(table("", ROWS), id="no header"),
        pytest.param(table("lrs\tlosses", ROWS, "\t"), id="tabs"),
        pytest.param(table("lr;loss", ROWS, ";"), id="semicolons"),
        pytest.param(table("lr,loss", ROWS[::-1]), id="falling rates"),
        pytest.param(
            table("step,loss,val,lr", [(i, b, 9, a) for i, (a, b) in enumerate(ROWS)]),
            id="among others",
        ),
        pytest.param(
            table("lr,loss", [(a, b + d) for a, b in ROWS for d in (-1, 1)]),
            id="averages rows of one rate",
        ),
    ],
)
def test_reads_the_same_curve(read, text):
    result, notes = read(text)
    np.testing.assert_array_equal(result.lrs, LRS)
    np.testing.assert_array_equal(result.losses, LOSSES)
    assert (result.stop_reason, len(result.curves), notes) == ("unknown", 1, ())


def test_columns_can_be_named(read):
    text = table("lr,loss,eta,cost", [(1, 1, a, b) for a, b in ROWS])
    result, _ = read(text, "eta", "cost")
    np.testing.assert_array_equal(result.lrs, LRS)
    np.testing.assert_array_equal(result.losses, LOSSES)


@pytest.mark.parametrize("missing", ["nan", "", "inf", "-inf"])
def test_losses_missing_at_the_end_end_the_sweep(read, missing):
    result, notes = read(table(rows=[*ROWS[:3], (1.0, missing), (10.0, missing)]))
    np.testing.assert_array_equal(result.losses, LOSSES[:3])
    assert result.stop_reason == "nonfinite"
    assert notes == ("2 of 5 losses left out: not finite",)


def test_a_loss_missing_in_between_is_left_out(read):
    result, notes = read(table(rows=[ROWS[0], (5e-3, "nan"), *ROWS[1:]]))
    np.testing.assert_array_equal(result.losses, LOSSES)
    assert result.stop_reason == "unknown"
    assert len(notes) == 1


def test_repeats_are_told_apart_and_keep_their_own_ends(read):
    rows = [(0, a, b) for a, b in ROWS] + [(1, a, b + 1) for a, b in ROWS[:3]]
    result, _ = read(table("repeat,lr,loss", [*rows, (1, 1.0, "nan")]))
    first, second = result.curves
    np.testing.assert_array_equal(first.losses, LOSSES)
    np.testing.assert_array_equal(second.losses, np.add(LOSSES[:3], 1))
    assert (first.stop_reason, second.stop_reason) == ("unknown", "nonfinite")


def test_a_gap_in_one_repeat_drops_that_rate_for_all(read):
    rows = [(0, a, b) for a, b in ROWS] + [(1, a, b) for a, b in ROWS if a != 1e-2]
    result, _ = read(table("repeat,lr,loss", rows))
    for curve in result.curves:
        np.testing.assert_array_equal(curve.lrs, [1e-3, 1e-1, 1.0])


def test_reads_what_find_wrote_both_ways(tmp_path):
    lrs = np.geomspace(1e-7, 10, 50)
    rng = np.random.default_rng(0)
    curves = [Curve(lrs[:n], rng.random(n)) for n in (50, 47)]
    saved = SweepResult(curves, {"seed": 1})
    saved.save(tmp_path / "sweep.npz")
    saved.to_frame().to_csv(tmp_path / "sweep.csv", index=False)
    for name in ("sweep.npz", "sweep.csv"):
        result, _ = read_curve(tmp_path / name)
        for curve, original in zip(result.curves, curves, strict=True):
            # pandas 3.0 reads the last digit of a text otherwise than 3.1.
            rtol = 0 if name.endswith("npz") else 1e-12
            np.testing.assert_allclose(curve.lrs, original.lrs, rtol=rtol)
            np.testing.assert_allclose(curve.losses, original.losses, rtol=rtol)


BAD = {
    "no column of rates": (table("a,loss", ROWS), "`lr_column`.*a, loss"),
    "no column of losses": (table("lr,b", ROWS), "`loss_column`.*lr, b"),
    "three nameless columns": (
        table("", [(i, a, b) for i, (a, b) in enumerate(ROWS)]),
        "column_0, column_1, column_2",
    ),
    "rate of zero": (table(rows=[(0, 1), *ROWS]), "positive.*0.0 in data row 1"),
    "negative rate": (table(rows=[*ROWS, (-1, 1)]), "positive.*-1.0 in data row 5"),
    "rate missing": (table(rows=[*ROWS, ("nan", 1)]), "positive.*nan in data row 5"),
    "infinite rate": (table(rows=[*ROWS, ("inf", 1)]), "positive.*inf in data row 5"),
    "text for losses": (table(rows=[*ROWS, (9.0, "big")]), "'loss'.*'big'.*row 5"),
    "no finite loss": (table(rows=[(a, "nan") for a in LRS]), "finite.*none in 4"),
    "empty": ("", "empty"),
    "header only": ("lr,loss\n", "only a header"),
    "ragged": (table(rows=[*ROWS, (1, 2, 3)]), "curve.csv"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD)
def test_refuses_what_is_no_curve(read, text, message):
    with pytest.raises(InputError, match=message):
        read(text)


def test_refuses_a_column_that_is_not_there(read):
    with pytest.raises(InputError, match="lr_column=eta.*lr, loss"):
        read(table(rows=ROWS), "eta")


def test_refuses_an_npz_that_is_none(read):
    with pytest.raises(InputError, match="saved by lr_finder"):
        read("lr,loss", name="curve.npz")


def test_the_folder_of_a_sweep_is_told_with_its_file(tmp_path):
    (tmp_path / "sweep.npz").write_bytes(b"")
    with pytest.raises(InputError, match=r"Give .*sweep\.npz\."):
        read_curve(tmp_path)

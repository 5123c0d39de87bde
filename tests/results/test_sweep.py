"""SweepResult: frozen, validated, and saved without loss."""

import dataclasses
import os

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from lr_finder.analysis.sweep.stopping import StopReason
from lr_finder.errors import InputError
from lr_finder.results.sweep import Curve, SweepResult

LRS = np.geomspace(1e-6, 1.0, 40)
LOSSES = 1.5 - np.tanh(np.log10(LRS) + 3) / 2


@st.composite
def results(draw):
    n = draw(st.integers(0, 30))
    lrs = np.cumsum(draw(st.lists(st.floats(1e-6, 1.0), min_size=n, max_size=n)))
    curves = []
    for _ in range(draw(st.integers(1, 3))):
        k = draw(st.integers(0, n))
        finite = st.floats(allow_nan=False, allow_infinity=False)
        losses = draw(st.lists(finite, min_size=k, max_size=k))
        curves.append(Curve(lrs[:k], losses, draw(st.sampled_from(StopReason))))
    text = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5))
    return SweepResult(curves, draw(text))


@given(result=results())
@settings(max_examples=50)
def test_save_and_load_are_exact(tmp_path_factory, result):
    path = result.save(tmp_path_factory.mktemp("npz") / "sweep")
    loaded = SweepResult.load(path)
    assert loaded.metadata == result.metadata
    assert len(loaded.curves) == len(result.curves)
    for one, other in zip(loaded.curves, result.curves, strict=True):
        assert one.stop_reason is other.stop_reason
        np.testing.assert_array_equal(one.lrs, other.lrs)
        np.testing.assert_array_equal(one.losses, other.losses)


def test_losses_are_the_mean_as_far_as_every_repeat_went():
    curves = [
        Curve(LRS[:3], [3.0, 2.0, 1.0], "completed"),
        Curve(LRS[:2], [1.0, 4.0], "diverged"),
    ]
    result = SweepResult(curves)
    np.testing.assert_array_equal(result.lrs, LRS[:2])
    np.testing.assert_array_equal(result.losses, [2.0, 3.0])
    assert result.stop_reason == "diverged"


def test_a_sweep_without_a_point_is_a_result_too():
    result = SweepResult([Curve([], [], "nonfinite")])
    assert result.losses.shape == result.lrs.shape == (0,)


def test_nothing_can_be_changed():
    source = LOSSES.copy()
    curve = Curve(LRS, source)
    source[0] = 99.0
    assert curve.losses[0] == LOSSES[0]
    with pytest.raises(ValueError, match="read-only"):
        curve.losses[0] = 1.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        curve.losses = source
    with pytest.raises(dataclasses.FrozenInstanceError):
        SweepResult([curve]).curves = ()


@pytest.mark.parametrize(
    "lrs, losses",
    [
        ([1.0, 2.0], [1.0]),
        ([2.0, 1.0], [1.0, 1.0]),
        ([1.0, 1.0], [1.0, 1.0]),
        ([0.0, 1.0], [1.0, 1.0]),
        ([1.0, 2.0], [1.0, float("nan")]),
        ([1.0, float("inf")], [1.0, 1.0]),
        ([[1.0], [2.0]], [[1.0], [1.0]]),
    ],
)
def test_a_curve_that_breaks_a_rule_is_refused(lrs, losses):
    with pytest.raises(InputError, match="Received"):
        Curve(lrs, losses)


def test_a_result_without_a_common_axis_is_refused():
    with pytest.raises(InputError, match="must hold a Curve"):
        SweepResult([])
    with pytest.raises(InputError, match="same learning"):
        SweepResult([Curve([1.0, 2.0], [0, 0]), Curve([1.0, 3.0], [0, 0])])
    with pytest.raises(ValueError, match="not a valid StopReason"):
        Curve([1.0], [1.0], "bored")


def test_the_table_has_a_row_for_each_batch():
    pd = pytest.importorskip("pandas")
    result = SweepResult([Curve(LRS[:2], [3.0, 2.0]), Curve(LRS[:1], [1.0])])
    expected = pd.DataFrame(
        {
            "repeat": [0, 0, 1],
            "step": [0, 1, 0],
            "lr": [LRS[0], LRS[1], LRS[0]],
            "loss": [3.0, 2.0, 1.0],
        }
    )
    pd.testing.assert_frame_equal(result.to_frame(), expected)


def test_suggest_and_plot_are_thin_calls():
    result = SweepResult([Curve(LRS, LOSSES)])
    from lr_finder.analysis.sweep.suggestion import suggest

    assert result.suggest() == suggest(result)
    assert result.suggest("steepest") == suggest(result, method="steepest")
    pytest.importorskip("matplotlib")
    assert result.plot().get_xscale() == "log"


def test_a_file_that_is_no_sweep_is_an_input_error(tmp_path):
    good = SweepResult([Curve(LRS, LOSSES)]).save(tmp_path / "good.npz")
    cases = {
        "missing.npz": None,
        "text.npz": b"learning rate",
        "empty.npz": b"",
        "cut.npz": good.read_bytes()[:-40],
    }
    for name, content in cases.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=name):
            SweepResult.load(tmp_path / name)
    np.savez(tmp_path / "other.npz", lrs=LRS)
    with pytest.raises(InputError, match=r"other\.npz"):
        SweepResult.load(tmp_path / "other.npz")
    with pytest.raises(InputError):
        SweepResult.load(tmp_path)


def test_a_pickle_inside_is_never_loaded(tmp_path):
    header = np.array({"format": 1}, dtype=object)
    np.savez(tmp_path / "evil.npz", lrs=LRS, header=header, allow_pickle=True)
    with pytest.raises(InputError, match=r"evil\.npz"):
        SweepResult.load(tmp_path / "evil.npz")


def test_a_newer_format_is_told_to_upgrade(tmp_path, monkeypatch):
    monkeypatch.setattr("lr_finder.results.sweep.FORMAT", 99)
    path = SweepResult([Curve(LRS, LOSSES)]).save(tmp_path / "new.npz")
    monkeypatch.undo()
    with pytest.raises(InputError, match="newer lr_finder"):
        SweepResult.load(path)


def test_an_interrupted_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = SweepResult([Curve(LRS, LOSSES)]).save(tmp_path / "sweep.npz")
    before = path.read_bytes()

    def fail(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez_compressed", fail)
    with pytest.raises(OSError, match="disk full"):
        SweepResult([Curve([1.0], [1.0])]).save(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["sweep.npz"]


def test_what_is_no_curve_is_told_how_to_make_one():
    for wrong in (LRS, None, Curve(LRS, LOSSES), [LRS]):
        with pytest.raises(InputError, match=r"SweepResult\(\[Curve"):
            SweepResult(wrong)
    with pytest.raises(InputError, match="`lrs`.*'a'"):
        Curve("a", "b")
    with pytest.raises(InputError, match="1 at index 1"):
        Curve([2.0, 1.0], [0.0, 0.0])


def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(OSError, match="nowhere does not exist"):
        SweepResult([Curve(LRS, LOSSES)]).save(tmp_path / "nowhere" / "sweep.npz")


# ---------------------------------------------------------------- validation losses


def validated(repeats=2):
    lrs = np.geomspace(1e-4, 1, 40)
    losses = 1 / (1 + lrs / 1e-2)
    curves = [Curve(lrs, losses + i, "completed", 2 * losses) for i in range(repeats)]
    return SweepResult(curves, {"steps": 40})


def test_the_validation_losses_make_a_result_of_their_own():
    result = validated()
    view = result.validation
    np.testing.assert_array_equal(view.losses, 2 / (1 + result.lrs / 1e-2))
    np.testing.assert_array_equal(view.lrs, result.lrs)
    assert view.metadata == {"steps": 40, "measured": "validation loss"}
    assert view.validation is None
    # The same curve on another scale: the same rate.
    plain = SweepResult([Curve(result.lrs, view.losses)])
    assert view.suggest("steepest").lr == plain.suggest("steepest").lr


def test_a_result_has_no_validation_where_a_repeat_lacks_it():
    first = validated(1).curves[0]
    result = SweepResult([first, Curve(first.lrs, first.losses)])
    assert result.validation is None


def test_validation_losses_are_saved(tmp_path):
    result = validated()
    loaded = SweepResult.load(result.save(tmp_path / "sweep.npz"))
    for one, other in zip(loaded.curves, result.curves, strict=True):
        np.testing.assert_array_equal(one.validation_losses, other.validation_losses)


def test_validation_losses_are_tabulated():
    pytest.importorskip("pandas")
    result = validated()
    frame = result.to_frame()
    assert list(frame) == ["repeat", "step", "lr", "loss", "validation_loss"]
    np.testing.assert_array_equal(
        frame["validation_loss"], np.tile(result.validation.losses, 2)
    )


@pytest.mark.parametrize("wrong", [[1.0], [1.0, np.nan]])
def test_validation_losses_that_do_not_fit_are_refused(wrong):
    with pytest.raises(InputError, match="validation_losses"):
        Curve([0.1, 0.2], [1.0, 2.0], "completed", wrong)


def test_its_repr_is_a_line_that_tells_what_was_swept():
    lrs = np.geomspace(1e-6, 1, 50)
    curve = Curve(lrs, np.ones(50), "diverged")
    result = SweepResult([curve, curve], {"optimizer": "Adam"})
    assert repr(result) == (
        "<SweepResult of 50 steps, 1e-6 to 1, 2 repeats with Adam: The loss diverged.>"
    )
    assert repr(curve) == "<Curve of 50 steps, 1e-6 to 1: The loss diverged.>"
    assert "no steps" in repr(Curve([], []))

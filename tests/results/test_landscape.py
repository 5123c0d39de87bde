"""A landscape: views of what was measured, and a file that keeps every bit."""

import json

import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.results.landscape import KINDS, LossLandscape

X, Y = np.linspace(-1, 1, 5), np.linspace(-2, 2, 3)
BOWL = 1 + X**2 + Y[:, None] ** 2


def plane(**changes):
    given = {"kind": "random", "coordinates": (X, Y), "losses": BOWL, "loss": 1.0}
    return LossLandscape(**given | changes)


def principal():
    path = np.array([[-1.0, 0.5], [0.5, 1 / 3], [0.0, 0.0]])
    return plane(
        kind="principal", path=path, steps=[0, 7, 20], shares=[0.8, 0.1],
        metadata={"samples": 100},
    )  # fmt: skip


def test_a_row_of_losses_is_a_value_of_the_second_coordinate():
    frame = plane().to_frame()
    assert len(frame) == 15
    expected = 1 + frame["first"] ** 2 + frame["second"] ** 2
    np.testing.assert_allclose(frame["loss"], expected)


def test_cuts_go_through_the_model():
    np.testing.assert_array_equal(plane().cut(0), 1 + X**2)
    np.testing.assert_array_equal(plane().cut(1), 1 + Y**2)
    assert plane().doubles_at == (1.0, 1.0)


def test_a_distance_that_was_searched_for_is_told_and_kept(tmp_path):
    found = plane(doubled=[np.nan, 0.9])
    assert found.doubles_at == (None, 0.9)
    assert LossLandscape.load(found.save(tmp_path / "kept")).doubles_at == (None, 0.9)


def test_the_barrier_is_one_between_solutions_only():
    t = np.linspace(0, 1, 3)
    found = LossLandscape("between", (t,), [1.0, 4.0, 2.0], 1.0, end_loss=2.0)
    assert found.barrier == (2.5, 0.5)
    assert plane().barrier is None


@pytest.mark.parametrize("made", [plane, principal])
def test_a_file_keeps_every_bit(made, tmp_path):
    found = made()
    again = LossLandscape.load(found.save(tmp_path / "kept"))
    assert (tmp_path / "kept.npz").exists()
    assert again.to_dict() == found.to_dict()
    for name in ("losses", "path", "steps", "shares"):
        ours, theirs = getattr(found, name), getattr(again, name)
        assert (ours is None) == (theirs is None)
        if ours is not None:
            np.testing.assert_array_equal(ours, theirs)
            assert ours.dtype == theirs.dtype


def test_the_lowest_point_is_where_it_is():
    losses = BOWL.copy()
    losses[2, 1] = 0.25
    assert plane(losses=losses).to_dict()["lowest"] == {"loss": 0.25, "at": [-0.5, 2.0]}


def test_the_model_is_the_lowest_if_no_point_of_the_grid_is_lower():
    """Of a trajectory's plane it is no point of the grid."""
    axis = np.array([-0.3, 0.2, 0.7])
    found = plane(coordinates=(axis, axis), losses=1 + axis**2 + axis[:, None] ** 2)
    assert found.to_dict()["lowest"] == {"loss": 1.0, "at": [0.0, 0.0]}
    assert "No point of the plane has a lower loss" in str(found)


def test_what_is_not_finite_is_counted_and_is_json():
    losses = BOWL.copy()
    losses[0, :2] = np.nan, np.inf
    told = plane(losses=losses).to_dict()
    assert told["not_finite"] == 2
    json.dumps(told, allow_nan=False)
    t = np.linspace(0, 1, 3)
    between = LossLandscape("between", (t,), [1.0, np.inf, 2.0], 1.0, end_loss=2.0)
    json.dumps(between.to_dict(), allow_nan=False)
    assert "not finite at 0.5" in str(between)


def test_the_path_is_a_table():
    assert principal().path_frame().columns.tolist() == ["step", "first", "second"]
    assert principal().path_frame()["step"].tolist() == [0, 7, 20]
    assert plane().path_frame().empty


def test_nothing_can_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        plane().losses[0, 0] = 3.0
    losses = BOWL.copy()
    found = plane(losses=losses)
    losses[:] = 0
    np.testing.assert_array_equal(found.losses, BOWL)


def test_it_says_what_it_is():
    assert repr(plane()) == (
        "<LossLandscape of 5 × 3 points: The loss of 1 doubles at a distance of 1>"
    )
    assert str(plane()).splitlines()[1].startswith("No point of the plane")


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"losses": BOWL.T}, "the shape of the coordinates, .3, 5.. Received: .5, 3"),
        ({"kind": "curved"}, f"one of {', '.join(KINDS)}"),
        ({"coordinates": (X[::-1], Y)}, "increasing coordinates"),
        ({"coordinates": (X, Y, Y)}, "one or two"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        plane(**changes)


def test_a_file_that_is_none_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        LossLandscape.load(tmp_path / "none.npz")
    path = tmp_path / "other.npz"
    path.write_bytes(b"nothing")
    with pytest.raises(InputError, match="must be a landscape that `save` wrote"):
        LossLandscape.load(path)
    header = np.array(json.dumps({"landscape": 99}))
    np.savez(path, header=header, losses=BOWL)
    with pytest.raises(InputError, match="newer lr_finder"):
        LossLandscape.load(path)

"""The history as a person uses it."""

import datetime

import pytest

from lr_finder import History
from lr_finder.errors import InputError


@pytest.fixture
def history(tmp_path):
    return History(tmp_path / "history.sqlite")


@pytest.fixture
def filled(history, make_run):
    runs = [
        make_run(date="2026-10-01T00:00:00", verified=8e-4),
        make_run(date="2026-10-31T23:59:59", verified=2e-3, kind="text"),
        make_run(date="2026-11-01T00:00:00", optimizer="SGD", momentum=0.9),
        make_run(date="2026-11-02T00:00:00", optimizer="SGD", momentum=0.0),
        make_run(date="2026-11-03T00:00:00", verified=1.0, origin="imported"),
    ]
    history._store.add(runs)
    return history, runs


@pytest.mark.parametrize(
    "conditions, kept",
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"optimizer": "adam"}, [0, 1, 4]),
        ({"kind": "images"}, [0, 2, 3, 4]),
        ({"since": "2026-11-01"}, [2, 3, 4]),
        ({"since": datetime.date(2026, 11, 2), "optimizer": "SGD"}, [3]),
        ({"ids": []}, []),
    ],
)
def test_conditions_are_met_together(filled, conditions, kept):
    history, runs = filled
    assert history.runs(**conditions) == [runs[place] for place in kept]


def test_runs_are_chosen_by_the_begin_of_their_id(filled):
    history, runs = filled
    ids = [runs[3]["id"][:8], runs[0]["id"]]
    assert history.runs(ids=ids) == [runs[0], runs[3]]


@pytest.mark.parametrize(
    "conditions, told",
    [
        ({"optimizer": "adm"}, "must be a name of Keras"),
        ({"kind": "image"}, "`kind` must be one of tabular, .*'image'"),
        ({"since": "31.1.2026"}, "must be a day such as"),
        ({"ids": ["%"]}, "at least 4"),
        ({"ids": ["____"]}, "at least 4"),
    ],
)
def test_conditions_that_break_a_rule(history, conditions, told):
    with pytest.raises(InputError, match=told):
        history.runs(**conditions)
    with pytest.raises(InputError, match=told):
        history.delete(**conditions)


def test_runs_of_others_and_of_other_momentum_are_not_told_as_mine(filled):
    history, _ = filled
    assert history.tell("Adam", kind="images") == (
        "Your Adam run on images verified at 8e-4."
    )
    told = history.tell("SGD", kind="images", momentum=0.9)
    assert (
        told == "A sweep suggested 3e-3 for your SGD with momentum 0.9 run on images."
    )
    assert history.tell("SGD", kind="images", momentum=0.99) == ""
    assert history.tell("Nadam", kind="images") == ""


def test_a_deleted_run_is_gone(filled):
    history, runs = filled
    assert history.delete(optimizer="SGD") == 2
    assert history.runs() == [runs[0], runs[1], runs[4]]
    assert history.delete() == 3 and len(history) == 0


def test_an_export_imported_elsewhere_holds_the_same_once(filled, tmp_path):
    history, runs = filled
    path = history.export(tmp_path / "runs.csv", kind="images")
    other = History(tmp_path / "other.sqlite")
    assert (other.import_runs(path).added, other.import_runs(path).known) == (4, 4)
    assert other.runs() == [
        run | {"origin": "imported"} for run in runs if run["kind"] == "images"
    ]
    assert str(history.import_runs(path)) == "0 runs imported, 4 were known"


def test_a_result_is_kept(history, make_finding):
    finding = make_finding(kind="tabular")
    (id_,) = history.add(finding)
    (run,) = history.runs()
    assert run["id"] == id_ and run["suggested"] == finding.lr
    assert history.to_frame()["suggested"].tolist() == [finding.lr]


def test_the_picture_is_of_the_runs_chosen(filled):
    history, _ = filled
    assert history.plot(kind="text").get_title() == "Adam: 1 run at 2e-3"


def test_a_damaged_file_is_told(history, make_finding):
    history.path.write_bytes(b"no database at all")
    with pytest.warns(UserWarning, match=r"History: .* damaged.* kept as .*damaged-"):
        history.add(make_finding())
    assert len(history) == 1

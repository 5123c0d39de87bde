"""A search keeps its result, and no failure of the history costs it."""

import os
import sqlite3
import warnings

import pytest

from lr_finder import History
from lr_finder._text import format_rate
from lr_finder.history.remembering import Remembering


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    path = tmp_path / "history.sqlite"
    monkeypatch.setenv("LR_FINDER_HISTORY", str(path))
    return path


def test_nothing_is_written_unless_asked(place, make_finding):
    quiet = Remembering(None)
    quiet.keep(make_finding())
    assert quiet.earlier({"optimizer": "Adam"}, {}) == {} and not place.exists()


def test_what_was_kept_is_told_to_the_next(make_finding, monkeypatch):
    finding = make_finding(kind="images")
    monkeypatch.setenv("LR_FINDER_REMEMBER", "1")
    Remembering(None).keep(finding)
    told = Remembering(True).earlier({"optimizer": "Adam"}, {"kind": "images"})
    rate = format_rate(finding.lr)
    assert told == {"history": f"A sweep suggested {rate} for your Adam run on images."}
    assert Remembering(True).earlier({"optimizer": "Adam"}, {"kind": "text"}) == {}


def test_optimizers_without_a_name_are_not_told_as_one(make_finding):
    Remembering(True).keep(make_finding("MyAdam"))
    assert Remembering(True).earlier({"optimizer": "YourAdam"}, {}) == {}


def test_a_search_is_kept_once(make_finding):
    history = Remembering(True)
    history.keep(make_finding())
    history.keep(make_finding())
    assert len(History()) == 1


def damaged(path):
    path.write_bytes(b"no database")


def newer(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE runs (id TEXT)")
        connection.execute("PRAGMA user_version = 9")
    connection.close()


def in_no_folder(path):
    path.parent.joinpath("file").write_text("")
    os.environ["LR_FINDER_HISTORY"] = str(path.parent / "file" / "history.sqlite")


@pytest.mark.parametrize("harm", [newer, in_no_folder])
def test_a_history_that_fails_is_one_warning(place, make_finding, harm):
    harm(place)
    history = Remembering(True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert history.earlier({"optimizer": "Adam"}, {}) == {}
        history.keep(make_finding())
    (warning,) = caught
    assert str(warning.message).startswith("History: this run is not kept, because ")
    assert str(warning.message).endswith("The result itself is whole.")


def test_a_damaged_history_is_begun_anew(place, make_finding):
    damaged(place)
    with pytest.warns(UserWarning, match="History: .* was damaged"):
        Remembering(True).keep(make_finding())
    assert len(History()) == 1


def test_a_disk_that_fails_loses_no_result(make_finding, monkeypatch):
    def fail(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(History, "add", fail)
    with pytest.warns(UserWarning, match="No space left on device"):
        Remembering(True).keep(make_finding())

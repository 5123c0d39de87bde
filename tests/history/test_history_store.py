"""The file of the history: whole after anything that may happen to it."""

import contextlib
import sqlite3
import subprocess
import sys

import pytest

from lr_finder.errors import InputError, LRFinderError
from lr_finder.history import history_store
from lr_finder.history.history_store import LATEST_VERSION, HistoryStore

WRITER = """
import sys, uuid
from pathlib import Path
from lr_finder.history.history_store import HistoryStore
from lr_finder.history.kept_columns import checked_run
for _ in range(25):
    run = {"id": uuid.uuid4().hex, "date": "2026-11-30T12:00:00", "optimizer": "Adam"}
    HistoryStore(Path(sys.argv[1])).add([checked_run(run)])
"""


@pytest.fixture
def store(tmp_path):
    return HistoryStore(tmp_path / "folder" / "history.sqlite")


def execute(path, *commands):
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        for command in commands:
            connection.execute(command)


def test_reading_makes_no_file(store):
    assert (store.select(), store.delete()) == ([], 0)
    assert not store.path.parent.exists()


def test_what_was_added_is_read_by_date_and_what_is_known_is_not_added(store, make_run):
    late, early = (
        make_run(date="2026-11-02T00:00:00"),
        make_run(
            date="2026-11-01T00:00:00", parameters=2**62, verified=1.2345678901234567e-3
        ),
    )
    assert store.add([late, early]) == 2
    assert store.select() == [early, late]
    assert store.add([late | {"optimizer": "SGD"}, make_run()]) == 1
    assert [run["optimizer"] for run in store.select("id = ?", [late["id"]])] == [
        "Adam"
    ]


def test_a_deleted_run_leaves_nothing_in_the_file(store, make_run):
    store.add([make_run(loss="a_rare_name_of_a_loss"), make_run()])
    assert b"a_rare_name_of_a_loss" in store.path.read_bytes()
    assert store.delete("loss IS NOT NULL") == 1
    assert len(store.select()) == 1
    assert b"a_rare_name" not in store.path.read_bytes()


def test_a_failure_on_the_way_changes_nothing(store, make_run):
    store.add([make_run()])
    before = store.select()
    with pytest.raises(LRFinderError):
        store.add([make_run(), {"id": "a run without columns"}])
    assert store.select() == before


def test_two_processes_lose_no_run(store):
    path = str(store.path)
    runs = [subprocess.Popen([sys.executable, "-c", WRITER, path]) for _ in range(2)]
    assert [run.wait(timeout=120) for run in runs] == [0, 0]
    assert len(store.select()) == 50
    assert list(store.path.parent.iterdir()) == [store.path]


def test_a_file_of_a_newer_version_is_left_alone(store, make_run):
    store.add([make_run()])
    execute(store.path, f"PRAGMA user_version = {LATEST_VERSION + 1}")
    before = store.path.read_bytes()
    for use in (store.select, store.delete, lambda: store.add([make_run()])):
        with pytest.raises(
            InputError, match="version 2, which a newer .*Update lr_finder"
        ):
            use()
    assert store.path.read_bytes() == before


def test_a_database_of_another_program_is_left_alone(store, make_run):
    store.path.parent.mkdir()
    execute(store.path, "CREATE TABLE songs (name TEXT)")
    before = store.path.read_bytes()
    with pytest.raises(InputError, match="of another program"):
        store.add([make_run()])
    assert store.path.read_bytes() == before


@pytest.mark.parametrize("damage", ["no database", "a page"])
def test_a_damaged_file_is_kept_aside_and_a_new_one_begun(store, make_run, damage):
    store.add([make_run() for _ in range(200)])
    content = bytearray(store.path.read_bytes())
    content[:] = b"not a database" * 99 if damage == "no database" else content
    if damage == "a page":
        content[4096:8192] = b"\x7f" * 4096
    store.path.write_bytes(content)
    new = make_run()
    assert store.add([new]) == 1
    assert store.select() == [new]
    assert store.set_aside.read_bytes() == content
    assert store.set_aside.name.startswith("history.damaged-")


def test_a_file_that_another_process_replaced_is_not_set_aside(
    store, make_run, monkeypatch
):
    store.add([make_run()])
    answers = iter([(1, 1), (1, 2)])
    monkeypatch.setattr(history_store, "_identity", lambda path: next(answers))
    monkeypatch.setattr(history_store, "_is_sound", lambda path: False)
    store.add([make_run()])
    monkeypatch.undo()
    assert len(store.select()) == 2 and store.set_aside is None


def test_a_full_disk_is_told_and_keeps_what_was_there(store, make_run, monkeypatch):
    store.add([make_run()])
    connect = sqlite3.connect

    def full(*given, **more):
        connection = connect(*given, **more)
        connection.execute("PRAGMA max_page_count = 3")
        return connection

    monkeypatch.setattr(history_store.sqlite3, "connect", full)
    with pytest.raises(LRFinderError, match=r"disk is full\. Make room on the disk"):
        store.add([make_run(layers="Dense 1, " * 12 + "Dense 1") for _ in range(200)])
    monkeypatch.undo()
    assert len(store.select()) == 1 and store.set_aside is None


def test_a_file_in_use_is_waited_for_and_then_told(store, make_run, monkeypatch):
    store.add([make_run()])
    monkeypatch.setattr(history_store, "WAIT", 0.05)
    with contextlib.closing(sqlite3.connect(store.path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LRFinderError, match="Another process writes it"):
            store.add([make_run()])
    assert store.add([make_run()]) == 1 and store.set_aside is None


def test_a_folder_that_cannot_be_made_is_told(tmp_path, make_run):
    (tmp_path / "file").write_text("")
    store = HistoryStore(tmp_path / "file" / "history.sqlite")
    with pytest.raises(LRFinderError, match="Check the folder"):
        store.add([make_run()])

"""The store: what goes in comes out, whole, once, and only from one process."""

import math
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap

import pytest

from lr_finder.errors import InputError
from lr_finder.experiments.comparison.records import SHARED, RunRecord
from lr_finder.experiments.comparison.run_store import RunStore
from lr_finder.results.comparison_runs import RUN_TYPES

ABOUT = {"data": "digits", "metric": "accuracy"}


def record(key="a1", status="finished", n_epochs=2, **values):
    epochs = [
        {"epoch": i + 1, "loss": 1 / (i + 1), "accuracy": math.nan, "val_loss": 0.5,
         "val_accuracy": math.nan, "epoch_rate": 0.1, "elapsed": i + 1.0}
        for i in range(n_epochs)
    ]  # fmt: skip
    return RunRecord({"key": key, "status": status, "seed": 3, **values}, epochs)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs.sqlite"


def test_a_run_comes_back_as_it_was(path):
    kept = record(optimizer="adam", test_loss=0.1 + 0.2, low=math.nan)
    with RunStore(path, ABOUT) as store:
        store.add(kept)
    with RunStore(path) as store:
        (row,) = store.runs().to_dict("records")
        epochs = store.epochs()
        assert store.about == ABOUT
    assert list(row) == list(RUN_TYPES)
    assert row["test_loss"] == 0.1 + 0.2 and row["epochs_run"] == 2
    assert math.isnan(row["low"]) and row["message"] == ""
    assert epochs["loss"].tolist() == [1.0, 0.5]
    assert epochs["accuracy"].isna().all()
    assert epochs["optimizer"].tolist() == ["adam"] * 2
    assert set(SHARED) < set(epochs)


def test_scores_of_epochs_are_kept_beside_runs_without(path):
    scored = record(key="b2")
    for row in scored.epochs:
        row["epoch_test_loss"] = row["loss"] / 3
    with RunStore(path, ABOUT) as store:
        store.add(record())
        assert "epoch_test_loss" not in store.epochs()
        store.add(scored)
        store.add(record(key="c3"))
        told = store.epochs().set_index("key")["epoch_test_loss"]
    assert told["b2"].tolist() == [1 / 3, 0.5 / 3]
    assert told[["a1", "c3"]].isna().all() and told.dtype == float


def test_a_second_try_takes_the_place_of_the_first(path):
    with RunStore(path, ABOUT) as store:
        store.add(record(status="failed", n_epochs=3))
        assert store.final_keys() == set()
        store.add(record(n_epochs=1))
        assert store.final_keys() == {"a1"}
        assert len(store.runs()) == len(store.epochs()) == 1


def test_runs_keep_the_order_in_which_they_ended(path):
    with RunStore(path, ABOUT) as store:
        for key in "zmaq":
            store.add(record(key))
        assert store.runs()["key"].tolist() == list("zmaq")


@pytest.mark.parametrize("status", ["finished", "diverged", "no_rate"])
def test_what_would_end_alike_again_is_final(path, status):
    with RunStore(path, ABOUT) as store:
        store.add(record(status=status))
        assert store.final_keys() == {"a1"}


def test_an_empty_store_has_frames_with_all_columns(path):
    with RunStore(path, ABOUT) as store:
        assert list(store.runs()) == list(RUN_TYPES)
        assert len(store.runs()) == len(store.epochs()) == 0


def test_other_data_is_refused_and_nothing_changed(path):
    with RunStore(path, ABOUT) as store:
        store.add(record())
    with pytest.raises(InputError, match="digits"):
        RunStore(path, {**ABOUT, "data": "letters"})
    with RunStore(path, ABOUT) as store:  # the lock was let go
        assert len(store.runs()) == 1


KNOWN = ABOUT | {"fingerprint": "17828a", "target": "price", "train_rows": 60,
                 "backend": "tensorflow"}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"target": "area"}, "Received: target 'area' in place of 'price'."),
        ({"metric": "loss", "target": "area"}, "Received: target 'area' in place of "
         "'price', a comparison by loss in place of accuracy."),
        ({"train_rows": 30}, "Received: 30 rows to train on in place of 60."),
        ({}, "Received: other numbers of the same name (digits): a changed "
         "file, or another `seed`, `limit` or `drop`."),
    ],
)  # fmt: skip
def test_what_differs_is_told_in_words(path, changes, told):
    with RunStore(path, KNOWN):
        pass
    with pytest.raises(InputError) as caught:
        RunStore(path, KNOWN | {"fingerprint": "4d45"} | changes)
    assert told in str(caught.value) and "Name another folder" in str(caught.value)
    assert "17828a" not in str(caught.value) and "4d45" not in str(caught.value)


def test_another_backend_is_told_as_such(path):
    with RunStore(path, KNOWN):
        pass
    with pytest.raises(InputError, match="the backend jax in place of tensorflow"):
        RunStore(path, KNOWN | {"backend": "jax"})


def test_a_new_name_of_the_same_data_is_no_other_data(path):
    with RunStore(path, KNOWN) as store:
        store.add(record())
    with RunStore(path, KNOWN | {"target": "prize"}) as store:
        assert len(store.runs()) == 1


def test_one_process_writes_and_others_read(path):
    with RunStore(path, ABOUT) as store:
        store.add(record())
        with pytest.raises(InputError, match="one comparison at a time"):
            RunStore(path, ABOUT)
        with RunStore(path) as reader:
            assert len(reader.runs()) == 1
            store.add(record("b2"))
            assert len(reader.runs()) == 2


def test_a_file_of_an_earlier_version_takes_what_follows_from_the_data(path):
    with RunStore(path, ABOUT) as store:
        store.add(record())
    for _ in range(2):
        with RunStore(path, ABOUT | {"test_rows": 80}) as store:
            assert store.about == ABOUT | {"test_rows": 80}
    with RunStore(path) as store:
        assert store.about["test_rows"] == 80 and len(store.runs()) == 1
    with pytest.raises(InputError, match="90 rows to test in place of 80"):
        RunStore(path, ABOUT | {"test_rows": 90})


def test_a_file_without_a_column_of_later_versions_is_read_and_gone_on_with(path):
    with RunStore(path, ABOUT) as store:
        store.add(record(test_loss=0.5, callbacks="early stopping"))
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE runs DROP COLUMN callbacks")
    connection.close()
    with RunStore(path) as store:  # as it is, to read
        runs = store.runs()
    assert list(runs) == list(RUN_TYPES)
    assert runs["callbacks"].tolist() == [""] and runs["test_loss"].tolist() == [0.5]
    for _ in range(2):
        with RunStore(path, ABOUT) as store:
            store.add(record("b2", callbacks="none"))
            assert store.runs()["callbacks"].tolist() == ["", "none"]
            assert list(store.runs()) == list(RUN_TYPES)


@pytest.mark.parametrize("content", [b"no database" * 100, b"\0" * 5000])
def test_a_file_of_something_else_is_refused_and_kept(path, content):
    path.write_bytes(content)
    for about in (ABOUT, None):
        with pytest.raises(InputError, match=r"runs\.sqlite"):
            RunStore(path, about)
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_refused(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE runs (a TEXT)")
    connection.close()
    with pytest.raises(InputError, match="comparison"):
        with RunStore(path) as store:
            store.runs()


def test_a_missing_file_cannot_be_read(path):
    with pytest.raises(InputError, match="no such file"):
        RunStore(path)
    assert not path.exists()


def test_kill_leaves_all_that_was_added_and_no_lock(path):
    script = """
        import sys, time
        from lr_finder.experiments.comparison.records import RunRecord
        from lr_finder.experiments.comparison.run_store import RunStore
        store = RunStore(sys.argv[1], {"data": "digits", "metric": "accuracy"})
        for i in range(5):
            epochs = [{"epoch": 1, "loss": 1.0}]
            store.add(RunRecord({"key": f"k{i}", "status": "finished"}, epochs))
        print("ready", flush=True)
        time.sleep(60)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), str(path)],
        stdout=subprocess.PIPE,
    )
    with process:
        process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
    with RunStore(path, ABOUT) as store:
        assert store.final_keys() == {f"k{i}" for i in range(5)}
        assert len(store.epochs()) == 5

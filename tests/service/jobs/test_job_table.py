"""The table of jobs: what is kept, in which order, and through what."""

import sqlite3
import threading

import pytest

from lr_finder.errors import InputError
from lr_finder.service.jobs.job_table import JobStore
from lr_finder.service.refused import Refusal


@pytest.fixture
def path(tmp_path):
    return tmp_path / "jobs.sqlite"


@pytest.fixture
def store(path):
    made = JobStore(path)
    yield made
    made.close()


def add(store, *names, kind="finding", queue=100):
    return [store.add(name, kind, "a.csv", {"steps": 9}, queue) for name in names]


def test_jobs_are_begun_in_the_order_of_arrival(store):
    add(store, "a", "b", "c")
    assert [store.claim().id for _ in range(3)] == ["a", "b", "c"]
    assert store.claim() is None


def test_no_job_is_begun_twice_by_many_threads(store):
    add(store, *map(str, range(60)))
    claimed, threads = [], []

    def claim():
        while (job := store.claim()) is not None:
            claimed.append(job.id)

    for _ in range(6):
        threads.append(threading.Thread(target=claim))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert sorted(claimed, key=int) == list(map(str, range(60)))


def test_a_job_that_waits_again_keeps_its_place_and_counts_its_attempts(store):
    add(store, "a", "b")
    store.claim()
    store.requeue("a", has_died=True)
    job = store.claim()
    assert (job.id, job.attempt, job.deaths) == ("a", 2, 1)


def test_what_has_ended_is_not_begun_again(store):
    add(store, "a")
    store.claim()
    store.end("a", "failed", {"type": "X", "message": "é"})
    store.requeue("a")
    job = store.get("a")
    assert (job.state, job.error) == ("failed", {"type": "X", "message": "é"})
    assert job.has_ended and job.options == {"steps": 9}


def test_a_job_beyond_the_queue_is_not_kept(store):
    add(store, "a", "b", queue=2)
    with pytest.raises(Refusal, match="2 jobs wait"):
        add(store, "c", queue=2)
    assert store.identities() == {"a", "b"}


def test_cancelling(store):
    add(store, "a", "b")
    store.claim()
    assert store.cancel("a", "finding").state == "running"
    assert store.get("a").state == "running" and store.get("a").is_cancelled
    assert store.cancel("b", "finding").state == "queued"
    assert store.get("b").state == "cancelled"
    for identity, kind in (("c", "finding"), ("a", "comparison")):
        with pytest.raises(Refusal, match="There is no"):
            store.cancel(identity, kind)


def test_pages(store):
    add(store, *"abcde")
    add(store, "x", kind="comparison")
    names = [job.id for job in store.page("finding", None, None, 2)]
    assert names == ["e", "d"]
    before = store.get("d").number
    assert [job.id for job in store.page("finding", None, before, 9)] == ["c", "b", "a"]
    store.claim()
    assert [job.id for job in store.page("finding", "running", None, 9)] == ["a"]


def test_a_job_outlives_the_process(path):
    store = JobStore(path)
    add(store, "a")
    store.close()
    again = JobStore(path)
    assert again.get("a").state == "queued"
    again.close()


def test_two_services_do_not_share_a_folder(store, path):
    with pytest.raises(InputError, match="another service has open"):
        JobStore(path)
    assert add(store, "a")  # which goes on


def test_a_file_of_a_later_version_is_refused(path):
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    with pytest.raises(InputError, match=r"version 7, of a later lr_finder.*`folder`"):
        JobStore(path)


def test_what_is_no_database_is_refused(path):
    path.write_bytes(b"no database" * 100)
    with pytest.raises(InputError, match="not a database"):
        JobStore(path)


def test_a_full_disk_loses_nothing(store):
    """The file may not grow: as on a full disk, SQLite says so."""
    add(store, "a")
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        store.add("b", "finding", "x" * 100_000, {}, 9)
    assert store.identities() == {"a"}
    store._connection.execute("PRAGMA max_page_count = 1000000")
    assert add(store, "b") and store.claim().id == "a"

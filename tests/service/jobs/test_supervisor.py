"""Jobs through kills of their process, and restarts of the service."""

import os
import signal
import time

from tests.service.conftest import Client
from tests.service.fake_worker import FOR_EVER

SOON = 0.3  # s, of a job that takes a while


def notes(client):
    """`(job, what, process, time)` of each line that processes wrote."""
    path = client.service.settings.folder / "notes.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    return [line.split() for line in lines]


def until_begun(client, n=1):
    end = time.monotonic() + 60
    while sum(line[1] == "begins" for line in notes(client)) < n:
        assert time.monotonic() < end
        time.sleep(0.02)


def kill_latest(client):
    process = int(notes(client)[-1][2])
    os.kill(process, signal.SIGKILL)


def test_a_process_that_is_killed_is_begun_anew(client):
    place = client.begin(int(1000 * SOON)).headers["location"]
    until_begun(client)
    kill_latest(client)
    told = client.until(place, "done")
    assert told["result"]["lr"] == 300
    assert [line[1] for line in notes(client)] == ["begins", "begins", "ends"]
    kept = client.service.folders.of(told["id"])
    assert sorted(path.name for path in kept.iterdir()) == ["lock", "result-2"]


def test_a_process_that_is_killed_again_and_again_has_failed(client):
    place = client.begin(FOR_EVER).headers["location"]
    for n in range(1, 4):
        until_begun(client, n)
        kill_latest(client)
    told = client.until(place, "failed")
    assert "signal 9" in told["error"]["message"]


def test_a_service_that_is_stopped_goes_on_next_time(opened, fake):
    first = Client(opened(is_started=True))
    places = [first.begin(int(1000 * SOON)).headers["location"] for _ in range(2)]
    until_begun(first)
    assert first.service.stop(0) == 2
    again = Client(opened(is_started=True))
    for place in places:
        assert again.until(place, "done")["result"]["lr"] == 300


def test_a_service_that_ends_waits_for_what_runs_and_begins_nothing(opened, fake):
    first = Client(opened(is_started=True))
    first.begin(int(1000 * SOON))
    until_begun(first)
    first.begin()
    assert first.service.stop(30) == 1
    assert [line[1] for line in notes(first)] == ["begins", "ends"]


def test_a_result_that_was_written_before_a_crash_is_kept(opened, fake):
    """The process had renamed its folder; the table does not know of it yet."""
    first = Client(opened())
    identity = first.begin().json()["id"]
    job = first.service.store.claim()
    whole = first.service.folders.whole(identity, job.attempt)
    whole.mkdir()
    (whole / "result.json").write_text('{"lr": 1}')
    first.service.stop(0)
    again = Client(opened(is_started=True))
    assert again.get(f"/v1/findings/{identity}").json()["result"] == {"lr": 1}
    assert notes(again) == []


def test_what_was_cut_off_while_it_arrived_is_removed(opened, fake):
    first = Client(opened())
    kept = first.begin().json()["id"]
    first.service.folders.new("half")
    (first.service.folders.folder / "unknown").mkdir()
    first.service.stop(0)
    again = Client(opened(is_started=True))
    assert [path.name for path in again.service.folders.folder.iterdir()] == [kept]


def test_a_disk_that_is_full_for_a_while_loses_no_job(client, monkeypatch):
    import errno

    from lr_finder.service.jobs import supervisor

    monkeypatch.setattr(supervisor, "TRY_AGAIN", 0.05)
    popen, tries = supervisor.subprocess.Popen, []

    def full(*given, **named):
        tries.append(given)
        if len(tries) < 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return popen(*given, **named)

    monkeypatch.setattr(supervisor.subprocess, "Popen", full)
    place = client.begin(5).headers["location"]
    assert client.until(place, "done")["result"]["lr"] == 5
    assert len(tries) == 3


def test_a_full_disk_while_data_arrives_is_an_answer(waiting, monkeypatch):
    import errno

    from lr_finder.service import receiving

    def full(*given):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(receiving.shutil, "copyfileobj", full)
    answer = waiting.begin()
    assert answer.status_code == 503
    assert "disk" in answer.json()["error"]["message"]
    monkeypatch.undo()
    assert list(waiting.service.folders.folder.iterdir()) == []
    assert waiting.get("/v1/findings").json()["jobs"] == []

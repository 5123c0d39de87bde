"""A service on a real socket: Ctrl-C, `kill -9`, load, and what nobody should send."""

import concurrent.futures
import contextlib
import io
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.service.serving import bound

from .conftest import TABLE
from .fake_worker import FOR_EVER
from .hostile_requests import NO_REQUESTS, TOKEN, hostile_requests

httpx = pytest.importorskip("httpx2")
ROOT = Path(__file__).parents[2]
START = 60.0  # s, that a service on a busy machine may take to start


class Server:
    """A service in a process of its own, which tests may kill."""

    def __init__(self, folder, **given):
        self.folder, self.given = folder, given
        self.begin()

    def begin(self):
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        script = Path(__file__).with_name("run_server.py")
        self.process = subprocess.Popen(
            [sys.executable, script, self.folder, json.dumps(self.given)],
            stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True,
        )  # fmt: skip
        address = self.process.stdout.readline().strip()
        headers = {}
        if "token" in self.given:
            headers["Authorization"] = f"Bearer {self.given['token']}"
        self.http = httpx.Client(base_url=address, headers=headers, timeout=60)

    def end(self, number=signal.SIGKILL):
        """End it; what it printed last, its exit code and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        told, _ = self.process.communicate()
        self.http.close()
        return told.strip(), self.process.returncode, time.monotonic() - began

    def post(self, seed=0, content=TABLE, **given):
        options = {"options": json.dumps({"seed": seed})}
        files = {"file": ("prices.csv", content)}
        return self.http.post("/v1/findings", files=files, data=options, **given)

    def jobs(self):
        return self.http.get("/v1/findings?limit=200").json()["jobs"]

    def notes(self):
        path = self.folder / "notes.txt"
        return [line.split() for line in path.read_text().splitlines()]


@pytest.fixture
def server(tmp_path):
    """Makes servers; all are ended."""
    made = []

    def make(**given):
        made.append(Server(tmp_path / "service", **given))
        return made[-1]

    yield make
    for each in made:
        if each.process.poll() is None:
            each.end()


def until_running(server):
    while not any(job["state"] == "running" for job in server.jobs()):
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_waits_for_what_runs(server, number):
    one = server()
    one.post(500)
    until_running(one)
    one.post()
    told, code, _ = one.end(number)
    assert (told, code) == ("left 1", 0)
    assert [line[1] for line in one.notes()] == ["begins", "ends"]


def test_a_port_in_use_is_said(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(InputError, match=f"port={port}, which is in use"):
            bound("127.0.0.1", port)
    with pytest.raises(InputError, match="`host`"):
        bound("no.such.host.invalid", 0)


@pytest.mark.slow
def test_the_first_signal_waits_30_seconds_at_most(server):
    one = server()
    place = one.post(FOR_EVER).headers["location"]
    until_running(one)
    told, code, seconds = one.end(signal.SIGINT)
    assert (told, code) == ("left 1", 0)
    assert 25 < seconds < 40
    one.begin()
    assert one.http.get(place).json()["state"] in ("queued", "running")


@pytest.mark.slow
def test_the_second_signal_waits_no_longer(server):
    one = server()
    place = one.post(FOR_EVER).headers["location"]
    until_running(one)
    one.process.send_signal(signal.SIGINT)
    time.sleep(2)
    _, _, seconds = one.end(signal.SIGINT)
    assert seconds < 20
    one.begin()
    assert one.http.get(place).json()["state"] in ("queued", "running")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_no_job_is_lost_whatever_is_killed(server):
    """Server and processes are killed at random; every job ends whole, and once."""
    rng, accepted = random.Random(0), []
    one = server(limits={"jobs": 2, "queue": 500})
    for _ in range(25):
        end = time.monotonic() + rng.uniform(0, 1.0)
        while time.monotonic() < end:
            try:
                answer = one.post(rng.randrange(200))
            except httpx.HTTPError:
                break
            accepted.append(answer.json()["id"])
        if rng.random() < 0.4:
            kill_a_job(one, rng)
        if rng.random() < 0.8:
            one.end()
            one.begin()
    while any(job["state"] in ("queued", "running") for job in all_jobs(one)):
        time.sleep(0.1)
    jobs = {job["id"]: job for job in all_jobs(one)}
    assert len(accepted) > 20 and set(accepted) <= set(jobs)
    for identity in accepted:
        told = one.http.get(f"/v1/findings/{identity}").json()
        assert told["state"] == "done", told
        assert told["result"]["lr"] == told["options"]["seed"]
        for address in told["files"].values():
            assert len(one.http.get(address).content) == 1000
    check_never_at_once(one.notes())


def all_jobs(one):
    jobs, following = [], ""
    while True:
        page = one.http.get(f"/v1/findings?limit=200{following}").json()
        jobs += page["jobs"]
        if page["next"] is None:
            return jobs
        following = f"&before={page['next']}"


def kill_a_job(one, rng):
    """Kill a process that does a job."""
    alive = {line[2] for line in one.notes() if line[1] == "begins"}
    alive -= {line[2] for line in one.notes() if line[1] == "ends"}
    for process in rng.sample(sorted(alive), len(alive)):
        try:
            command = Path(f"/proc/{process}/cmdline").read_bytes()
            if b"fake_worker" in command:
                os.kill(int(process), signal.SIGKILL)
                return
        except (OSError, ProcessLookupError):
            continue


def check_never_at_once(notes):
    """A process that began a job was dead when the next one began it."""
    by_job = {}
    for job, what, process, _ in notes:
        by_job.setdefault(job, []).append((what, process))
    for steps in by_job.values():
        assert sum(what == "ends" for what, _ in steps) <= 2  # killed while it renames
        current = None
        for what, process in steps:
            if what == "begins":
                current = process
            else:
                assert process == current


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_300_requests_at_once_are_answered_right(server):
    """Each curve has a rate of its own; half of the answers are of tables."""
    from lr_finder.analysis.sweep.suggestion import suggest
    from lr_finder.results.sweep import Curve, SweepResult

    one = server(limits={"suggestions": 400, "connections": 500})
    rates = np.geomspace(1e-6, 10, 100)

    def asked(i):
        losses = 2 / (1 + rates / (1e-4 * 1.02**i)) + (rates / (1e-1 * 1.01**i)) ** 2
        if i % 3 == 2:  # and some are refused
            body = {"learning_rates": rates.tolist(), "losses": losses.tolist()[1:]}
            return losses, one.http.post("/v1/suggestions", json=body)
        if i % 3:
            rows = zip(rates.tolist(), losses.tolist(), strict=True)
            table = "lr,loss\n" + "".join(f"{lr!r},{loss!r}\n" for lr, loss in rows)
            kind = {"content-type": "text/csv"}
            return losses, one.http.post("/v1/suggestions", content=table, headers=kind)
        body = {"learning_rates": rates.tolist(), "losses": losses.tolist()}
        return losses, one.http.post("/v1/suggestions", json=body)

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(asked, range(300)))
    for i, (losses, answer) in enumerate(answers):
        if i % 3 == 2:
            assert answer.status_code == 422
            continue
        wanted = suggest(SweepResult([Curve(rates, losses, "unknown")]))
        assert answer.json()["lr"] == pytest.approx(wanted.lr, rel=1e-9), i


def raw(address, content, pause=0.0, wait=3.0):
    """Send bytes that are no request, perhaps slowly; what comes back."""
    host, port = address.removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=wait) as connection:
        with contextlib.suppress(OSError):  # it may be closed meanwhile
            for part in content:
                connection.sendall(part)
                time.sleep(pause)
        with contextlib.suppress(OSError):
            return connection.recv(4096)
        return b""


def memory_of(process):
    """MiB that a process holds; and with its children."""
    import psutil

    parent = psutil.Process(process.pid)
    held = [each.memory_info().rss for each in [parent, *parent.children(True)]]
    return np.array([held[0], sum(held)]) / 2**20


def send_all(server, requests):
    """The statuses of all answers; no fault of the service is among them."""
    statuses = []
    for method, path, given in requests:
        try:
            answer = server.http.request(method, path, **given)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, UnicodeError):
            continue  # the client does not send it
        statuses.append(answer.status_code)
        assert answer.status_code < 500 or answer.status_code == 503, (path, given)
    return statuses


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_1000_hostile_requests_leave_the_service_as_it_was(server):
    rng = random.Random(0)
    limits = {"receiving": 2.0, "suggestion_seconds": 5.0}
    one = server(token=TOKEN, limits=limits)
    requests = list(hostile_requests(rng))
    send_all(one, rng.sample(requests, 100))  # what is loaded late is loaded now
    before = memory_of(one.process)
    statuses = send_all(one, requests)
    for name, content in NO_REQUESTS.items():
        told = raw(str(one.http.base_url), content)
        assert b" 500 " not in told, name
    slow = NO_REQUESTS["a body that ends"] + [b"x"] * 15
    assert b" 408 " in raw(str(one.http.base_url), slow, pause=0.1, wait=20)
    time.sleep(1)
    after = memory_of(one.process)
    assert len(statuses) >= 1000
    assert {200, 202, 401, 404, 405, 413, 415, 422} <= set(statuses)
    assert (after - before <= 50).all(), (before, after)
    assert one.http.get("/v1/health").json()["status"] == "ok"
    print(f"{len(statuses)} answers; MiB before {before}, after {after}")


def test_some_hostile_requests_are_refused(server):
    rng = random.Random(1)
    one = server(token=TOKEN, limits={"receiving": 2.0, "suggestion_seconds": 5.0})
    requests = rng.sample(list(hostile_requests(rng)), 40)
    assert len(send_all(one, requests)) > 30
    for name in ("no HTTP", "two lengths", "a length below 0"):
        assert b" 500 " not in raw(str(one.http.base_url), NO_REQUESTS[name])


def test_a_large_upload_takes_little_memory_of_the_service(server):
    """20 MiB arrive in pieces, and lie on the disk."""
    one = server()
    one.post(FOR_EVER)  # what is loaded late is loaded now
    before = memory_of(one.process)
    content = io.BytesIO(b"1,2\n" * (5 * 2**20))
    answer = one.post(FOR_EVER, content)
    assert answer.status_code == 202
    assert (memory_of(one.process) - before)[0] < 50

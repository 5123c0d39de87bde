"""`lr_finder serve`: what is refused at once, and a call that works."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("fastapi")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def token(tmp_path):
    path = tmp_path / "token.txt"
    path.write_text("a-token-of-the-tests")
    return path


def refused(command, *arguments):
    run = command("serve", *arguments)
    assert (run.code, run.err.count("\n")) == (2, 1)
    assert "Traceback" not in run.err
    return run.err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.1", "example.org"])
def test_another_host_needs_a_token(command, tmp_path, host):
    told = refused(command, "--host", host, "--dir", tmp_path / "jobs")
    assert "Option --host must be a loopback address" in told
    assert "--token-file" in told
    assert not (tmp_path / "jobs").exists()


def test_a_token_file_must_be_readable(command, tmp_path):
    told = refused(command, "--token-file", tmp_path / "none")
    assert "Option --token-file" in told and "No such file" in told
    short = tmp_path / "short"
    short.write_text("1234")
    assert "16 to 512 characters" in refused(command, "--token-file", short)


def test_a_port_in_use_is_refused(command, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        told = refused(command, "--port", port, "--dir", tmp_path / "jobs")
    assert "Option --port must be one that a service can listen on" in told
    assert f"Received: --port {port}, which is in use" in told


def test_jobs_of_a_later_version_are_refused(command, tmp_path):
    with sqlite3.connect(tmp_path / "jobs.sqlite") as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    told = refused(command, "--port", 0, "--dir", tmp_path)
    assert "version 9, of a later lr_finder" in told and "--dir" in told


def test_a_folder_that_cannot_be_made_is_refused(command, tmp_path):
    (tmp_path / "file").touch()
    run = command("serve", "--port", 0, "--dir", tmp_path / "file")
    assert run.code in (1, 2) and "file" in run.err and "Traceback" not in run.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--jobs", 0), ("--queue", 0), ("--time-limit", 0), ("--memory", -1),
        ("--max-upload", 0), ("--max-stored", 0), ("--port", -1), ("--port", 65_536),
    ],
    ids=str,
)  # fmt: skip
def test_limits_must_leave_something(command, arguments):
    assert f"Option {arguments[0]} must be" in refused(command, *arguments)


def test_it_serves_until_a_signal(tmp_path, token):
    httpx = pytest.importorskip("httpx2")
    process = subprocess.Popen(
        [sys.executable, "-m", "lr_finder", "serve", "--port", "0", "--dir", tmp_path,
         "--token-file", token],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        line = process.stdout.readline()
        address = line.split()[2]
        assert line.startswith("Serving at http://127.0.0.1:")
        assert httpx.get(f"{address}/v1/health").json()["status"] == "ok"
        assert httpx.get(f"{address}/v1/findings").status_code == 401
        headers = {"Authorization": f"Bearer {token.read_text()}"}
        told = httpx.get(f"{address}/v1/findings", headers=headers).json()
        assert told == {"jobs": [], "next": None}
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert out.endswith("Stopped.\n")

"""A service for tests: with a process that needs no Keras, and with the real one."""

import contextlib
import dataclasses
import importlib.util
import sqlite3
import sys
import time
from pathlib import Path

import pytest

NEEDED = ("fastapi", "fastapi_offline", "uvicorn", "python_multipart", "httpx2")
if any(importlib.util.find_spec(name) is None for name in NEEDED):
    collect_ignore_glob = ["*"]

FAKE = (sys.executable, "-P", str(Path(__file__).with_name("fake_worker.py")))
TABLE = b"area,price\n" + b"".join(b"%d,%d\n" % (i, 5 * i) for i in range(50))
LOCAL = "http://127.0.0.1"


class Client:
    """Asks a service as a program would, without a socket."""

    def __init__(self, service, **headers):
        from starlette.testclient import TestClient

        self.service = service
        self.http = TestClient(
            service.app, LOCAL, headers=headers, raise_server_exceptions=False
        )

    def __getattr__(self, name):
        return getattr(self.http, name)

    def begin(self, seed=0, to="findings", content=TABLE, **options):
        """Send data; the answer."""
        import json

        return self.http.post(
            f"/v1/{to}",
            files={"file": ("prices.csv", content)},
            data={"options": json.dumps({"seed": seed, **options})},
        )

    def until(self, place, *states, seconds=60):
        """What a job tells once it is in one of the states."""
        end = time.monotonic() + seconds
        while (told := self.http.get(place).json())["state"] not in states:
            assert time.monotonic() < end, told
            time.sleep(0.02)
        return told


@pytest.fixture
def fake(monkeypatch):
    """Jobs are done by the process of tests."""
    from lr_finder.service.jobs import supervisor

    monkeypatch.setattr(supervisor, "COMMAND", FAKE)


@pytest.fixture
def settings(tmp_path):
    from lr_finder.service.service_settings import ServiceSettings

    return ServiceSettings(tmp_path / "service")


@pytest.fixture
def opened(settings):
    """Makes services; all are stopped."""
    from lr_finder.service.app import Service

    made = []

    def make(is_started=False, limits=None, **changes):
        changed = dataclasses.replace(settings.limits, **(limits or {}))
        service = Service(dataclasses.replace(settings, limits=changed, **changes))
        made.append(service)
        if is_started:
            service.supervisor.start()
        return service

    yield make
    for service in made:
        with contextlib.suppress(sqlite3.ProgrammingError):  # stopped before
            service.stop(0)


@pytest.fixture
def client(opened, fake):
    """A service whose jobs are done."""
    return Client(opened(is_started=True))


@pytest.fixture
def waiting(opened, fake):
    """A service whose jobs wait."""
    return Client(opened())


@pytest.fixture(scope="session")
def suggesting(tmp_path_factory):
    """A service that is asked for suggestions alone."""
    from lr_finder.service.app import Service
    from lr_finder.service.service_settings import ServiceSettings

    service = Service(ServiceSettings(tmp_path_factory.mktemp("service")))
    yield Client(service)
    service.stop(0)

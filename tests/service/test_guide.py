"""The client of the guide, and its tables, against a service."""

import json
import re
from pathlib import Path

import pytest

from .test_serving import server  # noqa: F401 - a fixture

GUIDE = Path(__file__).parents[2] / "docs/guide/service.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def client_of(text):
    """The code of the client."""
    return re.search(r"^```py\n(.*?)^```", text, re.S | re.M)[1]


def test_the_client_has_ten_lines():
    lines = [line for line in client_of(TEXT).splitlines() if line.strip()]
    assert len([line for line in lines if not line.startswith("#")]) <= 10


def test_the_client_works(server, tmp_path, monkeypatch, capsys):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    Path("prices.csv").write_text("area,price\n1,2\n")
    one = server()
    code = client_of(TEXT).replace(
        "http://127.0.0.1:8000", str(one.http.base_url).rstrip("/")
    )
    code = code.replace('["suggestion"]["lr"]', '["lr"]')  # of the process of tests
    names = {}
    exec(compile(code, "service.md", "exec"), names)
    names["client"].close()
    assert capsys.readouterr().out == "0\n"


def test_the_answer_that_refuses_is_that_of_the_guide(suggesting):
    body = re.search(r"-d \\\n  '(\{.*?\})'", TEXT, re.S)[1]
    answer = suggesting.post(
        "/v1/suggestions", content=body, headers={"content-type": "application/json"}
    )
    told = json.loads(re.search(r"```json\n(.*?)```", TEXT, re.S)[1])["error"]
    found = answer.json()["error"]
    start = told["message"].removesuffix(" …")
    assert answer.status_code == 422 and found["message"].startswith(start)
    assert {**found, "message": told["message"]} == told


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--max-upload", "64 MiB"), ("--time-limit", "1800"), ("--memory", "6144 MiB"),
        ("--jobs", "1 and 16"), ("--max-stored", "4096 MiB"),
    ],
)  # fmt: skip
def test_the_limits_are_those_of_the_guide(option, told):
    from lr_finder.service.service_settings import MEBIBYTE, Limits

    limits = Limits()
    values = {
        "--max-upload": f"{limits.body // MEBIBYTE} MiB",
        "--time-limit": str(limits.seconds),
        "--memory": f"{limits.memory // MEBIBYTE} MiB",
        "--jobs": f"{limits.jobs} and {limits.queue}",
        "--max-stored": f"{limits.stored // MEBIBYTE} MiB",
    }
    assert values[option] == told
    row = next(line for line in TEXT.splitlines() if f"`{option}`" in line)
    assert told in row

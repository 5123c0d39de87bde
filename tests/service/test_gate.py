"""What is refused before a route is reached, and before the body is read."""

import asyncio

import pytest

from lr_finder.service.gate import Gate
from lr_finder.service.service_settings import Limits, ServiceSettings

TOKEN = "a-token-of-the-tests"
LIMITS = Limits(body=100, curve=10, receiving=0.1)


class Asked:
    """A request to a gate before an application that reads the body and answers 200."""

    def __init__(self, token=TOKEN, host="0.0.0.0"):
        self.read, self.sent = [], []
        settings = ServiceSettings(host=host, token=token, limits=LIMITS)
        self.gate = Gate(self.app, settings)

    async def app(self, scope, receive, send):
        from lr_finder.service.refused import Refusal

        status, more = 200, True
        try:
            while more:
                message = await receive()
                self.read.append(message["body"])
                more = message.get("more_body", False)
        except Refusal as refusal:
            status = refusal.status
        await send({"type": "http.response.start", "status": status, "headers": []})

    def __call__(self, path="/v1/findings", chunks=(b"",), pause=0.0, **headers):
        parts = list(chunks)
        listed = {"host": "10.0.0.1:8000", **headers}
        scope = {
            "type": "http",
            "path": path,
            "headers": [(k.encode(), v.encode()) for k, v in listed.items()],
        }

        async def receive():
            await asyncio.sleep(pause)
            body = parts.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(parts)}

        async def send(message):
            self.sent.append(message)

        asyncio.run(self.gate(scope, receive, send))
        return self.sent[0]["status"]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (None, 401), (f"Bearer {TOKEN}", 200), (f"bearer  {TOKEN} ", 200),
        (f"Bearer {TOKEN}x", 401), (f"Bearer {TOKEN[:-1]}", 401), ("Bearer", 401),
        (f"Basic {TOKEN}", 401), (TOKEN, 401), ("Bearer \u00e9", 401), ("", 401),
    ],
)  # fmt: skip
def test_a_request_must_bring_the_token(given, status):
    asked = Asked()
    headers = {} if given is None else {"authorization": given}
    assert asked(chunks=[b"data"], **headers) == status
    assert asked.read == ([b"data"] if status == 200 else [])  # nothing of a stranger's


@pytest.mark.parametrize("path", ["/v1/health", "/docs", "/openapi.json"])
def test_what_says_nothing_of_jobs_needs_no_token(path):
    assert Asked()(path) == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200), ("127.0.0.1", 200), ("[::1]:8000", 200),
        ("evil.example", 403), ("127.0.0.1.evil.example", 403), ("", 403),
    ],
)  # fmt: skip
def test_without_a_token_only_this_machine_is_meant(host, status):
    """A page of another site may point its own name at 127.0.0.1."""
    assert Asked(token=None, host="127.0.0.1")(host=host) == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:8000", 200),
        ("http://evil.example", 403),
        ("null", 403),
        ("http://[", 403),
    ],
)
def test_pages_of_other_sites_send_nothing(origin, status):
    asked = Asked(token=None, host="127.0.0.1")
    assert asked(host="localhost:8000", origin=origin) == status


@pytest.mark.parametrize(
    ("path", "chunks", "length", "status"),
    [
        ("/v1/findings", [b"x" * 100], None, 200),
        ("/v1/findings", [b"x" * 60, b"x" * 41], None, 413),
        ("/v1/findings", [b"x"], "101", 413),
        ("/v1/findings", [b"x"], "9" * 5000, 413),
        ("/v1/suggestions", [b"x" * 11], None, 413),
        ("/v1/suggestions", [b"x" * 10], "10", 200),
    ],
)
def test_a_body_is_bounded(path, chunks, length, status):
    headers = {"authorization": f"Bearer {TOKEN}"}
    if length is not None:
        headers["content-length"] = length
    asked = Asked()
    assert asked(path, chunks, **headers) == status
    assert sum(map(len, asked.read)) <= 100


def test_a_slow_body_is_not_waited_for():
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert Asked()(chunks=[b"x"] * 50, pause=0.01, **headers) == 408
    assert Asked()(chunks=[b"x"] * 2, pause=0.01, **headers) == 200


def test_every_answer_forbids_to_guess_its_kind():
    for asked, headers in (
        (Asked(), {}),
        (Asked(), {"authorization": f"Bearer {TOKEN}"}),
    ):
        asked(**headers)
        assert (b"x-content-type-options", b"nosniff") in asked.sent[0]["headers"]

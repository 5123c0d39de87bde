"""Requests that nobody should send, about 1,000 of them."""

import itertools
import json

from .conftest import TABLE
from .jobs.test_uploads import BAD

TOKEN = "a-token-of-the-tests"
LOCAL = {"Authorization": f"Bearer {TOKEN}"}
TOKENS = (
    None, "", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer é",
    "Bearer " + "x" * 5000,
)  # fmt: skip
PATHS = (
    "/v1/findings/../../etc/passwd", "/v1/findings/%2e%2e%2fjobs.sqlite",
    "/v1/findings/a%00b", "/v1/findings/" + "a" * 3000, "//v1/findings",
    "/v1/findings/%ff%fe/report", "/static-offline-docs/../../core.py",
    "/static-offline-docs/%2e%2e/core.py", "/v1/findings/'; DROP TABLE jobs",
)  # fmt: skip
METHODS = ("GET", "DELETE", "POST", "PUT", "PATCH", "OPTIONS", "TRACE")
QUERIES = tuple(
    itertools.product(
        ("limit", "before", "state"),
        ("-1", "9" * 400, "x", "1e9", "NaN", "%00", "é", ""),
    )
)
KINDS = ("findings", "comparisons")
OPTIONS = (
    "{", "[]", '{"steps": "x"}', '{"a": ' * 1000, '{"seed": 1e400}', "\x00",
    '{"model": "os:system"}', '{"target": "' + "x" * 60_000,
)  # fmt: skip
CURVES = (
    b"", b"{", b"[" * 100_000, b'{"learning_rates":' * 5000, b"null", b"NaN",
    b'{"learning_rates": [1e999], "losses": [1]}', b"\xff\xfe{\x00}\x00",
    b'{"learning_rates": [' + b"9" * 5000 + b'], "losses": [1]}',
    json.dumps({"learning_rates": ["a"] * 100_000, "losses": []}).encode(),
    json.dumps({f"k{i}": 0 for i in range(50_000)}).encode(),
    b'{"learning_rates": "\\ud800", "losses": []}',
    b"lr,loss\n" + b"1,1\n" * 100_000, b"a," * 5_000, b'"' * 100_000, bytes(10**5),
    b"lr,loss\n1e-320,1e308\n1e308,-1e308\n" * 50, b"\xef\xbb\xbf" * 1000,
    b"lr,loss,repeat\n" + b"".join(b"%d,1,%d\n" % (i, i) for i in range(1, 15_000)),
    b"PK\x03\x04" * 1000, b"\x1f\x8b\x08" + bytes(1000), b"x" * (2**20 + 1),
)  # fmt: skip
TYPES_OF_CURVES = (
    "application/json", "text/csv", "text/plain; charset=utf-7", "x",
    "application/x-www-form-urlencoded",
)  # fmt: skip
NAMES = ("../../x", "\x00", "a" * 3000, "/etc/passwd", "é\n", "<script>")
FORM = "multipart/form-data"
TYPES_OF_FORMS = (
    FORM, f"{FORM}; boundary=", f"{FORM}; boundary=" + "x" * 500,
    f"{FORM}; boundary=x; charset=none",
)  # fmt: skip
BROKEN_FORMS = (
    b"", b"--x", b"--x\r\n" * 10_000, b"--x\r\nA: " + b"b" * 10**6,
    b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n--x--',
)  # fmt: skip


def of_strangers():
    """Without the token, or with a wrong one."""
    for token in TOKENS:
        headers = {} if token is None else {"Authorization": token.encode()}
        for path in ("/v1/findings", "/v1/comparisons", "/v1/findings/x/report"):
            yield "GET", path, {"headers": headers}
            yield "POST", path, {"headers": headers, "content": bytes(2**20)}


def of_addresses():
    """Places that are none."""
    for path, method in itertools.product(PATHS, METHODS):
        yield method, path, {"headers": LOCAL}
    for name, value in QUERIES:
        yield "GET", f"/v1/findings?{name}={value}", {"headers": LOCAL}


def of_bodies():
    """Curves and forms that are none."""
    for content, kind in itertools.product(CURVES, TYPES_OF_CURVES):
        headers = LOCAL | {"content-type": kind}
        yield "POST", "/v1/suggestions", {"headers": headers, "content": content}
    for content, kind in itertools.product(BROKEN_FORMS, TYPES_OF_FORMS):
        headers = LOCAL | {"content-type": kind}
        yield "POST", "/v1/findings", {"headers": headers, "content": content}


def of_files():
    """Archives that would do harm, options and names that mean something else."""
    for (content, _), kind in itertools.product(BAD.values(), KINDS):
        yield "POST", f"/v1/{kind}", {"headers": LOCAL, "files": {"file": content}}
    for options, kind in itertools.product(OPTIONS, KINDS):
        given = {"files": {"file": TABLE}, "data": {"options": options}}
        yield "POST", f"/v1/{kind}", {"headers": LOCAL, **given}
    for name in NAMES:
        files = {"file": (name, b"PK\x05\x06" + b"\xff" * 18)}
        yield "POST", "/v1/findings", {"headers": LOCAL, "files": files}


def at_random(rng, n):
    """Bytes without a meaning, behind a start that has one."""
    for _ in range(n):
        kind = rng.choice(["application/json", "text/csv", f"{FORM}; boundary=x"])
        place = rng.choice(["suggestions", "findings", "comparisons"])
        start = rng.choice([b"", b'{"losses": [', b"lr,loss\n", b"--x\r\n"])
        body = start + rng.randbytes(rng.choice([3, 100, 5_000, 100_000]))
        headers = LOCAL | {"content-type": kind}
        yield "POST", f"/v1/{place}", {"headers": headers, "content": body}


def hostile_requests(rng, n=750):
    """All of them as `(method, path, arguments)`.

    Args:
        rng: random.Random.
        n: int, how many of random bytes.
    """
    yield from of_strangers()
    yield from of_addresses()
    yield from of_bodies()
    yield from of_files()
    yield from at_random(rng, n)


NO_REQUESTS = {
    "no HTTP": [b"\x16\x03\x01" + bytes(100)],
    "an endless line": [b"GET /" + b"a" * 200_000],
    "many headers": [b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20_000 + b"\r\n"],
    "two lengths": [
        b"POST /v1/findings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
        b"Content-Length: 4\r\n\r\nabcd"
    ],
    "a length below 0": [
        b"POST /v1/findings HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n"
    ],
    "a broken chunk": [
        b"POST /v1/suggestions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
        b"chunked\r\n\r\nZZ\r\n"
    ],
    "a body that ends": [
        b"POST /v1/suggestions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
        + TOKEN.encode()
        + b"\r\nContent-Length: 100\r\n\r\nabc"
    ],
}

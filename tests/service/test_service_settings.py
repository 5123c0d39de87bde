"""Where a service may listen, and what a token is."""

import os

import pytest

from lr_finder.errors import InputError
from lr_finder.service.service_settings import ServiceSettings, is_loopback, read_token


@pytest.mark.parametrize(
    ("host", "is_one"),
    [
        ("127.0.0.1", True), ("127.8.9.1", True), ("LocalHost", True), ("::1", True),
        ("[::1]", True), ("0.0.0.0", False), ("::", False), ("192.168.0.2", False),
        ("localhost.example", False), ("", False), ("127.0.0.1.example", False),
    ],
)  # fmt: skip
def test_only_loopback_needs_no_token(host, is_one):
    assert is_loopback(host) == is_one
    if is_one:
        assert ServiceSettings(host=host).is_local
    else:
        with pytest.raises(InputError, match="`host` must be a loopback address"):
            ServiceSettings(host=host)
    assert ServiceSettings(host=host, token="a" * 16).is_local == is_one


def test_a_token_is_a_line(tmp_path):
    path = tmp_path / "token.txt"
    path.write_text("0123456789abcdef\n")
    assert read_token(path) == "0123456789abcdef"


@pytest.mark.parametrize(
    "content", [b"", b"short", b"two lines of\nsome length", b"\xff" * 20, b"a" * 600]
)
def test_what_is_no_token_is_refused(tmp_path, content):
    path = tmp_path / "token.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match="`token_file` must"):
        read_token(path)


def test_a_token_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_token(tmp_path / "none")
    with pytest.raises(InputError, match="directory"):
        read_token(tmp_path)
    if os.geteuid():
        path = tmp_path / "token.txt"
        path.touch(mode=0)
        with pytest.raises(InputError, match="Permission"):
            read_token(path)

"""What the owner of a service decides: where it listens, who may use it, how much."""

from __future__ import annotations

import dataclasses
import ipaddress
from pathlib import Path

from lr_finder._text import short_reason
from lr_finder.errors import InputError

MEBIBYTE = 2**20
FOLDER = Path("lr_finder_service")
HOST, PORT = "127.0.0.1", 8000
SHORTEST_TOKEN, LONGEST_TOKEN = 16, 512  # characters


@dataclasses.dataclass(frozen=True)
class Limits:
    """How much one request, one job and all of them may take.

    Args:
        body: int, bytes of a request with data.
        curve: int, bytes of a request with a curve.
        points: int, of a curve.
        rows: int, of a table.
        files: int, in an archive.
        unpacked: int, bytes of an archive or a Parquet file without its compression.
        pixels: int, of all images of an archive together.
        seconds: int, that a job may run.
        receiving: float, seconds in which a request must have arrived.
        memory: int, bytes of addresses of a job's process; 0 for no limit.
        jobs: int, that run at a time.
        queue: int, jobs that wait.
        stored: int, bytes of all jobs on the disk.
        suggestions: int, requests for a suggestion that are answered or wait.
        suggestion_seconds: float, in which one must be found.
        suggestion_memory: int, bytes of addresses of a process that reads curves.
        connections: int, open at a time.
    """

    body: int = 64 * MEBIBYTE
    curve: int = MEBIBYTE
    points: int = 20_000
    rows: int = 2_000_000
    files: int = 20_000
    unpacked: int = 1024 * MEBIBYTE
    pixels: int = 2_000_000_000
    seconds: int = 1800
    receiving: float = 60.0
    memory: int = 6144 * MEBIBYTE
    jobs: int = 1
    queue: int = 16
    stored: int = 4096 * MEBIBYTE
    suggestions: int = 32
    suggestion_seconds: float = 20.0
    suggestion_memory: int = 2048 * MEBIBYTE
    connections: int = 200


@dataclasses.dataclass(frozen=True)
class ServiceSettings:
    """How a service is run.

    Args:
        folder: Path, of the database and the jobs.
        host: str, the address to listen on.
        port: int; 0 for one that is free.
        token: str, what a request must send; None for no check, on loopback only.
        allow_models: bool, whether `.keras` files are taken.
        limits: Limits.

    Raises:
        InputError: If anybody on the network could use it.

    Example:
    >>> ServiceSettings(host="0.0.0.0", token="a" * 16).is_local
    False
    >>> ServiceSettings(host="0.0.0.0")
    Traceback (most recent call last):
    lr_finder.errors.InputError: Argument `host` must be a loopback address if there \
is no token, since anybody who reaches the port could use the service. Received: \
host=0.0.0.0. Add `token_file`, or listen on 127.0.0.1.
    """

    folder: Path = FOLDER
    host: str = HOST
    port: int = PORT
    token: str | None = None
    allow_models: bool = False
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        if self.token is None and not self.is_local:
            raise InputError(
                "Argument `host` must be a loopback address if there is no token, "
                "since anybody who reaches the port could use the service. Received: "
                f"host={self.host}. Add `token_file`, or listen on {HOST}."
            )

    @property
    def is_local(self) -> bool:
        """Whether only programs on this machine reach the service."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, as it calls itself.

    Args:
        host: str, a name or an address.

    Returns:
        bool.

    Example:
    >>> [is_loopback(host) for host in ("localhost", "127.0.0.1", "::1", "10.0.0.1")]
    [True, True, True, False]
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def read_token(path: Path) -> str:
    """The token in a file: one line, of 16 characters or more.

    Args:
        path: Path.

    Returns:
        str.

    Raises:
        InputError: If the file cannot be read, or holds no such line.
    """
    try:
        token = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or short_reason(error)
        raise InputError(
            f"Argument `token_file` must be a file of ASCII text that can be read. "
            f"Received: {path} ({reason}). Check its path and its rights."
        ) from None
    is_line = token.isprintable() and " " not in token
    if not (is_line and SHORTEST_TOKEN <= len(token) <= LONGEST_TOKEN):
        raise InputError(
            f"Argument `token_file` must hold one line of {SHORTEST_TOKEN} to "
            f"{LONGEST_TOKEN} characters without blanks. Received: {path} with "
            f"{len(token)} characters. Write one with: python -c "
            '"import secrets; print(secrets.token_urlsafe())"'
        )
    return token

"""A service on a socket, until Ctrl-C."""

from __future__ import annotations

import contextlib
import errno
import logging
import signal
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn

from lr_finder.errors import InputError
from lr_finder.service.app import Service
from lr_finder.service.service_settings import ServiceSettings

WAITS = 30.0  # s, after the first Ctrl-C, for jobs that run
FOR_ANSWERS = 5  # s of those, for requests that are being answered
BACKLOG = 128


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Args:
        host: str.
        port: int; 0 for one that is free.

    Returns:
        socket.

    Raises:
        InputError: If the port is in use, or the address none of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM
        )[0]
        made = socket.socket(family, kind, protocol)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(address)
            made.listen(BACKLOG)
        except BaseException:
            made.close()
            raise
    except (OSError, OverflowError, UnicodeError) as error:
        in_use = getattr(error, "errno", None) == errno.EADDRINUSE
        name, value = ("port", port) if in_use else ("host", host)
        reason = "which is in use" if in_use else f"which cannot be used ({error})"
        raise InputError(
            f"Argument `{name}` must be one that a service can listen on. Received: "
            f"{name}={value}, {reason}. Choose another."
        ) from None
    return made


def serve(
    settings: ServiceSettings,
    told: Callable[[str], object],
    *,
    waiting: Callable[[], object] = lambda: None,
) -> int:
    """Serve until Ctrl-C or SIGTERM.

    After the first one it accepts nothing new and waits at most 30 seconds for what
    runs. The second ends it at once.

    Args:
        settings: ServiceSettings.
        told: callable, given the address once requests are taken.
        waiting: callable, called when no more requests are taken.

    Returns:
        int, how many jobs have not ended: they begin anew next time.

    Raises:
        InputError: If the port is in use, or the folder is of another service.
    """
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # of bad forms
    listening = bound(settings.host, settings.port)
    with contextlib.closing(listening):
        service = Service(settings)
        host, port = listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        config = uvicorn.Config(
            service.app, log_level="error", access_log=False, lifespan="off",
            limit_concurrency=settings.limits.connections, server_header=False,
            timeout_graceful_shutdown=FOR_ANSWERS,
        )  # fmt: skip
        server = _Server(config)
        with _terminated_as_interrupted():
            try:
                service.start()
                told(f"http://{shown}:{port}")
                with contextlib.suppress(KeyboardInterrupt):
                    server.run([listening])
            finally:
                waiting()
                left = WAITS - (time.monotonic() - (server.ended or time.monotonic()))
                unfinished = service.stop(left)
        return unfinished


class _Server(uvicorn.Server):
    """Knows when it was asked to end."""

    ended: float | None = None

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Note the time of the first signal."""
        self.ended = self.ended or time.monotonic()
        super().handle_exit(sig, frame)


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Inside, SIGTERM is what Ctrl-C is: uvicorn raises again what it was sent."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    earlier = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, earlier)

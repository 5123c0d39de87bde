"""What stands before the routes: who may ask, how much is read, and for how long.

Plain ASGI, so that a request is refused before any of its body is read.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from lr_finder.service.refused import Refusal
from lr_finder.service.service_settings import ServiceSettings, is_loopback

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SUGGESTIONS = "/v1/suggestions"
GUARDED = "/v1/"  # what lies elsewhere is the documentation
log = logging.getLogger("lr_finder.service")
FREE = ("/v1/health",)
CLOSED = {"Connection": "close"}  # after a body that was not read to its end
SAFE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)


class Gate:
    """Lets a request through, bounded, or answers it with a refusal.

    Args:
        app: ASGI application behind it.
        settings: ServiceSettings.
    """

    def __init__(self, app: App, settings: ServiceSettings):
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request of HTTP; whatever else comes is for the application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        try:
            self._check(scope["path"], headers)
            limit = self._limit(scope["path"], headers)
        except Refusal as refusal:
            try:
                await answer(send, refusal)
            except Exception as error:  # a request that was none to its end
                log.info("a request broke off before its answer: %r", error)
            return
        bounded = _Bounded(receive, limit, self._settings.limits.receiving)
        await self._app(scope, bounded, _with_safe_headers(send))

    def _check(self, path: str, headers: dict[bytes, bytes]) -> None:
        """Refuse a stranger, and a page of another site in a person's browser."""
        host, origin = headers.get(b"host", b""), headers.get(b"origin")
        if self._settings.token is None and not is_loopback(_name_of(host)):
            raise Refusal(
                403, "Header Host must name this machine, such as localhost, as the "
                "service has no token."
            )  # fmt: skip
        if origin is not None and not _is_of(_text(origin), _text(host)):
            raise Refusal(403, "Pages of another origin may not use the service.")
        if not path.startswith(GUARDED) or path in FREE:
            return
        if self._settings.token is None:
            return
        kind, _, given = headers.get(b"authorization", b"").partition(b" ")
        wanted = self._settings.token.encode()
        if kind.lower() != b"bearer" or not hmac.compare_digest(given.strip(), wanted):
            raise Refusal(
                401, "The request must send the service's token: Authorization: "
                "Bearer TOKEN.", {"WWW-Authenticate": "Bearer"},
            )  # fmt: skip

    def _limit(self, path: str, headers: dict[bytes, bytes]) -> int:
        """How many bytes the body may have; refused if it says itself that it has more.

        Raises:
            Refusal: With status 413.
        """
        limits = self._settings.limits
        limit = limits.curve if path == SUGGESTIONS else limits.body
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length[:20]) > limit:
            raise too_large(limit)
        return limit


class _Bounded:
    """Hands on a body as far as it is allowed, in size and in time."""

    def __init__(self, receive: Receive, limit: int, seconds: float):
        self._receive, self._limit, self._seconds = receive, limit, seconds
        self._left, self._is_whole = limit, False
        self._deadline = time.monotonic() + seconds

    async def __call__(self) -> Message:
        if self._is_whole:  # what comes now is that the other side has left
            return await self._receive()
        left = self._deadline - time.monotonic()
        try:
            message = await asyncio.wait_for(self._receive(), max(left, 0.001))
        except TimeoutError:
            raise Refusal(
                408, f"A request must arrive within {self._seconds:g} seconds. Send it "
                "anew.", CLOSED,
            ) from None  # fmt: skip
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise too_large(self._limit)
        self._is_whole = not message.get("more_body", False)
        return message


def too_large(limit: int) -> Refusal:
    """The refusal of a body with more bytes than that."""
    return Refusal(
        413, f"The body must have at most {limit:,} bytes. Send fewer rows.",
        CLOSED,
    )  # fmt: skip


async def answer(send: Send, refusal: Refusal) -> None:
    """Send a refusal.

    Args:
        send: of ASGI.
        refusal: Refusal.
    """
    content = json.dumps(refusal.content()).encode()
    headers = [(name.encode(), value.encode())
               for name, value in refusal.headers.items()]  # fmt: skip
    headers += [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"connection", b"close"),  # what is left of the body is not read
        *SAFE_HEADERS,
    ]
    start = {"type": "http.response.start", "status": refusal.status}
    await send(start | {"headers": headers})
    await send({"type": "http.response.body", "body": content})


def _with_safe_headers(send: Send) -> Send:
    async def safe(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *SAFE_HEADERS]
        await send(message)

    return safe


def _is_of(origin: str, host: str) -> bool:
    """Whether a page comes from the service itself."""
    try:
        return urlsplit(origin).netloc == host
    except ValueError:  # such as http://[
        return False


def _name_of(host: bytes) -> str:
    """The host without its port."""
    text = _text(host)
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0]


def _text(header: bytes) -> str:
    return header.decode("latin-1")

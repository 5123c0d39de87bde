"""Why a request is not served, as an answer: a status and one JSON object."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """A request that is not served.

    Args:
        status: int, of HTTP.
        message: str, what is wrong and what to do about it.
        headers: dict of str to str, more headers of the answer.

    Example:
    >>> Refusal(404, "There is no such job.").content()
    {'error': {'type': 'NotFound', 'message': 'There is no such job.'}}
    """

    def __init__(
        self, status: int, message: str, headers: dict[str, str] | None = None
    ):
        super().__init__(message)
        self.status, self.message = status, message
        self.headers = headers or {}

    def content(self) -> dict[str, Any]:
        """The JSON of the answer."""
        return error_content(NAMES.get(self.status, "Refused"), self.message)


UNEXPECTED = "InternalError"  # a fault of the service
NAMES = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound",
    405: "MethodNotAllowed", 408: "RequestTimeout", 409: "Conflict",
    413: "ContentTooLarge", 415: "UnsupportedMediaType", 422: "InputError",
    429: "TooManyRequests", 500: UNEXPECTED, 503: "Unavailable",
}  # fmt: skip


def error_content(name: str, message: str) -> dict[str, Any]:
    """The JSON of an answer that refuses.

    Args:
        name: str, what kind of error it is.
        message: str.

    Returns:
        dict.
    """
    return {"error": {"type": name, "message": " ".join(message.split())}}


def content_of(error: BaseException) -> dict[str, Any]:
    """The JSON of an answer with an error of the library, as the command prints it.

    Args:
        error: exception.

    Returns:
        dict of `error`.

    Example:
    >>> content_of(ValueError("no  points"))
    {'error': {'type': 'ValueError', 'message': 'no points'}}
    """
    from lr_finder.results.finding import error_dict

    told = error_dict(error)
    return {"error": told | {"message": " ".join(told["message"].split())}}

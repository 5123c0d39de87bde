"""The application: routes, errors as answers, a page of documentation."""

from __future__ import annotations

import asyncio
import errno
import logging
import sqlite3
from typing import Any

import fastapi
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from lr_finder._version import __version__
from lr_finder.errors import LRFinderError
from lr_finder.service.gate import SUGGESTIONS, Gate
from lr_finder.service.job_routes import job_router
from lr_finder.service.jobs.job_folders import JobFolders
from lr_finder.service.jobs.job_table import JOBS_FILE, QUEUED, RUNNING, JobStore
from lr_finder.service.jobs.supervisor import Supervisor
from lr_finder.service.openapi import TEXT, describe, suggestion_body
from lr_finder.service.receiving import Intake, read_json
from lr_finder.service.refused import Refusal, content_of
from lr_finder.service.schemas import (
    ComparisonOptions,
    Curve,
    FindingOptions,
    Health,
    Method,
    Refused,
    Suggested,
)
from lr_finder.service.service_settings import ServiceSettings
from lr_finder.service.suggesting import SuggestionPool

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
UNPROCESSABLE = 422
log = logging.getLogger("lr_finder.service")


class Service:
    """A service: its jobs, its application, what runs in its background.

    Args:
        settings: ServiceSettings.

    Raises:
        InputError: If its folder is of another service that runs, or of a later
            version.

    Attributes:
        app: the ASGI application.
    """

    def __init__(self, settings: ServiceSettings):
        self.settings = settings
        settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.store = JobStore(settings.folder / JOBS_FILE)
        self.folders = JobFolders(settings.folder)
        self.supervisor = Supervisor(self.store, self.folders, settings)
        self.suggester = SuggestionPool(settings.limits)
        self.app = Gate(self._application(), settings)

    def start(self) -> None:
        """Begin to run jobs."""
        self.suggester.start()
        self.supervisor.start()

    def stop(self, seconds: float) -> int:
        """End; jobs that have not ended begin anew next time.

        Args:
            seconds: float, how long what runs may take to end.

        Returns:
            int, how many jobs have not ended.
        """
        try:
            self.supervisor.stop(seconds)
            return self.store.count(QUEUED) + self.store.count(RUNNING)
        finally:
            self.suggester.close()
            self.store.close()

    def health(self) -> Health:
        """Whether it works."""
        return Health(
            status="stopping" if self.supervisor.is_stopping else "ok",
            version=__version__,
            queued=self.store.count(QUEUED),
            running=self.store.count(RUNNING),
        )

    def _application(self) -> fastapi.FastAPI:
        app = FastAPIOffline(
            redoc_url=None, title="lr_finder", version=__version__, description=TEXT,
            exception_handlers=HANDLERS, separate_input_output_schemas=False,
        )  # fmt: skip
        app.include_router(self._router())
        intake = Intake(self.store, self.folders, self.settings)
        for kind, schema in (
            ("finding", FindingOptions),
            ("comparison", ComparisonOptions),
        ):
            app.include_router(job_router(kind, schema, self, intake))
        describe(app, has_token=self.settings.token is not None)
        return app

    def _router(self) -> fastapi.APIRouter:
        router = fastapi.APIRouter()

        @router.get(
            "/v1/health", tags=["service"], response_model=Health,
            summary="Whether the service works",
        )  # fmt: skip
        def health() -> Health:
            """Also without a token. It says how many jobs wait and run."""
            return self.health()

        @router.post(
            SUGGESTIONS, tags=["suggestions"], response_model=Suggested,
            summary="A learning rate from a curve",
            openapi_extra=suggestion_body(),
            responses={code: {"model": Refused} for code in (413, 415, 422, 429)},
        )  # fmt: skip
        async def suggest(
            request: Request,
            optimizer: str | None = fastapi.Query(None, max_length=200),
            method: Method = "window",
            lr_column: str | None = fastapi.Query(None, max_length=200),
            loss_column: str | None = fastapi.Query(None, max_length=200),
        ) -> Any:
            """The curve is JSON or CSV; the answer is what `lr_finder suggest` finds.

            What the query says is for CSV; in JSON it stands beside the curve.
            """
            asked = {
                "optimizer": optimizer, "method": method, "lr_column": lr_column,
                "loss_column": loss_column,
            }  # fmt: skip
            kind = request.headers.get("content-type", "").partition(";")[0]
            content = await request.body()
            future = self._suggestion(kind.strip().lower(), content, asked)
            told = await asyncio.wrap_future(future)
            return JSONResponse(told, UNPROCESSABLE if "error" in told else 200)

        return router

    def _suggestion(self, kind: str, content: bytes, asked: dict[str, Any]) -> Any:
        if kind == "application/json":
            curve = read_json(Curve, content, "body")
            return self.suggester.submit({"curve": curve.model_dump()})
        if kind in ("text/csv", "text/plain", "text/tab-separated-values"):
            given = {name: value for name, value in asked.items() if value is not None}
            return self.suggester.submit({"asked": given}, content)
        raise Refusal(
            415, "The body must be application/json or text/csv. With curl: -H "
            "'Content-Type: text/csv' --data-binary @curve.csv",
        )  # fmt: skip


def _refused(request: Request, error: Any) -> JSONResponse:
    return JSONResponse(error.content(), error.status, headers=error.headers)


def _told(request: Request, error: Any) -> JSONResponse:
    return JSONResponse(content_of(error), UNPROCESSABLE)


def _of_http(request: Request, error: Any) -> JSONResponse:
    refusal = Refusal(error.status_code, str(error.detail), error.headers)
    return _refused(request, refusal)


def _invalid(request: Request, error: Any) -> JSONResponse:
    """A query that breaks the schema; the value is not repeated: it may be anything."""
    told = [f"`{each['loc'][-1]}`: {each['msg']}" for each in error.errors()]
    return _refused(request, Refusal(UNPROCESSABLE, f"Argument {'; '.join(told)}."))


def _left(request: Request, error: Any) -> JSONResponse:
    return _refused(request, Refusal(400, "The request broke off."))


def _of_disk(request: Request, error: Any) -> JSONResponse:
    """An answer for a disk that is full; else the error of a server."""
    if getattr(error, "errno", None) in FULL or "full" in str(error):
        told = "The disk of the service is full. Ask its owner to make room."
        return _refused(request, Refusal(503, told))
    return _unexpected(request, error)


def _unexpected(request: Request, error: Any) -> JSONResponse:
    log.error("%s %s", request.method, request.url.path, exc_info=error)
    told = "The service has a fault. Its log says more."
    return _refused(request, Refusal(500, told))


HANDLERS: dict[Any, Any] = {
    Refusal: _refused,
    LRFinderError: _told,
    HTTPException: _of_http,
    RequestValidationError: _invalid,
    ClientDisconnect: _left,
    OSError: _of_disk,
    sqlite3.Error: _of_disk,
    Exception: _unexpected,
}

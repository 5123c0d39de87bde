"""The routes of findings and of comparisons: the same, but for their options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import fastapi
import pydantic
from fastapi.responses import FileResponse, JSONResponse
from starlette.requests import Request

from lr_finder.service.job_answers import (
    PAGE_HEADERS,
    PLACES,
    file_of,
    told,
    told_whole,
)
from lr_finder.service.jobs.job_folders import FIGURE_FILE, PAGE_FILE, TABLE_FILES
from lr_finder.service.jobs.job_table import RUNNING, State
from lr_finder.service.openapi import job_body
from lr_finder.service.receiving import Intake
from lr_finder.service.schemas import JobPage, JobTold, JobWithResult, Refused

if TYPE_CHECKING:
    from lr_finder.service.app import Service

MOST_LISTED = 200
LATEST_NUMBER = 2**62  # more is no number of a job
Identity = Annotated[str, fastapi.Path(description="What the POST answered as `id`.")]


def job_router(
    kind: str, schema: type[pydantic.BaseModel], service: Service, intake: Intake
) -> fastapi.APIRouter:
    """The routes of a kind of jobs.

    Args:
        kind: str, `"finding"` or `"comparison"`.
        schema: class of its options.
        service: Service.
        intake: Intake.

    Returns:
        APIRouter.
    """
    place = f"/v1/{PLACES[kind]}"
    router = fastapi.APIRouter(prefix=place, tags=[PLACES[kind]])
    store, folders = service.store, service.folders

    @router.post(
        "", status_code=202, response_model=JobTold, summary=f"Begin a {kind}",
        openapi_extra=job_body(kind, schema),
        responses=_refusals(400, 413, 415, 422, 429, 503),
    )  # fmt: skip
    async def begin(request: Request) -> Any:
        """Send data and options; the answer has an id, under which the result will be.

        The job waits, then runs in a process of its own. It is kept on the disk before
        this answers.
        """
        job = await intake.take(request, kind, schema)
        service.supervisor.wake()
        content = told(job, folders)
        return JSONResponse(content, 202, {"Location": f"{place}/{job.id}"})

    @router.get("", response_model=JobPage, summary=f"List the {PLACES[kind]}",
                responses=_refusals(422))  # fmt: skip
    def listed(
        state: State | None = None,
        before: int | None = fastapi.Query(None, ge=1, le=LATEST_NUMBER),
        limit: int = fastapi.Query(50, ge=1, le=MOST_LISTED),
    ) -> Any:
        """Those that the service keeps, the newest first, without their results."""
        jobs = store.page(kind, state, before, limit)
        following = jobs[-1].number if len(jobs) == limit else None
        told_of = [told(job, folders) for job in jobs]
        return JSONResponse({"jobs": told_of, "next": following})

    @router.get("/{identity}", response_model=JobWithResult,
                summary=f"State and result of a {kind}",
                responses=_refusals(404))  # fmt: skip
    def one(identity: Identity) -> Any:
        """Its state, how far it is, and what it found once it is done."""
        return JSONResponse(told_whole(store.get(identity, kind), folders))

    @router.delete("/{identity}", response_model=JobTold,
                   summary=f"Cancel a {kind}, or remove one that has ended",
                   responses=_refusals(404))  # fmt: skip
    def cancel(identity: Identity) -> Any:
        """End it if it waits or runs. If it has ended, remove it and its files."""
        job = store.cancel(identity, kind)
        if job.has_ended:
            store.remove(identity)
        if job.state != RUNNING:  # of one that runs the supervisor takes care
            folders.remove(identity)
        service.supervisor.wake()
        now = job if job.has_ended else store.get(identity)
        return JSONResponse(told(now, folders))

    _add_files(router, kind, service)
    return router


def _add_files(router: fastapi.APIRouter, kind: str, service: Service) -> None:
    """The routes of what a job made."""
    table = TABLE_FILES[kind]
    for path, name, media in (
        ("report", PAGE_FILE, "text/html"),
        (FIGURE_FILE, FIGURE_FILE, "image/png"),
        (table, table, "text/csv"),
    ):
        router.add_api_route(
            f"/{{identity}}/{path}", _sender(service, kind, name, media),
            methods=["GET"], summary=f"The {path} of a {kind}",
            response_class=FileResponse,
            responses={**_refusals(404, 409),
                       200: {"content": {media: {}}, "description": name}},
        )  # fmt: skip


def _sender(service: Service, kind: str, name: str, media: str) -> Any:
    headers = PAGE_HEADERS if name == PAGE_FILE else {}

    def send(identity: Identity) -> FileResponse:
        """A file, once the job is done."""
        job = service.store.get(identity, kind)
        file = file_of(job, service.folders, name)
        return FileResponse(file, media_type=media, headers=headers)

    return send


def _refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    """The answers that refuse, for the description."""
    return {code: {"model": Refused} for code in codes}

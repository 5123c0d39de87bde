"""From the body of a request to a job: options checked, data on the disk."""

from __future__ import annotations

import contextlib
import shutil
import uuid
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import pydantic
import pydantic_core
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from lr_finder._text import short_reason
from lr_finder.errors import InputError
from lr_finder.service.jobs.job_folders import SENT, JobFolders
from lr_finder.service.jobs.job_table import Job, JobStore
from lr_finder.service.jobs.uploads import (
    MODEL,
    RAW,
    check_model_file,
    file_name_for,
    shown_name,
)
from lr_finder.service.option_rules import check_comparison, check_finding
from lr_finder.service.refused import Refusal
from lr_finder.service.service_settings import MEBIBYTE, ServiceSettings

RULES = {"finding": check_finding, "comparison": check_comparison}
PARTS = ("file", "options", "model")
MOST_OF_OPTIONS = 64 * 1024  # bytes
MOST_NAMES = 100  # in an object
SHOWN = 3  # faults of a body that a message names

Model = TypeVar("Model", bound=pydantic.BaseModel)


class Intake:
    """Takes what is sent, and makes jobs of it.

    Args:
        store: JobStore.
        folders: JobFolders.
        settings: ServiceSettings.
    """

    def __init__(self, store: JobStore, folders: JobFolders, settings: ServiceSettings):
        self._store, self._folders, self._settings = store, folders, settings

    async def take(
        self, request: Request, kind: str, schema: type[pydantic.BaseModel]
    ) -> Job:
        """A job from a form of several parts; it is on the disk when this returns.

        Args:
            request: Request.
            kind: str, of the job.
            schema: class of the options.

        Returns:
            Job.

        Raises:
            Refusal: If there is no room for it, or the body is no such form.
            InputError: If a part breaks a rule.
        """
        self._store.check_queue(self._settings.limits.queue)
        await run_in_threadpool(self._check_room)
        if not _is_form(request):
            raise Refusal(415, "The body must be multipart/form-data with a part file.")
        async with _form(request) as form:
            return await run_in_threadpool(self._keep, form, kind, schema)

    def _check_room(self) -> None:
        stored, limit = self._folders.size(), self._settings.limits.stored
        if stored >= limit:
            raise Refusal(
                503, f"The jobs of the service must fit in {limit // MEBIBYTE:,} MiB. "
                f"They take {stored // MEBIBYTE:,}. Delete some that have ended.",
            )  # fmt: skip

    def _keep(self, form: FormData, kind: str, schema: type[pydantic.BaseModel]) -> Job:
        file, options, model = _parts(form)
        if model is not None:
            self._check_model_taken(kind)
        given = read_json(schema, options.encode(), "options").model_dump()
        RULES[kind](given)
        identity = uuid.uuid4().hex
        try:
            sent = self._folders.new(identity) / SENT
            _copy(file, sent / RAW)
            name = file_name_for(sent / RAW, self._settings.limits)
            (sent / RAW).rename(sent / name)
            if model is not None:
                _copy(model, sent / MODEL)
                check_model_file(sent / MODEL, self._settings.limits)
            self._folders.keep(identity)
            return self._store.add(
                identity, kind, shown_name(file.filename), given,
                self._settings.limits.queue,
            )  # fmt: skip
        except BaseException:
            self._folders.remove(identity)
            raise

    def _check_model_taken(self, kind: str) -> None:
        if kind != "finding" or not self._settings.allow_models:
            why = (
                "the service was started without --allow-models"
                if kind == "finding"
                else "a comparison makes its models anew for each run"
            )
            raise InputError(
                f"Part `model` is not taken: {why}. Received: a model. Leave it out: a "
                "network is made for the data."
            )


def read_json(schema: type[Model], content: bytes, name: str) -> Model:
    """A body or a part as its schema has it.

    Args:
        schema: class.
        content: bytes, JSON.
        name: str, what messages call it.

    Returns:
        an object of the class.

    Raises:
        InputError: If it breaks the schema; names the first faults, never a value that
            JSON could not say.
    """
    try:
        given = pydantic_core.from_json(content)
    except ValueError as error:
        raise InputError(
            f"Argument `{name}` must be JSON in UTF-8. Received: {short_reason(error)}."
        ) from None
    if isinstance(given, dict) and len(given) > MOST_NAMES:  # each would be a fault
        raise InputError(
            f"Argument `{name}` must have at most {MOST_NAMES} names. Received: "
            f"{len(given):,}. The page /docs shows what is taken."
        )
    try:
        return schema.model_validate(given)
    except pydantic.ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
    told = "; ".join(_fault(each, name) for each in faults[:SHOWN])
    more = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
    raise InputError(f"{told}{more}. The page /docs shows what is taken.")


def _fault(fault: Any, name: str) -> str:
    place = ".".join(str(each) for each in fault["loc"]) or name
    message = fault["msg"].rstrip(".")
    received = ascii(fault["input"])
    is_short = len(received) <= 40 and not isinstance(fault["input"], dict | list)
    shown = f" Received: {received}" if is_short else ""
    return f"Argument `{_printable(place)}`: {message}.{shown}".rstrip(".")


def _printable(text: str) -> str:
    return ascii(text[:80])[1:-1]


def _is_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "")
    return kind.partition(";")[0].strip().lower() == "multipart/form-data"


@contextlib.asynccontextmanager
async def _form(request: Request) -> AsyncIterator[FormData]:
    """The parts of the body; what they keep on the disk is removed."""
    async with request.form(
        max_files=len(PARTS), max_fields=len(PARTS), max_part_size=MOST_OF_OPTIONS
    ) as form:
        yield form


def _parts(form: FormData) -> tuple[UploadFile, str, UploadFile | None]:
    """The parts, each at most once, of the form that it must have."""
    for name in form:
        if name not in PARTS or len(form.getlist(name)) > 1:
            raise InputError(
                f"The form must have the parts {', '.join(PARTS)}, each at most once. "
                f"Received: {_printable(name)}. Leave it out."
            )
    file, options, model = (form.get(name) for name in PARTS)
    if not isinstance(file, UploadFile):
        raise InputError(
            "Part `file` must be a file. Received: none. With curl: -F file=@data.csv"
        )
    if isinstance(options, UploadFile):
        options = options.file.read(MOST_OF_OPTIONS + 1).decode(errors="replace")
    if model is not None and not isinstance(model, UploadFile):
        raise InputError("Part `model` must be a file. Received: text. Send the file.")
    return file, options or "{}", model


def _copy(sent: UploadFile, path: Any) -> None:
    sent.file.seek(0)
    with open(path, "xb") as file:
        shutil.copyfileobj(sent.file, file, MEBIBYTE)

"""`lr_finder serve`: suggestions, findings and comparisons for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lr_finder._arguments import check_extra
from lr_finder._text import counted
from lr_finder.cli.shared import options
from lr_finder.cli.shared.option_checks import check_at_least
from lr_finder.errors import InputError
from lr_finder.service.service_settings import (
    FOLDER,
    HOST,
    MEBIBYTE,
    PORT,
    Limits,
    ServiceSettings,
    read_token,
)

EXAMPLES = """
**Examples**

`lr_finder serve` — on this machine alone; http://127.0.0.1:8000/docs shows what it
takes

`lr_finder serve --host 0.0.0.0 --token-file token.txt` — for others, who send the token
in the file

`lr_finder serve --jobs 2 --time-limit 600 --dir /srv/lr_finder` — two jobs at a time,
ten minutes each
"""
NETWORK, LIMITS = "Network", "Limits"
MODULES = ("fastapi", "uvicorn", "python_multipart", "fastapi_offline")
USUAL = Limits()
HIGHEST_PORT = 65_535


def _option(panel: str, text: str, *names: str, **settings):
    """A Typer option in a panel of the help."""
    return typer.Option(*names, help=text, rich_help_panel=panel, **settings)


Host = Annotated[
    str,
    _option(
        NETWORK,
        "Address to listen on. One that is not of this machine alone, such as 0.0.0.0, "
        "needs --token-file.",
    ),
]
Port = Annotated[int, _option(NETWORK, "Port to listen on; 0 for one that is free.")]
TokenFile = Annotated[
    Path | None,
    _option(
        NETWORK,
        "File with one line of 16 characters or more: requests must send it as "
        "`Authorization: Bearer TOKEN`. Default: no check.",
        metavar="FILE",
    ),
]
Dir = Annotated[
    Path,
    _option(
        options.OUTPUT,
        "Folder for the jobs and their results. Another call with the same folder "
        "goes on with them.",
        "--dir",
        metavar="DIR",
    ),
]
AllowModels = Annotated[
    bool,
    _option(
        LIMITS,
        "Take .keras files, which Keras reads in its safe mode. Only for senders that "
        "you trust.",
        "--allow-models",
    ),
]
Jobs = Annotated[int, _option(LIMITS, "Jobs that run at a time.")]
Queue = Annotated[int, _option(LIMITS, "Jobs that wait; more are refused.")]
TimeLimit = Annotated[int, _option(LIMITS, "Seconds that a job may take.")]
Memory = Annotated[
    int,
    _option(
        LIMITS,
        "MiB of memory for a job. With a limit, jobs run on the CPU; 0 sets no limit "
        "and allows the GPU.",
    ),
]
Body = Annotated[int, _option(LIMITS, "MiB that a request may have.", "--max-upload")]
Stored = Annotated[
    int, _option(LIMITS, "MiB that all jobs may take on the disk.", "--max-stored")
]


def serve(
    host: Host = HOST,
    port: Port = PORT,
    token_file: TokenFile = None,
    folder: Dir = FOLDER,
    allow_models: AllowModels = False,
    jobs: Jobs = USUAL.jobs,
    queue: Queue = USUAL.queue,
    time_limit: TimeLimit = USUAL.seconds,
    memory: Memory = USUAL.memory // MEBIBYTE,
    max_upload: Body = USUAL.body // MEBIBYTE,
    max_stored: Stored = USUAL.stored // MEBIBYTE,
    debug: options.Debug = False,
) -> None:
    """Serve suggestions, findings and comparisons over HTTP, until Ctrl-C.

    Other programs send a curve and get a suggestion, or send data and ask later for
    what was found. The service runs no code of the sender. Jobs are kept on the disk:
    after a crash the next call goes on with them. The first Ctrl-C waits at most 30
    seconds for jobs that run.
    """
    del debug  # `main` reads it
    for option, value, least in (
        ("--jobs", jobs, 1), ("--queue", queue, 1), ("--time-limit", time_limit, 1),
        ("--memory", memory, 0), ("--max-upload", max_upload, 1),
        ("--max-stored", max_stored, 1), ("--port", port, 0),
    ):  # fmt: skip
        check_at_least(option, value, least)
    if port > HIGHEST_PORT:
        raise InputError(
            f"Option --port must be at most {HIGHEST_PORT}. Received: --port {port}."
        )
    token = None if token_file is None else read_token(token_file)
    limits = Limits(
        body=max_upload * MEBIBYTE, stored=max_stored * MEBIBYTE, seconds=time_limit,
        memory=memory * MEBIBYTE, jobs=jobs, queue=queue,
    )  # fmt: skip
    settings = ServiceSettings(folder, host, port, token, allow_models, limits)
    check_extra("The service", MODULES, "service")
    from lr_finder.service.serving import serve as serve_until_stopped

    unfinished = serve_until_stopped(
        settings,
        lambda address: print(_opening(address, folder), flush=True),
        waiting=lambda: print(WAITING, flush=True),
    )
    told = "Stopped."
    if unfinished:
        told += f" {counted(unfinished, 'unfinished job')} will begin anew next time."
    print(told)


WAITING = "Stopping: jobs that run have 30 seconds. Ctrl-C again ends them at once."


def _opening(address: str, folder: Path) -> str:
    return (
        f"Serving at {address} (what it takes: {address}/docs)\n"
        f"Jobs are kept in {folder}. Ctrl-C stops the service."
    )

"""Processes of a service that have limits, and end with it."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import lr_finder
from lr_finder.service.refused import error_content
from lr_finder.service.service_settings import MEBIBYTE

DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
ROOT = str(Path(lr_finder.__file__).parents[1])


def environment() -> dict[str, str]:
    """Variables of a process that finds this package, and prints little.

    Returns:
        dict.
    """
    found = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([ROOT, *([found] if found else [])]),
        "MPLBACKEND": "Agg",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def end_with(parent: int) -> None:
    """End when the parent has ended: at once on Linux, within a second elsewhere.

    Args:
        parent: int, its number. On Linux it is the parent's thread that must live.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    is_linux = sys.platform == "linux"
    if is_linux:
        ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
    if not is_linux:
        from lr_finder.experiments.workers import leave_with

        leave_with(parent)


def limit(*, memory: int, written: int, processor: int) -> None:
    """Let this process and its children have no more than that.

    Args:
        memory: int, bytes of addresses; 0 for no limit.
        written: int, bytes of a file.
        processor: int, seconds.
    """
    asked = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: written,
        resource.RLIMIT_CPU: processor,
    }
    if memory:
        asked[resource.RLIMIT_AS] = memory
    for name, most in asked.items():
        _, hard = resource.getrlimit(name)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(name, (most, most))


def out_of_memory(memory: int) -> dict[str, Any]:
    """The error of who asked for too much.

    Args:
        memory: int, bytes there are.

    Returns:
        dict of `error`.

    Example:
    >>> out_of_memory(2**31)["error"]["type"]
    'OutOfMemory'
    """
    return error_content(
        "OutOfMemory",
        f"It must be done in {memory // MEBIBYTE:,} MiB of memory. Received: data for "
        "which that is too little. Send fewer rows, set `limit`, or take a smaller "
        "`batch_size`.",
    )

"""A Ray cluster that makes runs: the way in, room for a run, what a machine needs."""

from __future__ import annotations

import atexit
import dataclasses
import functools
import importlib
import importlib.metadata
import math
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lr_finder._version import __version__
from lr_finder.errors import InputError, LRFinderError
from lr_finder.experiments.workers import WorkDir, work
from lr_finder.models.registry import ModelSource
from lr_finder.models.specs import split_spec

if TYPE_CHECKING:
    import keras

    from lr_finder.data.dataset import Dataset
    from lr_finder.data.parts import ThreeParts
    from lr_finder.experiments.comparison.records import RunRecord
    from lr_finder.experiments.comparison.settings import Task

LOCAL = "local"  # the address of a cluster that is started on this machine


def connected(address: str, processors: int) -> Any:
    """The library Ray, with a connection to a cluster.

    Args:
        address: str, of the cluster; `"local"` starts one on this machine.
        processors: int >= 1, that a cluster on this machine has.

    Returns:
        the module `ray`.

    Raises:
        InputError: If Ray is not installed, or this process has a connection already.
        LRFinderError: If the cluster does not answer.
    """
    try:
        import ray
    except ImportError as error:
        raise InputError(
            "Argument `cluster` needs Ray. Received: an installation without it. "
            'Install it with: pip install "lr_finder[cluster]"'
        ) from error
    if ray.is_initialized():
        raise InputError(
            "Argument `cluster` needs a process without a connection to Ray, since the "
            f"connection ends with the comparison. Received: cluster={address!r} and a "
            "connection. Call ray.shutdown() first."
        )
    options: dict[str, Any] = {"address": address}
    if address == LOCAL:
        options |= {"num_cpus": processors, "include_dashboard": False}
    try:
        ray.init(**options, log_to_driver=False, logging_level="error")
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise LRFinderError(
            f"Argument `cluster` must be the address of a running Ray cluster. "
            f"Received: cluster={address!r} ({error}). Start it with `ray start`, or "
            "give the word local."
        ) from error
    return ray


def check_room(ray: Any, threads: int) -> None:
    """Refuse runs that no machine of the cluster has the processors for.

    They would wait for ever. A cluster whose machines are still to come is let be.

    Args:
        ray: the module, connected.
        threads: int >= 1, processors of a run.

    Raises:
        InputError: If every machine that has processors has fewer.
    """
    alive = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    most = max((node.get("CPU", 0) for node in alive), default=0)
    if 0 < most < threads:
        raise InputError(
            "Argument `threads` must be at most the processors of the largest machine "
            f"in the cluster, {most:g}. Received: threads={threads}. Give fewer, or "
            "start a larger machine first."
        )


def gpus_of_a_run(ray: Any, workers: int) -> float:
    """How much of a GPU each run asks for; Ray hides all GPUs from who asks for none.

    Args:
        ray: the module, connected.
        workers: int >= 1, runs at a time.

    Returns:
        1 if there are as many GPUs as runs at a time; 1/2, 1/3, … if runs share one; 0
        in a cluster without GPUs.
    """
    gpus = ray.cluster_resources().get("GPU", 0)
    return 1 / math.ceil(max(1, workers / gpus)) if gpus else 0


def own_versions(backend: str) -> dict[str, str]:
    """The versions of what decides the outcome of a run, on this machine.

    Args:
        backend: str, that of Keras.

    Returns:
        dict of name -> version.

    Example:
    >>> sorted(own_versions("tensorflow"))
    ['keras', 'lr_finder', 'tensorflow']
    """
    versions = {name: _version(name) for name in ("keras", backend)}
    return versions | {"lr_finder": __version__}


@dataclasses.dataclass(frozen=True)
class CarriedModel:
    """A builder of networks from a file, which goes along to machines that lack it.

    Args:
        spec: str, `file.py:function` or `saved.keras`, without a folder.
        content: bytes, of the file.
    """

    spec: str
    content: bytes = dataclasses.field(repr=False)

    def __call__(self, dataset: Dataset, initializer: Any = None) -> keras.Model:
        """Build the network for a dataset, as `ModelSource` does."""
        folder = _unpacked(split_spec(self.spec)[0], self.content)
        return ModelSource(self.spec, folder)(dataset, initializer)


def carried(build: Any) -> Any:
    """A builder that works on a machine which lacks the file of its network.

    Args:
        build: callable `(dataset, initializer) -> keras.Model`.

    Returns:
        CarriedModel if it builds from a file; else `build` itself.

    Example:
    >>> carried(ModelSource("lr_finder.models.defaults:build_mlp")).spec
    'lr_finder.models.defaults:build_mlp'
    """
    if not isinstance(build, ModelSource):
        return build
    place, function = split_spec(build.spec)
    if function is not None and not place.endswith(".py"):
        return build
    file = Path(build.folder, place)
    spec = file.name if function is None else f"{file.name}:{function}"
    return CarriedModel(spec, file.read_bytes())


def work_alike(
    versions: Mapping[str, str], task: Task, work_dir: WorkDir, data: ThreeParts
) -> RunRecord:
    """On a machine of the cluster: do a task, if its libraries are those of who asks.

    Args:
        versions: mapping, `own_versions` of the machine that asks.
        task: Task.
        work_dir: WorkDir.
        data: ThreeParts.

    Returns:
        RunRecord, whatever the model does.

    Raises:
        LRFinderError: If a version is another.
    """
    own = own_versions(work_dir.backend)
    for name, version in versions.items():
        if own[name] != version:
            raise LRFinderError(
                f"{name} {own[name]}, where the comparison was started with {version}"
            )
    return work(task, work_dir, data)


def refusal(error: Exception) -> LRFinderError:
    """What is told of a machine that cannot make any run.

    Args:
        error: ray.exceptions.RayTaskError, what came back in place of a row.

    Returns:
        LRFinderError.
    """
    cause = getattr(error, "cause", None)
    told = str(cause if isinstance(cause, LRFinderError) else error)
    reason = told.strip().splitlines()[-1].strip().rstrip(".")
    return LRFinderError(
        "A machine of the cluster cannot make runs. Every machine needs what this one "
        f"has installed. Received: {reason}. Install the same versions on it, and "
        "start again: with an output folder, no run that ended is made again."
    )


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:  # TensorFlow has several names
        return importlib.import_module(name).__version__


@functools.lru_cache
def _unpacked(name: str, content: bytes) -> str:
    """A folder that holds the file until this process ends."""
    folder = tempfile.mkdtemp(prefix="lr_finder-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Path(folder, name).write_bytes(content)
    return folder

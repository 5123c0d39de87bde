"""What a comparison asks of a Ray cluster; with Ray installed, one of two machines."""

import importlib.metadata
import os
import sys
import types
from pathlib import Path

import cloudpickle
import keras
import pytest

from lr_finder.errors import InputError, LRFinderError
from lr_finder.experiments import cluster
from lr_finder.experiments.cluster import (
    carried,
    check_room,
    connected,
    gpus_of_a_run,
    own_versions,
    refusal,
    work_alike,
)
from lr_finder.experiments.workers import WorkDir
from lr_finder.models.registry import make_builder

from .conftest import task_of, three_parts

pytestmark = pytest.mark.training
ROOT = Path(__file__).parents[2]


def ray_of(processors=(), gpus=0, **options):
    """A module `ray` that tells of such machines; None is one that is gone."""
    nodes = [
        {"Alive": n is not None, "Resources": {"CPU": n} if n else {}}
        for n in processors
    ]
    return types.SimpleNamespace(
        nodes=lambda: nodes,
        cluster_resources=lambda: {"GPU": gpus} if gpus else {},
        is_initialized=lambda: False,
        **options,
    )


def test_without_ray_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match="`cluster` needs Ray.*pip install"):
        connected("local", 1)


def test_a_cluster_that_does_not_answer_is_told(monkeypatch):
    def refuse(**options):
        raise ConnectionError("nobody there")

    monkeypatch.setitem(sys.modules, "ray", ray_of(init=refuse))
    with pytest.raises(LRFinderError, match=r"cluster='far:1' \(nobody there\)"):
        connected("far:1", 1)


def test_a_connection_of_the_caller_is_left_alone(monkeypatch):
    ray = ray_of()
    ray.is_initialized = lambda: True
    monkeypatch.setitem(sys.modules, "ray", ray)
    with pytest.raises(InputError, match=r"Call ray.shutdown\(\) first"):
        connected("auto", 1)


def test_only_a_cluster_on_this_machine_is_given_processors(monkeypatch):
    given = []
    ray = ray_of(init=lambda **options: given.append(options.get("num_cpus")))
    monkeypatch.setitem(sys.modules, "ray", ray)
    assert connected("local", 6) is connected("far:1", 6) is ray
    assert given == [6, None]


@pytest.mark.parametrize(
    ("processors", "threads"), [((2, 4), 4), ((), 4), ((0,), 4), ((0, 8, 2), 3)]
)
def test_runs_that_fit_a_machine_or_one_to_come_are_let_be(processors, threads):
    check_room(ray_of(processors), threads)


@pytest.mark.parametrize("processors", [(2, 3), (0, 3), (3, None)])
def test_runs_too_large_for_each_machine_are_refused(processors):
    with pytest.raises(InputError, match="largest machine in the cluster, 3"):
        check_room(ray_of(processors), 4)


@pytest.mark.few(6)
@pytest.mark.parametrize("gpus", [1, 2, 3, 8])
@pytest.mark.parametrize("workers", [1, 2, 3, 7, 12])
def test_all_runs_at_a_time_find_a_gpu_and_none_has_two(workers, gpus):
    share = gpus_of_a_run(ray_of(gpus=gpus), workers)
    at_once_on_one = round(1 / share)
    assert share * at_once_on_one == pytest.approx(1)
    assert at_once_on_one * gpus >= workers  # room for all
    assert (at_once_on_one - 1) * gpus < workers  # and no more sharing than that takes


def test_a_cluster_without_gpus_is_asked_for_none():
    assert gpus_of_a_run(ray_of(), 4) == 0


def test_a_machine_with_another_version_makes_no_run(tmp_path):
    work_dir = WorkDir(tmp_path, 1, b"", keras.backend.backend())
    versions = own_versions(work_dir.backend)
    assert versions["keras"] == keras.version()
    wanted = versions | {"keras": "2.0"}
    with pytest.raises(LRFinderError, match=f"keras {keras.version()}, .* with 2.0"):
        work_alike(wanted, task_of(), work_dir, three_parts())


def test_a_library_that_was_installed_by_another_name_has_a_version(monkeypatch):
    def unknown(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", unknown)
    assert own_versions("keras")["keras"] == keras.version()


def test_a_machine_with_the_same_versions_makes_the_run(monkeypatch, tmp_path):
    work_dir = WorkDir(tmp_path, 1, b"", keras.backend.backend())
    monkeypatch.setattr(cluster, "work", lambda *given: given)
    given = (task_of(), work_dir, three_parts())
    assert work_alike(own_versions(work_dir.backend), *given) == given


FILE = """
import keras

def build(dataset, initializer=None):
    head = keras.layers.Dense(3, name="mine")
    return keras.Sequential([keras.Input(dataset.input_shape), head])
"""


@pytest.mark.parametrize("spec", ["own.py:build", "saved.keras"])
def test_the_file_of_a_model_goes_along(tmp_path, monkeypatch, spec):
    data = three_parts().dataset
    monkeypatch.chdir(tmp_path)
    Path("own.py").write_text(FILE)
    make_builder("own.py:build")(data).save("saved.keras")
    pickled = cloudpickle.dumps(carried(make_builder(spec)))
    for name in ("own.py", "saved.keras"):
        Path(name).unlink()
    build = cloudpickle.loads(pickled)
    for _ in range(2):
        assert build(data).layers[-1].name == "mine"


@pytest.mark.parametrize("name", ["default", "resnet20"])
def test_a_model_that_every_machine_has_travels_by_name(name):
    assert carried(make_builder(name)) is make_builder(name)
    assert carried(len) is len


@pytest.mark.parametrize("text", ["of Ray\nNo module named 'keras'\n", "of Ray"])
def test_a_refusal_tells_the_last_line_of_what_came_back(text):
    told = str(refusal(RuntimeError(text)))
    assert f"Received: {text.splitlines()[-1]}. Install" in told


def test_a_refusal_of_our_own_is_told_in_its_words():
    error = RuntimeError("a traceback")
    error.cause = LRFinderError("keras 2.0, where 3.0 was wanted")
    assert "Received: keras 2.0, where 3.0 was wanted. " in str(refusal(error))


@pytest.fixture
def machines(monkeypatch):
    """A cluster on this machine whose head makes no runs; add_node() adds machines."""
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    head = {"num_cpus": 0, "include_dashboard": False}
    machines = Cluster(initialize_head=True, head_node_args=head)
    yield machines
    ray.shutdown()
    machines.shutdown()


def path_of(*folders):
    """What a machine of the cluster imports from."""
    return {"PYTHONPATH": os.pathsep.join(map(str, folders))}


def compare(folder, **options):
    from lr_finder.experiments.comparison.api import compare
    from lr_finder.experiments.comparison.plan import Plan

    plan = Plan(["sgd", "adam"], [0.1, 0.01], 32, None)
    options = {"epochs": 2, "threads": 1} | options
    return compare("mlp", three_parts(), plan, 2, out=folder, **options)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_comparison_outlives_one_of_its_two_machines(tmp_path, machines):
    """Killed while it makes a run, it takes none along; a third one joins in."""
    both = [machines.add_node(num_cpus=1, env_vars=path_of(ROOT)) for _ in range(2)]
    events = []

    def watch(progress):
        if progress.ended == 2 and not events:
            machines.remove_node(both[1], allow_graceful=False)
            events.append("killed")
        if progress.ended == 4 and len(events) == 1:
            machines.add_node(num_cpus=1, env_vars=path_of(ROOT))
            events.append("added")

    far = compare(tmp_path / "far", workers=2, cluster=machines.address, watch=watch)
    near = compare(tmp_path / "near")
    assert events == ["killed", "added"]
    assert len(far.runs) == 8 and set(far.runs["status"]) == {"finished"}
    columns = ["key", "test_loss"]
    one, other = (each.runs[columns].sort_values("key") for each in (far, near))
    assert one["key"].tolist() == other["key"].tolist()
    assert one["test_loss"].tolist() == pytest.approx(
        other["test_loss"].tolist(), rel=1e-4
    )


@pytest.mark.slow
def test_a_machine_with_another_keras_is_told_and_not_taken_for_dead(
    tmp_path, machines
):
    about = tmp_path / "old/keras-0.0.dist-info/METADATA"
    about.parent.mkdir(parents=True)
    about.write_text("Metadata-Version: 2.1\nName: keras\nVersion: 0.0\n")
    machines.add_node(num_cpus=1, env_vars=path_of(ROOT, tmp_path / "old"))
    with pytest.raises(LRFinderError, match=f"keras 0.0, .* with {keras.version()}"):
        compare(tmp_path / "runs", cluster=machines.address)

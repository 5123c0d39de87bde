"""What is tried again after a death, with workers whose deaths are played.

`test_pool.py` kills real ones.
"""

import types
from concurrent.futures import BrokenExecutor, Future

import pytest

from lr_finder.errors import InputError, LRFinderError
from lr_finder.experiments import engines
from lr_finder.experiments.comparison.records import RunRecord
from lr_finder.experiments.engines import ATTEMPTS, RayEngine, started_engine
from lr_finder.experiments.workers import WorkDir

from .conftest import task_of, three_parts

pytestmark = pytest.mark.training


def record_of(task):
    return RunRecord(task.columns() | {"status": "finished", "message": ""})


class Pool:
    """Processes that die of each task whose model is named in `deadly`, so often."""

    def __init__(self, deadly):
        self.deadly, self.at_once, self.begun = dict(deadly), [], []
        self.futures = []

    def __call__(self, *arguments, **options):
        return self

    def submit(self, function, parent, task, work_dir, data):
        future = Future()
        self.futures.append((future, task))
        self.begun.append(task.setting.model)
        self.at_once.append(len(self.futures))
        return future

    def end(self, futures):
        """As `wait`: all end; a death takes those beside it along."""
        futures = set(futures)
        ready = [(f, task) for f, task in self.futures if f in futures]
        self.futures = []
        dying = [task for _, task in ready if self.deadly.get(task.setting.model, 0)]
        for task in dying:
            self.deadly[task.setting.model] -= 1
        for future, task in ready:
            if dying:
                future.set_exception(BrokenExecutor("a process died"))
            else:
                future.set_result(record_of(task))
        return {future for future, _ in ready}, set()

    def shutdown(self, **options):
        pass


@pytest.fixture
def work_dir(tmp_path):
    return WorkDir(tmp_path, threads=1, builders=b"")


def outcomes(monkeypatch, work_dir, deadly, tasks, workers=2):
    pool = Pool(deadly)
    monkeypatch.setattr(engines, "ProcessPoolExecutor", pool)
    monkeypatch.setattr(
        engines.concurrent.futures, "wait", lambda futures, *rest: pool.end(futures)
    )
    with started_engine(work_dir, three_parts(), workers) as engine:
        records = [each for each in engine.outcomes(tasks) if each is not None]
        assert engine.running() == [] and engine.ended() == []
    return {each.values["model"]: each.values["status"] for each in records}, pool


def test_each_task_is_done_once(monkeypatch, work_dir):
    tasks = [task_of(name) for name in "abc"]
    status, pool = outcomes(monkeypatch, work_dir, {}, tasks)
    assert status == dict.fromkeys("abc", "finished")
    assert pool.begun == list("abc") and max(pool.at_once) == 2


def test_after_a_death_the_runs_beside_it_are_tried_again_alone(monkeypatch, work_dir):
    tasks = [task_of(name) for name in "abc"]
    status, pool = outcomes(monkeypatch, work_dir, {"a": 1}, tasks)
    assert status == dict.fromkeys("abc", "finished")
    assert sorted(pool.begun[2:4]) == ["a", "b"]  # in any order
    assert pool.begun[:2] + pool.begun[4:] == ["a", "b", "c"]
    assert pool.at_once == [1, 2, 1, 1, 1]


def test_a_run_that_dies_each_time_is_a_row_and_takes_no_other_with_it(
    monkeypatch, work_dir
):
    tasks = [task_of(name) for name in "abc"]
    status, pool = outcomes(monkeypatch, work_dir, {"b": 99}, tasks)
    assert status == {"a": "finished", "b": "died", "c": "finished"}
    assert pool.begun.count("b") == ATTEMPTS and pool.begun.count("a") == 2


class Reference:
    def __init__(self, task):
        self.task = task


class RayError(Exception):
    pass


class RayTaskError(RayError):
    pass


class Ray(types.SimpleNamespace):
    """The calls that the engine makes of Ray, answered at once."""

    def __init__(self, deadly=(), foreign=(), processors=(1, 1), gpus=0):
        super().__init__(cancelled=[], is_connected=True)
        self.raised = dict.fromkeys(deadly, RayError("a machine died"))
        self.raised |= dict.fromkeys(foreign, RayTaskError("No module named 'keras'"))
        self.exceptions = types.SimpleNamespace(
            RayError=RayError, RayTaskError=RayTaskError
        )
        self.processors, self.gpus = processors, gpus

    def nodes(self):
        return [{"Alive": True, "Resources": {"CPU": n}} for n in self.processors]

    def cluster_resources(self):
        return {"GPU": self.gpus} if self.gpus else {}

    def put(self, value):
        return value

    def remote(self, **options):
        self.options = options
        return lambda function: types.SimpleNamespace(
            remote=lambda versions, task, work_dir, data: Reference(task)
        )

    def wait(self, references, num_returns=1, timeout=None):
        return references[:num_returns], references[num_returns:]

    def get(self, reference):
        if reference.task.setting.model in self.raised:
            raise self.raised[reference.task.setting.model]
        return record_of(reference.task)

    def cancel(self, reference, force):
        self.cancelled.append(reference)

    def shutdown(self):
        self.is_connected = False


def test_a_cluster_does_each_task_and_tells_of_those_that_died(monkeypatch, work_dir):
    ray = Ray(deadly="b")
    monkeypatch.setattr(engines, "connected", lambda address, processors: ray)
    tasks = [task_of(name) for name in "abc"]
    with started_engine(work_dir, three_parts(), 2, "local") as engine:
        assert isinstance(engine, RayEngine)
        assert ray.options["max_retries"] == ATTEMPTS - 1
        records = [each for each in engine.outcomes(tasks) if each is not None]
    status = {each.values["model"]: each.values["status"] for each in records}
    assert status == {"a": "finished", "b": "died", "c": "finished"}
    assert not ray.is_connected and ray.cancelled == []


def test_a_cluster_that_is_left_gives_what_ended_and_ends_the_rest(
    monkeypatch, work_dir
):
    ray = Ray(deadly="b")
    monkeypatch.setattr(engines, "connected", lambda address, processors: ray)
    with started_engine(work_dir, three_parts(), 2, "local") as engine:
        assert engine.ended() == []
        going = engine.outcomes([task_of("a"), task_of("b")])
        next(going)
        assert sorted(engine.running()) == sorted(task_of(n).key for n in "ab")
        assert [each.values["model"] for each in engine.ended()] == ["a"]
    assert len(ray.cancelled) == 2


def test_a_machine_without_the_libraries_ends_the_comparison(monkeypatch, work_dir):
    ray = Ray(foreign="b")
    monkeypatch.setattr(engines, "connected", lambda address, processors: ray)
    with started_engine(work_dir, three_parts(), 2, "far:1") as engine:
        records = filter(None, engine.outcomes([task_of(name) for name in "abc"]))
        assert next(records).values["model"] == "a"
        with pytest.raises(LRFinderError, match="No module named 'keras'. Install the"):
            next(records)
        assert [each.values["model"] for each in engine.ended()] == ["c"]
    assert not ray.is_connected


def test_runs_that_no_machine_has_room_for_are_refused(monkeypatch, tmp_path):
    ray = Ray(processors=(2, 4))
    monkeypatch.setattr(engines, "connected", lambda address, processors: ray)
    work_dir = WorkDir(tmp_path, threads=5, builders=b"")
    with pytest.raises(InputError, match="`threads` must be at most .* 4. Received"):
        RayEngine(work_dir, three_parts(), 1, "far:1")
    assert not ray.is_connected


@pytest.mark.parametrize(("workers", "gpus", "share"), [(2, 4, 1), (4, 2, 1 / 2)])
def test_runs_ask_for_the_gpus_of_a_cluster(
    monkeypatch, work_dir, workers, gpus, share
):
    ray = Ray(gpus=gpus)
    monkeypatch.setattr(engines, "connected", lambda address, processors: ray)
    RayEngine(work_dir, three_parts(), workers, "far:1")
    assert ray.options["num_gpus"] == share

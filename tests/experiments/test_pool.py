"""Workers: what they make is what one process makes, and one that dies costs a run."""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time

import cloudpickle
import keras
import psutil
import pytest

from lr_finder.experiments.comparison.records import RunRecord
from lr_finder.experiments.comparison.run import run_task
from lr_finder.experiments.comparison.run_store import RunStore
from lr_finder.experiments.engines import started_engine
from lr_finder.experiments.pool import run_tasks
from lr_finder.experiments.workers import WorkDir

from .conftest import task_of, three_parts

pytestmark = pytest.mark.training


def network(dataset, initializer=None):
    head = keras.layers.Dense(dataset.n_outputs, "softmax")
    return keras.Sequential([keras.Input(dataset.input_shape), head])


def fails(dataset, initializer=None):
    raise RuntimeError("no such thing")


def dies_once(marker):
    def build(dataset, initializer=None):
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return network(dataset)

    return build


def dies(dataset, initializer=None):
    os.kill(os.getpid(), signal.SIGKILL)


def slow_to_build(seconds):
    def build(dataset, initializer=None):
        time.sleep(seconds)
        return network(dataset)

    return build


def leaves(dataset, initializer=None):
    sys.exit("no way on")


@pytest.fixture
def work_dir(tmp_path):
    builders = {
        "network": network,
        "fails": fails,
        "leaves": leaves,
        "dies_once": dies_once(tmp_path / "died"),
        "dies": dies,
        "slow": slow_to_build(2),
    }
    # The tests are no module that another process could import.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    try:
        pickled = cloudpickle.dumps(builders)
    finally:
        cloudpickle.unregister_pickle_by_value(sys.modules[__name__])
    work_dir = WorkDir(tmp_path / "work", 1, pickled, keras.backend.backend())
    work_dir.folder.mkdir()
    return work_dir


@pytest.fixture
def engine(work_dir):
    with started_engine(work_dir, three_parts(), 1) as engine:
        yield engine


@pytest.fixture
def store(tmp_path):
    with RunStore(tmp_path / "runs.sqlite", {"data": "points"}) as store:
        yield store


@pytest.mark.slow
def test_workers_make_what_one_process_makes_and_survive_their_deaths(engine, store):
    tasks = [task_of("fails"), task_of("leaves"), task_of(), task_of("dies_once"),
             task_of(seed=1)]  # fmt: skip
    seen = []
    run_tasks(tasks, engine, store, watch=seen.append)
    runs = store.runs().set_index("key")
    for model, message in (("fails", "no such thing"), ("leaves", "no way on")):
        assert runs["status"][task_of(model).key] == "failed"
        assert message in runs["message"][task_of(model).key]
    for task in (task_of(), task_of(seed=1)):
        expected, _ = run_task(task, three_parts(), network)
        assert runs["test_loss"][task.key] == pytest.approx(
            expected.values["test_loss"], rel=1e-4
        )
    assert runs["status"][task_of("dies_once").key] == "finished"
    assert len(store.epochs()) == 6
    assert seen[-1].ended == seen[-1].total == 5
    assert sum(len(progress.latest) for progress in seen) == 5
    assert any(progress.running for progress in seen)
    assert not list(engine.work_dir.folder.glob("*.json"))

    # Called again, nothing that ended is made again; what failed is.
    seen.clear()
    run_tasks(tasks, engine, store, watch=seen.append)
    assert sum(len(progress.latest) for progress in seen) == 2
    assert store.runs()["key"].tolist()[-1] == task_of("leaves").key


def test_nothing_to_do_is_told_too(engine, store):
    seen = []
    run_tasks([], engine, store, around=(3, 4), watch=seen.append)
    assert [(progress.ended, progress.total) for progress in seen] == [(3, 7)]


@pytest.mark.slow
def test_a_run_that_kills_every_process_is_a_row(engine, store, monkeypatch):
    monkeypatch.setattr("lr_finder.experiments.engines.ATTEMPTS", 1)
    run_tasks([task_of("dies")], engine, store)
    (row,) = store.runs().to_dict("records")
    assert row["status"] == "died" and "ended 1 times" in row["message"]


@pytest.mark.slow
def test_a_run_that_kills_its_process_takes_no_other_with_it(work_dir, store):
    tasks = [task_of("slow"), task_of("dies"), task_of(), task_of("slow", 1)]
    with started_engine(work_dir, three_parts(), 2) as engine:
        run_tasks(tasks, engine, store)
    status = store.runs().set_index("key")["status"]
    expected = ["finished", "died", "finished", "finished"]
    assert [status[task.key] for task in tasks] == expected


class Ended:
    """An engine whose run ends while its caller is interrupted."""

    def __init__(self, record):
        self.record, self.taken = record, False

    def outcomes(self, tasks):
        yield None
        yield self.record
        self.taken = True

    def running(self):
        return []

    def ended(self):
        return [] if self.taken else [self.record]


def test_ctrl_c_loses_no_run_that_ended(store):
    record = RunRecord({"key": "a", "status": "finished"})

    def interrupt(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_tasks([task_of()], Ended(record), store, watch=interrupt)
    assert store.final_keys() == {"a"}


def test_an_engine_gives_what_nobody_took(engine):
    outcomes = engine.outcomes([task_of()])
    record = next(each for each in outcomes if each is not None)
    assert [each.key for each in engine.ended()] == [record.key]
    assert engine.running() == [task_of().key]
    assert next(outcomes) is None  # whoever asks on has kept it
    assert engine.ended() == [] == engine.running()


def test_a_worker_has_the_threads_it_is_given(work_dir, monkeypatch):
    monkeypatch.setenv("XLA_PYTHON_CLIENT_PREALLOCATE", "true")
    environment = work_dir.environment
    assert environment["OMP_NUM_THREADS"] == "1" == environment["NPROC"]
    assert environment["TF_NUM_INTRAOP_THREADS"] == "1"
    assert environment["KERAS_BACKEND"] == keras.backend.backend()
    assert environment["XLA_PYTHON_CLIENT_PREALLOCATE"] == "true"  # the user's own


SCRIPT = """
    import sys
    from pathlib import Path
    import numpy as np
    from lr_finder.data.dataset import Dataset
    from lr_finder.experiments.comparison.api import compare
    from lr_finder.experiments.comparison.plan import Plan

    def network(input_shape):
        import keras
        head = keras.layers.Dense(1)
        return keras.Sequential([keras.Input(input_shape), head])

    x = np.linspace(-1, 1, 2000, dtype="float32")[:, None]
    data = Dataset(x, 3 * x[:, 0], x[:200], 3 * x[:200, 0], "regression")
    plan = Plan(["sgd", "adam"], [0.1, 0.01], 1, None)
    log = open(Path(sys.argv[1], "log.txt"), "a")

    def watch(progress):
        for record in progress.latest:
            print(record.key, file=log, flush=True)

    compare(network, data, plan, 3, out=sys.argv[1], workers=2, threads=1, watch=watch,
            epochs=2, early_stopping=False)
"""


@pytest.fixture
def begin():
    """Begins a comparison in a process of its own, which ends with the test."""
    with contextlib.ExitStack() as stack:

        def begin(folder):
            process = stack.enter_context(subprocess.Popen(
                [sys.executable, "-c", textwrap.dedent(SCRIPT), str(folder)],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            ))  # fmt: skip
            stack.callback(process.kill)
            return process

        yield begin


def children_of(process):
    return psutil.Process(process.pid).children(recursive=True)


def is_alive(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def wait_for(condition, seconds=150):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kill_at_any_moment_loses_and_repeats_no_finished_run(tmp_path, begin):
    log = tmp_path / "log.txt"
    for n_ended in (1, 3, 4, 7, 9):  # runs that ended before each kill
        process = begin(tmp_path)
        wait_for(lambda n=n_ended: log.exists() and len(log.read_text().split()) >= n)
        children = children_of(process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        with RunStore(tmp_path / "comparison.sqlite") as store:
            kept = store.final_keys()
        assert set(log.read_text().split()) <= kept  # none lost
        wait_for(lambda those=children: not any(map(is_alive, those)))
    process = begin(tmp_path)
    assert process.wait(300) == 0, process.stderr.read()
    process.communicate()
    keys = log.read_text().split()
    assert len(keys) == len(set(keys))  # none repeated
    with RunStore(tmp_path / "comparison.sqlite") as store:
        assert len(store.final_keys()) == 12
        assert store.epochs().groupby("key")["epoch"].max().eq(2).all()


@pytest.mark.slow
def test_ctrl_c_ends_the_workers_and_keeps_what_ended(tmp_path, begin):
    log = tmp_path / "log.txt"
    process = begin(tmp_path)
    wait_for(lambda: log.exists() and log.read_text())
    children = children_of(process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert b"KeyboardInterrupt" in errors
    wait_for(lambda: not any(map(is_alive, children)), 10)
    with RunStore(tmp_path / "comparison.sqlite", None) as store:
        assert set(log.read_text().split()) <= store.final_keys()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_cluster_that_loses_a_worker_half_way_ends_complete(tmp_path, monkeypatch):
    ray = pytest.importorskip("ray")
    from lr_finder.experiments.comparison.api import compare
    from lr_finder.experiments.comparison.plan import Plan

    killed = []

    def watch(progress):
        if progress.ended == 2 and not killed:
            workers = [
                process for process in psutil.process_iter(["cmdline"])
                if "ray::work" in " ".join(process.info["cmdline"] or ())
            ]  # fmt: skip
            workers[0].kill()
            killed.append(workers[0].pid)

    plan = Plan(["sgd", "adam"], [0.1, 0.01], 32, None)
    parts = three_parts()
    far = compare("mlp", parts, plan, 2, out=tmp_path / "far", workers=2, threads=1,
                  cluster="local", watch=watch, epochs=2)  # fmt: skip
    assert killed and not ray.is_initialized()
    near = compare("mlp", parts, plan, 2, out=tmp_path / "near", threads=1, epochs=2)
    assert len(far.runs) == 8 and set(far.runs["status"]) == {"finished"}
    columns = ["key", "test_loss"]
    one, other = (each.runs[columns].sort_values("key") for each in (far, near))
    assert one["key"].tolist() == other["key"].tolist()
    assert one["test_loss"].tolist() == pytest.approx(
        other["test_loss"].tolist(), rel=1e-4
    )

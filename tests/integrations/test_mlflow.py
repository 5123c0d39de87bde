"""Runs in MLflow, read back by its own client from SQLite."""

import os
import socket
import time

import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.integrations.mlflow import check, parts, start

SLOW = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def test_what_is_no_address_is_refused(tmp_path):
    folders = ("runs", "./mlruns", f"file:{tmp_path}", f"file://{tmp_path}")
    for given in (*folders, "http://", "htp://localhost:5000", "sqllite:///runs.db"):
        with pytest.raises(InputError, match="mlflow:sqlite:///runs.db"):
            check(given)
    servers = ("http://localhost:5000", "HTTPS://there", "databricks")
    for given in ("sqlite:///runs.db", "mysql+pymysql://u:p@there/runs", *servers):
        assert check(given) == given


def test_the_usual_address(monkeypatch):
    assert check(None) == "sqlite:///mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://there:1")
    assert check(None) == "http://there:1"


def test_parts_hold_all_and_no_more_than_allowed():
    values = list(range(2501))
    pieces = list(parts(values, 1000))
    assert [len(piece) for piece in pieces] == [1000, 1000, 501]
    assert sum(pieces, []) == values
    assert list(parts([], 10)) == []


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    pytest.importorskip("mlflow")
    pytest.importorskip("sqlalchemy")
    pytest.importorskip("alembic")
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/new/runs.db"


@pytest.fixture
def client(store):
    import mlflow

    return mlflow.MlflowClient(store)


class TestAFinding:
    pytestmark = SLOW

    @pytest.fixture(scope="class")
    def logged(self, store, finding):
        import mlflow

        place = finding.log_to("mlflow", store, name="whole")
        client = mlflow.MlflowClient(store)
        (experiment,) = client.search_experiments(filter_string="name = 'lr_finder'")
        runs = client.search_runs([experiment.experiment_id])
        assert place == f"run whole of {store}"
        return {run.info.run_name: run for run in runs}

    def test_what_was_found_and_set(self, logged, finding):
        run = logged["whole"]
        assert run.info.status == "FINISHED"
        assert run.data.metrics["suggestion/lr"] == finding.lr
        assert run.data.params["optimizer"] == "Adam"
        assert run.data.params["data"] == "x" * 6000  # no more is taken
        assert finding.suggestion.warnings[0] in run.data.tags["mlflow.note.content"]
        assert run.data.tags["suggestion"] == str(finding)

    def test_curves(self, logged, client, finding):
        identity = logged["whole"].info.run_id
        points = client.get_metric_history(identity, "sweep/loss")
        points.sort(key=lambda point: point.step)
        assert [point.step for point in points] == list(range(120))
        np.testing.assert_allclose([p.value for p in points], finding.sweep.losses)
        over = client.get_metric_history(identity, "sweep_over_rate/loss")
        over.sort(key=lambda point: point.step)
        rates = [10 ** (point.step / 1000) for point in over]
        np.testing.assert_allclose(rates, finding.sweep.lrs, rtol=2e-3)
        np.testing.assert_allclose([p.value for p in over], finding.sweep.losses)
        refused = client.get_metric_history(identity, "epoch/top-5 _")  # of `top-5 %`
        assert sorted(point.value for point in refused) == [0.1, 0.2]
        batches = client.get_metric_history(identity, "batch/loss")
        assert sum(np.isnan(point.value) for point in batches) == 1

    def test_nested_runs(self, logged, client, finding):
        parent = logged["whole"].info.run_id
        nested = {
            name for name, run in logged.items()
            if run.data.tags.get("mlflow.parentRunId") == parent
        }  # fmt: skip
        assert nested == {
            "candidate 1e-3", "candidate 3e-3", "training at the compiled rate 1e-3",
        }  # fmt: skip
        identity = logged["candidate 3e-3"].info.run_id
        points = client.get_metric_history(identity, "trial/loss")
        values = [p.value for p in sorted(points, key=lambda p: p.step)]
        np.testing.assert_allclose(values, finding.verification.losses[3e-3])

    def test_files(self, logged, client, finding):
        from lr_finder.results.sweep import SweepResult

        identity = logged["whole"].info.run_id
        names = {each.path for each in client.list_artifacts(identity)}
        assert names >= {"sweep.png", "sweep.npz", "suggestion.json"}
        path = client.download_artifacts(identity, "sweep.npz", ".")
        np.testing.assert_array_equal(
            SweepResult.load(path).losses, finding.sweep.losses
        )
        assert not os.path.exists("mlruns")  # nothing beside the database's folder


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_new_store_is_made_in_silence(tmp_path, capfd):
    pytest.importorskip("mlflow")
    start(f"sqlite:///{tmp_path}/new.db", "first").close()
    assert "table" not in capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_run_is_nested_in_the_one_that_is_active(store, client, sweep):
    import mlflow

    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(store)
    try:
        with mlflow.start_run() as mine:
            sweep.log_to("mlflow", store, name="inside")
            assert mlflow.active_run().info.run_id == mine.info.run_id
    finally:
        mlflow.set_tracking_uri(before)
    (inside,) = client.search_runs(
        [mine.info.experiment_id], "tags.mlflow.runName = 'inside'"
    )
    assert inside.data.tags["mlflow.parentRunId"] == mine.info.run_id


@pytest.mark.slow
@pytest.mark.training
@pytest.mark.filterwarnings("ignore")
def test_the_callback_logs_true_values_of_batches(store, client):
    import keras

    import lr_finder

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).normal(size=(80, 2))
    callback = lr_finder.TrackingCallback("mlflow", store, name="fit")
    model.fit(x, x[:, 0], batch_size=8, verbose=0, callbacks=[callback])
    (experiment,) = client.search_experiments(filter_string="name = 'lr_finder'")
    (run,) = client.search_runs(
        [experiment.experiment_id], "tags.mlflow.runName = 'fit'"
    )
    points = client.get_metric_history(run.info.run_id, "batch/loss")
    values = [point.value for point in sorted(points, key=lambda p: p.step)]
    np.testing.assert_allclose(values, callback.history["loss"])
    assert run.info.status == "FINISHED"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_server_that_does_not_answer_is_given_up(sweep, monkeypatch):
    """It takes the connection, and says nothing."""
    pytest.importorskip("mlflow")
    from lr_finder.integrations import tracking

    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        import mlflow  # noqa: F401  # loading it takes longer than is waited for

        monkeypatch.setattr(tracking, "PATIENCE", 3.0)
        begin = time.monotonic()
        with pytest.warns(UserWarning, match="no answer within 3 seconds"):
            assert sweep.log_to("mlflow", address) is None
        assert time.monotonic() - begin < 60

"""Runs in W&B's offline files, read back as its own messages."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from lr_finder.integrations.wandb import check


def test_the_usual_project(monkeypatch):
    assert check(None) == "lr_finder"
    assert check("entity/mine") == "entity/mine"
    monkeypatch.setenv("WANDB_PROJECT", "ours")
    assert check(None) == "ours"


HEADER, BLOCK, CHUNK = 7, 2**15, struct.Struct("<IHB")  # of LevelDB's log format
FULL, LAST = 1, 4  # of the kinds of a chunk; a record of several ends with the last


def records(path):
    """What a run's file holds: W&B's own messages, in the log that frames them.

    The package has no reader of it in Python since 0.31.
    """
    from wandb.proto import wandb_internal_pb2

    data, place, message = path.read_bytes(), HEADER, b""
    assert data.startswith(b":W&B")
    while place + CHUNK.size <= len(data):
        if BLOCK - place % BLOCK < CHUNK.size:  # the rest of a block is padding
            place += BLOCK - place % BLOCK
            continue
        _, length, kind = CHUNK.unpack_from(data, place)
        place += CHUNK.size
        message += data[place : place + length]
        place += length
        if kind in (FULL, LAST):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(message)
            yield record
            message = b""


class Read:
    """A run as W&B would send it: name, config, history, summary, artifacts."""

    def __init__(self, path):
        self.history, self.summary, self.config, self.metrics = [], {}, {}, {}
        self.artifacts, self.notes, self.exit = [], "", None
        for record in records(path):
            kind = record.WhichOneof("record_type")
            if kind == "run":
                self.name, self.group = record.run.display_name, record.run.run_group
                self.kind = record.run.job_type
                self.notes = record.run.notes or self.notes
                self._update(self.config, record.run.config.update)
            elif kind == "config":
                self._update(self.config, record.config.update)
            elif kind == "history":
                self.history.append(self._update({}, record.history.item))
            elif kind == "summary":
                self._update(self.summary, record.summary.update)
            elif kind == "metric":
                each = record.metric
                self.metrics[each.name or each.glob_name] = each.step_metric
            elif kind == "artifact":
                self.artifacts.append(record.artifact)
            elif kind == "request" and record.request.HasField("log_artifact"):
                self.artifacts.append(record.request.log_artifact.artifact)
            elif kind == "exit":
                self.exit = record.exit.exit_code

    @staticmethod
    def _update(known, items):
        for item in items:
            name = item.key or "/".join(item.nested_key)
            known[name] = json.loads(item.value_json)
        return known

    def column(self, name):
        return [row[name] for row in self.history if name in row]


@pytest.fixture(scope="module")
def runs(finding, tmp_path_factory):
    """Each run of a finding that was logged, by its name."""
    pytest.importorskip("wandb")
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("wandb")
        for name in ("WANDB_DIR", "WANDB_DATA_DIR", "WANDB_CACHE_DIR"):
            patch.setenv(name, str(folder))
        patch.setenv("WANDB_CONFIG_DIR", str(folder))
        patch.setenv("WANDB_ERROR_REPORTING", "false")
        patch.setenv("WANDB_MODE", "offline")
        place = finding.log_to("wandb", "mine", name="whole")
    assert Path(place.removeprefix("folder ")).is_dir()
    read = [Read(path) for path in folder.glob("wandb/offline-run-*/run-*.wandb")]
    return {run.name: run for run in read}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
class TestAFinding:
    def test_parameters_and_what_was_found(self, runs, finding):
        run = runs["whole"]
        assert run.config["optimizer"] == "Adam"
        assert run.config["batch_size"] == 32
        assert run.summary["suggestion/lr"] == pytest.approx(finding.lr)
        assert finding.suggestion.warnings[0] in run.summary["text/warnings"]
        assert str(finding) in run.notes
        assert run.exit == 0

    def test_curves_over_the_rate_and_over_steps(self, runs, finding):
        run = runs["whole"]
        np.testing.assert_allclose(run.column("sweep/lr"), finding.sweep.lrs)
        np.testing.assert_allclose(run.column("sweep/loss"), finding.sweep.losses)
        assert run.column("sweep/step") == list(range(120))
        assert run.metrics["sweep/*"] == "sweep/lr"
        assert run.metrics["batch/*"] == "batch/step"
        losses = [x for x in run.column("batch/loss") if isinstance(x, int | float)]
        known = np.array(finding.training.record.batches["loss"])
        np.testing.assert_allclose(
            [x for x in losses if np.isfinite(x)], known[np.isfinite(known)]
        )

    def test_nested_runs_are_of_one_group(self, runs, finding):
        assert set(runs) == {
            "whole", "candidate 1e-3", "candidate 3e-3",
            "training at the compiled rate 1e-3",
        }  # fmt: skip
        assert {run.group for run in runs.values()} == {"whole"}
        assert {runs[name].kind for name in runs if name != "whole"} == {"nested"}
        losses = finding.verification.losses[3e-3]
        np.testing.assert_allclose(runs["candidate 3e-3"].column("trial/loss"), losses)

    def test_pictures_and_files(self, runs):
        run = runs["whole"]
        assert run.column("figures/sweep/_type") == ["image-file"]
        (artifact,) = run.artifacts
        kept = {entry.path for entry in artifact.manifest.contents}
        assert kept >= {"sweep.png", "sweep.npz", "suggestion.json"}

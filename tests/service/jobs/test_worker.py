"""The process of a job with Keras: what it finds, what it refuses, what limits it."""

import dataclasses
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from lr_finder.service.jobs.limited import environment
from lr_finder.service.schemas import ComparisonOptions, FindingOptions
from lr_finder.service.service_settings import MEBIBYTE, Limits

from .test_uploads import picture, zipped

pytestmark = [pytest.mark.training, pytest.mark.timeout(600)]
SCHEMAS = {"finding": FindingOptions, "comparison": ComparisonOptions}
RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3))
TABLE = b"a,b,c,y\n" + b"".join(
    b"%f,%f,%f,%f\n" % (*row, row @ [1.0, -2.0, 0.5]) for row in X
)
SERIES = b"day,sold\n" + b"".join(
    b"%d,%f\n" % (day, 10 + np.sin(day / 3)) for day in range(200)
)


@pytest.fixture
def do(tmp_path):
    """Does a job; its folder, which is `result-1` if there is a result."""

    def run(job, name, content, limits=None, **options):
        sent, folder = tmp_path / "sent", tmp_path / "attempt-1"
        for each in (sent, folder):
            each.mkdir()
        (sent / name).write_bytes(content)
        for other, more in options.pop("files", {}).items():
            (sent / other).write_bytes(more)
        order = {
            "kind": job, "name": "mine", "result": "result-1",
            "options": SCHEMAS[job].model_validate(options).model_dump(),
            "limits": dataclasses.asdict(limits or Limits()),
        }  # fmt: skip
        (folder / "order.json").write_text(json.dumps(order))
        subprocess.run(
            [sys.executable, "-P", "-m", "lr_finder.service.jobs.worker", folder,
             str(os.getpid())],
            env=environment() | {"CUDA_VISIBLE_DEVICES": ""}, cwd=folder,
            capture_output=True,
        )  # fmt: skip
        whole = tmp_path / "result-1"
        return whole if whole.is_dir() else folder

    return run


def told_of(folder, name="result.json"):
    return json.loads((folder / name).read_text())


def test_a_table_is_swept(do):
    folder = do("finding", "data.csv", TABLE, steps=60, target="y")
    told = told_of(folder)
    assert told["suggestion"]["low"] <= told["suggestion"]["lr"]
    assert (told["source"], told["points"] <= 60) == ("mine", True)
    assert "data.csv" not in (folder / "report.html").read_text()
    assert (folder / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert "<script" not in (folder / "report.html").read_text()
    assert (folder / "sweep.csv").read_text().count("\n") >= told["points"]
    assert told_of(folder, "progress.json")["stage"] == "sweep"
    text = "".join(path.read_text(errors="ignore") for path in folder.glob("*.*"))
    assert str(folder.parent) not in text.replace(
        told_of(folder, "order.json")["name"], ""
    )


def images():
    return zipped(
        (f"photos/{name}/{i}.png", picture(shade + i))
        for name, shade in (("dark", 10), ("light", 200))
        for i in range(40)
    )


def arrays():
    file = io.BytesIO()
    np.savez(file, x=X, y=X @ [1.0, -2.0, 0.5])
    return file.getvalue()


def model():
    """A saved model of three inputs."""
    import tempfile

    import keras

    made = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    made.compile("adam", "mse")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.keras")
        made.save(path)
        return path.read_bytes()


def bad_model():
    """One that asks for Python code."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(model())) as old, zipfile.ZipFile(file, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "config.json":
                config = json.loads(content)
                layer = config["config"]["layers"][-1]
                layer |= {"module": "os", "class_name": "system", "config": "true"}
                content = json.dumps(config).encode()
            new.writestr(entry.filename, content)
    return file.getvalue()


@pytest.mark.slow
def test_other_forms_of_data_are_swept(do, tmp_path):
    for i, (name, content, options, kind) in enumerate(
        [
            ("images.zip", images(), {}, "images"),
            ("data.csv", SERIES, {"kind": "series", "window": 7}, "series"),
            ("data.npz", arrays(), {}, "tabular"),
            ("data.zip", zipped([("prices.csv", TABLE)]), {}, "tabular"),
        ]
    ):
        folder = do("finding", name, content, steps=40, **options)
        assert told_of(folder)["kind"] == kind, name
        for each in ("sent", "result-1"):
            (tmp_path / each).rename(tmp_path / f"{each}-of-{i}")


@pytest.mark.slow
def test_verified_and_trained(do):
    folder = do(
        "finding", "data.csv", TABLE, steps=60, verify=True, train=3,
        against_default=True, schedule="cosine",
    )  # fmt: skip
    told = told_of(folder)
    assert told["training"]["epochs"] <= 3 and told["verification"]["table"]
    assert not list(folder.glob("**/*.keras"))


@pytest.mark.slow
def test_a_comparison(do):
    folder = do(
        "comparison", "data.csv", TABLE, optimizers=["adam", "sgd(momentum=0.9)"],
        rates=[0.01, "found"], seeds=1, epochs=2, steps=40,
    )  # fmt: skip
    told = told_of(folder)
    assert (told["runs"], told["source"], len(told["ranking"])) == (4, "mine", 2)
    assert (folder / "runs.csv").read_text().count("\n") == 5
    assert told_of(folder, "progress.json")["stage"] == "comparison"
    assert not (folder / "work").exists()


@pytest.mark.slow
def test_a_model_that_was_sent_is_swept_in_safe_mode(do, tmp_path):
    folder = do("finding", "data.csv", TABLE, files={"model.keras": model()}, steps=40)
    assert "4 parameters" in told_of(folder)["model"]
    for each in ("sent", "result-1"):
        (tmp_path / each).rename(tmp_path / f"{each}-of-first")
    folder = do(
        "finding", "data.csv", TABLE, files={"model.keras": bad_model()}, steps=40
    )
    assert told_of(folder, "fault.json")["error"]["type"] == "ModelError"


@pytest.mark.parametrize(
    ("name", "content", "limits", "kind", "words"),
    [
        ("data.csv", TABLE, {"rows": 20}, "InputError", "at most 20 rows"),
        ("data.csv", b"a,b\n", {}, "InputError", "rows of data"),
        ("data.csv", b"\x80\x04K\x01.", {}, "InputError", "pickle"),
        ("data.csv", TABLE, {"memory": 700 * MEBIBYTE}, None, "memory"),
    ],
)
@pytest.mark.few(1)
def test_a_job_that_cannot_be_done_says_why(do, name, content, limits, kind, words):
    folder = do("finding", name, content, Limits(**limits), steps=40)
    if kind is None:  # whatever library met the limit first
        assert folder.name == "attempt-1"
        return
    error = told_of(folder, "fault.json")["error"]
    assert error["type"] == kind and words in error["message"]
    assert str(folder.parent) not in error["message"]


@pytest.mark.slow
def test_bombs_stay_below_the_limit_of_memory(do, tmp_path):
    """An NPZ of 1 MB that would take 1 GiB and more."""
    file = io.BytesIO()
    np.savez_compressed(file, x=np.zeros((2**20, 100)), y=np.zeros(2**20))
    limits = Limits(memory=3072 * MEBIBYTE)
    folder = do("finding", "data.npz", file.getvalue(), limits, steps=40)
    assert folder.name == "attempt-1"

import dataclasses

import pytest

keras = pytest.importorskip("keras")

from lr_finder.cli.finding.runs import Run, Settings, describe_model  # noqa: E402
from lr_finder.cli.finding.swept_models import Candidate  # noqa: E402
from lr_finder.cli.shared.output import OutputFolder  # noqa: E402
from lr_finder.cli.shared.sources import DataOptions, load_source  # noqa: E402
from lr_finder.models.defaults import build_default  # noqa: E402
from lr_finder.training import sweep  # noqa: E402

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]

SWEEP = {
    "batch_size": 16, "start_lr": 1e-5, "end_lr": 100.0, "steps": 60, "repeats": 1,
    "seed": 0,
}  # fmt: skip


@pytest.fixture
def run(files, tmp_path):
    data = load_source(DataOptions(str(files.prices)), seed=0)
    keras.utils.set_random_seed(0)
    candidate = Candidate("", "default", build_default(data.dataset))
    settings = Settings(SWEEP, "drop", is_shown=False)
    return Run(candidate, data, OutputFolder(tmp_path / "out"), settings)


@pytest.mark.parametrize("device", ["NVIDIA H200", None])
def test_device_is_told_where_the_sweep_knows_it(run, monkeypatch, device):
    original = sweep.sweep

    def on_a_device(*arguments, **settings):
        result = original(*arguments, **settings)
        about = {k: v for k, v in result.metadata.items() if k != "device"}
        about |= {} if device is None else {"device": device}
        return dataclasses.replace(result, metadata=about)

    monkeypatch.setattr(sweep, "sweep", on_a_device)
    run.execute()
    assert run.report.get("device") == device


def test_what_was_swept_is_in_the_result(run):
    run.execute()
    about = run.verdict.result.metadata
    assert (about["kind"], about["task"]) == ("tabular", "regression")
    assert run.report["kind"] == "tabular"
    assert run.report["suggestion"]["lr"] == run.verdict.suggestion.lr


@pytest.mark.parametrize(
    ("loss", "name"),
    [
        ("mse", "mse"),
        (keras.losses.Huber(), "Huber"),
        (keras.losses.mean_squared_error, "mean_squared_error"),
    ],
)
def test_a_loss_is_called_as_a_person_calls_it(loss, name):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(keras.optimizers.RMSprop(), loss)
    assert describe_model(model) == {
        "parameters": 8, "optimizer": "RMSprop", "loss": name,
    }  # fmt: skip

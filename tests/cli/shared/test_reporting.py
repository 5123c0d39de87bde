"""`--report` of any command: of what its folder holds."""

import pandas as pd

from lr_finder._output import OutputFolder
from lr_finder.cli.shared.reporting import with_report
from lr_finder.experiments.comparison.kept_runs import STORE_FILE
from lr_finder.experiments.comparison.records import RunRecord
from lr_finder.experiments.comparison.run_store import RunStore
from lr_finder.results.comparison import Comparison


def test_without_the_option_nothing_is_written(tmp_path):
    told = {"files": {"a": "b"}}
    assert with_report(told, None, OutputFolder(tmp_path)) == told
    assert list(tmp_path.iterdir()) == []


def test_of_a_comparison_it_is_that_of_its_runs(tmp_path):
    about = {"data": "digits", "metric": "accuracy", "chance": 0.1}
    with RunStore(tmp_path / STORE_FILE, about) as store:
        for i in range(2):
            values = {"model": "mlp", "optimizer": f"adam{i}", "rate": "0.01",
                      "seed": 0, "batch_size": 32, "initializer": "default",
                      "status": "finished", "learning_rate": 0.01,
                      "val_accuracy": 0.9, "test_accuracy": 0.9 - i / 10}  # fmt: skip
            store.add(RunRecord(values | {"key": str(i)}))
        frames = store.runs(), store.epochs()
    path = tmp_path / "page.html"
    told = with_report({"runs": 2}, path, OutputFolder(tmp_path))
    assert told == {"runs": 2, "files": {"page.html": str(path)}}
    assert all(isinstance(frame, pd.DataFrame) for frame in frames)
    first = Comparison(*frames).sentences()[1]
    assert f"{first}." in path.read_text("utf-8")

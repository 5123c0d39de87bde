"""What is printed, from a report as JSON has it."""

import json

import pytest

from lr_finder.cli.landscapes.landscape_summary import deliver

REPORT = {
    "source": "a.csv", "kind": "tabular", "model": "mine", "parameters": 7,
    "optimizer": "SGD", "loss": "mse", "device": "CPU", "samples": 1000,
    "notes": ["warning: column a may leak"],
    "landscape": {"says": ["The first sentence.", "The second."], "points": [5, 5]},
    "files": {"landscape.png": "run/landscape.png"},
}  # fmt: skip


@pytest.mark.parametrize("is_json", [True, False])
def test_all_of_it(is_json, capsys):
    deliver(REPORT, as_json=is_json, quiet=False)
    printed = capsys.readouterr().out
    if is_json:
        assert json.loads(printed) == REPORT
        return
    assert "mine, 7 parameters; SGD on mse" in printed
    assert printed.index("The first sentence.") < printed.index("The second.")
    assert "5 × 5 points, each the loss of 1,000 rows" in printed
    assert "run/landscape.png" in printed


def test_quiet_is_the_first_sentence(capsys):
    deliver(REPORT, as_json=False, quiet=True)
    printed = capsys.readouterr()
    assert printed.out == "The first sentence.\n"
    assert printed.err == "Warning: column a may leak\n"

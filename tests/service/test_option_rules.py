"""Options are checked with the rules of the library, which load no Keras here."""

import subprocess
import sys

import pytest

from lr_finder.errors import InputError
from lr_finder.service.option_rules import check_comparison, check_finding
from lr_finder.service.schemas import ComparisonOptions, FindingOptions

CHECKS = """
import sys
from lr_finder.service.app import Service
from lr_finder.service.option_rules import check_comparison, check_finding
from lr_finder.service.schemas import ComparisonOptions, FindingOptions
check_finding(FindingOptions(optimizer="adam", train=3, schedule="wsd").model_dump())
options = ComparisonOptions(optimizers=["adam", "sgd(momentum=0.9)"], schedule="wsd")
check_comparison(options.model_dump())
print({"keras", "tensorflow"} & set(sys.modules))
"""


def test_the_service_loads_no_keras():
    run = subprocess.run(
        [sys.executable, "-c", CHECKS], capture_output=True, text=True, check=True
    )
    assert run.stdout == "set()\n"


@pytest.mark.parametrize(
    "options",
    [
        {}, {"train": 5, "schedule": "cosine", "against_default": True},
        {"verify": True, "train": 5, "continue_from_verification": True},
        {"verify": True, "budget_steps": 500}, {"kind": "series", "window": 7},
        {"drop": ["a", "b"], "sep": ";", "decimal": ",", "encoding": "cp1251"},
    ],
    ids=str,
)  # fmt: skip
def test_options_that_go_together_pass(options):
    check_finding(FindingOptions(**options).model_dump())


@pytest.mark.parametrize(
    "options",
    [
        {}, {"optimizers": ["adam", "sgd(momentum=0.9)"], "rates": [0.1, "found"]},
        {"batch_sizes": [32, 64], "initializers": ["he_normal", "default"]},
        {"models": ["mlp", "cnn"], "full_grid": True, "verify": True},
    ],
    ids=str,
)  # fmt: skip
def test_comparisons_that_can_be_made_pass(options):
    check_comparison(ComparisonOptions(**options).model_dump())


def test_a_batch_size_is_given_once():
    with pytest.raises(InputError, match="`batch_sizes` must hold"):
        check_comparison(ComparisonOptions(batch_sizes=[8, 8]).model_dump())

"""What earlier runs are told to have come to."""

import pytest

from lr_finder.history.earlier_runs import spoken_optimizer, tell_earlier


def runs(*rates, **shared):
    usual = {"optimizer": "Adam", "momentum": None, "kind": "images"} | shared
    return [usual | {"verified": rate, "suggested": 0.5} for rate in rates]


@pytest.mark.parametrize(
    "given, told",
    [
        ([], ""),
        (runs(8e-4, 2e-3, *[1.2e-3] * 10),
         "Your 12 Adam runs on images verified at 8e-4 to 2e-3, median 1.2e-3."),
        (runs(8e-4, 2e-3), "Your 2 Adam runs on images verified at 8e-4 to 2e-3."),
        (runs(1e-3, 1e-3), "Your 2 Adam runs on images verified at 1e-3."),
        (runs(1e-3, None, kind="text"), "Your Adam run on texts verified at 1e-3."),
        (runs(None, kind="tabular"),
         "A sweep suggested 0.5 for your Adam run on tables."),
        (runs(None, None, kind="arrays"),
         "Sweeps suggested 0.5 for your 2 Adam runs on arrays."),
        ([run | {"suggested": rate} for run, rate in zip(
            runs(*[None] * 3, kind="tabular"), (3e-3, 1e-3, 2e-3), strict=True)],
         "Sweeps suggested 1e-3 to 3e-3, median 2e-3, for your 3 Adam runs on tables."),
        (runs(0.1, optimizer="SGD", momentum=0.9, kind="series"),
         "Your SGD with momentum 0.9 run on series verified at 0.1."),
        ([{"optimizer": "Adam", "kind": "images"}], ""),
    ],
)  # fmt: skip
def test_the_sentence(given, told):
    assert tell_earlier(given) == told


def test_an_optimizer_of_ones_own_has_no_name():
    assert spoken_optimizer({"optimizer": "own"}) == "unnamed"
    assert spoken_optimizer({"optimizer": "SGD", "momentum": 0.0}) == "SGD"

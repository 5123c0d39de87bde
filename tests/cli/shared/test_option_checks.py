import math
import re

import pytest

from lr_finder.cli.comparing import options_of_compare
from lr_finder.cli.shared import options
from lr_finder.cli.shared.option_checks import (
    check_at_least,
    check_batch_fits,
    check_choice,
    check_rates,
    check_schedule,
)
from lr_finder.errors import InputError
from lr_finder.schedules.named import DEFAULT, NAMED


@pytest.mark.parametrize("rate", [0.0, -1.0, math.nan, math.inf, -math.inf])
def test_refuses_rates_that_are_none(rate):
    with pytest.raises(InputError, match=f"--start-lr .* Received: --start-lr {rate}"):
        check_rates(rate, 1.0)
    with pytest.raises(InputError, match=f"--end-lr .* Received: --end-lr {rate}"):
        check_rates(1e-3, rate)


@pytest.mark.parametrize(
    ("start", "end", "way_out"), [(1.0, 0.1, "Swap"), (0.1, 0.1, "Raise --end-lr")]
)
def test_refuses_an_empty_range(start, end, way_out):
    with pytest.raises(InputError, match=way_out):
        check_rates(start, end)


def test_counts():
    check_at_least("--steps", 10, 10)
    check_at_least("--train", None, 1)
    with pytest.raises(InputError, match="--steps must be at least 10.*--steps 9"):
        check_at_least("--steps", 9, 10)


def test_batch_must_fit():
    check_batch_fits(8, rows=8)
    with pytest.raises(InputError, match="at most the 8 training rows.*--batch-size 2"):
        check_batch_fits(9, rows=8)


def test_near_names_are_proposed_and_far_ones_not():
    check_choice("--method", "valley", ["steepest", "valley"])
    with pytest.raises(InputError, match=r"Did you mean valley\?"):
        check_choice("--method", "Valey", ["steepest", "valley"])
    with pytest.raises(InputError, match=r"Received: --method xyz\.$"):
        check_choice("--method", "xyz", ["steepest", "valley"])


def test_a_schedule_is_known_and_alone():
    for name in (None, "default", "one_cycle"):
        check_schedule(name)
    check_schedule(None, is_lowered=True)
    with pytest.raises(InputError, match="--schedule onecycle. Did you mean one_cycle"):
        check_schedule("onecycle")
    with pytest.raises(InputError, match="--schedule wsd --reduce-on-plateau. Leave"):
        check_schedule("wsd", is_lowered=True)


@pytest.mark.parametrize("help_of", [options.Schedule, options_of_compare.Schedule])
def test_the_help_of_a_schedule_has_each_name(help_of):
    (option,) = help_of.__metadata__
    assert set(NAMED) <= set(re.findall(r"\w+", option.help))
    assert f"Default: {DEFAULT}" in option.help or "Default: constant" in option.help

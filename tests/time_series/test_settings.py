import pytest

from lr_finder.errors import InputError
from time_series.settings import ARMS, MODEL_NAMES, ForecastSettings, checked_arm


@pytest.mark.training
def test_the_names_of_models_are_those_that_can_be_built():
    from time_series.model import MODELS

    assert tuple(MODELS) == MODEL_NAMES


def test_each_part_of_the_optimized_way_stands_alone_once():
    parts = ("is_found", "is_stopped", "is_lowered")
    assert all(getattr(ARMS["optimized"], part) for part in parts)
    for part, name in zip(parts, ("found", "stopping", "plateau"), strict=True):
        on = [each for each in parts if getattr(ARMS[name], each)]
        assert on == [part]
    assert not any(vars(ARMS["baseline"]).values())
    assert len({tuple(vars(arm).items()) for arm in ARMS.values()}) == len(ARMS)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"model": "tree"}, "one of dense, lstm, conv.*'tree'"),
        ({"epochs": 0}, "epochs=0"),
        ({"batch_size": -1}, "batch_size=-1"),
        ({"num_epochs": 2.5}, "num_epochs=2.5"),
    ],
)
def test_bad_settings_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        ForecastSettings(**options)


def test_an_arm_that_is_none_is_refused():
    with pytest.raises(InputError, match="'best'"):
        checked_arm("best")

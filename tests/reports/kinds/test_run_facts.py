"""How something was made, and the call that makes it again."""

import inspect

import pytest

from lr_finder.reports.kinds.run_facts import SWEPT, call_of, how_it_was_made


def test_defaults_are_those_of_the_sweep():
    """What is left out of the call is what the call then does."""
    pytest.importorskip("keras")
    from lr_finder.training.sweep import sweep

    parameters = inspect.signature(sweep).parameters
    for name, value in SWEPT.items():
        if name == "seed":  # always told
            continue
        assert parameters[name].default == value, name


def test_a_call_has_what_differs_and_the_seed():
    metadata = dict(SWEPT) | {"end_lr": 1.0, "repeats": 3}
    assert call_of(metadata) == (
        "lr_finder.sweep(model, x, y, end_lr=1.0, repeats=3, seed=0)"
    )
    callback = {k: v for k, v in metadata.items() if k not in ("seed", "repeats")}
    assert "LRSweep(end_lr=1.0)" in call_of(callback)
    assert call_of({}) == ""


def test_nothing_known_is_no_section():
    assert how_it_was_made({}, {}).blocks == ()
    told = how_it_was_made({"lr_finder": "0.1"}, {"device": "GPU"})
    facts = dict(told.blocks[0].rows)
    assert facts == {"lr_finder": ("0.1",), "Device": ("GPU",)}


def test_the_command_that_was_typed_comes_before_a_call():
    about = {"command": "lr_finder find a.csv"}
    assert how_it_was_made(dict(SWEPT), about).blocks[-1].text == about["command"]
    assert how_it_was_made(dict(SWEPT), {}).blocks[-1].text == call_of(SWEPT)

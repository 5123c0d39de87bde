"""Which values a run may have."""

import math

import pytest

from lr_finder.history.kept_columns import COLUMNS, checked_run

RUN = {"id": "0" * 32, "date": "2026-01-31T12:00:00", "optimizer": "Adam"}


def test_a_run_has_every_column_and_no_other():
    run = checked_run(RUN | {"password": "1234"})
    assert list(run) == list(COLUMNS)
    assert {name for name, value in run.items() if value is not None} == set(RUN)


@pytest.mark.parametrize(
    "name, given, kept",
    [
        ("batch_size", "32", 32),
        ("batch_size", 32.0, 32),
        ("verified", "1e-3", 1e-3),
        ("verified", "", None),
        ("verified", math.nan, None),
        ("momentum", 0, 0.0),
        ("layers", "Conv2D 2, Dense 1", "Conv2D 2, Dense 1"),
        ("final_loss", "-3.5", -3.5),
    ],
)
def test_values_are_read_in_the_type_of_the_column(name, given, kept):
    read = checked_run(RUN | {name: given})[name]
    assert read == kept and type(read) is type(kept)


@pytest.mark.parametrize(
    "name, given",
    [
        ("id", "../../etc/passwd"),
        ("id", "0" * 31 + "G"),
        ("date", "2026-02-31T12:00:00"),
        ("date", "yesterday"),
        ("optimizer", "=cmd()"),
        ("optimizer", "Adam\n"),
        ("optimizer", "\x1b[31mAdam"),
        ("optimizer", "Ädam"),
        ("optimizer", "A" * 121),
        ("optimizer", 3),
        ("kind", "imagesx"),
        ("command", "rm"),
        ("origin", "mine"),
        ("batch_size", 0),
        ("batch_size", 1.5),
        ("batch_size", "32; DROP TABLE runs"),
        ("batch_size", True),
        ("batch_size", 10**400),
        ("parameters", 2**63),
        ("parameters", "inf"),
        ("verified", 0),
        ("verified", -1e-3),
        ("verified", "1e999"),
        ("verified", [1e-3]),
        ("momentum", 1.1),
        ("layers", "Conv2D"),
        ("loss", "<script>"),
        ("final_loss", math.inf),
    ],
)
def test_what_breaks_a_rule_is_refused_by_name(name, given):
    with pytest.raises(ValueError, match=rf"^{name} (must be|is missing)"):
        checked_run(RUN | {name: given})


@pytest.mark.parametrize("name", RUN)
def test_what_a_run_needs(name):
    with pytest.raises(ValueError, match=f"^{name} is missing$"):
        checked_run({key: value for key, value in RUN.items() if key != name})

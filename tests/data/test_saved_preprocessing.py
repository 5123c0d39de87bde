"""The preprocessing beside a model: round trips, versions, corrupted files."""

import json
import random

import pytest

from lr_finder.data.cells.number_styles import NumberStyle
from lr_finder.data.prepare.table import load_table
from lr_finder.data.saved_preprocessing import (
    Preprocessing,
    Reading,
    SeriesSteps,
    Target,
    TextSteps,
    load_preprocessing,
    read_preprocessing,
)
from lr_finder.errors import InputError

TARGET = Target("sold", "regression", (), 5.5, 2.25)
LABEL = Target("label", "classification", ("ham", "späm"), 0.0, 1.0)
READING = Reading(("day", "sold"), True, {"sold": NumberStyle(",", "€", True)})


@pytest.fixture
def of_table(tmp_path):
    path = tmp_path / "homes.csv"
    lines = [f"{i},{'ab'[i % 2]},2024-01-{i:02},${i}.50" for i in range(1, 29)]
    path.write_text("\n".join(["area,town,day,rent", *lines]))
    return load_table(path).preprocessing


@pytest.fixture
def saved(of_table, tmp_path):
    path = tmp_path / "preprocessing.json"
    path.write_text(json.dumps(of_table.to_document()))
    return path


def test_a_table_comes_back(of_table, saved):
    assert load_preprocessing(saved) == of_table
    assert of_table.reading.columns == ("area", "town", "day", "rent")
    assert of_table.reading.styles["rent"] == NumberStyle(".", "$")


@pytest.mark.parametrize(
    "whole",
    [
        Preprocessing("series", TARGET, SeriesSteps("day", "%d/%m/%Y", 7, 2), READING),
        Preprocessing("series", TARGET, SeriesSteps(None, None, 1, 1), READING),
        Preprocessing("text", LABEL, TextSteps("said", 4, ("so", "it")), READING),
    ],
)
def test_series_and_texts_come_back(whole):
    assert read_preprocessing(json.loads(json.dumps(whole.to_document()))) == whole


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": 2}, "must be of version 1. Received: version 2"),
        ({"version": "1"}, "must be of version 1"),
        ({"version": True}, "must be of version 1"),
        ({"format": "pickle"}, "what `find --train` wrote"),
        ({"kind": "images"}, "kind must be one of"),
        ({"steps": None}, "steps must be an object"),
        ({"reading": None}, "no `reading`"),
        ({"more": 1}, "must be an object of kind, target, reading"),
    ],
)
def test_what_is_not_known_is_refused(saved, changes, words):
    saved.write_text(json.dumps(json.loads(saved.read_text()) | changes))
    with pytest.raises(InputError, match=words):
        load_preprocessing(saved)


@pytest.mark.parametrize("text", ["", "[1, 2]", '"x"', "{", "[" * 100_000, "\xff"])
def test_what_is_no_preprocessing_is_refused(saved, text):
    saved.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError):
        load_preprocessing(saved)


def test_any_value_replaced_is_refused_or_harmless(saved):
    """Every leaf in turn becomes something else: an InputError, or an object."""
    rng = random.Random(0)
    document = json.loads(saved.read_text())
    odd = [None, [], {}, "x", -1, 0, 1e308, True, ["x"], {"x": 1}]
    n_refused = 0
    for place in list(_places(document)):
        changed = json.loads(json.dumps(document))
        *way, last = place
        inner = changed
        for key in way:
            inner = inner[key]
        inner[last] = rng.choice(odd)
        try:
            read_preprocessing(changed)
        except InputError:
            n_refused += 1
    assert n_refused > 20


def _places(document, way=()):
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in items:
        yield (*way, key)
        if isinstance(value, dict | list):
            yield from _places(value, (*way, key))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Target("a", "classification", ("x",), 0.0, 1.0),
        lambda: Target("a", "regression", (), 0.0, 0.0),
        lambda: SeriesSteps(None, None, 0, 1),
        lambda: TextSteps("said", 0, ("a",)),
        lambda: TextSteps("said", 3, ("a", "a")),
    ],
)
def test_values_that_make_no_sense_are_refused(make):
    with pytest.raises(InputError):
        make()

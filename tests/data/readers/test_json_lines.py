import json
import math
from pathlib import Path

import pytest

pd = pytest.importorskip("pandas")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from lr_finder.data.readers import json_lines  # noqa: E402
from lr_finder.data.readers.csv_files import read_table  # noqa: E402
from lr_finder.data.readers.json_lines import is_json_lines, json_cells  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

PATH = Path("a.jsonl")
VALUES = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(), st.booleans(),
    st.none(), st.text(max_size=8),
)  # fmt: skip


def is_blank(value):
    """Nothing, or text of blanks: a cell of a table that is missing."""
    return value is None or (isinstance(value, str) and not value.strip())


@settings(deadline=None)
@given(rows=st.lists(st.dictionaries(st.sampled_from("abc"), VALUES), min_size=1))
def test_cells_are_the_values_as_they_are_written(rows):
    text = "\n".join(map(json.dumps, rows))
    names = list(dict.fromkeys(name for row in rows for name in row))
    if not names:
        return
    cells, notes = json_cells(PATH, text)
    assert list(cells) == names and len(cells) == len(rows) and notes == ()
    for name in names:
        is_numbers = pd.api.types.is_numeric_dtype(cells[name])
        kinds = {type(row[name]) for row in rows if not is_blank(row.get(name))}
        assert is_numbers == (kinds <= {int, float})
        for cell, row in zip(cells[name], rows, strict=True):
            value = row.get(name)
            if is_numbers:
                number = math.nan if is_blank(value) else float(value)
                assert float(cell) == number or math.isnan(cell) and math.isnan(number)
            elif value is None:
                assert cell == ""
            elif isinstance(value, str):
                assert cell == value.strip().encode("utf-8", "replace").decode()
            else:
                assert cell == json.dumps(value)


def test_a_table_reads_as_the_same_table_in_csv(tmp_path):
    table = pd.DataFrame(
        {"n": [1, 2, 3], "x": [0.1, 1e-17, -2.5], "t": ["a, b", "ä", "c"],
         "big": [2**60, 5, 6], "gap": [1.5, math.nan, 2.5]}
    )  # fmt: skip
    table.to_csv(tmp_path / "a.csv", index=False)
    table.to_json(
        tmp_path / "a.jsonl", orient="records", lines=True, double_precision=15
    )
    lines = (tmp_path / "a.jsonl").read_text().replace("1e-17", "0.00000000000000001")
    (tmp_path / "a.txt").write_text(lines)
    for name in ("a.jsonl", "a.txt"):
        read = read_table(tmp_path / name)
        expected = read_table(tmp_path / "a.csv")
        pd.testing.assert_frame_equal(read, expected, atol=1e-15)


def test_objects_in_objects_are_columns_and_lists_are_left_out():
    text = '{"a": {"b": 1, "c": {"d": "x"}}, "tags": [1], "ok": true}\n{"a": {"b": 2}}'
    cells, notes = json_cells(PATH, text)
    assert cells.to_dict("list") == {
        "a.b": [1, 2], "a.c.d": ["x", ""], "ok": ["true", ""],
    }  # fmt: skip
    assert notes == ("left out, as they hold lists: 'tags'",)


def test_numbers_of_json_are_in_no_doubt(tmp_path):
    """Decimal commas in a text do not make 2.248 a number of thousands."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": "1,5", "b": 2.248}\n{"a": "2,25", "b": 1.024}\n')
    for decimal in (None, ","):
        table = read_table(path, decimal=decimal)
        assert table.to_dict("list") == {"a": [1.5, 2.25], "b": [2.248, 1.024]}


def test_half_a_character_is_replaced():
    cells, _ = json_cells(PATH, '{"a\\ud800": "\\udc00b"}')
    assert cells.to_dict("list") == {"a?": ["?b"]}


@pytest.mark.parametrize("text", ["a,b", "[1]\n[2]", "{a,b\n1,2", "", '{"a": 1', "{1}"])
def test_other_texts_are_no_json_lines(text):
    assert not is_json_lines(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1}\n{"a": }', "one JSON object in each line. Received: line 2: Expec"),
        ('{"a": 1}\n\n[1]', "line 3: list instead of an object"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "line 1"),
        ("{}\n{}", "empty objects"),
        ('{"a": [1]}', "lists only"),
        ("a,b\n1,2\n", "line 1"),
    ],
)
def test_what_is_no_table_is_refused(text, message):
    with pytest.raises(InputError, match=message) as caught:
        json_cells(PATH, text)
    assert "\n" not in str(caught.value)


def test_objects_without_names_in_common_are_refused(monkeypatch):
    monkeypatch.setattr(json_lines, "MAX_COLUMNS", 5)
    text = "\n".join(f'{{"a{i}": 1}}' for i in range(9))
    with pytest.raises(InputError, match="names in common. Received: 6 names in 6"):
        json_cells(PATH, text)

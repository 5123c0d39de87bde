import pytest

pd = pytest.importorskip("pandas")
np = pytest.importorskip("numpy")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from lr_finder.data.cells.number_columns import (  # noqa: E402
    read_number_texts,
    read_numbers,
)

NUMBERS = st.lists(
    st.floats(-1e7, 1e7).map(lambda n: round(n, 3)), min_size=3, max_size=9
)


def texts(**columns):
    return pd.DataFrame(columns, dtype="str")


@settings(deadline=None)
@given(
    numbers=NUMBERS,
    marks=st.sampled_from([".,", ",."]),
    unit=st.sampled_from(["{}", "${}", "{} %", "{} m2", "CHF {}"]),
)
def test_a_file_that_is_written_in_one_style_is_read(numbers, marks, unit):
    """Beside a column that tells the decimal mark, every other one is read by it."""
    table = str.maketrans(".,", marks)
    cells = [unit.format(f"{n:,.3f}".translate(table)) for n in numbers]
    sure = [f"{n / 7:.5f}".translate(table) for n in numbers]
    read, _ = read_numbers(texts(a=cells, b=sure))
    assert read["a"].tolist() == numbers
    np.testing.assert_allclose(read["b"], np.array(numbers) / 7, atol=5.1e-6)


def test_the_decimal_mark_is_that_of_the_file():
    """2.248 among decimal commas is 2,248; its column alone would not tell."""
    table = texts(a=["1,5", "2,25", "3,1"], b=["2.248", "1.024", "948"], c=list("123"))
    read, notes = read_numbers(table, has_semicolons=True)
    assert read["b"].tolist() == [2248, 1024, 948] and read["b"].dtype == "int64"
    assert read["a"].tolist() == [1.5, 2.25, 3.1]
    assert "'b' ('2.248' is 2248)" in notes[0] and "'a' ('2,25' is 2.25)" in notes[0]
    alone, notes = read_numbers(table[["b", "c"]], has_semicolons=True)
    assert alone["b"].tolist() == [2.248, 1.024, 948] and notes == ()


def test_the_evidence_of_a_column_overrules_that_of_the_file():
    table = texts(a=["1,5", "2,25"], b=["3,75", "1,1"], c=["0.248", "1.024"])
    read, _ = read_numbers(table, has_semicolons=True)
    assert read["c"].tolist() == [0.248, 1.024]


@pytest.mark.parametrize(
    ("cells", "semicolons", "expected"),
    [
        (["1,234", "2,345"], True, [1.234, 2.345]),  # as semicolons hint
        (["1,234", "2,345"], False, [1234, 2345]),
        (["2.248", "1.024"], True, [2.248, 1.024]),
        (["1.234.567", "2.248.000"], False, [1234567, 2248000]),
        (["1,5", "2.5"], True, [1.5, 2.5]),  # each has but one meaning
    ],
)
def test_without_other_evidence(cells, semicolons, expected):
    read, _ = read_numbers(texts(a=cells), has_semicolons=semicolons)
    assert read["a"].tolist() == expected


def test_marks_mixed_in_a_column_leave_it_text():
    table = texts(a=["1,5", "2.5", "1.250"])
    read, notes = read_numbers(table)
    assert read["a"].tolist() == table["a"].tolist()
    assert notes == ("column 'a' left as text: decimal points and commas are mixed",)


def test_a_mark_that_is_told_holds_for_all():
    table = texts(a=["1,5", "2,5"], b=["2.248", "1.024"])
    assert read_numbers(table, decimal=",")[0]["b"].tolist() == [2248, 1024]
    assert read_numbers(table, decimal=".")[0]["b"].tolist() == [2.248, 1.024]
    assert read_numbers(table, decimal=".")[0]["a"].tolist() == ["1,5", "2,5"]


def test_units_are_not_merged():
    table = texts(
        a=["5 kg", "6 lb"] * 20, b=["5 %", "0.06"] * 20, c=["5 m", "0"] * 20,
        d=["5 %"] * 39 + ["0.5"], e=["5 %"] * 39 + ["n.k."],
    )  # fmt: skip
    read, notes = read_numbers(table)
    assert read["a"].tolist() == table["a"].tolist()
    assert read["b"].tolist() == table["b"].tolist()
    assert read["c"].tolist() == [5, 0] * 20
    np.testing.assert_array_equal(read["d"], [5] * 39 + [np.nan])
    assert read["e"].tolist() == ["5"] * 39 + ["n.k."]
    assert notes[1:] == (
        "column 'a' left as text: numbers with different units ('kg', 'lb')",
        "column 'b' left as text: numbers with different units ('%', 'none')",
        "column 'd': 1 number not in the unit '%' of the others, counted as missing",
    )


def test_many_units_are_words():
    streets = [f"{i} {name}" for i, name in enumerate(["Oak", "Elm", "Ash"] * 9, 1)]
    streets += ["7 Main", "8 Lake", "9 Hill"]
    table = texts(a=streets)
    read, notes = read_numbers(table)
    assert read.equals(table) and notes == ()


def test_missing_cells_stay_missing():
    table = texts(a=["$5", None, "$6"], b=[None] * 3, c=["x", None, "y"])
    read, _ = read_numbers(table)
    np.testing.assert_array_equal(read["a"], [5, np.nan, 6])
    assert read["b"].dtype == "float64" and read["c"].isna().tolist() == [0, 1, 0]


def test_plain_numbers_with_odd_marks_stay_as_they_were():
    table = texts(a=["5"] * 39 + ["x"], b=["2024-01-31"] * 40)
    read, notes = read_numbers(table)
    assert read.equals(table) and notes == ()


def test_a_note_names_five_columns():
    table = texts(**{f"a{i}": ["$5", "$6"] for i in range(8)})
    (note,) = read_numbers(table)[1]
    assert note.count("'$5' is 5") == 5 and note.endswith(" and 3 more")


def test_typed_tables_keep_their_text_of_digits():
    table = pd.DataFrame({"self": ["12", "13"], "price": ["$5", "$6"], "n": [1.5, 2.5]})
    read, *_ = read_number_texts(table)
    assert read["self"].tolist() == ["12", "13"]
    assert read["price"].tolist() == [5, 6] and read["n"].tolist() == [1.5, 2.5]
    assert list(read) == list(table)

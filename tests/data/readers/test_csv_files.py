import bz2
import gzip
import lzma
import os
from pathlib import Path

import numpy as np
import pytest

pd = pytest.importorskip("pandas")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from lr_finder.data.readers.csv_files import read_noted_table, read_table  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

DATA = os.environ.get("LR_FINDER_DATA")
CELLS = st.one_of(
    st.integers(-1000, 1000).map(str),
    st.text("abcxyz,;\t|\"' é\n", min_size=1, max_size=6).filter(str.strip),
)


@pytest.fixture
def read(tmp_path):
    def read(content, **options):
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(path, **options)

    return read


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(read, delimiter, newline):
    rows = ["a,b,c", "1,2.5,x", "2,3.5,y"]
    table = read(newline.join(rows).replace(",", delimiter))
    expected = pd.DataFrame({"a": [1, 2], "b": [2.5, 3.5], "c": ["x", "y"]})
    pd.testing.assert_frame_equal(table, expected)


@pytest.mark.parametrize(
    "content, columns, rows",
    [
        ("a,b\n1,2\n", ["a", "b"], 1),
        ("1,2\n3,4\n", ["column_0", "column_1"], 2),
        ("1,x\n2,y\n", ["column_0", "column_1"], 2),
        ("red,yes\nblue,no\nred,no\n", ["column_0", "column_1"], 3),
        ("colour,ok\nblue,no\nred,no\n", ["colour", "ok"], 2),
        ("day,mood\n2024-01-31,up\n2024-02-01,up\n", ["day", "mood"], 2),
        ("2024-01-31,up\n2024-02-01,low\n", ["column_0", "column_1"], 2),
        ("?,x\n1,y\n2,x\n", ["column_0", "column_1"], 3),
        (",x\n0,1\n1,2\n", ["column_0", "x"], 2),
        ("a,a,a\n1,2,3\n", ["a", "a.1", "a.2"], 1),
        ("x\n1\n2\n", ["x"], 2),
        ("0,1,label\n5,6,7\n8,9,1\n", ["0", "1", "label"], 2),
        ("x,y\n1,y\nsome,y\n2,z\n3,z\n", ["x", "y"], 4),
        ("1,y\n2,z\nx,y\n", ["column_0", "column_1"], 3),
        (b"\xef\xbb\xbfa,b\n1,2\n", ["a", "b"], 1),
        (" a , b \n1,2\n", ["a", "b"], 1),
        ("a,b\n1,2\n\n   \n3,4\n\n", ["a", "b"], 2),
        ("name,points\nAnn,?\nBob,NA\nCy,3\nDi,4\n", ["name", "points"], 4),
    ],
)
def test_header_is_inferred(read, content, columns, rows):
    table = read(content)
    assert table.columns.tolist() == columns and len(table) == rows


def test_header_can_be_set(read):
    assert read("2011,2012\n1,2\n", header=True).columns.tolist() == ["2011", "2012"]
    assert len(read("a,b\n1,2\n", header=False)) == 2


@pytest.mark.parametrize("mark", ["", "?", " ? ", "NA", "n/a", "NaN", "null", "None"])
def test_missing_marks(read, mark):
    table = read(f"a,b\n1,x\n{mark},{mark}\n3,y\n")
    assert np.array_equal(table["a"], [1, np.nan, 3], equal_nan=True)
    assert table["b"].isna().tolist() == [False, True, False]


def test_column_without_any_value_is_numbers(read):
    assert read("a,b\n1,\n2,?\n")["b"].dtype == np.float64


def test_quoted_cells_hold_delimiters_quotes_and_line_ends(read):
    table = read('a,b\n1,"x, y"\n2, "5"" pipe"\n3,"two\nlines"\n')
    assert table["b"].tolist() == ["x, y", '5" pipe', "two\nlines"]


def test_decimal_comma_where_semicolons_split(read):
    assert read("a;b\n1,5;2,25\n3;4\n").to_numpy().tolist() == [[1.5, 2.25], [3, 4]]
    assert read('a,b\n"1,5",x\n"2,5",y\n')["a"].tolist() == [1.5, 2.5]


def test_infinite_and_huge_numbers_are_numbers(read):
    table = read("a,b\ninf,1\n1e400,99999999999999999999\n")
    assert np.isinf(table["a"]).all() and table["b"].iloc[1] == pytest.approx(1e20)


@settings(deadline=None)  # writes files
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=2, max_size=8))
def test_reads_back_what_pandas_wrote(rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("tables") / "table.csv"
    names = ["first name", "second name", "third name"]
    frame = pd.DataFrame(rows, columns=names)
    frame.to_csv(path, index=False, encoding="utf-8", quoting=1)
    table = read_table(path, header=True)
    assert table.columns.tolist() == names
    for name in names:
        read_back = [str(value) for value in table[name]]
        written = [value.strip() for value in frame[name]]
        if pd.api.types.is_numeric_dtype(table[name]):
            written = [str(int(value)) for value in written]
        assert read_back == written


FRAME = pd.DataFrame(
    {
        "größe": [50.5, 1234.25, np.nan, 0.125, 98765.5],
        "town": ["Zürich", "Bern, Ost", "Genève", "a; b", "c|d"],
        "rooms": [3, 5, 2, 4, 1],
        "rent": [1500.5, 2100.75, -80.25, 1234567.5, 990.0],
    }
)
COMPRESS = {
    "plain": lambda content: content, "gzip": gzip.compress, "bz2": bz2.compress,
    "xz": lzma.compress,
}  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("compress", COMPRESS)
@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_what_pandas_writes_in_any_form_is_read_back(
    read, encoding, compress, sep, decimal
):
    content = FRAME.to_csv(index=False, sep=sep, decimal=decimal).encode(encoding)
    table = read(COMPRESS[compress](content))
    pd.testing.assert_frame_equal(table, FRAME)


@pytest.mark.parametrize("sep", [";", "\t", "|", ","])
@pytest.mark.parametrize(
    ("marks", "style"),
    [(".,", "${}"), (".,", "{} m2"), (",.", "{} €"), (",'", "CHF {}"), (", ", "{} %")],
)
def test_styled_numbers_are_the_numbers_that_were_written(read, sep, marks, style):
    names = {ord("."): marks[0], ord(","): marks[1]}
    styled = FRAME.copy()
    styled["rent"] = [style.format(f"{n:,}".translate(names)) for n in FRAME["rent"]]
    styled["größe"] = styled["größe"].map(lambda n: f"{n:,}".translate(names), "ignore")
    table = read(styled.to_csv(index=False, sep=sep))
    pd.testing.assert_frame_equal(table, FRAME)


@pytest.mark.parametrize(
    ("options", "content"),
    [
        ({"encoding": "cp1251"}, "цена;rooms\n1,5;2\n".encode("cp1251")),
        ({"sep": ";"}, "цена;rooms\n1,5;2\n"),
        ({"sep": "tab", "decimal": ","}, "цена\trooms\n1,5\t2\n"),
        ({"sep": "space", "decimal": ","}, "цена   rooms\n1,5   2\n"),
    ],
)
def test_what_is_told_is_not_found_out(read, options, content):
    expected = pd.DataFrame({"цена": [1.5], "rooms": [2]})
    pd.testing.assert_frame_equal(read(content, **options), expected)


def test_options_overrule_what_the_file_seems_to_be(read):
    assert read("a;b,c\n1;2,3\n", sep=",").columns.tolist() == ["a;b", "c"]
    assert read("a;b\n1,5;2.248\n", decimal=".")["b"].tolist() == [2.248]
    assert read("a;b\n1,5;2.248\n")["b"].tolist() == [2248]
    assert read("ä,b\n1,2\n", encoding="latin-1").columns[0] == "Ã¤"


def test_notes_say_what_was_decided(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("größe;preis\n1,5;2 €\n2,5;3 €\n".encode("cp1252"))
    assert read_noted_table(path)[1] == (
        "encoding: cp1252, as it is not UTF-8",
        "read as numbers: 'größe' ('1,5' is 1.5), 'preis' ('2 €' is 2)",
    )
    path.write_text("a,b\n1,2\n")
    assert read_noted_table(path)[1] == ()


@pytest.mark.parametrize(
    "content, message",
    [
        ("", "must hold a table. Received: an empty file"),
        ("\n \n", "an empty file"),
        ("a,b\n", r"Received: only a header \(a, b\)"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "must be a table as text.*an image"),
        (b"a,b\n1,2\x00\n", "binary content"),
        ("é,b\n1,ö\n".encode() + b"2,\xe9", "encoded in UTF-8.*0xe9 in line 3.*save"),
        ("a,b\n1,2\n1,2,3\n", "2, as in the first. Received: line 3 with 3"),
        ("a,b\n\n1,2\n3\n", "line 4 with 1"),
        ('a,b\n1,"x\ny"\n2\n', "line 4 with 1"),
        ('a,b\n1,"x\n2,y\n', "a quote that line 2 opens.*quotation marks"),
    ],
)
def test_bad_files_are_refused_in_one_line(read, content, message):
    with pytest.raises(InputError, match=message) as caught:
        read(content)
    assert "\n" not in str(caught.value) and "table.csv" in str(caught.value)


def test_missing_file_and_folder_are_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(InputError, match="Received: a folder"):
        read_table(tmp_path)


def test_unreadable_file_is_refused(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InputError, match="Received: Permission denied. Check its"):
        read_table(path)


@pytest.mark.skipif(not DATA, reason="needs the folder of real data, LR_FINDER_DATA")
@pytest.mark.parametrize(
    "name, shape, first_column, missing",
    [
        ("california_housing", (20640, 10), "longitude", 207),
        ("winequality-white", (4898, 12), "column_0", 0),
        ("adult-train", (32561, 15), "column_0", 4262),
        ("bike_sharing_hour", (17379, 17), "instant", 0),
    ],
)
def test_real_tables(name, shape, first_column, missing):
    table = read_table(Path(DATA, "tabular", f"{name}.csv"))
    assert table.shape == shape
    assert table.columns[0] == first_column
    assert table.isna().sum().sum() == missing


@pytest.mark.skipif(not DATA, reason="needs the folder of real data, LR_FINDER_DATA")
@pytest.mark.parametrize(
    "name",
    [
        "tabular/california_housing.csv", "tabular/bike_sharing_hour.csv",
        "series/AEP_hourly.csv", "series/airline-passengers.csv",
        "series/opsd_germany_daily.csv",
    ],
)  # fmt: skip
def test_real_tables_are_what_pandas_reads(name):
    path = Path(DATA, name)
    pd.testing.assert_frame_equal(read_table(path), pd.read_csv(path))

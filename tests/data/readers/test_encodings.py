import codecs
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lr_finder.data.readers.encodings import HIGH_RUN, UTF8_SEQUENCE, decode
from lr_finder.errors import InputError

PATH = Path("table.csv")
WESTERN = "\n\t ,;abcABC0123456789éèüöäßñçåøÉÜ€–’“"
TABLES = st.text(WESTERN, min_size=4, max_size=40).map(lambda t: f"area,price\n{t}\n")


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le",
     "utf-32-be"],
)  # fmt: skip
@settings(deadline=None)
@given(text=TABLES)
def test_what_was_written_in_unicode_is_read_back(encoding, text):
    assert decode(PATH, text.encode(encoding))[0] == text


@settings(deadline=None)
@given(text=TABLES)
def test_what_was_written_in_cp1252_is_read_back(text):
    content = text.encode("cp1252")
    try:
        content.decode()
    except UnicodeDecodeError:
        runs = HIGH_RUN.findall(content)
        n_high = sum(map(len, runs))
        assume(2 * sum(len(run) for run in runs if len(run) > 2) <= n_high)
        assume(2 * sum(map(len, UTF8_SEQUENCE.findall(content))) <= n_high)
        assert decode(PATH, content) == (
            text, ("encoding: cp1252, as it is not UTF-8",)
        )  # fmt: skip
    else:
        assert decode(PATH, content)[0] == content.decode()


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("latin-1", "größe,prix\n1,2\n"), ("cp1252", "prix €,“a”\n1,2\n"),
     ("cp1252", "é,b\n1,2\n")],
)  # fmt: skip
def test_western_tables_need_no_option_and_a_note_tells(encoding, text):
    read, notes = decode(PATH, text.encode(encoding))
    assert read == text and "cp1252" in notes[0]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "площадь,цена\n1,2\n"), ("shift_jis", "面積,価格\n東京都庁,2\n"),
        ("gb18030", "面积大小,价格多少\n1,2\n"), ("cp1253", "εμβαδόν,τιμή\n1,2\n"),
    ],
)  # fmt: skip
def test_other_languages_must_be_named(encoding, text):
    with pytest.raises(InputError, match="its encoding be named.*cp1251.*`encoding`"):
        decode(PATH, text.encode(encoding))
    assert decode(PATH, text.encode(encoding), encoding) == (text, ())


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-8", "cp1252", "cp037"]
)
def test_a_named_encoding_is_taken(encoding):
    text = "area,größe\n1,2\n"
    assert decode(PATH, text.encode(encoding), encoding) == (text, ())


def test_marks_are_no_part_of_the_text():
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF32_LE, "utf-32-le"),
    ):  # fmt: skip
        content = mark + "a,b".encode(name)
        assert decode(PATH, content)[0] == decode(PATH, content, name)[0] == "a,b"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Größe,Länge,Höhe\nä,ö,ü\n".encode() + b"\xe9", "in UTF-8.*0xe9 in line 3"),
        (codecs.BOM_UTF16_LE + b"a\0b", "encoded in utf-16"),
        (codecs.BOM_UTF16_LE + b"a\0\0\0", "binary content"),
        (b"a,b\n1,\x00\n", "binary content"),
        (b"\x01\x02\xff\xfe\xe9", "binary content"),
        (b"a,b\n\x81,\xe9\n", "its encoding be named.*0x81 in line 2"),
    ],
)
def test_bytes_that_are_no_text_are_refused(content, message):
    with pytest.raises(InputError, match=message) as caught:
        decode(PATH, content)
    assert "\n" not in str(caught.value)


def test_bytes_outside_a_named_encoding_are_refused():
    with pytest.raises(InputError, match="encoded in ascii.*0xe9 in line 2.*another"):
        decode(PATH, b"a\n\xe9", "ascii")

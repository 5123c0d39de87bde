import pytest

from lr_finder.data.readers.text_formats import TextFormat
from lr_finder.errors import InputError


@pytest.mark.parametrize(
    ("sep", "delimiter"),
    [(",", ","), ("tab", "\t"), (r"\t", "\t"), ("\t", "\t"), ("Space", " "),
     (" ", " "), ("whitespace", " "), ("^", "^"), (None, None)],
)  # fmt: skip
def test_delimiters_by_name_or_as_they_are(sep, delimiter):
    assert TextFormat(sep=sep).delimiter == delimiter


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "latin-1", "utf-16", "cp037"])
def test_encodings_that_python_knows_pass(encoding):
    assert TextFormat(encoding=encoding).encoding == encoding


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sep": "||"}, r"`sep` must be one character.*Received: sep='\|\|'"),
        ({"sep": ""}, "sep=''"), ({"sep": "a"}, "sep='a'"), ({"sep": '"'}, "sep="),
        ({"sep": "."}, "sep="), ({"sep": 5}, "sep=5"), ({"decimal": ";"}, "`dec"),
        ({"decimal": 1}, "decimal=1"), ({"encoding": "utf-9"}, "'utf-9'"),
        ({"encoding": "hex"}, "encoding='hex'"), ({"encoding": 8}, "encoding=8"),
        ({"encoding": "a\0b"}, "`encoding` must be"), ({"encoding": ""}, "encoding=''"),
    ],
)  # fmt: skip
def test_anything_else_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        TextFormat(**options)

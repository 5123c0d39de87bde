import pytest

pytest.importorskip("sklearn")

from lr_finder.data.readers.text_lines import read_labelled_lines  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

LINES = [f'{("ham", "spam")[i % 2]}\tsay "no. {i} and go on' for i in range(40)]


@pytest.fixture
def read(tmp_path):
    def read(lines):
        path = tmp_path / "messages"
        path.write_bytes("\n".join(lines).encode())
        return read_labelled_lines(path)

    return read


def test_quotes_are_plain_text_and_lines_stay_apart(read):
    table = read(LINES)
    assert list(table) == ["label", "text"] and len(table) == 40
    assert table["label"].tolist() == ["ham", "spam"] * 20
    assert table["text"][3] == 'say "no. 3 and go on'


@pytest.mark.parametrize("header", ["v1\tv2", "label\ttext"])
def test_a_header_is_found(read, header):
    table = read([header, *LINES])
    assert list(table) == header.split("\t") and len(table) == 40


def test_the_label_may_come_last_and_a_text_hold_a_tab(read):
    table = read(["\t".join(line.split("\t")[::-1]) for line in LINES])
    assert list(table) == ["text", "label"] and table["label"][1] == "spam"
    assert read([*LINES, "ham\tone\tmore tab"])["text"][40] == "one\tmore tab"


def test_marks_that_python_takes_for_line_ends_are_text(read):
    assert len(read([line + " \u2028 \x85 on" for line in LINES])) == 40


@pytest.mark.parametrize(
    "lines",
    [
        ["a,b", "1,2"],
        ["a\tb", "1\t2", "3\t4"],
        [f"{i}\tsay {i} and go on" for i in range(40)],
        ["ham\tthe same thing again"] * 40,
    ],
    ids=["no tab", "numbers", "labels never repeat", "texts repeat"],
)
def test_other_tables_are_left_to_others(read, lines):
    assert read(lines) is None


def test_a_line_without_a_tab_is_named(read):
    with pytest.raises(InputError, match="line 41 without a tab. Mend"):
        read([*LINES, "ham and no tab"])

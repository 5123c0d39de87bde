"""What is told to those whose file is of another form than was expected."""

import pytest

pytest.importorskip("sklearn")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from lr_finder.data.loading import load_data  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

N = 40
SAID = [f"say no. {i} and go on" for i in range(N)]
MOODS = ["up", "low"] * (N // 2)
HALVES = [i + 0.5 for i in range(N)]


@pytest.fixture
def refused(tmp_path):
    """The message with which a file of given content is refused."""

    def refused(content, **options):
        path = tmp_path / "a.csv"
        if isinstance(content, pd.DataFrame):
            content = content.to_csv(index=False)
        path.write_text(content)
        with pytest.raises(InputError) as caught:
            load_data(path, **options)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return refused


def test_a_single_column_of_numbers_is_a_series(refused, tmp_path):
    message = refused(pd.DataFrame({"load": HALVES}))
    assert "; or `--kind series` forecasts a single column." in message
    dataset = load_data(tmp_path / "a.csv", kind="series", window=3)
    assert dataset.kind == "series" and dataset.target == "load"


def test_text_that_is_no_feature_is_read_as_text(refused):
    table = pd.DataFrame({"said": SAID, "score": HALVES})
    assert "`--kind text` reads 'said' as text." in refused(table)
    for cells in ([f"code{i}" for i in range(N)], "the same each time"):
        message = refused(table.assign(said=cells))
        assert "`--kind series` forecasts 'score' in the order of rows" in message
        assert refused(table.assign(said=cells, score=MOODS)).endswith("a column.")


def test_a_series_without_times_that_can_be_read_names_the_ways_out(refused, tmp_path):
    table = pd.DataFrame({"No": range(N), "load": HALVES})
    assert "`--kind series` forecasts a single column" in refused(table)
    table = pd.DataFrame({"at": [f"week_{i}" for i in range(N)], "load": HALVES})
    assert "`--date-format`" in refused(table)
    dataset = load_data(tmp_path / "a.csv", kind="series", window=3)
    assert dataset.kind == "series" and dataset.target == "load"
    stacked = pd.DataFrame({"day": ["2024-01-01", "2024-01-02"] * 20, "load": HALVES})
    assert "`--kind tabular`" in refused(stacked, kind="series")


@pytest.mark.parametrize("header", ["", "v1\tv2\n"])
@pytest.mark.parametrize("label_first", [True, False])
def test_texts_of_one_label_are_refused(refused, header, label_first):
    pairs = [("ham", said)[:: 1 if label_first else -1] for said in SAID]
    message = refused(header + "\n".join("\t".join(pair) for pair in pairs))
    assert "must hold at least two labels. Received: only 'ham'. Add texts" in message


def test_lines_without_a_tab_are_told_the_form(refused):
    assert "lines of `label TAB text`. Received: one column" in refused("\n".join(SAID))
    assert "one column, 'mood'" in refused(pd.DataFrame({"mood": MOODS}))
    assert "`label TAB text`" in refused("so it goes\non, and on we go\nto the end")


def test_an_empty_file_has_a_way_out(refused):
    assert "an empty file. Export the data again, or name another" in refused("")


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["red", "green", "blue"], "1.0 words on average, 3 different"),
        (["dark red", "dark blue"], "2.0 words on average, 3 different"),
        ([f"code{i}" for i in range(N)], "1.0 words on average, 40 different"),
    ],
)
def test_categories_are_no_texts(refused, cells, told):
    table = pd.DataFrame({"colour": np.resize(cells, N), "mood": MOODS})
    message = refused(table, kind="text", target="mood")
    assert "Text column 'colour' of " in message
    assert f"Received: {told}. Read it as kind tabular" in message


@pytest.mark.training
@pytest.mark.parametrize("options", [{}, {"kind": "text"}])
def test_an_array_of_single_words_stays_text(tmp_path, options):
    pytest.importorskip("tensorflow")
    x, y = np.resize(["red", "blue"], N), np.arange(N) % 2
    np.savez(tmp_path / "a.npz", x=x, y=y)
    assert load_data(tmp_path / "a.npz", **options).kind == "text"

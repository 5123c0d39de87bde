import pytest

from lr_finder.data.request import Request
from lr_finder.errors import InputError


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "audio"}, "`kind` must be one of tabular, series.*kind='audio'"),
        ({"task": "ranking"}, "`task` must be one of"),
        (
            {"window": 0},
            "`window` must be a whole number, at least 1. Received: window=0",
        ),
        ({"horizon": 1.5}, "`horizon`"),
        ({"limit": 1}, "`limit` must be a whole number, at least 2"),
        ({"limit": True}, "`limit`"),
        ({"seed": -1}, "`seed`"),
        ({"validation_fraction": 1.0}, "`validation_fraction`"),
        ({"kind": "images", "time_column": "day"}, "`time_column` does not go with"),
        ({"kind": "tabular", "window": 9}, "`window` does not go.*window=9. Leave"),
    ],
)
def test_bad_options_are_refused_in_one_line(options, message):
    with pytest.raises(InputError, match=message) as caught:
        Request("source", **options)
    assert "\n" not in str(caught.value)


def test_options_of_a_series_go_with_a_series():
    asked = Request("a.csv", kind="series", window=9, time_column="day")
    assert asked.series_options == {"window": 9, "time_column": "day"}
    assert Request("a.csv").series_options == {}


def test_folder_of_data_is_named_by_the_argument_or_the_variable(monkeypatch, tmp_path):
    monkeypatch.delenv("LR_FINDER_DATA", raising=False)
    assert Request("mnist").data_folder is None
    monkeypatch.setenv("LR_FINDER_DATA", str(tmp_path))
    assert Request("mnist").data_folder == tmp_path
    assert Request("mnist", data_dir=tmp_path / "a").data_folder == tmp_path / "a"

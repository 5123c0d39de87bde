"""Where the history lies, and who has asked for one."""

from pathlib import Path

import platformdirs
import pytest

from lr_finder.errors import InputError
from lr_finder.history.kept_places import PLACE, SETTING, history_file, is_kept


@pytest.mark.parametrize(
    "said, kept",
    [(None, False), ("", False), ("0", False), ("off", False), ("1", True),
     (" Yes ", True), ("TRUE", True)],
)  # fmt: skip
def test_nothing_is_kept_unless_somebody_asks(monkeypatch, said, kept):
    if said is None:
        monkeypatch.delenv(SETTING, raising=False)
    else:
        monkeypatch.setenv(SETTING, said)
    assert is_kept(None) is kept
    assert (is_kept(True), is_kept(False)) == (True, False)


def test_a_setting_that_says_neither_is_refused(monkeypatch):
    monkeypatch.setenv(SETTING, "perhaps")
    with pytest.raises(InputError, match=r"LR_FINDER_REMEMBER must be 1 or 0.*perhaps"):
        is_kept(None)


def test_the_place_is_the_argument_then_the_setting_then_the_folder(
    monkeypatch, tmp_path
):
    monkeypatch.setenv(PLACE, str(tmp_path / "b.sqlite"))
    assert history_file(tmp_path / "a.sqlite") == tmp_path / "a.sqlite"
    assert history_file() == tmp_path / "b.sqlite"
    monkeypatch.delenv(PLACE)
    usual = history_file()
    assert usual.parent == Path(platformdirs.user_data_dir("lr_finder", False))
    assert usual.name == "history.sqlite"


def test_a_file_that_could_be_something_else_is_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"ends in \.sqlite.*Give thesis\.sqlite"):
        history_file("thesis.docx")
    (tmp_path / "a.sqlite").mkdir()
    with pytest.raises(InputError, match="a folder"):
        history_file(tmp_path / "a.sqlite")
    monkeypatch.setenv(PLACE, "notes.txt")
    with pytest.raises(InputError, match="unset LR_FINDER_HISTORY"):
        history_file()

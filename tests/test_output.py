import datetime
import json
from pathlib import Path

import pandas as pd
import pytest

import lr_finder
from lr_finder._output import RUNS, WHOLE_RESULTS, OutputFolder
from lr_finder.errors import InputError

NOON = datetime.datetime(2025, 1, 2, 12, 0, 0)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_new_folder_is_named_after_source_and_time_and_made_late():
    output = OutputFolder.plan(None, "house prices (2)", NOON)
    assert not RUNS.exists()
    output.write_json("a.json", {})
    assert output.path == RUNS / "house-prices-2-20250102-120000"
    assert output.path.is_dir()


def test_two_runs_of_one_second_get_folders_of_their_own():
    first, second = (OutputFolder.plan(None, "a", NOON) for _ in range(2))
    first.write_json("a.json", {"run": 1})
    second.write_json("a.json", {"run": 2})
    assert first.path.name == "a-20250102-120000"
    assert second.path.name == "a-20250102-120000-2"
    assert json.loads((first.path / "a.json").read_text()) == {"run": 1}


def test_folder_asked_for_is_made_with_its_parents_and_used_again():
    for run in (1, 2):
        output = OutputFolder.plan(Path("deep/er"), "a", NOON)
        output.write_json("a.json", {"run": run})
    assert json.loads(Path("deep/er/a.json").read_text()) == {"run": 2}
    assert [path.name for path in Path("deep/er").iterdir()] == ["a.json"]


def test_files_lists_what_is_there_in_order():
    output = OutputFolder(Path("out"))
    output.write_table("b.csv", pd.DataFrame({"lr": [0.1], "loss": [1 / 3]}))
    output.target("never.keras")
    output.write_json("a.json", {})
    output.write_json("a.json", {})
    assert list(output.files.items()) == [
        ("b.csv", "out/b.csv"),
        ("a.json", "out/a.json"),
    ]
    assert Path("out/b.csv").read_text() == f"lr,loss\n0.1,{1 / 3}\n"


def test_folder_inside_is_made_late_and_follows_its_parent():
    outer, other = (OutputFolder.plan(None, "a", NOON) for _ in range(2))
    first, second = other.inside("1-my model"), other.inside("2-b")
    outer.write_json("a.json", {})  # takes the name that both wanted
    first.write_json("b.json", {})
    assert first.path == RUNS / "a-20250102-120000-2" / "1-my-model"
    assert not second.path.exists() and second.files == {}
    other.write_json("c.json", {})
    assert other.files == {
        "c.json": str(RUNS / "a-20250102-120000-2" / "c.json"),
        "1-my-model/b.json": str(first.path / "b.json"),
    }


def test_folder_inside_is_refused_where_a_file_is_in_its_place():
    Path("out").mkdir()
    Path("out/1-a").write_text("mine")
    with pytest.raises(InputError, match="1-a is not a folder"):
        OutputFolder(Path("out")).inside("1-a")


def test_refuses_a_file_and_what_lies_below_one_before_writing():
    Path("file").write_text("mine")
    for path in ("file", "file/below", "file/far/below"):
        with pytest.raises(InputError, match="file is not a folder.*--out"):
            OutputFolder(Path(path))
    assert Path("file").read_text() == "mine"


def test_refuses_a_folder_without_permission(monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(InputError, match="may not be written to"):
        OutputFolder(Path("out"))


def test_discards_the_files_named_and_no_others():
    folder = Path("out")
    folder.mkdir()
    for name in ("model.keras", "history.csv", "mine.txt"):
        (folder / name).write_text("old")
    output = OutputFolder(folder, kept=[Path("./out/model.keras")])
    names = ("model.keras", "history.csv", "never.csv")
    assert [output.will_discard(name) for name in names] == [False, True, False]
    output.discard(names)
    assert sorted(path.name for path in folder.iterdir()) == ["mine.txt", "model.keras"]


def test_long_names_fit_into_a_file_system():
    output = OutputFolder.plan(None, "价" * 85, NOON)
    output.write_json("a.json", {})
    assert output.path.name == "价" * 50 + "-20250102-120000"


COMMANDS = ("find", "compare", "landscape", "stability", "tune")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", WHOLE_RESULTS)
def test_a_folder_with_the_result_of_another_command_is_refused(name, command):
    Path("run").mkdir()
    Path("run", name).touch()
    if command in WHOLE_RESULTS[name]:
        OutputFolder.plan(Path("run"), "a", NOON, command=command)
        return
    with pytest.raises(InputError, match=f"run with {name}.*lr_finder .* wrote"):
        OutputFolder.plan(Path("run"), "a", NOON, command=command)


def test_the_files_of_whole_results_are_those_that_the_commands_write():
    from lr_finder.experiments.comparison.kept_runs import STORE_FILE
    from lr_finder.experiments.tuning.studies import STORE_NAME
    from lr_finder.finding_files import COMPARISON_FILES, RESULT_FILE
    from lr_finder.reports.run_folder import COMPARISON_REPORT, IN_ONE_FILE

    assert set(WHOLE_RESULTS) == {
        *IN_ONE_FILE, COMPARISON_REPORT, STORE_FILE, STORE_NAME, COMPARISON_FILES[0],
        RESULT_FILE,
    }  # fmt: skip


def test_every_command_that_writes_a_folder_says_which_it_is():
    """So that none takes over the result of another."""
    commands = Path(lr_finder.__file__).parent.glob("cli/*.py")
    planned = {
        path.stem: path.read_text() for path in commands
        if "OutputFolder.plan(" in path.read_text()
    }  # fmt: skip
    assert set(planned) == {each[0] for each in WHOLE_RESULTS.values()}
    for name, text in planned.items():
        assert f'command="{name}"' in text, name

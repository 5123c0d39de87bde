"""`lr_finder tune`: one real tuning, gone on with, and all that it refuses."""

import pandas as pd
import pytest

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]
SHORT = "--method random --epochs 2 --batch-size 16 --search learning_rate,batch_size"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tune")


@pytest.fixture(scope="module")
def made(command, files, folder):
    return command("tune", files.prices, *SHORT.split(), "--budget", 2, "--out",
                   folder / "run", "--report", folder / "page.html")  # fmt: skip


def test_it_says_what_was_found_and_what_it_cost(made, folder):
    assert made.code == 0, made.err
    assert "Random: validation loss" in made.out and "of 2 trainings paid" in made.out
    assert "On the benchmark" in made.out
    assert made.err.count("best so far") == 2  # a line for each trial
    assert "1/2  random, seed 0: learning_rate" in made.err
    run = folder / "run"
    names = {"trials.csv", "tuning.json", "tuning.png", "tuning.sqlite"}
    assert names <= {path.name for path in run.iterdir()}
    trials = pd.read_csv(run / "trials.csv")
    assert trials["paid"].tolist() == [1.0, 2.0]
    assert "Random: validation loss" in (folder / "page.html").read_text()


def test_a_larger_budget_goes_on(made, command, files, folder):
    more = command("tune", files.prices, *SHORT.split(), "--budget", 3, "--out",
                   folder / "run", "--json")  # fmt: skip
    assert more.code == 0, more.err
    assert "2 trials were already there" in more.err
    told = more.json
    assert told["trials"] == 3 and told["best"]["method"] == "random"
    assert told["space"]["batch_size"]["choices"][:2] == [16, 32]
    page = command("report", folder / "run", "--json")
    assert page.code == 0 and "validation loss" in page.json["answer"]


def test_another_space_in_the_same_folder_is_refused(made, command, files, folder):
    words = SHORT.replace("learning_rate,", "learning_rate=1e-3:1,").split()
    other = command("tune", files.prices, *words, "--out", folder / "run")
    assert other.code == 2 and "same space" in other.err
    assert "Traceback" not in other.err


@pytest.mark.few(12)
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--budget 0.5", "at least 1"),
        ("--budget nan", "at least 1"),
        ("--method genetic", "one of narrowed"),
        ("--search units", "each once"),
        ("--search learning_rate,learning_rate", "each once"),
        ("--search learning_rate=1e-3", "two ends"),
        ("--search learning_rate=a:b", "numbers with colons"),
        ("--search batch_size=1.5:2", "whole numbers"),
        ("--search learning_rate=1:0.1", "low < high"),
        ("--seeds 0", "--seeds"),
        ("--epochs 0", "--epochs"),
        ("--report page.doc", ".html or .pdf"),
    ],
)
def test_bad_options_are_told_in_a_line(command, files, words, told, tmp_path):
    run = command("tune", files.prices, *words.split(), "--out", tmp_path / "run")
    assert run.code == 2 and told in run.err, run.err
    assert "Traceback" not in run.err and not (tmp_path / "run" / "trials.csv").exists()

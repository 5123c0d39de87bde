"""Whatever is wrong with what a person typed or brought: one line, nothing written."""

import numpy as np
import pytest

from lr_finder.cli.shared import option_checks

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]

ROWS = "".join(f"{2 * a},{a % 7},{3 * a + 0.5}\n" for a in range(40))
TABLE = "area,age,price\n" + ROWS

MODELS = """
import keras

def network(inputs=2, outputs=1):
    return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs)])

def compiled(**sizes):
    model = network(**sizes)
    model.compile("sgd", "mse")
    return model

def uncompiled():
    return network()

def wide():
    return compiled(inputs=7)

def many():
    return compiled(outputs=5)

def none():
    return "a model"

def broken():
    raise RuntimeError("no weights today")
"""

# What lies in data.csv (None: no such file), options, code, what the line says.
CASES = {
    "missing file": (None, "", 2, "data.csv, which does not exist"),
    "empty file": ("", "", 2, "empty"),
    "header only": ("area,age,price\n", "", 2, "only a header"),
    "one row": ("area,age,price\n1,2,3.5\n", "", 2, "at least 2 rows"),
    "binary junk": (bytes(range(256)) * 4, "", 2, "data.csv"),
    "wrong encoding": (
        TABLE.replace("age", "возраст").encode("cp1251"), "", 2, "must be encoded in",
    ),
    "ragged rows": (TABLE + "1,2,3,4\n", "", 2, "42"),
    "unknown target": (TABLE, "--target prize", 2, "Did you mean 'price'?"),
    "target with one value": (
        "area,price\n" + "".join(f"{a},5\n" for a in range(40)), "", 2, "two values",
    ),
    "column all missing": (
        "area,price\n" + "".join(f"NA,{a}.5\n" for a in range(40)), "", 2, "column",
    ),
    "target all missing": (
        "area,price\n" + "".join(f"{a},NA\n" for a in range(40)), "", 2, "missing",
    ),
    "unknown column to drop": (TABLE, "--drop area,aeg", 2, "Columns: area, age, pr"),
    "target dropped": (TABLE, "--drop price --target price", 2, "Change one of them"),
    "no format of dates": (TABLE, "--date-format dmy", 2, "%d/%m/%Y"),
    "format that reads nothing": (TABLE, "--date-format %d/%m/%Y", 2, "reads none"),
    "dates that fit both ways": (
        "day,price\n2/10/24,1\n7/11/24,2.5\n1/5/24,3\n11/7/24,4\n5/1/24,5\n10/2/24,6\n",
        "", 2, "--date-format",
    ),
    "infinite target": (TABLE + "1,2,inf\n", "", 2, "1 of 41"),
    "text target as numbers": (
        "a,b\n" + "1,x\n2,y\n" * 20, "--task regression", 2, "classification",
    ),
    "fewer rows than a batch": (TABLE, "--batch-size 64", 2, "32 training rows"),
    "start above end": (TABLE, "--start-lr 1 --end-lr 0.1", 2, "Swap"),
    "start at end": (TABLE, "--start-lr 1 --end-lr 1", 2, "below --end-lr"),
    "rate zero": (TABLE, "--start-lr 0", 2, "positive"),
    "rate negative": (TABLE, "--end-lr -1", 2, "positive"),
    "rate nan": (TABLE, "--start-lr nan", 2, "positive"),
    "rate infinite": (TABLE, "--end-lr inf", 2, "positive"),
    "rate no number": (TABLE, "--end-lr high", 2, "--end-lr"),
    "few steps": (TABLE, "--steps 9", 2, "at least 10"),
    "batch size 0": (TABLE, "--batch-size 0", 2, "at least 1"),
    "no repeat": (TABLE, "--repeats 0", 2, "at least 1"),
    "no epoch": (TABLE, "--train 0", 2, "at least 1"),
    "negative seed": (TABLE, "--seed -1", 2, "from 0 to"),
    "huge seed": (TABLE, "--seed 4294967296", 2, "4294967295"),
    "unknown optimizer": (TABLE, "--optimizer adm", 2, "adam"),
    "unknown loss": (TABLE, "--loss mean_square_error", 2, "mean_squared_error"),
    "loss of another task": (TABLE, "--loss binary_crossentropy", 2, "mse"),
    "unknown method": (TABLE, "--method vally", 2, "Did you mean valley?"),
    "unknown task": (TABLE, "--task ranking", 2, "classification"),
    "uncompiled model": (TABLE, "--model models.py:uncompiled", 2, "compile"),
    "no such function": (TABLE, "--model models.py:build", 2, "'build'"),
    "function without a model": (TABLE, "--model models.py:none", 2, "keras.Model"),
    "function that raises": (TABLE, "--model models.py:broken", 2, "no weights today"),
    "no such model file": (TABLE, "--model own.py:build", 2, "own.py does not exist"),
    "no such module": (TABLE, "--model no.such:build", 2, "no.such"),
    "model of no form": (TABLE, "--model resnet", 2, "file.py:function"),
    "missing .keras": (TABLE, "--model saved.keras", 2, "saved.keras does not exist"),
    "damaged .keras": (TABLE, "--model damaged.keras", 2, "damaged.keras"),
    "input that does not fit": (TABLE, "--model models.py:wide", 2, "(None, 2)"),
    "output that does not fit": (TABLE, "--model models.py:many", 2, "(None, 1)"),
    "series option of a table": (TABLE, "--kind tabular --window 5", 2, "--window"),
    "series option of images": (TABLE, "--kind images --horizon 2", 2, "kind series"),
    "series option of a text": (TABLE, "--kind text --time-column a", 2, "--time-col"),
    "window 0": (TABLE, "--window 0", 2, "at least 1"),
    "horizon 0": (TABLE, "--horizon 0", 2, "at least 1"),
    "limit 1": (TABLE, "--limit 1", 2, "at least 2"),
    "unknown kind": (TABLE, "--kind audio", 2, "'images'"),
    "second model does not load": (
        TABLE, "--model models.py:compiled --model models.py:wide", 2, "(None, 2)",
    ),
    "second model is not there": (
        TABLE, "--model default --model own.py:build", 2, "own.py does not exist",
    ),
    "output below a file": (TABLE, "--out models.py/out", 2, "not a folder"),
    "output is a file": (TABLE, "--out models.py", 2, "not a folder"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.py").write_text(MODELS)
    (tmp_path / "damaged.keras").write_bytes(b"PK no archive")
    return tmp_path


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def assert_one_line(run, code, text):
    assert run.code == code, run.err
    assert run.out == ""
    assert run.err.startswith("Error: ")
    assert run.err.count("\n") == 1
    assert "Traceback" not in run.err
    assert "unexpected" not in run.err
    assert text in run.err


@pytest.mark.parametrize(
    ("data", "options", "code", "text"), CASES.values(), ids=CASES.keys()
)
def test_find(command, folder, data, options, code, text):
    if data is not None:
        data = data if isinstance(data, bytes) else data.encode()
        (folder / "data.csv").write_bytes(data)
    before = contents(folder)
    run = command("find", "data.csv", *options.split())
    assert_one_line(run, code, text)
    assert contents(folder) == before
    assert not (folder / "lr_finder_runs").exists()


def test_find_in_a_folder_without_images(command, folder):
    assert_one_line(command("find", folder), 2, str(folder))


BUILT_IN_CASES = {
    "target": ("--target price", "--target needs a SOURCE"),
    "kind": ("--kind series", "--kind needs a SOURCE"),
    "horizon": ("--horizon 2", "--horizon needs a SOURCE"),
    "limit": ("--limit 100", "--limit needs a SOURCE"),
    "folder of data": ("--data-dir .", "--data-dir needs a SOURCE"),
    "window": ("--window 730", "at most 729"),
}


@pytest.mark.parametrize(
    ("options", "text"), BUILT_IN_CASES.values(), ids=BUILT_IN_CASES.keys()
)
def test_find_in_the_built_in_series(command, monkeypatch, options, text):
    monkeypatch.setattr("lr_finder.cli.find.load_keras", lambda: 1 / 0)
    assert_one_line(command("find", *options.split()), 2, text)


def test_find_where_nothing_may_be_written(command, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)
    assert_one_line(command("find", "--steps", 10), 2, "may not be written to")


def test_most_is_refused_before_keras_is_asked(command, monkeypatch):
    """Options are checked first: a wrong one costs no seconds."""
    monkeypatch.setattr("lr_finder.cli.find.load_keras", lambda: 1 / 0)
    early = (
        "start above end, rate nan, few steps, batch size 0, no epoch, unknown method, "
        "window 0, limit 1"
    )
    for name in early.split(", "):
        _, options, code, text = CASES[name]
        assert_one_line(command("find", *options.split()), code, text)


TOLD_BY_THE_FILE = (
    "empty file, header only, one row, binary junk, wrong encoding, ragged rows, "
    "unknown target, target with one value, column all missing, target all missing, "
    "infinite target, text target as numbers"
)


@pytest.mark.parametrize("name", TOLD_BY_THE_FILE.split(", "))
def test_what_the_file_tells_is_said_before_keras_loads(
    command, folder, monkeypatch, name
):
    for each in ("find", "compare"):
        monkeypatch.setattr(f"lr_finder.cli.{each}.load_keras", lambda: 1 / 0)
        data, options, code, text = CASES[name]
        data = data if isinstance(data, bytes) else data.encode()
        (folder / "data.csv").write_bytes(data)
        assert_one_line(command(each, "data.csv", *options.split()), code, text)


@pytest.mark.parametrize("name", ["find", "compare", "suggest"])
@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--encoding", "utf-9"), "utf-9"),
        (("--sep", "||"), "||"),
        (("--decimal", ";"), "--decimal"),
        (("--encoding", "ascii"), "0xc3 in line 1"),
        (("--sep", "#"), "column"),
    ],
)
def test_how_a_file_is_written_can_be_told_to_each_command(
    command, folder, name, options, text
):
    (folder / "data.csv").write_text("größe,lr,loss\n1,2,3\n4,5,6\n", "utf-8")
    assert_one_line(command(name, "data.csv", *options), 2, text)


def test_debug_shows_where(command):
    run = command("find", "data.csv", "--debug")
    assert run.err.startswith("Traceback")
    assert run.err.splitlines()[-1].startswith("Error: ")


def test_a_table_of_the_smallest_size_is_accepted(command, folder):
    """The rules above refuse nothing that works."""
    (folder / "data.csv").write_text(TABLE)
    run = command(
        "find", "data.csv", "--model", "models.py:compiled", "--batch-size", 32,
        "--steps", option_checks.FEWEST_SWEPT, "--start-lr", 1e-4, "--end-lr", 1.0,
        "--seed", 0, "--quiet",
    )  # fmt: skip
    assert run.code in (0, 1)
    assert "unexpected" not in run.err
    (made,) = (folder / "lr_finder_runs").iterdir()
    assert (made / "sweep.npz").exists()


SUGGEST_CASES = {
    "missing file": (None, "", 2, "does not exist"),
    "empty file": ("", "", 2, "empty"),
    "header only": ("lr,loss\n", "", 2, "only a header"),
    "binary junk": (bytes(range(256)) * 4, "", 2, "data.csv"),
    "no columns of a curve": (TABLE, "", 2, "--lr-column"),
    "unknown column": ("lr,loss\n1,2\n", "--loss-column lost", 2, "lr, loss"),
    "negative rate": ("lr,loss\n-1,2\n1,2\n", "", 2, "positive"),
    "unknown method": ("lr,loss\n1,2\n", "--method best", 2, "--method"),
    "one row": ("lr,loss\n1,2\n", "", 1, "finite losses"),
    "output below a file": ("lr,loss\n1,2\n", "--out models.py/a", 2, "not a folder"),
}


@pytest.mark.parametrize(
    ("data", "options", "code", "text"),
    SUGGEST_CASES.values(),
    ids=SUGGEST_CASES.keys(),
)
def test_suggest(command, folder, data, options, code, text):
    if data is not None:
        data = data if isinstance(data, bytes) else data.encode()
        (folder / "data.csv").write_bytes(data)
    before = contents(folder)
    run = command("suggest", "data.csv", "--quiet", *options.split())
    assert_one_line(run, code, text)
    assert contents(folder) == before


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 cut", b"\x00" * 99], ids=repr)
def test_suggest_from_a_damaged_sweep(command, folder, data):
    (folder / "sweep.npz").write_bytes(data)
    assert_one_line(command("suggest", "sweep.npz"), 2, "saved by lr_finder")


def test_suggest_from_arrays_of_another_program(command, folder):
    np.savez(folder / "sweep.npz", lrs=[1.0], losses=[2.0])
    assert_one_line(command("suggest", "sweep.npz"), 2, "saved by lr_finder")

"""`lr_finder predict`: its predictions are the model's on the arrays of `find`."""

import json
import types

import numpy as np
import pandas as pd
import pytest

keras = pytest.importorskip("keras")

from lr_finder.data.opened import open_table  # noqa: E402
from lr_finder.data.prepare.target import prepare_target  # noqa: E402
from lr_finder.data.request import Request  # noqa: E402

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:__array__ implementation"),  # in Keras itself
]

FEW = (
    "--batch-size", 16, "--steps", 40, "--start-lr", 1e-5, "--end-lr", 100, "--train", 2
)  # fmt: skip
TARGETS = {
    "price": "regression",
    "sold": ("no", "yes"),
    "grade": ("high", "low", "mid"),
}


def write_homes(path):
    """Money, a category, dates, gaps; a number, a yes/no and three classes."""
    rng = np.random.default_rng(0)
    n = 120
    area, town = rng.uniform(20, 200, n), rng.choice(["Bern", "Basel", "Chur"], n)
    built = pd.date_range("1990-01-15", periods=n, freq="MS")
    frame = pd.DataFrame(
        {
            "area": [f"{value:.1f} m2" for value in area],
            "town": town,
            "built": built.strftime("%d.%m.%Y"),
            "price": [f"${1000 * value:,.2f}" for value in area + rng.normal(size=n)],
            "sold": np.where(area > 110, "yes", "no"),
            "grade": np.array(["low", "mid", "high"])[(area // 70).astype(int)],
        }
    )  # fmt: skip
    for name in ("area", "town", "built"):
        frame.loc[rng.random(n) < 0.1, name] = None
    frame.to_csv(path, index=False)


@pytest.fixture(scope="module")
def homes(command, tmp_path_factory):
    """A model for each target, trained on the same file; and its arrays."""
    folder = tmp_path_factory.mktemp("homes")
    path = folder / "homes.csv"
    write_homes(path)
    runs = {}
    for target in TARGETS:
        others = ",".join(name for name in TARGETS if name != target)
        out = folder / target
        run = command(
            "find", path, "--kind", "tabular", "--target", target, "--drop", others,
            *FEW, "--out", out,
        )  # fmt: skip
        assert run.code == 0, run.err
        runs[target] = out
    return types.SimpleNamespace(path=path, runs=runs)


def expected(path, run, target):
    """What the model says of the arrays that `find` made, in the order of the file."""
    others = tuple(name for name in TARGETS if name != target)
    opened = open_table(
        path, Request(str(path), kind="tabular", target=target, drop=others)
    )
    dataset = opened.dataset
    parts = prepare_target(opened.table[dataset.target], opened.request)
    model = keras.models.load_model(run / "model.keras")
    output = np.empty((len(opened.table), *model.output_shape[1:]))
    output[parts.train] = model.predict(dataset.x_train, verbose=0)
    output[parts.validation] = model.predict(dataset.x_validation, verbose=0)
    return dataset, output


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.few(1)
def test_predictions_equal_the_models_row_for_row(homes, command, target):
    run = command("predict", homes.runs[target], homes.path, "--json")
    assert run.code == 0, run.err
    frame = pd.read_csv(homes.runs[target] / "predictions.csv")
    dataset, output = expected(homes.path, homes.runs[target], target)
    assert list(frame["row"]) == list(range(1, 121))
    if TARGETS[target] == "regression":
        wanted = output[:, 0] * dataset.target_scale + dataset.target_mean
        np.testing.assert_allclose(frame["prediction"], wanted, rtol=1e-5)
        raw = pd.read_csv(homes.path)["price"].str.replace("[$,]", "", regex=True)
        np.testing.assert_array_equal(frame["actual"], raw.astype(float))
        error = np.abs(frame["prediction"] - frame["actual"]).mean()
        assert run.json["score"]["mean_absolute_error"] == pytest.approx(error)
    else:
        assert dataset.classes == TARGETS[target]
        places = output.argmax(1) if output.shape[1] > 1 else output[:, 0] >= 0.5
        wanted = np.array(dataset.classes)[places.astype(int)]
        assert frame["prediction"].tolist() == wanted.tolist()
        share = np.mean(frame["prediction"] == pd.read_csv(homes.path)[target])
        assert run.json["score"] == {"rows": 120, "accuracy": pytest.approx(share)}
    assert run.json["predictions"] == frame["prediction"].tolist()
    assert run.json["files"]["predictions.csv"].endswith("predictions.csv")


def test_new_rows_without_target_in_another_order(homes, command, tmp_path):
    frame = pd.read_csv(homes.path)[["built", "town", "area"]].iloc[[5, 3, 8]]
    frame.loc[5, "town"] = "Genf"
    path, out = tmp_path / "new.csv", tmp_path / "answers.csv"
    frame.to_csv(path, index=False, sep=";")
    run = command("predict", homes.runs["price"], path, "--out", out)
    assert run.code == 0, run.err
    told = " ".join(run.out.split())
    assert "3 rows, a prediction of 'price'" in told
    assert "categories not trained on ('Genf')" in told
    assert "error" not in told
    answers = pd.read_csv(out)
    assert list(answers) == ["row", "prediction"]
    command("predict", homes.runs["price"], homes.path, "--out", tmp_path / "all.csv")
    whole = pd.read_csv(tmp_path / "all.csv")["prediction"]
    np.testing.assert_allclose(answers["prediction"][1:], whole[[3, 8]], rtol=1e-5)
    quiet = command("predict", homes.runs["price"], path, "--quiet").out.split()
    np.testing.assert_allclose(np.array(quiet, float), answers["prediction"], rtol=1e-6)


def test_dates_written_in_another_way_are_read_by_the_format_given(
    homes, command, tmp_path
):
    run_dir, path, out = homes.runs["price"], tmp_path / "iso.csv", tmp_path / "out.csv"
    frame = pd.read_csv(homes.path)
    built = pd.to_datetime(frame["built"], format="%d.%m.%Y")
    frame["built"] = built.dt.strftime("%m/%d/%Y")
    frame.to_csv(path, index=False)
    found = []
    for file, more in [(homes.path, ()), (path, ("--date-format", "%m/%d/%Y"))]:
        run = command("predict", run_dir, file, "--out", out, *more)
        assert run.code == 0, run.err
        found.append(out.read_text())
    assert found[0] == found[1]


def test_what_cannot_be_predicted_is_one_line(homes, command, tmp_path):
    run_dir = homes.runs["price"]
    few = tmp_path / "few.csv"
    pd.read_csv(homes.path)[["town"]].to_csv(few, index=False)
    none = tmp_path / "empty"
    none.mkdir()
    for arguments, words in [
        ((run_dir, few), "none named 'area', 'built'"),
        ((run_dir, "nowhere.csv"), "does not exist"),
        (("nowhere", homes.path), "RUN_DIR must be a folder"),
        ((homes.path, homes.path), "RUN_DIR must be a folder"),
        ((none, homes.path), "RUN_DIR must hold model.keras"),
        ((run_dir.parent, homes.path), "Name one of the folders in it: grade, price"),
        ((run_dir, homes.path, "--out", none), "a folder. Name another"),
        ((run_dir, homes.path, "--out", none / "a" / "b.csv"), "no folder"),
        ((run_dir, homes.path, "--date-format", "%Q"), "a format of dates"),
        ((run_dir, homes.path, "--date-format", "%H:%M"), "'built'"),
        ((run_dir, homes.path, "--sep", "abc"), "Option --sep must be one character"),
    ]:
        run = command("predict", *arguments)
        assert run.code == 2 and words in run.err, (arguments, run.err)
        assert run.err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("preprocessing.json", b"{", "must hold JSON"),
        ("preprocessing.json", b'{"format": "x"}', "cannot be used"),
        ("preprocessing.json", None, "without it"),
        ("model.keras", b"no model", "must be a model that Keras saved"),
    ],
)
def test_a_spoilt_run_is_one_line(homes, command, tmp_path, name, content, words):
    for file in ("model.keras", "preprocessing.json"):
        kept = (homes.runs["price"] / file).read_bytes()
        (tmp_path / file).write_bytes(kept)
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    run = command("predict", tmp_path, homes.path)
    assert run.code == 2 and words in run.err
    assert "unexpected" not in run.err and run.err.count("\n") == 1
    assert not (tmp_path / "predictions.csv").exists()


def test_a_version_of_the_future_and_a_model_of_another_run(homes, command, tmp_path):
    document = json.loads((homes.runs["price"] / "preprocessing.json").read_text())
    for file, run_dir in (("model.keras", "grade"), ("preprocessing.json", "price")):
        (tmp_path / file).write_bytes((homes.runs[run_dir] / file).read_bytes())
    run = command("predict", tmp_path, homes.path)
    assert run.code == 2 and "must give output of shape" in run.err
    (tmp_path / "preprocessing.json").write_text(json.dumps(document | {"version": 9}))
    run = command("predict", tmp_path, homes.path)
    assert run.code == 2 and "must be of version 1. Received: version 9" in run.err


def test_a_series_is_forecast_with_its_dates(command, tmp_path):
    path, out = tmp_path / "sales.csv", tmp_path / "out"
    days = pd.date_range("2024-01-01", periods=150)
    sold = 100 + 10 * np.sin(np.arange(150) / 5)
    frame = pd.DataFrame({"day": days.strftime("%Y-%m-%d"), "sold": sold})
    frame.to_csv(path, index=False)
    run = command("find", path, "--window", 8, "--horizon", 3, *FEW, "--out", out)
    assert run.code == 0, run.err
    run = command("predict", out, path)
    assert run.code == 0, run.err
    found = pd.read_csv(out / "predictions.csv")
    assert found["time"].tolist() == ["2024-05-30", "2024-05-31", "2024-06-01"]
    dataset = open_table(path, Request(str(path), window=8, horizon=3)).dataset
    scaled = ((sold - dataset.target_mean) / dataset.target_scale).astype("float32")
    model = keras.models.load_model(out / "model.keras")
    wanted = model.predict(scaled[None, -8:], verbose=0)[0]
    wanted = wanted * dataset.target_scale + dataset.target_mean
    np.testing.assert_allclose(found["prediction"], wanted, rtol=1e-5)
    told = " ".join(run.out.split())
    assert "2024-06-01" in told and "3 points, the next of 'sold'" in told


@pytest.mark.slow
def test_texts_are_classified(command, tmp_path):
    path, out = tmp_path / "messages.txt", tmp_path / "out"
    rng = np.random.default_rng(0)
    words = np.array("the a of see you there tomorrow morning please call".split())
    lines = []
    for number in range(60):
        said = [*rng.choice(words, 5), "prize" if number % 3 == 0 else "dinner"]
        lines.append(("spam" if number % 3 == 0 else "ham") + "\t" + " ".join(said))
    path.write_text("\n".join(lines) + "\n")
    run = command("find", path, *FEW, "--out", out)
    assert run.code == 0, run.err
    run = command("predict", out, path, "--json")
    assert run.code == 0, run.err
    opened = open_table(path, Request(str(path)))
    parts = prepare_target(opened.table["label"], opened.request)
    model = keras.models.load_model(out / "model.keras")
    wanted = model.predict(opened.dataset.x_train, verbose=0)[:, 0] >= 0.5
    found = np.array(run.json["predictions"])[parts.train] == "spam"
    assert found.tolist() == wanted.tolist()
    bare = tmp_path / "bare.txt"
    bare.write_text("\n".join(line.split("\t")[1] for line in lines))
    again = command("predict", out, bare, "--json")
    assert again.json["predictions"] == run.json["predictions"]
    assert again.json["score"] is None


def test_images_are_refused_with_the_way_out(command, tmp_path):
    from .test_find import write_images

    write_images(tmp_path / "photos")
    run = command("find", tmp_path / "photos", *FEW, "--out", tmp_path / "out")
    assert run.code == 0, run.err
    run = command("predict", tmp_path / "out", tmp_path / "photos")
    assert run.code == 2
    assert "For images and arrays load the model by keras.models.load_model" in run.err

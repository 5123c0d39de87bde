import numpy as np
import pytest

pd = pytest.importorskip("pandas")
pytest.importorskip("sklearn")

from lr_finder.data.loading import load_data  # noqa: E402
from lr_finder.data.opened import open_table  # noqa: E402
from lr_finder.data.request import Request  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

RNG = np.random.default_rng(0)
TABLE = pd.DataFrame({"area": RNG.normal(50, 9, 60), "age": RNG.normal(9, 2, 60)})
TABLE["price"] = 1000 * TABLE["area"] + 7
STYLED = pd.DataFrame(
    {"area": TABLE["area"].map("{!r} m2".format),
     "age": TABLE["age"].map("{!r}%".format),
     "price": TABLE["price"].map(lambda n: f"${n!r}")}
)  # fmt: skip


def opened(path, **options):
    return open_table(path, Request(str(path), **options))


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_styled_features_and_targets_give_the_data_of_plain_ones(tmp_path, suffix):
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    write = f"to_{suffix}"
    paths = [tmp_path / f"{name}.{suffix}" for name in ("plain", "styled")]
    for table, path in zip((TABLE, STYLED), paths, strict=True):
        getattr(table, write)(path, index=False)
    plain, styled = (opened(path).dataset for path in paths)
    assert plain.task == styled.task == "regression"
    for name in ("x_train", "y_train", "x_validation", "y_validation"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(styled, name))
    assert plain.feature_names == styled.feature_names
    assert any("read as numbers: 'area' (" in note for note in styled.notes)
    assert not any("read as numbers" in note for note in plain.notes)


def test_only_texts_need_keras(tmp_path):
    path = tmp_path / "a.csv"
    TABLE.to_csv(path, index=False)
    assert not opened(path).needs_keras
    path.write_text("".join(f"{'ab'[i % 2]}\tso it goes {i}\n" for i in range(20)))
    assert opened(path).kind == "text" and opened(path).needs_keras


def test_options_of_text_files_do_not_go_with_other_sources(tmp_path):
    pytest.importorskip("pyarrow")
    TABLE.to_parquet(tmp_path / "a.parquet")
    np.savez(tmp_path / "a.npz", x=np.ones((9, 2)), y=np.arange(9))
    for source in (tmp_path / "a.parquet", tmp_path / "a.npz", tmp_path, "mnist"):
        with pytest.raises(
            InputError, match="`sep` does not go with .*tables in files"
        ):
            load_data(source, sep=";")


def test_an_empty_last_column_is_not_the_target(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(TABLE.to_csv(index=False).replace("\n", ",\n"))
    assert opened(path).dataset.target == "price"


def test_notes_of_reading_come_first(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(STYLED.rename(columns={"age": "größe"}).to_csv().encode("cp1252"))
    notes = opened(path).dataset.notes
    assert notes[0].startswith("encoding: cp1252")
    assert notes[1].startswith("read as numbers: ")

"""Valid small files of each kind that the command reads, and ways to corrupt them."""

import bz2
import gzip
import lzma
import pickle
import re
import zipfile

import numpy as np

HUGE = (b"1e308", b"-1e999", b"9" * 400, b"nan", b"1e-320", b"-0.0", b"1,5", b"0x1F")
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "latin-1", "cp037", "utf-7")


# ---------------------------------------------------------------- corruption


def flip(content, rng):
    """Some bytes replaced by others."""
    data = np.frombuffer(content, np.uint8).copy()
    places = rng.integers(len(data), size=int(rng.geometric(0.15)))
    data[places] = rng.integers(256, size=len(places))
    return data.tobytes()


def cut_off(content, rng):
    """The end lost."""
    return content[: rng.integers(len(content) + 1)]


def cut_out(content, rng):
    """A piece lost from within."""
    start, end = sorted(rng.integers(len(content) + 1, size=2))
    return content[:start] + content[end:]


def repeat(content, rng):
    """A piece there twice."""
    start, end = sorted(rng.integers(len(content) + 1, size=2))
    return content[:end] + content[start:end] + content[end:]


def blank(content, rng):
    """A piece overwritten by zeros."""
    start, end = sorted(rng.integers(len(content) + 1, size=2))
    return content[:start] + bytes(end - start) + content[end:]


def shuffle(content, rng):
    """Lines in another order."""
    lines = content.splitlines(keepends=True)
    return b"".join(lines[i] for i in rng.permutation(len(lines)))


def enlarge(content, rng):
    """Some numbers made huge, or no numbers."""
    share = rng.choice([0.002, 0.05, 1.0])
    return re.sub(
        rb"[\d.]+",
        lambda found: HUGE[rng.integers(len(HUGE))] if rng.random() < share
        else found[0],
        content,
    )  # fmt: skip


def encode(content, rng):
    """Text in another encoding; bytes that are no text as if they were."""
    text = content.decode("utf-8", "replace")
    return text.encode(ENCODINGS[rng.integers(len(ENCODINGS))], "replace")


CORRUPTIONS = (flip, cut_off, cut_out, repeat, blank, shuffle, enlarge, encode)


def corrupt(folder, rng):
    """Corrupt one file in a folder, once or twice; say how."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = files[rng.integers(len(files))]
    kinds = [
        CORRUPTIONS[i]
        for i in rng.integers(len(CORRUPTIONS), size=1 + (rng.random() < 0.3))
    ]
    content = path.read_bytes()
    for kind in kinds:
        if content:
            content = kind(content, rng)
    path.write_bytes(content)
    return "+".join(kind.__name__ for kind in kinds)


# ---------------------------------------------------------------- valid files


def table(rows=60):
    """A table of numbers, categories and dates with a target that can be learnt."""
    import pandas as pd

    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 3))
    return pd.DataFrame(
        {
            "area": x[:, 0], "rooms": rng.integers(1, 6, rows), "age": x[:, 1],
            "town": rng.choice(["Bern", "Basel", "Chur"], rows),
            "sold": pd.date_range("2020-01-01", periods=rows)[::-1].astype(str),
            "price": 3 * x[:, 0] - x[:, 1],
        }
    )  # fmt: skip


def make_csv(folder):
    """A table as CSV."""
    table().to_csv(folder / "homes.csv", index=False)
    return folder / "homes.csv"


def make_gzip(folder):
    """A table as CSV, compressed by gzip."""
    (folder / "homes.csv.gz").write_bytes(gzip.compress(csv_bytes(), mtime=0))
    return folder / "homes.csv.gz"


def make_bzip2(folder):
    """A table as CSV, compressed by bzip2."""
    (folder / "homes.csv.bz2").write_bytes(bz2.compress(csv_bytes()))
    return folder / "homes.csv.bz2"


def make_xz(folder):
    """A table as CSV, compressed by xz."""
    (folder / "homes.csv.xz").write_bytes(lzma.compress(csv_bytes()))
    return folder / "homes.csv.xz"


def make_zip(folder):
    """A table as CSV in an archive, beside a text about it."""
    with zipfile.ZipFile(folder / "homes.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("homes.csv", csv_bytes()), ("about.txt", b"Homes.")):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return folder / "homes.zip"


def make_jsonl(folder):
    """A table as JSON Lines."""
    table().to_json(folder / "homes.jsonl", orient="records", lines=True)
    return folder / "homes.jsonl"


def make_blanks(folder):
    """Numbers between blanks, without names."""
    numbers = table()[["area", "rooms", "age", "price"]]
    (folder / "homes.data").write_text(numbers.to_string(header=False, index=False))
    return folder / "homes.data"


def make_utf16(folder):
    """A table in UTF-16 between tabs, as Excel writes "Unicode text"."""
    text = table().to_csv(index=False, sep="\t")
    (folder / "homes.txt").write_bytes(text.encode("utf-16"))
    return folder / "homes.txt"


def make_western(folder):
    """A table in cp1252 between semicolons, with decimal commas."""
    homes = table().rename(columns={"area": "größe"})
    homes["town"] = homes["town"].replace("Chur", "Zürich")
    text = homes.to_csv(index=False, sep=";", decimal=",")
    (folder / "homes.csv").write_bytes(text.encode("cp1252"))
    return folder / "homes.csv"


def make_styled(folder):
    """A table of amounts with units, brackets and thousands separators."""
    homes = table()
    homes["area"] = (50 + 9 * homes["area"]).map("{:.1f} m2".format)
    homes["age"] = homes["age"].map(
        lambda age: f"({-age:.2f})" if age < 0 else f"{age:.2f}"
    )
    homes["price"] = (9_000 + 2_000 * homes["price"]).map("${:,.2f}".format)
    homes.to_csv(folder / "homes.csv", index=False)
    return folder / "homes.csv"


def csv_bytes():
    """A table as CSV."""
    return table().to_csv(index=False).encode()


def make_parquet(folder):
    """A table as Parquet, in three row groups."""
    table().to_parquet(folder / "homes.parquet", row_group_size=20)
    return folder / "homes.parquet"


def make_npz(folder):
    """Arrays x and y."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4)).astype("float32")
    np.savez(folder / "arrays.npz", x=x, y=(x[:, 0] > 0).astype(int))
    return folder / "arrays.npz"


def make_images(folder):
    """Dark and light pictures, in four formats."""
    from PIL import Image

    rng = np.random.default_rng(0)
    endings = ("png", "jpg", "gif", "bmp")
    for label, shade in (("dark", 60), ("light", 180)):
        (folder / "photos" / label).mkdir(parents=True)
        for i in range(8):
            pixels = rng.integers(shade - 50, shade + 50, (8, 8, 3), dtype=np.uint8)
            name = f"{i}.{endings[i % len(endings)]}"
            Image.fromarray(pixels).save(folder / "photos" / label / name)
    return folder / "photos"


def make_text(folder):
    """Lines of label TAB text."""
    rng = np.random.default_rng(0)
    words = {
        "ham": ["see", "you", "at", "home"],
        "spam": ["win", "cash", "now", "free"],
    }
    lines = []
    for i in range(60):
        label = ("ham", "spam")[i % 2]
        lines.append(f"{label}\t{' '.join(rng.choice(words[label], 6))} {i}\n")
    (folder / "messages.tsv").write_text("".join(lines))
    return folder / "messages.tsv"


def make_series(folder):
    """A value for each day."""
    import pandas as pd

    time = np.arange(90)
    frame = pd.DataFrame(
        {
            "date": pd.date_range("2020-01-01", periods=90).astype(str),
            "load": np.sin(time / 5) + 0.01 * time,
        }
    )
    frame.to_csv(folder / "load.csv", index=False)
    return folder / "load.csv"


def make_cifar10(folder):
    """The published form of CIFAR-10, with few images."""
    rng = np.random.default_rng(0)
    home = folder / "cifar-10-batches-py"
    home.mkdir()
    names = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
    for name in names:
        batch = {
            b"labels": rng.integers(0, 10, 20).tolist(),
            b"data": rng.integers(0, 256, (20, 3072), dtype=np.uint8),
        }
        (home / name).write_bytes(pickle.dumps(batch, protocol=2))
    meta = {b"label_names": [b"class %d" % i for i in range(10)]}
    (home / "batches.meta").write_bytes(pickle.dumps(meta, protocol=2))
    return "cifar10"


def make_curve(folder):
    """A sweep as a table."""
    lrs = np.geomspace(1e-6, 1, 60)
    rows = np.column_stack([lrs, 1 / (1 + lrs / 1e-3)])
    np.savetxt(folder / "curve.csv", rows, delimiter=",", header="lr,loss", comments="")
    return folder / "curve.csv"


def make_sweep(folder):
    """A sweep as it is saved."""
    from lr_finder import SweepResult
    from lr_finder.results.sweep import Curve

    lrs = np.geomspace(1e-6, 1, 60)
    result = SweepResult([Curve(lrs, 1 / (1 + lrs / 1e-3))], {"steps": 60})
    return result.save(folder / "sweep.npz")


KINDS = {  # name -> (makes the valid files, options of the command)
    "csv": (make_csv, ("--kind", "tabular")),
    "gzip": (make_gzip, ("--kind", "tabular")),
    "bzip2": (make_bzip2, ("--kind", "tabular")),
    "xz": (make_xz, ("--kind", "tabular")),
    "zip": (make_zip, ("--kind", "tabular")),
    "jsonl": (make_jsonl, ("--kind", "tabular")),
    "blanks": (make_blanks, ()),
    "utf16": (make_utf16, ("--kind", "tabular")),
    "western": (make_western, ("--kind", "tabular")),
    "styled": (make_styled, ("--kind", "tabular")),
    "parquet": (make_parquet, ()),
    "npz": (make_npz, ()),
    "images": (make_images, ()),
    "text": (make_text, ()),
    "series": (make_series, ()),
    "cifar10": (make_cifar10, ("--data-dir",)),
    "curve": (make_curve, None),
    "sweep": (make_sweep, None),
}

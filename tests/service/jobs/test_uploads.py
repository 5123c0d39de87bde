"""What was sent is told by its bytes; archives are looked at before they unpack."""

import io
import stat
import struct
import zipfile

import numpy as np
import pytest
from PIL import Image

from lr_finder.errors import InputError
from lr_finder.service.jobs.uploads import (
    check_model_file,
    file_name_for,
    safe_entries,
    shown_name,
    unpack_images,
)
from lr_finder.service.service_settings import Limits

LIMITS = Limits(files=50, unpacked=20 * 2**20)


def zipped(entries, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file.getvalue()


def picture(shade=0):
    file = io.BytesIO()
    Image.new("L", (8, 8), shade).save(file, "PNG")
    return file.getvalue()


def arrays():
    file = io.BytesIO()
    np.savez(file, x=np.zeros((4, 2)), y=np.zeros(4))
    return file.getvalue()


@pytest.fixture
def sent(tmp_path):
    def write(content):
        path = tmp_path / "raw"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"a,b\n1,2\n", "data.csv"), (b"PAR1\0\0", "data.parquet"),
        (arrays(), "data.npz"), (b"\x1f\x8b\x08", "data.csv"),
        (zipped([("a/cat/1.PNG", picture())]), "images.zip"),
        (zipped([("prices.csv", b"a,b")]), "data.zip"),
    ],
)  # fmt: skip
def test_the_bytes_tell_what_it_is(sent, content, name):
    assert file_name_for(sent(content), LIMITS) == name


def entry(name, mode=stat.S_IFREG | 0o644, flag=0):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.flag_bits |= flag
    return info


def with_count(content, count):
    """An archive whose end says that it has so many entries."""
    place = content.rfind(b"PK\x05\x06")
    return (
        content[: place + 8] + struct.pack("<2H", count, count) + content[place + 12 :]
    )


BAD = {
    "climbs": (zipped([("../a.png", b"")]), "leaves its folder"),
    "climbs inside": (zipped([("a/../../b.png", b"")]), "leaves its folder"),
    "climbs by backslash": (zipped([("..\\a.png", b"")]), "leaves its folder"),
    "is absolute": (zipped([("/etc/a.png", b"")]), "leaves its folder"),
    "is on a drive": (zipped([("C:/a.png", b"")]), "leaves its folder"),
    "has a line end": (zipped([("a\nb.png", b"")]), "leaves its folder"),
    "is a link": (zipped([(entry("a.png", stat.S_IFLNK), b"/etc")]), "no plain file"),
    "is a device": (zipped([(entry("a.png", stat.S_IFCHR), b"")]), "no plain file"),
    "many files": (zipped([(f"{i}.png", b"") for i in range(51)]), "51 files"),
    "a bomb": (zipped([("a.csv", bytes(19 * 2**20))]), "bytes that unpack to"),
    "a large bomb": (zipped([("a.csv", bytes(21 * 2**20))]), "21 MiB, more than 20"),
    "a false count": (with_count(zipped([("a", b"")]), 65_535), "65,535 files"),
    "no end": (b"PK\x03\x04" + bytes(100), "damaged"),
    "an end alone": (b"PK\x05\x06" + b"\xff" * 18, "files, more than"),
    "zip64": (zipped([("a", b"")]) + b"PK\x06\x07", "zip64"),
}


@pytest.mark.parametrize("name", BAD)
def test_unsafe_archives_are_refused(sent, name):
    content, words = BAD[name]
    with pytest.raises(InputError, match=words):
        file_name_for(sent(content), LIMITS)


def test_every_cut_of_an_archive_is_refused_or_read(sent):
    content = zipped([("cat/1.png", picture()), ("dog/1.png", picture(9))])
    for end in range(4, len(content)):
        try:
            safe_entries(sent(content[:end]), LIMITS)
        except InputError:
            continue
        pytest.fail(f"{end} bytes of {len(content)}")


def test_changed_bytes_of_an_archive_raise_nothing_else(sent, tmp_path):
    content = bytearray(zipped([("cat/1.png", picture()), ("dog/1.png", picture(9))]))
    rng = np.random.default_rng(0)
    for i in range(300):
        changed = bytearray(content)
        for place in rng.integers(4, len(content), 3):
            changed[place] = rng.integers(256)
        try:
            unpack_images(sent(bytes(changed)), tmp_path / f"images{i}", LIMITS)
        except InputError:
            pass


@pytest.mark.parametrize("prefix", ["", "photos/", "a/b/", "données/"])
def test_images_lie_in_a_folder_for_each_class(sent, tmp_path, prefix):
    names = ["cat/1.png", "cat/sub/2.png", "dog/x.jpg", "dog/.hidden.png", "notes.txt"]
    content = zipped([(prefix + name, picture()) for name in names])
    unpack_images(sent(content), tmp_path / "images", LIMITS)
    found = [str(p.relative_to(tmp_path)) for p in (tmp_path / "images").glob("*/*")]
    assert sorted(found) == ["images/cat/0.png", "images/cat/1.png", "images/dog/2.jpg"]


def test_classes_whose_names_become_one_stay_apart(sent, tmp_path):
    content = zipped([("a b/1.png", picture()), ("a+b/1.png", picture())])
    unpack_images(sent(content), tmp_path / "images", LIMITS)
    assert len(list((tmp_path / "images").iterdir())) == 2


def test_a_model_file_is_one_of_keras(sent):
    model = zipped([("config.json", b"{}"), ("model.weights.h5", b"")])
    check_model_file(sent(model), LIMITS)
    for other in (b"\x80\x04.", zipped([("model.py", b"")]), b""):
        with pytest.raises(InputError, match="Part `model`"):
            check_model_file(sent(other), LIMITS)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("prices.csv", "prices.csv"), ("../../etc/passwd", "passwd"), ("", "data"),
        ("C:\\x\\a.csv", "a.csv"), ("a\0b\n.csv", "a-b-.csv"), (None, "data"),
        ("価格.csv", "価格.csv"), ("<script>.csv", "script-.csv"), ("..", "run"),
    ],
)  # fmt: skip
def test_a_name_is_shown_without_what_could_harm(given, shown):
    assert shown_name(given) == shown

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lr_finder.data.readers import compressed
from lr_finder.data.readers.compressed import is_compressed, unpack
from lr_finder.errors import InputError

PATH = Path("table.csv")


def zipped(files, **options):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return memory.getvalue()


FORMS = {
    "gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress,
    "zip": lambda content: zipped({"a.csv": content}),
}  # fmt: skip


@pytest.mark.parametrize("compress", FORMS.values(), ids=FORMS)
@settings(deadline=None)
@given(content=st.binary(max_size=200).filter(lambda c: not is_compressed(c)))
def test_every_form_is_told_by_its_content_and_unpacked(compress, content):
    packed = compress(content)
    assert is_compressed(packed) and not is_compressed(content)
    assert unpack(PATH, packed)[0] == content


def test_several_streams_in_a_row_are_one_file():
    for compress in (gzip.compress, bz2.compress, lzma.compress):
        assert unpack(PATH, compress(b"a,b\n") + compress(b"1,2\n"))[0] == b"a,b\n1,2\n"


@pytest.mark.parametrize("start", [b"BZhang,age", b"PKW,LKW", b"\x1f\x8b", b"BZ", b""])
def test_names_that_begin_as_a_mark_are_no_compressed_files(start):
    assert not is_compressed(start)


@pytest.mark.parametrize("compress", FORMS.values(), ids=FORMS)
def test_a_bomb_is_refused_before_it_fills_the_memory(compress, monkeypatch):
    monkeypatch.setattr(compressed, "SMALL", 2**20)
    monkeypatch.setattr(compressed, "CHUNK", 2**16)
    bomb = compress(bytes(2**24))
    with pytest.raises(InputError, match="must unpack to [0-9]+ MiB or less"):
        unpack(PATH, bomb)
    assert unpack(PATH, compress(bytes(2**20)))[0] == bytes(2**20)


def test_the_limit_holds_for_large_files_too(monkeypatch):
    monkeypatch.setattr(compressed, "MAX_BYTES", 2**16)
    content = bytes(range(256)) * 2**9
    with pytest.raises(InputError, match="must unpack to"):
        unpack(PATH, gzip.compress(content, compresslevel=0))


@pytest.mark.parametrize("compress", FORMS.values(), ids=FORMS)
def test_what_is_cut_off_is_refused(compress):
    packed = compress(bytes(range(256)) * 8)
    for length in range(12, len(packed) - 1, 7):
        with pytest.raises(InputError, match="must be a whole compressed file"):
            unpack(PATH, packed[:length])


@pytest.mark.parametrize(
    ("files", "read"),
    [
        ({"iris.data": "1", "iris.names": "about", "Index": "x"}, "iris.data"),
        ({"folder/": "", "folder/a.csv": "1"}, "folder/a.csv"),
        ({"a.csv": "1", "__MACOSX/._a.csv": "x", ".DS_Store": "x"}, "a.csv"),
        ({"only": "1"}, "only"),
        ({"a.txt": "1"}, "a.txt"),
        ({"A.CSV": "1", "readme.txt": "x"}, "A.CSV"),
    ],
)
def test_the_one_table_in_an_archive_is_read(files, read):
    content, notes = unpack(PATH, zipped(files))
    assert content == b"1" and notes == (f"read from {read!r} in the archive",)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.csv": "1", "b.csv": "2"}, "2 files: 'a.csv', 'b.csv'. Unpack it, and na"),
        ({"a.txt": "1", "b.txt": "2"}, "2 files: 'a.txt', 'b.txt'"),
        ({}, "Received: no file"),
        ({"[Content_Types].xml": "<x/>", "xl/a.xml": "1"}, "an Excel workbook"),
        ({"META-INF/manifest.xml": "", "content.xml": "1"}, "LibreOffice"),
        ({"x.npy": "1", "y.npy": "2"}, "an NPZ file. Rename it to end in .npz"),
        ({"a.csv": gzip.compress(b"1")}, "a compressed file in a compressed file"),
        ({f"{i}.csv": "1" for i in range(10_001)}, "10,001 files"),
    ],
)
def test_archives_of_anything_else_are_refused(files, message):
    with pytest.raises(InputError, match=message) as caught:
        unpack(PATH, zipped(files))
    assert "\n" not in str(caught.value)


def test_a_locked_archive_is_refused():
    packed = bytearray(zipped({"a.csv": "1,2\n"}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(mark) + place] |= 1  # the bit that says "encrypted"
    with pytest.raises(InputError, match="without a password. .*'a.csv' is encrypted"):
        unpack(PATH, bytes(packed))

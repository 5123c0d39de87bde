"""The PDF says what the page says; what its font lacks is named."""

import contextlib
import re
import zlib

import pytest

pytest.importorskip("fpdf")

from lr_finder.reports.document import (
    Attached,
    Column,
    Downloads,
    Number,
    Paragraph,
    Summary,
    Table,
    plain,
    section,
)
from lr_finder.reports.pdf import pdf
from lr_finder.reports.report import summary_of

UNESCAPED = {b"r": b"\r", b"n": b"\n"}


def streams_of(content):
    """What is packed in a PDF, as far as it is packed so."""
    for each in re.findall(rb"stream\n(.*?)\nendstream", content, re.DOTALL):
        with contextlib.suppress(zlib.error):
            each = zlib.decompress(each)
        yield each


def text_of(content):
    """The letters drawn, in their order: a second reader of the file.

    Each font numbers its letters, and holds a table of them.
    """
    tables = []
    for stream in streams_of(content):
        if b"beginbfchar" in stream or b"beginbfrange" in stream:
            pairs = re.findall(rb"<(\w+)> <(\w+)>\n", stream)
            tables.append(
                {
                    int(code, 16): bytes.fromhex(letter.decode()).decode("utf-16-be")
                    for code, letter in pairs[1:]  # the first is the range of codes
                }
            )
    text = []
    for stream in streams_of(content):
        if b" Tf" not in stream:
            continue
        font = None
        shown = re.findall(
            rb"/F(\d) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj", stream, re.DOTALL
        )
        for chosen, codes in shown:
            font = int(chosen) - 1 if chosen else font
            codes = re.sub(rb"\\(.)", lambda m: UNESCAPED.get(m[1], m[1]), codes)
            pairs = zip(codes[::2], codes[1::2], strict=True)
            text += [tables[font][256 * high + low] for high, low in pairs]
    return "".join(text)


def squeezed(text):
    return re.sub(r"\s", "", text)


def summary(*blocks, answer=("Train with 3e-3.",)):
    return Summary("sweep", "A title", answer, (section("a", "Part", *blocks),), {})


def test_the_same_bytes_each_time(training, written, tmp_path):
    first = written(training, ".pdf").read_bytes()
    assert training.report(tmp_path / "again.PDF").read_bytes() == first
    assert first.startswith(b"%PDF-") and len(first) < 1_000_000


def test_it_says_what_the_page_says(finding, written):
    """Every sentence, every cell, every heading, in the same order."""
    content = written(finding, ".pdf").read_bytes()
    text, told = squeezed(text_of(content)), summary_of(finding)
    at = 0
    for said in [told.title, plain(told.answer), *told.also]:
        at = text.index(squeezed(said), at)
    for part in told.sections:
        at = text.index(squeezed(part.heading), at)
        for block in part.blocks:
            for said in texts_of(block):
                assert squeezed(said) in text[at:], said
    assert content.count(b"/Subtype /Image") == len(told.pictures())


def texts_of(block):
    """What a block says, each piece that stands by itself."""
    match block.block:
        case "paragraph":
            return [plain(block.parts)]
        case "points":
            return block.texts
        case "facts":
            return [text for name, parts in block.rows for text in (name, plain(parts))]
        case "doubts":
            return [text for row in block.rows for text in row]
        case "code":
            return [block.text]
        case "table":
            return [each.heading for each in block.columns] + [
                str(cell) for row in block.rows for cell in row
            ]
        case "downloads":
            return [f"{file.name}: {file.about}" for file in block.files]
        case "picture":
            return []


def test_a_letter_that_the_font_lacks_is_replaced_and_named():
    said = text_of(pdf(summary(Paragraph(("Größe ≤ 3, Привет, 価",))), {}))
    assert "Größe ≤ 3, Привет, \N{REPLACEMENT CHARACTER}" in said
    assert squeezed("lacks U+4FA1 (cjk unified ideograph-4fa1)") in squeezed(said)
    plainly = text_of(pdf(summary(Paragraph(("Größe",))), {}))
    assert "Größe" in plainly and "lacks" not in plainly


def test_a_long_table_breaks_over_pages_and_keeps_its_heading():
    rows = tuple((f"row {i}", Number(i, str(i))) for i in range(120))
    columns = (Column("name", "Name"), Column("n", "Number", True))
    long = pdf(summary(Table("t", columns, rows)), {})
    assert len(re.findall(rb"/Type /Page\n", long)) >= 3


def test_a_wide_table_stays_on_the_page():
    """A sentence of 400 letters wraps; no column is wider than the paper."""
    rows = (("a", "long words " * 40, Number(1.0, "1")),)
    columns = (Column("a", "A"), Column("b", "B"), Column("c", "C", True))
    made = pdf(summary(Table("t", columns, rows)), {})
    page = next(each for each in streams_of(made) if b" Tf" in each)
    across = [float(x) for x in re.findall(rb"BT ([\d.]+) [\d.]+ Td", page)]
    assert across and max(across) < 595 - 18 * 72 / 25.4
    assert squeezed("long words " * 40) in squeezed(text_of(made))


def test_files_are_attached_whole():
    content = b"lr,loss\n0.1,2\n" * 50
    made = pdf(summary(Downloads((Attached("sweep.csv", "losses", content),))), {})
    assert content in list(streams_of(made))
    assert b"/UF (sweep.csv)" in made

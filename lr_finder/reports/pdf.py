"""A summary and its pictures become a PDF: the same content as the page, in pages."""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lr_finder._text import UNDRAWN, name_characters
from lr_finder._version import __version__
from lr_finder.reports.document import (
    Code,
    Doubts,
    Downloads,
    Facts,
    Paragraph,
    Picture,
    Points,
    Table,
    plain,
)
from lr_finder.reports.pictures import HEIGHT, WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import fpdf

    from lr_finder.reports.document import Attached, Block, Section, Summary
    from lr_finder.reports.pictures import Drawn

FONT, CODE_FONT = "DejaVu", "DejaVuMono"
FACES = {
    (FONT, ""): "DejaVuSans.ttf",
    (FONT, "B"): "DejaVuSans-Bold.ttf",
    (CODE_FONT, ""): "DejaVuSansMono.ttf",
}
TEXT, SMALL, HEADING, TITLE = 9.5, 8.0, 12.5, 16.0  # points
LINE = 1.45  # of the size of letters
GREY, BLACK, WHITE, RULE, SOFT = (95,), (0,), (255,), (190,), (244, 246, 248)
PICTURE_WIDTH = 125.0  # millimetres
NAMES_WIDTH = 38.0  # millimetres of the names of facts
ROW, UNBROKEN = 6.4, 16  # millimetres of a row; rows of a table that is not broken
STEP = 2.5  # millimetres between blocks
NO_TIME = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)  # the same bytes each time


def pdf(summary: Summary, drawn: Mapping[str, Drawn]) -> bytes:
    """The PDF of a report.

    Tables are tables, and break between rows. The raw data are attached to the file. A
    character that the font lacks is replaced, and the last lines say which.

    Args:
        summary: Summary.
        drawn: mapping of name -> Drawn, of dots.

    Returns:
        bytes, the same for the same arguments.
    """
    writer = _Writer(summary.title, drawn)
    writer.title(summary)
    for section in summary.sections:
        writer.heading(section)
        for block in section.blocks:
            writer.block(block)
    return writer.finish()


class _Writer:
    """Writes blocks one below the other."""

    def __init__(self, title: str, drawn: Mapping[str, Drawn]):
        self._drawn, self._lacking = drawn, dict[str, None]()
        self._pdf = _new_document()
        font: Any = self._pdf.fonts[FONT.lower()]
        self._known = set(font.cmap)
        self._pdf.set_title(self._text(title))
        self._pdf.add_page()

    def title(self, summary: Summary) -> None:
        """The title, the answer and what follows it."""
        self._write(summary.title, TITLE, "B")
        self._gap()
        self._pdf.set_fill_color(*SOFT)
        self._write(plain(summary.answer), 11.5, is_filled=True)
        self._gap(STEP / 2)
        self._pdf.set_text_color(*GREY)
        for text in summary.also:
            self._write(text, TEXT)
        self._pdf.set_text_color(*BLACK)

    def heading(self, section: Section) -> None:
        """The heading of a section, never alone at the foot of a page."""
        self._gap(2 * STEP)
        if self._pdf.will_page_break(HEADING + _least(section.blocks[0])):
            self._pdf.add_page()
        self._pdf.start_section(self._text(section.heading))
        self._write(section.heading, HEADING, "B")
        self._gap(STEP / 2)

    def block(self, block: Block) -> None:
        """One block of a section; a short table is not broken."""
        if isinstance(block, Table) and self._pdf.will_page_break(_least(block)):
            self._pdf.add_page()
        getattr(self, f"_{block.block}")(block)
        self._gap()

    def finish(self) -> bytes:
        """The whole file, with a line on each character that is not drawn."""
        if self._lacking:
            self._gap(2 * STEP)
            told = name_characters(self._lacking)
            self._pdf.set_text_color(*GREY)
            self._write(
                f"The font of this PDF lacks {told}; {UNDRAWN} stands in their place. "
                "The HTML report shows them.", SMALL,
            )  # fmt: skip
        return bytes(self._pdf.output())

    def _write(
        self, text: str, size: float, style: str = "", font: str = FONT,
        *, is_filled: bool = False,
    ) -> None:  # fmt: skip
        """Text over the whole width, broken into lines."""
        self._pdf.set_font(font, style, size)
        self._pdf.multi_cell(
            0, _height(size), self._text(text), align="L", fill=is_filled,
            new_x="LMARGIN", new_y="NEXT", padding=2 if is_filled else 0,
        )  # fmt: skip

    def _paragraph(self, block: Paragraph) -> None:
        self._write(plain(block.parts), TEXT)

    def _points(self, block: Points) -> None:
        for text in block.texts:
            self._write(f"\N{BULLET} {text}", TEXT)

    def _facts(self, block: Facts) -> None:
        self._rows([(name, plain(parts)) for name, parts in block.rows])

    def _doubts(self, block: Doubts) -> None:
        self._rows([(kind or "warning", text) for kind, text in block.rows])

    def _code(self, block: Code) -> None:
        self._pdf.set_fill_color(*SOFT)
        self._write(block.text, SMALL, font=CODE_FONT, is_filled=True)

    def _rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Names and what is known of each, in two columns."""
        self._pdf.set_font(FONT, "", TEXT)
        width = self._pdf.epw
        with self._grid((NAMES_WIDTH, width - NAMES_WIDTH), ("LEFT", "LEFT")) as grid:
            for name, text in rows:
                grid.row(list(map(self._text, (name, text))))

    def _table(self, table: Table) -> None:
        """A real table; its heading is repeated on each page."""
        self._pdf.set_font(FONT, "", SMALL)
        cells = [[column.heading for column in table.columns]]
        cells += [list(map(str, row)) for row in table.rows]
        widths = _widths(self._pdf, [list(map(self._text, row)) for row in cells])
        aligns = ["RIGHT" if each.is_number else "LEFT" for each in table.columns]
        with self._grid(widths, aligns, has_heading=True) as grid:
            for place, row in enumerate(cells, -1):
                style = self._bold() if place in (-1, table.marked) else None
                grid.row(list(map(self._text, row)), style=style)
        if table.caption:
            self._pdf.set_text_color(*GREY)
            self._write(table.caption, SMALL)
            self._pdf.set_text_color(*BLACK)

    def _grid(
        self, widths: Sequence[float], aligns: Iterable[str], has_heading: bool = False
    ) -> Any:
        self._pdf.set_fill_color(*WHITE)
        self._pdf.set_draw_color(*RULE)
        self._pdf.set_line_width(0.15)
        return self._pdf.table(
            width=min(sum(widths), self._pdf.epw),  # but for rounding
            col_widths=tuple(widths), text_align=tuple(aligns),
            align="LEFT", borders_layout="HORIZONTAL_LINES", padding=(0.8, 1.2),
            line_height=_height(self._pdf.font_size_pt),
            first_row_as_headings=has_heading, headings_style=self._bold(),
        )  # fmt: skip

    def _bold(self) -> Any:
        from fpdf.fonts import FontFace

        return FontFace(emphasis="BOLD")

    def _picture(self, block: Picture) -> None:
        drawn = self._drawn.get(block.name)
        if drawn is None:
            return
        height = PICTURE_WIDTH * drawn.height / drawn.width
        if self._pdf.will_page_break(height):
            self._pdf.add_page()
        self._pdf.image(
            io.BytesIO(drawn.content), w=PICTURE_WIDTH, h=height,
            alt_text=self._text(block.alt),
        )  # fmt: skip

    def _downloads(self, block: Downloads) -> None:
        """The files are attached, and listed."""
        for file in block.files:
            self._embed(file)
            self._write(f"\N{BULLET} {file.name}: {file.about}", TEXT)
        self._write("These files are attached to this PDF.", TEXT)

    def _embed(self, file: Attached) -> None:
        self._pdf.embed_file(
            bytes=file.content, basename=file.name, desc=file.about, compress=True,
            creation_date=NO_TIME, modification_date=NO_TIME,
        )  # fmt: skip

    def _gap(self, height: float = STEP) -> None:
        self._pdf.ln(height)

    def _text(self, text: str) -> str:
        """Text of characters that the font has; others are noted."""
        kept = []
        for character in text:
            is_known = ord(character) in self._known or character in "\n\t"
            if not is_known and character.isprintable():
                self._lacking[character] = None
            kept.append(character if is_known else UNDRAWN)
        return "".join(kept)


def _new_document() -> fpdf.FPDF:
    """An empty document with the fonts that come with Matplotlib."""
    import fpdf
    import matplotlib

    class Document(fpdf.FPDF):
        """Pages with their number at the foot."""

        def footer(self) -> None:
            self.set_y(-12)
            self.set_font(FONT, "", SMALL)
            self.set_text_color(*GREY)
            told = f"lr_finder {__version__}   {self.page_no()} / {{nb}}"
            self.cell(0, 5, told, align="R")
            self.set_text_color(*BLACK)

    document = Document(format="A4")
    document.set_creation_date(NO_TIME)
    document.set_producer("fpdf2")
    document.set_creator(f"lr_finder {__version__}")
    document.set_margins(18, 16)
    document.set_auto_page_break(True, margin=18)
    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    for (family, style), name in FACES.items():
        document.add_font(family, style, folder / name)
    return document


def _height(size: float) -> float:
    """Of a line, in millimetres, from the size of its letters in points."""
    return size * LINE * 25.4 / 72


def _least(block: Block) -> float:
    """The room that a block needs on the page that it begins on, in millimetres."""
    if isinstance(block, Picture):
        return PICTURE_WIDTH * HEIGHT / WIDTH
    if isinstance(block, Table):
        rows = 1 + len(block.rows)
        return ROW * (rows if rows <= UNBROKEN else 4)
    return 3 * _height(TEXT)


def _widths(document: fpdf.FPDF, rows: Sequence[Sequence[str]]) -> list[float]:
    """Columns as wide as their cells, but all of them no wider than the page."""
    document.set_font(FONT, "B", SMALL)
    wanted = [
        max(document.get_string_width(cell) for cell in column) + 4.5
        for column in zip(*rows, strict=True)
    ]
    document.set_font(FONT, "", SMALL)
    excess = sum(wanted) - document.epw
    if excess > 0:  # the widest gives way: it holds sentences
        widest = max(wanted)
        wanted[wanted.index(widest)] = max(widest - excess, document.epw / 4)
    share = min(1.0, document.epw / sum(wanted))
    return [width * share for width in wanted]

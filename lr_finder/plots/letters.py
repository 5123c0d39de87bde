"""Characters that the font of a figure lacks: drawn by another font, or replaced."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lr_finder._text import UNDRAWN, name_characters

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

NO_FONT = "Last Resort"  # its letters are boxes


def make_drawable(figure: Figure) -> None:
    """Let no text of a figure be drawn as boxes.

    If Matplotlib finds a font that has what is lacking, that font is added to those of
    the text. Otherwise each character that no font has is replaced, and a line below
    the figure says which.

    Args:
        figure: matplotlib Figure, changed.

    Example:
    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> title = figure.suptitle("price \U0001fbff")
    >>> make_drawable(figure)
    >>> title.get_text() in ("price \U0001fbff", "price \N{REPLACEMENT CHARACTER}")
    True
    """
    from matplotlib.text import Text

    undrawn: dict[str, None] = {}
    for text in figure.findobj(Text):
        lacking = _lacking(text)
        if not lacking:
            continue
        fonts = fonts_with(lacking)
        text.set_fontfamily([*text.get_fontfamily(), *fonts])
        for character in _lacking(text):
            text.set_text(text.get_text().replace(character, UNDRAWN))
            undrawn[character] = None
    if undrawn:
        told = f"No font found here has {name_characters(undrawn)}; {UNDRAWN} stands "
        told += "in their place."
        figure.supxlabel(told, fontsize="x-small", color="0.4", wrap=True)


@functools.lru_cache(maxsize=64)  # each font is opened to look for a character
def fonts_with(characters: str) -> tuple[str, ...]:
    """Families of fonts that together have as many of these characters as can be.

    Args:
        characters: str.

    Returns:
        tuple of str, as few as possible, the one that has most of them first.

    Example:
    >>> fonts_with("a")[:1] != ()
    True
    """
    from matplotlib.font_manager import fontManager

    files = {
        font.name: font.fname
        for font in fontManager.ttflist
        if font.style == "normal" and NO_FONT not in font.name
    }
    left, found = set(characters), []
    has = {
        name: left & set(map(chr, _characters(file))) for name, file in files.items()
    }
    while left:
        best = max(sorted(has), key=lambda name: len(has[name] & left))
        if not has[best] & left:
            break
        found.append(best)
        left -= has[best]
    return tuple(found)


def _lacking(text: Text) -> str:
    """The characters that none of a text's fonts has, each once."""
    known: set[int] = set()
    shown = [c for c in dict.fromkeys(text.get_text()) if c.isprintable()]
    for file in _files_of(text):
        known |= _characters(file)
        if all(ord(character) in known for character in shown):
            return ""
    return "".join(c for c in shown if ord(c) not in known)


def _files_of(text: Text) -> Iterator[str]:
    from matplotlib.font_manager import findfont

    for family in text.get_fontfamily():
        font = text.get_fontproperties().copy()
        font.set_family(family)
        yield str(findfont(font))


@functools.lru_cache(maxsize=1024)
def _characters(file: str) -> frozenset[int]:
    """The codes of the characters that a font has; none if it cannot be read."""
    from matplotlib.font_manager import get_font

    try:
        return frozenset(get_font(file).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()

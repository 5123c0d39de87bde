"""No text becomes boxes: another font, or a mark and a line that names what it is."""

import io
import warnings

import pytest
from matplotlib.font_manager import findfont, get_font

from lr_finder.plots import letters
from lr_finder.plots.letters import fonts_with, make_drawable
from lr_finder.plots.style import draw_into, label_axes, new_figure


def charmap(family):
    return set(get_font(findfont(family)).get_charmap())


@pytest.fixture
def no_fonts(monkeypatch):
    """A machine whose fonts have nothing but what DejaVu Sans has."""
    monkeypatch.setattr(letters, "fonts_with", lambda characters: ())


def drawn(title):
    figure = new_figure(5, 3)
    label_axes(figure.subplots(), title, "x", "y")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Matplotlib warns of each box
        for kind in ("png", "svg", "pdf"):
            draw_into(figure, io.BytesIO(), format=kind)
    return figure


def test_what_the_font_has_is_left_alone(no_fonts):
    figure = drawn("Größe → 3e-3, в порядке")
    assert figure.axes[0].get_title() == "Größe → 3e-3, в порядке"
    assert figure.axes[0].title.get_fontfamily() == ["sans-serif"]
    assert figure.get_supxlabel() == ""


def test_another_font_draws_what_the_first_lacks():
    only = min(charmap("STIXGeneral") - charmap("DejaVu Sans"))
    figure = drawn(f"a {chr(only)}")
    title = figure.axes[0].title
    assert title.get_text() == f"a {chr(only)}" and figure.get_supxlabel() == ""
    first, *others = title.get_fontfamily()
    assert first == "sans-serif"
    assert any(only in charmap(family) for family in others)


def test_what_no_font_has_is_replaced_and_named(no_fonts):
    figure = drawn("価格.csv: 3e-3")
    assert figure.axes[0].get_title() == "\ufffd\ufffd.csv: 3e-3"
    told = figure.get_supxlabel()
    assert "U+4FA1 (cjk unified ideograph-4fa1)" in told and "U+683C" in told
    before = [figure.axes[0].get_title(), told]
    make_drawable(figure)  # a second time changes nothing
    assert [figure.axes[0].get_title(), figure.get_supxlabel()] == before


def test_few_fonts_are_taken_and_none_of_boxes():
    only = chr(min(charmap("STIXGeneral") - charmap("DejaVu Sans")))
    assert len(fonts_with("abc")) == 1
    assert len(fonts_with(f"abc{only}")) == 1
    assert fonts_with("\U0010fffd") == ()  # only the font of last resort has it

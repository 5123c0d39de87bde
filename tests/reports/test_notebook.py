"""What a notebook shows: small, without scripts, an image that JupyterLab keeps."""

import base64
import html.parser
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from lr_finder._text import format_rate


class Tags(html.parser.HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


KINDS = ["sweep", "verification", "training", "finding", "no_finding", "comparison"]


def image_of(shown):
    return base64.b64decode(re.search(r"svg\+xml;base64,([^\"]+)\"", shown)[1])


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_small_and_holds_no_inline_svg(kind, request):
    shown = request.getfixturevalue(kind)._repr_html_()
    page = Tags(shown)
    assert len(shown) < 12_000 and "<svg" not in shown
    allowed = {"div", "p", "img", "table", "thead", "tbody", "tr", "th", "td"}
    assert {tag for tag, _ in page.tags} <= allowed
    addresses = [given["src"] for _, given in page.tags if "src" in given]
    assert all(each.startswith("data:image/svg+xml;base64,") for each in addresses)
    assert {name for _, given in page.tags for name in given} <= {"alt", "src"}


def test_it_says_what_the_report_says(finding):
    from lr_finder.reports.document import plain
    from lr_finder.reports.report import summary_of

    shown = finding._repr_html_()
    assert plain(summary_of(finding).answer) in html.unescape(shown)
    svg = ElementTree.fromstring(image_of(shown))
    texts = [each.text for each in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert f"learning rate {format_rate(finding.lr)}" in texts


def test_its_colours_are_seen_on_white_and_on_black(sweep, verification, training):
    """The contrast with both is at least 2.2 (of 21): no page hides a line."""
    for result in (sweep, verification, training):
        image = image_of(result._repr_html_()).decode()
        colors = set(re.findall(r"#([0-9a-f]{6})", image))
        assert colors and "currentColor" not in image
        for color in colors:
            parts = [int(color[i : i + 2], 16) / 255 for i in (0, 2, 4)]
            linear = [
                c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
                for c in parts
            ]
            light = float(np.dot((0.2126, 0.7152, 0.0722), linear))
            assert 1.05 / (light + 0.05) > 2.2 and (light + 0.05) / 0.05 > 2.2, color


def test_a_comparison_shows_its_ranking(comparison):
    shown = comparison._repr_html_()
    assert shown.count("<tr>") == 1 + len(comparison.table())
    assert "<img" not in shown


def test_a_result_without_a_finite_loss_shows_words_alone():
    from lr_finder.analysis.training.record import TrainingRecord

    shown = TrainingRecord({"loss": [np.nan, np.nan]})._repr_html_()
    assert "2 batches in 1 epoch" in shown and "<img" not in shown

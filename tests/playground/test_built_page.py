"""The file: small, the same each time, and no name of a person's file breaks it."""

import base64
import hashlib
import html.parser
import json
import re

import numpy as np
import pytest

from lr_finder.playground.built_page import build_page, write_page
from lr_finder.playground.colors import contrast, palettes
from lr_finder.results.sweep import Curve, SweepResult

LRS = np.geomspace(1e-6, 1, 80)
RESULT = SweepResult([Curve(LRS, 1 / (1 + LRS / 1e-3) + LRS**2)])
NASTY = "</script><script>alert(1)</script><!--&'\"`.csv"


def data_of(page):
    text = re.search(r'id="data">(.*?)</script>', page, re.S)[1]
    return json.loads(text)


def test_it_is_small_with_all_cases():
    assert len(build_page().encode()) < 250_000


def test_it_is_the_same_each_time():
    assert build_page() == build_page()


def test_it_names_no_other_place_to_load_from():
    page = build_page()
    assert not re.search(r"https?:|url\(|@import|src=", page)


def test_the_policy_allows_this_script_and_style_alone():
    page = build_page()
    policy = re.search(r'Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'")
    for tag in ("style", "script"):
        text = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.S)[1]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert " style=" not in page and " onclick=" not in page


def test_names_that_hold_html_stay_text():
    page = build_page({NASTY: RESULT})
    assert "alert(1)</script>" not in page
    assert data_of(page)["own"][0]["name"] == NASTY

    class Tags(html.parser.HTMLParser):
        found = []

        def handle_starttag(self, tag, attributes):
            self.found.append(tag)

    tags = Tags()
    tags.feed(page)
    assert tags.found.count("script") == 2


def test_what_is_written_is_what_is_built(tmp_path):
    path = write_page(tmp_path / "a.html", {"mine": RESULT}, docs=".")
    assert path.read_text("utf-8") == build_page({"mine": RESULT}, docs=".")
    assert [each.name for each in tmp_path.iterdir()] == ["a.html"]


def test_the_documentation_is_linked_only_inside_it():
    assert data_of(build_page())["docs"] is None
    assert data_of(build_page(docs="."))["docs"] == "."


@pytest.mark.parametrize("colors", palettes(), ids=["light", "dark"])
def test_colors_can_be_seen_on_their_page(colors):
    for name in ("text", "muted", "accent", "link"):
        assert contrast(colors[name], colors["page"]) >= 4.5, name
        assert contrast(colors[name], colors["ground"]) >= 4.4, name
    assert contrast(colors["smooth"], colors["page"]) >= 4.5  # of the panel shown


def test_the_optimizers_have_the_colors_of_the_figures():
    from lr_finder.plots.comparison.optimizer_styles import KNOWN

    light, _ = palettes()
    for name in ("sgd", "momentum", "adam", "adamw", "rmsprop"):
        assert light[name] == KNOWN[name].color

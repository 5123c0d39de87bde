"""The page needs nothing beside itself, runs nothing, and hides no number."""

import base64
import hashlib
import re

import pytest

from lr_finder.reports.document import Summary, section
from lr_finder.reports.page import page

ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "main", "header", "footer", "h1",
    "h2", "p", "nav", "ul", "li", "a", "section", "figure", "img", "dl", "div", "dt",
    "dd", "table", "caption", "thead", "tbody", "tr", "th", "td", "data", "pre", "code",
}  # fmt: skip
KINDS = ["sweep", "verification", "training", "finding", "no_finding", "comparison"]


@pytest.fixture(params=KINDS)
def result(request):
    return request.getfixturevalue(request.param)


def test_no_name_from_outside_becomes_a_tag_or_an_attribute(result, page_of, hostile):
    read = page_of(result)
    assert {tag for tag, _ in read.tags} <= ALLOWED
    names = {name for _, given in read.tags for name in given}
    assert not {name for name in names if name.startswith("on")} | names & {"style"}
    assert "49" not in re.findall(r"\{\{ ?(\d+)", read.text)
    if result.__class__.__name__ not in ("VerifiedSuggestion", "TrainingOutcome"):
        assert hostile in read.text  # shown as it is


def test_it_asks_for_nothing(result, page_of):
    addresses = page_of(result).addresses
    assert all(each.startswith(("data:", "#")) for each in addresses), addresses
    assert not any("http" in each.split(",")[0] for each in addresses)


def test_its_policy_allows_its_own_style_and_no_other(result, written):
    text = written(result).read_text("utf-8")
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy[1]
    assert "default-src 'none'" in policy[1] and "script-src" not in policy[1]
    assert "prefers-color-scheme: dark" in style and "@media print" in style
    assert "width=device-width" in text


def test_every_link_within_the_page_has_its_place(result, page_of):
    read = page_of(result)
    places = {given["id"] for _, given in read.tags if "id" in given}
    inside = {each[1:] for each in read.addresses if each.startswith("#")}
    assert inside and inside <= places


def test_every_figure_is_there_and_says_what_it_shows(result, page_of):
    images = [given for tag, given in page_of(result).tags if tag == "img"]
    assert images
    for image in images:
        kind, data = image["src"].split(";base64,")
        assert (
            kind in ("data:image/svg+xml", "data:image/png") and len(image["alt"]) > 9
        )
        start = {"data:image/png": b"\x89PNG", "data:image/svg+xml": b"<?xml"}[kind]
        assert base64.b64decode(data).startswith(start)
        assert b"<script" not in base64.b64decode(data)


def test_a_figure_without_room_is_told_of(read):
    from lr_finder.reports.document import Picture

    parts = (section("sweep", "The sweep", Picture("sweep", "losses")),)
    text = read(page(Summary("sweep", "t", ("a",), parts, {}), {})).text
    assert "Not drawn, as this file has no room for it: losses" in text

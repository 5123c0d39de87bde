"""The page's modules in an engine without a browser, and the page in a browser."""

import json
import os
import shutil

import pytest

from lr_finder.playground.built_page import MODULES, write_page
from lr_finder.playground.bundler import bundle

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = """
--headless --no-sandbox --disable-gpu --disable-quic --no-first-run
--disable-background-networking --disable-component-update --disable-sync
""".split()


@pytest.fixture(scope="session")
def engine():
    """Evaluates JavaScript in which `modules` holds those of the page."""
    racer = pytest.importorskip(
        "py_mini_racer", reason="needs mini-racer: pip install 'lr_finder[test]'"
    )
    context = racer.MiniRacer()
    context.eval("globalThis.modules = {}")
    for entry in ("panels/all.js", "page/address.js", "page/fields.js"):
        script = bundle(MODULES / entry, root=MODULES)
        context.eval(f"Object.assign(modules, (() => {{{script}\nreturn modules;}})())")

    def evaluate(code, **values):
        names, given = ", ".join(values), ", ".join(map(json.dumps, values.values()))
        wrapped = f"JSON.stringify((({names}) => {{{code}}})({given})) ?? 'null'"
        return json.loads(context.eval(wrapped))

    yield evaluate
    context.close()


@pytest.fixture(scope="session")
def page_file(tmp_path_factory):
    return write_page(tmp_path_factory.mktemp("page") / "playground.html")


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Makes contexts of Debian's Chromium; skips where there is none."""
    api = pytest.importorskip(
        "playwright.sync_api",
        reason="needs playwright: pip install 'lr_finder[browser]'",
    )
    found = os.environ.get("LR_FINDER_CHROMIUM") or next(
        filter(None, map(shutil.which, CHROMIUM)), None
    )
    if found is None:
        pytest.skip("needs Chromium: apt install chromium, or name LR_FINDER_CHROMIUM")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield opened
        opened.close()


class Watched:
    """A page in the browser, with what it asked for and complained of."""

    def __init__(self, browser, file, **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.requests, self.errors = [], []
        self.file = file.as_uri()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.errors.append(message.text))

    def open(self, address):
        self.page.goto("about:blank")
        self.page.goto(f"{self.file}#{address}")
        self.page.wait_for_selector("article")
        self.requests = [url for url in self.requests if url != "about:blank"]
        return self.page

    def others(self):
        """Requests for anything but the file itself."""
        own = {self.file, "about:blank"}
        return [url for url in self.requests if url.split("#")[0] not in own]


@pytest.fixture
def watched(browser, page_file):
    """Opens the page; at the end nothing may have been asked for or complained of."""
    made = []

    def make(file=page_file, **options):
        options = {"viewport": {"width": 1200, "height": 900}} | options
        made.append(Watched(browser, file, **options))
        return made[-1]

    yield make
    for each in made:
        assert (each.others(), each.errors) == ([], [])
        each.context.close()

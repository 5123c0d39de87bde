"""Size, requests and speed of the playground, in Chromium.

Milliseconds are those of a page's script from a slider's event until all is computed
and drawn: median and 95 % quantile of 60 events on each slider. Needs the extra
`browser` and Chromium (apt install chromium).
"""

import argparse
import gzip
import shutil
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

from lr_finder.playground.built_page import write_page

EVENTS = 60
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run".split()
)
MEASURE = """async (events) => {
  const sliders = [...document.querySelectorAll('.controls input[type=range]')]
    .filter((each) => each.offsetParent !== null);
  const spent = {};
  for (const slider of sliders) {
    spent[slider.name] = [];
    const kept = slider.value;
    for (let k = 0; k < events; k++) {
      slider.value = Number(slider.min)
        + (Number(slider.max) - Number(slider.min)) * ((k * 37) % events) / events;
      const start = performance.now();
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      spent[slider.name].push(performance.now() - start);
      await new Promise((done) => setTimeout(done, 4));
    }
    slider.value = kept;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  }
  return spent;
}"""


def measure(page, file, panel):
    """Milliseconds of each event, by slider."""
    page.goto(f"{file.as_uri()}#{panel}")
    page.wait_for_selector(f"#panel-{panel}")
    page.wait_for_timeout(1500)
    return page.evaluate(MEASURE, EVENTS)


def quantile(values, share):
    """The value below which this share lies."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browser", default=shutil.which("chromium"))
    browser = parser.parse_args().browser
    table = Table("panel", "slowest slider", "median ms", "95 % ms", "median of all")
    everything, requests = [], []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = write_page(Path(folder, "playground.html"))
        content = file.read_bytes()
        opened = playwright.chromium.launch(executable_path=browser, args=ARGUMENTS)
        page = opened.new_page(viewport={"width": 1200, "height": 900})
        page.on("request", lambda request: requests.append(request.url.split("#")[0]))
        page.goto(file.as_uri())
        panels = page.evaluate(
            "[...document.querySelectorAll('nav a')].map((a) => a.hash.slice(1))"
        )
        for panel in (name.split("?")[0] for name in panels):
            spent = measure(page, file, panel)
            if not spent:
                continue
            slowest = max(spent, key=lambda name: statistics.median(spent[name]))
            every = [value for values in spent.values() for value in values]
            everything += every
            middle = statistics.median(every)
            table.add_row(
                panel, slowest, f"{statistics.median(spent[slowest]):.1f}",
                f"{quantile(spent[slowest], 0.95):.1f}", f"{middle:.1f}",
            )  # fmt: skip
        opened.close()
    Console().print(table)
    others = {url for url in requests if url != file.as_uri()}
    zipped = len(gzip.compress(content))
    print(f"file: {len(content) / 1000:.0f} kB, {zipped / 1000:.0f} kB gzipped")
    print(f"requests for anything else: {len(others)}")
    print(f"events: median {statistics.median(everything):.1f} ms")


if __name__ == "__main__":
    main()

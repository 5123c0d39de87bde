"""The playground, beside the pages: `playground.html`, built like that of the command.

`python docs/_ext/playground_page.py --browser chromium` draws its picture for the guide
and the README anew.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
PAGE = "playground.html"
PICTURE = ROOT / "docs/_static/playground.png"
SHOWN = "small_network"  # the panel in the picture
SIZE = (1180, 800)  # pixels


def _write(app: Sphinx, error: Exception | None) -> None:
    from lr_finder.playground.built_page import write_page

    if error is None and app.builder.format == "html":
        write_page(Path(app.outdir, PAGE), docs=".")


def setup(app: Sphinx):
    """Write the page when the others are built."""
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def draw(browser: str) -> None:
    """Take the picture.

    Args:
        browser: str, the command of a Chromium.
    """
    from PIL import Image

    from lr_finder.playground.built_page import write_page

    with tempfile.TemporaryDirectory() as folder:
        page, picture = write_page(Path(folder, PAGE)), Path(folder, "picture.png")
        subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu",
             "--no-first-run", f"--user-data-dir={folder}/profile",
             "--hide-scrollbars", "--virtual-time-budget=20000",
             f"--window-size={SIZE[0]},{SIZE[1]}", f"--screenshot={picture}",
             f"{page.as_uri()}#{SHOWN}"],
            check=True, capture_output=True,
        )  # fmt: skip
        image = Image.open(picture).convert("RGB")
        image.quantize(256, Image.Quantize.MAXCOVERAGE).save(PICTURE, optimize=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browser", required=True)
    sys.path.insert(0, str(ROOT))
    draw(parser.parse_args().browser)

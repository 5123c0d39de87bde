"""Draws the pictures of the guide's page on the live view, from a real training.

    KERAS_BACKEND=tensorflow python docs/_ext/live_pictures.py

The panel of the terminal is an SVG. A browser makes the PNG of the page of the
notebook, if one is given (`--browser chromium`).
"""

import argparse
import io
import subprocess
import tempfile
from pathlib import Path

PLACE = Path(__file__).parents[1] / "_static"
TITLE = 'LiveMonitor(["learning_rate", "update_ratio", "gradient_norm"])'
# Rich's own, without fonts from another host.
SVG = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" \
xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, monospace; \
font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" \
clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g></g></svg>
"""


def trained():
    """The view of a training, in its fifth of eight epochs."""
    import keras
    import numpy as np
    from rich.console import Console

    import lr_finder

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if self.model.optimizer.iterations > 4 * 63 + 40:
                raise InterruptedError

    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 8)).astype("float32")
    y = np.sin(x @ rng.normal(size=(8, 1))) + 0.3 * rng.normal(size=(2000, 1))
    model = keras.Sequential(
        [keras.Input((8,)), keras.layers.Dense(64, "relu"), keras.layers.Dense(1)]
    )
    model.compile("adam", "mse")
    monitor = lr_finder.LiveMonitor(
        ["loss", "learning_rate", "update_ratio", "gradient_norm"],
        place="terminal", label="my_model",
        console=Console(file=io.StringIO(), force_terminal=True),
    )  # fmt: skip
    try:
        model.fit(x, y, epochs=8, validation_data=(x[:300], y[:300]), verbose=0,
                  callbacks=[monitor, Stop()])  # fmt: skip
    except InterruptedError:
        pass
    return monitor._state


def main():
    """Write both pictures."""
    from rich.console import Console

    from lr_finder.integrations.live.notebook_page import page_of
    from lr_finder.integrations.live.panel import panel_of

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browser")
    browser = parser.parse_args().browser
    state = trained()
    now = state.clock()
    state.clock = lambda: now  # both show the same moment
    console = Console(record=True, width=74, file=io.StringIO(), force_terminal=True)
    console.print(panel_of(state))
    PLACE.joinpath("live_terminal.svg").write_text(
        console.export_svg(title=TITLE, code_format=SVG, unique_id="live")
    )
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        page.write_text(f'<meta charset="utf-8"><body>{page_of(state)}</body>')
        if browser:
            subprocess.run(
                [browser, "--headless", "--no-sandbox", "--disable-gpu",
                 "--hide-scrollbars", "--force-device-scale-factor=2",
                 "--window-size=680,210",
                 f"--screenshot={PLACE / 'live_notebook.png'}", page.as_uri()],
                check=True,
            )  # fmt: skip


if __name__ == "__main__":
    main()

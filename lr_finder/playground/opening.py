"""A page in the person's browser, if there is one."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path

# Without a screen these would open a browser in the terminal, which runs no scripts.
IN_TERMINAL = ("www-browser", "links", "elinks", "lynx", "w3m")


def open_in_browser(path: Path) -> bool:
    """Open a file in a browser that can show it.

    Args:
        path: Path.

    Returns:
        bool, whether one was found; on a machine without a screen there is none.
    """
    has_screen = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    if not has_screen:
        return False
    try:
        browser = webbrowser.get()
        if getattr(browser, "name", "") in IN_TERMINAL:
            return False
        return bool(browser.open(path.resolve().as_uri()))
    except (webbrowser.Error, OSError):
        return False

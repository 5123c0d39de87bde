"""The colours of the page: those of the figures, and lighter ones for a dark page."""

from __future__ import annotations

from lr_finder.plots.comparison.optimizer_styles import KNOWN
from lr_finder.plots.line_looks import COLORS
from lr_finder.plots.style import ACCENT, BAND, SMOOTH

OPTIMIZERS = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")
LEGIBLE = 4.5  # contrast of a text with its ground, by WCAG 2
VISIBLE = 3.0  # the same of a line
LIGHT = {
    "page": "#ffffff", "ground": "#f4f5f3", "text": "#1c1d1f", "muted": "#5a6067",
    "grid": "#e6e6e6", "frame": "#b9bcbf", "raw": "#8c8c8c", "smooth": SMOOTH,
    "accent": ACCENT, "band": BAND, "link": SMOOTH, "contour": "#9fb3c8",
    "low": "#cddff1", "high": "#fbfbf9", "first": "#cddff1", "second": "#f7dcc4",
}  # fmt: skip
DARK = {
    "page": "#14171a", "ground": "#1e2328", "text": "#e8e8e6", "muted": "#a7aeb6",
    "grid": "#2b3036", "frame": "#555d66", "raw": "#8f949a", "band": "#6b4522",
    "contour": "#4d6579", "low": "#254763", "high": "#16191c", "first": "#1f3d57",
    "second": "#55341b",
}  # fmt: skip


def _luminance(color: str) -> float:
    parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(color: str, ground: str) -> float:
    """How far two colours are apart in lightness, 1 to 21.

    Args:
        color: str, `#rrggbb`.
        ground: str, `#rrggbb`.

    Returns:
        float.

    Example:
    >>> contrast("#ffffff", "#000000")
    21.0
    """
    low, high = sorted([_luminance(color), _luminance(ground)])
    return round((high + 0.05) / (low + 0.05), 2)


def _mixed(color: str, other: str, share: float) -> str:
    pairs = [(int(color[k : k + 2], 16), int(other[k : k + 2], 16)) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def legible(color: str, ground: str, least: float) -> str:
    """The colour, moved away from its ground until it can be seen on it.

    Args:
        color: str, `#rrggbb`.
        ground: str, `#rrggbb`.
        least: float, the contrast to reach.

    Returns:
        str.

    Example:
    >>> legible("#12355b", "#ffffff", 4.5), legible("#000000", "#000000", 4.5)
    ('#12355b', '#757575')
    """
    away = "#000000" if _luminance(ground) > 0.5 else "#ffffff"
    for percent in range(101):
        moved = _mixed(color, away, percent / 100)
        if contrast(moved, ground) >= least:
            return moved
    return away


def _lines() -> dict[str, str]:
    """What lines and points are drawn in, by name."""
    found = {name: KNOWN[name].color for name in OPTIMIZERS}
    return found | {f"line{k + 1}": color for k, color in enumerate(COLORS)}


def palettes() -> tuple[dict[str, str], dict[str, str]]:
    """The colours on a light page and on a dark one.

    Returns:
        Two dicts of name -> `#rrggbb`, with the same names.

    Example:
    >>> light, dark = palettes()
    >>> light["smooth"], sorted(light) == sorted(dark)
    ('#12355b', True)
    """
    lines = _lines()
    light = LIGHT | {
        name: legible(color, LIGHT["page"], 1.8) for name, color in lines.items()
    }
    ground = DARK["ground"]
    named = {
        name: legible(LIGHT[name], ground, LEGIBLE) for name in ("smooth", "accent")
    }
    dark = {name: legible(color, ground, VISIBLE) for name, color in lines.items()}
    return light, DARK | dark | named | {"link": named["smooth"]}


def style_rules() -> str:
    """The colours as rules of a style sheet; `--name` is a colour, `.ink-name` has it.

    Returns:
        str.
    """
    light, dark = palettes()

    def rule(selector: str, colors: dict[str, str]) -> str:
        listed = "".join(f"--{name}:{color};" for name, color in colors.items())
        return f"{selector}{{{listed}}}"

    inks = "".join(f".ink-{name}{{--ink:var(--{name})}}\n" for name in light)
    dark_rule = rule(":root:not(.printing)", dark)
    scheme = f"@media screen and (prefers-color-scheme:dark){{{dark_rule}}}"
    return f"{rule(':root', light)}\n{scheme}\n{inks}"

"""The instruments of a watched training, named by the questions that they answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from lr_finder.errors import InputError

LOSS, RATE, RATIO = "loss", "learning_rate", "update_ratio"
NORM, DEAD, NOISE = "gradient_norm", "dead_units", "noise_scale"
CURVATURE = "curvature"
QUESTIONS = {
    LOSS: "Does it learn?",
    RATE: "At which rate?",
    RATIO: "Do the weights move too little or too much in a step?",
    NORM: "Does the gradient vanish or explode?",
    DEAD: "Which share of the units no longer responds to any input?",
    NOISE: "Would a larger batch give a better gradient?",
    CURVATURE: "Up to which rate is plain SGD stable?",
}
BASIC = (LOSS, RATE, RATIO)
PRESETS = {"basic": BASIC, "full": (*BASIC, NORM, DEAD, NOISE)}
OF_BATCHES = (NORM, DEAD, NOISE)  # those that make the step again beside the training


def chosen_instruments(
    given: str | Iterable[str], among: Collection[str] = tuple(QUESTIONS)
) -> tuple[str, ...]:
    """The instruments that a preset, a name or a sequence of them asks for.

    Args:
        given: str or iterable of str, keys of `PRESETS` or `QUESTIONS`.
        among: collection of str, the instruments that there are.

    Returns:
        tuple of str, in the order of `QUESTIONS`; `loss` is always among them.

    Raises:
        InputError: If a name is unknown, or there is none.

    Example:
    >>> chosen_instruments("basic")
    ('loss', 'learning_rate', 'update_ratio')
    >>> chosen_instruments(["noise_scale", "curvature"])
    ('loss', 'noise_scale', 'curvature')
    """
    names = [given] if isinstance(given, str) else given
    presets = {k: v for k, v in PRESETS.items() if set(v) <= set(among)}
    wanted: set[str] = set()
    try:
        for name in names:
            wanted |= set(presets[name] if name in presets else [name])
    except TypeError:  # no sequence, or of what is no name
        wanted = set()
    if not wanted or not wanted <= set(among):
        raise InputError(
            f"Argument `instruments` must be {_either(presets)}, or a sequence of "
            f"names among {', '.join(among)}. Received: instruments={given!r:.80}."
        )
    return tuple(name for name in QUESTIONS if name in wanted | {LOSS})


def _either(names: Iterable[str]) -> str:
    return " or ".join(f'"{name}"' for name in names)

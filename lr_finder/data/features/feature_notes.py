"""Notes for a person: what was made of the features, and what the target is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lr_finder._text import counted

PLURALS = {"number": "numbers", "category": "categories", "date": "dates",
           "text": "texts"}  # fmt: skip
NAMES_SHOWN = 8  # columns left out
MOST_CLASSES = 5  # whose labels are shown
LONGEST_LABEL = 20  # characters


def features_note(
    counts: Mapping[str, int], n_filled: int = 0, left_out: Iterable[str] = ()
) -> str:
    """How many columns of each kind there are, how many cells were filled, the rest.

    Args:
        counts: mapping from "number", "category", "date" and "text" to int.
        n_filled: int, empty cells that were filled.
        left_out: iterable of str, names of columns that are not used.

    Returns:
        str.

    Example:
    >>> features_note({"number": 8, "category": 1, "date": 0}, 12, ["id"])
    'features: 8 numbers, 1 category; 12 empty cells filled; left out: id'
    """
    kinds = ", ".join(
        f"{n:,} {kind if n == 1 else PLURALS[kind]}" for kind, n in counts.items() if n
    )
    parts = [f"features: {kinds}"]
    if n_filled:
        parts.append(f"{counted(n_filled, 'empty cell')} filled")
    names = list(left_out)
    if names:
        more = ", …" * (len(names) > NAMES_SHOWN)
        parts.append(f"left out: {', '.join(names[:NAMES_SHOWN])}{more}")
    return "; ".join(parts)


def target_notes(classes: Iterable[object]) -> tuple[str, ...]:
    """The classes of a target; of two the positive one first, as in yes/no.

    Args:
        classes: iterable of labels, sorted; none for a regression.

    Returns:
        tuple of one str, or of none.

    Example:
    >>> target_notes(["no", "yes"]), target_notes("abcdefg"), target_notes(())
    (('target: yes/no, 2 classes',), ('target: 7 classes',), ())
    """
    names = [str(label) for label in classes]
    shown = names[::-1] if len(names) == 2 else names
    if not names:
        return ()
    if len(names) > MOST_CLASSES or max(map(len, names)) > LONGEST_LABEL:
        return (f"target: {len(names):,} classes",)
    return (f"target: {'/'.join(shown)}, {len(names)} classes",)

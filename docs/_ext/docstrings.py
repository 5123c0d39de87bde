"""Docstrings of this package as Sphinx reads them: formulas, examples, blocks.

The docstrings are written to be read in an editor. Before napoleon sees them,

    $$ a = b $$                becomes a directive `math`, and $a$ a role,
    Example: and `>>>` below   becomes a rubric (else it would be running text),
    an indented block          becomes a literal block,
    a colon of a property      stays one (else what is before it would be its type).
"""

import re
from collections.abc import Iterator

SECTION = re.compile(
    r"^(Args|Returns|Yields|Raises|Example|Examples|References|Attributes|Warns|Note):$"
)
INLINE = re.compile(r"(?<![\\$\w])\$([^$]+?)\$(?!\w)")
HOOK = re.compile(r"on_(train|test|predict|epoch|batch)|set_(model|params)$")
COLON = "\ue000"  # stands for one, for a while


def mend(lines: list[str]) -> list[str]:
    """The lines of a docstring in the form that napoleon and docutils understand.

    Args:
        lines: list of str, of a docstring without indentation.

    Returns:
        list of str.

    Example:
    >>> mend(["One.", "", "$$ a = b $$", "", "Example:", ">>> 1", "1"])[2:6]
    ['.. math::', '', '   a = b', '']
    >>> mend(["One.", "", "Example:", ">>> 1", "1"])[2:]
    ['.. rubric:: Example', '', '>>> 1', '1']
    >>> mend(["The level $l_1$ is", "", "$$ a $$", "$$ b $$"])[0]
    'The level :math:`l_1` is'
    """
    return _with_examples(_with_blocks(_with_formulas(lines)))


def _with_formulas(lines: list[str]) -> list[str]:
    """`$$ … $$` as the directive `math`, and `$ … $` as the role of that name."""
    parts = "\n".join(lines).split("$$")
    if len(parts) % 2 == 0:  # one without its other
        return lines
    for place in range(1, len(parts), 2):
        body = [f"   {line.strip()}" for line in parts[place].strip().splitlines()]
        directive = ["", "", ".. math::", "", *body, "", ""]
        before, after = parts[place - 1], parts[place + 1]
        parts[place - 1], parts[place + 1] = before.rstrip(" "), after.lstrip(" ")
        parts[place] = "\n".join(directive)
    text = re.sub(r"\n{3,}", "\n\n", "".join(parts))
    return [*_with_inline_formulas(text.split("\n"))]


def _with_inline_formulas(lines: list[str]) -> Iterator[str]:
    """Those in the text before the first section: below, `$` may be a currency."""
    is_text = True
    for line in lines:
        is_text = is_text and not SECTION.match(line)
        yield INLINE.sub(r":math:`\1`", line) if is_text else line


def _with_blocks(lines: list[str]) -> list[str]:
    """Indented blocks of the text before the first section as literal blocks."""
    mended: list[str] = []
    for place, line in enumerate(lines):
        if SECTION.match(line):
            return mended + lines[place:]
        starts = line.startswith("    ") and not (mended and mended[-1])
        if starts and not _in_block(mended):
            mended += ["::", ""]
        mended.append(line)
    return mended


def _in_block(before: list[str]) -> bool:
    """Whether the last line that is not empty belongs to an indented block."""
    filled = [line for line in before if line]
    return bool(filled) and filled[-1].startswith((" ", "::"))


def _with_examples(lines: list[str]) -> list[str]:
    """`Example:` with its session below it as a rubric."""
    mended: list[str] = []
    for place, line in enumerate(lines):
        follows = lines[place + 1] if place + 1 < len(lines) else ""
        if line == "Example:" and follows.startswith((">>>", "    >>>")):
            mended += [".. rubric:: Example", ""]
        else:
            mended.append(line)
    return mended


def _on_docstring(app, what, name, obj, options, lines) -> None:
    if what == "data":  # a value has no docstring but that of its type
        lines[:] = _of_value(obj)
    lines[:] = mend(lines)
    if what in ("attribute", "property"):
        lines[:1] = [line.replace(":", COLON) for line in lines[:1]]


def _after_napoleon(app, what, name, obj, options, lines) -> None:
    lines[:] = [line.replace(COLON, ":") for line in lines]


def _skip_hooks(app, what, name, obj, is_skipped, options) -> bool | None:
    """Leave out what only Keras calls, such as `on_train_begin`."""
    return True if HOOK.match(name) else None


def _of_value(value: object) -> list[str]:
    """What a table of rows with names and descriptions is, row by row."""
    rows = list(value.values()) if isinstance(value, dict) else []
    if not all(hasattr(row, "description") for row in rows):
        return []
    told = [f"* ``{row.name}``: {row.description} ({row.source})" for row in rows]
    return ["The rules that read a rate from a sweep, by name.", "", *told]


def setup(app):
    """Connect the hooks, before that of napoleon (500) and after it."""
    app.connect("autodoc-process-docstring", _on_docstring, priority=400)
    app.connect("autodoc-process-docstring", _after_napoleon, priority=600)
    app.connect("autodoc-skip-member", _skip_hooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""ES modules become one script: each in a scope of its own, in the order of imports.

No Node, and no parser: the modules keep to `import { a, b as c } from "./x.js";` and to
`export` before a declaration. What is none of this is refused.
"""

from __future__ import annotations

import re
from pathlib import Path

from lr_finder.errors import LRFinderError

IMPORT = re.compile(
    r'^import \{\s*([\w\s,$]+?),?\s*\} from "(\.[\w./]+)";\n', re.MULTILINE
)
EXPORT = re.compile(
    r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE
)
LEFT_OVER = re.compile(r"^\s*(?:import|export)\b.*|</script|<!--", re.M | re.I)


class BundleError(LRFinderError):
    """A module that the bundler cannot take in."""


def bundle(entry: Path, *, root: Path | None = None) -> str:
    """One classic script of a module and of all that it imports.

    Args:
        entry: Path of the module to begin with.
        root: Path of a folder; what lies outside is refused; by default `entry`'s own.

    Returns:
        str, a script that leaves one global name, `modules`: path -> what it exports.

    Raises:
        BundleError: If a module is missing or outside, imports go in a circle, a name
            is imported that is not exported, or an import or export has another form.

    Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     _ = Path(name, "a.js").write_text("export const one = 1;")
    ...     print(bundle(Path(name, "a.js")))
    "use strict";
    const modules = {};
    modules["a.js"] = (() => {
    const one = 1;
    return { one };
    })();
    """
    root = (root or entry.parent).resolve()
    exports: dict[Path, list[str] | None] = {}  # None: its imports are being read
    parts = ['"use strict";', "const modules = {};"]

    def name_of(path: Path) -> str:
        return path.relative_to(root).as_posix()

    def add(path: Path, asked_by: str) -> None:
        if not path.is_relative_to(root) or not path.is_file():
            raise BundleError(f"{asked_by} imports {path}, which is no module here.")
        if path in exports:
            if exports[path] is None:
                raise BundleError(f"{asked_by} imports {name_of(path)}: a circle.")
            return
        exports[path] = None
        text = IMPORT.sub(lambda match: taken(match, path), path.read_text("utf-8"))
        names = EXPORT.findall(text)
        text = EXPORT.sub("", text)
        if found := LEFT_OVER.search(text):
            raise BundleError(f"{name_of(path)} holds {found.group()!r:.60}.")
        exports[path] = names
        returned = f"return {{ {', '.join(names)} }};" if names else ""
        body = "\n".join(filter(None, [text.rstrip("\n"), returned]))
        parts.append(f'modules["{name_of(path)}"] = (() => {{\n{body}\n}})();')

    def taken(match: re.Match[str], path: Path) -> str:
        other = (path.parent / match[2]).resolve()
        add(other, name_of(path))
        pairs = [each.split(" as ") for each in re.split(r",\s*", match[1])]
        unknown = {pair[0] for pair in pairs} - set(exports[other] or ())
        if unknown:
            listed = ", ".join(sorted(unknown))
            raise BundleError(f"{name_of(path)} imports {listed}: no such export.")
        names = ", ".join(": ".join(pair) for pair in pairs)
        return f'const {{ {names} }} = modules["{name_of(other)}"];\n'

    add(entry.resolve(), "nobody")
    return "\n".join(parts)

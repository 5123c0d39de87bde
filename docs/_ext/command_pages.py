"""The pages of the command reference, written from what `--help` says.

`python docs/_ext/command_pages.py` writes them anew; a test fails if one is stale.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/reference/commands"
NOTE = "<!-- Written by docs/_ext/command_pages.py from the help texts. -->"
PLAIN = "Options"  # heading of those that belong to no panel


def commands() -> dict[str, tuple[str, Any]]:
    """Each command: the name of its page -> how it is called, and what Typer made."""
    import typer.main

    from lr_finder.cli import app
    from time_series.command import app as time_series

    found = typer.main.get_command(app).commands
    pages = {name: (f"lr_finder {name}", command) for name, command in found.items()}
    pages["time_series"] = (
        "python -m time_series",
        typer.main.get_command(time_series),
    )
    return pages


def page(name: str) -> str:
    """The page of a command.

    Args:
        name: str, a key of `commands`.

    Returns:
        str, MyST Markdown.
    """
    call, command = commands()[name]
    parts = [f"# `{call}`", NOTE, command.help.strip(), *_usage(call, command)]
    parts += _examples(command.epilog or "")
    parts.append(f":::{{program}} {call}\n:::")
    panels: dict[str, list[Any]] = {}
    for each in command.params:
        if not each.hidden:
            panels.setdefault(_panel(each), []).append(each)
    context = command.make_context(name, [], resilient_parsing=True)
    for panel, parameters in panels.items():
        parts += [f"## {panel}", *(_entry(each, context) for each in parameters)]
    return "\n\n".join(parts) + "\n"


def _panel(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return "Arguments"
    return parameter.rich_help_panel or PLAIN


def _usage(call: str, command: Any) -> Iterator[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    names = [p.name.upper() if p.required else f"[{p.name.upper()}]" for p in arguments]
    yield "```text\n" + " ".join([call, *names, "[OPTIONS]"]) + "\n```"


def _examples(epilog: str) -> Iterator[str]:
    """The examples of an epilog: what each does, then the command to copy."""
    found = re.findall(r"^`([^`]+)` — (.+?)(?=\n\n|\Z)", epilog, re.M | re.S)
    if found:
        yield "## Examples"
    for call, what in found:
        text = " ".join(what.split())
        call = " ".join(call.split())
        yield f"{text[0].upper()}{text[1:]}.\n\n```console\n$ {call}\n```"


def _entry(parameter: Any, context: Any) -> str:
    names = [*parameter.opts, *parameter.secondary_opts]
    is_argument = parameter.param_type_name == "argument"
    shown = parameter.name.upper() if is_argument else ", ".join(names)
    takes = parameter.metavar or parameter.display_type(context)
    if not (is_argument or takes == "<bool>"):
        shown += f" {takes}"
    lines = [" ".join(parameter.help.split())]
    if parameter.required:
        lines.append("It is required.")
    elif parameter.secondary_opts:
        lines.append(f"Default: `{names[0] if parameter.default else names[1]}`.")
    elif parameter.default not in (None, False):
        lines.append(f"Default: `{parameter.default}`.")
    if parameter.multiple and "several times" not in lines[0]:
        lines.append("It may be given several times.")
    return f":::{{option}} {shown}\n\n" + " ".join(lines) + "\n:::"


def write() -> None:
    """Write all pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in commands():
        (FOLDER / f"{name}.md").write_text(page(name))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    write()

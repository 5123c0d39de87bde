"""What the documents say is there, and runs."""

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
# What tests/docs looks at more closely.
PAGES = "\n".join(path.read_text() for path in sorted(ROOT.glob("docs/**/*.md")))
DOCUMENTS = README + PAGES


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_every_command_and_option_used_in_the_readme_exists():
    import typer.main

    from lr_finder.cli import app

    commands = typer.main.get_command(app).commands
    known = {
        name: {option for parameter in command.params for option in parameter.opts}
        for name, command in commands.items()
    }
    for line in "".join(blocks("console")).splitlines():
        words = line.split("#")[0].split()
        if words[1] == "lr_finder":
            options = {word for word in words if word.startswith("--")}
            assert options <= known[words[2]], line
    for option in re.findall(r"`(--[a-z-]+)", README):
        assert any(option in options for options in known.values()), option


def test_every_command_has_a_help_text_and_is_in_the_documents():
    import typer.main

    from lr_finder.cli import app

    for name, command in typer.main.get_command(app).commands.items():
        assert command.help
        assert f"lr_finder {name}" in DOCUMENTS
        for parameter in command.params:
            assert getattr(parameter, "help", None), f"{name} {parameter.name}"


def test_every_target_named_in_the_documents_is_in_the_makefile():
    makefile = (ROOT / "Makefile").read_text()
    for document in ("README.md", "CONTRIBUTING.md", "benchmarks/README.md", ".ci/run"):
        text = (ROOT / document).read_text()
        for target in re.findall(r"`?make ([a-z-]+)[` \n]", text):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_file_linked_or_named_exists():
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        if not link.startswith("http"):
            assert (ROOT / link).exists(), link
    table = (ROOT / "benchmarks/README.md").read_text()
    named = set(re.findall(r"benchmarks/([\w/]+\.py)", table))
    modules = re.findall(r"python -m benchmarks\.(\w+)", table)
    scripts = [*ROOT.glob("benchmarks/*.py"), *ROOT.glob("benchmarks/costs/*.py")]
    there = {path.relative_to(ROOT / "benchmarks").as_posix() for path in scripts}
    named |= {f"{name}.py" for name in modules} & there
    assert named == there - {"costs/networks.py", "corrupt_files.py"}
    for name in named:
        module = f"benchmarks.{name.removesuffix('.py')}"
        is_quoted = f"benchmarks/{name}" in DOCUMENTS or module in DOCUMENTS
        assert is_quoted, f"{name} is quoted nowhere"


def test_every_row_of_what_can_be_swept_names_a_test_that_exists():
    page = (ROOT / "docs/guide/what_can_be_swept.md").read_text()
    rows = re.findall(r"^\| (?!\*\*)([^|]+) \|.*\| `(\S+)::(\w+)` \|$", page, re.M)
    assert len(rows) > 15
    for what, path, name in rows:
        folder = ROOT if "/" in path else ROOT / "tests/training"
        assert f"def {name}(" in (folder / path).read_text(), what


def test_every_public_function_is_documented_in_full():
    import lr_finder
    import time_series

    for package in (lr_finder, time_series):
        for name in package.__all__:
            value = getattr(package, name)
            if inspect.isfunction(value):
                text = inspect.getdoc(value)
                assert re.search("^(Returns|Yields):", text, re.MULTILINE), name
                assert "Example:\n" in text and ">>> " in text, name
                assert "Args:\n" in text, name
                assert "Raises:\n" in text or "raise " not in inspect.getsource(value)
                hints = inspect.signature(value)
                assert hints.return_annotation is not inspect.Signature.empty, name


def test_the_repository_names_no_machine():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".cfg", ".toml", ".txt", ".ipynb"}:
            found = re.search(r"(?<![\w.])/(home|root|work|tmp)/\w+", path.read_text())
            assert not found, f"{name}: {found.group()}"


def test_python_versions_agree():
    config = (ROOT / "setup.cfg").read_text()
    assert "python_requires = >=3.11,<3.14" in config
    assert (3, 11) <= sys.version_info < (3, 14)
    assert "3.11, 3.12 or 3.13" in PAGES


def imported_from_here():
    """`(module, name)` of what benchmarks and notebooks import of the packages."""
    sources = [path.read_text() for path in ROOT.glob("benchmarks/**/*.py")]
    for path in ROOT.glob("notebooks/*.ipynb"):
        cells = json.loads(path.read_text())["cells"]
        code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
        sources += [re.sub(r"^[%!].*$", "", cell, flags=re.MULTILINE) for cell in code]
    for node in (node for source in sources for node in ast.walk(ast.parse(source))):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module.split(".")[0] in ("lr_finder", "time_series"):
                yield from ((node.module, alias.name) for alias in node.names)


@pytest.mark.training
def test_what_benchmarks_and_notebooks_import_exists():
    pytest.importorskip("tensorflow")
    imported = set(imported_from_here())
    assert len(imported) > 50
    for module, name in sorted(imported):
        if not hasattr(importlib.import_module(module), name):
            importlib.import_module(f"{module}.{name}")

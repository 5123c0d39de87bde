"""The documentation as its tests read it."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
EXTENSIONS = sorted(path.stem for path in DOCS.glob("_ext/*.py"))


def load(name):
    """An extension of ours, which needs no Sphinx to be looked at."""
    if name not in sys.modules:
        path = DOCS / "_ext" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(name, path)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def written_pages():
    """Path in docs -> text, of the pages that are written by hand."""
    brought = set(load("repository_documents").DOCUMENTS.values())
    paths = sorted(DOCS.glob("**/*.md"))
    pages = {str(path.relative_to(DOCS)): path for path in paths}
    return {
        name: path.read_text()
        for name, path in pages.items()
        if not name.startswith("_") and name not in brought
    }


PAGES = written_pages()


def blocks(text, language):
    """The code of each block of a language, of a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="session")
def pages():
    return PAGES


@pytest.fixture(scope="session")
def documents():
    """The same and the README, which shows the same kinds of blocks."""
    return PAGES | {"README.md": (ROOT / "README.md").read_text()}


@pytest.fixture(scope="session")
def extension():
    return load

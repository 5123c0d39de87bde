"""What the pages show and link is there, and the tools that build them work."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
EXTENSIONS = sorted(path.stem for path in DOCS.glob("_ext/*.py"))


@pytest.mark.parametrize("name", EXTENSIONS)
def test_the_examples_of_an_extension_run(name, extension):
    assert doctest.testmod(extension(name)).failed == 0


def test_every_figure_is_shown_and_none_is_missing(extension, pages):
    drawn = set(extension("figures").FIGURES)
    shown = set()
    for name, text in pages.items():
        for target in re.findall(r"^```\{figure\} (\S+)$", text, re.MULTILINE):
            path = (DOCS / name).parent / target
            if path.parent.name == "_figures":
                shown.add(path.stem)
            else:
                assert path.exists(), f"{name}: {target}"
            assert re.search(rf"{re.escape(target)}\n:alt: \w", text), (
                f"{name}: {target}"
            )
    assert shown == drawn


def test_the_runs_of_the_history_are_those_that_the_guide_quotes(extension, pages):
    from lr_finder.history.earlier_runs import tell_earlier

    runs = extension("figures").example_runs()
    told = tell_earlier([run for run in runs if run["optimizer"] == "Adam"])
    assert len(runs) == 16 and told in pages["guide/history.md"]


def test_a_stored_sweep_shows_what_it_is_to_show(extension):
    figures = extension("figures")
    for name in ("moved_up", "could_not_tell", "narrow"):
        suggestion = figures.stored_sweep(figures.STORED[name]).suggest()
        kinds = [text.split(":")[0] for text in suggestion.warnings]
        assert name == suggestion.decided_by or name in kinds


@pytest.mark.slow
def test_all_stored_sweeps_do(extension):
    figures = extension("figures")
    for name in figures.STORED:
        suggestion = figures.shown_sweep(name).suggest()
        kinds = [text.split(":")[0] for text in suggestion.warnings]
        assert name == suggestion.decided_by or name in kinds, name


def test_links_of_documents_are_turned_to_pages(extension):
    brought = extension("repository_documents")
    for document, page in brought.DOCUMENTS.items():
        text = (ROOT / document).read_text()
        folder = (DOCS / page).parent
        for _, _, target in brought.LINK.findall(text):
            if re.match(r"[a-z]+:|#", target):
                continue
            path = target.partition("#")[0]
            assert ((ROOT / document).parent / path).exists(), f"{document}: {target}"
        for _, _, target in brought.LINK.findall(brought.page_of(document)):
            if not re.match(r"[a-z]+:|#|data:", target):
                path = (folder / target.partition("#")[0]).resolve()
                there = {(DOCS / each).resolve() for each in brought.PAGES.values()}
                assert path in there or path.is_file(), f"{page}: {target}"


def test_what_is_brought_is_not_committed(extension):
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    for page in extension("repository_documents").DOCUMENTS.values():
        path = f"docs/{page}"
        pattern = "docs/course/*.ipynb" if path.endswith(".ipynb") else path
        assert pattern in ignored


def test_every_page_says_first_what_it_is_for(pages):
    for name, text in pages.items():
        if name.startswith("guide/") and name != "guide/index.md":
            body = text.split("\n", 2)[2]
            assert body.startswith("After this page you "), name


def test_every_page_is_in_a_table_of_contents(pages):
    for name in pages:
        folder, _, file = name.rpartition("/")
        if file == "index.md":
            continue
        index = pages[f"{folder}/index.md"]
        listed = re.search(r"```\{toctree\}.*?```", index, re.DOTALL).group()
        assert re.search(rf"^{file.removesuffix('.md')}$", listed, re.MULTILINE), name

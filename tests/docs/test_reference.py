"""The reference lists what there is: names, commands, warnings, rules, words."""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import lr_finder
import lr_finder.data
import lr_finder.reference
import lr_finder.schedules
import time_series

ROOT = Path(__file__).parents[2]
PARTS = {  # of results: what their attributes are; and parts of an argument
    "lr_finder.analysis.drift.error_process": {"autocorrelated_errors", "fit_ar1"},
    "lr_finder.experiments.drift.monitors": {"Monitor", "make_monitor"},
    "lr_finder.analysis.sweep.rate_window": {"RateWindow", "UsualRate"},
    "lr_finder.analysis.sweep.rules": {"Rule"},
    "lr_finder.analysis.verification.candidates": {"Row"},
    "lr_finder.results.verification": {"Stability"},
}
KIND = re.compile(r"^([a-z]+(?:_[a-z]+)*): ")


def test_the_api_lists_exactly_the_public_names(extension):
    listed = extension("api_pages").listed()
    public = {
        "lr_finder": set(lr_finder.__all__) - {"__version__"},
        # Listed with those of lr_finder.
        "lr_finder.data": set(lr_finder.data.__all__) - {"ThreeParts"},
        "lr_finder.reference": set(lr_finder.reference.__all__),
        "lr_finder.schedules": set(lr_finder.schedules.__all__),
        "time_series": set(time_series.__all__),
    } | PARTS
    assert {module: set(names) for module, names in listed.items()} == public
    assert all(len(names) == len(set(names)) for names in listed.values())


def test_every_command_has_a_page_that_is_not_stale(extension, pages):
    command_pages = extension("command_pages")
    index = pages["reference/commands/index.md"]
    for name in command_pages.commands():
        text = pages[f"reference/commands/{name}.md"]
        assert text == command_pages.page(name), (
            f"{name} is stale: python docs/_ext/command_pages.py writes it anew"
        )
        assert re.search(rf"^{name}$", index, re.MULTILINE), name
        assert f"({name}.md)" in index


def modules():
    """The modules of the package, with their source."""
    for found in pkgutil.walk_packages(lr_finder.__path__, "lr_finder."):
        path = ROOT / (found.name.replace(".", "/") + ".py")
        path = path if path.exists() else path.with_suffix("") / "__init__.py"
        yield found.name, ast.parse(path.read_text())


def texts_of(tree):
    """Each string of a module, f-strings with what they name: (start, whole)."""
    inner = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for child in ast.walk(node)
        if child is not node
    }
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if id(node) in inner or id(node) in docstrings:
            continue
        if isinstance(node, ast.JoinedStr):
            yield node.values
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield [node]


def kind_of(module, parts):
    """The kind that a text begins with as a warning does; None of other texts."""
    text = ""
    for part in parts:
        if isinstance(part, ast.FormattedValue):
            if not isinstance(part.value, ast.Name) or not part.value.id.isupper():
                break
            text += str(getattr(importlib.import_module(module), part.value.id))
        else:
            text += part.value
    found = KIND.match(text)
    return found.group(1) if found else None


JUDGES = (
    "lr_finder.analysis.",
    "lr_finder.training.verification",
    "lr_finder.training.one_call.rate",
    "lr_finder.training.one_call.fit",
)


def kinds_in_the_code():
    found = set()
    for name, tree in modules():
        if name.startswith(JUDGES):
            found |= {kind_of(name, parts) for parts in texts_of(tree)}
    return found - {None, "warning"}


@pytest.mark.training
def test_every_kind_of_warning_is_explained(pages):
    kinds = kinds_in_the_code()
    assert {"narrow", "edge", "wide", "near_instability", "unbounded"} <= kinds
    page = pages["guide/warnings.md"]
    explained = re.findall(r"^### `(\w+)`$", page, re.MULTILINE)
    assert set(explained) == kinds
    assert len(explained) == len(set(explained))
    for kind in kinds:
        part = page.split(f"### `{kind}`")[1].split("\n#")[0]
        assert "**Do:**" in part, kind


def reasons_in_the_code():
    for name, tree in modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", "")
            for keyword in node.keywords:
                if called == "SuggestionError" and keyword.arg == "reason":
                    if isinstance(keyword.value, ast.Constant):
                        yield keyword.value.value
                    elif isinstance(keyword.value, ast.Name):
                        module = importlib.import_module(name)
                        yield getattr(module, keyword.value.id)


@pytest.mark.training
def test_every_reason_of_an_error_is_explained(pages):
    part = pages["guide/warnings.md"].split("## When there is no suggestion")[1]
    rows = re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)[1:]  # not the heading
    assert set(rows) == set(reasons_in_the_code())


def longest_words(parts):
    """The longest piece of a sentence that never changes."""
    pieces = [part.value for part in parts if isinstance(part, ast.Constant)]
    clauses = [each for piece in pieces for each in re.split(r"[.;,:()]", piece)]
    return max((" ".join(each.replace("`", "").split()) for each in clauses), key=len)


def python_warnings(tree):
    """The texts given to `warnings.warn`, of those that are written there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "warnings.warn":
            if isinstance(node.args[0], ast.JoinedStr):
                yield node.args[0].values


def test_every_other_warning_is_quoted(pages):
    page = " ".join(pages["guide/warnings.md"].replace("`", "").split())
    count = 0
    for name, tree in modules():
        found = list(python_warnings(tree))
        for parts in texts_of(tree):
            first = parts[0]
            if isinstance(first, ast.Constant) and str(first.value).startswith(
                "warning: "
            ):
                found.append(parts)
        for parts in found:
            words = longest_words(parts)
            if len(words.split()) > 1:
                count += 1
                assert words in page, f"{name}: {words}"
    assert count >= 8


def test_every_rule_and_usual_rate_is_told(pages):
    from lr_finder import RULES
    from lr_finder._text import format_rate
    from lr_finder.analysis.sweep import rate_window

    page = pages["guide/how_it_works.md"]
    rows = re.findall(r"^\| `(\w+)` \| .* \|$", page, re.MULTILINE)
    assert rows == list(RULES)
    for name in rate_window.ADAPTIVE_OPTIMIZERS:
        assert re.search(rf"\| .*\b{name}\b.* \| {format_rate(3e-3)} \|", page), name
    assert rate_window.ADAPTIVE == 3e-3
    assert f"momentum | {format_rate(rate_window.WITH_MOMENTUM)} |" in page
    assert f"plain SGD | {format_rate(rate_window.PLAIN_SGD)}," in page
    assert f"{rate_window.ABOVE} decades above" in page
    assert f"{rate_window.BELOW} decades below" in page


def test_every_word_for_what_decided_is_told(pages):
    from lr_finder.analysis.sweep.explanation import DecidedBy

    page = pages["guide/reading_a_sweep.md"]
    rows = " ".join(re.findall(r"^\| (`.*?) \|", page, re.MULTILINE))
    assert {str(word) for word in DecidedBy} <= set(re.findall(r"`(\w+)`", rows))


def test_every_pattern_is_told(pages):
    from lr_finder.analysis.training.pattern_definitions import DEFINITIONS

    rows = re.findall(r"^\| `([a-z -]+)` \|", pages["guide/watch.md"], re.MULTILINE)
    assert rows == list(DEFINITIONS)


def test_every_status_of_a_trial_is_told(pages):
    source = "".join(
        path.read_text() for path in ROOT.glob("lr_finder/analysis/verification/*.py")
    )
    page = pages["guide/verify.md"]
    rows = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)[1:]  # not the heading
    assert rows == ["kept", "dropped", "diverged", "winner", "answer", "higher"]
    for status in rows:
        assert f'"{status}"' in source, status


def test_every_extra_is_told(pages):
    setup = (ROOT / "setup.cfg").read_text()
    part = setup.split("[options.extras_require]")[1].split("\n[")[0]
    extras = set(re.findall(r"^(\w+) =", part, re.MULTILINE)) - {
        "test",
        "browser",
        "dev",
        "release",
    }
    rows = re.findall(
        r"^\| `pip install \"\.\[(\w+)\]\"` \|", pages["start/install.md"], re.M
    )
    assert set(rows) == extras


def test_every_file_that_find_writes_is_told(pages):
    from lr_finder import finding_files

    rows = " ".join(re.findall(r"^\| (`.*?) \|", pages["guide/data.md"], re.MULTILINE))
    told = set(re.findall(r"`([\w.]+)`", rows))
    written = {
        *finding_files.SWEEP_FILES,
        *finding_files.VERIFICATION_FILES,
        *finding_files.TRAINING_FILES,
        *finding_files.COMPARISON_FILES,
    } - {finding_files.PREDICTIONS_FILE}
    assert written <= told


def test_the_glossary_has_the_words_that_are_used(pages):
    page = pages["reference/glossary.md"]
    body = page.split("```{glossary}")[1].split("```")[0]
    terms = re.findall(r"^(\w[\w -]*)$", body, re.MULTILINE)
    assert terms == sorted(terms, key=str.lower)
    assert {
        "learning rate", "sweep", "suggestion", "window", "interval", "verification",
        "variant", "run", "target", "source", "split",
    } <= set(terms)  # fmt: skip
    used = " ".join(
        text for name, text in pages.items() if name != "reference/glossary.md"
    )
    for term in terms:
        stem = re.escape(term.removesuffix("ation").removesuffix("e"))
        assert re.search(stem, used, re.IGNORECASE), f"{term} is used nowhere"

"""The imports of the package, read from its source: they point one way."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*ROOT.glob("lr_finder/**/*.py"), *ROOT.glob("time_series/*.py")])

# From low to high: a layer may import those before it and itself.
LAYERS = [
    "lr_finder._version",
    "lr_finder.errors",
    "lr_finder._files",
    "lr_finder._text",
    "lr_finder._own_lines",
    "lr_finder.analysis",
    "lr_finder.schedules.shapes",
    "lr_finder.reference",
    "lr_finder.results.sweep",
    "lr_finder.results.verification",
    "lr_finder.results.comparison_runs",
    "lr_finder.results.comparison_ranks",
    "lr_finder.results.comparison_text",
    "lr_finder.results.comparison",
    "lr_finder.data",
    "lr_finder.models.optimizer_names",
    "lr_finder.models.compile_arguments",
    "lr_finder.models.initializers",
    "lr_finder.models.checks",
    "lr_finder.models.defaults",
    "lr_finder.models.published",
    "lr_finder.models.augmentation",
    "lr_finder.models.specs",
    "lr_finder.models.own_models",
    "lr_finder.models.registry",
    "lr_finder.training",
    "lr_finder.experiments",
    "lr_finder.plots",
    "lr_finder.reports",
    "lr_finder.playground",
    "lr_finder.cli",
    "lr_finder.__main__",
]
# `result`, `verified` and `compared` make thin calls upwards on use; plots read results
# only.
ALLOWED = {
    ("lr_finder.results.sweep", "lr_finder.plots"),
    ("lr_finder.results.verification", "lr_finder.plots"),
    ("lr_finder.results.comparison", "lr_finder.plots"),
    ("lr_finder.cli", "time_series"),
}
# A suggestion can be applied to a model: a thin call upwards, on use.
ALLOWED_CALLS = {
    ("lr_finder.analysis.sweep.suggestion", "lr_finder.training.fitting"),
    ("lr_finder.analysis.sweep.suggestion", "lr_finder.training.fitting.apply_rate"),
}
FORBIDDEN = {
    ("lr_finder.plots", "lr_finder.training"),
    ("lr_finder.reports", "lr_finder.training"),
}
WITHOUT_KERAS = (
    "lr_finder.analysis",
    "lr_finder.schedules.shapes",
    "lr_finder.reference",
    "lr_finder.results.sweep",
    "lr_finder.results.verification",
    "lr_finder.results.comparison_runs",
    "lr_finder.results.comparison_ranks",
    "lr_finder.results.comparison_text",
    "lr_finder.results.comparison",
    "lr_finder.errors",
    "lr_finder._files",
    "lr_finder._text",
    "lr_finder.plots",
)


def module_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path):
    """Names of all modules that a file imports, on load or on use."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer_of(module):
    inside = [x for x in LAYERS if module == x or module.startswith(x + ".")]
    return inside[0] if inside else module.split(".")[0]


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_imports_point_one_way(path):
    module = module_of(path)
    own = layer_of(module)
    for name in imports_of(path):
        other = layer_of(name)
        if (own, other) in ALLOWED or (module, name) in ALLOWED_CALLS:
            continue
        assert (own, other) not in FORBIDDEN, f"{module} imports {name}"
        if own in LAYERS and other in LAYERS:
            assert LAYERS.index(other) <= LAYERS.index(own), f"{module} imports {name}"
        if module.startswith("lr_finder"):
            assert other != "time_series", f"{module} imports {name}"
        if own in WITHOUT_KERAS:
            assert name.split(".")[0] not in ("keras", "tensorflow"), module


def test_every_module_has_its_layer():
    names = {module_of(path) for path in SOURCES}
    inside = {n for n in names if n.startswith("lr_finder.")}
    assert {n for n in inside if layer_of(n) == "lr_finder"} == set()


def test_time_series_uses_public_names_only():
    import lr_finder.data

    public = {f"lr_finder.{name}" for name in lr_finder.__all__}
    public |= {"lr_finder", "lr_finder.data.series.windows", "lr_finder.errors"}
    public |= {f"lr_finder.data.{name}" for name in lr_finder.data.__all__}
    helpers = {"lr_finder._text", "lr_finder._text.format_rate"}
    # Its command shares options, and how errors speak of them, with the other one.
    public |= {
        "lr_finder.cli",
        "lr_finder.cli.shared.options",
        "lr_finder.cli.shared.wording",
    }
    for path in ROOT.glob("time_series/*.py"):
        for name in imports_of(path):
            if name.startswith("lr_finder") and name not in helpers:
                home, _, last = name.rpartition(".")
                assert name in public or home in public, f"{path.name}: {name}"
                assert not last.startswith("_")


def test_no_module_bears_the_name_of_a_public_function():
    import lr_finder

    functions = {name for name in lr_finder.__all__ if name.islower()}
    assert functions & {path.stem for path in SOURCES} == set()


def test_no_module_is_a_dustbin():
    assert {"utils", "helpers", "misc"} & {path.stem for path in SOURCES} == set()


@pytest.mark.parametrize(
    "code, absent",
    [
        ("import lr_finder", "keras tensorflow scipy pandas matplotlib numpy"),
        (
            "import lr_finder.analysis.sweep.suggestion",
            "keras tensorflow pandas matplotlib",
        ),
        ("import lr_finder.results.sweep", "keras tensorflow pandas matplotlib scipy"),
        (
            "import lr_finder.models.registry",
            "keras tensorflow pandas matplotlib numpy",
        ),
        ("import lr_finder.cli", "keras tensorflow pandas matplotlib scipy"),
        ("import time_series", "keras tensorflow pandas matplotlib"),
    ],
)
def test_heavy_libraries_load_on_use_only(code, absent):
    check = f"{code}; import sys; print(*(set(sys.modules) & set({absent.split()!r})))"
    run = subprocess.run(
        [sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True
    )
    assert (run.returncode, run.stdout.strip()) == (0, ""), run.stderr

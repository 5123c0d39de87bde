"""The imports of the package, read from its source: they point one way."""

import ast
import collections
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*ROOT.glob("lr_finder/**/*.py"), *ROOT.glob("time_series/*.py")])

# The rooms from low to high: a module imports from its own and from lower ones.
ROOMS = """
_version errors _arguments _files _output _text _own_lines
analysis.sweep analysis.verification analysis.training analysis.comparison
analysis.landscape analysis.tuning analysis.drift
schedules reference results plots data models training history
finding_data finding_files finding_settings finding lr_optimizer experiments
reports integrations playground service cli __main__
""".split()
LAYERS = [f"lr_finder.{room}" for room in ROOMS]
# Their folders, from low to high; the files beside those use and serve them all.
INNER = {
    "lr_finder.data": "cells readers features series prepare sources".split(),
    "lr_finder.training": (
        "preserving feeding stepping checking curvature landscape instruments watching "
        "scheduling one_call".split()
    ),
}
# What a result offers of later rooms goes through one module, whose calls are these.
FACES = {
    "lr_finder.plots.sweep.plot_sweep",
    "lr_finder.plots.training.outcome.plot_outcome",
    "lr_finder.finding_files.save_finding",
    "lr_finder.plots.verification.plot_verification",
    "lr_finder.plots.surfaces.landscape.plot_landscape",
    "lr_finder.plots.stability.plot_stability",
    "lr_finder.plots.generalization.gap_map.plot_generalization",
    "lr_finder.plots.tuning.plot_tuning",
    "lr_finder.plots.drift.deployment_plot.plot_deployment",
    "lr_finder.plots.comparison.overview.plot_comparison",
    "lr_finder.reports.report.report",
    "lr_finder.reports.notebook.as_html",
    "lr_finder.training.fitting.apply_rate",
    "lr_finder.integrations.tracking.log_result",
}
FACE = "lr_finder.results._faces"
ALLOWED_CALLS = {  # a suggestion, which is read off a sweep, is a result too
    ("lr_finder.analysis.sweep.suggestion", FACE),
    ("lr_finder.analysis.sweep.suggestion", "lr_finder.results"),
    ("lr_finder.analysis.training.record", FACE),  # and so is what a training recorded
    ("lr_finder.analysis.training.record", "lr_finder.results"),
}
FORBIDDEN = {("lr_finder.reports", "lr_finder.training")}
WITHOUT_KERAS = LAYERS[: LAYERS.index("lr_finder.plots") + 1]
MOST_IN_FOLDER = 13
# The only module that knows the application: it offers its series and its model.
BUILT_IN = "lr_finder.cli.shared.sources"
# What exists once in the package and serves the application too, by module.
FOR_APPLICATIONS = {
    f"lr_finder.{name}"
    for name in """
    _arguments _output _text errors data.series.windows data.series.checked_points
    data.series.ordered_points experiments.journal plots.style plots.ticks plots.slopes
    cli.shared.backend cli.shared.exit_codes
    cli.shared.options
    """.split()
}
# The same noun in two layers may name a file in each; a verb or an adjective may not.
NOUNS = """
sweep verification training comparison finding landscape progress distributions sources
published optimizers overview predict compare find suggest settings experiment
series table tables report stability tuning tune generalization drift deployment
""".split()


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
        if module == FACE or (module, name) in ALLOWED_CALLS:
            continue
        assert (own, other) not in FORBIDDEN, f"{module} imports {name}"
        if own in LAYERS and other in LAYERS:
            assert LAYERS.index(other) <= LAYERS.index(own), f"{module} imports {name}"
        if module.startswith("lr_finder"):
            assert other != "time_series" or module == BUILT_IN, module
        if own in WITHOUT_KERAS:
            assert name.split(".")[0] not in ("keras", "tensorflow"), module


@pytest.mark.parametrize("room", INNER)
def test_folders_of_a_room_point_one_way(room):
    def place(module):
        rest = module.removeprefix(room + ".").split(".")
        known = module.startswith(room + ".") and rest[0] in INNER[room]
        return INNER[room].index(rest[0]) if known else None

    for path in SOURCES:
        own = place(module_of(path))
        for name in imports_of(path) if own is not None else ():
            other = place(name)
            assert other is None or other <= own, f"{module_of(path)} imports {name}"


def test_the_late_calls_of_results_are_known():
    path = ROOT / "lr_finder/results/_faces.py"
    tree = ast.parse(path.read_text())
    called = {
        f"{node.module}.{alias.name}"
        for function in tree.body if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function) if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }  # fmt: skip
    assert called == FACES


def test_every_module_has_its_layer():
    names = {module_of(path) for path in SOURCES}
    inside = {n for n in names if n.startswith("lr_finder.")}
    folders = {"lr_finder.analysis"}  # that hold no code
    assert {n for n in inside - folders if layer_of(n) == "lr_finder"} == set()


def test_no_folder_is_crowded():
    counts = collections.Counter(
        path.parent for path in SOURCES if path.name != "__init__.py"
    )
    assert {str(k): n for k, n in counts.items() if n > MOST_IN_FOLDER} == {}


def test_a_stem_names_one_thing():
    """Two modules of one name are the same noun in two layers."""
    stems = collections.Counter(
        path.stem for path in SOURCES
        if "time_series" not in path.parts and not path.stem.startswith("__")
    )  # fmt: skip
    assert {stem for stem, n in stems.items() if n > 1} <= set(NOUNS)


def test_time_series_uses_what_is_meant_for_others():
    """Public names, and the modules that are listed: no private name of a module."""
    import lr_finder.data

    public = {"lr_finder", "lr_finder.data"}
    public |= {f"lr_finder.{name}" for name in lr_finder.__all__}
    public |= {f"lr_finder.data.{name}" for name in lr_finder.data.__all__}
    used = set()
    for path in ROOT.glob("time_series/*.py"):
        for name in imports_of(path):
            if not name.startswith("lr_finder"):
                continue
            listed = {name, name.rpartition(".")[0]} & FOR_APPLICATIONS
            assert listed or name in public or name == "lr_finder.cli.shared", name
            is_module = name in FOR_APPLICATIONS
            assert is_module or not name.rpartition(".")[2].startswith("_"), name
            used |= listed
    assert used == FOR_APPLICATIONS  # no entry that nothing needs any more


def test_no_module_at_the_top_bears_the_name_of_a_public_function():
    import lr_finder

    functions = {name for name in lr_finder.__all__ if name.islower()}
    at_the_top = {path.stem for path in ROOT.glob("lr_finder/*")}
    assert functions & at_the_top == set()


def test_a_fact_has_one_definition():
    """No constant of the same name and value twice."""
    homes = collections.defaultdict(list)
    for path in SOURCES:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if name.isupper() and isinstance(node.value, ast.Constant):
                    homes[name, node.value.value].append(module_of(path))
    assert {k: v for k, v in homes.items() if len(v) > 1} == {}


MOST_PARAMETERS = 8
# Faces, whose parameters are what a person may say; below them records travel.
FACES_WITH_MORE = set(
    """
    find fit find_optimal_rate sweep verify train train_optimized load_data
    train_model compare loss_landscape run_stability tune update_parameters_with_adam
    three_parts_of read_series run_generalization simulate_deployment make_stream
    """.split()
)


def test_below_the_faces_few_parameters_travel():
    crowded = set()
    for path in SOURCES:
        if path.parts[-2] == "cli" or path.name == "command.py":  # options, typed
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                n = sum(each.arg not in ("self", "cls") for each in given)
                if n > MOST_PARAMETERS:
                    crowded.add(node.name)
    assert crowded == FACES_WITH_MORE


def test_a_command_is_short():
    """Parse, one call, print: what is longer than that lies below."""
    names = """
    find suggest compare predict report landscape stability tune playground drift
    find suggest compare predict report landscape stability tune playground history
    find suggest compare predict report landscape stability tune playground serve
    """.split()
    for name in names:
        path = ROOT / f"lr_finder/cli/{name}.py"
        assert len(path.read_text().splitlines()) <= 210, path.name


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

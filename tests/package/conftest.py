"""The distributions, built once from a copy of the tree; then one of them installed."""

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEFT_BEHIND = (  # in a tree, by running, testing and building
    "lr_finder/__pycache__/gone.cpython-311.pyc",
    "build/lib/lr_finder/gone.py",
    "lr_finder_runs/prices/gone.py",
    "docs/_build/html/gone.html",
)
LEADS_TO_THE_TREE = ("PYTHON", "VIRTUAL_ENV", "KERAS_", "LR_FINDER_")


@dataclasses.dataclass(frozen=True)
class Built:
    """Both distributions, and the files of the repository that they are made of."""

    wheel: Path
    source: Path
    files: frozenset[str]


def environment(**added):
    """The variables of a person who has no copy of the repository."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith(LEADS_TO_THE_TREE)}
    return ours | added


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    files = frozenset(n for n in listed.stdout.splitlines() if (ROOT / n).exists())
    tree = tmp_path_factory.mktemp("tree")
    for name in (*files, *LEFT_BEHIND):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        if name in files:
            shutil.copy(ROOT / name, tree / name)
        else:
            (tree / name).touch()
    run = subprocess.run(
        [sys.executable, "-m", "build"],
        cwd=tree, env=environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    (wheel,), (source,) = tree.glob("dist/*.whl"), tree.glob("dist/*.tar.gz")
    return Built(wheel, source, files)

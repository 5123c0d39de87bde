"""What is published: the wheel and the source distribution, looked into."""

import configparser
import email
import re
import tarfile
import zipfile
from pathlib import Path

import pytest

from lr_finder._version import __version__

ROOT = Path(__file__).parents[2]
PACKAGES = ("lr_finder/", "time_series/")
# The recordings that one benchmark replays, and no test reads: 5 MB.
NOT_PUBLISHED = {"benchmarks/suggestion_quality/trials.npz"}


@pytest.fixture(scope="module")
def config():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


@pytest.fixture
def wheel_names(built):
    with zipfile.ZipFile(built.wheel) as archive:
        return {n for n in archive.namelist() if not n.startswith(f"{about()}/")}


@pytest.fixture
def metadata(built):
    with zipfile.ZipFile(built.wheel) as archive:
        return email.message_from_bytes(archive.read(f"{about()}/METADATA"))


def about():
    """The folder of a wheel that describes it."""
    return f"lr_finder-{__version__}.dist-info"


@pytest.mark.slow
def test_the_wheel_holds_the_files_of_both_packages_and_no_others(built, wheel_names):
    """Modules, templates, pages, py.typed; no tests, no rows of benchmarks."""
    assert wheel_names == {n for n in built.files if n.startswith(PACKAGES)}
    assert {"lr_finder/py.typed", "time_series/py.typed"} <= wheel_names


@pytest.mark.slow
def test_the_wheel_is_small_and_for_every_system(built):
    assert built.wheel.stat().st_size < 1_500_000
    assert built.wheel.name == f"lr_finder-{__version__}-py3-none-any.whl"


@pytest.mark.slow
def test_the_source_distribution_is_the_repository(built):
    """So that whoever packages it can run the tests and build the documentation."""
    with tarfile.open(built.source) as archive:
        found = {
            member.name.partition("/")[2]
            for member in archive.getmembers() if member.isfile()
        }  # fmt: skip
        run = archive.getmember(f"lr_finder-{__version__}/.ci/run")
    made = {n for n in found if n == "PKG-INFO" or n.startswith("lr_finder.egg-info/")}
    assert found - made == built.files - NOT_PUBLISHED
    assert NOT_PUBLISHED < built.files
    assert run.mode & 0o100  # may be executed
    assert built.source.stat().st_size < 6_000_000


@pytest.mark.slow
def test_the_metadata_say_what_the_project_says(metadata, config):
    assert (metadata["Name"], metadata["Version"]) == ("lr_finder", __version__)
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload(decode=True) == (ROOT / "README.md").read_bytes()
    extras = set(config["options.extras_require"])
    assert set(metadata.get_all("Provides-Extra")) == extras
    required = config["options"]["install_requires"]
    names = re.findall(r"^([a-z0-9-]+)>=", required, re.MULTILINE)
    always = [r for r in metadata.get_all("Requires-Dist") if "extra ==" not in r]
    assert [re.match("[a-z0-9-]+", each)[0] for each in always] == names
    assert "Typing :: Typed" in metadata.get_all("Classifier")


@pytest.mark.slow
def test_the_wheel_brings_the_command(built):
    with zipfile.ZipFile(built.wheel) as archive:
        entries = archive.read(f"{about()}/entry_points.txt").decode()
    assert entries == "[console_scripts]\nlr_finder = lr_finder.cli:main\n"


def test_classifiers_and_workflow_name_the_versions_of_python(config):
    low, above = re.findall(r"3\.(\d+)", config["options"]["python_requires"])
    versions = [f"3.{minor}" for minor in range(int(low), int(above))]
    classifiers = config["metadata"]["classifiers"]
    assert re.findall(r"Python :: (3\.\d+)", classifiers) == versions
    workflow = (ROOT / ".github/workflows/ci.yml").read_text()
    assert f'python: ["{versions[0]}", "{versions[-1]}"]' in workflow
    assert re.search(r"- run: .*\.ci/run$", workflow, re.MULTILINE)
    image = re.search(r"python:(\S+)-slim", (ROOT / "Dockerfile").read_text())[1]
    assert image in versions


def test_the_citation_is_of_this_version():
    text = (ROOT / "CITATION.cff").read_text()
    assert re.search(r"^version: (.*)$", text, re.MULTILINE)[1] == __version__


def test_every_extra_that_a_message_names_exists(config):
    named = set()
    for package in PACKAGES:
        for path in ROOT.glob(f"{package}**/*.py"):
            named |= set(re.findall(r"lr_finder\[(\w+)\]", path.read_text()))
    assert {"cluster", "parquet"} <= named
    assert named <= set(config["options.extras_require"])


def test_every_other_backend_has_an_extra(config):
    from lr_finder.cli.shared.backend import BACKENDS

    extras = set(config["options.extras_require"])
    assert set(BACKENDS) - {"tensorflow"} <= extras

"""The files for `ray up`: what Ray's schema allows, and what a comparison needs."""

import configparser
import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
FILES = {path.stem: path for path in ROOT.glob("docs/cluster/*.yaml")}


@pytest.fixture(params=sorted(FILES))
def config(request):
    return yaml.safe_load(FILES[request.param].read_text())


@pytest.fixture(scope="module")
def project():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def test_there_is_a_file_for_each_cloud_that_says_that_it_was_not_run():
    assert sorted(FILES) == ["aws", "azure", "gcp"]
    for name, path in FILES.items():
        text = path.read_text()
        assert text.startswith("# Not run:")
        assert f"ray up docs/cluster/{name}.yaml " in text
        assert yaml.safe_load(text)["provider"]["type"] == name


def test_the_schema_of_ray_allows_it(config):
    ray = pytest.importorskip("ray")
    from ray.autoscaler._private.util import prepare_config, validate_config

    folder = Path(ray.__file__).parent
    schema = json.loads((folder / "autoscaler/ray-schema.json").read_text())
    jsonschema.validate(config, schema)
    validate_config(prepare_config(config))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(config | {"workers": 4}, schema)


def test_only_workers_make_runs_and_their_number_is_bounded(config):
    types = config["available_node_types"]
    head = types.pop(config["head_node_type"])
    assert head["resources"] == {"CPU": 0}
    assert types and config["idle_timeout_minutes"] <= 15
    for each in types.values():
        assert 1 <= each["min_workers"] <= each["max_workers"] <= config["max_workers"]


def test_every_machine_installs_the_same_versions(config, project):
    (mounted,) = (far for far, near in config["file_mounts"].items() if near == ".")
    (install,) = (line for line in config["setup_commands"] if "pip install" in line)
    assert f"--constraint {mounted}/requirements.txt" in install
    assert install.endswith(f' "{mounted}[cluster]"')
    (needed,) = project["options.extras_require"]["cluster"].split("\n")[-1:]
    image, pinned = (
        re.search(pattern, text)[1]
        for pattern, text in (
            (r"ray:([\d.]+)-", config["docker"]["image"]),
            (r'"ray\[default\]==([\d.]+)"', install),
        )
    )
    assert image == pinned and pinned in Requirement(needed).specifier


def test_the_python_of_the_image_is_one_that_the_project_runs_on(config, project):
    major, minor = re.search(r"-py(\d)(\d+)-", config["docker"]["image"]).groups()
    allowed = SpecifierSet(project["options"]["python_requires"])
    assert f"{major}.{minor}" in allowed


def test_what_need_not_travel_stays_here(config):
    excluded = set(config["rsync_exclude"])
    assert {".git", ".venv", "lr_finder_runs"} <= excluded
    needed = {"lr_finder", "time_series", "setup.cfg", "requirements.txt", "README.md"}
    assert not needed & excluded

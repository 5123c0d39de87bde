"""Modules become one script; what the bundler does not know is refused."""

import pytest

from lr_finder.playground.built_page import MODULES
from lr_finder.playground.bundler import BundleError, bundle


def write(folder, **modules):
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text)
    return folder / "main.js"


def test_a_module_comes_after_what_it_imports(tmp_path, engine):
    entry = write(
        tmp_path,
        main='import { twice as double, ONE } from "./other.js";\n'
        "export const four = double(double(ONE));\n",
        other="const hidden = 2;\nexport const ONE = 1;\n"
        "export function twice(x) {\n  return hidden * x;\n}\n",
    )
    script = bundle(entry)
    assert script.index('modules["other.js"] =') < script.index('modules["main.js"] =')
    assert "import" not in script and "export" not in script
    found = engine(
        "return new Function(script + 'return [modules, typeof hidden];')();",
        script=script,
    )
    assert found == [{"other.js": {"ONE": 1}, "main.js": {"four": 4}}, "undefined"]


@pytest.mark.parametrize(
    "modules, message",
    [
        ({"main": 'import { a } from "./none.js";\n'}, "which is no module here"),
        ({"main": 'import { a } from "../out.js";\n'}, "which is no module here"),
        (
            {"main": 'import { b } from "./a.js";\n', "a": "export const c = 1;"},
            "b: no",
        ),
        (
            {
                "main": 'import { a } from "./a.js";\nexport const m = 1;\n',
                "a": 'import { m } from "./main.js";\nexport const a = m;\n',
            },
            "main.js: a circle",
        ),
        ({"main": "export default 3;\n"}, "holds 'export default 3;'"),
        ({"main": 'import all from "./a.js";\n'}, "holds 'import all"),
        ({"main": 'const a = "</script>";\n'}, "holds '</script'"),
    ],
)
def test_what_it_does_not_know_is_refused(tmp_path, modules, message):
    with pytest.raises(BundleError, match=message):
        bundle(write(tmp_path, **modules))


def test_modules_are_short_and_folders_small():
    paths = sorted(MODULES.rglob("*.js"))
    long = {p.name: n for p in paths if (n := len(p.read_text().splitlines())) > 200}
    assert long == {}
    folders = {path.parent for path in paths}
    counts = {folder.name: len(list(folder.glob("*.js"))) for folder in folders}
    assert max(counts.values()) <= 12


def test_every_module_is_used():
    script = bundle(MODULES / "main.js")
    unused = [
        path
        for path in MODULES.rglob("*.js")
        if f'modules["{path.relative_to(MODULES).as_posix()}"] =' not in script
    ]
    assert unused == []

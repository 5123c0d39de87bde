import pytest

from lr_finder.errors import InputError
from lr_finder.models.specs import split_spec


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("own.py:build", ("own.py", "build")),
        ("C:\\models\\own.py:build", ("C:\\models\\own.py", "build")),
        ("package.module:build", ("package.module", "build")),
        ("a:b.keras", ("a:b.keras", None)),
    ],
)
def test_forms(spec, expected):
    assert split_spec(spec) == expected


@pytest.mark.parametrize(
    "spec", ["own.py", "own.py:", ":build", "own:1st", "", "a:b c"]
)
def test_what_has_no_form_is_refused(spec):
    with pytest.raises(InputError, match="or be 3. Received: model=.* Did you"):
        split_spec(spec, ", or be 3", " Did you")

"""Lists that are typed with commas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lr_finder.cli.comparing.options_of_compare import listed, listed_numbers
from lr_finder.errors import InputError

NAMES = st.from_regex(r"[a-z]+(\([a-z]=[0-9](,[a-z]=[0-9]){0,3}\))?", fullmatch=True)


@given(st.lists(NAMES, min_size=1))
def test_commas_inside_of_brackets_do_not_part(names):
    assert listed(",".join(names)) == names
    assert listed(" , ".join(names)) == names


@given(st.lists(st.integers(1, 10**6), min_size=1))
def test_numbers_come_back(numbers):
    assert listed_numbers("--batch-size", ",".join(map(str, numbers))) == numbers


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "1.5", "32,", "32;64", "a", "１２.", "²"]
)
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(InputError, match="--batch-size"):
        listed_numbers("--batch-size", text)

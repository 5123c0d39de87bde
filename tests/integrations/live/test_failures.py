"""A failure of a view reaches a warning, once, and nothing else."""

import warnings

import pytest

from lr_finder.integrations.live.failures import told_once, warn_of_failure


class View:
    def __init__(self):
        self._has_failed, self.calls, self.errors = False, [], []

    @told_once
    def show(self, value, *, raises=None):
        """Show a value."""
        self.calls.append(value)
        if raises is not None:
            raise raises

    def _fail(self, error):
        self._has_failed = True
        self.errors.append(error)


def test_after_the_first_failure_nothing_is_called():
    view, error = View(), OSError("gone")
    view.show(1)
    view.show(2, raises=error)
    view.show(3)
    assert (view.calls, view.errors) == ([1, 2], [error])
    assert View.show.__doc__ == "Show a value."


def test_ctrl_c_is_no_failure_of_a_view():
    view = View()
    with pytest.raises(KeyboardInterrupt):
        view.show(1, raises=KeyboardInterrupt())
    assert view.errors == []


def test_the_reason_is_told_also_if_warnings_are_errors(capsys):
    told = "The live view has failed: OSError: gone. The training goes on without it."
    with pytest.warns(UserWarning) as caught:
        warn_of_failure(OSError("gone"))
    assert [str(each.message) for each in caught] == [told]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_failure(OSError("gone"))
    assert capsys.readouterr().err == told + "\n"

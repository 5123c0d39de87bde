"""Ctrl-C is held, then let through; nothing is lost on the way."""

import signal
import threading

import pytest

from lr_finder.training.preserving.interrupts import HeldInterrupt


def press():
    signal.raise_signal(signal.SIGINT)


def test_a_signal_waits_for_the_check():
    done = []
    with pytest.raises(KeyboardInterrupt):
        with HeldInterrupt() as interrupt:
            press()
            done.append("whole")
            interrupt.check()
            done.append("never")
    assert done == ["whole"]


def test_a_signal_is_raised_on_exit_at_the_latest():
    done = []
    with pytest.raises(KeyboardInterrupt):
        with HeldInterrupt():
            press()
            done.append("whole")
    assert done == ["whole"]


def test_ctrl_c_wins_over_an_error_inside():
    with pytest.raises(KeyboardInterrupt) as caught:
        with HeldInterrupt():
            press()
            raise RuntimeError("the fit failed")
    assert isinstance(caught.value.__context__, RuntimeError)


def test_without_a_signal_nothing_happens_and_errors_pass():
    before = signal.getsignal(signal.SIGINT)
    with HeldInterrupt() as interrupt:
        assert signal.getsignal(signal.SIGINT) is not before
        interrupt.check()
    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(RuntimeError):
        with HeldInterrupt():
            raise RuntimeError
    assert signal.getsignal(signal.SIGINT) is before


def test_a_handler_of_ones_own_is_called():
    calls = []
    before = signal.signal(signal.SIGINT, lambda *args: calls.append(args))
    try:
        with pytest.raises(KeyboardInterrupt):
            with HeldInterrupt():
                press()
                assert calls == []
    finally:
        signal.signal(signal.SIGINT, before)
    assert calls[0][0] == signal.SIGINT


def test_contexts_can_be_nested():
    with pytest.raises(KeyboardInterrupt):
        with HeldInterrupt() as outer:
            with pytest.raises(KeyboardInterrupt):
                with HeldInterrupt():
                    press()
            outer.check()


def test_a_program_that_ignores_ctrl_c_goes_on_ignoring_it():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with HeldInterrupt() as interrupt:
            press()
            interrupt.check()
    finally:
        signal.signal(signal.SIGINT, before)
    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_leaves_the_signal_alone():
    before = signal.getsignal(signal.SIGINT)
    found = []

    def work():
        with HeldInterrupt() as interrupt:
            interrupt.check()
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [before]

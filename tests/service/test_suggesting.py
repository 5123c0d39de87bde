"""The processes that read curves: what one takes is not taken from the service."""

import dataclasses

import pytest

from lr_finder.service.refused import Refusal
from lr_finder.service.service_settings import Limits
from lr_finder.service.suggesting import SuggestionPool

CURVE = {
    "learning_rates": [10 ** (i / 10 - 6) for i in range(70)],
    "losses": [2 / (1 + 10 ** (i / 10 - 3)) + 10 ** (i / 5 - 12) for i in range(70)],
    "optimizer": None, "method": "valley",
}  # fmt: skip
ROWS = 19_000
BOMB = b"lr,loss,repeat\n" + b"".join(b"%d,1,%d\n" % (i, i) for i in range(1, ROWS))


@pytest.fixture(scope="module")
def pool():
    made = SuggestionPool(dataclasses.replace(Limits(), suggestions=2))
    yield made
    made.close()


def ask(pool):
    return pool.submit({"curve": CURVE}).result()


def test_more_than_may_wait_are_refused(pool):
    first = [pool.submit({"curve": CURVE}) for _ in range(2)]
    with pytest.raises(Refusal, match="Too many") as refused:
        pool.submit({"curve": CURVE})
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "1")
    rates = {each.result()["lr"] for each in first}
    assert len(rates) == 1 and ask(pool)["lr"] in rates


def test_a_curve_that_would_fill_the_memory_is_an_error(pool):
    """A table of 250 kB with 19,000 repeats would take 2.7 GiB."""
    told = pool.submit({"asked": {}}, BOMB).result()
    assert told["error"]["type"] == "OutOfMemory"
    assert ask(pool)["method"] == "valley"


def test_a_process_that_was_killed_is_replaced(pool):
    ask(pool)
    for process in pool._begun_so_far:
        process.kill()
        process.wait()
    assert ask(pool)["method"] == "valley"


def test_a_curve_that_takes_too_long_is_given_up(pool, monkeypatch):
    ask(pool)
    limits = dataclasses.replace(pool._limits, suggestion_seconds=0.001)
    monkeypatch.setattr(pool, "_limits", limits)
    with pytest.raises(Refusal, match=r"within 0\.001 seconds") as refused:
        ask(pool)
    assert refused.value.status == 422
    monkeypatch.undo()
    assert ask(pool)["method"] == "valley"


def test_after_its_end_nothing_is_answered():
    pool = SuggestionPool(Limits())
    pool.close()
    with pytest.raises(Refusal) as refused:
        pool.submit({"curve": CURVE})
    assert refused.value.status == 503

"""The rate of a training: how long it is looked for, and what is made of the answer."""

import keras
import pytest

from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.errors import SuggestionError
from lr_finder.training.one_call import rate as module
from lr_finder.training.one_call.arguments import FitArguments
from lr_finder.training.one_call.rate import RateSearch, rate_not_searched
from lr_finder.training.one_call.training_rows import rows_of
from lr_finder.training.searching import Found

from .conftest import BATCHES, OWN, SIZE, X, Y, make_classifier, make_model

pytestmark = pytest.mark.training


def asked(monkeypatch, model=None, answer=None, **options):
    """What a search is asked for, without making it; it answers by an error."""
    seen = {}

    def search(model, data, *, settings, listeners):
        seen.update(data=data, settings=settings)
        swept = rate_not_searched(model, 0.1, "given", "").sweep
        listeners.sweep(swept)
        if isinstance(answer, Exception):
            raise answer
        listeners.suggestion(answer)
        return Found(swept, answer)

    monkeypatch.setattr(module, "search", search)
    ours = {name: options.pop(name) for name in ("verify", "seed") if name in options}
    given = FitArguments(X, Y, **{"batch_size": SIZE, "epochs": 10} | options)
    found = RateSearch(model or make_model(), given, rows_of(given), **ours).find()
    return seen.get("settings"), found


GOOD = Suggestion(0.05, 0.02, 0.1, "window")


@pytest.mark.parametrize(
    "epochs, steps", [(8, None), (9, 108), (16, 192), (17, 200), (500, 200)]
)
def test_a_sweep_has_the_steps_of_the_training_up_to_200(monkeypatch, epochs, steps):
    settings, found = asked(monkeypatch, answer=GOOD, epochs=epochs)
    assert (settings and settings.sweep["steps"]) == steps
    assert found.lr == (0.05 if steps else OWN)


def test_steps_are_those_of_the_optimizer(monkeypatch):
    optimizer = keras.optimizers.SGD(OWN, gradient_accumulation_steps=4)
    settings, _ = asked(monkeypatch, make_model(optimizer), GOOD, epochs=40)
    assert settings.sweep["steps"] == 40 * BATCHES // 4
    settings, _ = asked(monkeypatch, make_model(optimizer), GOOD, epochs=33)
    assert settings is None  # 99 of them


def test_what_is_given_reaches_the_search(monkeypatch):
    settings, found = asked(
        monkeypatch, make_classifier(), GOOD, verify=True, seed=5,
        class_weight={0: 2.0, 1: 1.0}, epochs=20,
    )  # fmt: skip
    assert settings.class_weight == {0: 2.0, 1: 1.0}
    assert (settings.seed, settings.batch_size) == (5, SIZE)
    assert settings.budget_steps == 20 * BATCHES
    assert found.suggestion == GOOD
    settings, _ = asked(monkeypatch, answer=GOOD)
    assert settings.budget_steps is None


@pytest.mark.parametrize("kind", ["never_descended", "barely_descended"])
def test_a_loss_that_hardly_falls_leaves_the_rate_of_the_model(monkeypatch, kind):
    text = f"{kind}: the loss fell by 0.01; sweep more steps"
    doubtful = Suggestion(0.05, 0.02, 0.1, "window", (text,))
    _, found = asked(monkeypatch, answer=doubtful)
    assert found.lr == OWN and found.error.reason == kind
    (warning,) = found.suggestion.warnings
    assert warning.startswith("own_rate: the search found no rate (the loss fell by")
    other = Suggestion(0.05, 0.02, 0.1, "window", ("narrow: of little room; sweep",))
    assert asked(monkeypatch, answer=other)[1].lr == 0.05


def test_an_error_of_the_reading_leaves_the_rate_of_the_model(monkeypatch):
    error = SuggestionError("It blew up. Scale it.", reason="x", counts={"n": 1})
    _, found = asked(monkeypatch, answer=error)
    assert found.lr == OWN and found.error is error
    assert "(It blew up)" in found.suggestion.warnings[0]


def test_a_finding_without_a_sweep_says_where_its_rate_is_from():
    finding = rate_not_searched(
        make_model(), 0.1, "given", "The rate is the one given."
    )
    assert finding.lr == 0.1 and "The rate is the one given." in str(finding)
    told = finding.to_dict()
    assert told["suggestion"]["method"] == "given" and told["points"] == 0

"""Verification against closed forms, and what it leaves behind: nothing."""

import signal
import types

import keras
import numpy as np
import pytest

from lr_finder._text import format_rate
from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.analysis.verification.effort import plan_steps
from lr_finder.cli import app
from lr_finder.cli.shared.wording import in_options, words_of
from lr_finder.errors import InputError, ModelError, SuggestionError
from lr_finder.training import verification
from lr_finder.training.preserving.variables import host_copy
from lr_finder.training.sweep import sweep
from lr_finder.training.verification import verify

from .conftest import assert_same_outcome, make_data, make_model, outcome_of_fit
from .feeding.test_batch_sources import SOURCES
from .test_optimizers import build, rows
from .test_sweep import RaisesAt, Traced, interrupt, least_squares

pytestmark = pytest.mark.training

CURVATURES = np.array([1.0, 0.25])  # best rate 2 / (1 + 0.25) = 1.6, diverges from 2 on
TRIED = [0.1, 0.4, 1.6, 3.2]


def exact_losses(lr, steps):
    """Gradient descent on a quadratic: each weight shrinks by (1 - lr * curvature)."""
    weights = (1 - lr * CURVATURES) ** np.arange(steps)[:, None]
    return np.sum(CURVATURES * weights**2, axis=1) / 2


def answer_of(losses, lengths):
    """The mean of log(lr) by hand, of candidates that made so many steps."""
    longest = max(lengths.values())
    best = min((lr for lr in lengths if lengths[lr] == longest),
               key=lambda lr: mark(losses[lr][:longest]))  # fmt: skip
    start = np.median(losses[min(lengths)][:5])
    weights = {}
    for lr, count in lengths.items():
        one, other = mark(losses[lr][:count]), mark(losses[best][:count])
        share = np.log(one / other) / np.log(start / other)
        weights[lr] = 1 / (1 + 10 * max(0, share))
    logs = sum(w * np.log(lr) for lr, w in weights.items())
    return np.exp(logs / sum(weights.values()))


def mark(losses):
    return np.mean(losses) / 2 + np.median(losses[-max(3, -(-len(losses) // 3)) :]) / 2


def variables_of(model):
    return [host_copy(v) for v in [*model.variables, *model.optimizer.variables]]


# ---------------------------------------------------------------- what it finds


def test_what_the_best_has_reached_is_kept_on_request_and_the_model_untouched():
    """Full batches, so that a short training is a `fit` of as many epochs."""
    kept = []
    model, x, y = least_squares(CURVATURES)
    before = variables_of(model)
    found = verify(model, x, y, 0.4, budget_steps=200, candidates=TRIED, batch_size=8,
                   seed=0, keep=kept.append)  # fmt: skip
    for variable, value in zip(variables_of(model), before, strict=True):
        np.testing.assert_array_equal(variable, value)
    (head_start,) = kept
    made = len(found.losses[found.winner])
    assert (head_start.lr, head_start.batches) == (found.winner, made)
    other, _, _ = least_squares(CURVATURES)
    other.optimizer.learning_rate = found.winner
    other.fit(x, y, batch_size=8, epochs=made, shuffle=False, verbose=0)
    head_start.put(model)
    for one, two in zip(model.weights, other.weights, strict=True):
        np.testing.assert_allclose(np.array(one), np.array(two), rtol=1e-5, atol=1e-7)
    assert int(model.optimizer.iterations) == made


def test_the_answer_follows_from_the_exact_losses_of_least_squares():
    model, x, y = least_squares(CURVATURES)
    found = verify(model, x, y, 0.4, budget_steps=200, candidates=TRIED, batch_size=8,
                   seed=0)  # fmt: skip
    assert found.winner == 1.6
    assert found.low < found.lr < found.high
    exact = {lr: exact_losses(lr, len(made)) for lr, made in found.losses.items()}
    for lr, losses in found.losses.items():
        np.testing.assert_allclose(losses, exact[lr], rtol=2e-3, atol=1e-8)
    lengths = {lr: len(exact[lr]) for lr in TRIED if lr != 3.2}
    assert found.lr == pytest.approx(answer_of(exact, lengths), rel=1e-3)
    frame = found.to_frame()
    assert frame.loc[frame["lr"] == 3.2, "status"].tolist() == ["diverged"]
    assert frame["status"].tolist().count("winner") == 1
    assert found.suggestion.method == "given, verified"


def test_the_answer_was_trained_and_stands_in_the_table_as_in_json():
    model, x, y = least_squares(CURVATURES)
    found = verify(model, x, y, 0.4, budget_steps=400, candidates=TRIED, batch_size=8,
                   seed=0)  # fmt: skip
    answer = next(row for row in found.table if row.status == "answer")
    exact = exact_losses(found.lr, answer.steps)
    assert answer.lr == found.lr and found.winner != found.lr
    np.testing.assert_allclose(found.losses[found.lr], exact, rtol=2e-3, atol=1e-8)
    assert answer.loss == pytest.approx(mark(exact), rel=2e-3)
    assert found.to_frame().to_dict("records") == [
        row | {"validation_loss": pytest.approx(np.nan, nan_ok=True)}
        for row in found.to_dict()["table"]
    ]
    assert found.steps == sum(map(len, found.losses.values()))
    assert set(found.losses) == {row.lr for row in found.table}


def test_twice_the_answer_tells_where_instability_is():
    model, x, y = least_squares(CURVATURES)
    found = verify(model, x, y, 0.4, budget_steps=400, candidates=[1.4, 1.6],
                   batch_size=8)  # fmt: skip
    assert 1 < found.lr < 1.7  # from 2 on it diverges
    assert found.stability.lr == 2 * found.lr and found.stability.has_diverged
    doubt = next(d for d in found.warnings if d.startswith("near_instability"))
    assert doubt.endswith(f"or take {format_rate(found.lr / 2)}")

    calm = verify(model, x, y, 0.9, budget_steps=600, candidates=[0.4, 0.9, 1.9],
                  batch_size=8)  # fmt: skip
    steps = min(len(calm.losses[lr]) for lr in (calm.lr, calm.stability.lr))
    assert not calm.stability.has_diverged and steps > 10
    at = slice(-int(np.ceil(steps / 3)), None)
    ratio = np.median(exact_losses(2 * calm.lr, steps)[at]) / np.median(
        exact_losses(calm.lr, steps)[at]
    )
    assert calm.stability.loss_ratio == pytest.approx(ratio, rel=1e-3)


def test_twice_the_answer_is_not_tried_where_a_candidate_has_been_there():
    model, x, y = least_squares(CURVATURES)
    # Too slow to tell them apart: two lower ones are tried, the middle is the answer.
    found = verify(model, x, y, 1e-9, budget_steps=200, candidates=[5e-10, 1e-9, 2e-9],
                   batch_size=8)  # fmt: skip
    assert found.lr == pytest.approx(5e-10, rel=0.02)
    assert found.stability.lr == 1e-9
    assert found.steps == sum(map(len, found.losses.values()))


def test_a_suggestion_keeps_its_warnings_and_an_edge_gets_one():
    model, x, y = least_squares(CURVATURES)
    given = Suggestion(
        1e-3, 8e-4, 1.2e-3, "window", ("noisy: much, or verify the rate",)
    )
    found = verify(model, x, y, given, budget_steps=200, batch_size=8)
    assert found.suggestion.method == "window, verified"
    assert found.warnings[0] == "noisy: much"
    assert found.lr > given.lr  # every higher one is better here
    doubt, best = found.warnings[1], format_rate(found.winner)
    assert doubt.startswith(f"edge_of_candidates: {best}, the highest rate tried")
    beyond = format_rate(4 * found.winner)
    assert f"verify around {beyond}, four times that, by lr_finder.verify(" in doubt
    assert f"compare SOURCE --lr {best},{beyond}" in doubt


def test_the_validation_loss_decides_on_request():
    """Held-out targets that only the lowest rate stays near to."""
    model, x, y = least_squares(CURVATURES)
    settings = {"budget_steps": 200, "candidates": [0.1, 0.4, 0.8], "batch_size": 8}
    held_out = (x, x.sum(axis=1))
    plain = verify(model, x, y, 0.4, validation_data=held_out, **settings)
    other = verify(model, x, y, 0.4, validation_data=held_out, judge="validation",
                   **settings)  # fmt: skip
    assert plain.winner >= 0.8 and other.winner <= 0.1
    assert other.lr < 0.4 < plain.lr
    for row in [row for row in plain.table if row.status != "diverged"]:
        weights = (1 - row.lr * CURVATURES) ** row.steps
        exact = np.sum(CURVATURES * (1 - weights) ** 2) / 2
        assert row.validation_loss == pytest.approx(exact, rel=1e-3)


def test_where_every_candidate_diverges_there_is_no_rate():
    model, x, y = least_squares(CURVATURES)
    before = variables_of(model)
    with pytest.raises(SuggestionError, match="all of which diverged"):
        verify(model, x, y, 1e6, budget_steps=200, batch_size=8)
    np.testing.assert_equal(variables_of(model)[: len(before)], before)


# ---------------------------------------------------------------- what it costs


class Counting(keras.callbacks.Callback):
    batches = 0

    def on_train_batch_end(self, batch, logs=None):
        self.batches += 1


@pytest.mark.few(1)
@pytest.mark.parametrize("budget", [55, 150, 301])
def test_no_more_steps_than_promised(budget):
    model, (x, y), count = make_model(), make_data(), Counting()
    found = verify(model, x, y, 1e-2, budget_steps=budget, batch_size=16, seed=1,
                   callbacks=[count])  # fmt: skip
    assert count.batches == found.steps <= plan_steps(budget)[1] <= 0.6 * budget


@pytest.mark.few(1)
@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
def test_nothing_is_traced_for_a_candidate(warm):
    """As many calls of a layer as a sweep needs, however many rates are tried."""

    def traces(candidates, budget):
        calls = []
        layer = Traced()
        model = keras.Sequential([keras.Input((6,)), layer, keras.layers.Dense(4)])
        model.compile("adam", "mse")
        x = np.ones((64, 6), "float32")
        if warm:
            model.fit(x, x[:, :4], batch_size=16, verbose=0)
        layer.on_call = lambda: calls.append(1)
        verify(model, x, x[:, :4], 1e-3, budget_steps=budget, candidates=candidates,
               batch_size=16)  # fmt: skip
        during = len(calls)
        model.fit(x, x[:, :4], batch_size=16, verbose=0)
        return during, len(calls)

    if keras.backend.backend() == "torch":
        pytest.skip("runs each step eagerly")
    few, many = traces([1e-3, 2e-3], 60), traces([1e-4, 2e-4, 1e-3, 2e-3, 3e-3], 200)
    assert few == many
    # The fit that follows a cold model's verification traces for itself.
    assert few[0] == 0 or not warm or keras.backend.backend() == "jax"


# ---------------------------------------------------------------- what it leaves


def succeed(model):
    verify(model, *make_data(), 1e-2, budget_steps=100, batch_size=16, seed=0)


def diverge(model):
    verify(model, *make_data(), 1.0, budget_steps=100, batch_size=16, seed=0,
           candidates=[1e-2, 1e-1, 1e3, 1e6])  # fmt: skip


def meet_nan(model):
    weights = np.full(100, np.nan)
    with pytest.raises(InputError, match="`sample_weight` must hold finite"):
        verify(model, *make_data(), 1e-2, sample_weight=weights, budget_steps=100)


def fail(model):
    def explode():
        raise RuntimeError("in the middle of fit")

    with pytest.raises(RuntimeError, match="in the middle"):
        verify(model, *make_data(), 1e-2, budget_steps=100, batch_size=16,
               callbacks=[RaisesAt(5, explode)])  # fmt: skip


def press_ctrl_c(model):
    class Second(keras.callbacks.Callback):
        fits = 0

        def on_train_begin(self, logs=None):
            self.fits += 1
            if self.fits == 3:
                interrupt()

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        verify(model, *make_data(), 1e-2, budget_steps=100, batch_size=16,
               callbacks=[Second()])  # fmt: skip
    assert signal.getsignal(signal.SIGINT) is before


@pytest.fixture(scope="module")
def expected():
    cold = make_model()
    return {False: outcome_of_fit(cold), True: outcome_of_fit(cold)}


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
@pytest.mark.parametrize("event", [succeed, diverge, meet_nan, fail, press_ctrl_c])
@pytest.mark.few(2)
def test_a_fit_afterwards_is_bit_identical(expected, event, warm):
    model = make_model()
    if warm:
        outcome_of_fit(model)
    event(model)
    assert_same_outcome(outcome_of_fit(model), expected[warm])


# ---------------------------------------------------------------- what it takes


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.few(2)
def test_every_source_gives_each_rate_the_same_batches(source):
    """At a rate that moves nothing, all candidates see the same losses."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((6,)), keras.layers.Dense(4, activation="softmax")]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    before = variables_of(model)
    found = verify(model, SOURCES[source](), None, 1e-12, budget_steps=91, seed=0)
    curves = sorted(found.losses.values(), key=len)
    assert len(curves) >= 3 and np.std(curves[-1]) > 0
    for curve in curves:
        np.testing.assert_allclose(curve, curves[-1][: len(curve)], rtol=1e-6)
    np.testing.assert_equal(variables_of(model)[: len(before)], before)


def test_a_seed_reproduces_and_another_does_not():
    def run(seed):
        model, (x, y) = make_model(), make_data()
        found = verify(model, x, y, 1e-2, budget_steps=120, batch_size=16, seed=seed)
        return found.to_dict(), np.concatenate(list(found.losses.values()))

    one, again, other = run(4), run(4), run(5)
    assert one[0] == again[0]
    np.testing.assert_array_equal(one[1], again[1])
    assert not np.array_equal(one[1], other[1])


def test_candidates_go_on_from_where_they_were():
    """Momentum, iteration and Dropout's state too: one training of the same length."""
    x, y = make_data()
    found = verify(make_model(), x, y, 1e-2, budget_steps=200, batch_size=16, seed=2,
                   candidates=[1e-3, 2e-3, 1e-2])  # fmt: skip
    longest = max(map(len, found.losses.values()))
    lr = max(found.losses, key=lambda rate: len(found.losses[rate]))
    rows = [row.steps for row in found.table if row.lr == lr]
    assert len(rows) > 1 and rows[-1] == longest
    single = verify(make_model(), x, y, lr, budget_steps=1000, batch_size=16, seed=2,
                    candidates=[lr, 1e-6])  # fmt: skip
    whole = single.losses[lr]
    assert len(whole) > rows[0]
    np.testing.assert_allclose(found.losses[lr][: rows[0]], whole[: rows[0]], rtol=1e-5)


def test_a_schedule_comes_back_as_the_same_object():
    model, x, y = least_squares(CURVATURES)
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    model.compile(keras.optimizers.SGD(schedule), "mse")
    found = verify(model, x, y, 0.4, budget_steps=200, candidates=TRIED, batch_size=8)
    assert found.winner == 1.6
    assert model.optimizer._learning_rate is schedule


def test_a_step_is_one_of_the_optimizer():
    model, x, y = least_squares(CURVATURES)
    model.compile(keras.optimizers.SGD(gradient_accumulation_steps=3), "mse")
    count = Counting()
    found = verify(model, x, y, 0.4, budget_steps=200, candidates=[0.1, 0.4, 1.6],
                   batch_size=8, callbacks=[count])  # fmt: skip
    assert found.winner == 1.6
    assert found.steps <= 120 and count.batches <= 3 * found.steps
    losses = found.losses[0.1]
    np.testing.assert_allclose(losses, exact_losses(0.1, len(losses)), rtol=1e-3)


WITH_A_STATE = [
    "ScheduleFreeAdamW", "Adam-ema", "groups-function", "groups-accumulation",
    "mixed_float16-overflow", "Muon", "Adam-ema_overwrite", "loss_scale-schedule",
]  # fmt: skip


@pytest.mark.parametrize("case", rows(WITH_A_STATE, slow=WITH_A_STATE[5:]))
@pytest.mark.few(1)
def test_optimizers_with_a_state_of_their_own_are_put_back(case):
    expected = outcome_of_fit(build(case))
    model = build(case)
    found = verify(model, *make_data(), 1e-2, budget_steps=91, batch_size=16, seed=0)
    assert len(found.losses) >= 3
    assert_same_outcome(outcome_of_fit(model), expected)


def test_groups_that_turn_out_to_accumulate_are_refused():
    optimizer = keras.optimizers.SGD(gradient_accumulation_steps=3)
    model, x, y = least_squares(CURVATURES)
    model.compile(keras.optimizers.MultiOptimizer(lambda variable: optimizer), "mse")
    with pytest.raises(ModelError, match=r"optimizer\.build"):
        verify(model, x, y, 0.1, budget_steps=200)


def test_groups_keep_their_ratio():
    model, x, y = least_squares(CURVATURES)
    slow, fast = keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.4)
    groups = keras.optimizers.OptimizerMap(slow, {".*kernel": fast})
    model.compile(keras.optimizers.MultiOptimizer(groups), "mse")
    found = verify(model, x, y, 0.1, budget_steps=200, candidates=[0.05, 0.1, 0.4],
                   batch_size=8)  # fmt: skip
    losses = found.losses[0.1]
    np.testing.assert_allclose(losses, exact_losses(0.4, len(losses)), rtol=1e-3)


# ---------------------------------------------------------------- what it refuses


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"suggestion": None}, "suggestion"),
        ({"suggestion": -1.0}, "suggestion"),
        ({"suggestion": "0.1x"}, "suggestion"),
        ({"budget_steps": 10}, "budget_steps"),
        ({"budget_steps": 0}, "budget_steps"),
        ({"budget_steps": None}, "budget_steps"),
        ({"candidates": [0.1]}, "candidates"),
        ({"candidates": [0.1, float("nan")]}, "candidates"),
        ({"candidates": 3}, "candidates"),
        ({"judge": "both"}, "judge"),
        ({"judge": "validation"}, "judge"),
        ({"seed": -1}, "seed"),
        ({"batch_size": 0}, "batch_size"),
        ({"y": None}, "y"),
        ({"callbacks": [3]}, "callbacks"),
        ({"group": 0}, "group"),
    ],
)
def test_bad_arguments_are_named_and_nothing_is_touched(arguments, named):
    model, x, y = least_squares(CURVATURES)
    before = variables_of(model)
    given = {"x": x, "y": y, "suggestion": 0.1, "budget_steps": 200} | arguments
    with pytest.raises(InputError, match=rf"`?{named}`?.*Received"):
        verify(model, **given)
    np.testing.assert_equal(variables_of(model), before)


def test_a_model_that_is_not_compiled_is_refused():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    with pytest.raises(ModelError, match="compiled"):
        verify(model, np.ones((4, 1)), np.ones(4), 0.1, budget_steps=200)


# ---------------------------------------------------------------- its doubts


def negative_mean(y_true, y_pred):
    return -keras.ops.mean(y_pred, axis=-1)


def test_a_critic_has_no_best_rate():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
    model.compile("sgd", negative_mean)
    x = make_data()[0]
    targets = np.zeros(len(x))
    with pytest.raises(SuggestionError, match="without bound") as caught:
        sweep(model, x, targets, seed=0, verbose=0).suggest()
    assert caught.value.reason == "unbounded"
    found = verify(model, x, targets, 0.1, budget_steps=100, seed=0)
    assert any(doubt.startswith("unbounded: ") for doubt in found.warnings)


def test_a_wide_interval_of_the_sweep_is_told_of_no_more_if_it_is_narrow():
    model, x, y = least_squares(CURVATURES)
    given = Suggestion(
        0.4, 1e-3, 10.0, "window", ("wide: 4 decades; sweep", "edge: x; y")
    )
    found = verify(model, x, y, given, budget_steps=200, candidates=TRIED, batch_size=8,
                   seed=0)  # fmt: skip
    kinds = [doubt.split(":")[0] for doubt in found.warnings]
    assert "edge" in kinds
    assert found.high / found.low < 100 and "wide" not in kinds


def test_a_wide_interval_of_the_verification_is_told_of():
    """At rates that move nothing, all are equal: the interval spans all candidates."""
    model, x, y = least_squares(CURVATURES)
    found = verify(model, x, y, 1e-6, budget_steps=200, batch_size=8, seed=0,
                   candidates=[1e-14, 1e-12, 1e-10, 1e-8])  # fmt: skip
    assert found.high / found.low > 100
    assert any(doubt.startswith("wide: ") for doubt in found.warnings)


def test_losses_that_are_mostly_0_are_no_divergence():
    """A hinge loss of a good model: every rate was called diverged."""
    x = np.random.default_rng(0).normal(size=(640, 4)).astype("float32")
    y = np.sign(x[:, 0])
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "hinge")
    model.set_weights([np.array([[50.0], [0], [0], [0]], "float32"), np.zeros(1)])
    result = sweep(model, x, y, seed=0, verbose=0)
    assert np.mean(result.losses == 0) > 0.5
    assert result.stop_reason == "completed"
    found = verify(model, x, y, 1e-3, budget_steps=300, seed=0)
    trained = {row.lr: row.loss for row in found.table if row.status != "diverged"}
    assert len(trained) >= 3 and all(loss >= 0 for loss in trained.values())


@pytest.mark.parametrize(
    ("ratio", "raised_from", "kinds"),
    [
        (0.8, None, []),
        (0.3, None, ["higher_better"]),
        (0.0, None, ["higher_better"]),
        (None, 0.05, ["higher_untried"]),
    ],
)
def test_a_higher_rate_that_trains_better_is_warned_of(ratio, raised_from, kinds):
    twice = None if ratio is None else 0.2
    settled = types.SimpleNamespace(
        lr=0.1, low=0.05, high=0.2, twice=twice, ratio=ratio, diverged=frozenset(),
        raised_from=raised_from, losses={0.1: np.ones(20), 0.2: np.ones(20)},
    )  # fmt: skip
    found = types.SimpleNamespace(edge=None)
    doubts = verification._doubts(Suggestion(0.1, 0.05, 0.2, "window"), found, settled)
    assert [text.split(":")[0] for text in doubts] == kinds
    with words_of(app, ["find"]):  # each names what a person can do, here as there
        assert all("more --budget-steps" in in_options(text) for text in doubts)

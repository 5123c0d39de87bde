"""`lr_finder.fit`: beside Keras' own `fit`, at the same rates, to the last bit."""

import inspect
import signal

import keras
import numpy as np
import pytest

from lr_finder import schedules as s
from lr_finder.errors import InputError, ModelError
from lr_finder.schedules.named import spanning
from lr_finder.training import searching
from lr_finder.training.one_call.fit import fit
from lr_finder.training.optimizer_rates import current_rate
from lr_finder.training.scheduling.cooldown import Cooldown
from lr_finder.training.scheduling.keras_schedules import to_keras
from lr_finder.training.watching.guard import DivergenceGuard
from lr_finder.training.watching.trackers import LearningRateTracker

from ..scheduling.conftest import assert_same, weights
from .conftest import (
    BACKEND,
    BATCHES,
    CLASSES,
    EPOCHS,
    OWN,
    SIZE,
    STEPS,
    Batches,
    X,
    Y,
    by_keras,
    dataset,
    endless,
    make_classifier,
    make_model,
    of_unknown_length,
    once,
    outcome,
    trained,
)

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore:Your input ran out of data"),
    pytest.mark.filterwarnings("ignore:.*`shuffle=True` was passed"),
]

LR = 0.05
TF_ONLY = pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.data is TensorFlow's")


def test_the_signature_is_that_of_fit_with_keyword_only_arguments_after_it():
    theirs = dict(inspect.signature(keras.Model.fit).parameters)
    mine = dict(inspect.signature(fit).parameters)
    del theirs["self"], mine["model"]
    ours = {"learning_rate": None, "schedule": "default", "verify": False,
            "groups": None, "seed": None}  # fmt: skip
    assert list(mine) == [*theirs, *ours]
    for name, parameter in theirs.items():
        assert mine[name].default == parameter.default, name
        assert mine[name].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    for name, default in ours.items():
        assert mine[name].default == default
        assert mine[name].kind is inspect.Parameter.KEYWORD_ONLY


# ----------------------------------------------------------- beside Keras, bit by bit

WEIGHTS = np.linspace(0.5, 2.0, len(X)).astype("float32")
FORMS = {
    "arrays": lambda: {},
    "not_shuffled": lambda: {"shuffle": False},
    "split": lambda: {"validation_split": 0.25, "sample_weight": WEIGHTS},
    "validated": lambda: {"validation_data": (X, Y), "validation_freq": 3},
    "later": lambda: {"initial_epoch": 4},
    "part_of_an_epoch": lambda: {"steps_per_epoch": 7},
    "pydataset": lambda: {"data": {"x": Batches()}},
    "generator": lambda: {"data": endless()},
    "pandas": lambda: {"data": as_frames()},
    "list": lambda: {"callbacks": keras.callbacks.TerminateOnNaN()},
}
TF_FORMS = {
    "dataset": lambda: {"data": {"x": dataset()}},
    "repeated": lambda: {"data": {"x": dataset().repeat(), "steps_per_epoch": 9}},
}
STEPS_OF = {"split": 9 * EPOCHS, "part_of_an_epoch": 7 * EPOCHS, "repeated": 90}


def as_frames():
    import pandas as pd

    return {"x": pd.DataFrame(X), "y": pd.Series(Y[:, 0]), "batch_size": SIZE}


def options_of(name):
    return (FORMS | TF_FORMS)[name]()


@pytest.mark.few(2)
@pytest.mark.parametrize(
    "name", [*FORMS, *(pytest.param(name, marks=TF_ONLY) for name in TF_FORMS)]
)
def test_at_a_given_rate_it_is_fit_with_the_schedule(name):
    model, plain = make_model(), make_model(keras.optimizers.SGD(LR, 0.9))
    history = trained(model, learning_rate=LR, schedule="cosine", **options_of(name))
    options = options_of(name)
    expected = by_keras(
        plain, LR, options.pop("data", None), "cosine", STEPS_OF.get(name, STEPS),
        **listed(options),
    )  # fmt: skip
    assert history.history == expected.history
    assert history.epoch == expected.epoch
    assert_same(outcome(model), outcome(plain))
    assert history.finding.lr == LR


def listed(options):
    one = options.get("callbacks")
    return options if one is None else options | {"callbacks": [one]}


@pytest.mark.few(4)
@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize(
    "name",
    ["arrays", "split", "pydataset", "generator",
     pytest.param("dataset", marks=TF_ONLY)],
)  # fmt: skip
def test_a_sweep_before_it_changes_nothing(name, warm):
    """The rate found, and then the very training that Keras makes at that rate."""
    model, plain = make_model(), make_model()
    if warm:  # traced and built, though hardly trained
        for each in (model, plain):
            each.optimizer.learning_rate = 1e-6
            keras.utils.set_random_seed(7)
            each.fit(X, Y, batch_size=SIZE, epochs=1, verbose=0)
    options = options_of(name)
    if name == "split":
        options["batch_size"] = 6  # 12 batches
    history = trained(model, seed=0, **options)
    finding = history.finding
    assert finding.swept.method == "window" and len(finding.sweep.lrs) > 40
    assert current_rate(model.optimizer) == pytest.approx(finding.lr)
    plain.optimizer.learning_rate = finding.lr
    options = options_of(name) | ({"batch_size": 6} if name == "split" else {})
    expected = by_keras(plain, finding.lr, options.pop("data", None), **options)
    assert history.history == expected.history
    assert_same(weights(model), weights(plain))


def test_a_table_in_the_optimizer_makes_the_same_training():
    schedule = s.wsd(LR, STEPS)
    model, plain = make_model(), make_model(keras.optimizers.SGD(to_keras(schedule)))
    model.compile(keras.optimizers.SGD(OWN), "mse")
    history = trained(model, learning_rate=LR, schedule=schedule)
    keras.utils.set_random_seed(7)
    plain_history = plain.fit(X, Y, batch_size=SIZE, epochs=EPOCHS, verbose=0)
    assert history.history == plain_history.history
    assert_same(weights(model), weights(plain))


def test_class_weights_and_classes():
    options = {"data": {"x": X, "y": CLASSES, "batch_size": SIZE},
               "class_weight": {0: 0.5, 1: 3.0}}  # fmt: skip
    model, plain = make_classifier(), make_classifier()
    history = trained(model, seed=0, **options)
    plain.optimizer.learning_rate = history.finding.lr
    expected = by_keras(plain, history.finding.lr, **options)
    assert history.history == expected.history
    assert_same(weights(model), weights(plain))


def test_without_a_schedule_the_rate_is_constant():
    model, plain = make_model(), make_model(keras.optimizers.SGD(LR, 0.9))
    history = trained(model, learning_rate=LR, schedule=None)
    keras.utils.set_random_seed(7)
    expected = plain.fit(X, Y, batch_size=SIZE, epochs=EPOCHS, verbose=0)
    assert history.history == expected.history
    assert_same(outcome(model), outcome(plain))


@pytest.mark.slow
@pytest.mark.skipif(BACKEND == "torch", reason="Keras refuses several steps at once")
def test_several_steps_at_once_are_made_one_by_one_and_come_back():
    model, plain = make_model(steps_per_execution=4), make_model()
    history = trained(model, learning_rate=LR)
    expected = by_keras(plain, LR)
    assert history.history["loss"] == expected.history["loss"]
    assert_same(weights(model), weights(plain))
    assert model.steps_per_execution == 4


# ------------------------------------------------------------------- what it searches


def test_rows_that_are_held_back_are_not_searched():
    """With NaN among them nothing is refused, and the sweep is that of the others."""
    x, y = X.copy(), Y.copy()
    x[72:], y[72:] = np.nan, np.nan
    spoilt = trained(make_model(), {"x": x, "y": y, "batch_size": 6}, seed=0,
                     validation_split=0.25)  # fmt: skip
    alone = trained(make_model(), {"x": X[:72], "y": Y[:72], "batch_size": 6}, seed=0)
    np.testing.assert_array_equal(
        spoilt.finding.sweep.losses, alone.finding.sweep.losses
    )


@pytest.mark.few(1)
@pytest.mark.parametrize("kind", ["sample_weight", "class_weight"])
def test_weights_are_those_of_the_training(kind):
    """Four times the weight is four times the loss of the first step of the sweep."""
    losses = []
    for weight in (1.0, 4.0):
        given = {"sample_weight": np.full(len(X), weight, "float32")}
        if kind == "class_weight":
            given = {"class_weight": {0: weight, 1: weight}}
        data = {"x": X, "y": CLASSES, "batch_size": SIZE}
        history = trained(make_classifier(), data, seed=0, **given)
        losses.append(history.finding.sweep.losses[0])
    assert losses[1] == pytest.approx(4 * losses[0], rel=1e-5)


def test_the_sweep_is_no_longer_than_the_training():
    finding = trained(make_model(), seed=0).finding
    assert finding.sweep.metadata["steps"] == STEPS
    finding = trained(make_model(), seed=0, epochs=40, schedule=None).finding
    assert finding.sweep.metadata["steps"] == 200


@pytest.mark.parametrize("options", [{"epochs": 8}, {"steps_per_epoch": 9}])
def test_a_short_training_keeps_the_rate_of_the_model(options):
    with pytest.warns(UserWarning, match="^own_rate: the training has 9[06] steps"):
        history = trained(make_model(), **options)
    assert history.finding.lr == OWN and len(history.finding.sweep.lrs) == 0
    assert "own_rate" in str(history.finding)


def test_a_warm_model_keeps_its_rate():
    """At the solution of least squares no rate lowers the loss."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    solution = np.linalg.lstsq(np.c_[X, np.ones(len(X))], Y, rcond=None)[0]
    model.set_weights([solution[:3], solution[3]])
    model.compile(keras.optimizers.SGD(3e-4), "mse")
    with pytest.warns(UserWarning) as told:
        history = trained(model, seed=0, verify=True)
    texts = [str(each.message) for each in told]
    (text,) = (each for each in texts if each.startswith("own_rate"))
    assert text.startswith("own_rate: the search found no rate (")
    finding = history.finding
    assert finding.lr == pytest.approx(3e-4) and len(finding.sweep.lrs) > 40
    assert finding.error.reason in ("never_descended", "barely_descended")
    assert finding.verification is None


def test_verify_adds_short_trainings_from_the_weights_given():
    model, plain = make_model(), make_model()
    history = trained(model, seed=0, verify=True, epochs=20)
    verified = history.finding.verification
    assert verified.steps <= 0.6 * 2 * STEPS
    assert history.finding.lr == verified.lr
    plain.optimizer.learning_rate = verified.lr
    expected = by_keras(plain, verified.lr, steps=2 * STEPS, epochs=20)
    assert history.history == expected.history
    assert_same(weights(model), weights(plain))


# ------------------------------------------------------------------ an unknown length


def rates_of(data, **options):
    tracker = LearningRateTracker()
    trained(make_model(), data, callbacks=[tracker], **options)
    return tracker.learning_rates


@TF_ONLY
@pytest.mark.parametrize("first", [0, 3])
def test_the_batches_of_an_epoch_are_counted_in_the_first(first):
    """A constant rate in that epoch; the next one enters the schedule."""
    rates = rates_of(
        {"x": of_unknown_length()}, learning_rate=LR, schedule="linear",
        initial_epoch=first,
    )  # fmt: skip
    line = spanning("linear", LR, STEPS)(range(first * BATCHES, STEPS))
    line[:BATCHES] = LR
    np.testing.assert_allclose(rates, line, rtol=1e-6)


def test_a_single_epoch_of_unknown_length_keeps_a_constant_rate():
    rates = rates_of({"x": once(10)}, learning_rate=LR, schedule="linear", epochs=1)
    np.testing.assert_allclose(rates, [LR] * 10 * BATCHES, rtol=1e-6)


def test_a_generator_that_ends_is_searched_and_trained_on_whole():
    seen = []

    def batches():
        for number, batch in enumerate(once(10)):
            seen.append(number)
            yield batch

    model, plain = make_model(), make_model()
    history = trained(model, {"x": batches()}, epochs=1, seed=0)
    assert seen == list(range(10 * BATCHES))  # each once
    assert history.finding.sweep.metadata["steps"] == STEPS
    plain.optimizer.learning_rate = history.finding.lr
    keras.utils.set_random_seed(7)
    expected = plain.fit(once(10), verbose=0)
    assert history.history == expected.history
    assert_same(weights(model), weights(plain))


@TF_ONLY
def test_data_of_unknown_length_is_counted_for_the_sweep():
    finding = trained(make_model(), {"x": of_unknown_length()}, seed=0).finding
    assert finding.sweep.metadata["steps"] == STEPS
    with pytest.warns(UserWarning, match="own_rate: the training has 96 steps"):
        trained(make_model(), {"x": of_unknown_length()}, epochs=8)


# ---------------------------------------------------------------------- other callbacks


class Seen(keras.callbacks.Callback):
    """What another callback is told of a training."""

    def __init__(self):
        super().__init__()
        self.told = []

    def on_train_begin(self, logs=None):
        self.told.append(("train", dict(self.params) | {"verbose": 0}))

    def on_epoch_begin(self, epoch, logs=None):
        self.told.append(("epoch", epoch))

    def on_train_batch_end(self, batch, logs=None):
        self.told.append((batch, dict(logs)))

    def on_epoch_end(self, epoch, logs=None):
        self.told.append((epoch, dict(logs)))

    def on_train_end(self, logs=None):
        self.told.append("end")


def test_other_callbacks_see_one_ordinary_training():
    mine, theirs = Seen(), Seen()
    history = trained(make_model(), seed=0, callbacks=[mine])
    plain = make_model(keras.optimizers.SGD(history.finding.lr, 0.9))
    by_keras(plain, history.finding.lr, callbacks=[theirs])
    assert mine.told == theirs.told


def stop_after(epochs, **options):
    return keras.callbacks.EarlyStopping(
        "loss", patience=epochs - 1, min_delta=1e9, **options
    )


def test_an_early_stop_cools_down_first():
    tracker = LearningRateTracker()
    history = trained(
        make_model(), learning_rate=LR, epochs=30, callbacks=[stop_after(10), tracker]
    )
    assert history.epoch == list(range(13))
    line = [LR] * (10 * BATCHES) + spanning("linear", LR, 36)(range(36)).tolist()
    np.testing.assert_allclose(tracker.learning_rates, line, rtol=1e-6)


def test_without_a_schedule_an_early_stop_ends_at_once():
    options = {"learning_rate": LR, "epochs": 30, "schedule": None}
    history = trained(make_model(), callbacks=[stop_after(10)], **options)
    assert history.epoch == list(range(10))


def test_the_best_weights_come_back():
    kept = {}
    model = make_model()

    def note(epoch, logs):
        logs["fake"] = abs(epoch - 2)
        kept[epoch] = weights(model)

    fake = keras.callbacks.LambdaCallback(on_epoch_end=note)
    stop = keras.callbacks.EarlyStopping(
        "fake", mode="min", patience=2, restore_best_weights=True
    )
    trained(model, learning_rate=LR, callbacks=[fake, stop])
    assert_same(weights(model), kept[2])


def test_beside_plateaus_there_is_no_schedule():
    plateau = keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=1e9)
    model = make_model()
    history = trained(model, learning_rate=LR, callbacks=[plateau])
    rates = history.history["learning_rate"]
    assert rates[0] == np.float32(LR) and rates[-1] < LR / 100
    assert current_rate(model.optimizer) == LR
    with pytest.raises(InputError, match="must be None beside a callback.*ReduceLROnP"):
        trained(model, learning_rate=LR, callbacks=[plateau], schedule="cosine")


def test_a_guard_of_ones_own_is_not_doubled():
    guard = DivergenceGuard(verbose=0)
    cooldown = Cooldown(0.5)
    history = trained(
        make_model(), learning_rate=LR, callbacks=[guard, stop_after(4), cooldown]
    )
    assert guard.cuts == [] and cooldown.begun == (3, 2)
    assert history.epoch == list(range(6))


# -------------------------------------------------------------------------- afterwards


def test_afterwards_the_optimizer_holds_the_rate_found():
    model = make_model()
    history = trained(model, seed=0)
    assert current_rate(model.optimizer) == pytest.approx(history.finding.lr)


def exploding():
    """Full-batch descent at 3 / curvature: it diverges at once."""
    x = np.ones((8, 1), "float32")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([np.array([[1.0]], "float32")])
    model.compile(keras.optimizers.SGD(1e-3), "mse")
    return model, {"x": x, "y": np.zeros((8, 1), "float32"), "batch_size": 8}


@pytest.mark.few(1)
@pytest.mark.parametrize("schedule", [None, "default"])
def test_the_guard_lowers_the_rate_for_good(schedule, capsys):
    model, data = exploding()
    options = {"learning_rate": 1.5, "epochs": 100}
    with pytest.warns(UserWarning, match="went_back: 1 time; epoch 64, .* 1.5 to 0.5"):
        history = trained(model, data, schedule=schedule, **options)
    assert current_rate(model.optimizer) == pytest.approx(0.5)
    assert [cut.is_finite for cut in history.cuts] == [False]
    assert history.history["loss"][-1] < 1e-3
    assert capsys.readouterr().out == ""
    model, data = exploding()
    with pytest.warns(UserWarning, match="went_back"):
        trained(model, data, **options, verbose=2)
    assert "the loss was not finite; went back" in capsys.readouterr().out


def test_verbose_0_prints_nothing_and_1_says_the_rate(capsys):
    trained(make_model(), seed=0)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")
    trained(make_model(), seed=0, verbose=2)
    assert "Learning rate: " in capsys.readouterr().out


class Interrupt(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if batch == 3:
            signal.raise_signal(signal.SIGINT)


def test_ctrl_c_in_the_search_puts_everything_back(monkeypatch):
    sweep = searching.sweep

    def interrupted(*given, callbacks=(), **options):
        return sweep(*given, callbacks=[*(callbacks or ()), Interrupt()], **options)

    monkeypatch.setattr(searching, "sweep", interrupted)
    model, plain = make_model(), make_model()
    with pytest.raises(KeyboardInterrupt):
        trained(model, seed=0)
    assert current_rate(model.optimizer) == OWN
    for each in (model, plain):
        keras.utils.set_random_seed(7)
        each.fit(X, Y, batch_size=SIZE, epochs=1, verbose=0)
    assert_same(outcome(model), outcome(plain))


def test_ctrl_c_in_the_training_leaves_the_rate_found():
    model = make_model()
    with pytest.raises(KeyboardInterrupt):
        trained(model, learning_rate=LR, schedule="linear", callbacks=[Interrupt()])
    assert current_rate(model.optimizer) == LR


def test_no_epoch_trains_nothing():
    model = make_model()
    before = weights(model)
    history = trained(model, epochs=0)
    assert history.epoch == [] and history.finding.lr == OWN
    history = trained(model, epochs=3, initial_epoch=3)
    assert history.epoch == []
    assert_same(weights(model), before)


def test_a_limit_of_keras_shortens_the_schedule():
    keras.config.set_max_epochs(3)
    keras.config.set_max_steps_per_epoch(4)
    tracker = LearningRateTracker()
    try:
        with pytest.warns(UserWarning, match="Limiting"):
            trained(make_model(), learning_rate=LR, schedule="linear",
                    callbacks=[tracker])  # fmt: skip
    finally:
        keras.config.set_max_epochs(None)
        keras.config.set_max_steps_per_epoch(None)
    line = spanning("linear", LR, 12)(range(12))
    np.testing.assert_allclose(tracker.learning_rates, line, rtol=1e-6)


# ----------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    "options, error, words",
    [
        ({"callbacks": [keras.callbacks.LearningRateScheduler(lambda e: 0.1)]},
         InputError, "no LearningRateScheduler.*schedule="),
        ({"learning_rate": 0.0}, InputError, "`learning_rate` must be a positive"),
        ({"learning_rate": {"body": 0.1}}, InputError,
         "must be a number unless `groups` is given.*'body': 0.1.*Give groups="),
        ({"validation_split": 1.5, "learning_rate": 0.1}, InputError, "below 1"),
        ({"batchsize": 8}, TypeError, "no argument `batchsize`. Did you mean `batch_"),
        ({"schedule": "cosin"}, InputError, "`schedule` must be one of"),
        ({"schedule": s.wsd(0.1, EPOCHS)}, InputError, "steps of the training, not"),
        ({"epochs": 1.5}, InputError, "`epochs`"),
        ({"seed": -1}, InputError, "`seed`"),
        ({"verify": 1}, InputError, "`verify` must be True or False"),
        ({"verify": True, "learning_rate": 0.1}, InputError, "must not come together"),
        ({"callbacks": ["stop"]}, InputError, "`callbacks` must be a list of Keras"),
        ({"validation_split": 1.5}, InputError, "`validation_split`"),
        ({"data": {"x": [[1.0]], "y": Y}}, InputError, "`x` must be an array"),
        ({"data": {"x": once(), "y": Y}}, InputError, "`y` must be None"),
        ({"data": {"x": Batches(), "validation_split": 0.2}}, InputError,
         "`validation_split` must be 0"),
        ({"class_weight": {0: 1.0}, "sample_weight": WEIGHTS}, InputError,
         "must not come together"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_anything_is_touched(options, error, words):
    model = make_model()
    before = outcome(model)
    with pytest.raises(error, match=words):
        trained(model, **options)
    assert_same(outcome(model), before)


def test_a_schedule_of_the_optimizer_is_refused_with_the_line_to_change():
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 9)
    for options in ({}, {"learning_rate": LR}, {"schedule": None}):
        with pytest.raises(ModelError, match=r"Compile with SGD\(learning_rate=0.001"):
            trained(make_model(keras.optimizers.SGD(schedule)), **options)


def test_a_model_that_is_not_compiled_is_refused():
    with pytest.raises(ModelError, match="must be compiled"):
        fit(keras.Sequential([keras.layers.Dense(1)]), X, Y)


@TF_ONLY
def test_several_workers_are_refused():
    class MultiWorkerMirroredStrategy:
        pass

    model = make_model()
    model._distribute_strategy = MultiWorkerMirroredStrategy()
    for options in ({}, {"learning_rate": LR}):
        with pytest.raises(ModelError, match="one process.*MultiWorkerMirrored"):
            trained(model, **options)

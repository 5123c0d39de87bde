"""Sources of batches, swept: which batches, in which order, and what is left behind."""

import threading

import keras
import numpy as np
import pytest

from lr_finder.analysis.sweep.stopping import StopReason
from lr_finder.errors import InputError
from lr_finder.training.feeding import batch_sources
from lr_finder.training.feeding.batch_sources import open_source, source_kind
from lr_finder.training.sweep import sweep

from ..conftest import (
    assert_same_outcome,
    make_data,
    make_model,
    outcome_of_fit,
    still_model,
)

pytestmark = pytest.mark.training

BATCH = 16
X, Y = make_data()  # 100 samples: seven batches, the last of four
BATCHES = [(X[i : i + BATCH], Y[i : i + BATCH]) for i in range(0, len(X), BATCH)]


class Batched(keras.utils.PyDataset):
    """The batches as a PyDataset that keeps a record of what it is asked for."""

    def __init__(self, **options):
        super().__init__(**options)
        self.asked, self.epochs_ended = [], 0

    def __len__(self):
        return len(BATCHES)

    def __getitem__(self, index):
        self.asked.append(index)
        return BATCHES[index]

    def on_epoch_end(self):
        self.epochs_ended += 1


class Endless(Batched):
    num_batches = None

    def __getitem__(self, index):
        return BATCHES[index % len(BATCHES)]


def generate():
    yield from BATCHES


def generate_endlessly():
    while True:
        yield from BATCHES


def make_dataset():
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(BATCH)


def make_loader(**options):
    data = pytest.importorskip("torch.utils.data")
    import torch

    tensors = data.TensorDataset(torch.tensor(X), torch.tensor(Y))
    return data.DataLoader(tensors, batch_size=BATCH, **options)


SOURCES = {
    "PyDataset": Batched,
    "PyDataset with workers": lambda: Batched(workers=3, max_queue_size=4),
    "endless PyDataset": Endless,
    "generator": generate,
    "endless generator": generate_endlessly,
    "dataset": make_dataset,
    "loader": make_loader,
}


@pytest.fixture(scope="module")
def expected():
    return outcome_of_fit(make_model())


def swept_batches(source, *, steps=21, **options):
    """Which batch each step saw, told by its loss at rates that move nothing."""
    model = still_model()
    losses = [model.evaluate(x, y, batch_size=len(x), verbose=0) for x, y in BATCHES]
    result = sweep(model, source, steps=steps, start_lr=1e-12, end_lr=2e-12, stop=False,
                   verbose=0, **{"seed": 0} | options)  # fmt: skip
    found = [
        [int(np.argmin(np.abs(np.subtract(losses, loss)))) for loss in curve.losses]
        for curve in result.curves
    ]
    for curve, order in zip(result.curves, found, strict=True):
        np.testing.assert_allclose(curve.losses, np.take(losses, order), rtol=1e-5)
    return found


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("repeats", [1, 2])
@pytest.mark.few(3)
def test_a_fit_after_a_sweep_is_bit_identical(expected, name, repeats):
    model = make_model()
    threads = threading.active_count()
    result = sweep(model, SOURCES[name](), steps=30, repeats=repeats, verbose=0)
    assert len(result.curves) == repeats
    assert len(result.lrs) > 10
    assert_same_outcome(outcome_of_fit(model), expected)
    assert threading.active_count() == threads


@pytest.mark.parametrize("name", SOURCES)
def test_each_pass_holds_each_batch_once(name):
    (order,) = swept_batches(SOURCES[name]())
    passes = np.reshape(order, (3, 7))
    np.testing.assert_array_equal(np.sort(passes), np.tile(range(7), (3, 1)))
    if name.startswith("PyDataset"):  # in orders of the sweep's own
        assert len({tuple(each) for each in passes}) == 3
    else:
        np.testing.assert_array_equal(passes[0], range(7))


def test_the_order_of_a_pydataset_is_drawn_from_the_seed():
    (first,), (again,), (other,) = (
        swept_batches(Batched(), seed=seed) for seed in (0, 0, 1)
    )
    assert first == again != other
    one, two = swept_batches(Batched(), repeats=2)
    assert one == first
    assert two != one


def test_a_pydataset_is_not_told_that_an_epoch_has_ended():
    """Many shuffle in place then: a sweep is to leave them as they were."""
    dataset = Batched()
    sweep(make_model(), dataset, steps=20, verbose=0)
    assert dataset.epochs_ended == 0


def test_batches_of_a_generator_that_has_ended_are_passed_over_in_other_orders():
    (order,) = swept_batches(generate())
    assert order[:7] == list(range(7))
    assert order[7:14] != order[14:]


def test_a_generator_may_fill_the_same_arrays_again():
    def generate_in_place():
        x, y = np.empty((BATCH, 6)), np.empty(BATCH, int)
        for x_batch, y_batch in BATCHES[:6]:
            x[:], y[:] = x_batch, y_batch
            yield x, y

    source = open_source("Python generator", generate_in_place(), steps=0, repeats=1,
                         seed=0)  # fmt: skip
    drawn = [next(source.data)[0].copy() for _ in range(12)]
    first, second = (
        {each.tobytes() for each in part} for part in (drawn[:6], drawn[6:])
    )
    assert first == second == {x.tobytes() for x, _ in BATCHES[:6]}


def test_a_generator_too_large_to_be_kept_ends_the_sweep(monkeypatch):
    monkeypatch.setattr(batch_sources, "KEPT_BYTES", 1_000)
    with pytest.warns(UserWarning, match="ended after 7 of the 20 steps|ran out of"):
        result = sweep(make_model(), generate(), steps=20, verbose=0)
    assert result.stop_reason == StopReason.DATA_ENDED
    assert len(result.lrs) == 7


def test_a_loader_draws_its_own_order_and_leaves_the_global_one():
    """At rates that move nothing, the mean loss of a pass is that of all data."""
    torch = pytest.importorskip("torch")
    model, loader = still_model(), make_loader(shuffle=True)
    whole = model.evaluate(X, Y, batch_size=100, verbose=0)
    torch.manual_seed(0)
    before = torch.get_rng_state()
    result = sweep(model, loader, steps=21, start_lr=1e-12, end_lr=2e-12, stop=False,
                   seed=0, verbose=0)  # fmt: skip
    assert torch.equal(torch.get_rng_state(), before)
    passes = result.losses.reshape(3, 7)
    assert len({tuple(each) for each in passes}) == 3
    for each in passes:
        mean = np.average(each, weights=[len(x) for x, _ in BATCHES])
        # The last batch is the small one, whatever the order.
        assert mean == pytest.approx(whole, rel=1e-5)


@pytest.mark.parametrize("name", ["PyDataset", "dataset"])
def test_class_weights_weigh_the_batches_of_a_source(name):
    weights = {0: 1.0, 1: 5.0, 2: 0.5, 3: 2.0}
    options = {"steps": 7, "start_lr": 1e-12, "end_lr": 2e-12, "seed": 0, "verbose": 0}
    weighed = sweep(still_model(), SOURCES[name](), class_weight=weights, **options)
    plain = sweep(still_model(), SOURCES[name](), **options)
    model = still_model()
    expected = model.evaluate(
        X, Y, sample_weight=np.vectorize(weights.get)(Y), batch_size=100, verbose=0
    )
    sizes = [len(x) for x, _ in BATCHES]
    assert sorted(weighed.losses) != sorted(plain.losses)
    if name == "dataset":  # in its own order: the mean over a pass is known
        mean = np.average(weighed.losses, weights=sizes)
        assert mean == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("kind", ["dict", "weights"])
def test_a_generator_may_yield_several_inputs_outputs_and_weights(kind):
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    hidden = keras.layers.Concatenate()([a, b])
    outputs = {name: keras.layers.Dense(1, name=name)(hidden) for name in ("p", "q")}
    model = keras.Model({"a": a, "b": b}, outputs)
    model.compile("sgd", {"p": "mse", "q": "mae"})

    def batches():
        while True:
            x = {"a": X[:8, :3], "b": X[:8, 3:]}
            y = {"p": X[:8, :1], "q": X[:8, 1:2]}
            w = {"p": np.full(8, 2.0), "q": np.full(8, 3.0)}
            yield (x, y, w) if kind == "weights" else (x, y)

    x, y, *weights = next(batches())
    expected = model.evaluate(
        x, y, sample_weight=weights[0] if weights else None, verbose=0, return_dict=True
    )
    result = sweep(model, batches(), steps=12, start_lr=1e-12, end_lr=2e-12, verbose=0)
    np.testing.assert_allclose(result.losses, expected["loss"], rtol=1e-5)


def test_kinds_are_told_without_loading_what_they_come_from():
    assert source_kind(generate()) == "Python generator"
    assert source_kind(Batched()) == "keras.utils.PyDataset"
    assert source_kind(make_dataset()) == "tf.data.Dataset"
    assert [source_kind(x) for x in (X, [X], {"a": X}, None, "text", generate)] == (
        [None] * 6
    )


def test_what_gives_no_batches_is_refused_untouched():
    model = make_model()
    before = model.get_weights()
    with pytest.raises(InputError, match="empty Python generator"):
        sweep(model, (batch for batch in ()), verbose=0)
    with pytest.raises(InputError, match="shape \\(\\).*whole batches"):
        sweep(model, ((1.0, 2.0) for _ in range(3)), verbose=0)
    with pytest.raises(InputError, match="`y` must be None.*Python generator"):
        sweep(model, generate(), Y, verbose=0)
    with pytest.raises(InputError, match="`class_weight`.*Python generator"):
        sweep(model, generate(), class_weight={0: 1.0}, verbose=0)
    with pytest.raises(InputError, match="single samples of shape \\(6,\\).*batch"):
        sweep(model, make_dataset().unbatch(), verbose=0)
    assert not model.optimizer.built
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)

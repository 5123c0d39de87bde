"""What is trained after a sweep trains as without it, whatever form the data has."""

import functools
import itertools
import warnings

import keras
import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from lr_finder.lr_optimizer import LearningRateOptimizer
from lr_finder.training.lr_sweep import LRSweep
from lr_finder.training.preserving.traced_functions import (
    FunctionsApart,
    shared_functions,
)
from lr_finder.training.preserving.variables import host_copy
from lr_finder.training.state import preserve_state
from lr_finder.training.sweep import sweep
from lr_finder.training.systematic import systematic_lr_testing
from lr_finder.training.verification import verify
from lr_finder.training.watching.analyzer import TrainingDynamicsAnalyzer

from ..conftest import assert_same_outcome

pytestmark = pytest.mark.training

BACKEND = keras.backend.backend()
IS_TENSORFLOW = BACKEND == "tensorflow"
needs_tensorflow = pytest.mark.skipif(not IS_TENSORFLOW, reason="TensorFlow's traces")
BATCH = 16


def arrays():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(48, 3)).astype("float32")
    return x, (x.sum(axis=1) > 0).astype("int32")


# -------------------------------------------------------------------- forms of data


def tensors(kind, x, y):
    if kind == "tensorflow":
        import tensorflow as tf

        return tf.constant(x), tf.constant(y)
    if kind == "jax":
        jax = pytest.importorskip("jax")
        return jax.numpy.asarray(x), jax.numpy.asarray(y)
    torch = pytest.importorskip("torch")
    return torch.tensor(x), torch.tensor(y)


def dataset(x, y):
    import tensorflow as tf

    return (tf.data.Dataset.from_tensor_slices((x, y)).batch(BATCH),)


class InBatches(keras.utils.PyDataset):
    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y

    def __len__(self):
        return len(self.y) // BATCH

    def __getitem__(self, index):
        rows = slice(BATCH * index, BATCH * (index + 1))
        return self.x[rows], self.y[rows]


def loader(x, y):
    torch = pytest.importorskip("torch")
    data = torch.utils.data.TensorDataset(torch.tensor(x), torch.tensor(y)[:, None])
    return (torch.utils.data.DataLoader(data, batch_size=BATCH),)


def generator(x, y):
    batches = InBatches(x, y)
    return ((batches[index] for index in range(len(batches))),)


CLASSES = {
    "vector": {
        "numpy": lambda x, y: (x, y),
        "lists": lambda x, y: ([x], [y]),
        "own tensors": lambda x, y: tensors(BACKEND, x, y),
        "foreign tensors": lambda x, y: tensors(
            "jax" if BACKEND == "torch" else "torch", x, y
        ),
    },
    "column": {
        "pandas": lambda x, y: (pd.DataFrame(x), pd.Series(y)),
        "series": lambda x, y: (x, pd.Series(y)),
        "frames": lambda x, y: (pd.DataFrame(x), pd.DataFrame(y)),
        "columns": lambda x, y: (x.astype(float), y[:, None]),
    },
    "source": {
        "tf.data": dataset,
        "PyDataset": lambda x, y: (InBatches(x, y),),
        "generator": generator,
        "DataLoader": loader,
    },
    "sparse": {
        "csr": lambda x, y: (scipy.sparse.csr_array(x), y),
        "coo": lambda x, y: (scipy.sparse.coo_array(x), pd.Series(y)),
    },
}
FORMS = {name: form for forms in CLASSES.values() for name, form in forms.items()}
if not IS_TENSORFLOW:  # of its own they are under TensorFlow
    FORMS["tf tensors"] = lambda x, y: tensors("tensorflow", x, y)


def sample():
    """Each class of forms before each, cold and warm; each form is swept."""
    rows = []
    for i, (fitted, swept) in enumerate(itertools.product(CLASSES, repeat=2)):
        row, column = i // 4, i % 4
        form = list(CLASSES[swept])[row % len(CLASSES[swept])]
        rows.append((form, FITTED[fitted], row % 2 == 1, (row // 2 + column) % 2 == 1))
    return rows


FITTED = {
    "vector": "numpy", "column": "pandas", "source": "generator", "sparse": "csr"
}  # fmt: skip


def test_the_sample_holds_all_pairs_of_classes_and_every_form():
    rows = sample()
    assert {row[0] for row in rows} == {n for forms in CLASSES.values() for n in forms}
    for swept, fitted in itertools.product(CLASSES, repeat=2):
        assert any(r[0] in CLASSES[swept] and r[1] in CLASSES[fitted] for r in rows)
    for kind in CLASSES:
        for state in (2, 3):
            of_kind = [row for row in rows if row[0] in CLASSES[kind]]
            assert {row[state] for row in of_kind} == {False, True}


# ------------------------------------------------------------------ twins


def make_model(has_metrics=True):
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(4, activation="tanh"),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    metrics = ["accuracy"] if has_metrics else None
    optimizer = keras.optimizers.SGD(0.1, momentum=0.9)
    model.compile(optimizer, "binary_crossentropy", metrics=metrics)
    return model


def fit(model, data, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a generator "ran out of data"
        return model.fit(*data, batch_size=BATCH, verbose=0, **options)


def outcome(form, has_metrics, is_warm, swept=None, make=make_model):
    """What `fit` gives, or the error that it raises; after a sweep, if asked for."""
    model = make(has_metrics)
    if is_warm:
        fit(model, arrays())
    if swept is not None:
        x, y = (*FORMS[swept](*arrays()), None)[:2]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as `fit`, of lists
            sweep(model, x, y, batch_size=BATCH, steps=5, seed=0, verbose=0)
    try:
        history = fit(model, FORMS[form](*arrays())).history
    except Exception as error:
        return type(error), str(error)[:60]
    variables = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    return history, [host_copy(variable) for variable in variables]


def assert_same(actual, expected):
    if isinstance(expected[0], dict):
        assert_same_outcome(actual, expected)
    else:
        assert actual == expected


expected_outcome = functools.lru_cache(outcome)


@pytest.mark.parametrize("swept, fitted, has_metrics, is_warm", sample())
@pytest.mark.few(5)
def test_fit_after_a_sweep_is_as_without_it(swept, fitted, has_metrics, is_warm):
    expected = expected_outcome(fitted, has_metrics, is_warm)
    assert_same(outcome(fitted, has_metrics, is_warm, swept), expected)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("is_warm", [False, True], ids=["cold", "warm"])
@pytest.mark.parametrize("has_metrics", [False, True], ids=["plain", "metrics"])
@pytest.mark.parametrize("fitted", FORMS)
def test_fit_after_a_sweep_is_as_without_it_for_every_pair(
    fitted, has_metrics, is_warm
):
    expected = outcome(fitted, has_metrics, is_warm)
    for swept in FORMS:
        assert_same(outcome(fitted, has_metrics, is_warm, swept), expected)


# ------------------------------------------------------- every training of the package


def swept(model, data):
    sweep(model, *data, batch_size=BATCH, steps=4, seed=0, validation_data=data,
          verbose=0)  # fmt: skip


def verified(model, data):
    verify(model, *data, 1e-3, budget_steps=60, validation_data=data, seed=0)


def tested(model, data):
    systematic_lr_testing(model, data, num=2, steps=3, seed=0)


def compared(model, data):
    analyzer = TrainingDynamicsAnalyzer(data, validation_data=data)
    analyzer.compare_rates(model, [0.01, 0.1])


def by_hand(model, data):
    with preserve_state(model):
        fit(model, data, validation_data=data)
        model.train_on_batch(*data)


def ridden(model, data):
    fit(model, data, callbacks=[LRSweep(steps=2, validation_data=arrays())])


def optimized(model, data):
    LearningRateOptimizer(model, data, data, seed=0).find_optimal_rate(
        1e-3, 1.0, num_epochs=1, budget_steps=60
    )


TRAININGS = [swept, verified, tested, compared, by_hand, ridden, optimized]


@pytest.mark.parametrize("training", TRAININGS, ids=lambda f: f.__name__)
@pytest.mark.few(1)
def test_the_functions_of_a_model_are_its_own_afterwards(training):
    model = make_model()
    training(model, arrays())
    # Keras makes one before it tells callbacks: it is as new, under TensorFlow.
    if training is not ridden:
        assert model.train_function is None
        assert model.test_function is None
    if training is not ridden or IS_TENSORFLOW:
        history = fit(model, FORMS["pandas"](*arrays()), validation_data=arrays())
        twin = fit(make_model(), FORMS["pandas"](*arrays()), validation_data=arrays())
        assert history.history == twin.history
    own = model.train_function, model.test_function
    training(model, arrays())
    assert (model.train_function, model.test_function) == own


def test_what_is_changed_between_sweep_and_fit_takes_effect():
    """A trace keeps the rate of a Dropout layer: it must not be the sweep's."""

    def make(_):
        model = make_model()
        model.layers[1].rate = 0.9
        return model

    expected = outcome("numpy", True, False, make=make)
    model = make_model()
    sweep(model, *arrays(), batch_size=BATCH, steps=5, seed=0, verbose=0)
    model.layers[1].rate = 0.9
    actual = outcome("numpy", True, False, make=lambda _: model)
    assert_same_outcome(actual, expected)


def test_accuracy_is_that_of_the_targets_that_come():
    """Of one-hot targets and of classes by number it is another metric."""
    x, y = arrays()

    def make():
        keras.utils.set_random_seed(3)
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
        model.compile("sgd", "crossentropy", metrics=["accuracy"])
        return model

    expected = fit(make(), (x, y)).history
    model = make()
    one_hot = np.eye(3, dtype="float32")[y]
    sweep(model, x, one_hot, batch_size=BATCH, steps=5, seed=0, verbose=0)
    assert fit(model, (x, y)).history == expected


# --------------------------------------------------------------------- what is traced


class Traced(keras.layers.Layer):
    """An identity that counts how often Keras traces it."""

    count = 0

    def call(self, inputs):
        self.count += 1
        return inputs


def traced_model():
    layer = Traced()
    model = keras.Sequential([keras.Input((3,)), layer, keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model, layer


def traces(layer, action):
    before = layer.count
    action()
    return layer.count - before


def sweep_of(model, data, **options):
    return lambda: sweep(
        model, *data, batch_size=BATCH, steps=4, seed=0, verbose=0, **options
    )


@needs_tensorflow
@pytest.mark.parametrize("samples", [32, 40], ids=["even", "ragged"])
def test_a_warm_model_sweeps_by_the_function_that_it_has(samples):
    model, layer = traced_model()
    data = tuple(part[:samples] for part in arrays())
    fit(model, data)
    assert traces(layer, sweep_of(model, data)) == 0
    as_columns = FORMS["pandas"](*data)
    assert traces(layer, sweep_of(model, as_columns)) == 1
    assert traces(layer, sweep_of(model, as_columns)) == 1
    assert traces(layer, lambda: fit(model, data)) == 0
    # A trace for both forms would have been made of what they have in common.
    (function,) = (
        cell.cell_contents
        for cell in model.train_function.__closure__
        if hasattr(cell.cell_contents, "experimental_get_tracing_count")
    )
    assert function.experimental_get_tracing_count() == 1


@needs_tensorflow
def test_sweep_and_verification_can_share_a_trace():
    x, y = arrays()
    model, layer = traced_model()
    alone = traces(layer, sweep_of(model, (x, y)))

    def search():
        with shared_functions(model):
            sweep_of(model, (x, y))()
            verify(model, x, y, 1e-3, budget_steps=60, batch_size=BATCH, seed=0)

    assert traces(layer, search) == alone
    assert model.train_function is None


def test_sharing_changes_no_result():
    def search(model):
        x, y = arrays()
        result = sweep(model, x, y, batch_size=BATCH, steps=8, seed=0, verbose=0)
        verified = verify(model, x, y, 1e-3, budget_steps=60, seed=0)
        return [*result.losses, verified.lr]

    expected = search(make_model())
    model = make_model()
    with shared_functions(model), shared_functions(model):
        assert search(model) == expected
    assert_same_outcome(
        outcome("numpy", True, False, make=lambda _: model),
        outcome("numpy", True, False),
    )


def test_a_function_for_one_type_is_made_once():
    model, layer = traced_model()
    x, y = arrays()
    functions = FunctionsApart(model)
    fit(model, (x, y))
    fit(model, FORMS["pandas"](x, y))
    if IS_TENSORFLOW:
        count = traces(layer, lambda: fit(model, FORMS["frames"](x, y)))
        assert (count, traces(layer, lambda: fit(model, (x, y)))) == (0, 0)
    assert functions.restore()
    assert model.train_function is None


@needs_tensorflow
def test_an_eager_model_is_swept_as_well():
    model, layer = traced_model()
    model.compile("sgd", "mse", run_eagerly=True)
    result = sweep_of(model, arrays())()
    fit(model, FORMS["pandas"](*arrays()))
    assert len(result.losses) == 4
    sweep_of(model, arrays())()
    assert fit(model, arrays()).history

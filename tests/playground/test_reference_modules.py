"""The page's optimizers, surfaces and schedules equal the package's, step by step."""

import numpy as np
import pytest

from lr_finder import reference, schedules

STEPS = 300
# Rates at which each converges on each surface: an error does not grow there.
RATES = {
    "sgd": {"quadratic": 0.05, "rosenbrock": 1e-3, "himmelblau": 0.01},
    "momentum": {"quadratic": 0.02, "rosenbrock": 2e-4, "himmelblau": 2e-3},
    "nesterov": {"quadratic": 0.02, "rosenbrock": 2e-4, "himmelblau": 2e-3},
    "adagrad": {"quadratic": 0.5, "rosenbrock": 0.5, "himmelblau": 0.5},
    "rmsprop": {"quadratic": 0.01, "rosenbrock": 2e-3, "himmelblau": 0.01},
    "adam": {"quadratic": 0.05, "rosenbrock": 0.02, "himmelblau": 0.05},
    "adamw": {"quadratic": 0.05, "rosenbrock": 0.02, "himmelblau": 0.05},
}
CASES = [(name, surface) for name, rates in RATES.items() for surface in rates]
PATH = """
const {getSurface} = modules["reference/surfaces.js"];
const {descend} = modules["training/descent.js"];
const path = descend(getSurface(surface), name, start, rate, steps);
return [[...path.x], [...path.y]];
"""


def python_path(name, surface, rate):
    """The path by lr_finder.reference: float array (2, steps + 1)."""
    surface = reference.get_surface(surface)
    update = reference.rule(name)
    weights, state = {"w": np.array(surface.start)}, None
    path = [weights["w"]]
    for _ in range(STEPS):
        gradients = {"w": surface.gradient(weights["w"])}
        weights, state = update(weights, gradients, state, learning_rate=rate)
        path.append(weights["w"])
    return np.transpose(path)


@pytest.mark.parametrize("name, surface", CASES)
def test_an_optimizer_makes_the_steps_of_the_reference(engine, name, surface):
    rate = RATES[name][surface]
    expected = python_path(name, surface, rate)
    start = reference.get_surface(surface).start
    made = engine(
        PATH, name=name, surface=surface, rate=rate, start=start, steps=STEPS
    )  # fmt: skip
    assert np.abs(expected).max() < 10
    np.testing.assert_allclose(made, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", "quadratic rosenbrock himmelblau saddle cliff".split())
def test_a_surface_is_that_of_the_reference(engine, name):
    surface = reference.get_surface(name)
    x0, x1, y0, y1 = surface.window
    x, y = np.meshgrid(np.linspace(x0, x1, 21), np.linspace(y0, y1, 17))
    points = np.stack([x.ravel(), y.ravel()], axis=-1)
    code = """
    const s = modules["reference/surfaces.js"].getSurface(name);
    const slopes = points.map(([x, y]) => {
      const g = [0, 0];
      s.slopes(x, y, g);
      return g;
    });
    const values = points.map(([x, y]) => s.value(x, y));
    return [values, slopes, s.minima, s.lowest, s.window, s.start];
    """
    values, slopes, *facts = engine(code, name=name, points=points.tolist())
    np.testing.assert_allclose(values, surface.value(points), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(slopes, surface.gradient(points), rtol=1e-12, atol=1e-12)
    minima = [list(point) for point in surface.minima]
    kept = [minima, surface.lowest, list(surface.window), list(surface.start)]
    assert facts == kept


def test_the_condition_of_the_quadratic_is_passed_on(engine):
    code = (
        'return modules["reference/surfaces.js"].getSurface("quadratic", 7).value(2, 3)'
    )
    assert engine(code) == reference.quadratic(7.0).value([2.0, 3.0])


SCHEDULES = {  # of the page -> the same of the package
    'decays["constant"](0.3)': schedules.constant(0.3),
    'decays["step"](0.3, 70, 0.2)': schedules.step(0.3, 70, 0.2),
    'decays["exponential"](0.3, 0.003, 250)': schedules.exponential(0.3, 0.003, 250),
    'decays["inverseTime"](0.3, 0.1)': schedules.inverse_time(0.3, 0.1),
    'decays["inverseTime"](0.3, 0.5, 20)': schedules.inverse_time(0.3, 0.5, 20),
    'decays["linear"](0.3, 0.01, 250)': schedules.linear(0.3, 0.01, 250),
    'decays["cosine"](0.3, 0.01, 250)': schedules.cosine(0.3, 0.01, 250),
    "cycles.cosineRestarts(0.3, 0, 43, 2)": schedules.cosine_restarts(0.3, 0.0, 43, 2),
    "cycles.cosineRestarts(0.3, 0.1, 50, 1, 0.5)": schedules.cosine_restarts(
        0.3, 0.1, 50, 1, 0.5
    ),
    "cycles.triangular(0.03, 0.3, 75)": schedules.triangular(0.03, 0.3, 75),
    "cycles.oneCycle(0.3, 300)": schedules.one_cycle(0.3, 300),
    "cycles.oneCycle(0.3, 10)": schedules.one_cycle(0.3, 10),
    "composition.wsd(0.3, 300)": schedules.wsd(0.3, 300),
    "composition.wsd(0.3, 250, 0.3, 15)": schedules.wsd(0.3, 250, 0.3, 15),
    "composition.warmup(decays.constant(0.3), 30)": schedules.warmup(0.3, 30),
    "composition.warmup(decays.cosine(0.3, 0, 90), 9)": schedules.warmup(
        schedules.cosine(0.3, 0.0, 90), 9
    ),
}


@pytest.mark.parametrize("call", SCHEDULES)
def test_a_schedule_is_that_of_the_package(engine, call):
    code = f"""
    const [decays, cycles, composition] = ["decays", "cycles", "composition"].map(
      (name) => modules[`schedules/${{name}}.js`]);
    const schedule = {call};
    return [schedule.steps, Array.from({{length: 301}}, (_, i) => schedule.at(i))];
    """
    steps, rates = engine(code)
    expected = SCHEDULES[call]
    assert steps == expected.steps
    np.testing.assert_allclose(rates, expected(np.arange(301)), rtol=1e-12, atol=1e-15)


def test_halves_are_rounded_as_python_does(engine):
    values = [0.5, 1.5, 2.5, 2.4, 2.6, 7.0]
    code = 'return values.map(modules["schedules/composition.js"].roundEven)'
    assert engine(code, values=values) == [round(value) for value in values]


@pytest.mark.parametrize("rate, beta", [(0.4, 0.8), (3.0, 0.8), (1.9, 0.0), (0.1, 0.3)])
def test_the_factor_of_momentum_is_the_largest_eigenvalue(engine, rate, beta):
    step = np.array([[1 - rate, beta], [-rate, beta]])
    code = 'return modules["reference/quadratics.js"].momentumFactor(rate, beta, 1)'
    expected = np.abs(np.linalg.eigvals(step)).max()
    assert engine(code, rate=rate, beta=beta) == pytest.approx(expected, rel=1e-12)


def test_rates_are_written_as_in_the_package(engine):
    from lr_finder._text import format_rate

    rates = [0.003, 0.00291, 1e-7, 0.25, 10.0, 400.0, 0.0999, 99.9, 0.0996]
    code = 'return rates.map((rate) => modules["plots/numbers.js"].formatRate(rate))'
    assert engine(code, rates=rates) == [format_rate(rate) for rate in rates]
